// Consensus nodes in processes of their own, over mutual TLS on loopback: killed with SIGKILL under
// load, and audited.
#include <filesystem>
#include <future>
#include <thread>

#include "chain/consensus_node.h"
#include "http/node_link.h"
#include "real_node/load.h"

namespace intaglio::real_node {
namespace {

constexpr std::size_t kNodes = 3;

// A node and its consensus nodes, each moved to a folder and a process of its own.
class ApartTest : public ::testing::Test {
 protected:
  ApartTest() {
    auto options = load_.options();
    options.consensus = kNodes;
    node_.emplace(options);
    load_.learn_ledger(node_->folder());
    for (std::size_t i = 0; i < kNodes; ++i) {
      const std::string from = node_->folder() + "/consensus-" + std::to_string(i + 1);
      consensus_.emplace_back(away_ / ("consensus-" + std::to_string(i + 1)));
      std::filesystem::rename(from, consensus_[i].folder());
    }
  }
  void start_all() {
    std::vector<std::string> more;
    for (auto& each : consensus_) {
      if (!each.running()) each.start();
      more.insert(more.end(), {"--consensus-node", each.key() + '=' + each.url()});
    }
    node_->start(more);
  }

  // Loads the node while `act` goes on.
  template <typename Act>
  std::vector<std::vector<Load::Sent>> load_while(const Act& act) {
    std::atomic<bool> gone = false;
    std::vector<std::vector<Load::Sent>> sent(2);
    std::vector<std::thread> clients;
    for (std::size_t by = 0; by < 2; ++by) {
      clients.emplace_back([&, by] { load_.send_until(gone, *node_, by, sent[by]); });
    }
    act();
    gone = true;
    for (auto& client : clients) client.join();
    return sent;
  }
  static void work(int milliseconds) {
    std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
  }
  // Waits until the chain that is loaded has so many more blocks, however slow the machine is.
  void grow_by(std::uint64_t blocks) const {
    auto client = node_->client();
    const auto height = [&client] {
      const auto chain = client.chain(Load::kChain);
      CHECK(chain.has_value());
      return *chain->uint_at("height");
    };
    for (const auto from = height(); height() < from + blocks;) work(20);
  }
  void audit(std::vector<std::vector<Load::Sent>> sent) {
    for (auto& each : sent) load_.audit(*node_, each);
    load_.check_balances(*node_);
  }

  // Waits until all consensus nodes have every block of the chain that was loaded.
  void wait_until_level() const {
    auto client = node_->client();
    for (bool is_level = false; !is_level; work(20)) {
      const auto chain = client.chain(Load::kChain);
      ASSERT_TRUE(chain.has_value()) << to_string(chain.error());
      is_level = true;
      for (const auto& each : *chain->find("nodes")->find("consensus")->items()) {
        is_level = is_level && each.uint_at("height") == chain->uint_at("height");
      }
    }
  }

  // Where a stopped node is on the chain that was loaded.
  store::Tip tip_of(const std::string& folder) const {
    const auto genesis = service::read_genesis(node_->folder(), system_env());
    const auto key = crypto::SigningKey::generate();
    auto application = chain::Application::open(
        *genesis, Load::kChain, folder + "/chain-1",
        {key.public_key(),
         [](ByteView) -> Result<crypto::Signature> { return refuse(Verdict::element_locked); }});
    CHECK(application.has_value());
    return (*application)->tip();
  }

  Load load_;
  FolderForTest away_;
  std::optional<RealNode> node_;
  std::vector<RealConsensusNode> consensus_;
};

TEST_F(ApartTest, AConsensusNodeKilledUnderLoadIsMissedByNobodyAndCatchesUp) {
  start_all();
  audit(load_while([&] {
    grow_by(5);
    consensus_[1].kill();
    grow_by(5);
    consensus_[1].start_again();
    grow_by(10);
  }));
  ASSERT_FALSE(HasFatalFailure());
  wait_until_level();
  EXPECT_EQ(node_->stop(), 0);
  const store::Tip tip = tip_of(node_->folder());
  for (auto& each : consensus_) each.kill();
  for (const auto& each : consensus_) EXPECT_EQ(tip_of(each.folder()), tip);
}

TEST_F(ApartTest, KillsOfTheAccountingNodeUnderLoadLoseNothing) {
  for (int kill = 0; kill < 5; ++kill) {
    start_all();
    auto sent = load_while([&] {
      work(200);
      node_->kill();
    });
    start_all();
    audit(std::move(sent));
    ASSERT_FALSE(HasFatalFailure());
    node_->kill();
  }
}

// An accounting node that signs two blocks of one height. What the consensus node saw outlives
// kill -9, convinces whoever knows the accounting node's key, and is shown.
TEST_F(ApartTest, ALyingAccountingNodeIsCaughtAndTheEvidenceStays) {
  const auto genesis = *service::read_genesis(node_->folder(), system_env());
  const LedgerId ledger = ledger::ledger_id(genesis);
  const auto key = node_->key("node");
  const auto tls = *service::read_node_tls(node_->folder(), system_env());
  consensus_[0].start();
  const auto ask = [&](const chain::Message& message) {
    const auto link = *http::NodeLink::open(
        {consensus_[0].url(), Load::kChain, genesis.nodes[1].consensus[0], tls.root_pem},
        {tls.certificate_pem, Secret(Bytes(tls.key_pem)), RealNode::passphrase()});
    std::promise<Result<chain::Standing>> answer;
    link->ask(message, [&](auto standing) { answer.set_value(std::move(standing)); });
    auto standing = answer.get_future().get();
    CHECK(standing.has_value());
    return *std::move(standing);
  };
  {
    const auto liar = *chain::Application::open(genesis, Load::kChain, node_->folder() + "/chain-1",
                                                element::signer_of(*key));
    ask(chain::Greeting{liar->sign(chain::SessionStart{Load::kChain, 1})});
    const Millis now = system_env().now();
    const auto propose = [&](Millis time) {
      const auto block = liar->finalize(time, {});
      return ask(chain::Proposal{1, liar->sign(block.header), {block.transactions}, {}});
    };
    EXPECT_TRUE(propose(now).signed_block.has_value());
    const auto caught = propose(now + Duration(1));
    ASSERT_TRUE(caught.unwilling.has_value());
    EXPECT_EQ(caught.unwilling->verdict, static_cast<std::uint16_t>(Verdict::block_forked));
  }
  consensus_[0].kill();
  start_all();
  auto client = node_->client();
  while (client.forks(Load::kChain)->items()->empty()) work(20);
  const auto forks = *client.forks(Load::kChain);
  EXPECT_EQ(forks.items()->at(0).text_at("seen_by"), consensus_[0].key());
  const auto header = [&](const char* name) {
    return *codec::from_hex(*forks.items()->at(0).find(name)->text_at("signed_header"));
  };
  EXPECT_TRUE(proof::verify_fork<ledger::BlockHeader>({header("first"), header("second")},
                                                      crypto::Verifier(key->public_key()), ledger));
  // The other two are a quorum; the chain goes on with the blocks that they sign.
  const auto receipt = client.submit(load_.make(0, 1).bytes);
  ASSERT_TRUE(receipt.has_value()) << to_string(receipt.error());
  EXPECT_TRUE(receipt->accepted());
  wait_until_level();
}

TEST_F(ApartTest, WithoutAQuorumTransactionsWaitAndAreSettledOnceItIsBack) {
  start_all();
  auto sent = load_while([&] {
    work(200);
    consensus_[0].kill();
    consensus_[1].kill();
    work(300);
    node_->kill();  // with a block that one of them may have signed
  });
  start_all();
  audit(std::move(sent));
}

// Nobody opens it by hand: the consensus nodes find it on their own replicas of the main chain.
TEST_F(ApartTest, AChainThatIsAddedIsSignedByTheNodesApart) {
  start_all();
  auto client = node_->client();
  const auto genesis = *service::read_genesis(node_->folder(), system_env());
  const auto authority = node_->operator_key();
  const auto& nodes = genesis.nodes.front();
  const tx::Transaction body{
      .ledger = ledger::ledger_id(genesis),
      .chains = {kMainChain},
      .account = AccountId::prefix_of(authority->public_key().hash()),
      .client = system_env().random_id<ClientId>(),
      .valid_until = system_env().now() + seconds(60),
      .operations = {tx::AddChain{nodes.accounting, nodes.consensus, nodes.quorum}}};
  const auto receipt =
      client.submit(*proof::sign_statement(body, body.ledger, element::signer_of(*authority)));
  ASSERT_TRUE(receipt.has_value()) << to_string(receipt.error());
  const ChainId added(genesis.chains);
  for (std::uint64_t height = 0; height == 0; work(20)) {
    const auto chain = client.chain(added);
    if (chain) height = chain->uint_at("height").value_or(0);
    ASSERT_TRUE(chain || chain.error().verdict == Verdict::unknown_chain)
        << to_string(chain.error());
  }
  const auto block = *client.block(added, Height(1));
  EXPECT_GE(block.find("cosignatures")->items()->size(), nodes.quorum);
}

}  // namespace
}  // namespace intaglio::real_node
