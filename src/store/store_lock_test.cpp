#include "store/store_lock.h"

#include <gtest/gtest.h>

#include "base/folder_for_test.h"
#include "base/result_for_test.h"
#include "store/chain_store.h"
#include "store/record_store.h"

namespace intaglio::store {
namespace {

TEST(StoreLock, KeepsOthersOutAsLongAsItIsHeld) {
  const FolderForTest folder;
  must(RecordStore::open(folder / "records"));
  {
    const auto lock = must(StoreLock::take(folder / "records"));
    EXPECT_EQ(verdict_of(RecordStore::open(folder / "records")), Verdict::folder_taken);
    EXPECT_EQ(verdict_of(StoreLock::take(folder / "records")), Verdict::folder_taken);
  }
  const auto open = must(RecordStore::open(folder / "records"));
  EXPECT_EQ(verdict_of(StoreLock::take(folder / "records")), Verdict::folder_taken);
  EXPECT_EQ(verdict_of(StoreLock::take(folder / "none")), Verdict::storage_failed);
}

TEST(StoreLock, LeavesTheTipToBeReadByWhoHasIt) {
  const FolderForTest folder;
  must(ChainStore::open(folder / "chain"));
  const auto lock = must(StoreLock::take(folder / "chain"));
  EXPECT_FALSE(must(ChainStore::tip_in(folder / "chain")));
  EXPECT_EQ(verdict_of(ChainStore::tip_in(folder / "none")), Verdict::storage_failed);
}

}  // namespace
}  // namespace intaglio::store
