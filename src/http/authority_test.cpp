#include "http/authority.h"

#include <gtest/gtest.h>

#include "base/result_for_test.h"
#include "http/api_for_test.h"
#include "pki/revocation_list.h"

namespace intaglio::http {
namespace {

TEST(Authority, HandsOutEachAuthoritysCertificateAndList) {
  ApiForTest api;
  const auto& authority = api.node()->authority();
  const auto issuing = api.get("/v1/authority/issuing.cer");
  EXPECT_EQ(issuing.fields.find("Content-Type"), "application/pkix-cert");
  EXPECT_EQ(issuing.body, authority.issuing().der());
  EXPECT_EQ(api.get("/v1/authority/root.cer").body, authority.root().der());
  const auto list = api.get("/v1/authority/issuing.crl");
  EXPECT_EQ(list.fields.find("Content-Type"), "application/pkix-crl");
  EXPECT_TRUE(pki::verify_revocation_list(must(pki::RevocationList::parse(list.body)),
                                          authority.issuing()));
  for (const auto* none : {"root.crl", "issuing-2.crl", "issuing-2.cer", "issuing", ".crl", ".cer",
                           "issuing.pem", "issuing.crl.cer", "..%2Fauthority%2Froot.cer"}) {
    EXPECT_EQ(api.get(std::string("/v1/authority/") + none).summary(), "404 unknown_route") << none;
  }
}

TEST(Authority, SaysToTheOperatorHowManyCertificatesAreGood) {
  ApiForTest api;
  const auto alice = api.holder("alice");
  const auto bob = api.holder("bob");
  EXPECT_EQ(api.get("/v1/authority").status, 401);
  EXPECT_EQ(api.get("/v1/authority", alice.get()).summary(), "403 not_signer");
  const auto shown = [&] { return api.get("/v1/authority", &api.node_operator()).json; };
  const auto before = shown();
  EXPECT_EQ(before.find("root")->text_at("subject"), "test root");
  ASSERT_EQ(before.find("issuing")->items()->size(), 1U);
  const auto& issuing = before.find("issuing")->items()->front();
  EXPECT_EQ(issuing.text_at("name"), "issuing");
  EXPECT_EQ(issuing.text_at("status"), "current");
  EXPECT_EQ(*issuing.find("valid"), codec::Json(2)) << "the node's own are not counted";
  must(api.node()->authority().set_status(bob->public_key().hash(), ledger::KeyStatus::revoked,
                                          pki::RevocationReason::cessation));
  EXPECT_EQ(*shown().find("issuing")->items()->front().find("valid"), codec::Json(1));
}

}  // namespace
}  // namespace intaglio::http
