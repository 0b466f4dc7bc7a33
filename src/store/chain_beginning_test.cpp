#include <gtest/gtest.h>

#include "base/folder_for_test.h"
#include "store/blocks_for_test.h"

namespace intaglio::store {
namespace {

class ChainBeginning : public ::testing::Test {
 protected:
  ChainBeginning() { open(); }
  void open() {
    store_.reset();
    store_ = open_for_test(folder_ / "chain");
    if (store_->empty()) commit(Height(0), genesis_);
  }
  void commit(Height height, const Rows& rows) {
    ledger::ChangeSet changes;
    for (const auto& [slot, row] : rows) changes[slot] = {store_->get(slot), row};
    store_->commit({.height = height,
                    .time = Millis(height.value()),
                    .block = {},
                    .header = {},
                    .blob = as_bytes("block"),
                    .results = {},
                    .rows = changes,
                    .tree = store_->tree().with(changes),
                    .transactions = {}});
  }
  static ledger::Slot slot(std::uint32_t number) {
    return ledger::Slot(ledger::RowKind::balance).put(number);
  }
  static Rows rows(std::uint32_t from, std::uint32_t to, std::uint8_t value) {
    Rows out;
    for (std::uint32_t i = from; i < to; ++i) out[slot(i)] = Bytes(100, value);
    return out;
  }
  static Digest root_of(const Rows& rows) {
    std::vector<ledger::StateLeaf> leaves;
    for (const auto& [slot, row] : rows) leaves.push_back(ledger::state_leaf(slot, row));
    return ledger::StateTree::of(std::move(leaves)).root();
  }
  static Beginning beginning(Height height, const Rows& rows) {
    return {.tip = {height, Millis(7), {}, root_of(rows)},
            .genesis = {},
            .headers = {{Height(height.value() - 2), {2}}, {height, {1}}}};
  }
  Result<void> go_on_from(const Beginning& beginning, const Rows& rows) {
    return store_->go_on_from(beginning, [&](const ChainStore::TakeRow& take) -> Result<void> {
      for (const auto& [slot, row] : rows) take(slot, row);
      return {};
    });
  }

  const FolderForTest folder_;
  const Rows genesis_ = rows(0, 30, 1);
  std::unique_ptr<ChainStore> store_;
};

TEST_F(ChainBeginning, AStoreGoesOnFromAStateWhileItIsOpen) {
  store_->put_note("mine", Bytes{9});
  for (const auto& [slot, row] : genesis_) EXPECT_EQ(store_->get(slot), row);  // cached
  EXPECT_EQ(store_->get(slot(50)), std::nullopt);
  auto before = store_->snapshot();
  // Some rows are the same, some others, some gone, some new.
  Rows state = rows(20, 25, 1);
  state.merge(rows(10, 15, 2));
  state.merge(rows(40, 2000, 3));
  ASSERT_TRUE(go_on_from(beginning(Height(9), state), state));
  EXPECT_EQ(before->get(slot(0)), genesis_.at(slot(0))) << "as of then";
  before.reset();
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(Audit::scanned(*store_), state);
    for (std::uint32_t i = 0; i < 60; ++i) {
      const auto row = state.find(slot(i));
      EXPECT_EQ(store_->get(slot(i)).has_value(), row != state.end()) << i;
    }
    EXPECT_EQ(store_->tip().height, Height(9));
    EXPECT_EQ(store_->tree().root(), root_of(state));
    EXPECT_EQ(store_->kept_from(), Height(10));
    EXPECT_EQ(store_->header(Height(9)), Bytes{1});
    EXPECT_EQ(store_->header(Height(7)), Bytes{2});
    EXPECT_EQ(store_->header(Height(8)), std::nullopt);
    EXPECT_EQ(store_->block(Height(0)), to_bytes(as_bytes("block")));
    EXPECT_EQ(store_->note("mine"), Bytes{9});
    open();
  }
  // From a later and from an earlier one, until there is a block of its own.
  const Rows later = rows(5, 8, 4);
  ASSERT_TRUE(go_on_from(beginning(Height(20), later), later));
  ASSERT_TRUE(go_on_from(beginning(Height(5), state), state));
  EXPECT_EQ(Audit::scanned(*store_), state);
  commit(Height(6), rows(0, 1, 5));
  open();
  EXPECT_EQ(store_->tip().height, Height(6));
  EXPECT_EQ(store_->header(Height(20)), std::nullopt);
  EXPECT_EQ(store_->get(slot(0)), Bytes(100, 5));
}

TEST_F(ChainBeginning, AStateThatIsRefusedLeavesTheStoreAsItWas) {
  const Rows state = rows(10, 100, 2);
  const auto unchanged = [&] {
    EXPECT_EQ(Audit::scanned(*store_), genesis_);
    EXPECT_EQ(store_->tip().height, Height(0));
    EXPECT_EQ(store_->kept_from(), Height(1));
  };
  auto other = beginning(Height(9), state);
  other.tip.state = {};
  EXPECT_EQ(go_on_from(other, state).error().verdict, Verdict::bad_proof);
  unchanged();
  const auto half = store_->go_on_from(beginning(Height(9), state),
                                       [&](const ChainStore::TakeRow& take) -> Result<void> {
                                         take(slot(10), Bytes(100, 2));
                                         return refuse(Verdict::file_failed);
                                       });
  EXPECT_EQ(half.error().verdict, Verdict::file_failed);
  unchanged();
  open();
  unchanged();
  commit(Height(1), rows(0, 1, 5));
  EXPECT_EQ(store_->tip().height, Height(1));
}

}  // namespace
}  // namespace intaglio::store
