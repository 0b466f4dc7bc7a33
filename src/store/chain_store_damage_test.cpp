// What becomes of a chain's store when its process dies or its disk fails: the program runs itself
// as a child, which commits until it is killed or refused, and audits what is left.
#include <csignal>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <rocksdb/db.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/child_for_test.h"
#include "base/folder_for_test.h"
#include "store/blocks_for_test.h"

namespace intaglio::store {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kFolder = "INTAGLIO_STORE_CHILD_FOLDER";
constexpr const char* kFileLimit = "INTAGLIO_STORE_CHILD_FILE_LIMIT";

// Small, so that memtables are flushed and files compacted many times in a second.
constexpr ChainStoreOptions kSmall{.memtable_bytes = std::size_t{256} << 10,
                                   .block_cache_bytes = std::size_t{1} << 20,
                                   .row_cache_bytes = std::size_t{64} << 10};

// The child: commits for ever and reports each height once commit() has returned.
TEST(StoreChild, DISABLED_CommitsUntilItIsKilled) {
  const char* const folder = std::getenv(kFolder);
  ASSERT_NE(folder, nullptr) << "run by the tests below alone";
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  if (const char* const limit = std::getenv(kFileLimit)) {
    // A disk that is full: writes beyond the limit fail.
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit bytes{std::stoul(limit), std::stoul(limit)};
    setrlimit(RLIMIT_FSIZE, &bytes);
  }
  const auto store = open_for_test(folder, kSmall);
  std::mt19937_64 random(std::random_device{}());
  while (true) {
    const auto block = random_block(random, *store);
    store->commit(block.commit());
    const std::uint64_t height = block.height.value();
    CHECK(::write(kChildReports, &height, sizeof height) == sizeof height);
  }
}

class Child {
 public:
  explicit Child(const std::string& folder, const std::string& file_limit = {}) {
    std::vector<std::string> settings = {kFolder + ("=" + folder)};
    if (!file_limit.empty()) settings.push_back(kFileLimit + ("=" + file_limit));
    child_ = start_child_for_test("store_test", "StoreChild.DISABLED_CommitsUntilItIsKilled",
                                  std::move(settings));
  }

  // Waits until the child has committed something, or is gone.
  void wait_for_a_commit() const {
    pollfd end{.fd = *child_.reports, .events = POLLIN, .revents = 0};
    CHECK(::poll(&end, 1, 60'000) == 1);
  }
  void kill() const { ::kill(child_.process, SIGKILL); }
  // The signal that ended the child, 0 when none did. Reads its reports until then.
  int wait() {
    std::uint64_t height = 0;
    while (::read(*child_.reports, &height, sizeof height) == sizeof height) last_ = height;
    int status = 0;
    CHECK(::waitpid(child_.process, &status, 0) == child_.process);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  }
  // The last height whose commit() returned, after wait().
  std::optional<std::uint64_t> last_height() const { return last_; }

 private:
  ChildForTest child_;
  std::optional<std::uint64_t> last_;
};

// Keys by their first byte, past everything that ChainStore itself says.
std::map<char, std::size_t> keys_on_disk(const std::string& folder) {
  rocksdb::DB* raw = nullptr;
  const auto status = rocksdb::DB::OpenForReadOnly({}, folder, &raw);
  if (!status.ok()) fatal(status.ToString());
  const std::unique_ptr<rocksdb::DB> database(raw);
  const std::unique_ptr<rocksdb::Iterator> each(database->NewIterator({}));
  std::map<char, std::size_t> count;
  for (each->SeekToFirst(); each->Valid(); each->Next()) ++count[each->key()[0]];
  CHECK(each->status().ok());
  return count;
}

void expect_nothing_beyond(const std::string& folder, const Audit& audit, Height tip) {
  auto keys = keys_on_disk(folder);
  EXPECT_EQ(keys['a'], audit.rows().size());
  EXPECT_EQ(keys['b'], tip.value() + 1);
  EXPECT_EQ(keys['t'], audit.transactions());
  EXPECT_EQ(keys['u'], audit.of_accounts());
  EXPECT_EQ(keys['m'], 2U);
  EXPECT_EQ(keys.size(), 5U);
}

TEST(ChainStoreDamage, KilledAtAnyMomentItHasEveryBlockThatWasCommittedAndNoHalfOne) {
  const FolderForTest folder;
  const std::string chain = folder / "chain";
  const std::uint64_t seed = std::random_device{}();
  std::mt19937_64 random(seed);
  Audit audit;
  std::uint64_t committed = 0;
  for (int round = 0; round < 25; ++round) {
    SCOPED_TRACE(testing::Message() << "seed " << seed << " round " << round);
    Child child(chain);
    // Every fifth is killed wherever it is, maybe while it opens the store.
    if (round % 5 != 4) child.wait_for_a_commit();
    ::usleep(static_cast<useconds_t>(random() % 250'000));
    child.kill();
    ASSERT_EQ(child.wait(), SIGKILL);
    committed = std::max(committed, child.last_height().value_or(0));
    Height tip;
    {
      const auto store = open_for_test(chain, kSmall);
      ASSERT_EQ(audit.follow(*store), "");
      if (store->empty()) continue;
      tip = store->tip().height;
      // At most the one commit that was under way is more than was reported.
      ASSERT_GE(tip.value(), committed);
      if (child.last_height()) {
        ASSERT_LE(tip.value(), committed + 1);
      }
    }
    expect_nothing_beyond(chain, audit, tip);
    committed = tip.value();
  }
  EXPECT_GT(committed, 100U);
  EXPECT_EQ(Audit().follow(*open_for_test(chain, kSmall)), "") << "seed " << seed;
}

TEST(ChainStoreDamage, EndsTheProcessWhenTheDiskIsFullAndOpensAgainWhole) {
  const FolderForTest folder;
  Child child(folder / "chain", "300000");
  EXPECT_EQ(child.wait(), SIGABRT);
  ASSERT_TRUE(child.last_height());
  const auto store = open_for_test(folder / "chain", kSmall);
  Audit audit;
  EXPECT_EQ(audit.follow(*store), "");
  EXPECT_GE(store->tip().height.value(), *child.last_height());
  EXPECT_LE(store->tip().height.value(), *child.last_height() + 1);
}

// A closed store with all its blocks in the log, and its tip.
Tip make_chain(const std::string& folder, int blocks) {
  std::mt19937_64 random(7);
  const auto store = open_for_test(folder);
  for (int i = 0; i < blocks; ++i) store->commit(random_block(random, *store).commit());
  return store->tip();
}

std::vector<std::string> files_of(const std::string& folder, const std::string& part) {
  std::vector<std::string> found;
  for (const auto& each : std::filesystem::directory_iterator(folder)) {
    if (each.path().filename().string().find(part) != std::string::npos) {
      found.push_back(each.path().string());
    }
  }
  std::ranges::sort(found);
  return found;
}

void flip_byte(const std::string& file, std::uint64_t at) {
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekg(static_cast<std::streamoff>(at));
  const int byte = stream.get();
  stream.seekp(static_cast<std::streamoff>(at));
  stream.put(static_cast<char>(byte ^ 0x40));
  CHECK(stream.good());
}

// Leaves in `copy` what is in `made`.
void replace_content(const FolderForTest& copy, const FolderForTest& made) {
  std::filesystem::remove_all(copy.path());
  std::filesystem::copy(made.path(), copy.path(), std::filesystem::copy_options::recursive);
}

TEST(ChainStoreDamage, ALogThatEndsInTheMiddleOfAWriteOpensAtTheBlockBefore) {
  const FolderForTest made;
  const Tip tip = make_chain(made / "chain", 100);
  std::mt19937_64 random(3);
  std::uint64_t lowest = tip.height.value();
  for (int i = 0; i < 40; ++i) {
    const FolderForTest copy;
    replace_content(copy, made);
    const std::string log = files_of(copy / "chain", ".log").back();
    const auto size = std::filesystem::file_size(log);
    std::filesystem::resize_file(log, size - random() % (i < 20 ? 3000 : size));
    const auto store = open_for_test(copy / "chain");
    Audit audit;
    ASSERT_EQ(audit.follow(*store), "");
    if (!store->empty()) lowest = std::min(lowest, store->tip().height.value());
  }
  EXPECT_LT(lowest, tip.height.value());
}

void expect_refused(const std::string& folder) {
  const auto store = ChainStore::open(folder);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().verdict, Verdict::storage_failed);
  EXPECT_THAT(store.error().where, StartsWith(folder + ": "));
  EXPECT_THAT(store.error().where, HasSubstr("orruption"));
}

TEST(ChainStoreDamage, ADamagedLogIsRefusedRatherThanCutShort) {
  const FolderForTest made;
  make_chain(made / "chain", 400);
  std::mt19937_64 random(4);
  for (int i = 0; i < 20; ++i) {
    const FolderForTest copy;
    replace_content(copy, made);
    const std::string log = files_of(copy / "chain", ".log").back();
    const auto size = std::filesystem::file_size(log);
    ASSERT_GT(size, std::size_t{200} << 10);
    // In the last 32 KiB a damaged length may look like a write that a crash cut off.
    const std::uint64_t at = random() % (size - (std::size_t{64} << 10));
    SCOPED_TRACE(at);
    flip_byte(log, at);
    expect_refused(copy / "chain");
  }
}

TEST(ChainStoreDamage, DamagedTablesOfContentsAreRefused) {
  const FolderForTest made;
  make_chain(made / "chain", 100);
  open_for_test(made / "chain");  // moves the log into a file
  for (const std::string part : {"MANIFEST", "CURRENT", ".sst"}) {
    SCOPED_TRACE(part);
    const FolderForTest copy;
    replace_content(copy, made);
    const auto files = files_of(copy / "chain", part);
    ASSERT_FALSE(files.empty());
    if (part == ".sst") {
      std::filesystem::resize_file(files.back(), std::filesystem::file_size(files.back()) / 2);
    } else {
      flip_byte(files.back(), 10);
    }
    expect_refused(copy / "chain");
  }
}

TEST(ChainStoreDamage, AMissingFileIsRefused) {
  const FolderForTest made;
  make_chain(made / "chain", 100);
  open_for_test(made / "chain");
  for (const std::string part : {"MANIFEST", ".sst"}) {
    SCOPED_TRACE(part);
    const FolderForTest copy;
    replace_content(copy, made);
    std::filesystem::remove(files_of(copy / "chain", part).back());
    const auto store = ChainStore::open(copy / "chain");
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().verdict, Verdict::storage_failed);
    EXPECT_THAT(store.error().where, StartsWith((copy / "chain") + ": "));
  }
}

// Rows that RocksDB reads without complaint and that are not the chain's: of another copy, changed
// by hand, or lost.
TEST(ChainStoreDamage, RowsThatTheLastBlockDoesNotCommitToAreRefused) {
  const FolderForTest made;
  make_chain(made / "chain", 20);
  const Rows rows = Audit::scanned(*open_for_test(made / "chain"));
  const auto& [slot, row] = *rows.begin();
  const std::string key = 'a' + std::string(slot.bytes());
  Bytes flipped = row;
  flipped.back() ^= 1;
  const std::string unused = 'a' + std::string(ledger::Slot(ledger::RowKind::nodes).bytes());
  using Damage = std::function<rocksdb::Status(rocksdb::DB&)>;
  const std::vector<Damage> damages = {
      [&](rocksdb::DB& it) { return it.Put({}, key, as_text(flipped)); },
      [&](rocksdb::DB& it) { return it.Delete({}, key); },
      [&](rocksdb::DB& it) { return it.Put({}, unused, "one more"); },
      [&](rocksdb::DB& it) { return it.Put({}, "a", "a row without a slot"); }};
  for (const Damage& damage : damages) {
    const FolderForTest copy;
    replace_content(copy, made);
    rocksdb::DB* raw = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open({}, copy / "chain", &raw).ok());
    const std::unique_ptr<rocksdb::DB> database(raw);
    ASSERT_TRUE(damage(*database).ok());
    ASSERT_TRUE(database->Close().ok());
    const auto store = ChainStore::open(copy / "chain");
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().verdict, Verdict::storage_failed);
    EXPECT_THAT(store.error().where, StartsWith((copy / "chain") + ": "));
    EXPECT_THAT(store.error().where, HasSubstr("row"));
  }
}

}  // namespace
}  // namespace intaglio::store
