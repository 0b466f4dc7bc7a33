// What chains that CometBFT orders send, with real validators' votes.
#include <gtest/gtest.h>

#include "tx/network_for_test.h"

namespace intaglio::tx {
namespace {

using proof::CometVote;
using Powers = Network::Powers;

const Powers kFour{{"ann", 10}, {"ben", 10}, {"cat", 10}, {"dan", 10}};
const Powers kHalf{{"cat", 10}, {"dan", 10}, {"eve", 10}, {"fay", 10}};
const Powers kOthers{{"eve", 10}, {"fay", 10}, {"gil", 10}, {"hal", 10}};

// Chain 1 of three is ordered by CometBFT.
class Voted : public ::testing::Test {
 protected:
  // A block's packets are proven by the next header.
  void tick(int blocks = 1, std::uint16_t chain = 1) {
    while (blocks-- > 0) network_.run(chain, {});
  }
  void pay(std::uint64_t cents, std::uint16_t to = 0) {
    ASSERT_EQ(network_.run("alice", 1, {network_.pay("bob", to, cents)}), "accepted");
  }
  ledger::TrustRow trust(std::uint16_t on = 0) const {
    return network_.state(on).find<ledger::TrustRow>(ChainId(1)).value();
  }
  std::string bring(const DeliverPackets& delivery, std::uint16_t to = 0) {
    return network_.run("node", to, {delivery});
  }
  std::string refused(const DeliverPackets& good,
                      const std::function<void(DeliverPackets&)>& alter) {
    auto altered = good;
    alter(altered);
    return bring(altered);
  }
  // The last step's block with something changed.
  template <typename Alter>
  static void change_block(DeliverPackets& delivery, const Alter& alter) {
    auto& step = delivery.header.comet->steps.back();
    auto block = *proof::decode_light_block(step.signed_header, step.validators);
    alter(block);
    step = proof::comet_step(block, nullptr);
  }

  Network network_{3, {{1, kFour}}};
};

TEST_F(Voted, PacketsCrossOnceTheNextHeaderIsMade) {
  EXPECT_EQ(trust().height, Height(0));
  pay(250);
  EXPECT_EQ(network_.relay(1, 0), "nothing");
  tick();
  const auto delivery = network_.next(1, 0).value();
  EXPECT_TRUE(delivery.header.signed_header.empty());
  EXPECT_EQ(delivery.header.comet->steps.size(), 1U);
  EXPECT_EQ(bring(delivery), "accepted");
  EXPECT_EQ(network_.spendable("bob", 0), 250U);
  EXPECT_EQ(trust().height, Height(2));
  EXPECT_EQ(bring(delivery), "packet_known operations[0].group.first");
  EXPECT_EQ(network_.relay_cursor(0, 1), "accepted");
  EXPECT_EQ(network_.total(), 3000U);
  // Every chain has its own trust.
  EXPECT_EQ(trust(2).height, Height(0));
}

TEST_F(Voted, SeveralGroupsOfABlockNeedTheVotesOnce) {
  std::vector<VerifiedTransaction> many;
  for (int i = 0; i < 100; ++i)
    many.push_back(network_.sign("alice", 1, {network_.pay("bob", 0, 1)}));
  network_.run(1, many);
  tick();
  const auto first = network_.next(1, 0).value();
  EXPECT_EQ(bring(first), "accepted");
  const auto second = network_.next(1, 0).value();
  EXPECT_TRUE(second.header.comet->steps.empty());
  EXPECT_EQ(refused(second, [](auto& it) { it.header.comet->header.back() ^= 1; }),
            "bad_proof operations[0].header.comet.header");
  EXPECT_EQ(bring(second), "accepted");
  EXPECT_EQ(network_.spendable("bob", 0), 100U);
}

TEST_F(Voted, ByTwoThirdsAndNotByHalf) {
  pay(1);
  tick();
  network_.vote(1, {{"ben", CometVote::absent}});
  const auto good = network_.next(1, 0).value();
  network_.vote(1, {{"ben", CometVote::absent}, {"dan", CometVote::absent}});
  EXPECT_FALSE(network_.next(1, 0).has_value());
  EXPECT_EQ(refused(good,
                    [](auto& it) {
                      change_block(it, [](proof::LightBlock& block) {
                        for (auto& vote : block.commit.signatures) {
                          if (vote.vote == CometVote::absent) continue;
                          vote = {};
                          break;
                        }
                      });
                    }),
            "not_final operations[0].header.comet.steps[0].20 of 40");
  EXPECT_EQ(bring(good), "accepted");
}

TEST_F(Voted, WhatIsAlteredProvesNothing) {
  pay(300);
  tick();
  const auto good = network_.next(1, 0).value();
  EXPECT_EQ(refused(good,
                    [](auto& it) {
                      auto& credit = std::get<ledger::CreditPacket>(it.group->packets.at(0));
                      credit.amount = Amount(301);
                    }),
            "bad_proof operations[0].group");
  EXPECT_EQ(refused(good,
                    [](auto& it) {
                      change_block(it, [](auto& block) { block.header.app = Bytes(32, 7); });
                    }),
            "bad_proof operations[0].header.comet.steps[0].commit.block_id");
  EXPECT_EQ(refused(good,
                    [](auto& it) {
                      change_block(it, [](auto& block) {
                        block.header.app = Bytes(32, 7);
                        block.commit.block.hash = block.header.hash();
                      });
                    }),
            "bad_signature operations[0].header.comet.steps[0].commit.signatures[0]");
  EXPECT_EQ(refused(good, [](auto& it) { it.header.comet->steps.clear(); }),
            "bad_proof operations[0].header.comet.header");
  EXPECT_EQ(refused(good, [](auto& it) { it.header.comet.reset(); }),
            "missing_field operations[0].header.comet");
  // A chain of nodes needs their signatures, whatever votes there are.
  EXPECT_EQ(refused(good, [](auto& it) { it.from = ChainId(2); }),
            "bad_value operations[0].header.comet");
  EXPECT_EQ(trust().height, Height(0));
  EXPECT_EQ(bring(good), "accepted");
}

TEST_F(Voted, OtherValidatorsSpeakForOtherChains) {
  Network other(3, {{1, kOthers}});
  ASSERT_EQ(other.run("alice", 1, {other.pay("bob", 0, 5)}), "accepted");
  other.run(1, {});
  const auto foreign = other.next(1, 0).value();
  EXPECT_EQ(bring(foreign).substr(0, 11), "wrong_chain");
  // Of the same chain, by validators that nobody announced.
  pay(5);
  tick();
  const auto good = network_.next(1, 0).value();
  EXPECT_EQ(refused(good,
                    [](auto& it) {
                      change_block(it, [](proof::LightBlock& block) {
                        block.header.validators = proof::CometForTest::set(kOthers).hash();
                        block = proof::CometForTest::commit(block.header, kOthers);
                      });
                    }),
            "bad_proof operations[0].header.comet.steps[0].trusted_validators");
}

// A relay that races another brings the cursor of a later block first.
TEST_F(Voted, EarlierBlocksAreProvenAfterLaterOnes) {
  pay(10);
  tick();
  const auto early = network_.next(1, 0).value();
  tick(5);
  pay(20);
  tick();
  EXPECT_EQ(network_.relay_cursor(1, 0, network_.now()), "nothing") << "packets are missing";
  ASSERT_EQ(network_.run("alice", 0, {network_.pay("bob", 1, 7)}), "accepted");
  ASSERT_EQ(network_.relay(0, 1), "accepted");
  tick();
  EXPECT_EQ(network_.relay_cursor(1, 0), "accepted");
  const auto later = trust();
  EXPECT_EQ(later.height, Height(11));
  const auto again = network_.next(1, 0).value();
  EXPECT_EQ(again.header.comet->header, early.header.comet->header);
  EXPECT_EQ(bring(again), "accepted");
  EXPECT_EQ(trust(), later) << "it never goes back";
  EXPECT_EQ(network_.relay(1, 0), "accepted");
  EXPECT_EQ(network_.spendable("bob", 0), 30U);
}

TEST_F(Voted, ValidatorsChange) {
  network_.begin_voting(1, kHalf, 6);
  network_.begin_voting(1, kOthers, 20);
  pay(1);
  tick();
  EXPECT_EQ(network_.relay(1, 0), "accepted");
  tick(6);
  pay(2);
  tick();
  const auto skipping = network_.next(1, 0).value();
  ASSERT_EQ(skipping.header.comet->steps.size(), 1U);
  EXPECT_TRUE(skipping.header.comet->steps[0].announced.has_value());
  EXPECT_EQ(refused(skipping, [](auto& it) { it.header.comet->steps[0].announced.reset(); }),
            "bad_proof operations[0].header.comet.steps[0].trusted_validators");
  EXPECT_EQ(bring(skipping), "accepted");
  // Chain 2 has heard nothing since the beginning, and nobody of then votes now.
  tick(15);
  pay(3, 2);
  tick();
  const auto far = network_.next(1, 2).value();
  EXPECT_GE(far.header.comet->steps.size(), 2U);
  auto at_once = far;
  at_once.header.comet->steps.erase(at_once.header.comet->steps.begin(),
                                    std::prev(at_once.header.comet->steps.end()));
  EXPECT_NE(bring(at_once, 2), "accepted");
  EXPECT_EQ(bring(far, 2), "accepted");
  EXPECT_EQ(network_.spendable("bob", 2), 3U);
}

// Everybody changes time and again while chain 0 hears nothing.
TEST_F(Voted, BringHeadersBetweenWhereStepsAreTooMany) {
  for (std::uint64_t height = 4; height < 60; height += 4) {
    Powers strangers;
    for (int i = 0; i < 4; ++i) {
      strangers.emplace_back(std::to_string(height) + "/" + std::to_string(i), 10);
    }
    network_.begin_voting(1, strangers, height);
  }
  tick(60);
  pay(5);
  tick();
  int alone = 0;
  while (true) {
    const auto delivery = network_.next(1, 0).value();
    EXPECT_LE(delivery.header.comet->steps.size(), proof::kMaxCometSteps);
    ASSERT_EQ(bring(delivery), "accepted");
    if (delivery.group) break;
    ASSERT_LT(++alone, 10);
  }
  EXPECT_GE(alone, 1);
  EXPECT_EQ(network_.spendable("bob", 0), 5U);
}

// The same where CometBFT forgot all headers but those before and after each change.
TEST_F(Voted, BringHeadersBetweenByThoseThatWereKept) {
  std::vector<Height> kept;
  for (std::uint64_t height = 4; height < 60; height += 4) {
    network_.begin_voting(1, {{"only " + std::to_string(height), 10}}, height);
    kept.emplace_back(height - 1);
    kept.emplace_back(height);
  }
  tick(60);
  pay(5);
  tick();
  const auto& source = network_.chain(1);
  const proof::LightBlockAt blocks = [&](Height height) -> Result<proof::LightBlock> {
    const bool is_there =
        height >= source.proven_height() || std::ranges::binary_search(kept, height);
    if (!is_there) return refuse(Verdict::unknown_block);
    return source.light_block(height);
  };
  const auto header = [&](Height height) { return source.header(height); };
  int alone = 0;
  while (true) {
    const auto found = next_delivery(source.state(), network_.state(0), {ChainId(1), ChainId(0)},
                                     [&](Height height) { return source.header(height); });
    const auto delivery = must(with_votes(found.value(), {network_.ledger(), header, blocks, kept},
                                          network_.state(0), network_.now()));
    ASSERT_EQ(bring(delivery), "accepted");
    if (delivery.group) break;
    ASSERT_LT(++alone, 10);
  }
  EXPECT_GE(alone, 1);
  EXPECT_EQ(network_.spendable("bob", 0), 5U);
}

// A node that began with a snapshot lacks older headers.
TEST_F(Voted, AreNotBroughtByWayOfAHeaderThatIsNotThere) {
  for (std::uint64_t height = 4; height < 60; height += 4) {
    network_.begin_voting(1, {{"only " + std::to_string(height), 10}}, height);
  }
  tick(60);
  pay(5);
  tick();
  const auto& source = network_.chain(1);
  const auto found = next_delivery(source.state(), network_.state(0), {ChainId(1), ChainId(0)},
                                   [&](Height height) { return source.header(height); });
  const proof::LightBlockAt blocks = [&](Height height) { return source.light_block(height); };
  const auto no_header = [](Height) { return std::optional<proof::FinalityProof>(); };
  EXPECT_EQ(verdict_of(with_votes(found.value(), {network_.ledger(), no_header, blocks},
                                  network_.state(0), network_.now())),
            Verdict::unknown_block);
}

// One that needs more steps than a transaction holds brings headers alone first.
TEST(VotedByMany, BringHeadersBetweenWhereStepsDoNotFit) {
  const auto crowd = [](const std::string& name) {
    Powers out;
    for (int i = 0; i < 90; ++i) out.emplace_back(name + std::to_string(i), 1);
    return out;
  };
  Network network(2, {{1, crowd("a")}});
  for (int i = 1; i < 5; ++i) {
    network.begin_voting(1, crowd(std::string(1, static_cast<char>('a' + i))),
                         3 * static_cast<std::uint64_t>(i));
  }
  for (int i = 0; i < 14; ++i) network.run(1, {});
  ASSERT_EQ(network.run("alice", 1, {network.pay("bob", 0, 5)}), "accepted");
  network.run(1, {});
  int alone = 0;
  while (true) {
    const auto delivery = network.next(1, 0).value();
    ASSERT_LE(codec::encode_record(delivery).size(), Transaction::kMaxBytes);
    ASSERT_EQ(network.run("node", 0, {delivery}), "accepted");
    if (delivery.group) break;
    ASSERT_LT(++alone, 10);
  }
  EXPECT_GE(alone, 2);
  EXPECT_EQ(network.spendable("bob", 0), 5U);
}

TEST_F(Voted, TrustRunsOutAndTheAuthorityCanVouchForANewHeader) {
  pay(1);
  tick();
  ASSERT_EQ(network_.relay(1, 0), "accepted");
  network_.wait(Duration(ledger::kTrustingPeriod.value() - 60'000));
  pay(2);
  tick();
  const auto last = network_.next(1, 0).value();
  Network in_time = std::move(network_);
  EXPECT_EQ(in_time.run("node", 0, {last}), "accepted");
  in_time.wait(ledger::kTrustingPeriod);
  EXPECT_EQ(in_time.run("alice", 1, {in_time.pay("bob", 0, 4)}), "accepted");
  in_time.run(1, {});
  in_time.run(0, {});
  EXPECT_FALSE(in_time.next(1, 0).has_value()) << "the relay knows";
  // What was signed is not believed, since nobody who signed needs answer for it any more.
  auto late = last;
  const auto block = in_time.chain(1).light_block(Height(6));
  late.header = in_time.chain(1).header(Height(5));
  late.header.comet->steps = {proof::comet_step(*block, nullptr)};
  late.group.reset();
  EXPECT_EQ(in_time.run("node", 0, {late}), "expired operations[0].header.comet.steps[0].trusted");
  VouchHeader vouched{ChainId(1), {}};
  EXPECT_EQ(in_time.run("authority", 0, {vouched}), "bad_value operations[0].header.height");
  const auto& header = block->header;
  vouched.header = {.height = header.height,
                    .seconds = static_cast<std::uint64_t>(header.time.seconds),
                    .nanos = header.time.nanos,
                    .hash = header.hash(),
                    .app = *Digest::from(header.app),
                    .next_validators = header.next_validators};
  EXPECT_EQ(in_time.run("node", 0, {vouched}), "not_capable operations[0].vouch_header");
  ASSERT_EQ(in_time.run("authority", 0, {vouched}), "accepted");
  EXPECT_EQ(in_time.run("authority", 0, {vouched}), "block_gap operations[0].header.height");
  EXPECT_EQ(in_time.relay(1, 0), "accepted");
  EXPECT_EQ(in_time.spendable("bob", 0), 7U);
  EXPECT_EQ(in_time.relay(0, 2), "accepted");
  EXPECT_EQ(in_time.state(2).find<ledger::TrustRow>(ChainId(1)), vouched.header);
}

// Nothing is sent for a long time; a cursor now and then keeps the trust alive.
TEST_F(Voted, AQuietPairIsKeptAlive) {
  const Duration age(ledger::kTrustingPeriod.value() / 3);
  tick(2);
  const auto look = [&] {
    return network_.relay_cursor(1, 0, Millis(network_.now().value() - age.value()));
  };
  EXPECT_EQ(look(), "accepted") << "the first time";
  EXPECT_EQ(look(), "nothing");
  for (int i = 0; i < 8; ++i) {
    network_.wait(age);
    tick(2);
    EXPECT_EQ(look(), "accepted") << i;
    EXPECT_EQ(look(), "nothing") << i;
  }
  pay(5);
  tick();
  EXPECT_EQ(network_.relay(1, 0), "accepted");
}

TEST_F(Voted, AHeaderMayComeAlone) {
  tick(3);
  DeliverPackets alone{ChainId(1), network_.chain(1).header(Height(2)), {}, {}};
  alone.header.comet->steps = {
      proof::comet_step(network_.chain(1).light_block(Height(3)).value(), nullptr)};
  EXPECT_EQ(network_.run("alice", 0, {alone}), "not_capable operations[0].deliver_packets");
  EXPECT_EQ(bring(alone), "accepted");
  EXPECT_EQ(trust().height, Height(3));
  EXPECT_FALSE(network_.state(0).find<ledger::InStreamRow>(ChainId(1)).has_value());
  // Of nodes it says nothing that anybody needs.
  const DeliverPackets of_nodes{ChainId(2), {{1}, {}}, {}, {}};
  EXPECT_EQ(bring(of_nodes), "missing_field operations[0].group");
}

// Nobody makes a chain that has heard nothing trust what is too old to lead on.
TEST_F(Voted, AHeaderOfLongAgoIsNotTrustedFirst) {
  const auto alone = [&](std::uint64_t height) {
    DeliverPackets out{ChainId(1), network_.chain(1).header(Height(height)), {}, {}};
    const auto next = network_.chain(1).light_block(Height(height + 1)).value();
    out.header.comet->steps = {proof::comet_step(next, nullptr)};
    return out;
  };
  tick(2);
  network_.wait(ledger::kTrustingPeriod);
  tick(2);
  EXPECT_EQ(bring(alone(1)), "accepted");
  EXPECT_EQ(trust().height, Height(0));
  EXPECT_EQ(bring(alone(3)), "accepted");
  EXPECT_EQ(trust().height, Height(4));
}

// The main chain too: its decisions come with votes.
TEST(VotedMainChain, DecidesForAll) {
  Network network(2, {{0, kFour}});
  ASSERT_EQ(network.run("authority", 0,
                        {SetAccountStatus{network.people().account("alice"),
                                          ledger::AccountStatus::frozen}}),
            "accepted");
  EXPECT_EQ(network.relay(0, 1), "nothing");
  EXPECT_EQ(network.beat(1), "nothing") << "what was decided has not come yet";
  EXPECT_EQ(network.relay(0, 1), "accepted");
  EXPECT_EQ(network.run("alice", 1, {network.pay("bob", 1, 1)}), "account_frozen account");
  EXPECT_EQ(network.beat(1), "accepted");
}

}  // namespace
}  // namespace intaglio::tx
