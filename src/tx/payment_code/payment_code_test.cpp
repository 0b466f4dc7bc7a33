#include "tx/payment_code/payment_code.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tx/payment_code/code_for_test.h"

namespace intaglio::tx {
namespace {

// A world with a shop "bob" whose display "till" is certified and bound.
class PaymentCodes : public ::testing::Test {
 protected:
  void SetUp() override {
    world_.take_over(ledger::KnownKey{.key = {.public_key = world_.key("till"),
                                              .role = ledger::Role::display,
                                              .status = ledger::KeyStatus::active,
                                              .valid_from = kStart,
                                              .valid_until = kStart + seconds(100000),
                                              .certificate = {},
                                              .chains = {}},
                                      .account = world_.account("bob")});
  }

  proof::PaymentCode code(std::optional<std::string> amount = "2.50") {
    return code_of(world_, "till", world_.address("bob"), world_.now() + seconds(1), ++counter_,
                   std::move(amount));
  }
  std::string signed_by(const std::string& who, const proof::PaymentCode& said) {
    return text_of(world_, who, said);
  }
  Bytes claim_by(const std::string& who, const std::string& text) {
    return claim_of(world_, who, world_.address(who), text, world_.now(), world_.ledger());
  }

  std::string claim(const std::string& who, const std::string& text) {
    return world_.run("service", {ClaimCode{world_.key("till").hash(), text, claim_by(who, text)}});
  }

  Operation payment(const proof::PaymentCode& said, std::uint64_t cents,
                    std::optional<std::string> text = {}) {
    return Transfer{
        .to = world_.address("bob"),
        .asset = kEuro,
        .amount = Amount(cents),
        .memo = {},
        .code = ledger::CodeRow::Key{world_.key("till").hash(), said.step, said.counter},
        .code_text = std::move(text)};
  }

  World world_{{{"alice", 1000}, {"bob", 0}, {"carol", 1000}}};
  std::uint32_t counter_ = 0;
};

TEST_F(PaymentCodes, AClaimedCodeIsPaidOnceByItsClaimant) {
  const auto said = code();
  ASSERT_EQ(claim("alice", signed_by("till", said)), "accepted");
  EXPECT_EQ(world_.run("carol", {payment(said, 250)}), "code_claimed operations[0].code");
  EXPECT_EQ(world_.run("alice", {payment(said, 251)}), "code_wrong_amount operations[0].code");
  EXPECT_EQ(world_.run("alice", {payment(said, 250)}), "accepted");
  EXPECT_EQ(world_.run("alice", {payment(said, 250)}), "code_used operations[0].code");
  EXPECT_EQ(claim("carol", signed_by("till", said)), "code_used operations[0].text");
  EXPECT_EQ(world_.spendable("bob"), 250U);
}

TEST_F(PaymentCodes, ASecondPayersClaimIsRefusedUntilTheFirstRunsOut) {
  const auto said = code();
  const auto text = signed_by("till", said);
  ASSERT_EQ(claim("alice", text), "accepted");
  EXPECT_EQ(claim("carol", text), "code_claimed operations[0].text");
  EXPECT_EQ(claim("alice", text), "accepted");
  world_.wait(seconds(121));
  EXPECT_EQ(world_.run("alice", {payment(said, 250)}), "code_unclaimed operations[0].code");
}

TEST_F(PaymentCodes, AnAlteredTextOrAnotherKeysSignatureIsRefused) {
  const auto text = signed_by("till", code());
  std::string altered = text;
  altered.replace(altered.find("54042.50"), 8, "54042.51");
  EXPECT_EQ(claim("alice", altered), "bad_checksum operations[0].text.63");
  auto foreign = code();
  EXPECT_THAT(claim("alice", signed_by("mallory", foreign)),
              ::testing::StartsWith("code_bad_signature"));
}

TEST_F(PaymentCodes, ACodeOfAnUnenrolledOrRevokedDisplayIsRefused) {
  const auto said = code();
  const auto text = signed_by("till", said);
  EXPECT_THAT(world_.run("service",
                         {ClaimCode{world_.key("nobody").hash(), text, claim_by("alice", text)}}),
              ::testing::StartsWith("code_unknown_key"));
  // Not any certified key: a display's.
  EXPECT_THAT(
      world_.run("service", {ClaimCode{world_.key("bob").hash(), text, claim_by("alice", text)}}),
      ::testing::StartsWith("code_unknown_key"));
  ASSERT_EQ(claim("alice", text), "accepted");
  using ledger::KeyStanding;
  using ledger::KeyStatus;
  const KeyHash till = world_.key("till").hash();
  world_.take_over(KeyStanding{till, KeyStatus::suspended});
  EXPECT_EQ(world_.run("alice", {payment(said, 250)}), "code_key_suspended operations[0].code");
  world_.take_over(KeyStanding{till, KeyStatus::revoked});
  EXPECT_EQ(world_.run("alice", {payment(said, 250)}), "code_key_revoked operations[0].code");
  EXPECT_EQ(claim("carol", signed_by("till", code())), "code_key_revoked operations[0].text");
}

TEST_F(PaymentCodes, FreshnessIsJudgedByBlockTimeOneStepEitherWay) {
  auto said = code();
  const auto now = said.step.value();
  for (const auto& [step, expected] :
       std::vector<std::pair<std::uint64_t, std::string>>{{now - 2, "code_stale"},
                                                          {now - 1, "accepted"},
                                                          {now + 1, "accepted"},
                                                          {now + 3, "code_stale"}}) {
    said.step = TimeStep(step);
    EXPECT_THAT(claim("alice", signed_by("till", said)), ::testing::StartsWith(expected)) << step;
  }
}

TEST_F(PaymentCodes, WithoutAClaimTheTextItselfMustBeFresh) {
  const auto said = code();
  const auto text = signed_by("till", said);
  EXPECT_EQ(world_.run("alice", {payment(said, 250)}), "code_unclaimed operations[0].code");
  EXPECT_EQ(world_.run("alice", {payment(said, 250, text)}), "accepted");
  EXPECT_EQ(world_.run("carol", {payment(said, 250, text)}), "code_used operations[0].code");
  const auto late = code();
  const auto late_text = signed_by("till", late);
  world_.wait(seconds(31));
  EXPECT_THAT(world_.run("alice", {payment(late, 250, late_text)}),
              ::testing::StartsWith("code_stale"));
}

TEST_F(PaymentCodes, TheTextOfAnotherCodeDoesNotServe) {
  const auto said = code();
  const auto other = code();
  EXPECT_EQ(world_.run("alice", {payment(said, 250, signed_by("till", other))}),
            "bad_value operations[0].code.text");
}

TEST_F(PaymentCodes, ACodeWithoutAnAmountTakesAnyButOnlyForItsPayee) {
  const auto said = code(std::nullopt);
  ASSERT_EQ(claim("alice", signed_by("till", said)), "accepted");
  auto elsewhere = std::get<Transfer>(payment(said, 77));
  elsewhere.to = world_.address("carol");
  EXPECT_EQ(world_.run("alice", {elsewhere}), "code_wrong_payee operations[0].code");
  EXPECT_EQ(world_.run("alice", {payment(said, 77)}), "accepted");
}

TEST_F(PaymentCodes, RebindingTheDisplayInvalidatesItsOldCodes) {
  const auto text = signed_by("till", code());
  EXPECT_EQ(world_.run("bob", {BindDisplay{world_.key("till").hash(), world_.account("carol")}}),
            "not_capable operations[0].bind_display");
  EXPECT_EQ(
      world_.run("service", {BindDisplay{world_.key("till").hash(), world_.account("carol")}}),
      "accepted");
  EXPECT_THAT(claim("alice", text), ::testing::StartsWith("code_not_bound"));
}

TEST_F(PaymentCodes, AClaimIsTheClaimantsOwnAndForThisCode) {
  const auto text = signed_by("till", code());
  const auto other = signed_by("till", code());
  const KeyHash till = world_.key("till").hash();
  EXPECT_EQ(world_.run("service", {ClaimCode{till, text, claim_by("alice", other)}}),
            "bad_value operations[0].claim.code");
  const proof::Claim as_alice{crypto::sha256(as_bytes(text)), world_.address("alice"),
                              world_.now()};
  const auto forged = proof::sign_statement(as_alice, world_.ledger(), world_.signer("carol"));
  EXPECT_EQ(world_.run("service", {ClaimCode{till, text, *forged}}),
            "not_signer operations[0].claim.claimant");
  EXPECT_EQ(world_.run("alice", {ClaimCode{till, text, claim_by("alice", text)}}),
            "not_capable operations[0].claim_code");
}

}  // namespace
}  // namespace intaglio::tx
