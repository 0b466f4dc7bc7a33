// The scenarios on the bare executor: no disk, no threads, a clock that is told.
#include "tx/executor.h"

#include <gtest/gtest.h>

#include "base/env.h"
#include "scenario/scenario.h"
#include "tx/chain_for_test.h"

namespace intaglio::scenario {
namespace {

class ExecutorStage final : public Stage {
 public:
  explicit ExecutorStage(Cast& cast) : ledger_(cast.ledger()), node_(cast.signer("node")) {
    const ledger::Genesis& genesis = cast.genesis();
    for (std::uint16_t i = 0; i < genesis.chains; ++i) {
      chains_.emplace_back(genesis, ChainId(i), node_);
    }
    hear_from_main_chain();
  }

  Result<tx::Receipt> submit(const Bytes& transaction) override {
    ASSIGN(auto parsed, proof::parse_statement<tx::Transaction>(transaction, ledger_));
    TRY(parsed.body().check());
    const auto& first = chains_.at(parsed.body().payer().chain.value());
    const auto row = first.state().find<ledger::KeyRow>(parsed.signer());
    if (!row) return refuse(Verdict::unknown_key, codec::to_hex(parsed.signer()));
    ASSIGN(const auto verified,
           proof::verify_statement(std::move(parsed), crypto::Verifier(row->public_key)));
    now_ = now_ + Duration(1);
    std::vector<tx::Receipt> receipts;
    for (const ChainId chain : verified->body.chains) {
      auto& at = chains_.at(chain.value());
      receipts.push_back(at.execute(now_, std::span(&verified, 1)).front());
    }
    const auto refused = std::ranges::find_if_not(receipts, &tx::Receipt::accepted);
    return refused == receipts.end() ? receipts.front() : *refused;
  }

  Result<ledger::BalanceRow> balance(const Address& of, AssetId asset) override {
    return chains_.at(of.chain.value())
        .state()
        .find<ledger::BalanceRow>({of.account, asset})
        .value_or(ledger::BalanceRow{});
  }

  Millis now() override { return now_; }
  void wait(Duration time) override {
    now_ = now_ + time;
    hear_from_main_chain();
  }

  Result<void> arrive() override {
    for (bool moved = true; moved;) {
      moved = false;
      for (std::uint16_t from = 0; from < count(); ++from) {
        for (std::uint16_t to = 0; to < count(); ++to) {
          if (from == to) continue;
          ASSIGN(const bool brought, bring({ChainId(from), ChainId(to)}));
          moved = moved || brought;
        }
      }
    }
    return {};
  }

 private:
  std::uint16_t count() const { return static_cast<std::uint16_t>(chains_.size()); }

  // That the main chain has decided nothing new, as a relay brings it now and then.
  void hear_from_main_chain() {
    now_ = now_ + Duration(1);
    chains_.front().execute(now_, {});
    for (std::uint16_t i = 1; i < count(); ++i) {
      const ChainId to(i);
      auto cursor = tx::cursor_delivery(chains_.front(), chains_.at(i), {kMainChain, to}, now_);
      if (cursor) CHECK(deliver(to, *std::move(cursor)).has_value());
    }
  }

  // What comes next on one stream; whether there was anything.
  Result<bool> bring(const tx::Route& route) {
    auto delivery =
        tx::next_delivery(chains_.at(route.from.value()), chains_.at(route.to.value()), route);
    if (!delivery) return false;
    TRY(deliver(route.to, *std::move(delivery)));
    return true;
  }

  Result<void> deliver(ChainId to, tx::DeliverPackets delivery) {
    const tx::Transaction body{.ledger = ledger_,
                               .chains = {to},
                               .account = AccountId::prefix_of(node_.key.hash()),
                               .client = system_env().random_id<ClientId>(),
                               .valid_until = now_ + seconds(60),
                               .operations = {std::move(delivery)}};
    ASSIGN(const auto bytes, proof::sign_statement(body, ledger_, node_));
    ASSIGN(const auto receipt, submit(bytes));
    if (!receipt.accepted()) return refuse(*verdict_from_number(receipt.verdict), "packets");
    return {};
  }

  LedgerId ledger_;
  crypto::Signer node_;
  std::vector<tx::ChainForTest> chains_;
  Millis now_{1'800'000'000'000};
};

class ScenarioOnTheExecutor : public ::testing::TestWithParam<Scenario> {};

TEST_P(ScenarioOnTheExecutor, TurnsOutAsWritten) {
  Cast cast(GetParam());
  ExecutorStage stage(cast);
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
  ExecutorStage stage(cast);
  const auto done = perform(*scenario, cast, stage);
  ASSERT_FALSE(done.has_value());
  EXPECT_NE(done.error().find("line 4: expected accepted, got insufficient_funds"),
            std::string::npos)
      << done.error();
}

}  // namespace
}  // namespace intaglio::scenario
