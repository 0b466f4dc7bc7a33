#include "cli/payment.h"

#include <gtest/gtest.h>

#include "base/folder_for_test.h"
#include "base/result_for_test.h"
#include "cli/home.h"
#include "crypto/sha256.h"
#include "pki/test_authority.h"

namespace intaglio::cli {
namespace {

class Signing : public testing::Test {
 protected:
  static tx::Operation transfer(std::uint64_t cents) {
    return tx::Transfer{.to = {ChainId(2), AccountId::prefix_of(KeyHash())},
                        .asset = AssetId(978),
                        .amount = Amount(cents),
                        .memo = {},
                        .code = {},
                        .code_text = {}};
  }
  Result<SignedBytes> sign(const tx::Operation& operation, const PaymentOptions& options) {
    return sign_transaction(payer_, {operation}, options, system_env());
  }

  FolderForTest folder_;
  Home home_{folder_.path() + "/home", system_env()};
  LedgerId ledger_ = *LedgerId::from(Bytes(32, 0x44));
  Payer payer_ = payer_on(ChainId(2), ledger_, pki::make_signer());
};

TEST_F(Signing, ATransactionVerifiesAndSpeaksToThePayersChain) {
  const auto sent = must(sign(transfer(100), {}));
  const auto parsed = must(proof::parse_statement<tx::Transaction>(sent.bytes, ledger_));
  EXPECT_EQ(parsed.id().view().size(), 32U);
  EXPECT_TRUE(equal(parsed.id().view(), sent.id.view()));
  const auto verified = must(proof::verify_statement(parsed, crypto::Verifier(payer_.signer.key)));
  EXPECT_EQ(verified->body.payer(), payer_.address);
  EXPECT_EQ(verified->body.chains, std::vector<ChainId>{ChainId(2)});
}

TEST_F(Signing, WithoutAKeyEveryTransactionIsAnother) {
  EXPECT_NE(must(sign(transfer(100), {})).id, must(sign(transfer(100), {})).id);
}

TEST_F(Signing, TheSameIdempotencyKeySendsTheSameBytes) {
  const PaymentOptions options{.memo = {}, .idempotency_key = "invoice 7", .home = &home_};
  const auto first = must(sign(transfer(100), options));
  EXPECT_TRUE(equal(first.body.client.view(),
                    crypto::sha256(as_bytes("invoice 7")).view().first(ClientId::kSize)));
  const auto again = must(sign(transfer(100), options));
  EXPECT_EQ(again.id, first.id);
  EXPECT_EQ(again.bytes, first.bytes);
}

TEST_F(Signing, AnIdempotencyKeyIsForOneThing) {
  const PaymentOptions options{.memo = {}, .idempotency_key = "invoice 7", .home = &home_};
  ASSERT_TRUE(sign(transfer(100), options));
  EXPECT_EQ(verdict_of(sign(transfer(101), options)), Verdict::conflict);
  payer_ = payer_on(ChainId(2), ledger_, pki::make_signer());
  EXPECT_EQ(verdict_of(sign(transfer(100), options)), Verdict::conflict) << "another payer";
}

TEST_F(Signing, AHoldRepeatedLaterIsTheSameHold) {
  const PaymentOptions options{.memo = {}, .idempotency_key = "room 12", .home = &home_};
  const auto hold = [&](std::uint64_t expires) {
    return tx::Hold{
        {ChainId(2), AccountId::prefix_of(KeyHash())}, AssetId(978), Amount(100), Millis(expires)};
  };
  EXPECT_EQ(must(sign(hold(1000), options)).bytes, must(sign(hold(2000), options)).bytes);
}

TEST_F(Signing, ADryRunUnderAKeyLeavesNothingBehind) {
  PaymentOptions options{.memo = {}, .idempotency_key = "invoice 7", .home = &home_};
  options.dry_run = true;
  ASSERT_TRUE(sign(transfer(100), options));
  options.dry_run = false;
  EXPECT_TRUE(sign(transfer(200), options));
}

TEST_F(Signing, WhatCannotBeRightIsNotSigned) {
  EXPECT_EQ(verdict_of(sign_transaction(payer_, {}, {}, system_env())), Verdict::missing_field);
}

}  // namespace
}  // namespace intaglio::cli
