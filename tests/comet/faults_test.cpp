// What goes wrong with chains that the real CometBFT orders: processes, networks, disks,
// validators.
#include <filesystem>
#include <fstream>

#include "chain/abci/server.h"
#include "chain/comet_adapter.h"
#include "comet/cluster_for_test.h"

namespace intaglio::comet {
namespace {

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
  for (int kill = 0; kill < 8; ++kill) {
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
  std::printf("8 kills: %zu receipted and found again, %zu unanswered and settled once\n",
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

// Two processes with one validator's key: where both propose, they vote for two blocks at once. The
// evidence reaches the main chain, which suspends the node's key, and the chain goes on without it.
TEST_F(CometTest, AValidatorThatVotesTwiceIsPutOut) {
  const auto cluster = this->cluster(2, 4);
  load_.learn_ledger(cluster->folder(0));
  cluster->start();
  const std::size_t twin = cluster->join({});
  std::filesystem::copy_file(cluster->folder(3) + "/comet-1/config/priv_validator_key.json",
                             cluster->folder(twin) + "/comet-1/config/priv_validator_key.json",
                             std::filesystem::copy_options::overwrite_existing);
  cluster->start_application(twin, 1);
  cluster->start_comet(twin, 1);
  const std::string node = codec::to_hex(cluster->node_key(3));
  const auto votes = [&](std::uint16_t chain) {
    auto client = cluster->client();
    const auto shown = client.chain(ChainId(chain));
    const codec::Json* nodes = shown ? shown->find("nodes") : nullptr;
    const codec::Json* validators = nodes == nullptr ? nullptr : nodes->find("validators");
    if (validators == nullptr || validators->items() == nullptr) return true;
    return std::ranges::any_of(*validators->items(), [&](const codec::Json& each) {
      return each.text_at("node").value_or("") == node;
    });
  };
  ASSERT_TRUE(votes(1));
  ASSERT_TRUE(Cluster::wait_until([&] { return !votes(1); }, std::chrono::seconds(180)));
  EXPECT_TRUE(votes(0)) << "another key, of which nothing was shown";
  // CometBFT follows, and the others go on.
  const auto in_comets_set = [&] {
    const auto height = cluster->height(0, 1);
    const auto block = cluster->rpc(0, 1).light_block(height.value_or(Height(1)));
    return !block || block->validators.validators().size() == 4;
  };
  EXPECT_TRUE(Cluster::wait_until([&] { return !in_comets_set(); }));
  EXPECT_TRUE(cluster->client().submit(load_.make(0, 1).bytes).has_value());
  // What it voted twice besides is settled, too: nothing is left to be shown again and again.
  cluster->kill(twin, 1);
  const auto is_settled = [&] {
    EXPECT_TRUE(cluster->reaches(0, 1, Height(cluster->height(0, 1).value().value() + 20)));
    cluster->kill(0, 1);
    const auto key = crypto::SigningKey::generate();
    const bool none =
        must(chain::Application::open(cluster->genesis(), ChainId(1),
                                      cluster->folder(0) + "/chain-1", signer_of(key)))
            ->store()
            .notes(chain::kDoubleVoteNote)
            .empty();
    cluster->heal();
    return none;
  };
  EXPECT_TRUE(Cluster::wait_until(is_settled));
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

// Everything at once, as when a whole site loses its power.
TEST_F(CometTest, AKillOfAllLosesNothingReceipted) {
  const auto cluster = this->cluster(2, 4);
  load_.learn_ledger(cluster->folder(0));
  cluster->start();
  std::atomic<bool> gone = false;
  std::vector<std::vector<Load::Sent>> sent(1);
  std::thread client([&] { load_.send_until(gone, *cluster, 0, sent[0]); });
  const Height begun = cluster->height(0, Load::kChain.value()).value_or(Height(0));
  EXPECT_TRUE(cluster->reaches(0, Load::kChain.value(), Height(begun.value() + 15)));
  for (std::size_t op = 0; op < cluster->operators(); ++op) {
    for (std::uint16_t chain = 0; chain < cluster->chains(); ++chain) {
      cluster->kill(op, chain);
    }
  }
  gone = true;
  client.join();
  cluster->heal();
  load_.audit(*cluster, sent[0]);
  load_.check_balances(*cluster);
  EXPECT_GT(load_.receipted(), 0U);
  wait_for_the_last(*cluster);
  stop_and_replay(*cluster);
}

// A block's time is the median of its validators' clocks.
TEST_F(CometTest, WrongClocksOfAMinorityMoveNoTime) {
  if (!skewed_comet_program()) GTEST_SKIP() << "NOT RUN: no CometBFT with another clock";
  const auto cluster = this->cluster(2, 4);
  cluster->set_clock(1, "40s");
  cluster->set_clock(2, "-40s");
  load_.learn_ledger(cluster->folder(0));
  cluster->start();
  auto client = cluster->client();
  for (std::uint64_t i = 1; i <= 4; ++i) {
    const Millis before = system_env().now();
    const auto receipt = client.submit(load_.make(0, i).bytes);
    ASSERT_TRUE(receipt.has_value()) << to_string(receipt.error());
    EXPECT_GT(receipt->time + seconds(30), before);
    EXPECT_LT(receipt->time, system_env().now() + seconds(30));
  }
  wait_for_the_last(*cluster);
  stop_and_replay(*cluster);
}

// One operator's disk is full: its processes end, the others go on, and when there is room again it
// catches up.
TEST_F(CometTest, AFullDiskStopsItsOwnerAlone) {
  constexpr std::size_t kSmall = std::size_t{96} << 20;
  const auto cluster = this->cluster(2, 4, nullptr, {{3, kSmall}});
  if (!cluster->has_small_disk()) GTEST_SKIP() << "NOT RUN: no disk of our own (needs root)";
  load_.learn_ledger(cluster->folder(0));
  cluster->start();
  ASSERT_TRUE(cluster->reaches(3, 1, Height(3)));
  const std::string filler = cluster->folder(3) + "/filler";
  {
    std::ofstream fill(filler, std::ios::binary);
    const std::string block(std::size_t{64} << 10, 'x');
    while (fill.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
    }
  }
  // The others leave it behind.
  EXPECT_TRUE(Cluster::wait_until([&] {
    const auto others = cluster->height(0, 1);
    return others && *others > Height(cluster->height(3, 1).value_or(Height(0)).value() + 10);
  }));
  auto client = cluster->client();
  for (std::uint64_t i = 1; i <= 3; ++i) {
    EXPECT_TRUE(client.submit(load_.make(0, i).bytes).has_value());
  }
  std::filesystem::remove(filler);
  for (std::uint16_t chain = 0; chain < 2; ++chain) cluster->kill(3, chain);
  cluster->heal();
  wait_for_the_last(*cluster);
  stop_and_replay(*cluster);
}

}  // namespace
}  // namespace intaglio::comet
