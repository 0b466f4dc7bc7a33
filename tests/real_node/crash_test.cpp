// Kills the real binary with SIGKILL at random moments under load, again and again, and audits what
// is left: nothing that was receipted is lost, nothing is half done.
#include <random>
#include <thread>

#include "real_node/load.h"

namespace intaglio::real_node {
namespace {

void kill_under_load(int kills, std::uint16_t consensus) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  Load load;
  auto options = load.options();
  options.consensus = consensus;
  RealNode node(options);
  load.learn_ledger(node.folder());
  for (int kill = 0; kill < kills; ++kill) {
    node.start();
    std::atomic<bool> gone = false;
    std::vector<std::vector<Load::Sent>> sent(2);
    std::vector<std::thread> clients;
    for (std::size_t by = 0; by < 2; ++by) {
      clients.emplace_back([&, by] { load.send_until(gone, node, by, sent[by]); });
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20 + random() % 200));
    node.kill();
    gone = true;
    for (auto& client : clients) client.join();

    node.start();
    for (auto& each : sent) load.audit(node, each);
    load.check_balances(node);
    ASSERT_FALSE(testing::Test::HasFatalFailure());
    // Half of the audits end by a kill as well.
    if (kill % 2 == 0) {
      EXPECT_EQ(node.stop(), 0);
    } else {
      node.kill();
    }
  }
  std::printf("%d kills: %zu receipted and found again, %zu unanswered and settled once\n", kills,
              load.receipted(), load.unanswered());
  EXPECT_GT(load.receipted(), 0U);
}

TEST(CrashTest, FiftyKillsUnderLoadLoseNothingReceiptedAndLeaveNothingHalfDone) {
  kill_under_load(50, 0);
}

// Accounting and consensus nodes in one process die together.
TEST(CrashTest, KillsOfANodeWithConsensusNodesLoseNothingEither) { kill_under_load(15, 3); }

}  // namespace
}  // namespace intaglio::real_node
