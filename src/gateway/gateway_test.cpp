#include "gateway/gateway.h"

#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/ledger_for_test.h"

namespace intaglio::gateway {
namespace {

class GatewayTest : public ::testing::Test {
 protected:
  void SetUp() override { ledger_.start(); }

  Result<tx::Receipt> submit(Bytes transaction) {
    std::promise<Result<tx::Receipt>> answer;
    auto future = answer.get_future();
    ledger_.gateway().submit(std::move(transaction), [&answer](Result<tx::Receipt> receipt) {
      answer.set_value(std::move(receipt));
    });
    return future.get();
  }

  LedgerForTest ledger_{3, 3, 1000};
};

TEST_F(GatewayTest, ATransactionReachesTheChainOfItsPayersAddressAndNoOther) {
  const auto receipt = submit(ledger_.transfer(0, 2));
  ASSERT_TRUE(receipt.has_value()) << to_string(receipt.error());
  EXPECT_TRUE(receipt->accepted());
  EXPECT_EQ(receipt->chain, ChainId(2));
  EXPECT_EQ(ledger_.gateway().chain(ChainId(0))->tip().height, Height(0));
  EXPECT_EQ(ledger_.gateway().chain(ChainId(1))->tip().height, Height(0));
  EXPECT_EQ(ledger_.gateway().chain(ChainId(2))->tip().height, Height(1));
}

TEST_F(GatewayTest, LegsOnSeveralChainsAreHandedToEachOfThemAndToNoOther) {
  const auto leg = [&](std::uint16_t chain, std::uint64_t cents) {
    return ledger::Leg{{ChainId(chain), ledger_.account(0)}, kEuro, Amount(cents)};
  };
  const auto settle = [&](std::uint64_t cents) {
    tx::Transaction body = ledger_.body(0, 1);
    body.chains = {ChainId(1), ChainId(2)};
    body.operations = {
        tx::Settle{{.chain = ChainId(1),
                    .deadline = system_env().now() + seconds(600),
                    .legs = {leg(1, 7), leg(2, cents)},
                    .deliveries = {{{ChainId(1), ledger_.account(1)}, kEuro, Amount(7 + cents)}},
                    .nonce = system_env().random_id<ledger::SettlementNonce>(),
                    .memo = {}}}};
    return ledger_.sign(0, body);
  };
  const auto accepted = submit(settle(5));
  ASSERT_TRUE(accepted.has_value()) << to_string(accepted.error());
  EXPECT_TRUE(accepted->accepted());
  EXPECT_EQ(ledger_.gateway().find(accepted->tx).size(), 2U);
  EXPECT_EQ(ledger_.gateway().chain(ChainId(0))->tip().height, Height(0));
  EXPECT_EQ(ledger_.balance(0, 2).debits_posted, Amount(5));
  // One chain that refuses is the answer.
  const auto refused = submit(settle(100'000));
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(refused->chain, ChainId(2));
  EXPECT_EQ(refused->verdict, static_cast<std::uint16_t>(Verdict::insufficient_funds));
  EXPECT_EQ(ledger_.balance(0, 1).debits_posted, Amount(14));
}

TEST_F(GatewayTest, AReceiptIsDurableAndFoundByItsId) {
  const auto receipt = submit(ledger_.transfer(0, 1));
  ASSERT_TRUE(receipt.has_value());
  ledger_.close();
  ledger_.open();
  const auto found = ledger_.gateway().find(receipt->tx);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found.front().height, receipt->height);
  EXPECT_EQ(ledger_.balance(1, 1).credits_posted, Amount(1001));
}

TEST_F(GatewayTest, ARefusalThatUsesUpNoClientIdIsFoundByItsIdToo) {
  const ClientId client{};
  ASSERT_TRUE(submit(ledger_.transfer(0, 1, 1, client)));
  const auto conflict = submit(ledger_.transfer(0, 1, 2, client));
  ASSERT_TRUE(conflict.has_value());
  EXPECT_EQ(conflict->verdict, static_cast<std::uint16_t>(Verdict::conflict));
  const auto found = ledger_.gateway().find(conflict->tx);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(codec::encode_record(found.front()), codec::encode_record(*conflict));
  EXPECT_TRUE(ledger_.gateway().chain(ChainId(1))->transaction(found.front()).has_value());
}

TEST_F(GatewayTest, TheSameBytesTwiceGetOneReceipt) {
  const Bytes transaction = ledger_.transfer(0, 1);
  const auto first = submit(transaction);
  const auto second = submit(transaction);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->height, second->height);
  EXPECT_EQ(ledger_.balance(1, 1).credits_posted, Amount(1001));
}

TEST_F(GatewayTest, WhatIsWrongInItselfIsRefusedBeforeAnyBlock) {
  Bytes altered = ledger_.transfer(0, 1);
  altered.back() ^= 1;
  EXPECT_EQ(submit(altered).error().verdict, Verdict::bad_signature);
  EXPECT_EQ(submit(Bytes{1, 2, 3}).error().verdict, Verdict::bad_value);
  EXPECT_EQ(submit(Bytes(100'000, 0)).error().verdict, Verdict::too_large);
  EXPECT_EQ(submit(ledger_.transfer(0, 7)).error().verdict, Verdict::unknown_chain);
  const LedgerForTest other(1, 3, 1000);
  EXPECT_EQ(submit(other.transfer(0, 0)).error().verdict, Verdict::wrong_ledger);
  EXPECT_EQ(ledger_.gateway().chain(ChainId(1))->tip().height, Height(0));
}

TEST_F(GatewayTest, ADryRunSaysWhatWouldHappenAndChangesNothing) {
  EXPECT_TRUE(ledger_.gateway().dry_run(ledger_.transfer(0, 1)).has_value());
  Bytes too_much = ledger_.transfer(0, 1, 3);
  EXPECT_EQ(ledger_.gateway().dry_run(too_much).error(),
            (Refusal{Verdict::same_account, "operations[2].to"}));
  EXPECT_EQ(ledger_.gateway().chain(ChainId(1))->tip().height, Height(0));
}

TEST_F(GatewayTest, ManyAtOnceOnAllChainsConserveTheMoney) {
  constexpr int kEach = 100;
  std::vector<std::future<Result<tx::Receipt>>> answers;
  for (int i = 0; i < kEach; ++i) {
    for (std::uint16_t chain = 0; chain < 3; ++chain) {
      auto answer = std::make_shared<std::promise<Result<tx::Receipt>>>();
      answers.push_back(answer->get_future());
      ledger_.gateway().submit(
          ledger_.transfer(static_cast<std::size_t>(i) % 3, chain),
          [answer](Result<tx::Receipt> receipt) { answer->set_value(std::move(receipt)); });
    }
  }
  for (auto& answer : answers) {
    const auto receipt = answer.get();
    ASSERT_TRUE(receipt.has_value());
    EXPECT_TRUE(receipt->accepted());
  }
  for (std::uint16_t chain = 0; chain < 3; ++chain) {
    std::uint64_t sum = 0;
    for (std::size_t holder = 0; holder < 3; ++holder) {
      const auto row = ledger_.balance(holder, chain);
      sum += row.credits_posted.value() - row.debits_posted.value();
    }
    EXPECT_EQ(sum, 3000U) << "chain " << chain;
  }
}

TEST(Gateway, AnswersEverybodyWhenItStops) {
  LedgerForTest ledger(1, 3, 1000);
  int refused = 0;
  ledger.gateway().submit(ledger.transfer(0, 0),
                          [&](Result<tx::Receipt> receipt) { refused += receipt ? 0 : 1; });
  ledger.close();
  EXPECT_EQ(refused, 1);
}

TEST(Gateway, SaysBusyWhenItsQueueIsFull) {
  LedgerForTest ledger(1, 3, 1000);
  ledger.close();
  ledger.open({.max_waiting = 1});
  std::optional<Verdict> second;
  ledger.gateway().submit(ledger.transfer(0, 0), [](const Result<tx::Receipt>&) {});
  ledger.gateway().submit(ledger.transfer(0, 0), [&](const Result<tx::Receipt>& receipt) {
    second = receipt.error().verdict;
  });
  EXPECT_EQ(second, Verdict::busy);
}

}  // namespace
}  // namespace intaglio::gateway
