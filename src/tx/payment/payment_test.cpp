#include "tx/payment/payment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tx/world_for_test.h"

namespace intaglio::tx {
namespace {

using ::testing::StartsWith;

Operation hold_for(World& world, const std::string& payee, std::uint64_t cents) {
  return Hold{.to = world.address(payee),
              .asset = kEuro,
              .amount = Amount(cents),
              .expires = world.now() + seconds(600)};
}

TEST(Transfer, MovesMoneyAndLeavesAnEntryInBothBooks) {
  World world;
  EXPECT_EQ(world.run("alice", {world.pay("bob", 250)}), "accepted");
  EXPECT_EQ(world.spendable("alice"), 750U);
  EXPECT_EQ(world.spendable("bob"), 250U);
  EXPECT_EQ(world.balance("alice").last_entry, world.last_operation());
  EXPECT_EQ(world.balance("bob").last_entry, world.last_operation());
}

TEST(Transfer, RefusesEachWithItsOwnVerdict) {
  World world;
  EXPECT_EQ(world.run("alice", {world.pay("bob", 1001)}),
            "insufficient_funds operations[0].amount");
  EXPECT_EQ(world.run("alice", {world.pay("alice", 1)}), "same_account operations[0].to");
  EXPECT_EQ(world.run("alice", {world.pay("nobody", 1)}), "unknown_account operations[0].to");
  EXPECT_EQ(world.run("alice", {world.pay("bob", 0)}), "bad_value operations[0].amount");
  Transfer other_chain = std::get<Transfer>(world.pay("bob", 1));
  other_chain.to.chain = ChainId(9);
  EXPECT_EQ(world.run("alice", {other_chain}), "unknown_chain operations[0].to.9");
  Hold held_elsewhere = std::get<Hold>(hold_for(world, "bob", 1));
  held_elsewhere.to.chain = ChainId(2);
  EXPECT_EQ(world.run("alice", {held_elsewhere}), "payee_on_other_chain operations[0].to");
  Transfer other_asset = std::get<Transfer>(world.pay("bob", 1));
  other_asset.asset = AssetId(840);
  EXPECT_THAT(world.run("alice", {other_asset}), StartsWith("unknown_asset"));
  EXPECT_EQ(world.spendable("alice"), 1000U);
}

TEST(Transfer, OfLessThanTheAssetsSmallestIsRefused) {
  World world({{"alice", 1000}, {"bob", 0}}, Amount(50));
  EXPECT_EQ(world.run("alice", {world.pay("bob", 49)}), "below_smallest operations[0].amount");
  EXPECT_EQ(world.run("alice", {world.pay("bob", 50)}), "accepted");
}

TEST(Transfer, LinkedOperationsAllHappenOrNone) {
  World world({{"alice", 1000}, {"bob", 0}, {"carol", 0}});
  EXPECT_EQ(world.run("alice", {world.pay("bob", 600), world.pay("carol", 401)}),
            "insufficient_funds operations[1].amount");
  EXPECT_EQ(world.spendable("alice"), 1000U);
  EXPECT_EQ(world.run("alice", {world.pay("bob", 600), world.pay("carol", 400)}), "accepted");
  EXPECT_EQ(world.spendable("carol"), 400U);
}

TEST(Refund, GivesBackUpToThePaymentAndNeverMore) {
  World world;
  world.run("alice", {world.pay("bob", 300)});
  const auto payment = world.last_operation();
  EXPECT_EQ(world.run("bob", {Refund{payment, Amount(100)}}), "accepted");
  EXPECT_EQ(world.run("bob", {Refund{payment, Amount(201)}}),
            "refund_too_large operations[0].amount");
  EXPECT_EQ(world.run("bob", {Refund{payment, Amount(200)}}), "accepted");
  EXPECT_EQ(world.run("bob", {Refund{payment, Amount(1)}}),
            "refund_too_large operations[0].amount");
  EXPECT_EQ(world.spendable("alice"), 1000U);
}

TEST(Refund, IsForThePayeeOfAPaymentThatExists) {
  World world;
  world.run("alice", {world.pay("bob", 300)});
  const auto payment = world.last_operation();
  EXPECT_EQ(world.run("alice", {Refund{payment, Amount(1)}}), "not_signer operations[0].payment");
  EXPECT_EQ(world.run("bob", {Refund{{payment.tx, 7}, Amount(1)}}),
            "unknown_payment operations[0].payment");
  world.run("bob", {Refund{payment, Amount(300)}});
  EXPECT_EQ(world.run("alice", {Refund{world.last_operation(), Amount(1)}}),
            "unknown_payment operations[0].payment");
}

TEST(Hold, KeepsMoneyFromBeingSpentUntilItIsCapturedInParts) {
  World world;
  EXPECT_EQ(world.run("alice", {hold_for(world, "bob", 800)}), "accepted");
  const auto hold = world.last_operation();
  EXPECT_EQ(world.run("alice", {world.pay("bob", 201)}), "insufficient_funds operations[0].amount");
  EXPECT_EQ(world.run("bob", {Capture{hold, Amount(300), false}}), "accepted");
  EXPECT_EQ(world.run("bob", {Capture{hold, Amount(501), false}}),
            "capture_too_large operations[0].amount");
  EXPECT_EQ(world.run("bob", {Capture{hold, Amount(100), true}}), "accepted");
  EXPECT_EQ(world.run("bob", {Capture{hold, Amount(1), false}}), "hold_closed operations[0].hold");
  EXPECT_EQ(world.spendable("alice"), 600U);
  EXPECT_EQ(world.spendable("bob"), 400U);
  EXPECT_EQ(world.balance("alice").debits_pending, Amount(0));
}

TEST(Hold, IsReleasedByThePayeeAndByTheChainOnceItHasExpired) {
  World world;
  world.run("alice", {hold_for(world, "bob", 800)});
  const auto first = world.last_operation();
  EXPECT_EQ(world.run("alice", {Release{first}}), "not_signer operations[0].hold");
  EXPECT_EQ(world.run("bob", {Release{first}}), "accepted");
  EXPECT_EQ(world.spendable("alice"), 1000U);

  world.run("alice", {hold_for(world, "bob", 800)});
  const auto second = world.last_operation();
  world.run("bob", {Capture{second, Amount(300), false}});
  world.wait(seconds(601));
  EXPECT_EQ(world.run("bob", {Capture{second, Amount(1), false}}),
            "hold_closed operations[0].hold");
  EXPECT_EQ(world.spendable("alice"), 700U);
  EXPECT_EQ(world.balance("alice").debits_pending, Amount(0));
  EXPECT_EQ(world.state().find<ledger::AccountRow>(world.account("alice"))->open_holds, 0);
}

TEST(Hold, IsCountedAgainstTheAccountsLimit) {
  World world;
  for (int i = 0; i < 64; ++i) {
    ASSERT_EQ(world.run("alice", {hold_for(world, "bob", 1)}), "accepted");
  }
  EXPECT_EQ(world.run("alice", {hold_for(world, "bob", 1)}), "too_many_holds operations[0].64");
}

TEST(Hold, CaptureCanBeRefundedLikeAnyPayment) {
  World world;
  world.run("alice", {hold_for(world, "bob", 800)});
  world.run("bob", {Capture{world.last_operation(), Amount(800), false}});
  EXPECT_EQ(world.run("bob", {Refund{world.last_operation(), Amount(800)}}), "accepted");
  EXPECT_EQ(world.spendable("alice"), 1000U);
}

}  // namespace
}  // namespace intaglio::tx
