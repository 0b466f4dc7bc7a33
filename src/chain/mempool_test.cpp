#include "chain/mempool.h"

#include <gtest/gtest.h>

#include "tx/world_for_test.h"

namespace intaglio::chain {
namespace {

using std::chrono::milliseconds;

class MempoolTest : public ::testing::Test {
 protected:
  Result<void> add(Mempool& to) {
    return to.add(world_.sign("alice", world_.transaction("alice", {world_.pay("bob", 1)})),
                  [this](const Result<tx::Receipt>& receipt) {
                    answers_.push_back(receipt ? Verdict::accepted : receipt.error().verdict);
                  });
  }
  static Moment at(milliseconds steady, Millis wall = {}, Millis tip = {}) {
    return {SteadyTime(steady), wall, tip};
  }

  tx::World world_;
  std::vector<Verdict> answers_;
};

TEST_F(MempoolTest, NothingIsDueBeforeATransactionComes) {
  Mempool mempool({});
  EXPECT_EQ(mempool.due_in(at(milliseconds(7))), std::nullopt);
  ASSERT_TRUE(add(mempool));
  EXPECT_TRUE(mempool.is_sooner());
  EXPECT_LE(mempool.due_in(at(milliseconds(7)))->count(), 0);
}

TEST_F(MempoolTest, ABlockOfSeveralLetsTheNextOneGatherUntilEnoughWait) {
  Mempool mempool({.gather = milliseconds(5), .enough = 3});
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(add(mempool));
  EXPECT_EQ(mempool.take(SteadyTime(milliseconds(10))).transactions.size(), 2U);
  ASSERT_TRUE(add(mempool));
  EXPECT_EQ(mempool.due_in(at(milliseconds(12))), milliseconds(3));
  ASSERT_TRUE(add(mempool));
  EXPECT_FALSE(mempool.is_sooner());
  EXPECT_EQ(mempool.due_in(at(milliseconds(12))), milliseconds(3));
  ASSERT_TRUE(add(mempool));
  EXPECT_TRUE(mempool.is_sooner());
  EXPECT_EQ(mempool.due_in(at(milliseconds(12))), milliseconds(0));
  // After a block of one the next one waits for nobody.
  mempool.take(SteadyTime(milliseconds(12)));
  ASSERT_TRUE(add(mempool));
  mempool.take(SteadyTime(milliseconds(20)));
  ASSERT_TRUE(add(mempool));
  EXPECT_EQ(mempool.due_in(at(milliseconds(20))), milliseconds(0));
}

TEST_F(MempoolTest, ABlockIsDueWhenADeadlineHasPassed) {
  Mempool mempool({});
  const Millis now(50'000);
  Moment moment = at(milliseconds(1), now, now);
  moment.deadline = now + Duration(500);
  EXPECT_EQ(mempool.due_in(moment), milliseconds(501));
  moment.wall = now + Duration(501);
  EXPECT_LE(mempool.due_in(moment)->count(), 0);
  // The beat may be sooner, and a deadline may be as far as it likes.
  Mempool beating({.beat = seconds(2)});
  moment.wall = now;
  moment.deadline = Millis(UINT64_MAX / 2);
  EXPECT_EQ(beating.due_in(moment), milliseconds(2000));
  EXPECT_GT(mempool.due_in(moment), milliseconds(1'000'000));
}

TEST_F(MempoolTest, ABeatIsDueByTheTimeOfTheLastBlock) {
  Mempool mempool({.beat = seconds(2)});
  const Millis tip(50'000);
  EXPECT_EQ(mempool.due_in(at(milliseconds(1), tip + Duration(500), tip)), milliseconds(1500));
  EXPECT_EQ(mempool.due_in(at(milliseconds(1), tip + seconds(3), tip)), milliseconds(0));
  EXPECT_TRUE(mempool.take(SteadyTime(milliseconds(1))).transactions.empty());
  // A clock that was put back.
  EXPECT_EQ(mempool.due_in(at(milliseconds(1), Millis(49'000), tip)), milliseconds(3000));
}

TEST_F(MempoolTest, ABlockTakesWhatItMayHoldInOrderAndAnswersEach) {
  Mempool mempool({.max_block_transactions = 2, .max_waiting = 3});
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(add(mempool));
  EXPECT_EQ(add(mempool).error().verdict, Verdict::busy);
  Batch batch = mempool.take({});
  EXPECT_EQ(mempool.size(), 1U);
  const auto receipts = world_.run(batch.transactions);
  batch.answer(receipts);
  EXPECT_EQ(answers_, (std::vector{Verdict::accepted, Verdict::accepted}));
  mempool.refuse_all(Verdict::shutting_down);
  EXPECT_EQ(mempool.size(), 0U);
  EXPECT_EQ(answers_.back(), Verdict::shutting_down);
}

}  // namespace
}  // namespace intaglio::chain
