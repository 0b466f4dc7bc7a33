#include "tx/executor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "ledger/deadlines.h"
#include "ledger/laws.h"
#include "tx/world_for_test.h"

namespace intaglio::tx {
namespace {

std::string verdict_of(const Receipt& receipt) {
  return std::string(describe(*verdict_from_number(receipt.verdict)).name);
}

TEST(Executor, AReceiptIsFinalAndTheSameTransactionGetsItAgain) {
  World world;
  const auto transaction = world.sign("alice", world.transaction("alice", {world.pay("bob", 10)}));
  const auto first = world.run(transaction);
  const auto again = world.run(transaction);
  EXPECT_EQ(verdict_of(first), "accepted");
  EXPECT_EQ(again.height, first.height);
  EXPECT_EQ(again.index, first.index);
  EXPECT_EQ(world.spendable("bob"), 10U);
}

TEST(Executor, ARefusalIsFinalTooEvenWhenTheMoneyComesLater) {
  World world;
  const auto transaction = world.sign("bob", world.transaction("bob", {world.pay("alice", 10)}));
  EXPECT_EQ(verdict_of(world.run(transaction)), "insufficient_funds");
  world.run("alice", {world.pay("bob", 100)});
  EXPECT_EQ(verdict_of(world.run(transaction)), "insufficient_funds");
  EXPECT_EQ(world.spendable("bob"), 100U);
}

TEST(Executor, AClientIdWithAnotherBodyIsAConflictAndTheFirstReceiptStays) {
  World world;
  auto body = world.transaction("alice", {world.pay("bob", 10)});
  const auto first = world.sign("alice", body);
  world.run(first);
  body.operations = {world.pay("bob", 11)};
  EXPECT_EQ(verdict_of(world.run(world.sign("alice", body))), "conflict");
  EXPECT_EQ(verdict_of(world.run(first)), "accepted");
  EXPECT_EQ(world.spendable("bob"), 10U);
}

TEST(Executor, JudgesLedgerChainAndValidityByBlockTime) {
  World world;
  auto body = world.transaction("alice", {world.pay("bob", 10)});
  body.valid_until = world.now();
  EXPECT_EQ(verdict_of(world.run(world.sign("alice", body))), "expired");
  body = world.transaction("alice", {world.pay("bob", 10)});
  body.valid_until = world.now() + seconds(25 * 3600);
  EXPECT_EQ(verdict_of(world.run(world.sign("alice", body))), "valid_too_long");
  body = world.transaction("alice", {world.pay("bob", 10)});
  body.chains = {ChainId(2)};
  EXPECT_EQ(verdict_of(world.run(world.sign("alice", body))), "wrong_chain");
  body = world.transaction("alice", {world.pay("bob", 10)});
  body.ledger = {};
  EXPECT_EQ(verdict_of(world.run(world.sign("alice", body))), "wrong_ledger");
}

TEST(Executor, AStrangerCannotUseUpAnAccountsClientIds) {
  World world;
  auto body = world.transaction("alice", {world.pay("bob", 10)});
  EXPECT_EQ(verdict_of(world.run(world.sign("mallory", body))), "unknown_key");
  EXPECT_EQ(verdict_of(world.run(world.sign("bob", body))), "not_signer");
  // Nor with what would be refused for good whoever signed it.
  const auto whole = body.operations;
  body.operations.assign(ledger::default_params().max_operations + 1, world.pay("bob", 1));
  EXPECT_EQ(verdict_of(world.run(world.sign("bob", body))), "not_signer");
  body.operations = {world.pay("bob", 0)};
  EXPECT_EQ(verdict_of(world.run(world.sign("bob", body))), "not_signer");
  body.operations = whole;
  EXPECT_EQ(verdict_of(world.run(world.sign("alice", body))), "accepted");
}

TEST(Executor, TwoWhoCompeteForTheSameMoneyInOneBlockGetOneWinner) {
  World world;
  const std::vector<VerifiedTransaction> block = {
      world.sign("alice", world.transaction("alice", {world.pay("bob", 600)})),
      world.sign("alice", world.transaction("alice", {world.pay("bob", 600)}))};
  const auto receipts = world.run(block);
  EXPECT_EQ(verdict_of(receipts[0]), "accepted");
  EXPECT_EQ(verdict_of(receipts[1]), "insufficient_funds");
  EXPECT_EQ(world.spendable("bob"), 600U);
}

void change_params(World& world, const auto& change) {
  ledger::Stage stage(&world.state());
  auto params = *stage.find<ledger::ParamsRow>({});
  change(params);
  stage.put<ledger::ParamsRow>({}, params);
  world.state().apply(stage.changes());
}

std::uint32_t live(World& world, const std::string& name) {
  return world.state().find<ledger::AccountRow>(world.account(name))->live;
}

TEST(Executor, ForgetsReceiptsThatNobodyCanAskForAnyMore) {
  World world;
  const auto accepted = world.sign("alice", world.transaction("alice", {world.pay("bob", 10)}));
  const auto refused = world.sign("bob", world.transaction("bob", {world.pay("alice", 500)}));
  const ledger::ReceiptRow::Key key{world.account("alice"), accepted->body.client};
  world.run(accepted);
  EXPECT_EQ(verdict_of(world.run(refused)), "insufficient_funds");
  EXPECT_EQ(live(world, "alice"), 1U);
  EXPECT_EQ(live(world, "bob"), 1U);
  world.wait(seconds(60));
  world.run({});
  EXPECT_TRUE(world.state().find<ledger::ReceiptRow>(key));  // within the minute
  world.wait(seconds(60));
  world.run({});
  EXPECT_FALSE(world.state().find<ledger::ReceiptRow>(key));
  EXPECT_EQ(live(world, "alice"), 0U);
  EXPECT_EQ(live(world, "bob"), 0U);
  EXPECT_FALSE(ledger::first_deadline(world.state()));
  // It cannot be executed again.
  EXPECT_EQ(verdict_of(world.run(accepted)), "expired");
  EXPECT_EQ(verdict_of(world.run(refused)), "expired");
  EXPECT_EQ(world.spendable("bob"), 10U);
  EXPECT_FALSE(world.state().find<ledger::ReceiptRow>(key));
}

TEST(Executor, ForgetsManyReceiptsOverSeveralBlocks) {
  World world({{"alice", 100'000}, {"bob", 0}});
  change_params(world, [](auto& params) { params.max_in_block = 2000; });
  for (int block = 0; block < 3; ++block) {
    std::vector<VerifiedTransaction> transactions;
    for (int i = 0; i < 1500; ++i) {
      transactions.push_back(
          world.sign("alice", world.transaction("alice", {world.pay("bob", 1)})));
    }
    world.run(transactions);
  }
  EXPECT_EQ(live(world, "alice"), 4500U);
  world.wait(seconds(121));
  world.run({});
  EXPECT_EQ(live(world, "alice"), 500U);
  world.run({});
  EXPECT_EQ(live(world, "alice"), 0U);
}

TEST(Executor, AnAccountHasItsShareOfABlockAndNoMore) {
  World world;
  change_params(world, [](auto& params) { params.max_in_block = 2; });
  std::vector<VerifiedTransaction> block;
  for (int i = 0; i < 3; ++i) {
    block.push_back(world.sign("alice", world.transaction("alice", {world.pay("bob", 1)})));
  }
  block.push_back(world.sign("bob", world.transaction("bob", {world.pay("alice", 1)})));
  const auto receipts = world.run(block);
  EXPECT_EQ(verdict_of(receipts[1]), "accepted");
  EXPECT_EQ(verdict_of(receipts[2]), "account_busy");
  EXPECT_EQ(verdict_of(receipts[3]), "accepted");
  EXPECT_EQ(verdict_of(world.run(block[2])), "accepted");
}

TEST(Executor, AnAccountMayHaveSoMuchRememberedAndNoMore) {
  World world;
  change_params(world, [](auto& params) { params.max_live = 2; });
  EXPECT_EQ(world.run("alice", {world.pay("bob", 1)}), "accepted");
  EXPECT_EQ(world.run("alice", {world.pay("bob", 5000)}),
            "insufficient_funds operations[0].amount");
  EXPECT_EQ(world.run("alice", {world.pay("bob", 1)}), "account_full account");
  EXPECT_EQ(world.run("bob", {world.pay("alice", 1)}), "accepted");
  world.wait(seconds(121));
  EXPECT_EQ(world.run("alice", {world.pay("bob", 1)}), "accepted");
}

TEST(Executor, SameStateAndBlockGiveTheSameBytes) {
  World world;
  const auto transaction = world.sign("alice", world.transaction("alice", {world.pay("bob", 10)}));
  const BlockTime at{World::kChain, Height(1), kStart + seconds(1)};
  const auto one = execute_block(world.state(), world.ledger(), at, std::span(&transaction, 1));
  const auto two = execute_block(world.state(), world.ledger(), at, std::span(&transaction, 1));
  EXPECT_EQ(one.changes, two.changes);
}

// One random operation among a few people, right or wrong as chance has it.
Operation random_operation(World& world, const std::vector<ledger::OperationRef>& made) {
  const auto person = [] { return *rc::gen::element<std::string>("alice", "bob", "carol"); };
  const auto ref = [&made] {
    return made.empty() ? ledger::OperationRef{} : *rc::gen::elementOf(made);
  };
  const Amount amount(*rc::gen::inRange<std::uint64_t>(0, 400));
  switch (*rc::gen::inRange(0, 5)) {
    case 0: return Refund{ref(), amount};
    case 1: return Hold{world.address(person()), kEuro, amount, world.now() + seconds(30)};
    case 2: return Capture{ref(), amount, *rc::gen::arbitrary<bool>()};
    case 3: return Release{ref()};
    default: return world.pay(person(), amount.value());
  }
}

RC_GTEST_PROP(Laws, HoldOverAnyListOfTransactions, ()) {
  World world({{"alice", 1000}, {"bob", 500}, {"carol", 0}});
  std::vector<ledger::OperationRef> made;
  const int count = *rc::gen::inRange(1, 25);
  for (int i = 0; i < count; ++i) {
    std::vector<Operation> operations;
    const int linked = *rc::gen::inRange(1, 4);
    for (int k = 0; k < linked; ++k) operations.push_back(random_operation(world, made));
    const auto by = *rc::gen::element<std::string>("alice", "bob", "carol");
    if (world.run(by, operations) == "accepted") {
      for (int k = 0; k < linked; ++k) {
        made.push_back(world.last_operation(static_cast<std::uint16_t>(k)));
      }
    }
    if (*rc::gen::inRange(0, 5) == 0) world.wait(seconds(31));
  }
  // The executor stops the program when a law breaks; the sum over all is told apart from the laws.
  std::uint64_t total = 0;
  for (const auto* name : {"alice", "bob", "carol"}) {
    total += world.spendable(name) + world.balance(name).debits_pending.value();
  }
  RC_ASSERT(total == 1500U);
}

}  // namespace
}  // namespace intaglio::tx
