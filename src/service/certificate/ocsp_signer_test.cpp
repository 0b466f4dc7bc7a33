// When an answer is signed, and by which certificate. What foreign programs make of it is in
// tests/real_node.
#include "service/certificate/ocsp_signer.h"

#include <gtest/gtest.h>

#include "base/result_for_test.h"
#include "service/moved_clock_for_test.h"
#include "service/node_for_test.h"

namespace intaglio::service {
namespace {

class OcspSignerTest : public ::testing::Test {
 protected:
  pki::OcspResponseContent content(pki::OcspStatus status = pki::OcspGood{},
                                   std::uint8_t which = 1) {
    const Millis now(clock_.now().value() / 1000 * 1000);
    const Bytes encoding{0x30, 0x03, 0x02, 0x01, which};
    return {{{{{}, {}, {}, encoding}, status}}, now, now, now + kGood, {}};
  }
  Bytes respond(const pki::OcspResponseContent& content) {
    return must(signer_.respond(issuer(), content));
  }
  const Issuer& issuer() { return node_->authority().issuers().current(); }

  static constexpr Duration kGood = seconds(3600);
  NodeForTest node_;
  MovedClock clock_;
  OcspSigner signer_{node_->authority(), clock_};
};

TEST_F(OcspSignerTest, SignsByACertificateForThisAlone) {
  const auto certificate = must(signer_.certificate(issuer()));
  EXPECT_EQ(certificate.issuer(), node_->authority().issuing().subject());
  EXPECT_EQ(certificate.subject().common_name, "test ocsp");
  EXPECT_FALSE(certificate.is_authority() || certificate.usage());
  EXPECT_TRUE(node_->authority().logged(certificate)) << "on the main chain, like every other";
  const Bytes response = respond(content());
  EXPECT_NE(std::ranges::search(response, certificate.der()).begin(), response.end());
}

TEST_F(OcspSignerTest, TheCertificateIsMadeAnewWhenHalfOfItsTimeIsOver) {
  const auto first = must(signer_.certificate(issuer()));
  EXPECT_EQ(must(signer_.certificate(issuer())), first);
  clock_.advance(Duration(Authority::kResponderGood.value() / 2 - 3'600'000));
  EXPECT_EQ(must(signer_.certificate(issuer())), first);
  clock_.advance(seconds(2 * 3600));
  EXPECT_NE(must(signer_.certificate(issuer())).public_key(), first.public_key());
}

TEST_F(OcspSignerTest, GoesOnWithItsCertificateWhileTheChainTakesNoOther) {
  const auto first = must(signer_.certificate(issuer()));
  node_->stop();
  clock_.advance(Duration(Authority::kResponderGood.value() / 2));
  EXPECT_EQ(must(signer_.certificate(issuer())), first);
  EXPECT_EQ(must(signer_.certificate(issuer())), first);
  clock_.advance(Authority::kResponderGood);
  EXPECT_FALSE(signer_.certificate(issuer()));
}

TEST_F(OcspSignerTest, WhatWasSaidLessThanAQuarterOfItsTimeAgoIsNotSignedAgain) {
  const Bytes first = respond(content());
  clock_.advance(seconds(3600 / 4 - 1));
  EXPECT_EQ(respond(content()), first);
  clock_.advance(seconds(1));
  const Bytes second = respond(content());
  EXPECT_NE(second, first);
  EXPECT_EQ(respond(content()), second);
}

TEST_F(OcspSignerTest, WhatChangedOrIsAskedForWithANonceIsSigned) {
  const Bytes good = respond(content());
  EXPECT_NE(respond(content(pki::OcspGood{}, 2)), good);
  const pki::OcspRevoked revoked{Millis(1000), pki::RevocationReason::superseded};
  const Bytes other = respond(content(revoked));
  EXPECT_NE(other, good);
  EXPECT_EQ(respond(content(revoked)), other);
  EXPECT_NE(respond(content(pki::OcspRevoked{Millis(1000)})), other);

  auto once = content();
  once.nonce = Bytes(16, 7);
  EXPECT_NE(respond(once), respond(once));  // no two signatures are alike
  auto two = content();
  two.answers.push_back(two.answers.front());
  EXPECT_NE(respond(two), respond(two));
}

// There would be no end of them.
TEST_F(OcspSignerTest, WhatIsSaidOfUnknownCertificatesIsNotKept) {
  EXPECT_NE(respond(content(pki::OcspUnknown{})), respond(content(pki::OcspUnknown{})));
}

}  // namespace
}  // namespace intaglio::service
