#include "gateway/gateway.h"

#include <future>
#include <latch>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/result_for_test.h"
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

// Acceptance 1 and 2 of the chains: a transaction reaches the accounting node and the consensus
// nodes of each chain that it has a part on, byte for byte, and no byte of it any other node.
TEST(Routing, ATransactionReachesTheNodesOfItsChainsAndNoOtherNode) {
  constexpr std::uint16_t kChains = 4;
  constexpr std::size_t kNodes = 2;
  LedgerForTest ledger(kChains, 3, 1000, kNodes);
  std::mutex mutex;
  std::map<ChainId, std::vector<Bytes>> heard;  // by each chain's nodes, beside those that run
  for (std::uint16_t chain = 0; chain < kChains; ++chain) {
    for (std::size_t i = 0; i < kNodes; ++i) {
      ledger.listen(chain, [&, chain](Bytes transaction) {
        const std::lock_guard lock(mutex);
        heard[ChainId(chain)].push_back(std::move(transaction));
      });
    }
  }
  ledger.replace_gateway();
  ledger.start();
  const auto settle = [&](Bytes transaction) {
    std::promise<Result<tx::Receipt>> answer;
    ledger.gateway().submit(std::move(transaction), [&](Result<tx::Receipt> receipt) {
      answer.set_value(std::move(receipt));
    });
    return must(answer.get_future().get());
  };
  std::map<ChainId, std::vector<Bytes>> expected;
  for (std::uint16_t chain = 0; chain < kChains; ++chain) {
    const Bytes transaction = ledger.transfer(0, chain);
    expected[ChainId(chain)].assign(kNodes, transaction);
    EXPECT_EQ(settle(transaction).chain, ChainId(chain));
  }
  // One with legs on two chains is heard on both of them alone.
  tx::Transaction body = ledger.body(0, 1);
  body.chains = {ChainId(1), ChainId(3)};
  const Bytes both = ledger.sign(0, body);
  std::promise<void> answered;
  ledger.gateway().submit(both, [&](const Result<tx::Receipt>&) { answered.set_value(); });
  answered.get_future().wait();

  const std::lock_guard lock(mutex);
  EXPECT_EQ(heard, expected);
  for (std::uint16_t chain = 0; chain < kChains; ++chain) {
    const auto* accounting = ledger.gateway().chain(ChainId(chain));
    EXPECT_EQ(accounting->tip().height, Height(1)) << "what it executed is its own transaction";
  }
}

// Acceptance 3: no chain is done with its block before every chain is at its own. If one waited for
// another to be executed, none of them would ever be done.
TEST(Routing, ChainsExecuteAtTheSameTime) {
  constexpr std::uint16_t kChains = 4;
  LedgerForTest ledger(kChains, 3, 1000, 1);
  std::latch meeting(kChains);
  for (std::uint16_t chain = 0; chain < kChains; ++chain) {
    ledger.sequencer(chain).on_block([&](const chain::Finalized&) { meeting.arrive_and_wait(); });
  }
  ledger.start();
  std::latch answered(kChains);
  for (std::uint16_t chain = 0; chain < kChains; ++chain) {
    ledger.gateway().submit(ledger.transfer(0, chain), [&](const Result<tx::Receipt>& receipt) {
      EXPECT_TRUE(receipt && receipt->accepted());
      answered.count_down();
    });
  }
  answered.wait();
}

// Acceptance 11: a gateway that dies with transactions half-way, and a client that sends them all
// again to the next one.
TEST(Routing, AGatewayKilledMidwayLosesNothingThatIsSentAgain) {
  constexpr std::size_t kTransactions = 200;
  LedgerForTest ledger(2, 3, 1000, 1);
  std::vector<Bytes> transactions;
  for (std::size_t i = 0; i < kTransactions; ++i) {
    transactions.push_back(ledger.transfer(0, static_cast<std::uint16_t>(i % 2)));
  }
  ledger.start();
  const auto forget = [](const Result<tx::Receipt>&) {};
  for (std::size_t i = 0; i < 120; ++i) ledger.gateway().submit(transactions[i], forget);
  ledger.replace_gateway();  // what that one had handed on is in blocks or on its way
  for (std::size_t i = 80; i < 160; ++i) ledger.gateway().submit(transactions[i], forget);
  ledger.replace_gateway();  // and what this one had taken in is forgotten
  ledger.gateway().start();
  std::latch settled(kTransactions);
  for (const Bytes& each : transactions) {
    ledger.gateway().submit(each, [&](const Result<tx::Receipt>& receipt) {
      EXPECT_TRUE(receipt && receipt->accepted());
      settled.count_down();
    });
  }
  settled.wait();
  for (std::uint16_t chain = 0; chain < 2; ++chain) {
    EXPECT_EQ(ledger.balance(0, chain).debits_posted, Amount(kTransactions / 2));
  }
}

// A whole node of chains with consensus nodes under load: all of them have the same blocks.
TEST(Routing, ConsensusNodesHaveTheSameBlocks) {
  for (const std::size_t consensus : {1U, 3U}) {
    LedgerForTest ledger(2, 3, 1000, consensus);
    ledger.start();
    constexpr std::size_t kTransactions = 300;
    std::latch settled(kTransactions);
    for (std::size_t i = 0; i < kTransactions; ++i) {
      ledger.gateway().submit(ledger.transfer(i % 3, static_cast<std::uint16_t>(i % 2)),
                              [&](const Result<tx::Receipt>& receipt) {
                                EXPECT_TRUE(receipt && receipt->accepted());
                                settled.count_down();
                              });
    }
    settled.wait();
    ledger.close();
    ledger.open();
    ledger.start();
    for (std::uint16_t chain = 0; chain < 2; ++chain) {
      const auto* accounting = ledger.gateway().chain(ChainId(chain));
      const auto header = accounting->stored_header(accounting->tip().height);
      EXPECT_GE(header.proof.cosignatures.size(), consensus / 2 + 1);
      EXPECT_EQ(header.consensus, consensus);
      for (const auto* replica : ledger.replicas(chain)) {
        while (replica->tip() != accounting->tip()) std::this_thread::yield();
      }
    }
  }
}

}  // namespace
}  // namespace intaglio::gateway
