#include "tx/packet/packet.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "ledger/book.h"
#include "tx/network_for_test.h"

namespace intaglio::tx {
namespace {

ledger::EntryRow entry_of(const Network& network, std::uint16_t chain,
                          const ledger::OperationRef& ref) {
  return network.state(chain).find<ledger::EntryRow>(ref).value();
}

ledger::CreditPacket& credit_in(DeliverPackets& delivery) {
  return std::get<ledger::CreditPacket>(delivery.group->packets.at(0));
}

TEST(Packets, CarryAPaymentToThePayeesChain) {
  Network network(3);
  ASSERT_EQ(network.run("alice", 1, {network.pay("bob", 2, 250)}), "accepted");
  const auto payment = network.last_operation();
  EXPECT_EQ(network.spendable("alice", 1), 750U);
  EXPECT_EQ(network.spendable("bob", 2), 0U);
  EXPECT_EQ(network.in_flight(1, 2), 250U);
  EXPECT_EQ(network.relay(1, 2), "accepted");
  EXPECT_EQ(network.in_flight(1, 2), 0U);
  EXPECT_EQ(network.spendable("bob", 2), 250U);
  EXPECT_EQ(network.relay(1, 2), "nothing");
  // One payment has one name on both chains.
  const auto sent = entry_of(network, 1, payment);
  const auto received = entry_of(network, 2, payment);
  EXPECT_EQ(sent.kind, ledger::EntryKind::sent);
  EXPECT_EQ(sent.other_chain, ChainId(2));
  EXPECT_EQ(received.kind, ledger::EntryKind::received);
  EXPECT_EQ(received.other_chain, ChainId(1));
  EXPECT_EQ(received.memo, "over there");
  // No other chain has anything of it.
  EXPECT_EQ(network.total(), 3000U);
}

TEST(Packets, FromOneChainToAnotherOfTheSameAccount) {
  Network network(2);
  ASSERT_EQ(network.run("alice", 0, {network.pay("alice", 1, 400)}), "accepted");
  network.relay_all();
  EXPECT_EQ(network.spendable("alice", 0), 600U);
  EXPECT_EQ(network.spendable("alice", 1), 1400U);
}

TEST(Packets, LeaveNothingBehindWhenTheTransferIsRefused) {
  Network network(3);
  EXPECT_EQ(network.run("alice", 1, {network.pay("bob", 2, 1001)}),
            "insufficient_funds operations[0].amount");
  EXPECT_EQ(network.run("alice", 1, {network.pay("bob", 9, 1)}),
            "unknown_chain operations[0].to.9");
  EXPECT_EQ(network.run("alice", 1, {network.pay("bob", 2, 600), network.pay("bob", 0, 401)}),
            "insufficient_funds operations[1].amount");
  EXPECT_EQ(network.relay(1, 2), "nothing");
  EXPECT_EQ(network.spendable("alice", 1), 1000U);
}

TEST(Packets, ACreditThatNobodyCanBeGivenComesBack) {
  Network network(2);
  network.people().key("nobody");
  ASSERT_EQ(network.run("alice", 0, {network.pay("nobody", 1, 300)}), "accepted");
  const auto payment = network.last_operation();
  EXPECT_EQ(network.relay(0, 1), "accepted");
  EXPECT_EQ(network.in_flight(1, 0), 300U);
  EXPECT_EQ(network.relay(1, 0), "accepted");
  EXPECT_EQ(network.spendable("alice", 0), 1000U);
  EXPECT_EQ(entry_of(network, 0, payment).refunded, Amount(300));
  EXPECT_EQ(network.total(), 2000U);
}

TEST(Packets, OnlyTheDestinationsTimeJudgesExpiry) {
  Network network(2);
  network.valid_for(seconds(2));
  ASSERT_EQ(network.run("alice", 0, {network.pay("bob", 1, 300)}), "accepted");
  network.valid_for(seconds(600));
  network.wait(seconds(60));
  network.relay_all();
  EXPECT_EQ(network.spendable("bob", 1), 0U);
  EXPECT_EQ(network.spendable("alice", 0), 1000U);
}

TEST(Packets, ThePayeeGivesBackAcrossChainsNeverMoreThanWasPaid) {
  Network network(2);
  network.run("alice", 0, {network.pay("bob", 1, 300)});
  const auto payment = network.last_operation();
  network.relay_all();
  EXPECT_EQ(network.run("bob", 1, {Refund{payment, Amount(100)}}), "accepted");
  EXPECT_EQ(network.run("bob", 1, {Refund{payment, Amount(201)}}),
            "refund_too_large operations[0].amount");
  network.relay_all();
  EXPECT_EQ(network.spendable("alice", 0), 800U);
  EXPECT_EQ(network.spendable("bob", 1), 200U);
  EXPECT_EQ(entry_of(network, 0, payment).refunded, Amount(100));
  // Neither what was sent nor what came back is a payment that can be refunded.
  EXPECT_EQ(network.run("alice", 0, {Refund{payment, Amount(1)}}),
            "unknown_payment operations[0].payment");
}

TEST(Packets, AreTakenInOnceAndInOrder) {
  Network network(2);
  network.run("alice", 0, {network.pay("bob", 1, 1)});
  const auto first = network.next(0, 1).value();
  EXPECT_EQ(network.run("node", 1, {first}), "accepted");
  EXPECT_EQ(network.run("node", 1, {first}), "packet_known operations[0].group.first");
  network.run("alice", 0, {network.pay("bob", 1, 2)});
  network.run("alice", 0, {network.pay("bob", 1, 4)});
  const auto second = network.next(0, 1).value();
  Network ahead = std::move(network);
  EXPECT_EQ(ahead.run("node", 1, {second}), "accepted");
  const auto third = ahead.next(0, 1).value();
  EXPECT_EQ(ahead.run("node", 1, {third}), "accepted");
  EXPECT_EQ(ahead.run("node", 1, {second}), "packet_known operations[0].group.first");
  EXPECT_EQ(ahead.spendable("bob", 1), 7U);
}

TEST(Packets, OneThatIsMissingStopsThoseBehindIt) {
  Network network(2);
  network.run("alice", 0, {network.pay("bob", 1, 1)});
  network.run("alice", 0, {network.pay("bob", 1, 2)});
  // What comes second, built as if the first had arrived.
  ledger::MemoryState other;
  ledger::Stage stage(&other);
  stage.put<ledger::InStreamRow>(ChainId(0), {.next = 1});
  other.apply(stage.changes());
  const auto second = next_delivery(network.state(0), other, {ChainId(0), ChainId(1)},
                                    [&](Height) { return network.header(0); });
  EXPECT_EQ(network.run("node", 1, {second.value()}), "packet_gap operations[0].group.first");
  EXPECT_EQ(network.spendable("bob", 1), 0U);
}

TEST(Packets, ProveThemselvesAndAreRefusedWhenAltered) {
  Network network(3);
  network.run("alice", 0, {network.pay("bob", 1, 300), network.pay("bob", 2, 5)});
  const auto good = network.next(0, 1).value();
  const auto refused = [&](const auto& alter, std::uint16_t chain = 1) {
    DeliverPackets altered = good;
    alter(altered);
    return network.run("node", chain, {altered});
  };
  EXPECT_EQ(refused([](auto& d) { credit_in(d).amount = Amount(301); }),
            "bad_proof operations[0].group");
  EXPECT_EQ(refused([](auto& d) { d.group->packets.push_back(d.group->packets[0]); }),
            "bad_proof operations[0].group");
  EXPECT_EQ(refused([](auto& d) { d.group->first = 1; }), "bad_proof operations[0].group");
  EXPECT_EQ(refused([](auto& d) { d.group->index = 1; }), "bad_proof operations[0].group");
  EXPECT_EQ(refused([](auto& d) { d.group->path.clear(); }), "bad_proof operations[0].group");
  EXPECT_EQ(refused([](auto&) {}, 2), "bad_proof operations[0].group");
  EXPECT_EQ(refused([](auto& d) { d.from = ChainId(2); }), "wrong_chain operations[0].header");
  EXPECT_EQ(refused([](auto& d) { d.from = ChainId(1); }), "unknown_chain operations[0].from");
  EXPECT_EQ(refused([](auto& d) { d.header.signed_header.back() ^= 1; }),
            "bad_signature operations[0].header");
  EXPECT_EQ(refused([](auto& d) { d.group.reset(); }), "missing_field operations[0].group");
  EXPECT_EQ(network.run("alice", 1, {good}), "not_capable operations[0].deliver_packets");
  EXPECT_EQ(network.in_flight(0, 1), 300U);
  EXPECT_EQ(network.run("node", 1, {good}), "accepted");
}

TEST(Packets, OfAHeaderThatAnotherSignedAreRefused) {
  Network network(2);
  network.run("alice", 0, {network.pay("bob", 1, 300)});
  auto delivery = network.next(0, 1).value();
  Bytes& header = delivery.header.signed_header;
  const auto parsed = proof::parse_statement<ledger::BlockHeader>(header, network.ledger());
  header =
      *proof::sign_statement(parsed->body(), network.ledger(), network.people().signer("alice"));
  EXPECT_EQ(network.run("node", 1, {delivery}), "not_signer operations[0].header");
}

TEST(Packets, AreForgottenOnceTheyAreKnownToHaveArrived) {
  Network network(2);
  network.run("alice", 0, {network.pay("bob", 1, 1), network.pay("bob", 1, 2)});
  EXPECT_EQ(network.relay_cursor(1, 0), "nothing");
  network.relay(0, 1);
  EXPECT_TRUE(network.state(0).find<ledger::PacketRow>({ChainId(1), 1}));
  EXPECT_EQ(network.relay_cursor(1, 0), "accepted");
  EXPECT_FALSE(network.state(0).find<ledger::PacketRow>({ChainId(1), 0}));
  EXPECT_FALSE(network.state(0).find<ledger::PacketRow>({ChainId(1), 1}));
  EXPECT_FALSE(network.state(0).find<ledger::OutboxRow>(Height(1)));
  EXPECT_EQ(network.state(0).find<ledger::OutStreamRow>(ChainId(1))->arrived, 2U);
  EXPECT_EQ(network.relay_cursor(1, 0), "nothing");
}

TEST(Packets, OfOneOutboxAreProvedUntilAllHaveArrived) {
  Network network(3);
  network.run("alice", 0, {network.pay("bob", 1, 1), network.pay("bob", 2, 2)});
  network.relay(0, 1);
  network.relay_cursor(1, 0);
  EXPECT_TRUE(network.state(0).find<ledger::OutboxRow>(Height(1)));
  EXPECT_EQ(network.relay(0, 2), "accepted");
  network.relay_cursor(2, 0);
  EXPECT_FALSE(network.state(0).find<ledger::OutboxRow>(Height(1)));
}

TEST(Packets, AFullStreamTakesNoMoreUntilSomeHaveArrived) {
  auto params = ledger::default_params();
  params.max_in_flight = 2;
  Network network(3, 1000, params);
  EXPECT_EQ(network.run("alice", 0, {network.pay("bob", 1, 1), network.pay("bob", 1, 1)}),
            "accepted");
  EXPECT_EQ(network.run("alice", 0, {network.pay("bob", 1, 1)}), "stream_full operations[0].to");
  EXPECT_EQ(network.run("alice", 0, {network.pay("bob", 2, 1)}), "accepted");
  network.relay(0, 1);
  EXPECT_EQ(network.run("alice", 0, {network.pay("bob", 1, 1)}), "stream_full operations[0].to");
  network.relay_cursor(1, 0);
  EXPECT_EQ(network.run("alice", 0, {network.pay("bob", 1, 1)}), "accepted");
}

TEST(Packets, OfOneAccountDoNotFillTheStreamForTheOthers) {
  auto params = params_for_test();
  params.max_packets = 2;
  Network network(2, 1000, params);
  EXPECT_EQ(network.run("alice", 0, {network.pay("bob", 1, 5), network.pay("erin", 0, 5)}),
            "accepted");
  EXPECT_EQ(network.run("alice", 0, {network.pay("bob", 1, 1)}), "accepted");
  EXPECT_EQ(network.run("alice", 0, {network.pay("bob", 1, 1)}),
            "account_stream_full operations[0].to");
  EXPECT_EQ(network.run("erin", 0, {network.pay("bob", 1, 5)}), "accepted");
  network.relay_all();
  network.relay_cursor(1, 0);
  EXPECT_EQ(network.run("alice", 0, {network.pay("bob", 1, 1)}), "accepted");
}

// What may be tried again later is not decided: the same bytes go through once there is room.
TEST(Packets, WhatAFullStreamRefusedMayBeSentAgainAsItIs) {
  auto params = params_for_test();
  params.max_in_flight = 1;
  Network network(2, 1000, params);
  network.run("alice", 0, {network.pay("bob", 1, 1)});
  const auto waiting = network.sign("alice", 0, {network.pay("bob", 1, 2)});
  const auto verdict = [&] {
    return Network::text(network.run(0, std::span(&waiting, 1)).front());
  };
  EXPECT_EQ(verdict(), "stream_full operations[0].to");
  network.relay(0, 1);
  network.relay_cursor(1, 0);
  EXPECT_EQ(verdict(), "accepted");
  EXPECT_EQ(verdict(), "accepted");
  EXPECT_EQ(network.spendable("alice", 0), 997U);
}

TEST(Packets, OfABlockThatTooFewSignedAreRefused) {
  Network network(2, 1000, params_for_test(), 3);  // 2 of 3 must sign
  network.run("alice", 0, {network.pay("bob", 1, 300)});
  const auto good = network.next(0, 1).value();
  const auto refused = [&](const auto& alter) {
    DeliverPackets altered = good;
    alter(altered.header.cosignatures);
    return network.run("node", 1, {altered});
  };
  EXPECT_EQ(refused([](auto& c) { c.clear(); }), "not_final operations[0].header");
  EXPECT_EQ(refused([](auto& c) { c.resize(1); }), "not_final operations[0].header");
  EXPECT_EQ(refused([](auto& c) { c[1].signature = c[0].signature; }),
            "bad_signature operations[0].header.cosignatures[1]");
  EXPECT_EQ(refused([](auto& c) { c.push_back(c[0]); }),
            "too_large operations[0].header.cosignatures");
  EXPECT_EQ(network.in_flight(0, 1), 300U);
  EXPECT_EQ(refused([](auto& c) { c.erase(c.begin()); }), "accepted");
  EXPECT_EQ(network.spendable("bob", 1), 300U);
}

// Of what goes between chains, the packets themselves are two thirds at least when there are many,
// however many consensus nodes sign.
TEST(Packets, ManyAtOnceCostAtMostHalfAgainOfTheirOwnBytes) {
  for (const std::size_t consensus : std::vector<std::size_t>{0, 1, 3}) {
    Network network(3, 1000, params_for_test(), consensus);
    network.run("alice", 0, std::vector<Operation>(64, network.pay("bob", 1, 1)));
    std::size_t packets = 0;
    auto delivery = network.next(0, 1).value();
    for (const auto& packet : delivery.group->packets) {
      codec::CborWriter out;
      codec::FieldType<ledger::Packet>::write(out, packet);
      packets += out.take().size();
    }
    const std::size_t brought = network.sign("node", 1, {delivery})->encoded.size();
    EXPECT_EQ(delivery.group->packets.size(), 64U);
    EXPECT_LE(2 * brought, 3 * packets) << brought << " bytes for " << packets;
    RecordProperty("bytes_with_" + std::to_string(consensus), std::to_string(brought));
    RecordProperty("of_packets_alone", std::to_string(packets));
    // A chain without a part in it gets nothing.
    EXPECT_FALSE(network.next(0, 2));
  }
}

TEST(Packets, OfOneBlockGoInGroups) {
  Network network(2);
  std::vector<VerifiedTransaction> block;
  for (int i = 0; i < 5; ++i) {
    block.push_back(network.sign("alice", 0, std::vector<Operation>(60, network.pay("bob", 1, 1))));
  }
  network.run(0, block);
  EXPECT_EQ(network.next(0, 1)->group->packets.size(), ledger::kMaxGroup);
  EXPECT_EQ(network.relay(0, 1), "accepted");
  EXPECT_EQ(network.spendable("bob", 1), ledger::kMaxGroup);
  network.relay_all();
  EXPECT_EQ(network.spendable("bob", 1), 300U);
}

// Whatever is paid, relayed and forgotten in whatever order: nothing is lost or made, and in the
// end everything has arrived somewhere.
RC_GTEST_PROP(PacketsProperty, MoneyIsSomewhereAtEveryMoment, ()) {
  constexpr std::uint16_t kChains = 3;
  Network network(kChains);
  network.people().key("nobody");
  const auto any_chain = rc::gen::inRange<std::uint16_t>(0, kChains);
  const int steps = *rc::gen::inRange(1, 40);
  for (int i = 0; i < steps; ++i) {
    const auto from = *any_chain;
    const auto to = *any_chain;
    switch (*rc::gen::inRange(0, 5)) {
      case 0:
      case 1: {
        const std::string by = *rc::gen::element<std::string>("alice", "bob");
        const std::string payee = *rc::gen::element<std::string>("alice", "bob", "nobody");
        network.run(by, from, {network.pay(payee, to, *rc::gen::inRange<std::uint64_t>(1, 600))});
        break;
      }
      case 2:
      case 3:
        if (from != to) RC_ASSERT(network.relay(from, to) != "packet_gap");
        break;
      default:
        if (from != to) network.relay_cursor(from, to);
    }
    RC_ASSERT(network.total() == 1000U * kChains);
  }
  network.relay_all();
  RC_ASSERT(network.total() == 1000U * kChains);
  for (std::uint16_t i = 0; i < kChains; ++i) {
    for (std::uint16_t j = 0; j < kChains; ++j) RC_ASSERT(i == j || network.in_flight(i, j) == 0);
  }
}

}  // namespace
}  // namespace intaglio::tx
