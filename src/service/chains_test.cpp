#include "service/chains.h"

#include <gtest/gtest.h>

#include "base/result_for_test.h"
#include "service/node_for_test.h"

namespace intaglio::service {
namespace {

constexpr ChainId kAdded{3};

// A node whose chains have a consensus node each, and the operator's and the treasury's keys.
class AddedChain : public ::testing::Test {
 protected:
  Result<tx::Receipt> decide(const tx::Operation& operation) {
    Sender sender(node_->gateway(), element::signer_of(*authority_), system_env());
    return sender.send_and_wait(kMainChain, {operation});
  }
  Result<tx::Receipt> pay_self(ChainId from, ChainId to) {
    Sender sender(node_->gateway(), element::signer_of(*treasury_), system_env());
    return sender.send_and_wait(from, {tx::Transfer{.to = {to, account()},
                                                    .asset = AssetId(978),
                                                    .amount = Amount(100),
                                                    .memo = {},
                                                    .code = {},
                                                    .code_text = {}}});
  }
  AccountId account() const { return AccountId::prefix_of(treasury_->public_key().hash()); }
  void add_chain() {
    const auto nodes = nodes_of_main_chain();
    must(decide(tx::AddChain{nodes.accounting, nodes.consensus, nodes.quorum}));
    while (node_->gateway().chain(kAdded) == nullptr) std::this_thread::yield();
  }
  ledger::NodesRow nodes_of_main_chain() {
    return *node_->gateway().chain(kMainChain)->store().find<ledger::NodesRow>(kMainChain);
  }
  // Waits for what crosses chains.
  template <typename Seen>
  void wait_until(ChainId chain, const Seen& seen) {
    while (!seen(node_->gateway().chain(chain)->store())) std::this_thread::yield();
  }
  void wait_for_balance(ChainId chain, Amount least) {
    wait_until(chain, [&](const ledger::View& state) {
      const auto row = state.find<ledger::BalanceRow>({account(), AssetId(978)});
      return row && row->credits_posted >= least;
    });
  }

  // The treasury's account to the chain that was added, and some of its money.
  void bring_money() {
    must(decide(tx::ExtendKey{treasury_->public_key().hash(), account(), {kAdded}}));
    wait_until(kAdded, [&](const ledger::View& state) {
      return state.find<ledger::AccountRow>(account()).has_value();
    });
    must(pay_self(ChainId(1), kAdded));
    wait_for_balance(kAdded, Amount(100));
  }

  NodeForTest node_{1};
  std::unique_ptr<element::SecureElement> authority_ = node_.key("authority");
  std::unique_ptr<element::SecureElement> treasury_ = node_.key("treasury");
};

TEST_F(AddedChain, IsOpenedByTheNodeThatRunsAndTakesPart) {
  add_chain();
  bring_money();
  must(pay_self(kAdded, ChainId(2)));
  wait_for_balance(ChainId(2), Amount(1'000'100));
}

TEST_F(AddedChain, IsSignedByItsConsensusNodesFromItsFirstBlock) {
  add_chain();
  const auto& chain = *node_->gateway().chain(kAdded);
  wait_until(kAdded, [&](const ledger::View&) { return chain.tip().height > Height(0); });
  const auto first = chain.stored_header(Height(1));
  EXPECT_EQ(first.proof.cosignatures.size(), 1U);
  EXPECT_EQ(first.consensus, 1U);
}

TEST_F(AddedChain, IsThereAfterARestart) {
  add_chain();
  bring_money();
  node_.reopen();
  ASSERT_NE(node_->gateway().chain(kAdded), nullptr);
  wait_for_balance(kAdded, Amount(100));
  EXPECT_TRUE(pay_self(kAdded, ChainId(1)));
}

TEST_F(AddedChain, OfAnotherAccountingNodeIsNotRunHere) {
  const auto nodes = nodes_of_main_chain();
  // The consensus node's key is a node's too.
  must(decide(tx::AddChain{nodes.consensus.front(), {}, 0}));
  wait_until(ChainId(1), [&](const ledger::View& state) {
    return state.find<ledger::NodesRow>(kAdded).has_value();
  });
  node_.reopen();
  EXPECT_EQ(node_->gateway().chain(kAdded), nullptr);
  EXPECT_TRUE(pay_self(ChainId(1), ChainId(2)));
}

}  // namespace
}  // namespace intaglio::service
