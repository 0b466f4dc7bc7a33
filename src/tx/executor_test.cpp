#include "tx/executor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

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
