// The scenarios on the bare executor: no disk, no threads, a clock that is told.
#include "tx/executor.h"

#include <gtest/gtest.h>

#include "ledger/memory_state.h"
#include "scenario/scenario.h"

namespace intaglio::scenario {
namespace {

class ExecutorStage final : public Stage {
 public:
  explicit ExecutorStage(const ledger::Genesis& genesis)
      : ledger_(ledger::ledger_id(genesis)), chains_(genesis.chains) {
    for (std::uint16_t i = 0; i < genesis.chains; ++i) {
      const ledger::EmptyView nothing;
      ledger::Stage stage(&nothing);
      ledger::apply_genesis(stage, genesis, ChainId(i));
      chains_[i].state.apply(stage.changes());
    }
  }

  Result<tx::Receipt> submit(const Bytes& transaction, ChainId chain) override {
    Chain& at = chains_.at(chain.value());
    ASSIGN(auto parsed, proof::parse_statement<tx::Transaction>(transaction, ledger_));
    TRY(parsed.body().check());
    const auto row = at.state.find<ledger::KeyRow>(parsed.signer());
    if (!row) return refuse(Verdict::unknown_key, codec::to_hex(parsed.signer()));
    ASSIGN(const auto verified,
           proof::verify_statement(std::move(parsed), crypto::Verifier(row->public_key)));
    now_ = now_ + Duration(1);
    at.height = at.height.next();
    auto executed =
        tx::execute_block(at.state, ledger_, {chain, at.height, now_}, std::span(&verified, 1));
    at.state.apply(executed.changes);
    return executed.receipts.front();
  }

  Result<ledger::BalanceRow> balance(const Address& of, AssetId asset) override {
    return chains_.at(of.chain.value())
        .state.find<ledger::BalanceRow>({of.account, asset})
        .value_or(ledger::BalanceRow{});
  }

  Millis now() override { return now_; }
  void wait(Duration time) override { now_ = now_ + time; }

 private:
  struct Chain {
    ledger::MemoryState state;
    Height height;
  };
  LedgerId ledger_;
  std::vector<Chain> chains_;
  Millis now_{1'800'000'000'000};
};

class ScenarioOnTheExecutor : public ::testing::TestWithParam<Scenario> {};

TEST_P(ScenarioOnTheExecutor, TurnsOutAsWritten) {
  Cast cast(GetParam());
  ExecutorStage stage(cast.genesis());
  const auto done = perform(GetParam(), cast, stage);
  EXPECT_TRUE(done.has_value()) << "tests/scenarios/" << GetParam().name << ".scenario "
                                << done.error();
}

INSTANTIATE_TEST_SUITE_P(All, ScenarioOnTheExecutor, ::testing::ValuesIn(all_scenarios()),
                         [](const auto& scenario) { return scenario.param.name; });

TEST(Scenario, AWrongExpectationIsNoticed) {
  const auto scenario = parse_scenario("wrong", R"(
holder alice 100
holder bob
tx alice -> accepted
  transfer to=$bob asset=978 amount=101
)");
  ASSERT_TRUE(scenario.has_value());
  Cast cast(*scenario);
  ExecutorStage stage(cast.genesis());
  const auto done = perform(*scenario, cast, stage);
  ASSERT_FALSE(done.has_value());
  EXPECT_NE(done.error().find("line 4: expected accepted, got insufficient_funds"),
            std::string::npos)
      << done.error();
}

}  // namespace
}  // namespace intaglio::scenario
