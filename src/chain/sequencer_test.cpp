// What the sequencer takes in; what it makes of it is in accounting_node_test.cpp.
#include "chain/sequencer.h"

#include <gtest/gtest.h>

#include "base/result_for_test.h"
#include "chain/nodes_for_test.h"

namespace intaglio::chain {
namespace {

// A gateway may know the key from another chain. In a block that no other node could verify it
// would stop the chain for ever.
TEST(Sequencer, TakesInNothingThatItsConsensusNodesCouldNotVerify) {
  NodesForTest nodes(1);
  Sequencer sequencer(nodes.application(), system_env());
  const auto stranger = crypto::SigningKey::generate();
  const auto paid_by = [&](const crypto::SigningKey& key) {
    const tx::Transaction body{
        .ledger = nodes.ledger(),
        .chains = {NodesForTest::kChain},
        .account = NodesForTest::account(key),
        .client = system_env().random_id<ClientId>(),
        .valid_until = nodes.now() + seconds(60),
        .operations = {tx::Transfer{.to = {NodesForTest::kChain, NodesForTest::account(key)},
                                    .asset = kEuro,
                                    .amount = Amount(1)}}};
    const Bytes bytes =
        must(proof::sign_statement(body, nodes.ledger(), NodesForTest::signer(key)));
    auto parsed = must(
        proof::parse_statement<tx::Transaction>(bytes, nodes.ledger(), tx::Transaction::kMaxBytes));
    return must(proof::verify_statement(std::move(parsed), crypto::Verifier(key.public_key())));
  };
  const auto nobody = [](const Result<tx::Receipt>&) {};
  EXPECT_EQ(verdict_of(sequencer.submit(paid_by(stranger), nobody)), Verdict::unknown_key);
  EXPECT_EQ(sequencer.waiting(), 0U);
  EXPECT_TRUE(sequencer.submit(paid_by(nodes.payer()), nobody).has_value());
  EXPECT_EQ(sequencer.waiting(), 1U);
}

}  // namespace
}  // namespace intaglio::chain
