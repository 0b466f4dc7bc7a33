// What the disk and RocksDB allow (limit_*), what ChainStore makes of it, and what each setting
// brings (setting_*, RocksDB alone with the same writes as ChainStore). Processor time is that of
// the whole process, so it has what flushing and compaction cost.
#include <random>

#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <rocksdb/db.h>
#include <rocksdb/table.h>
#include <unistd.h>

#include "base/folder_for_test.h"
#include "ledger/rows.h"
#include "store/chain_store.h"
#include "store/database.h"

namespace intaglio::store {
namespace {

Bytes random_bytes(std::mt19937_64& random, std::size_t size) {
  Bytes out(size);
  for (std::size_t at = 0; at < size; at += sizeof(std::uint64_t)) {
    const std::uint64_t word = random();
    std::memcpy(out.data() + at, &word, std::min(sizeof word, size - at));
  }
  return out;
}
template <typename Id>
Id random_id(std::mt19937_64& random) {
  return *Id::from(random_bytes(random, Id::kSize));
}

std::unique_ptr<rocksdb::DB> open_raw(const rocksdb::Options& options, const std::string& folder) {
  rocksdb::DB* opened = nullptr;
  const auto status = rocksdb::DB::Open(options, folder, &opened);
  if (!status.ok()) fatal(status.ToString());
  return std::unique_ptr<rocksdb::DB>(opened);
}
void write_synced(rocksdb::DB& database, rocksdb::WriteBatch& batch) {
  rocksdb::WriteOptions durable;
  durable.sync = true;
  CHECK(database.Write(durable, &batch).ok());
}

void limit_fdatasync(benchmark::State& state) {
  const FolderForTest folder;
  const int file = ::open((folder / "log").c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
  const Bytes page(4096, 1);
  for (auto _ : state) {
    CHECK(::write(file, page.data(), page.size()) == 4096);
    CHECK(::fdatasync(file) == 0);
  }
  ::close(file);
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(limit_fdatasync)->UseRealTime()->MinTime(2);

// Synced puts a second of an untuned RocksDB: 33 random bytes -> 128 bytes, as many a batch.
void limit_puts(benchmark::State& state) {
  const FolderForTest folder;
  rocksdb::Options options;
  options.create_if_missing = true;
  const auto database = open_raw(options, folder / "raw");
  std::mt19937_64 random(1);
  const Bytes value = random_bytes(random, 128);
  for (auto _ : state) {
    rocksdb::WriteBatch batch;
    for (std::int64_t i = 0; i < state.range(0); ++i) {
      const Bytes key = random_bytes(random, 33);
      CHECK(batch.Put(to_slice(ByteView(key)), to_slice(ByteView(value))).ok());
    }
    write_synced(*database, batch);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(limit_puts)
    ->ArgName("batch")
    ->Arg(10)
    ->Arg(100)
    ->Arg(1000)
    ->Arg(5000)
    ->UseRealTime()
    ->MeasureProcessCPUTime()
    ->MinTime(4);

// Blocks of transfers between random accounts: two balances, an entry and a receipt each, and its
// place by its id and by its payer.
class Traffic {
 public:
  explicit Traffic(std::size_t accounts) {
    for (std::size_t i = 0; i < accounts; ++i) accounts_.push_back(random_id<AccountId>(random_));
  }

  struct Block {
    ledger::ChangeSet rows;
    ledger::StateTree tree;  // what it costs is ledger_bench's
    std::vector<PlacedTransaction> transactions;
    Bytes blob;
    Bytes results;
  };

  Block block(Height height, std::size_t transfers) {
    Block out;
    for (std::uint32_t i = 0; i < transfers; ++i) add(out, height, i);
    out.blob = random_bytes(random_, 250 * transfers);
    out.results = random_bytes(random_, 64 * transfers);
    return with_tree(std::move(out));
  }

  Block opening() {
    Block out;
    for (const AccountId& account : accounts_) credit(out, account, {});
    return with_tree(std::move(out));
  }

  static BlockCommit commit(const Block& block, Height height) {
    return {.height = height,
            .time = Millis(height.value()),
            .block = {},
            .header = {},
            .blob = block.blob,
            .results = block.results,
            .rows = block.rows,
            .tree = block.tree,
            .transactions = block.transactions};
  }

  const AccountId& account(std::size_t i) const { return accounts_[i % accounts_.size()]; }
  std::mt19937_64& random() { return random_; }

 private:
  template <ledger::Row R>
  static void put(Block& block, const typename R::Key& key, const R& row) {
    block.rows[R::slot(key)] = {std::nullopt, codec::encode_record(row)};
  }
  // Only balances were there before.
  Block with_tree(Block block) {
    for (auto& [slot, change] : block.rows) {
      if (slot.kind() != ledger::RowKind::balance) continue;
      const auto balance = balances_.try_emplace(slot).first;
      change.before = std::exchange(balance->second, change.after);
    }
    tree_ = tree_.with(block.rows);
    block.tree = tree_;
    return block;
  }
  static void credit(Block& block, const AccountId& account,
                     const std::optional<ledger::OperationRef>& entry) {
    put<ledger::BalanceRow>(block, {account, AssetId(978)},
                            {Amount(123'456), Amount(65'432), Amount(0), entry});
  }
  void add(Block& out, Height height, std::uint32_t index) {
    const auto tx = random_id<TxId>(random_);
    const ledger::OperationRef entry{tx, 0};
    const AccountId& payer = account(random_());
    const AccountId& payee = account(random_());
    credit(out, payer, entry);
    credit(out, payee, entry);
    put<ledger::EntryRow>(out, entry,
                          {.kind = ledger::EntryKind::transfer,
                           .payer = payer,
                           .payee = payee,
                           .asset = AssetId(978),
                           .amount = Amount(1250),
                           .refunded = {},
                           .time = Millis(1'800'000'000'000),
                           .of = {},
                           .payer_previous = ledger::OperationRef{random_id<TxId>(random_), 0},
                           .payee_previous = ledger::OperationRef{random_id<TxId>(random_), 0},
                           .memo = {}});
    put<ledger::ReceiptRow>(out, {payer, random_id<ClientId>(random_)},
                            {.tx = tx,
                             .height = height,
                             .index = index,
                             .time = Millis(1'800'000'000'000),
                             .verdict = 0,
                             .where = {},
                             .valid_until = Millis(1'800'000'060'000)});
    out.transactions.push_back({tx, index, payer});
  }

  std::mt19937_64 random_{1};
  std::vector<AccountId> accounts_;
  std::map<ledger::Slot, std::optional<Bytes>> balances_;
  ledger::StateTree tree_;
};

constexpr std::size_t kAccounts = 100'000;
constexpr double kPutsATransfer = 6;

// Read as the sequencer reads before it executes: both balances, and whether the receipt and the
// entry are there, which they are not.
void read_as_executor(const ChainStore& store, const ledger::ChangeSet& rows) {
  for (const auto& [slot, change] : rows) benchmark::DoNotOptimize(store.get(slot));
}

void count_transfers(benchmark::State& state, std::int64_t transfers) {
  state.SetItemsProcessed(state.iterations() * transfers);
  state.counters["puts_per_second"] =
      benchmark::Counter(kPutsATransfer * static_cast<double>(state.iterations() * transfers),
                         benchmark::Counter::kIsRate);
}

void commit_blocks(benchmark::State& state) {
  const FolderForTest folder;
  const auto store = ChainStore::open(folder / "chain").value();
  Traffic traffic(kAccounts);
  store->commit(Traffic::commit(traffic.opening(), Height(0)));
  Height height;
  for (auto _ : state) {
    state.PauseTiming();
    height = height.next();
    const auto block = traffic.block(height, static_cast<std::size_t>(state.range(0)));
    if (state.range(1) == 0) read_as_executor(*store, block.rows);
    state.ResumeTiming();
    if (state.range(1) == 1) read_as_executor(*store, block.rows);
    store->commit(Traffic::commit(block, height));
  }
  count_transfers(state, state.range(0));
}
BENCHMARK(commit_blocks)
    ->ArgNames({"transfers", "reads"})
    ->Args({1, 0})
    ->Args({100, 0})
    ->Args({1000, 0})
    ->Args({2000, 0})
    ->Args({1000, 1})
    ->UseRealTime()
    ->MeasureProcessCPUTime()
    ->MinTime(5);

// A chain of 300,000 transfers, so that most of it is in files, made once for all reads.
struct MadeChain {
  FolderForTest folder;
  Traffic traffic{kAccounts};
  std::vector<ledger::Slot> receipts;

  MadeChain() {
    const auto store = ChainStore::open(folder / "chain").value();
    store->commit(Traffic::commit(traffic.opening(), Height(0)));
    for (Height height(1); height.value() <= 150; height = height.next()) {
      const auto block = traffic.block(height, 2000);
      for (const auto& [slot, change] : block.rows) {
        if (slot.kind() == ledger::RowKind::receipt) receipts.push_back(slot);
      }
      store->commit(Traffic::commit(block, height));
    }
  }
};

MadeChain& made_chain() {
  static MadeChain made;
  return made;
}

// Reads every row and makes the tree.
void open_chain(benchmark::State& state) {
  MadeChain& made = made_chain();
  for (auto _ : state) {
    const auto store = ChainStore::open(made.folder / "chain").value();
    state.counters["rows"] = static_cast<double>(store->tree().rows());
  }
}
BENCHMARK(open_chain)->Unit(benchmark::kMillisecond);

void read_rows(benchmark::State& state, std::size_t row_cache_bytes,
               const std::function<ledger::Slot(MadeChain&)>& next) {
  MadeChain& made = made_chain();
  const auto store =
      ChainStore::open(made.folder / "chain", {.row_cache_bytes = row_cache_bytes}).value();
  for (int i = 0; i < 300'000; ++i) benchmark::DoNotOptimize(store->get(next(made)));
  for (auto _ : state) benchmark::DoNotOptimize(store->get(next(made)));
  state.SetItemsProcessed(state.iterations());
  state.counters["disk_MB"] = static_cast<double>(store->statistics().disk_bytes) / 1e6;
}

ledger::Slot some_balance(MadeChain& made) {
  return ledger::BalanceRow::slot({made.traffic.account(made.traffic.random()()), AssetId(978)});
}
ledger::Slot some_receipt(MadeChain& made) {
  return made.receipts[made.traffic.random()() % made.receipts.size()];
}
ledger::Slot no_receipt(MadeChain& made) {
  return ledger::ReceiptRow::slot(
      {made.traffic.account(made.traffic.random()()), random_id<ClientId>(made.traffic.random())});
}
constexpr std::size_t kNoCache = 0;
constexpr std::size_t kLargeCache = std::size_t{64} << 20;
BENCHMARK_CAPTURE(read_rows, balance_cached, kLargeCache, some_balance)->Iterations(300'000);
BENCHMARK_CAPTURE(read_rows, balance_uncached, kNoCache, some_balance)->Iterations(300'000);
BENCHMARK_CAPTURE(read_rows, receipt_uncached, kNoCache, some_receipt)->Iterations(300'000);
BENCHMARK_CAPTURE(read_rows, receipt_absent, kLargeCache, no_receipt)->Iterations(300'000);

// Seconds of processor time so far, of this thread or of the process: unlike the clock's they bear
// other work on the machine.
double seconds_of(clockid_t clock) {
  timespec now{};
  CHECK(::clock_gettime(clock, &now) == 0);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

rocksdb::WriteBatch batch_of(const Traffic::Block& block, Height height) {
  rocksdb::WriteBatch batch;
  for (const auto& [slot, row] : block.rows) {
    CHECK(batch.Put("a" + std::string(slot.bytes()), to_slice(ByteView(*row.after))).ok());
  }
  CHECK(batch.Put("b" + std::to_string(height.value()), to_slice(ByteView(block.blob))).ok());
  for (const auto& each : block.transactions) {
    const std::string place(12, '\0');
    CHECK(batch.Put("t" + std::string(as_text(each.tx.view())), place).ok());
    CHECK(batch.Put("u" + std::string(as_text(each.account->view())) + place, "").ok());
  }
  return batch;
}

// 300 blocks of 1000 transfers into RocksDB as ChainStore writes them, receipts and entries looked
// up before, with one setting other than ours. Processor time: writer_us of the writing thread a
// put, all_us of the whole process a put (flushing, compaction and look-ups too), absent_us of the
// thread a look-up.
void setting(benchmark::State& state, const std::function<void(rocksdb::Options&)>& change) {
  constexpr std::size_t kBlocks = 300;
  constexpr std::size_t kTransfers = 1000;
  for (auto _ : state) {
    const FolderForTest folder;
    rocksdb::Options options =
        database_options({.memtable = std::size_t{32} << 20, .block_cache = std::size_t{64} << 20});
    change(options);
    const auto database = open_raw(options, folder / "raw");
    Traffic traffic(kAccounts);
    double making = 0;
    double reading = 0;
    double writing = 0;
    const double began = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
    const auto timed = [](double& sum, const auto& work) {
      const double start = seconds_of(CLOCK_THREAD_CPUTIME_ID);
      work();
      sum += seconds_of(CLOCK_THREAD_CPUTIME_ID) - start;
    };
    for (Height height(1); height.value() <= kBlocks; height = height.next()) {
      Traffic::Block block;
      timed(making, [&] { block = traffic.block(height, kTransfers); });
      timed(reading, [&] {
        std::string value;
        for (const auto& [slot, row] : block.rows) {
          if (slot.kind() == ledger::RowKind::balance) continue;
          CHECK(database->Get({}, "a" + std::string(slot.bytes()), &value).IsNotFound());
        }
      });
      timed(writing, [&] {
        auto batch = batch_of(block, height);
        write_synced(*database, batch);
      });
    }
    const double all = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - began - making;
    state.SetIterationTime(writing + reading);
    const double puts = kPutsATransfer * kBlocks * kTransfers;
    state.counters["writer_us"] = writing * 1e6 / puts;
    state.counters["all_us"] = all * 1e6 / puts;
    state.counters["absent_us"] = reading * 1e6 / (2 * kBlocks * kTransfers);
    std::uint64_t files = 0;
    database->GetIntProperty("rocksdb.total-sst-files-size", &files);
    state.counters["sst_MB"] = static_cast<double>(files) / 1e6;
  }
}

rocksdb::BlockBasedTableOptions& table_of(rocksdb::Options& options) {
  return *options.table_factory->GetOptions<rocksdb::BlockBasedTableOptions>();
}

#define SETTING(name, ...)                          \
  BENCHMARK_CAPTURE(setting, name,                  \
                    [](rocksdb::Options& options) { \
                      static_cast<void>(options);   \
                      __VA_ARGS__;                  \
                    })                              \
      ->UseManualTime()                             \
      ->MeasureProcessCPUTime()                     \
      ->Unit(benchmark::kSecond)                    \
      ->Iterations(1)

SETTING(ours, );
SETTING(memtable_8_MiB, options.write_buffer_size = 8 << 20);
SETTING(memtable_16_MiB, options.write_buffer_size = 16 << 20);
SETTING(memtable_64_MiB, options.write_buffer_size = 64 << 20);
SETTING(no_memtable_bloom, options.memtable_prefix_bloom_size_ratio = 0);
SETTING(no_file_bloom, table_of(options).filter_policy.reset());
SETTING(filters_outside_the_cache, table_of(options).cache_index_and_filter_blocks = false);
SETTING(whole_filters, table_of(options).partition_filters = false;
        table_of(options).index_type = rocksdb::BlockBasedTableOptions::kBinarySearch);
SETTING(blobs_with_rows, options.enable_blob_files = false);
SETTING(lz4, options.compression = rocksdb::kLZ4Compression);
SETTING(universal_compaction, options.compaction_style = rocksdb::kCompactionStyleUniversal);
SETTING(concurrent_memtable, options.allow_concurrent_memtable_write = true);
SETTING(pipelined_write, options.enable_pipelined_write = true);
SETTING(unordered_write, options.allow_concurrent_memtable_write = true;
        options.unordered_write = true);
SETTING(background_jobs_4, options.max_background_jobs = 4);

}  // namespace
}  // namespace intaglio::store
