#include <gtest/gtest.h>

#include "http/api_for_test.h"

namespace intaglio::http {
namespace {

class Settlement : public testing::Test {
 protected:
  // Of the treasury's money on chains 1 and 2, to alice on chain 1.
  ledger::Terms terms(std::uint64_t here, std::uint64_t there) {
    const auto leg = [&](std::uint16_t chain, std::uint64_t cents) {
      return ledger::Leg{ApiForTest::address(api_.treasury(), chain), AssetId(978), Amount(cents)};
    };
    return {.chain = ChainId(1),
            .deadline = system_env().now() + seconds(60),
            .legs = {leg(1, here), leg(2, there)},
            .deliveries = {{ApiForTest::address(*alice_), AssetId(978), Amount(here + there)}},
            .nonce = system_env().random_id<ledger::SettlementNonce>(),
            .memo = {}};
  }
  Answered settle(const ledger::Terms& terms, std::vector<ChainId> chains) {
    auto body = api_.transaction(api_.treasury(), {tx::Settle{terms}});
    body.chains = std::move(chains);
    return api_.submit(api_.sign(api_.treasury(), body));
  }
  Answered show(const ledger::Terms& terms) {
    return api_.get("/v1/settlements/" + codec::to_hex(ledger::settlement_id(terms)));
  }
  // Asks until it is no longer in one of these states.
  Answered once_not(const ledger::Terms& terms, std::string_view state) {
    auto standing = show(terms);
    while (standing.text("state") == state) standing = show(terms);
    return standing;
  }
  static std::string leg_state(const Answered& standing, std::size_t leg) {
    return standing.json.find("legs")->items()->at(leg).text_at("state").value_or("?");
  }

  ApiForTest api_;
  std::unique_ptr<element::SecureElement> alice_ = api_.holder("alice");
};

TEST_F(Settlement, IsDeliveredWhenAllLegsAreThere) {
  const auto agreed = terms(700, 50);
  const auto sent = settle(agreed, {ChainId(1), ChainId(2)});
  EXPECT_EQ(sent.summary(), "200 accepted");
  const auto standing = once_not(agreed, "open");
  EXPECT_EQ(standing.text("state"), "delivered");
  EXPECT_EQ(leg_state(standing, 0), "delivered");
  EXPECT_EQ(leg_state(standing, 1), "delivered");
  const auto found = api_.get("/v1/transactions/" + sent.text("tx"));
  EXPECT_EQ(found.json.find("receipts")->items()->size(), 2U);
  const auto account =
      api_.get("/v1/accounts/" + codec::to_text(ApiForTest::address(*alice_)), alice_.get());
  EXPECT_EQ(account.json.find("balances")->items()->at(0).text_at("spendable"), "750");
  const auto statement = api_.get(
      "/v1/accounts/" + codec::to_text(ApiForTest::address(*alice_)) + "/statement", alice_.get());
  EXPECT_EQ(statement.json.find("entries")->items()->at(0).text_at("kind"), "delivery");
}

TEST_F(Settlement, ShowsEachLegUntilItEnds) {
  const auto agreed = terms(700, 50);
  EXPECT_EQ(show(agreed).summary(), "404 unknown_settlement");
  EXPECT_EQ(settle(agreed, {ChainId(1)}).summary(), "200 accepted");
  const auto open = show(agreed);
  EXPECT_EQ(open.text("state"), "open");
  EXPECT_EQ(leg_state(open, 0), "arrived");
  EXPECT_EQ(leg_state(open, 1), "missing");
  const auto cancelled = api_.submit(api_.sign(
      api_.treasury(), api_.transaction(api_.treasury(), {tx::CancelSettlement{agreed}})));
  EXPECT_EQ(cancelled.summary(), "200 accepted");
  const auto ended = show(agreed);
  EXPECT_EQ(ended.text("state"), "returned");
  EXPECT_EQ(ended.text("verdict"), "settlement_cancelled");
  EXPECT_EQ(leg_state(ended, 0), "returned");
  // A leg that comes after the end goes back.
  EXPECT_EQ(settle(agreed, {ChainId(2)}).summary(), "200 accepted");
  auto late = show(agreed);
  while (leg_state(late, 1) != "returned") late = show(agreed);
  EXPECT_EQ(late.text("state"), "returned");
}

TEST_F(Settlement, ARefusedLegIsTheAnswer) {
  const auto agreed = terms(700, UINT64_MAX / 2);
  const auto sent = settle(agreed, {ChainId(1), ChainId(2)});
  EXPECT_EQ(sent.summary(), "402 insufficient_funds");
  EXPECT_EQ(sent.json.uint_at("chain"), 2U);
}

}  // namespace
}  // namespace intaglio::http
