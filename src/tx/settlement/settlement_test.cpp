#include "tx/settlement/settlement.h"

#include <random>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "ledger/deadlines.h"
#include "tx/network_for_test.h"

namespace intaglio::tx {
namespace {

using ledger::Delivery;
using ledger::Leg;
using ledger::SettlementRow;
using ledger::Terms;

constexpr AssetId kGold = Network::kGold;

class Settlements : public ::testing::Test {
 protected:
  Address address(const std::string& name, std::uint16_t chain) {
    return network_.people().account_on(name, chain);
  }
  Leg leg(const std::string& name, std::uint16_t chain, std::uint64_t amount,
          AssetId asset = kEuro) {
    return {address(name, chain), asset, Amount(amount)};
  }
  Delivery delivery(const std::string& name, std::uint16_t chain, std::uint64_t amount,
                    AssetId asset = kEuro) {
    return {address(name, chain), asset, Amount(amount)};
  }
  // On that chain, good for a minute.
  Terms terms(std::uint16_t chain, std::vector<Leg> legs, std::vector<Delivery> deliveries) {
    std::ranges::sort(legs, {}, [](const Leg& each) { return std::pair(each.payer, each.asset); });
    std::ranges::sort(deliveries, {},
                      [](const Delivery& each) { return std::pair(each.to, each.asset); });
    return {.chain = ChainId(chain),
            .deadline = network_.now() + seconds(60),
            .legs = std::move(legs),
            .deliveries = std::move(deliveries),
            .nonce = system_env().random_id<ledger::SettlementNonce>(),
            .memo = "two of us"};
  }
  // What alice owes bob on chain 1, from her accounts on two chains.
  Terms short_on_one() {
    return terms(1, {leg("alice", 1, 1000), leg("alice", 2, 300)}, {delivery("bob", 1, 1300)});
  }
  // Bob's gold, of chain 2, for alice's money, of chain 1.
  Terms gold_for_money() {
    return terms(2, {leg("alice", 1, 700), leg("bob", 2, 40, kGold)},
                 {delivery("alice", 2, 40, kGold), delivery("bob", 2, 700)});
  }
  std::string settle(const std::string& by, std::uint16_t chain, const Terms& terms) {
    return network_.run(by, chain, {Settle{terms}});
  }
  std::string cancel(const std::string& by, std::uint16_t chain, const Terms& terms) {
    return network_.run(by, chain, {CancelSettlement{terms}});
  }
  std::optional<SettlementRow> row(const Terms& terms) {
    return network_.state(terms.chain.value()).find<SettlementRow>(ledger::settlement_id(terms));
  }
  std::string state(const Terms& terms) {
    const auto found = row(terms);
    if (!found) return "none";
    std::string name(codec::enum_name(found->state));
    if (!found->verdict) return name;
    return name + ' ' + std::string(describe(*verdict_from_number(*found->verdict)).name);
  }
  ledger::EntryRow entry(std::uint16_t chain, const ledger::OperationRef& ref) {
    return network_.state(chain).find<ledger::EntryRow>(ref).value();
  }

  Network network_{3};
};

TEST_F(Settlements, ABalanceShortOnOneChainIsToppedUpFromAnother) {
  const auto agreed = short_on_one();
  // One signature: the same bytes go to both chains.
  auto body = network_.people().transaction("alice", {Settle{agreed}});
  body.chains = {ChainId(1), ChainId(2)};
  const auto signed_once = network_.sign("alice", 1, body);
  for (const std::uint16_t chain : std::vector<std::uint16_t>{2, 1}) {
    const auto receipt = network_.run(chain, std::span(&signed_once, 1)).front();
    EXPECT_EQ(Network::text(receipt), "accepted");
    EXPECT_EQ(network_.spendable("bob", 1), 0U);
  }
  EXPECT_EQ(state(agreed), "open");
  EXPECT_EQ(network_.escrow(1), 1000U);
  EXPECT_EQ(network_.in_flight(2, 1), 300U);
  EXPECT_EQ(network_.relay(2, 1), "accepted");
  EXPECT_EQ(state(agreed), "delivered");
  EXPECT_EQ(network_.spendable("bob", 1), 1300U);
  EXPECT_EQ(network_.spendable("alice", 1), 0U);
  EXPECT_EQ(network_.spendable("alice", 2), 700U);
  EXPECT_EQ(network_.total(), 3000U);
  // No chain without a part in it has anything of it.
  EXPECT_FALSE(network_.next(1, 0));
  EXPECT_FALSE(network_.next(2, 0));
}

TEST_F(Settlements, AreEnteredInTheBooksOfAllWhoPayAndAreRefundable) {
  const auto agreed = short_on_one();
  const auto id = ledger::settlement_id(agreed);
  settle("alice", 1, agreed);
  settle("alice", 2, agreed);
  network_.relay_all();
  const auto paid = entry(2, ledger::leg_ref(id, 1));
  EXPECT_EQ(paid.kind, ledger::EntryKind::leg);
  EXPECT_EQ(paid.payee, network_.people().account("bob"));
  EXPECT_EQ(paid.other_chain, ChainId(1));
  EXPECT_FALSE(ledger::is_credit(paid, paid.payer));
  const auto payment = ledger::delivery_ref(id, 0);
  const auto got = entry(1, payment);
  EXPECT_EQ(got.kind, ledger::EntryKind::delivery);
  EXPECT_EQ(got.payer, network_.people().account("alice"));
  EXPECT_EQ(got.memo, "two of us");
  EXPECT_TRUE(ledger::is_credit(got, got.payee));
  // Where they met, the payer has an account too.
  EXPECT_EQ(network_.run("bob", 1, {Refund{payment, Amount(200)}}), "accepted");
  EXPECT_EQ(network_.spendable("alice", 1), 200U);
  EXPECT_EQ(network_.run("bob", 1, {Refund{payment, Amount(1101)}}),
            "refund_too_large operations[0].amount");
}

// What alice's account on one chain is short of, she brings herself from another.
TEST_F(Settlements, ThatPayTheirOwnPayerAreNotRefundable) {
  const auto agreed = terms(1, {leg("alice", 2, 300)}, {delivery("alice", 1, 300)});
  settle("alice", 2, agreed);
  network_.relay_all();
  EXPECT_EQ(network_.spendable("alice", 1), 1300U);
  const auto payment = ledger::delivery_ref(ledger::settlement_id(agreed), 0);
  EXPECT_EQ(network_.run("alice", 1, {Refund{payment, Amount(200)}}),
            "same_account operations[0].payment");
  EXPECT_EQ(network_.spendable("alice", 1), 1300U);
}

TEST_F(Settlements, DeliverAnAssetOfOneChainAgainstMoneyOfAnother) {
  const auto agreed = gold_for_money();
  EXPECT_EQ(settle("bob", 2, agreed), "accepted");
  EXPECT_EQ(network_.escrow(2, kGold), 40U);
  EXPECT_EQ(settle("alice", 1, agreed), "accepted");
  EXPECT_EQ(network_.spendable("alice", 2, kGold), 0U);
  EXPECT_EQ(network_.relay(1, 2), "accepted");
  EXPECT_EQ(network_.spendable("alice", 2, kGold), 40U);
  EXPECT_EQ(network_.spendable("bob", 2), 700U);
  EXPECT_EQ(network_.spendable("bob", 2, kGold), Network::kBobsGold - 40);
  EXPECT_EQ(network_.total(), 3000U);
  EXPECT_EQ(network_.total(kGold), 3 * Network::kBobsGold);
}

TEST_F(Settlements, BringDeliveriesHomeInASecondPacket) {
  const auto agreed = terms(0, {leg("alice", 1, 700), leg("bob", 2, 40, kGold)},
                            {delivery("alice", 1, 40, kGold), delivery("bob", 2, 700)});
  settle("alice", 1, agreed);
  settle("bob", 2, agreed);
  network_.relay_all();
  EXPECT_EQ(state(agreed), "delivered");
  EXPECT_EQ(network_.spendable("alice", 1, kGold), 40U);
  EXPECT_EQ(network_.spendable("bob", 2), 700U);
  EXPECT_EQ(network_.spendable("alice", 0, kGold), 0U);
  EXPECT_EQ(network_.spendable("bob", 0), 0U);
  EXPECT_EQ(network_.total(kGold), 3 * Network::kBobsGold);
}

TEST_F(Settlements, ADeliveryThatNobodyCanBeGivenAtHomeStaysWithItsBeneficiary) {
  // Dora has no account on chain 2.
  network_.people().key("dora");
  const Address dora = address("dora", 0);
  const RegisterKey known{.key = network_.people().key("dora"),
                          .role = ledger::Role::holder,
                          .valid_from = Millis(0),
                          .valid_until = Millis(UINT64_MAX),
                          .certificate = certificate_for_test(network_.people().key("dora")),
                          .account = {},
                          .chains = std::vector{ChainId(1)}};
  ASSERT_EQ(network_.run("authority", 0, {known}), "accepted");
  network_.relay_all();
  const auto agreed =
      terms(1, {leg("alice", 1, 10)}, {{{ChainId(2), dora.account}, kEuro, Amount(10)}});
  EXPECT_EQ(settle("alice", 1, agreed), "accepted");
  EXPECT_EQ(network_.in_flight(1, 2), 10U);
  network_.relay_all();
  EXPECT_EQ(network_.spendable("dora", 2), 0U);
  EXPECT_EQ(network_.spendable("dora", 1), 10U);
}

TEST_F(Settlements, ShortEverywhereMovesNothing) {
  const auto agreed =
      terms(1, {leg("alice", 1, 1001), leg("alice", 2, 1001)}, {delivery("bob", 1, 2002)});
  EXPECT_EQ(settle("alice", 1, agreed), "insufficient_funds operations[0].terms.legs[0].amount");
  EXPECT_EQ(settle("alice", 2, agreed), "insufficient_funds operations[0].terms.legs[1].amount");
  EXPECT_EQ(state(agreed), "none");
  EXPECT_FALSE(network_.next(2, 1));
  EXPECT_EQ(network_.spendable("alice", 1), 1000U);
  EXPECT_EQ(network_.spendable("alice", 2), 1000U);
}

TEST_F(Settlements, OneLegThatIsRefusedGivesTheOthersBackAtTheDeadline) {
  const auto agreed =
      terms(1, {leg("alice", 1, 400), leg("alice", 2, 1001)}, {delivery("bob", 1, 1401)});
  EXPECT_EQ(settle("alice", 1, agreed), "accepted");
  EXPECT_EQ(settle("alice", 2, agreed), "insufficient_funds operations[0].terms.legs[1].amount");
  EXPECT_EQ(network_.spendable("alice", 1), 600U);
  EXPECT_EQ(network_.escrow(1), 400U);
  network_.wait(seconds(60));
  network_.run(1, {});  // an empty block is enough
  EXPECT_EQ(state(agreed), "returned expired");
  EXPECT_EQ(network_.spendable("alice", 1), 1000U);
  const auto id = ledger::settlement_id(agreed);
  EXPECT_EQ(entry(1, ledger::leg_ref(id, 0)).refunded, Amount(400));
  EXPECT_EQ(entry(1, ledger::leg_ref(id, 0)).verdict, static_cast<std::uint16_t>(Verdict::expired));
  EXPECT_EQ(entry(1, ledger::returned_ref(id, 0)).of, ledger::leg_ref(id, 0));
}

TEST_F(Settlements, TheDeadlineSendsLegsHome) {
  const auto agreed = gold_for_money();
  settle("alice", 1, agreed);
  network_.relay_all();
  EXPECT_EQ(network_.escrow(2), 700U);
  network_.wait(seconds(60));
  network_.run(2, {});
  EXPECT_EQ(state(agreed), "returned expired");
  EXPECT_EQ(network_.in_flight(2, 1), 700U);
  network_.relay_all();
  EXPECT_EQ(network_.spendable("alice", 1), 1000U);
  EXPECT_EQ(entry(1, ledger::leg_ref(ledger::settlement_id(agreed), 0)).refunded, Amount(700));
}

TEST_F(Settlements, ALegThatArrivesTooLateGoesBack) {
  const auto agreed = gold_for_money();
  settle("alice", 1, agreed);
  network_.wait(seconds(60));
  EXPECT_EQ(network_.relay(1, 2), "accepted");
  EXPECT_EQ(state(agreed), "none");
  network_.relay_all();
  EXPECT_EQ(network_.spendable("alice", 1), 1000U);
  EXPECT_EQ(settle("bob", 2, agreed), "expired operations[0].terms.deadline");
}

TEST_F(Settlements, AreCancelledByAnyOfTheirPayers) {
  const auto agreed = gold_for_money();
  settle("alice", 1, agreed);
  network_.relay_all();
  EXPECT_EQ(cancel("erin", 2, agreed), "no_leg operations[0].terms.legs");
  EXPECT_EQ(cancel("bob", 2, agreed), "accepted");
  EXPECT_EQ(state(agreed), "returned settlement_cancelled");
  network_.relay_all();
  EXPECT_EQ(network_.spendable("alice", 1), 1000U);
  // It leaves a tombstone.
  EXPECT_EQ(settle("bob", 2, agreed), "settlement_closed operations[0].terms");
  EXPECT_EQ(cancel("bob", 2, agreed), "settlement_closed operations[0].terms");
}

TEST_F(Settlements, AreCancelledFromTheChainOfALeg) {
  const auto agreed = gold_for_money();
  settle("bob", 2, agreed);
  EXPECT_EQ(cancel("bob", 1, agreed), "no_leg operations[0].terms.legs");
  EXPECT_EQ(cancel("alice", 1, agreed), "accepted");
  EXPECT_EQ(network_.relay(1, 2), "accepted");
  EXPECT_EQ(state(agreed), "returned settlement_cancelled");
  EXPECT_EQ(network_.spendable("bob", 2, kGold), Network::kBobsGold);
}

TEST_F(Settlements, CancelledBeforeAnyLegCameTakeNoneIn) {
  const auto agreed = gold_for_money();
  EXPECT_EQ(cancel("bob", 2, agreed), "accepted");
  EXPECT_EQ(settle("alice", 1, agreed), "accepted");
  network_.relay_all();
  EXPECT_EQ(network_.spendable("alice", 1), 1000U);
  const auto back = entry(1, ledger::leg_ref(ledger::settlement_id(agreed), 0));
  EXPECT_EQ(back.verdict, static_cast<std::uint16_t>(Verdict::settlement_closed));
}

TEST_F(Settlements, DeliveredCannotBeCancelled) {
  const auto agreed = gold_for_money();
  settle("bob", 2, agreed);
  settle("alice", 1, agreed);
  network_.relay_all();
  EXPECT_EQ(cancel("alice", 2, agreed), "settlement_closed operations[0].terms");
  EXPECT_EQ(cancel("alice", 1, agreed), "accepted");
  network_.relay_all();
  EXPECT_EQ(state(agreed), "delivered");
  EXPECT_EQ(network_.spendable("bob", 2), 700U);
}

TEST_F(Settlements, ABeneficiaryFrozenMeanwhileSendsAllBack) {
  const auto agreed = gold_for_money();
  settle("bob", 2, agreed);
  settle("alice", 1, agreed);
  const SetAccountStatus frozen{network_.people().account("alice"), ledger::AccountStatus::frozen};
  ASSERT_EQ(network_.run("authority", 0, {frozen}), "accepted");
  EXPECT_EQ(network_.relay(0, 2), "accepted");
  EXPECT_EQ(network_.relay(1, 2), "accepted");
  EXPECT_EQ(state(agreed), "returned account_frozen");
  network_.relay_all();
  EXPECT_EQ(network_.spendable("alice", 1), 1000U);
  EXPECT_EQ(network_.spendable("bob", 2, kGold), Network::kBobsGold);
}

TEST_F(Settlements, NobodyToBePaidIsSaidBeforeAnythingMoves) {
  network_.people().key("nobody");
  const auto agreed = terms(1, {leg("alice", 1, 5)}, {delivery("nobody", 1, 5)});
  EXPECT_EQ(settle("alice", 1, agreed), "unknown_account operations[0].terms.deliveries[0].to");
  EXPECT_EQ(network_.spendable("alice", 1), 1000U);
}

TEST_F(Settlements, TakeEachLegOnce) {
  const auto agreed = gold_for_money();
  EXPECT_EQ(settle("alice", 1, agreed), "accepted");
  EXPECT_EQ(settle("alice", 1, agreed), "leg_paid operations[0].terms.legs[0]");
  EXPECT_EQ(settle("bob", 2, agreed), "accepted");
  EXPECT_EQ(settle("bob", 2, agreed), "leg_paid operations[0].terms.legs");
  EXPECT_EQ(settle("erin", 1, agreed), "no_leg operations[0].terms.legs");
  EXPECT_EQ(settle("alice", 0, agreed), "no_leg operations[0].terms.legs");
}

TEST_F(Settlements, OfOneAccountAreLimitedWhileTheyAreOpen) {
  auto params = params_for_test();
  params.max_open_settlements = 2;
  network_ = Network(3, 1000, params);
  const auto ask = [&](std::uint16_t chain) {
    return terms(1, {leg("alice", chain, 5), leg("bob", 1, 1, kGold)},
                 {delivery("alice", 1, 1, kGold), delivery("bob", 1, 5)});
  };
  const auto first = ask(1);
  EXPECT_EQ(settle("alice", 1, first), "accepted");
  EXPECT_EQ(settle("alice", 2, ask(2)), "accepted");
  network_.relay_all();
  const auto one_more = ask(1);
  EXPECT_EQ(settle("alice", 1, one_more), "too_many_settlements operations[0]." +
                                              codec::to_hex(network_.people().account("alice")));
  // From another chain it comes back.
  const auto from_there = ask(2);
  EXPECT_EQ(settle("alice", 2, from_there), "accepted");
  network_.relay_all();
  EXPECT_EQ(entry(2, ledger::leg_ref(ledger::settlement_id(from_there), 1)).verdict,
            static_cast<std::uint16_t>(Verdict::too_many_settlements));
  EXPECT_EQ(settle("bob", 1, first), "accepted");
  EXPECT_EQ(settle("alice", 1, one_more), "accepted");
  EXPECT_EQ(cancel("bob", 1, one_more), "accepted");
  EXPECT_EQ(settle("alice", 1, ask(1)), "accepted");
}

TEST_F(Settlements, AreForgottenWhenNothingCanAskForThemAnyMore) {
  const auto agreed = gold_for_money();
  settle("bob", 2, agreed);
  settle("alice", 1, agreed);
  network_.relay_all();
  network_.wait(seconds(61));
  network_.run(2, {});
  EXPECT_EQ(state(agreed), "delivered");
  network_.wait(ledger::default_params().max_validity);
  network_.run(2, {});
  EXPECT_EQ(state(agreed), "none");
  EXPECT_FALSE(ledger::first_deadline(network_.state(2)));
  EXPECT_EQ(settle("bob", 2, agreed), "expired operations[0].terms.deadline");
}

TEST_F(Settlements, DeadlinesAreJudgedBeforeTheBlocksTransactions) {
  const auto agreed = terms(1, {leg("alice", 1, 900), leg("bob", 2, 1, kGold)},
                            {delivery("alice", 1, 1, kGold), delivery("bob", 1, 900)});
  settle("alice", 1, agreed);
  EXPECT_EQ(network_.run("alice", 1, {network_.pay("bob", 1, 1000)}),
            "insufficient_funds operations[0].amount");
  network_.wait(seconds(60));
  EXPECT_EQ(network_.run("alice", 1, {network_.pay("bob", 1, 1000)}), "accepted");
}

TEST_F(Settlements, WhatTheirTermsMayNotSay) {
  const auto good = gold_for_money();
  const auto refused = [&](const auto& alter) {
    Terms altered = good;
    alter(altered);
    return settle("bob", 2, altered);
  };
  EXPECT_EQ(refused([](Terms& t) { t.legs.clear(); }), "missing_field operations[0].terms.legs");
  EXPECT_EQ(refused([](Terms& t) { t.deliveries.clear(); }),
            "missing_field operations[0].terms.deliveries");
  EXPECT_EQ(refused([](Terms& t) { std::swap(t.legs[0], t.legs[1]); }),
            "bad_value operations[0].terms.legs[1]");
  EXPECT_EQ(refused([](Terms& t) { t.legs.push_back(t.legs[1]); }),
            "bad_value operations[0].terms.legs[2]");
  EXPECT_EQ(refused([](Terms& t) { t.legs[0].amount = Amount(0); }),
            "bad_value operations[0].terms.legs[0].amount");
  EXPECT_EQ(refused([](Terms& t) { t.legs[0].amount = Amount(701); }),
            "bad_value operations[0].terms.deliveries");
  EXPECT_EQ(refused([](Terms& t) { t.legs.resize(17, t.legs[0]); }),
            "too_large operations[0].terms.legs");
  EXPECT_EQ(refused([](Terms& t) { t.memo = std::string(141, 'x'); }),
            "too_large operations[0].terms.memo");
  EXPECT_EQ(refused([&](Terms& t) { t.deadline = network_.now(); }),
            "expired operations[0].terms.deadline");
  EXPECT_EQ(refused([&](Terms& t) { t.deadline = network_.now() + seconds(31UL * 24 * 3600); }),
            "bad_value operations[0].terms.deadline");
  EXPECT_EQ(refused([](Terms& t) { t.deliveries[1].to.chain = ChainId(9); }),
            "unknown_chain operations[0].terms.deliveries[1].to");
  EXPECT_EQ(refused([](Terms& t) { t.chain = ChainId(9); }),
            "unknown_chain operations[0].terms.chain.9");
  EXPECT_EQ(refused([](Terms& t) {
              for (auto& each : t.legs) each.asset = AssetId(1);
              t.legs[0].amount = Amount(40);
              t.deliveries = {{t.legs[1].payer, AssetId(1), Amount(80)}};
            }),
            "unknown_asset operations[0].terms.deliveries[0].asset");
}

TEST_F(Settlements, OnlyTheyAreSignedOnceForSeveralChains) {
  auto body = network_.people().transaction("alice", {network_.pay("bob", 1, 1)});
  body.chains = {ChainId(1), ChainId(2)};
  EXPECT_EQ(network_.run_as("alice", 1, body), "bad_value operations[0]");
  body = network_.people().transaction("alice", {Settle{short_on_one()}});
  body.chains = {ChainId(1), ChainId(1)};
  EXPECT_EQ(network_.run_as("alice", 1, body), "bad_value chains[1]");
}

// What an honest chain never sends changes nothing, and money that it brings goes back.
TEST_F(Settlements, LegsThatTheirTermsDoNotHaveAreSentBack) {
  const auto agreed = gold_for_money();
  ledger::MemoryState state;
  const ledger::EmptyView nothing;
  ledger::Stage genesis(&nothing);
  genesis.put<ledger::NodesRow>(ChainId(1), {});
  genesis.put<ledger::NodesRow>(ChainId(2), {});
  state.apply(genesis.changes());
  const Block block{.ledger = {},
                    .chain = ChainId(2),
                    .height = Height(1),
                    .time = network_.now(),
                    .params = params_for_test()};
  const auto receive = [&](const Terms& terms, std::uint16_t leg) {
    ledger::Stage stage(&state);
    receive_packet(stage, block, ChainId(1), 0, ledger::LegPacket{terms, leg});
    const auto back = stage.find<ledger::PacketRow>({ChainId(1), 0});
    if (!back) return std::string(stage.changes().empty() ? "nothing" : "kept");
    const auto& packet = std::get<ledger::RefundPacket>(back->packet);
    return std::string(describe(*verdict_from_number(*packet.verdict)).name);
  };
  EXPECT_EQ(receive(agreed, 2), "nothing");
  EXPECT_EQ(receive(agreed, 300), "nothing");
  EXPECT_EQ(receive(agreed, 1), "wrong_chain");  // bob's leg is of chain 2
  Terms unequal = agreed;
  unequal.legs[0].amount = Amount(1);
  EXPECT_EQ(receive(unequal, 0), "bad_value");
  Terms long_list = agreed;
  long_list.legs.resize(400, agreed.legs[0]);
  EXPECT_EQ(receive(long_list, 399), "nothing");
  EXPECT_EQ(receive(agreed, 0), "unknown_account");  // nobody to deliver to
}

// As long as they can be, in number and terms: each group of packets fits into one transaction.
TEST_F(Settlements, ManyLegsWithLongTermsTravelInGroupsThatFit) {
  std::vector<Leg> legs;
  std::vector<Delivery> deliveries;
  for (std::uint8_t i = 0; i < 15; ++i) {
    AccountId stranger;
    stranger.writable()[0] = i;
    legs.push_back({{ChainId(0), stranger}, kEuro, Amount(UINT64_MAX / 20)});
    deliveries.push_back({{ChainId(0), stranger}, kEuro, Amount(UINT64_MAX / 20)});
  }
  legs.push_back(leg("alice", 1, 1));
  deliveries.push_back(delivery("bob", 2, 1));
  std::vector<VerifiedTransaction> block;
  for (int i = 0; i < 64; ++i) {
    auto agreed = terms(2, legs, deliveries);
    agreed.memo = std::string(140, 'x');
    block.push_back(network_.sign("alice", 1, {Settle{agreed}}));
  }
  for (const auto& receipt : network_.run(1, block)) {
    ASSERT_EQ(Network::text(receipt), "accepted");
  }
  std::size_t packets = 0;
  while (auto delivery = network_.next(1, 2)) {
    packets += delivery->group->packets.size();
    const auto transaction = network_.sign("node", 2, {*delivery});
    ASSERT_LE(transaction->encoded.size(), Transaction::kMaxBytes);
    ASSERT_EQ(Network::text(network_.run(2, std::span(&transaction, 1)).front()), "accepted");
  }
  EXPECT_EQ(packets, 64U);
}

// Two payments that together are more than there is compete for the money on chain 1: whatever the
// schedule, one of them is paid and what the other one brought comes back.
TEST_F(Settlements, OfTwoThatCompeteExactlyOneWinsInAThousandSchedules) {
  struct Step {
    std::size_t payment;
    std::uint16_t chain;
  };
  std::array<int, 2> wins{};
  for (unsigned seed = 0; seed < 1000; ++seed) {
    SCOPED_TRACE(seed);
    std::minstd_rand chance(seed + 1);
    network_ = Network(3);
    const std::vector<Terms> asked{
        terms(0, {leg("alice", 0, 600), leg("alice", 1, 600)}, {delivery("bob", 0, 1200)}),
        terms(0, {leg("alice", 1, 600), leg("alice", 2, 600)}, {delivery("bob", 0, 1200)})};
    std::vector<Step> steps{{0, 0}, {0, 1}, {1, 1}, {1, 2}};
    std::ranges::shuffle(steps, chance);
    int accepted = 0;
    for (const Step& step : steps) {
      accepted += settle("alice", step.chain, asked[step.payment]) == "accepted" ? 1 : 0;
      if (chance() % 2 == 0) network_.relay(static_cast<std::uint16_t>(1 + chance() % 2), 0);
    }
    ASSERT_EQ(accepted, 3);
    network_.relay_all();
    ASSERT_EQ(network_.spendable("bob", 0), 1200U);
    for (std::size_t i = 0; i < 2; ++i) wins[i] += state(asked[i]) == "delivered" ? 1 : 0;
    network_.wait(seconds(60));
    network_.run(0, {});
    network_.relay_all();
    ASSERT_EQ(network_.spendable("bob", 0), 1200U);
    ASSERT_EQ(network_.spendable("alice", 0) + network_.spendable("alice", 1) +
                  network_.spendable("alice", 2),
              1800U);
  }
  EXPECT_EQ(wins[0] + wins[1], 1000);
  EXPECT_GT(wins[0], 0);
  EXPECT_GT(wins[1], 0);
}

// Whatever is agreed, paid, cancelled, relayed and waited for in whatever order: each settlement
// ends delivered or returned, and nothing is lost or made.
RC_GTEST_PROP(SettlementsProperty, EndDeliveredOrReturnedAndMoneyIsSomewhereAtEveryMoment, ()) {
  constexpr std::uint16_t kChains = 3;
  Network network(kChains);
  World& people = network.people();
  const auto any_chain = rc::gen::inRange<std::uint16_t>(0, kChains);
  const auto any_person = rc::gen::element<std::string>("alice", "bob", "erin");
  std::vector<Terms> agreed;
  const auto agree = [&] {
    const Amount money(*rc::gen::inRange<std::uint64_t>(1, 600));
    const Amount gold(*rc::gen::inRange<std::uint64_t>(1, 300));
    const Address payer = people.account_on("alice", *any_chain);
    const Address seller = people.account_on("bob", *any_chain);
    Terms terms{.chain = ChainId(*any_chain),
                .deadline = network.now() + seconds(*rc::gen::inRange<std::uint64_t>(1, 60)),
                .legs = {{payer, kEuro, money}, {seller, kGold, gold}},
                .deliveries = {{people.account_on("alice", *any_chain), kGold, gold},
                               {people.account_on(*any_person, *any_chain), kEuro, money}},
                .nonce = system_env().random_id<ledger::SettlementNonce>(),
                .memo = {}};
    std::ranges::sort(terms.legs, {}, &Leg::payer);
    std::ranges::sort(terms.deliveries, {},
                      [](const Delivery& each) { return std::pair(each.to, each.asset); });
    agreed.push_back(std::move(terms));
  };
  const int steps = *rc::gen::inRange(1, 60);
  for (int i = 0; i < steps; ++i) {
    const auto chain = *any_chain;
    const auto other = *any_chain;
    if (agreed.empty()) agree();
    const Terms& one = *rc::gen::elementOf(agreed);
    switch (*rc::gen::inRange(0, 8)) {
      case 0: agree(); break;
      case 1:
      case 2: network.run("alice", chain, {Settle{one}}); break;
      case 3:
      case 4: network.run("bob", chain, {Settle{one}}); break;
      case 5: network.run(*any_person, chain, {CancelSettlement{one}}); break;
      case 6: network.wait(seconds(*rc::gen::inRange<std::uint64_t>(0, 20))); break;
      default:
        if (chain != other) RC_ASSERT(network.relay(chain, other) != "packet_gap");
    }
    RC_ASSERT(network.total() == 1000U * kChains);
    RC_ASSERT(network.total(kGold) == Network::kBobsGold * kChains);
  }
  network.relay_all();
  network.wait(seconds(60));
  for (std::uint16_t i = 0; i < kChains; ++i) network.run(i, {});
  network.relay_all();
  for (std::uint16_t i = 0; i < kChains; ++i) {
    RC_ASSERT(network.escrow(i) == 0U);
    RC_ASSERT(network.escrow(i, kGold) == 0U);
  }
  RC_ASSERT(network.total() == 1000U * kChains);
  RC_ASSERT(network.total(kGold) == Network::kBobsGold * kChains);
}

}  // namespace
}  // namespace intaglio::tx
