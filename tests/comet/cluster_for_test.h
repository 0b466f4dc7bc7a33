// What the tests of chains under the real CometBFT begin with.
#pragma once

#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "base/result_for_test.h"
#include "comet/cluster.h"
#include "crypto/sha256.h"
#include "real_node/load.h"

namespace intaglio::comet {

using real_node::Load;

// Not run, and said so, where the program cannot be had.
class CometTest : public ::testing::Test {
 protected:
  void SetUp() override {
    program_ = comet_program();
    if (!program_) GTEST_SKIP() << "NOT RUN: there is no CometBFT (scripts/cometbft)";
  }

  std::unique_ptr<Cluster> cluster(std::uint16_t chains, std::uint16_t validators,
                                   std::unique_ptr<Hosts> hosts = nullptr,
                                   std::optional<SmallDisk> small = {}) const {
    service::NetworkOptions options;
    options.setup = load_.options();
    options.setup.chains = chains;
    options.validators = validators;
    options.block_interval = Duration(200);
    return std::make_unique<Cluster>(*program_, std::move(options), std::move(hosts), small);
  }

  // Every operator has the other's blocks.
  static void wait_for_the_last(Cluster& cluster) {
    for (std::uint16_t chain = 0; chain < cluster.chains(); ++chain) {
      const Height last = cluster.height(0, chain).value();
      for (std::size_t op = 0; op < cluster.operators(); ++op) {
        ASSERT_TRUE(cluster.reaches(op, chain, last)) << "operator " << op << " chain " << chain;
      }
    }
  }
  // Everybody's chains are those of the embedded mode.
  static void stop_and_replay(Cluster& cluster) {
    for (std::size_t op = 0; op < cluster.operators(); ++op) {
      for (std::uint16_t chain = 0; chain < cluster.chains(); ++chain) {
        cluster.kill(op, chain);
        cluster.comet(op, chain).kill();
      }
    }
    for (std::size_t op = 0; op < cluster.operators(); ++op) {
      for (std::uint16_t chain = 0; chain < cluster.chains(); ++chain) {
        EXPECT_TRUE(cluster.replay(op, chain).has_value())
            << "operator " << op << " chain " << chain;
      }
    }
  }

  static crypto::Signer signer_of(const crypto::SigningKey& key) {
    return {key.public_key(), [&key](ByteView message) -> Result<crypto::Signature> {
              return key.sign(crypto::sha256(message));
            }};
  }

  std::optional<std::string> program_;
  Load load_;
};

}  // namespace intaglio::comet
