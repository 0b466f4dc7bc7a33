// Chains that the real CometBFT orders.
#include "comet/cluster_for_test.h"
#include "proof/light_client.h"

namespace intaglio::comet {
namespace {

TEST_F(CometTest, OrdersAChainOfOneValidator) {
  const auto cluster = this->cluster(2, 1);
  load_.learn_ledger(cluster->folder(0));
  cluster->start();
  auto client = cluster->client();
  const auto payment = load_.make(0, 5);
  const auto receipt = client.submit(payment.bytes);
  ASSERT_TRUE(receipt.has_value()) << to_string(receipt.error());
  EXPECT_TRUE(receipt->accepted());
  EXPECT_EQ(receipt->chain, Load::kChain);
  EXPECT_EQ(cluster->server().stop(), 0);
}

TEST_F(CometTest, FourValidatorsHaveTheSameBlocks) {
  const auto cluster = this->cluster(2, 4);
  load_.learn_ledger(cluster->folder(0));
  cluster->start();
  auto client = cluster->client();
  Height last(0);
  for (std::uint64_t i = 1; i <= 5; ++i) {
    const auto payment = load_.make(0, i);
    const auto receipt = client.submit(payment.bytes);
    ASSERT_TRUE(receipt.has_value()) << to_string(receipt.error());
    EXPECT_TRUE(receipt->accepted());
    last = receipt->height;
  }
  // Header h + 1 carries the hash of our block h.
  const Height next = last.next();
  std::optional<proof::LightBlock> first;
  for (std::size_t op = 0; op < cluster->operators(); ++op) {
    ASSERT_TRUE(cluster->reaches(op, 1, next)) << "operator " << op;
    const auto block = cluster->rpc(op, 1).light_block(next);
    ASSERT_TRUE(block.has_value()) << to_string(block.error());
    EXPECT_TRUE(proof::verify_commit(block->header, block->commit, block->validators).has_value());
    if (!first) first = *block;
    EXPECT_EQ(block->header, first->header);
  }
}

// A payment between two chains that CometBFT orders: the relay brings its votes, and the other
// chain's validators check them.
TEST_F(CometTest, APaymentCrossesChainsByTheVotesOfTheirValidators) {
  const auto cluster = this->cluster(2, 4);
  load_.learn_ledger(cluster->folder(0));
  cluster->start();
  auto client = cluster->client();
  const auto payment = load_.make_across(0, 1, kMainChain, 7);
  const auto receipt = client.submit(payment.bytes);
  ASSERT_TRUE(receipt.has_value()) << to_string(receipt.error());
  const auto arrived = [&] { return load_.spendable(*cluster, 1, kMainChain) == 7U; };
  EXPECT_TRUE(Cluster::wait_until(arrived));
  // And back.
  const auto back = client.submit(load_.make_across(1, 0, Load::kChain, 3, kMainChain).bytes);
  ASSERT_TRUE(back.has_value()) << to_string(back.error());
  EXPECT_TRUE(Cluster::wait_until(
      [&] { return load_.spendable(*cluster, 0, Load::kChain) == Load::kStart - 7 + 3; }));
  wait_for_the_last(*cluster);
  stop_and_replay(*cluster);
}

// A new operator's node begins with a snapshot that the others made, and follows from there.
TEST_F(CometTest, ANodeJoinsByStateSync) {
  const auto cluster = this->cluster(2, 2);
  load_.learn_ledger(cluster->folder(0));
  // The last two are kept, and a node that joins looks around for a while first.
  cluster->snapshot_every(40);
  cluster->start();
  auto client = cluster->client();
  for (std::uint64_t i = 1; i <= 3; ++i) {
    ASSERT_TRUE(client.submit(load_.make(0, i).bytes).has_value());
  }
  ASSERT_TRUE(cluster->reaches(0, 1, Height(43)));

  const std::size_t joined = cluster->join({1});
  cluster->start_application(joined, 1);
  cluster->start_comet(joined, 1);
  const Height now = cluster->height(0, 1).value();
  ASSERT_TRUE(cluster->reaches(joined, 1, now)) << cluster->log(joined, 1);
  const auto theirs = must(cluster->rpc(joined, 1).light_block(now));
  EXPECT_EQ(theirs.header, must(cluster->rpc(0, 1).light_block(now)).header);
  // It never executed the blocks before.
  EXPECT_FALSE(cluster->rpc(joined, 1).light_block(Height(2)).has_value());
  cluster->kill(joined, 1);
  const auto key = crypto::SigningKey::generate();
  const auto application = must(chain::Application::open(
      cluster->genesis(), ChainId(1), cluster->folder(joined) + "/chain-1", signer_of(key)));
  EXPECT_GE(application->tip().height, now);
  EXPECT_FALSE(application->store().block(Height(2)).has_value());
}

}  // namespace
}  // namespace intaglio::comet
