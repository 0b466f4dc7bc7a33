// Chains that the real CometBFT orders. Not run, and said so, where the program cannot be had.
#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "base/result_for_test.h"
#include "chain/abci/server.h"
#include "chain/comet_adapter.h"
#include "comet/cluster.h"
#include "crypto/sha256.h"
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

  std::unique_ptr<Cluster> cluster(std::uint16_t chains, std::uint16_t validators,
                                   std::unique_ptr<Hosts> hosts = nullptr) const {
    service::NetworkOptions options;
    options.setup = load_.options();
    options.setup.chains = chains;
    options.validators = validators;
    options.block_interval = Duration(200);
    return std::make_unique<Cluster>(*program_, std::move(options), std::move(hosts));
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

// What runs of any operator is killed at any time under load: CometBFT, an application, the server.
TEST_F(CometTest, KillsOfAnyProcessLoseNothingReceipted) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const auto cluster = this->cluster(2, 4);
  load_.learn_ledger(cluster->folder(0));
  cluster->start();
  std::atomic<bool> gone = false;
  std::vector<std::vector<Load::Sent>> sent(2);
  std::vector<std::thread> clients;
  for (std::size_t by = 0; by < 2; ++by) {
    clients.emplace_back([&, by] { load_.send_until(gone, *cluster, by, sent[by]); });
  }
  for (int kill = 0; kill < 12; ++kill) {
    std::this_thread::sleep_for(std::chrono::milliseconds(500 + random() % 1500));
    const std::size_t op = random() % 4;
    if (random() % 2 == 0) {
      cluster->comet(op, 1).kill();
    } else {
      cluster->kill(op, 1);
    }
    if (kill % 2 == 0) cluster->heal();
  }
  cluster->heal();
  gone = true;
  for (auto& client : clients) client.join();
  for (auto& each : sent) load_.audit(*cluster, each);
  load_.check_balances(*cluster);
  std::printf("12 kills: %zu receipted and found again, %zu unanswered and settled once\n",
              load_.receipted(), load_.unanswered());
  EXPECT_GT(load_.receipted(), 0U);
  wait_for_the_last(*cluster);
  stop_and_replay(*cluster);
}

// Whoever is cut off from more than a third of the votes makes no blocks, and nobody two.
TEST_F(CometTest, ADividedNetworkMakesNoBlocksThatDiffer) {
  auto made = Hosts::make(4);
  if (!made) GTEST_SKIP() << "NOT RUN: no network namespaces (needs root and iproute2)";
  const auto cluster = this->cluster(2, 4, std::move(made));
  Hosts& hosts = *cluster->hosts();
  cluster->start();
  const auto height = [&](std::size_t op) {
    std::optional<Height> out;
    hosts.on(op, [&] {
      const auto client = must(http::CometClient::open(cluster->home(op, 1).rpc_url()));
      if (const auto status = client->status()) out = status->height;
    });
    return out.value_or(Height(0));
  };
  const auto grows = [&](std::size_t op, std::chrono::seconds patience) {
    const Height wanted(height(op).value() + 3);
    return Cluster::wait_until([&] { return height(op) >= wanted; }, patience);
  };
  ASSERT_TRUE(grows(0, std::chrono::seconds(60)));

  // Three of four go on, the fourth stands still, and catches up.
  hosts.divide({3});
  EXPECT_TRUE(grows(0, std::chrono::seconds(60)));
  EXPECT_FALSE(grows(3, std::chrono::seconds(5)));
  hosts.unite();
  const Height behind = height(0);
  EXPECT_TRUE(Cluster::wait_until([&] { return height(3) >= behind; }));

  // Two and two: neither half.
  hosts.divide({2, 3});
  std::this_thread::sleep_for(std::chrono::seconds(2));  // what was decided already is told
  EXPECT_FALSE(grows(0, std::chrono::seconds(5)));
  EXPECT_FALSE(grows(3, std::chrono::seconds(1)));
  hosts.unite();
  for (std::size_t op = 0; op < 4; ++op) EXPECT_TRUE(grows(op, std::chrono::seconds(120)));

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

// An application that executes as it should and says another hash from one height on, as one would
// whose memory or disk went wrong.
class WrongHash final : public chain::abci::Application {
 public:
  WrongHash(chain::CometAdapter& right, std::int64_t from) : right_(right), from_(from) {}

  Result<chain::abci::InfoAnswer> info(const chain::abci::Info& request) override {
    return right_.info(request);
  }
  Result<chain::abci::QueryAnswer> query(const chain::abci::Query& request) override {
    return right_.query(request);
  }
  Result<chain::abci::CheckTxAnswer> check_tx(const chain::abci::CheckTx& request) override {
    return right_.check_tx(request);
  }
  Result<chain::abci::InitChainAnswer> init_chain(const chain::abci::InitChain& request) override {
    return right_.init_chain(request);
  }
  Result<chain::abci::PrepareProposalAnswer> prepare_proposal(
      const chain::abci::PrepareProposal& request) override {
    return right_.prepare_proposal(request);
  }
  Result<chain::abci::ProcessProposalAnswer> process_proposal(
      const chain::abci::ProcessProposal& request) override {
    return right_.process_proposal(request);
  }
  Result<chain::abci::ExtendVoteAnswer> extend_vote(
      const chain::abci::ExtendVote& request) override {
    return right_.extend_vote(request);
  }
  Result<chain::abci::VerifyVoteExtensionAnswer> verify_vote_extension(
      const chain::abci::VerifyVoteExtension& request) override {
    return right_.verify_vote_extension(request);
  }
  Result<chain::abci::FinalizeBlockAnswer> finalize_block(
      const chain::abci::FinalizeBlock& request) override {
    auto answer = right_.finalize_block(request);
    if (answer && request.height >= from_) answer->app_hash.back() ^= 1;
    return answer;
  }
  Result<chain::abci::CommitAnswer> commit(const chain::abci::Commit& request) override {
    return right_.commit(request);
  }
  Result<chain::abci::ListSnapshotsAnswer> list_snapshots(
      const chain::abci::ListSnapshots& request) override {
    return right_.list_snapshots(request);
  }
  Result<chain::abci::OfferSnapshotAnswer> offer_snapshot(
      const chain::abci::OfferSnapshot& request) override {
    return right_.offer_snapshot(request);
  }
  Result<chain::abci::LoadSnapshotChunkAnswer> load_snapshot_chunk(
      const chain::abci::LoadSnapshotChunk& request) override {
    return right_.load_snapshot_chunk(request);
  }
  Result<chain::abci::ApplySnapshotChunkAnswer> apply_snapshot_chunk(
      const chain::abci::ApplySnapshotChunk& request) override {
    return right_.apply_snapshot_chunk(request);
  }

 private:
  chain::CometAdapter& right_;
  const std::int64_t from_;
};

TEST_F(CometTest, AValidatorWithAnotherHashStopsIsNamedAndStopsNobodyElse) {
  const auto cluster = this->cluster(2, 4);
  // The fourth operator's application of chain 1 runs here, and is wrong from block 5 on.
  const auto key = crypto::SigningKey::generate();
  const auto application = must(chain::Application::open(
      cluster->genesis(), ChainId(1), cluster->folder(3) + "/chain-1", signer_of(key)));
  const auto right = must(chain::CometAdapter::open(*application));
  WrongHash wrong(*right, 5);
  const auto server =
      must(chain::abci::Server::start("unix://" + cluster->folder(3) + "/abci-1.sock", wrong));
  cluster->start({{3, 1}});
  ASSERT_TRUE(cluster->reaches(0, 1, Height(10)));

  // It saw that the others have another hash, and CometBFT ends it, saying so.
  EXPECT_TRUE(Cluster::wait_until(
      [&] { return cluster->log(3, 1).find("wrong Block.Header.AppHash") != std::string::npos; }));
  auto client = cluster->client();
  const auto genesis = cluster->genesis();
  const std::string node = codec::to_hex(cluster->node_key(3));
  const auto chain = must(client.chain(ChainId(1)));
  const auto* validators = chain.find("nodes")->find("validators")->items();
  ASSERT_EQ(validators->size(), 4U);
  for (const auto& each : *validators) {
    EXPECT_EQ(*each.find("voted"), codec::Json(each.text_at("node").value() != node));
  }
}

}  // namespace
}  // namespace intaglio::comet
