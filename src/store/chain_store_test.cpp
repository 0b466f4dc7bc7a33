#include "store/chain_store.h"

#include <filesystem>
#include <fstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <rocksdb/db.h>

#include "base/folder_for_test.h"
#include "codec/hex.h"
#include "store/blocks_for_test.h"

namespace intaglio::store {
namespace {

using ledger::RowKind;
using ledger::Slot;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::StartsWith;

Slot slot(std::uint32_t number, RowKind kind = RowKind::balance) { return Slot(kind).put(number); }

// Commits the next block with these rows, or without one where it says nothing.
void commit(ChainStore& store, const std::map<Slot, std::optional<Bytes>>& rows) {
  ledger::ChangeSet changes;
  for (const auto& [where, row] : rows) changes[where] = {store.snapshot()->get(where), row};
  const Height height = store.empty() ? Height(0) : store.tip().height.next();
  store.commit({.height = height,
                .time = Millis(height.value()),
                .block = {},
                .header = {},
                .blob = as_bytes("block"),
                .results = {},
                .rows = changes,
                .tree = store.tree().with(changes),
                .transactions = {}});
}

TEST(ChainStore, IsEmptyUntilTheFirstCommit) {
  const FolderForTest folder;
  const auto store = open_for_test(folder / "deep/down/chain");
  EXPECT_TRUE(store->empty());
  EXPECT_EQ(store->block(Height(0)), std::nullopt);
  EXPECT_EQ(store->get(slot(1)), std::nullopt);
  EXPECT_EQ(store->find_transaction({}), std::nullopt);
  EXPECT_THAT(Audit::scanned(*store), IsEmpty());
}

TEST(ChainStore, HoldsWhatWasCommittedAlsoAfterReopening) {
  const FolderForTest folder;
  std::mt19937_64 random(1);
  auto store = open_for_test(folder / "chain");
  Tip tip;
  for (int i = 0; i < 200; ++i) {
    const auto block = random_block(random, *store);
    store->commit(block.commit());
    tip = {block.height, block.time, block.hash, block.tree.root()};
    ASSERT_EQ(store->tip(), tip);
  }
  Audit audit;
  EXPECT_EQ(audit.follow(*store), "");
  store.reset();
  store = open_for_test(folder / "chain");
  EXPECT_EQ(store->tip(), tip);
  EXPECT_EQ(Audit().follow(*store), "");
  for (const auto& [where, row] : audit.rows()) EXPECT_EQ(store->get(where), row);
}

TEST(ChainStore, KeepsNotesOfABlockWithItAndFindsThemByHowTheyBegin) {
  const FolderForTest folder;
  auto store = open_for_test(folder / "chain");
  commit(*store, {});
  const ledger::ChangeSet nothing;
  const std::vector<Note> notes{{"some/2", {2}}, {"some/1", {}}, {"sum", {3}}};
  store->commit({.height = Height(1),
                 .time = Millis(1),
                 .block = {},
                 .header = {},
                 .blob = {},
                 .results = {},
                 .rows = nothing,
                 .tree = store->tree(),
                 .transactions = {},
                 .notes = notes});
  store->put_note("some/3", Bytes{4});
  store.reset();
  store = open_for_test(folder / "chain");
  EXPECT_THAT(store->notes("some/"), ElementsAre("some/1", "some/2", "some/3"));
  EXPECT_EQ(store->note("some/1"), Bytes());
  EXPECT_EQ(store->note("some/2"), Bytes{2});
  store->erase_note("some/2");
  EXPECT_THAT(store->notes("some/"), ElementsAre("some/1", "some/3"));
  EXPECT_THAT(store->notes("other"), IsEmpty());
}

TEST(ChainStore, ErasesARowThatABlockLeavesEmpty) {
  const FolderForTest folder;
  auto store = open_for_test(folder / "chain");
  commit(*store, {{slot(1), Bytes{1}}, {slot(2), Bytes{2}}});
  commit(*store, {{slot(1), std::nullopt}});
  EXPECT_EQ(store->get(slot(1)), std::nullopt);
  EXPECT_EQ(store->get(slot(2)), Bytes{2});
  store.reset();
  store = open_for_test(folder / "chain");
  EXPECT_EQ(store->get(slot(1)), std::nullopt);
  EXPECT_EQ(store->get(slot(2)), Bytes{2});
}

TEST(ChainStore, KeepsAnEmptyRowApartFromNone) {
  const FolderForTest folder;
  auto store = open_for_test(folder / "chain");
  commit(*store, {{slot(1), Bytes{}}});
  EXPECT_EQ(store->get(slot(1)), Bytes{});
  store.reset();
  EXPECT_EQ(open_for_test(folder / "chain")->get(slot(1)), Bytes{});
}

// The layout of docs/reference/formats.md, byte by byte.
TEST(ChainStore, CompactingKeepsWhatCountsAndNothingElse) {
  const FolderForTest folder;
  auto store = open_for_test(folder / "chain");
  std::mt19937_64 random(1);
  // A row that is written again and again: the files keep each until they are compacted.
  const auto fill = [&] {
    for (int i = 0; i < 50; ++i) commit(*store, {{slot(1), random_bytes(random, 4000)}});
    store->compact();
    return store->statistics().disk_bytes;
  };
  const auto once = fill();
  commit(*store, {{slot(2), Bytes{2}}});
  EXPECT_LT(fill(), 2 * once);
  const auto row = store->get(slot(1));
  const auto tip = store->tip();
  store.reset();
  store = open_for_test(folder / "chain");
  EXPECT_EQ(store->tip(), tip);
  EXPECT_EQ(store->get(slot(1)), row);
  EXPECT_EQ(store->get(slot(2)), Bytes{2});
}

TEST(ChainStore, StoresTheGoldenKeysAndValues) {
  const FolderForTest folder;
  Digest root;
  {
    const auto store = open_for_test(folder / "chain");
    commit(*store, {});
    TxId id;
    id.writable()[0] = 0xAB;
    BlockHash hash;
    hash.writable()[31] = 1;
    const ledger::ChangeSet rows = {
        {Slot(RowKind::asset).put(std::uint32_t{978}), {{}, Bytes{0xA0}}}};
    AccountId account;
    account.writable()[0] = 0xCD;
    const PlacedTransaction transactions[] = {{id, 258, account}};
    store->commit({.height = Height(1),
                   .time = Millis(1'800'000'000'000),
                   .block = hash,
                   .header = as_bytes("head"),
                   .blob = as_bytes("one"),
                   .results = as_bytes("done"),
                   .rows = rows,
                   .tree = ledger::StateTree().with(rows),
                   .transactions = transactions});
    root = store->tip().state;
  }
  rocksdb::DB* raw = nullptr;
  ASSERT_TRUE(rocksdb::DB::OpenForReadOnly({}, folder / "chain", &raw).ok());
  const std::unique_ptr<rocksdb::DB> database(raw);
  std::vector<std::pair<std::string, std::string>> content;
  const std::unique_ptr<rocksdb::Iterator> each(database->NewIterator({}));
  for (each->SeekToFirst(); each->Valid(); each->Next()) {
    content.emplace_back(codec::to_hex(as_bytes(each->key().ToStringView())),
                         codec::to_hex(as_bytes(each->value().ToStringView())));
  }
  const std::string zeros(62, '0');
  EXPECT_THAT(content,
              ElementsAre(Pair("6102000003d2", "a0"),                // 'a', asset 978
                          Pair("620000000000000000", "626c6f636b"),  // 'b', height 0
                          Pair("620000000000000001", "6f6e65"),      // 'b', height 1
                          Pair("680000000000000001", "68656164"),    // 'h', height 1
                          Pair("6d6c61796f7574", "696e7461676c696f2d636861696e2d38"),
                          Pair("6d746970", "a40101021b000001a3185c5000035820" + zeros + "01045820" +
                                               codec::to_hex(root)),
                          Pair("720000000000000001", "646f6e65"),  // 'r', height 1
                          Pair("74ab" + zeros, "000000000000000100000102"),
                          // 'u', account, height 1, index 258
                          Pair("75cd" + std::string(38, '0') + "000000000000000100000102", "")));
}

TEST(ChainStore, FindsATransactionWhereItStoodLast) {
  const FolderForTest folder;
  const auto store = open_for_test(folder / "chain");
  commit(*store, {});
  TxId id;
  id.writable()[0] = 1;
  const auto commit_at = [&](std::uint32_t index) {
    const PlacedTransaction transactions[] = {{id, index, {}}};
    store->commit({.height = store->tip().height.next(),
                   .time = {},
                   .block = {},
                   .header = {},
                   .blob = {},
                   .results = {},
                   .rows = {},
                   .tree = store->tree(),
                   .transactions = transactions});
  };
  EXPECT_EQ(store->find_transaction(id), std::nullopt);
  commit_at(7);
  EXPECT_EQ(store->find_transaction(id), Place(Height(1), 7));
  commit_at(3);
  EXPECT_EQ(store->find_transaction(id), Place(Height(2), 3));
}

TEST(ChainStore, GivesAnAccountsTransactionsNewestFirstInPages) {
  const FolderForTest folder;
  std::mt19937_64 random(1);
  const auto store = open_for_test(folder / "chain");
  std::vector<Place> expected;
  for (int i = 0; i < 40; ++i) {
    const auto block = random_block(random, *store);
    store->commit(block.commit());
    for (const auto& each : block.transactions) {
      if (each.account == account_for_test(2)) expected.push_back({block.height, each.index});
    }
  }
  std::ranges::reverse(expected);
  ASSERT_GT(expected.size(), 20U);
  std::vector<Place> seen;
  Place below{store->tip().height.next(), 0};
  while (true) {
    const auto page = store->transactions_of(account_for_test(2), below, 7);
    if (page.empty()) break;
    EXPECT_LE(page.size(), 7U);
    seen.insert(seen.end(), page.begin(), page.end());
    below = page.back();
  }
  EXPECT_EQ(seen, expected);
  EXPECT_THAT(store->transactions_of(account_for_test(9), {Height(1000), 0}, 7), IsEmpty());
}

TEST(ChainStore, ForgetsABlockAndWhereItsTransactionsWereFoundAlsoAfterReopening) {
  const FolderForTest folder;
  std::mt19937_64 random(1);
  auto store = open_for_test(folder / "chain");
  std::vector<BlockForTest> blocks;
  for (int i = 0; i < 10; ++i) {
    blocks.push_back(random_block(random, *store));
    store->commit(blocks.back().commit());
  }
  const Rows rows = Audit::scanned(*store);
  EXPECT_EQ(store->kept_from(), Height(1));
  for (std::size_t i = 1; i <= 4; ++i) store->forget_block(blocks[i].transactions);
  const auto check = [&] {
    EXPECT_EQ(store->kept_from(), Height(5));
    EXPECT_EQ(store->tip().height, Height(9));
    EXPECT_EQ(Audit::scanned(*store), rows);
    for (const BlockForTest& each : blocks) {
      const bool is_kept = each.height == Height(0) || each.height >= Height(5);
      EXPECT_EQ(store->block(each.height).has_value(), is_kept);
      for (const auto& transaction : each.transactions) {
        EXPECT_EQ(store->find_transaction(transaction.tx).has_value(), is_kept);
      }
    }
    for (std::uint64_t account = 0; account < 5; ++account) {
      for (const Place& each :
           store->transactions_of(account_for_test(account), {Height(10), 0}, 1000)) {
        EXPECT_TRUE(each.height == Height(0) || each.height >= Height(5));
      }
    }
  };
  check();
  store.reset();
  store = open_for_test(folder / "chain");
  check();
}

// By whole files: what was written together goes when none of it is left. Not before the next
// commit, since the state after the last one is held for whoever reads it.
TEST(ChainStore, ForgettingGivesTheDiskBack) {
  const FolderForTest folder;
  std::mt19937_64 random(1);
  const auto store = open_for_test(folder / "chain");
  for (int i = 0; i < 20; ++i) {
    store->commit({.height = Height(static_cast<std::uint64_t>(i)),
                   .time = {},
                   .block = {},
                   .header = {},
                   .blob = random_bytes(random, 100'000),
                   .results = random_bytes(random, 50'000),
                   .rows = {},
                   .tree = {},
                   .transactions = {}});
    if (i % 5 == 4) store->compact();
  }
  const auto before = store->statistics().disk_bytes;
  EXPECT_GT(before, 20U * 150'000);
  for (int i = 0; i < 18; ++i) store->forget_block({});
  commit(*store, {});
  store->compact();
  EXPECT_LT(store->statistics().disk_bytes, before * 2 / 3);
}

TEST(ChainStore, ScansOneKindInSlotOrder) {
  const FolderForTest folder;
  const auto store = open_for_test(folder / "chain");
  commit(*store, {{slot(3), Bytes{3}},
                  {slot(1), Bytes{1}},
                  {slot(256), Bytes{4}},
                  {slot(0, RowKind::key), Bytes{9}},
                  {slot(9, RowKind::account), Bytes{8}}});
  commit(*store, {{slot(2), Bytes{2}}, {slot(3), std::nullopt}});
  std::vector<std::pair<Slot, Bytes>> seen;
  store->scan(RowKind::balance, [&](const Slot& where, ByteView row) {
    seen.emplace_back(where, to_bytes(row));
    return true;
  });
  EXPECT_THAT(seen, ElementsAre(Pair(slot(1), Bytes{1}), Pair(slot(2), Bytes{2}),
                                Pair(slot(256), Bytes{4})));
}

TEST(ChainStore, ScanEndsWhenTheVisitorHasEnough) {
  const FolderForTest folder;
  const auto store = open_for_test(folder / "chain");
  commit(*store, {{slot(1), Bytes{1}}, {slot(2), Bytes{2}}, {slot(3), Bytes{3}}});
  int visits = 0;
  store->scan(RowKind::balance, [&](const Slot&, ByteView) { return ++visits < 2; });
  EXPECT_EQ(visits, 2);
}

TEST(ChainStore, ScanSeesOneCommitWhileOthersFollow) {
  const FolderForTest folder;
  const auto store = open_for_test(folder / "chain");
  commit(*store, {{slot(1), Bytes{1}}, {slot(2), Bytes{1}}, {slot(3), Bytes{1}}});
  std::vector<Bytes> seen;
  store->scan(RowKind::balance, [&](const Slot&, ByteView row) {
    commit(*store, {{slot(2), Bytes{2}}, {slot(3), std::nullopt}, {slot(4), Bytes{2}}});
    seen.push_back(to_bytes(row));
    return true;
  });
  EXPECT_THAT(seen, ElementsAre(Bytes{1}, Bytes{1}, Bytes{1}));
}

TEST(ChainStore, SnapshotSeesNothingOfLaterCommits) {
  const FolderForTest folder;
  auto store = open_for_test(folder / "chain");
  commit(*store, {{slot(1), Bytes{1}}, {slot(2), Bytes{1}}});
  const auto snapshot = store->snapshot();
  const Tip tip = store->tip();
  commit(*store, {{slot(1), Bytes{2}}, {slot(2), std::nullopt}, {slot(3), Bytes{2}}});
  EXPECT_EQ(snapshot->tip(), tip);
  EXPECT_EQ(snapshot->tree().root(), tip.state);
  EXPECT_NE(store->tip().state, tip.state);
  std::vector<Slot> seen;
  snapshot->scan({}, [&](const Slot& where, ByteView) {
    seen.push_back(where);
    return true;
  });
  EXPECT_THAT(seen, ElementsAre(slot(1), slot(2)));
  EXPECT_EQ(snapshot->get(slot(1)), Bytes{1});
  EXPECT_EQ(snapshot->get(slot(2)), Bytes{1});
  EXPECT_EQ(snapshot->get(slot(3)), std::nullopt);
  EXPECT_EQ(store->get(slot(1)), Bytes{2});
  EXPECT_EQ(store->snapshot()->get(slot(3)), Bytes{2});
  store.reset();
  EXPECT_EQ(snapshot->get(slot(1)), Bytes{1}) << "a snapshot may outlive the store";
}

TEST(ChainStore, RefusesAFolderThatIsOpenAlready) {
  const FolderForTest folder;
  auto store = open_for_test(folder / "chain");
  const auto second = ChainStore::open(folder / "chain");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error(), (Refusal{Verdict::folder_taken, folder / "chain"}));
  store.reset();
  EXPECT_TRUE(ChainStore::open(folder / "chain"));
}

TEST(ChainStore, RefusesAPlaceWhereNoFolderCanBe) {
  const FolderForTest folder;
  std::ofstream(folder / "file") << "in the way";
  const auto below_a_file = ChainStore::open(folder / "file/chain");
  ASSERT_FALSE(below_a_file);
  EXPECT_EQ(below_a_file.error().verdict, Verdict::storage_failed);
  EXPECT_THAT(below_a_file.error().where, StartsWith(folder / "file/chain"));
  // Refuses new files to everybody, also to root.
  const auto read_only = ChainStore::open("/proc/self/chain");
  ASSERT_FALSE(read_only);
  EXPECT_EQ(read_only.error().verdict, Verdict::storage_failed);
  EXPECT_THAT(read_only.error().where, StartsWith("/proc/self/chain: "));
}

TEST(ChainStore, RefusesADatabaseOfSomethingElse) {
  const FolderForTest folder;
  {
    rocksdb::Options options;
    options.create_if_missing = true;
    rocksdb::DB* raw = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(options, folder / "chain", &raw).ok());
    const std::unique_ptr<rocksdb::DB> database(raw);
    ASSERT_TRUE(database->Put({}, "login/ann", "x").ok());
  }
  const auto store = ChainStore::open(folder / "chain");
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().verdict, Verdict::storage_failed);
  EXPECT_THAT(store.error().where, HasSubstr("not a chain's store"));
}

TEST(ChainStore, StopsWhenABlockIsNotTheNext) {
  const FolderForTest folder;
  EXPECT_DEATH(
      {
        const auto store = open_for_test(folder / "chain");
        store->commit(BlockForTest{.height = Height(1),
                                   .time = {},
                                   .hash = {},
                                   .blob = {},

                                   .rows = {},
                                   .tree = {},
                                   .transactions = {}}
                          .commit());
      },
      "this must hold");
}

TEST(ChainStore, CountsWhatItHolds) {
  const FolderForTest folder;
  auto store = open_for_test(folder / "chain");
  commit(*store, {{slot(1), Bytes(100)}});
  EXPECT_TRUE(store->get(slot(1)));
  EXPECT_FALSE(store->get(slot(2)));
  const auto statistics = store->statistics();
  EXPECT_EQ(statistics.row_cache_hits, 1U);
  EXPECT_EQ(statistics.row_cache_misses, 1U);
  EXPECT_EQ(statistics.row_cache_rows, 2U);
  EXPECT_GT(statistics.memtable_bytes, 0U);
  EXPECT_EQ(statistics.keys, 4U);  // row, block, tip, layout
  EXPECT_FALSE(statistics.writes_stalled);
  store.reset();
  EXPECT_GT(open_for_test(folder / "chain")->statistics().disk_bytes, 0U);
}

// Without a cache, with one that holds a few rows and one that holds all: get, scan and snapshots
// answer as a map does that the same changes were made to.
RC_GTEST_PROP(ChainStoreProperty, AnswersAsAMapDoesWithACacheOfAnySize, ()) {
  const FolderForTest folder;
  const ChainStoreOptions options{.memtable_bytes = std::size_t{64} << 10,
                                  .block_cache_bytes = std::size_t{1} << 20,
                                  .row_cache_bytes = *rc::gen::element<std::size_t>(
                                      0, std::size_t{16} << 10, std::size_t{16} << 20)};
  auto store = open_for_test(folder / "chain", options);
  Rows model;
  Rows earlier;
  std::shared_ptr<const ledger::View> snapshot = store->snapshot();
  const auto in = [](const Rows& rows, const Slot& where) {
    const auto row = rows.find(where);
    return row == rows.end() ? std::nullopt : std::optional(row->second);
  };
  std::mt19937_64 random(*rc::gen::arbitrary<std::uint64_t>());
  const int steps = *rc::gen::inRange(1, 20);
  for (int step = 0; step < steps; ++step) {
    const auto block = random_block(random, *store);
    store->commit(block.commit());
    for (const auto& [where, change] : block.rows) {
      if (change.after) {
        model[where] = *change.after;
      } else {
        model.erase(where);
      }
    }
    for (int i = 0; i < 200; ++i) {
      const Slot where = random_slot(random);
      RC_ASSERT(store->get(where) == in(model, where));
      RC_ASSERT(snapshot->get(where) == in(earlier, where));
    }
    if (random() % 8 == 0) RC_ASSERT(Audit::scanned(*store) == model);
    if (random() % 16 == 0) {
      snapshot.reset();
      store.reset();
      store = open_for_test(folder / "chain", options);
    }
    if (snapshot == nullptr || random() % 8 == 0) {
      snapshot = store->snapshot();
      earlier = model;
    }
  }
}

// The row holds the height of its last commit.
std::uint64_t height_in(const std::optional<Bytes>& row) {
  CHECK(row && row->size() == 2);
  return static_cast<std::uint64_t>((*row)[0]) << 8 | (*row)[1];
}

TEST(ChainStore, ReadersInOtherThreadsNeverSeeLessThanTheTip) {
  for (const std::size_t cache : {std::size_t{0}, std::size_t{8} << 10, std::size_t{1} << 20}) {
    const FolderForTest folder;
    const auto store = open_for_test(folder / "chain", {.row_cache_bytes = cache});
    constexpr std::uint32_t kSlots = 40;
    const auto commit_all = [&](std::uint64_t height) {
      std::map<Slot, std::optional<Bytes>> rows;
      for (std::uint32_t i = 0; i < kSlots; ++i) {
        rows[slot(i)] =
            Bytes{static_cast<std::uint8_t>(height >> 8), static_cast<std::uint8_t>(height)};
      }
      commit(*store, rows);
    };
    commit_all(0);
    std::atomic<bool> done = false;
    std::atomic<std::uint64_t> stale = 0;
    std::atomic<std::uint64_t> torn = 0;
    const auto read = [&](std::uint64_t seed) {
      std::mt19937_64 random(seed);
      while (!done) {
        const std::uint64_t at_least = store->tip().height.value();
        const auto where = slot(static_cast<std::uint32_t>(random() % kSlots));
        if (height_in(store->get(where)) < at_least) ++stale;
        const auto view = store->snapshot();
        if (view->get(slot(0)) != view->get(slot(kSlots - 1))) ++torn;
        const auto leaf = ledger::state_leaf(where, view->get(where).value());
        const auto path = view->tree().path(leaf.place);
        if (!std::ranges::binary_search(path.bucket, leaf)) ++torn;
        if (ledger::root_from_path(leaf.place, path) != view->tip().state) ++torn;
      }
    };
    std::thread one(read, 1);
    std::thread two(read, 2);
    for (std::uint32_t height = 1; height <= 400; ++height) {
      commit_all(height);
      EXPECT_EQ(height_in(store->get(slot(height % kSlots))), height);
    }
    done = true;
    one.join();
    two.join();
    EXPECT_EQ(stale, 0U);
    EXPECT_EQ(torn, 0U);
  }
}

}  // namespace
}  // namespace intaglio::store
