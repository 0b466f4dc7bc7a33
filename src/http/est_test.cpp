// What EST's listeners serve and refuse over our own client. Programs of others are in
// tests/real_node.
#include "http/est.h"

#include <gtest/gtest.h>

#include "base/result_for_test.h"
#include "http/api_for_test.h"

namespace intaglio::http {
namespace {

class Est : public testing::Test {
 protected:
  Est() {
    Router router;
    add_certified_api(router, *node_, metrics_, system_env());
    ServerOptions options;
    options.tls = TlsIdentity{node_->tls_certificate_pem(), Secret(Bytes(node_->tls_key_pem())),
                              service::test_passphrase()};
    options.clients =
        CertifiedHolder{node_->authority().root().to_pem(), node_->authority().issuing().to_pem()};
    server_.emplace(std::move(router), std::move(options), metrics_);
    CHECK(server_->start().has_value());
  }

  // By the holder of a certificate, who sends it without the authority's.
  Client client() {
    const TlsIdentity shown{
        certificate_.to_pem(),
        Secret(must(system_env().read_file(folder_ / "shop.key", std::size_t{64} * 1024))),
        service::test_passphrase()};
    return must(Client::open(format("https://127.0.0.1:{}", server_->port()),
                             PinnedCertificate{node_->tls_certificate_pem()}, ClientOptions{},
                             &shown));
  }
  static std::string said(const Result<Response>& response) {
    if (!response) return to_string(response.error());
    const auto refused = refusal_of(*response);
    return refused ? std::string(describe(refused->verdict).name) : "served";
  }
  static ClientRequest reenrol(std::string_view body, std::string_view media_type) {
    ClientRequest out{.method = "POST",
                      .target = "/.well-known/est/simplereenroll",
                      .fields = {},
                      .body = to_bytes(as_bytes(body))};
    out.fields.add("Content-Type", media_type);
    return out;
  }

  FolderForTest folder_;
  service::NodeForTest node_;
  std::unique_ptr<element::SecureElement> key_ = must(element::create_key(
      "soft:" + folder_ / "shop.key", service::test_passphrase(), system_env()));
  pki::Certificate certificate_ =
      must(node_.enrol(node_.login("shop", *key_), pki::CertificateUsage::holder, *key_));
  Metrics metrics_;
  std::optional<Server> server_;
};

TEST_F(Est, ServesTheHolderOfACertificateUntilItIsRevoked) {
  Client holder = client();
  EXPECT_EQ(said(holder.get("/.well-known/est/cacerts")), "served");
  EXPECT_EQ(said(holder.get("/.well-known/est/csrattrs")), "served");
  EXPECT_EQ(said(holder.get("/v1/ledger")), "unknown_route");
  ASSERT_TRUE(node_->authority().set_status(certificate_.key_hash(), ledger::KeyStatus::revoked,
                                            pki::RevocationReason::cessation));
  // Also where the handshake was before.
  EXPECT_EQ(said(holder.get("/.well-known/est/cacerts")), "certificate_revoked");
  EXPECT_EQ(said(client().get("/.well-known/est/cacerts")), "certificate_revoked");
}

TEST_F(Est, RefusesWhatIsNoRequest) {
  Client holder = client();
  EXPECT_EQ(said(holder.send(reenrol("MIIB", "application/pkcs10"))), "truncated");
  EXPECT_EQ(said(holder.send(reenrol("?", "application/pkcs10"))), "bad_encoding");
  EXPECT_EQ(said(holder.send(reenrol("MIIB", "text/plain"))), "bad_media_type");
}

TEST(EstForEverybody, AsksForNoCertificateAndSoReenrolsNobody) {
  ApiForTest api;
  EXPECT_EQ(api.get("/.well-known/est/cacerts").status, 200);
  const auto refused = api.send(Ask{.method = "POST",
                                    .target = "/.well-known/est/simplereenroll",
                                    .body = to_bytes(as_bytes("MIIB")),
                                    .media_type = "application/pkcs10"});
  EXPECT_EQ(refused.summary(), "403 path_invalid");
}

}  // namespace
}  // namespace intaglio::http
