#include "store/record_store.h"

#include <atomic>
#include <map>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/folder_for_test.h"

namespace intaglio::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

std::unique_ptr<RecordStore> open(const std::string& folder) {
  auto store = RecordStore::open(folder);
  if (!store) fatal(to_string(store.error()));
  return *std::move(store);
}

std::optional<Bytes> stored(const RecordStore& store, std::string_view key) {
  auto value = store.get(key);
  CHECK(value.has_value());
  return *std::move(value);
}

std::vector<std::string> keys(const RecordStore& store, std::string_view prefix) {
  std::vector<std::string> out;
  CHECK(store.scan(prefix, [&](std::string_view key, ByteView) {
    out.emplace_back(key);
    return true;
  }));
  return out;
}

TEST(RecordStore, HoldsWhatWasPutAlsoAfterReopening) {
  const FolderForTest folder;
  auto store = open(folder / "records");
  EXPECT_EQ(stored(*store, "login/ann"), std::nullopt);
  EXPECT_TRUE(store->put("login/ann", Bytes{1}));
  EXPECT_TRUE(store->put("login/ann", Bytes{2}));
  EXPECT_TRUE(store->put("login/bob", Bytes{}));
  EXPECT_TRUE(store->put("login/eve", Bytes{3}));
  EXPECT_TRUE(store->erase("login/eve"));
  EXPECT_TRUE(store->erase("login/nobody"));
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(stored(*store, "login/ann"), Bytes{2});
    EXPECT_EQ(stored(*store, "login/bob"), Bytes{});
    EXPECT_EQ(stored(*store, "login/eve"), std::nullopt);
    store.reset();
    store = open(folder / "records");
  }
}

TEST(RecordStore, WritesSeveralRecordsAtOnceInOrder) {
  const FolderForTest folder;
  const auto store = open(folder / "records");
  EXPECT_TRUE(store->put("old", Bytes{1}));
  EXPECT_TRUE(store->write({{"a", Bytes{1}},
                            {"old", std::nullopt},
                            {"b", Bytes{1}},
                            {"b", Bytes{2}},
                            {"c", Bytes{3}},
                            {"c", std::nullopt}}));
  EXPECT_TRUE(store->write({}));
  EXPECT_THAT(keys(*store, ""), ElementsAre("a", "b"));
  EXPECT_EQ(stored(*store, "b"), Bytes{2});
}

TEST(RecordStore, PutIfAbsentLeavesWhatIsThere) {
  const FolderForTest folder;
  const auto store = open(folder / "records");
  EXPECT_EQ(store->put_if_absent("spent/1", Bytes{1}), true);
  EXPECT_EQ(store->put_if_absent("spent/1", Bytes{2}), false);
  EXPECT_EQ(stored(*store, "spent/1"), Bytes{1});
}

TEST(RecordStore, OfManyCallersOfPutIfAbsentOneWins) {
  const FolderForTest folder;
  const auto store = open(folder / "records");
  constexpr int kRecords = 100;
  std::vector<std::atomic<int>> wins(kRecords);
  std::vector<std::thread> threads;
  for (std::uint8_t thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < kRecords; ++i) {
        const auto won = store->put_if_absent("spent/" + std::to_string(i), Bytes{thread});
        CHECK(won.has_value());
        if (*won) ++wins[static_cast<std::size_t>(i)];
      }
    });
  }
  for (std::thread& each : threads) each.join();
  for (const auto& each : wins) EXPECT_EQ(each, 1);
}

TEST(RecordStore, ScansByKeyWhatBeginsWithThePrefix) {
  const FolderForTest folder;
  const auto store = open(folder / "records");
  for (const char* const key : {"b/2", "a/9", "b/10", "b", "b/1", "c/1", "b0"}) {
    EXPECT_TRUE(store->put(key, as_bytes(key)));
  }
  EXPECT_THAT(keys(*store, "b/"), ElementsAre("b/1", "b/10", "b/2"));
  EXPECT_THAT(keys(*store, "b"), ElementsAre("b", "b/1", "b/10", "b/2", "b0"));
  EXPECT_THAT(keys(*store, "x"), IsEmpty());
  int visits = 0;
  EXPECT_TRUE(store->scan("b", [&](std::string_view key, ByteView value) {
    EXPECT_EQ(key, as_text(value));
    return ++visits < 2;
  }));
  EXPECT_EQ(visits, 2);
}

TEST(RecordStore, ScanSeesOneMoment) {
  const FolderForTest folder;
  const auto store = open(folder / "records");
  EXPECT_TRUE(store->write({{"a", Bytes{}}, {"b", Bytes{}}}));
  std::vector<std::string> seen;
  EXPECT_TRUE(store->scan("", [&](std::string_view key, ByteView) {
    seen.emplace_back(key);
    EXPECT_TRUE(store->write({{"b", std::nullopt}, {"c", Bytes{}}}));
    return true;
  }));
  EXPECT_THAT(seen, ElementsAre("a", "b"));
}

TEST(RecordStore, RefusesAFolderThatIsOpenAlreadyOrCannotBe) {
  const FolderForTest folder;
  const auto store = open(folder / "records");
  const auto second = RecordStore::open(folder / "records");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error(), (Refusal{Verdict::folder_taken, folder / "records"}));
  const auto nowhere = RecordStore::open("/proc/self/records");
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error().verdict, Verdict::storage_failed);
  EXPECT_THAT(nowhere.error().where, StartsWith("/proc/self/records: "));
}

// One store for all cases, each with keys of its own: opening it takes most of the time.
TEST(RecordStoreProperty, AnswersAsAMapDoes) {
  const FolderForTest folder;
  const auto store = open(folder / "records");
  int cases = 0;
  const bool holds = rc::check([&] {
    const std::string prefix = std::to_string(++cases) + "/";
    using Step = std::tuple<std::uint8_t, std::string, std::string>;
    const auto steps = *rc::gen::resize(20, rc::gen::arbitrary<std::vector<Step>>());
    std::map<std::string, Bytes> model;
    for (const auto& [choice, tail, value] : steps) {
      const std::string key = prefix + tail.substr(0, 1);
      const Bytes bytes = to_bytes(as_bytes(value));
      if (choice % 3 == 0) {
        RC_ASSERT(store->put(key, bytes).has_value());
        model[key] = bytes;
      } else if (choice % 3 == 1) {
        RC_ASSERT(store->erase(key).has_value());
        model.erase(key);
      } else {
        RC_ASSERT(store->put_if_absent(key, bytes).value() == model.emplace(key, bytes).second);
      }
      RC_ASSERT(stored(*store, key).has_value() == model.contains(key));
    }
    std::map<std::string, Bytes> found;
    const auto scanned = store->scan(prefix, [&](std::string_view key, ByteView value) {
      found.emplace(key, to_bytes(value));
      return true;
    });
    RC_ASSERT(scanned.has_value());
    RC_ASSERT(found == model);
  });
  EXPECT_TRUE(holds);
}

}  // namespace
}  // namespace intaglio::store
