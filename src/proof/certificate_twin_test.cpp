#include "proof/certificate_twin.h"

#include <gtest/gtest.h>

#include "pki/test_authority.h"
#include "proof/signing_for_test.h"

namespace intaglio::proof {
namespace {

using pki::kNow;

pki::Capabilities terminal_capabilities() {
  pki::Capabilities out{pki::CertificateUsage::terminal,
                        {pki::Function::pay},
                        {{AssetId(978), Amount(40000)}},
                        false};
  out.categories = {pki::MerchantCategory(5812)};
  return out;
}

// A terminal's certificate with its twin.
struct Twins {
  pki::TestAuthority authority;
  pki::Certificate certificate = [this] {
    auto content =
        pki::content_for(pki::make_signer(), "terminal-1", pki::CertificateUsage::terminal);
    content.capabilities = terminal_capabilities();
    return authority.issue(content);
  }();
  crypto::Verifier issuing{authority.issuing.public_key()};
  Bytes statement =
      must(sign_statement(must(twin_of(certificate)), golden_ledger(), authority.issuing_signer));

  Result<Verified<Signed<CertificateTwin>>> verify(const Bytes& bytes, Millis at = kNow) const {
    return verify_twin(bytes, golden_ledger(), issuing, at);
  }
  Verified<pki::Certificate> judged(const pki::Certificate& leaf) const {
    return must(pki::validate_path(leaf, authority.material(), {.at = kNow}));
  }
};

TEST(CertificateTwinGolden, TheClaimsAreInTheirOneOrder) {
  CertificateTwin twin{"Golden root",
                       "terminal-1",
                       {Millis(1767225600000), Millis(1769817600000)},
                       {},
                       golden_key(),
                       {},
                       terminal_capabilities()};
  twin.serial.writable()[19] = 7;
  twin.certificate.writable()[0] = 0xfe;
  EXPECT_EQ(
      codec::to_hex(twin.encode()),
      "a8016b476f6c64656e20726f6f74026a7465726d696e616c2d31041a697d4600051a6955b900075400000000"
      "0000000000000000000000000000000708a101a401022001215820bac5b11cad8f99f9c72b05cf4b9e26d244"
      "dc189f745228255a219a86d6a09eff22582020138bf82dc1b6d562be0fa54ab7804a3a64b6d72ccfed6b6fb6"
      "ed28bbfc117e3a000100005820fe000000000000000000000000000000000000000000000000000000000000"
      "003a000100015818a501020281010381a2011903d202199c4004f405811916b4");
  EXPECT_EQ(must(CertificateTwin::decode(twin.encode())), twin);
}

TEST(CertificateTwin, SaysWhatItsCertificateSaysAndIsVerifiedWithIt) {
  const Twins twins;
  const auto verified = must(twins.verify(twins.statement));
  EXPECT_EQ(verified->body.subject, "terminal-1");
  EXPECT_EQ(verified->body.issuer, twins.authority.issuing.subject().common_name);
  EXPECT_EQ(verified->body.key, twins.certificate.public_key());
  EXPECT_EQ(verified->body.capabilities, terminal_capabilities());
  EXPECT_TRUE(check_twin(verified, twins.judged(twins.certificate)).has_value());
}

TEST(CertificateTwin, DoesNotFitAnyOtherCertificate) {
  const Twins twins;
  const auto verified = must(twins.verify(twins.statement));
  const Twins others;
  EXPECT_EQ(verdict_of(check_twin(verified, others.judged(others.certificate))),
            Verdict::path_invalid);
  const auto bare = twins.authority.issue(pki::CertificateUsage::terminal);  // no capabilities
  EXPECT_EQ(verdict_of(check_twin(verified, twins.judged(bare))), Verdict::path_invalid);
  EXPECT_EQ(verdict_of(twin_of(bare)), Verdict::missing_field);
}

TEST(CertificateTwin, IsRefusedOutOfItsTimeByAnotherSignerForAnotherLedgerAndAltered) {
  const Twins twins;
  const auto& validity = twins.certificate.validity();
  EXPECT_EQ(verdict_of(twins.verify(twins.statement, validity.not_after)),
            Verdict::certificate_not_valid_now);
  EXPECT_EQ(verdict_of(twins.verify(twins.statement, Millis(kNow.value() - 1))),
            Verdict::certificate_not_valid_now);
  EXPECT_EQ(verdict_of(verify_twin(twins.statement, LedgerId{}, twins.issuing, kNow)),
            Verdict::bad_signature);
  const auto forged =
      must(sign_statement(must(twin_of(twins.certificate)), golden_ledger(), pki::make_signer()));
  EXPECT_EQ(verdict_of(twins.verify(forged)), Verdict::bad_signature);
  for (std::size_t i = 0; i < twins.statement.size(); ++i) {
    Bytes altered = twins.statement;
    altered[i] ^= static_cast<std::uint8_t>(1U << i % 8);
    EXPECT_FALSE(twins.verify(altered).has_value()) << i;
  }
}

TEST(CertificateTwin, APayloadCutOrWithAnotherClaimIsRefused) {
  const Twins twins;
  const Bytes payload = must(twin_of(twins.certificate)).encode();
  for (std::size_t size = 0; size < payload.size(); ++size) {
    EXPECT_FALSE(CertificateTwin::decode(ByteView(payload).first(size)).has_value());
  }
  Bytes other = payload;
  ASSERT_EQ(other[1], 0x01);
  other[1] = 0x00;  // a claim that is not ours in the place of the issuer
  EXPECT_EQ(verdict_of(CertificateTwin::decode(other)), Verdict::missing_field);
}

}  // namespace
}  // namespace intaglio::proof
