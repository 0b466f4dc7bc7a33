// Chains that the real CometBFT orders. Not run, and said so, where the program cannot be had.
#include <gtest/gtest.h>

#include "comet/cluster.h"
#include "proof/light_client.h"
#include "real_node/load.h"

namespace intaglio::comet {
namespace {

using real_node::Load;

class CometTest : public ::testing::Test {
 protected:
  void SetUp() override {
    program_ = comet_program();
    if (!program_) GTEST_SKIP() << "NOT RUN: there is no CometBFT (scripts/cometbft)";
  }

  std::unique_ptr<Cluster> cluster(std::uint16_t chains, std::uint16_t validators) const {
    service::NetworkOptions options;
    options.setup = load_.options();
    options.setup.chains = chains;
    options.validators = validators;
    options.block_interval = Duration(200);
    return std::make_unique<Cluster>(*program_, std::move(options));
  }

  std::optional<std::string> program_;
  Load load_;
};

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

}  // namespace
}  // namespace intaglio::comet
