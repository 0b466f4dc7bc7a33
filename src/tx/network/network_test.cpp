#include "tx/network/network.h"

#include <gtest/gtest.h>

#include "ledger/trust.h"
#include "proof/comet_for_test.h"
#include "proof/double_vote.h"
#include "tx/network_for_test.h"

namespace intaglio::tx {
namespace {

class ChainsAtRunTime : public ::testing::Test {
 protected:
  RegisterKey node_key(const std::string& who) {
    return {.key = network_.people().key(who),
            .role = ledger::Role::node,
            .valid_from = kStart,
            .valid_until = kStart + seconds(100'000),
            .certificate = certificate_for_test(network_.people().key(who)),
            .account = {},
            .chains = {}};
  }
  std::string decide(const Operation& operation, const std::string& by = "authority",
                     std::uint16_t chain = 0) {
    return network_.run(by, chain, {operation});
  }
  // To the chain that was added.
  void extend(const std::string& who) {
    const ExtendKey operation{hash(who), network_.people().account(who), {ChainId(2)}};
    ASSERT_EQ(decide(operation), "accepted");
    network_.relay_all();
  }
  KeyHash hash(const std::string& who) { return network_.people().key(who).hash(); }

  Network network_{2};
};

TEST_F(ChainsAtRunTime, AreForTheAuthorityToDecideOnTheMainChain) {
  EXPECT_EQ(decide(AddChain{hash("node"), {}, 0}, "alice"), "not_capable operations[0].add_chain");
  EXPECT_EQ(decide(AddChain{hash("node"), {}, 0}, "authority", 1),
            "main_chain_only operations[0].add_chain");
  EXPECT_EQ(decide(AddChain{hash("alice"), {}, 0}), "not_capable operations[0].accounting");
  EXPECT_EQ(decide(AddChain{hash("nobody"), {}, 0}), "unknown_key operations[0].accounting");
  EXPECT_EQ(decide(SetNodes{ChainId(1), hash("node"), {}, 0}, "alice"),
            "not_capable operations[0].set_nodes");
  EXPECT_EQ(decide(SetNodes{ChainId(2), hash("node"), {}, 0}), "unknown_chain operations[0].chain");
  EXPECT_EQ(decide(SetNodes{ChainId(1), hash("alice"), {}, 0}),
            "not_capable operations[0].accounting");
}

TEST_F(ChainsAtRunTime, HaveAQuorumOfNodesThatAreNodes) {
  const KeyHash node = hash("node");
  EXPECT_EQ(decide(AddChain{node, {hash("alice")}, 1}), "not_capable operations[0].consensus[0]");
  EXPECT_EQ(decide(AddChain{node, {node}, 1}), "bad_value operations[0].consensus[0]");
  EXPECT_EQ(decide(SetNodes{ChainId(1), node, {hash("nobody")}, 1}),
            "unknown_key operations[0].consensus[0]");
  EXPECT_EQ(decide(SetNodes{ChainId(1), node, {}, 1}), "bad_value operations[0].quorum");
  for (const auto* name : {"second", "third", "fourth", "fifth"}) {
    ASSERT_EQ(decide(node_key(name)), "accepted");
  }
  const std::vector<KeyHash> three{hash("second"), hash("third"), hash("fourth")};
  EXPECT_EQ(decide(SetNodes{ChainId(1), node, three, 1}), "bad_value operations[0].quorum");
  EXPECT_EQ(
      decide(SetNodes{
          ChainId(1), node, {hash("second"), hash("third"), hash("fourth"), hash("fifth")}, 3}),
      "too_large operations[0].consensus");
  ASSERT_EQ(decide(SetNodes{ChainId(1), node, three, 2}), "accepted");
  network_.relay_all();
  for (std::uint16_t chain = 0; chain < 2; ++chain) {
    const auto row = network_.state(chain).find<ledger::NodesRow>(ChainId(1));
    EXPECT_EQ(row, (ledger::NodesRow{node, three, 2})) << chain;
  }
}

// From then on what fewer than the quorum sign is not taken elsewhere, and what they sign is, also
// of blocks made before.
TEST_F(ChainsAtRunTime, ConsensusNodesSignForAChainOnceAllHaveHeard) {
  ASSERT_EQ(network_.run("alice", 1, {network_.pay("bob", 0, 10)}), "accepted");
  auto delivery = network_.next(1, 0).value();
  ASSERT_EQ(decide(node_key("second")), "accepted");
  ASSERT_EQ(decide(SetNodes{ChainId(1), hash("node"), {hash("second")}, 1}), "accepted");
  EXPECT_EQ(network_.run("node", 0, {delivery}), "not_final operations[0].header");
  const auto parsed =
      proof::parse_statement<ledger::BlockHeader>(delivery.header.signed_header, network_.ledger());
  const auto block = proof::cosigned_block(parsed->body(), network_.ledger());
  delivery.header.cosignatures = {
      *proof::cosign(block, network_.ledger(), network_.people().signer("second"))};
  EXPECT_EQ(network_.run("node", 0, {delivery}), "accepted");
  EXPECT_EQ(network_.spendable("bob", 0), 10U);
}

TEST_F(ChainsAtRunTime, ANewChainLearnsFromTheMainChainAndTakesPart) {
  network_.begin_chain();
  EXPECT_EQ(network_.run("alice", 1, {network_.pay("alice", 2, 300)}),
            "unknown_chain operations[0].to.2");
  ASSERT_EQ(decide(AddChain{hash("node"), {}, 0}), "accepted");
  network_.relay_all();
  extend("alice");
  ASSERT_EQ(network_.run("alice", 1, {network_.pay("alice", 2, 300)}), "accepted");
  ASSERT_EQ(network_.run("alice", 0, {network_.pay("alice", 2, 100)}), "accepted");
  network_.relay_all();
  EXPECT_EQ(network_.spendable("alice", 2), 400U);
  ASSERT_EQ(network_.run("alice", 2, {network_.pay("bob", 1, 50)}), "accepted");
  network_.relay_all();
  EXPECT_EQ(network_.spendable("bob", 1), 50U);
  EXPECT_EQ(network_.total(), 2000U);
}

// What was decided before a chain was added holds there too.
TEST_F(ChainsAtRunTime, ANewChainHasNobodysKeyOfTheGenesis) {
  const AccountId alice = network_.people().account("alice");
  ASSERT_EQ(decide(ReplaceKey{.account = alice,
                              .key = network_.people().key("new"),
                              .valid_from = kStart,
                              .valid_until = kStart + seconds(100'000),
                              .certificate = certificate_for_test(network_.people().key("new"))}),
            "accepted");
  network_.begin_chain();
  ASSERT_EQ(decide(AddChain{hash("node"), {}, 0}), "accepted");
  network_.relay_all();
  EXPECT_EQ(network_.run("alice", 2, {network_.pay("bob", 2, 1)}).substr(0, 11), "unknown_key");
  ASSERT_EQ(decide(ExtendKey{hash("new"), alice, {ChainId(2)}}), "accepted");
  network_.relay_all();
  auto body = network_.people().transaction("new", {network_.pay("bob", 1, 1)});
  body.account = alice;
  EXPECT_EQ(network_.run_as("new", 2, body), "insufficient_funds operations[0].amount");
  body = network_.people().transaction("alice", {network_.pay("bob", 1, 1)});
  EXPECT_EQ(network_.run_as("alice", 2, body).substr(0, 11), "unknown_key");
}

TEST_F(ChainsAtRunTime, ANewChainKnowsTheAssetsThatWereAddedBefore) {
  const RegisterKey mint{.key = network_.people().key("mint"),
                         .role = ledger::Role::issuer,
                         .valid_from = kStart,
                         .valid_until = kStart + seconds(100'000),
                         .certificate = certificate_for_test(network_.people().key("mint")),
                         .account = {},
                         .chains = {}};
  ASSERT_EQ(decide(mint), "accepted");
  ASSERT_EQ(decide(AddAsset{AssetId(1000), "NEW", 2, Amount(1), hash("mint")}), "accepted");
  network_.begin_chain();
  ASSERT_EQ(decide(AddChain{hash("node"), {}, 0}), "accepted");
  network_.relay_all();
  extend("mint");
  const Issue issue{network_.people().account_on("mint", 2), AssetId(1000), Amount(5), {}};
  EXPECT_EQ(network_.run("mint", 2, {issue}), "accepted");
}

// Nothing makes the folders of CometBFT for one, so nobody could run it.
TEST_F(ChainsAtRunTime, AreNotAddedToBeOrderedByCometBft) {
  ASSERT_EQ(decide(node_key("first")), "accepted");
  AddChain added{hash("node"), {}, 0, {{{hash("first"), {}, 10}}}};
  added.validators->front().key = proof::CometForTest::key("first").key();
  EXPECT_EQ(decide(added), "bad_value operations[0].validators");
  added.quorum = 1;
  EXPECT_EQ(decide(added), "bad_value operations[0].quorum");
  EXPECT_FALSE(network_.state(0).find<ledger::NodesRow>(ChainId(2)).has_value());
}

// Two votes of one validator of chain 1.
class DoubleVotes : public ::testing::Test {
 protected:
  static constexpr std::uint16_t kVoted = 1;

  proof::CometBallot ballot(const std::string& by, std::uint8_t block) const {
    proof::CometBallot out;
    out.height = Height(9);
    out.block = {crypto::sha256(Bytes{block}), 1, crypto::sha256(Bytes{0})};
    out.time = proof::comet_time(kStart);
    out.validator = proof::CometForTest::address(by);
    const auto chain = ledger::comet_chain_id(network_.ledger(), ChainId(kVoted));
    out.signature = proof::CometForTest::key(by).sign(out.sign_bytes(chain));
    return out;
  }
  ProveDoubleVote evidence(const std::string& by) const {
    return {ChainId(kVoted),
            {proof::encode_comet_vote(ballot(by, 1)), proof::encode_comet_vote(ballot(by, 2))}};
  }
  std::string prove(const Operation& evidence, const std::string& by = "node",
                    std::uint16_t on = 0) {
    return network_.run(by, on, {evidence});
  }
  std::size_t voters(std::uint16_t on = 0) const {
    return network_.state(on).find<ledger::NodesRow>(ChainId(kVoted))->validators->size();
  }
  ledger::KeyStatus status(const std::string& who, std::uint16_t on = 0) {
    return network_.state(on).find<ledger::KeyRow>(network_.people().key(who).hash())->status;
  }

  Network network_{3, {{kVoted, {{"ann", 10}, {"ben", 10}, {"cat", 10}}}}};
};

// Who votes, changed by the authority.
using ChangeOfVoters = DoubleVotes;

TEST_F(ChangeOfVoters, IsKnownToAllChainsAndWhatTheyTrustStays) {
  const auto validators = [&](std::initializer_list<std::string> names) {
    std::vector<ledger::Validator> out;
    for (const auto& name : names) {
      out.push_back({network_.people().key(name).hash(), proof::CometForTest::key(name).key(), 10});
    }
    std::ranges::sort(out, {}, &ledger::Validator::node);
    return out;
  };
  const auto decide = [&](const Operation& operation) {
    return network_.run("authority", 0, {operation});
  };
  const KeyHash node = network_.people().key("node").hash();
  const auto begun = network_.state(0).find<ledger::NodesRow>(ChainId(kVoted)).value();
  EXPECT_EQ(decide(SetNodes{ChainId(kVoted), node, {}, 0, validators({"alice"})}),
            "not_capable operations[0].validators[0].node");
  // What orders a chain stays.
  EXPECT_EQ(decide(SetNodes{ChainId(kVoted), node, {}, 0}), "bad_value operations[0].validators");
  EXPECT_EQ(decide(SetNodes{ChainId(2), node, {}, 0, validators({"ann"})}),
            "bad_value operations[0].validators");
  const SetNodes changed{ChainId(kVoted), node, {}, 0, validators({"ann", "cat"})};
  ASSERT_EQ(decide(changed), "accepted");
  network_.relay_all();
  for (std::uint16_t chain = 0; chain < 3; ++chain) {
    const auto& state = network_.state(chain);
    EXPECT_EQ(state.find<ledger::NodesRow>(ChainId(kVoted)),
              (ledger::NodesRow{node, {}, 0, changed.validators}))
        << chain;
    if (chain == kVoted) continue;
    // Its own votes say from when on others vote.
    EXPECT_EQ(state.find<ledger::TrustRow>(ChainId(kVoted)), ledger::first_trust(begun)) << chain;
  }
}

TEST_F(DoubleVotes, TakeTheVoteAndTheKeyOfTheNode) {
  ASSERT_EQ(prove(evidence("ben")), "accepted");
  network_.relay_all();
  for (std::uint16_t chain = 0; chain < 3; ++chain) {
    EXPECT_EQ(voters(chain), 2U) << chain;
    EXPECT_EQ(status("ben", chain), ledger::KeyStatus::suspended) << chain;
    EXPECT_EQ(status("ann", chain), ledger::KeyStatus::active) << chain;
  }
  // Once.
  EXPECT_EQ(prove(evidence("ben")), "not_signer operations[0].votes");
  EXPECT_EQ(network_.run("ben", 1, {evidence("ann")}).substr(0, 13), "key_suspended");
  // Of the last two one is left, whatever it does.
  ASSERT_EQ(prove(evidence("ann")), "accepted");
  ASSERT_EQ(prove(evidence("cat")), "accepted");
  ASSERT_EQ(prove(evidence("cat")), "accepted");
  EXPECT_EQ(voters(), 1U);
  EXPECT_EQ(status("cat"), ledger::KeyStatus::suspended);
}

// Its validators may be others by then than those of the genesis.
TEST_F(DoubleVotes, ANewChainTrustsWhatTheMainChainTrusts) {
  network_.run(kVoted, {});
  network_.run(kVoted, {});
  ASSERT_EQ(network_.relay_cursor(kVoted, 0, network_.now()), "accepted");
  network_.begin_chain();
  const AddChain added{network_.people().key("node").hash(), {}, 0};
  ASSERT_EQ(network_.run("authority", 0, {added}), "accepted");
  network_.relay_all();
  const auto trusted = network_.state(0).find<ledger::TrustRow>(ChainId(kVoted)).value();
  EXPECT_EQ(trusted.height, Height(2));
  EXPECT_EQ(network_.state(3).find<ledger::TrustRow>(ChainId(kVoted)), trusted);
  EXPECT_NE(network_.state(2).find<ledger::TrustRow>(ChainId(kVoted)), trusted);
}

TEST_F(DoubleVotes, ProveThemselves) {
  EXPECT_EQ(prove(evidence("ben"), "alice"), "not_capable operations[0].prove_double_vote");
  EXPECT_EQ(prove(evidence("ben"), "node", 1), "main_chain_only operations[0].prove_double_vote");
  EXPECT_EQ(prove(evidence("dan")), "not_signer operations[0].votes");
  auto other = evidence("ben");
  other.chain = ChainId(2);
  EXPECT_EQ(prove(other), "unknown_chain operations[0].chain");
  other = evidence("ben");
  other.votes.second = other.votes.first;
  EXPECT_EQ(prove(other), "bad_proof operations[0].votes");
  other = evidence("ben");
  other.votes.second.back() ^= 1;
  EXPECT_EQ(prove(other), "bad_signature operations[0].votes.second");
  EXPECT_EQ(voters(), 3U);
}

TEST_F(ChainsAtRunTime, AnotherNodeSignsForAChainOnceAllHaveHeard) {
  ASSERT_EQ(network_.run("alice", 1, {network_.pay("bob", 0, 10)}), "accepted");
  auto delivery = network_.next(1, 0).value();
  ASSERT_EQ(decide(node_key("second")), "accepted");
  ASSERT_EQ(decide(SetNodes{ChainId(1), hash("second"), {}, 0}), "accepted");
  // What the node before signed is not taken any more, and what the new one signs again is.
  EXPECT_EQ(network_.run("node", 0, {delivery}), "not_signer operations[0].header");
  Bytes& header = delivery.header.signed_header;
  const auto parsed = proof::parse_statement<ledger::BlockHeader>(header, network_.ledger());
  header =
      *proof::sign_statement(parsed->body(), network_.ledger(), network_.people().signer("second"));
  EXPECT_EQ(network_.run("node", 0, {delivery}), "accepted");
  EXPECT_EQ(network_.spendable("bob", 0), 10U);
}

}  // namespace
}  // namespace intaglio::tx
