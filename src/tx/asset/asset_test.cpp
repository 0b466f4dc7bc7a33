#include "tx/asset/asset.h"

#include <gtest/gtest.h>

#include "tx/network_for_test.h"

namespace intaglio::tx {
namespace {

constexpr AssetId kToken{50'001};

class Assets : public ::testing::Test {
 protected:
  Assets() {
    EXPECT_EQ(network_.run("authority", 0, {known("mint", ledger::Role::issuer)}), "accepted");
    network_.relay_all();
  }
  RegisterKey known(const std::string& name, ledger::Role role) {
    return {.key = network_.people().key(name),
            .role = role,
            .valid_from = Millis(0),
            .valid_until = Millis(UINT64_MAX),
            .certificate = certificate_for_test(network_.people().key(name)),
            .account = {},
            .chains = {}};
  }
  AddAsset token() {
    return {.asset = kToken,
            .code = "TOK",
            .scale = 0,
            .smallest = Amount(2),
            .issuer = network_.people().key("mint").hash()};
  }
  void add_token() {
    ASSERT_EQ(network_.run("authority", 0, {token()}), "accepted");
    network_.relay_all();
  }
  std::string issue(const std::string& to, std::uint16_t chain, std::uint64_t amount,
                    const std::string& by = "mint") {
    const Issue operation{network_.people().account_on(to, chain), kToken, Amount(amount), {}};
    return network_.run(by, chain, {operation});
  }
  std::uint64_t has(const std::string& name, std::uint16_t chain) {
    return network_.spendable(name, chain, kToken);
  }
  ledger::AssetRow row(std::uint16_t chain) {
    return *network_.state(chain).find<ledger::AssetRow>(kToken);
  }

  Network network_{3};
};

TEST_F(Assets, AreAddedOnTheMainChainAndKnownEverywhere) {
  add_token();
  for (std::uint16_t chain = 0; chain < 3; ++chain) EXPECT_EQ(row(chain).code, "TOK");
  EXPECT_EQ(network_.run("authority", 0, {token()}), "asset_exists operations[0].asset");
  EXPECT_EQ(network_.run("authority", 1, {token()}), "main_chain_only operations[0].add_asset");
  EXPECT_EQ(network_.run("alice", 0, {token()}), "not_capable operations[0].add_asset");
}

TEST_F(Assets, NeedAnIssuerWhoIsCertifiedAsOne) {
  const auto refused = [&](const auto& alter) {
    AddAsset altered = token();
    alter(altered);
    return network_.run("authority", 0, {altered});
  };
  EXPECT_EQ(refused([&](auto& a) { a.issuer = network_.people().key("alice").hash(); }),
            "not_capable operations[0].issuer");
  EXPECT_EQ(refused([&](auto& a) { a.issuer = network_.people().key("nobody").hash(); }),
            "unknown_key operations[0].issuer");
  EXPECT_EQ(refused([](auto& a) { a.code = "to"; }), "bad_value operations[0].code");
  EXPECT_EQ(refused([](auto& a) { a.code = "Tok"; }), "bad_value operations[0].code");
  EXPECT_EQ(refused([](auto& a) { a.scale = 19; }), "bad_value operations[0].scale");
  EXPECT_EQ(refused([](auto& a) { a.smallest = Amount(0); }), "bad_value operations[0].smallest");
  ASSERT_EQ(
      network_.run(
          "authority", 0,
          {SetKeyStatus{network_.people().key("mint").hash(), ledger::KeyStatus::revoked, {}}}),
      "accepted");
  EXPECT_EQ(refused([](auto&) {}), "key_revoked operations[0].issuer");
}

TEST_F(Assets, AreIssuedByTheirIssuerAloneAndTravelLikeMoney) {
  add_token();
  EXPECT_EQ(issue("alice", 1, 100), "accepted");
  EXPECT_EQ(has("alice", 1), 100U);
  EXPECT_EQ(row(1).issued, Amount(100));
  EXPECT_EQ(issue("alice", 1, 100, "bob"), "not_capable operations[0].issue");
  EXPECT_EQ(issue("nobody", 1, 100), "unknown_account operations[0].to");
  EXPECT_EQ(issue("alice", 1, 1), "below_smallest operations[0].amount");
  EXPECT_EQ(issue("alice", 1, UINT64_MAX), "amount_overflow operations[0].amount");
  const Issue elsewhere{network_.people().account_on("alice", 2), kToken, Amount(5), {}};
  EXPECT_EQ(network_.run("mint", 1, {elsewhere}), "payee_on_other_chain operations[0].to");
  const Transfer away{.to = network_.people().account_on("bob", 2),
                      .asset = kToken,
                      .amount = Amount(40),
                      .memo = {},
                      .code = {},
                      .code_text = {}};
  EXPECT_EQ(network_.run("alice", 1, {away}), "accepted");
  network_.relay_all();
  EXPECT_EQ(has("bob", 2), 40U);
  EXPECT_EQ(row(2).issued, Amount(0));
}

TEST_F(Assets, OfAnotherIssuerAreNotTheirs) {
  ASSERT_EQ(network_.run("authority", 0, {known("rival", ledger::Role::issuer)}), "accepted");
  network_.relay_all();
  add_token();
  EXPECT_EQ(issue("alice", 1, 100, "rival"), "not_signer operations[0].asset");
  const Issue euros{network_.people().account_on("alice", 1), kEuro, Amount(5), {}};
  EXPECT_EQ(network_.run("mint", 1, {euros}), "not_signer operations[0].asset");
}

TEST_F(Assets, AreBurnedFromTheIssuersOwnAccount) {
  add_token();
  EXPECT_EQ(issue("mint", 1, 100), "accepted");
  EXPECT_EQ(network_.run("mint", 1, {Burn{kToken, Amount(30), "melted"}}), "accepted");
  EXPECT_EQ(has("mint", 1), 70U);
  EXPECT_EQ(row(1).burned, Amount(30));
  const auto entry = network_.state(1).find<ledger::EntryRow>(network_.last_operation());
  EXPECT_EQ(entry->kind, ledger::EntryKind::burn);
  EXPECT_FALSE(ledger::is_credit(*entry, entry->payer));
  EXPECT_EQ(network_.run("mint", 1, {Burn{kToken, Amount(71), {}}}),
            "insufficient_funds operations[0].amount");
  EXPECT_EQ(network_.run("alice", 1, {Burn{kToken, Amount(2), {}}}),
            "not_capable operations[0].burn");
  EXPECT_EQ(network_.run("mint", 1, {Burn{kToken, Amount(0), {}}}),
            "bad_value operations[0].amount");
}

}  // namespace
}  // namespace intaglio::tx
