#include "store/chain_store.h"

#include <algorithm>
#include <atomic>

#include <rocksdb/db.h>

#include "base/format.h"
#include "store/chain_keys.h"
#include "store/database.h"
#include "store/row_cache.h"
#include "store/table_files.h"

namespace intaglio::store {
// The database and what goes with it, shared with snapshots so that they can outlive the store.
struct ChainStore::Open {
  std::string folder;
  std::unique_ptr<rocksdb::DB> database;
  mutable RowCache rows;
  std::atomic<Height::Value> kept_from = 1;

  Open(std::string where, std::unique_ptr<rocksdb::DB> opened, std::size_t row_cache_bytes)
      : folder(std::move(where)), database(std::move(opened)), rows(row_cache_bytes) {}

  std::optional<Bytes> read(std::string_view key, const rocksdb::Snapshot* at = nullptr) const {
    rocksdb::ReadOptions options;
    options.snapshot = at;
    rocksdb::PinnableSlice value;
    const rocksdb::Status status =
        database->Get(options, database->DefaultColumnFamily(), to_slice(key), &value);
    if (status.IsNotFound()) return std::nullopt;
    if (!status.ok()) fatal(format("{}: reading: {}", folder, status.ToString()));
    return to_bytes(to_view(value));
  }

  std::optional<ledger::View::Placed> first_from(const ledger::Slot& slot,
                                                 const rocksdb::Snapshot* at = nullptr) const {
    rocksdb::ReadOptions options;
    options.snapshot = at;
    const std::unique_ptr<rocksdb::Iterator> each(database->NewIterator(options));
    each->Seek(row_key(slot));
    if (!each->status().ok()) {
      fatal(format("{}: reading: {}", folder, each->status().ToString()));
    }
    const std::string prefix = row_key(ledger::Slot(slot.kind()));
    if (!each->Valid() || !each->key().starts_with(prefix)) return std::nullopt;
    return ledger::View::Placed(ledger::Slot::from_bytes(each->key().ToStringView().substr(1)),
                                to_bytes(to_view(each->value())));
  }

  // Puts or, with nothing, erases.
  void write_note(std::string_view name, std::optional<ByteView> note) {
    CHECK(!name.empty());
    rocksdb::WriteOptions durable;
    durable.sync = true;
    const std::string key = note_key(name);
    const rocksdb::Status status =
        note ? database->Put(durable, key, to_slice(*note)) : database->Delete(durable, key);
    if (!status.ok()) fatal(format("{}: {}: {}", folder, name, status.ToString()));
  }

  std::uint64_t property(const char* name) const {
    std::uint64_t value = 0;
    return database->GetIntProperty(name, &value) ? value : 0;
  }

  // These may find a damaged database, so none of their reads is fatal. No tip is an empty store.
  Result<std::optional<Tip>> read_tip() const;
  Result<ledger::StateTree> read_tree() const;
  // Both, when they fit together.
  struct State {
    std::optional<Tip> tip;
    ledger::StateTree tree;
  };
  Result<State> read_state();
};

Result<std::optional<Tip>> ChainStore::Open::read_tip() const {
  const auto look_up = [this](std::string_view key, std::string& value) {
    return database->Get(rocksdb::ReadOptions(), to_slice(key), &value);
  };
  std::string stored;
  const rocksdb::Status found = look_up(kTipKey, stored);
  if (found.IsNotFound()) {
    const std::unique_ptr<rocksdb::Iterator> any(database->NewIterator(rocksdb::ReadOptions()));
    any->SeekToFirst();
    if (!any->status().ok()) return refuse_storage(folder, any->status());
    if (any->Valid()) return refuse(Verdict::storage_failed, folder + ": not a chain's store");
    return std::nullopt;
  }
  if (!found.ok()) return refuse_storage(folder, found);
  std::string layout;
  if (!look_up(kLayoutKey, layout).ok() || layout != kLayout) {
    return refuse(Verdict::storage_failed, folder + ": a layout this program does not know");
  }
  const auto decoded = codec::decode_record<Tip>(as_bytes(stored));
  if (!decoded) return refuse(Verdict::storage_failed, folder + ": damaged tip");
  // A store that began with a state has no block of that height.
  const bool has_last = decoded->height == Height(0) || Height(kept_from) <= decoded->height;
  std::string blob;
  if (const auto last = look_up(block_key(decoded->height), blob); has_last && !last.ok()) {
    return refuse_storage(folder + ": last block", last);
  }
  if (!look_up(block_key(decoded->height.next()), blob).IsNotFound()) {
    return refuse(Verdict::storage_failed, folder + ": a block above the tip");
  }
  return *decoded;
}

Result<ledger::StateTree> ChainStore::Open::read_tree() const {
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  std::vector<ledger::StateLeaf> leaves;
  const std::string_view prefix(&kRow, 1);
  const std::unique_ptr<rocksdb::Iterator> each(database->NewIterator(options));
  for (each->Seek(to_slice(prefix)); each->Valid(); each->Next()) {
    const std::string_view key = each->key().ToStringView();
    if (!key.starts_with(prefix)) break;
    if (key.size() < 2 || key.size() > 1 + ledger::Slot::kMaxSize) {
      return refuse(Verdict::storage_failed, folder + ": a row without a slot");
    }
    leaves.push_back(
        ledger::state_leaf(ledger::Slot::from_bytes(key.substr(1)), to_view(each->value())));
  }
  if (!each->status().ok()) return refuse_storage(folder, each->status());
  return ledger::StateTree::of(std::move(leaves));
}

Result<ChainStore::Open::State> ChainStore::Open::read_state() {
  if (const auto kept = read(kKeptKey)) kept_from = number_in<Height::Value>(as_text(*kept));
  ASSIGN(const auto tip, read_tip());
  ASSIGN(auto tree, read_tree());
  if (tip && tip->state != tree.root()) {
    return refuse(Verdict::storage_failed,
                  format("{}: the rows are not those of block {}", folder, tip->height.value()));
  }
  return State{tip, std::move(tree)};
}

class ChainStore::Snapshot final : public StateSnapshot {
 public:
  // Of what is in the database now.
  Snapshot(std::shared_ptr<const Open> open, std::optional<Tip> tip, ledger::StateTree tree)
      : open_(std::move(open)),
        tip_(tip),
        tree_(std::move(tree)),
        snapshot_(open_->database->GetSnapshot()) {}
  ~Snapshot() override { open_->database->ReleaseSnapshot(snapshot_); }
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

  std::optional<Bytes> get(const ledger::Slot& slot) const override {
    return open_->read(row_key(slot), snapshot_);
  }
  std::optional<Placed> first_from(const ledger::Slot& slot) const override {
    return open_->first_from(slot, snapshot_);
  }
  bool is_empty() const { return !tip_.has_value(); }
  const Tip& tip() const override {
    CHECK(tip_.has_value());
    return *tip_;
  }
  const ledger::StateTree& tree() const override { return tree_; }
  void scan(std::optional<ledger::RowKind> kind, const Visit& visit) const override;

 private:
  const std::shared_ptr<const Open> open_;
  const std::optional<Tip> tip_;
  const ledger::StateTree tree_;
  const rocksdb::Snapshot* const snapshot_;
};

void ChainStore::Snapshot::scan(std::optional<ledger::RowKind> kind, const Visit& visit) const {
  rocksdb::ReadOptions options;
  options.snapshot = snapshot_;
  options.fill_cache = false;  // a long scan would push out what others need
  const std::string prefix = kind ? row_key(ledger::Slot(*kind)) : std::string(1, kRow);
  const std::unique_ptr<rocksdb::Iterator> each(open_->database->NewIterator(options));
  for (each->Seek(prefix); each->Valid() && each->key().starts_with(prefix); each->Next()) {
    const auto slot = ledger::Slot::from_bytes(each->key().ToStringView().substr(1));
    if (!visit(slot, to_view(each->value()))) return;
  }
  if (!each->status().ok()) {
    fatal(format("{}: scanning: {}", open_->folder, each->status().ToString()));
  }
}

ChainStore::ChainStore(std::shared_ptr<Open> open, std::shared_ptr<const Snapshot> last)
    : open_(std::move(open)), last_(std::move(last)) {}
ChainStore::~ChainStore() = default;

Result<std::unique_ptr<ChainStore>> ChainStore::open(const std::string& folder,
                                                     const ChainStoreOptions& options) {
  auto settings = database_options(
      {.memtable = options.memtable_bytes, .block_cache = options.block_cache_bytes});
  if (options.env != nullptr) {
    settings.env = options.env;
    settings.max_file_opening_threads = 1;
  }
  ASSIGN(auto database, open_database(settings, folder));
  auto opened = std::make_shared<Open>(folder, std::move(database), options.row_cache_bytes);
  ASSIGN(auto state, opened->read_state());
  auto last = std::make_shared<const Snapshot>(opened, state.tip, std::move(state.tree));
  return std::unique_ptr<ChainStore>(new ChainStore(std::move(opened), std::move(last)));
}

Result<std::optional<Tip>> ChainStore::tip_in(const std::string& folder) {
  constexpr std::size_t kSmall = std::size_t{8} << 20;
  ASSIGN(auto database,
         open_to_read(database_options({.memtable = kSmall, .block_cache = kSmall}), folder));
  Open opened(folder, std::move(database), 0);
  ASSIGN(const auto state, opened.read_state());
  return state.tip;
}

std::shared_ptr<const ChainStore::Snapshot> ChainStore::last() const {
  const std::lock_guard lock(mutex_);
  return last_;
}

std::optional<Bytes> ChainStore::get(const ledger::Slot& slot) const {
  if (!RowCache::holds(slot.kind())) return open_->read(row_key(slot));
  auto answer = open_->rows.find(slot);
  if (answer.known) return std::move(answer.row);
  auto row = open_->read(row_key(slot));
  open_->rows.learn(slot, row, answer.ticket);
  return row;
}

std::optional<ledger::View::Placed> ChainStore::first_from(const ledger::Slot& slot) const {
  return open_->first_from(slot);
}

namespace {

// Where the block's transactions are found, in the order of the keys.
void put_places(rocksdb::WriteBatch& batch, const BlockCommit& block) {
  std::vector<std::pair<std::string, std::string>> by_id;
  std::vector<std::string> by_account;
  by_id.reserve(block.transactions.size());
  by_account.reserve(block.transactions.size());
  for (const PlacedTransaction& each : block.transactions) {
    std::string place = place_text({block.height, each.index});
    if (each.account) by_account.push_back(account_prefix(*each.account) + place);
    by_id.emplace_back(transaction_key(each.tx), std::move(place));
  }
  // Of one id the later place comes last, and is what is found.
  std::ranges::sort(by_id);
  std::ranges::sort(by_account);
  for (const auto& [key, place] : by_id) CHECK(batch.Put(key, place).ok());
  for (const auto& key : by_account) CHECK(batch.Put(key, "").ok());
}

}  // namespace

void ChainStore::commit(const BlockCommit& block) {
  const auto before = last();
  const bool first = before->is_empty();
  CHECK(block.height == (first ? Height(0) : before->tip().height.next()));

  // In the order of the keys: neighbours are quicker to insert.
  rocksdb::WriteBatch batch(block.blob.size() + block.results.size() + 256 * block.rows.size() +
                            128 * block.transactions.size() + 1024);
  std::string key;
  for (const auto& [slot, change] : block.rows) {
    key.assign(1, kRow).append(slot.bytes());
    const auto status = change.after ? batch.Put(key, to_slice(*change.after)) : batch.Delete(key);
    CHECK(status.ok());
  }
  CHECK(batch.Put(block_key(block.height), to_slice(block.blob)).ok());
  if (!block.header.empty()) {
    CHECK(batch.Put(header_key(block.height), to_slice(block.header)).ok());
  }
  const Tip tip{block.height, block.time, block.block, block.tree.root()};
  if (first) CHECK(batch.Put(to_slice(kLayoutKey), to_slice(kLayout)).ok());
  CHECK(batch.Put(to_slice(kTipKey), to_slice(ByteView(codec::encode_record(tip)))).ok());
  if (!block.results.empty()) {
    CHECK(batch.Put(results_key(block.height), to_slice(block.results)).ok());
  }
  put_places(batch, block);
  for (const auto& [name, note] : block.notes) {
    CHECK(batch.Put(note_key(name), to_slice(note)).ok());
  }

  rocksdb::WriteOptions durable;
  durable.sync = true;
  const rocksdb::Status status = open_->database->Write(durable, &batch);
  if (!status.ok()) {
    fatal(format("{}: block {}: {}", open_->folder, block.height.value(), status.ToString()));
  }
  open_->rows.apply(block.rows);
  auto after = std::make_shared<const Snapshot>(open_, tip, block.tree);
  const std::lock_guard lock(mutex_);
  last_.swap(after);
}

namespace {

// What the database has under keys with one first byte, and puts into files what takes its place.
class Replaced {
 public:
  Replaced(rocksdb::DB& database, char kind, TableFiles& files)
      : kind_(1, kind), files_(files), old_(database.NewIterator(rocksdb::ReadOptions())) {
    old_->Seek(kind_);
  }
  // Ascending keys.
  void put(const std::string& key, ByteView value) {
    erase_until(key);
    if (is_there() && old_->key() == key) old_->Next();
    files_.put(key, value);
  }
  void finish() {
    erase_until(std::string(1, static_cast<char>(kind_[0] + 1)));
    files_.keep(old_->status());
  }

 private:
  bool is_there() const { return old_->Valid() && old_->key().starts_with(kind_); }
  void erase_until(const std::string& key) {
    for (; is_there() && old_->key().compare(key) < 0; old_->Next()) {
      files_.erase(old_->key().ToStringView());
    }
  }

  const std::string kind_;
  TableFiles& files_;
  const std::unique_ptr<rocksdb::Iterator> old_;
};

}  // namespace

Result<void> ChainStore::go_on_from(const Beginning& beginning, const Rows& rows) {
  CHECK(kept_from() > tip().height);
  ASSIGN(auto files, TableFiles::make(*open_->database, open_->folder + ".beginning"));
  Replaced old_rows(*open_->database, kRow, *files);
  std::vector<ledger::StateLeaf> leaves;
  TRY(rows([&](const ledger::Slot& slot, ByteView row) {
    old_rows.put(row_key(slot), row);
    leaves.push_back(ledger::state_leaf(slot, row));
  }));
  old_rows.finish();
  auto tree = ledger::StateTree::of(std::move(leaves));
  if (tree.root() != beginning.tip.state) return refuse(Verdict::bad_proof, "state");
  Replaced old_headers(*open_->database, kHeader, *files);
  for (const auto& [height, header] : beginning.headers) {
    old_headers.put(header_key(height), header);
  }
  old_headers.finish();
  std::string kept;
  put_number(kept, beginning.tip.height.next().value());
  files->put(kKeptKey, as_bytes(kept));
  files->put(kTipKey, codec::encode_record(beginning.tip));
  TRY(files->take_in());

  open_->rows.forget();
  open_->kept_from = beginning.tip.height.next().value();
  auto after = std::make_shared<const Snapshot>(open_, beginning.tip, std::move(tree));
  const std::lock_guard lock(mutex_);
  last_.swap(after);
  return {};
}

bool ChainStore::empty() const { return last()->is_empty(); }

Tip ChainStore::tip() const { return last()->tip(); }

ledger::StateTree ChainStore::tree() const { return last()->tree(); }

std::optional<Bytes> ChainStore::block(Height height) const {
  // A commit under way is on disk a moment before it is the tip.
  if (empty() || height > tip().height) return std::nullopt;
  return open_->read(block_key(height));
}

std::optional<Bytes> ChainStore::header(Height height) const {
  if (empty() || height > tip().height) return std::nullopt;
  return open_->read(header_key(height));
}

std::optional<Bytes> ChainStore::results(Height height) const {
  if (empty() || height > tip().height) return std::nullopt;
  return open_->read(results_key(height));
}

std::optional<Place> ChainStore::find_transaction(const TxId& id) const {
  const auto place = open_->read(transaction_key(id));
  if (!place) return std::nullopt;
  return place_in(as_text(*place));
}

std::vector<Place> ChainStore::transactions_of(const AccountId& account, const Place& below,
                                               std::size_t most) const {
  const std::string prefix = account_prefix(account);
  std::vector<Place> out;
  const std::unique_ptr<rocksdb::Iterator> each(
      open_->database->NewIterator(rocksdb::ReadOptions()));
  each->SeekForPrev(prefix + place_text(below));
  for (; each->Valid() && each->key().starts_with(prefix) && out.size() < most; each->Prev()) {
    const Place place = place_in(each->key().ToStringView().substr(prefix.size()));
    if (place < below) out.push_back(place);
  }
  if (!each->status().ok()) {
    fatal(format("{}: reading: {}", open_->folder, each->status().ToString()));
  }
  return out;
}

Height ChainStore::kept_from() const { return Height(open_->kept_from); }

void ChainStore::forget_block(std::span<const PlacedTransaction> transactions) {
  const Height height = kept_from();
  CHECK(height < tip().height);
  rocksdb::WriteBatch batch;
  CHECK(batch.Delete(block_key(height)).ok());
  CHECK(batch.Delete(results_key(height)).ok());
  for (const PlacedTransaction& each : transactions) {
    CHECK(batch.Delete(transaction_key(each.tx)).ok());
    if (!each.account) continue;
    const std::string place = place_text({height, each.index});
    CHECK(batch.Delete(account_prefix(*each.account) + place).ok());
  }
  std::string kept;
  put_number(kept, height.next().value());
  CHECK(batch.Put(to_slice(kKeptKey), kept).ok());
  // Before the disk: who reads meanwhile and finds nothing can tell why.
  open_->kept_from = height.next().value();
  const rocksdb::Status status = open_->database->Write(rocksdb::WriteOptions(), &batch);
  if (!status.ok()) {
    fatal(format("{}: forgetting block {}: {}", open_->folder, height.value(), status.ToString()));
  }
}

void ChainStore::put_note(std::string_view name, ByteView note) { open_->write_note(name, note); }

void ChainStore::erase_note(std::string_view name) { open_->write_note(name, std::nullopt); }

std::optional<Bytes> ChainStore::note(std::string_view name) const {
  return open_->read(note_key(name));
}

std::vector<std::string> ChainStore::notes(std::string_view prefix) const {
  const std::string key = note_key(prefix);
  std::vector<std::string> out;
  const std::unique_ptr<rocksdb::Iterator> each(
      open_->database->NewIterator(rocksdb::ReadOptions()));
  for (each->Seek(key); each->Valid() && each->key().starts_with(key); each->Next()) {
    out.emplace_back(each->key().ToStringView().substr(1));
  }
  if (!each->status().ok()) {
    fatal(format("{}: reading: {}", open_->folder, each->status().ToString()));
  }
  return out;
}

void ChainStore::scan(ledger::RowKind kind, const StateSnapshot::Visit& visit) const {
  last()->scan(kind, visit);
}

std::shared_ptr<const StateSnapshot> ChainStore::snapshot() const { return last(); }

ChainStoreStatistics ChainStore::statistics() const {
  using Properties = rocksdb::DB::Properties;
  const RowCacheStatistics rows = open_->rows.statistics();
  const auto property = [this](const std::string& name) { return open_->property(name.c_str()); };
  return {.row_cache_hits = rows.hits,
          .row_cache_misses = rows.misses,
          .row_cache_rows = rows.rows,
          .row_cache_bytes = rows.bytes,
          .memtable_bytes = property(Properties::kCurSizeAllMemTables),
          .block_cache_bytes = property(Properties::kBlockCacheUsage),
          .disk_bytes =
              property(Properties::kTotalSstFilesSize) + property(Properties::kTotalBlobFileSize),
          .keys = property(Properties::kEstimateNumKeys),
          .writes_stalled = property(Properties::kIsWriteStopped) != 0 ||
                            property(Properties::kActualDelayedWriteRate) != 0};
}

void ChainStore::compact() const {
  const rocksdb::Status status =
      open_->database->CompactRange(rocksdb::CompactRangeOptions(), nullptr, nullptr);
  if (!status.ok()) fatal(format("{}: compacting: {}", open_->folder, status.ToString()));
}

}  // namespace intaglio::store
