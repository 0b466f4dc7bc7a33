// The scenarios over HTTP against the real binary: the same files, the same outcomes.
#include "scenario/scenario.h"

#include <thread>

#include <gtest/gtest.h>

#include "real_node/real_node.h"

namespace intaglio::scenario {
namespace {

class HttpStage final : public Stage {
 public:
  explicit HttpStage(const real_node::RealNode& node)
      : client_(node.client()), operator_(node.operator_key()) {}

  Result<tx::Receipt> submit(const Bytes& transaction) override {
    return client_.submit(transaction);
  }

  Result<ledger::BalanceRow> balance(const Address& of, AssetId asset) override {
    ASSIGN(const auto account, client_.account(of, element::signer_of(*operator_)));
    for (const auto& each : account.balances) {
      if (each.asset == asset) {
        return ledger::BalanceRow{each.credits_posted, each.debits_posted, each.held, {}};
      }
    }
    return ledger::BalanceRow{};
  }

  Millis now() override { return system_env().now(); }
  void wait(Duration time) override {
    std::this_thread::sleep_for(std::chrono::milliseconds(time.value()));
  }
  Result<void> arrive() override {
    for (int tries = 0; tries < 600; ++tries) {
      ASSIGN(const auto streams, client_.streams());
      if (std::ranges::all_of(*streams.items(), [](const codec::Json& each) {
            return each.uint_at("sent").value_or(0) == each.uint_at("arrived").value_or(1);
          })) {
        return {};
      }
      wait(Duration(50));
    }
    return refuse(Verdict::timed_out, "packets");
  }

 private:
  cli::NodeClient client_;
  std::unique_ptr<element::SecureElement> operator_;
};

class ScenarioOverHttp : public ::testing::TestWithParam<Scenario> {};

TEST_P(ScenarioOverHttp, TurnsOutAsOnTheExecutor) {
  Cast cast(GetParam());
  service::SetupOptions options;
  options.name = "scenario";
  options.chains = GetParam().chains;
  options.assets = cast.genesis().assets;
  options.keys = cast.genesis().keys;
  options.money = cast.genesis().money;
  real_node::RealNode node(options);
  node.start();
  // The ledger's id is that of the folder's genesis, which has the node's own keys too.
  const auto genesis = service::read_genesis(node.folder(), system_env());
  ASSERT_TRUE(genesis.has_value());
  cast.play_on(ledger::ledger_id(*genesis));
  HttpStage stage(node);
  const auto done = perform(GetParam(), cast, stage);
  EXPECT_TRUE(done.has_value()) << "tests/scenarios/" << GetParam().name << ".scenario "
                                << done.error();
  EXPECT_EQ(node.stop(), 0);
}

INSTANTIATE_TEST_SUITE_P(All, ScenarioOverHttp, ::testing::ValuesIn(all_scenarios()),
                         [](const auto& scenario) { return scenario.param.name; });

}  // namespace
}  // namespace intaglio::scenario
