#include "tx/network/network.h"

#include <gtest/gtest.h>

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
            .certificate = {},
            .account = {},
            .chains = {}};
  }
  std::string decide(const Operation& operation, const std::string& by = "authority",
                     std::uint16_t chain = 0) {
    return network_.run(by, chain, {operation});
  }
  KeyHash hash(const std::string& who) { return network_.people().key(who).hash(); }

  Network network_{2};
};

TEST_F(ChainsAtRunTime, AreForTheAuthorityToDecideOnTheMainChain) {
  EXPECT_EQ(decide(AddChain{hash("node")}, "alice"), "not_capable operations[0].add_chain");
  EXPECT_EQ(decide(AddChain{hash("node")}, "authority", 1),
            "main_chain_only operations[0].add_chain");
  EXPECT_EQ(decide(AddChain{hash("alice")}), "not_capable operations[0].accounting");
  EXPECT_EQ(decide(AddChain{hash("nobody")}), "unknown_key operations[0].accounting");
  EXPECT_EQ(decide(SetNodes{ChainId(1), hash("node")}, "alice"),
            "not_capable operations[0].set_nodes");
  EXPECT_EQ(decide(SetNodes{ChainId(2), hash("node")}), "unknown_chain operations[0].chain");
  EXPECT_EQ(decide(SetNodes{ChainId(1), hash("alice")}), "not_capable operations[0].accounting");
}

TEST_F(ChainsAtRunTime, ANewChainLearnsFromTheMainChainAndTakesPart) {
  network_.begin_chain();
  EXPECT_EQ(network_.run("alice", 1, {network_.pay("alice", 2, 300)}),
            "unknown_chain operations[0].to.2");
  ASSERT_EQ(decide(AddChain{hash("node")}), "accepted");
  network_.relay_all();
  // Those of the genesis have their accounts there; others are brought by extend_key.
  ASSERT_EQ(network_.run("alice", 1, {network_.pay("alice", 2, 300)}), "accepted");
  ASSERT_EQ(network_.run("alice", 0, {network_.pay("alice", 2, 100)}), "accepted");
  network_.relay_all();
  EXPECT_EQ(network_.spendable("alice", 2), 400U);
  ASSERT_EQ(network_.run("alice", 2, {network_.pay("bob", 1, 50)}), "accepted");
  network_.relay_all();
  EXPECT_EQ(network_.spendable("bob", 1), 50U);
  EXPECT_EQ(network_.total(), 2000U);
}

TEST_F(ChainsAtRunTime, AnotherNodeSignsForAChainOnceAllHaveHeard) {
  ASSERT_EQ(network_.run("alice", 1, {network_.pay("bob", 0, 10)}), "accepted");
  auto delivery = network_.next(1, 0).value();
  ASSERT_EQ(decide(node_key("second")), "accepted");
  ASSERT_EQ(decide(SetNodes{ChainId(1), hash("second")}), "accepted");
  // What the node before signed is not taken any more, and what the new one signs again is.
  EXPECT_EQ(network_.run("node", 0, {delivery}), "not_signer operations[0].header");
  const auto header =
      proof::parse_statement<ledger::BlockHeader>(delivery.header, network_.ledger());
  delivery.header =
      *proof::sign_statement(header->body(), network_.ledger(), network_.people().signer("second"));
  EXPECT_EQ(network_.run("node", 0, {delivery}), "accepted");
  EXPECT_EQ(network_.spendable("bob", 0), 10U);
}

}  // namespace
}  // namespace intaglio::tx
