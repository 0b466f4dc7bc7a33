#include "http/signed_request.h"

#include <gtest/gtest.h>

#include "http/api_for_test.h"
#include "service/moved_clock_for_test.h"

namespace intaglio::http {
namespace {

constexpr Millis kStart{1'800'000'000'000};

Request signed_at(Millis created, element::SecureElement& key, const std::string& method = "GET",
                  const std::string& target = "/v1/x?y=1", const std::string& body = {}) {
  Request out;
  out.method = method;
  out.target = target;
  out.body = to_bytes(as_bytes(body));
  out.secure = true;
  out.fields.add("Host", "node.example:8443");
  const std::string uri = "https://node.example:8443" + target;
  const auto fields =
      proof::sign_http_request({.method = out.method, .target_uri = uri, .body = out.body}, created,
                               system_env().random_id<proof::HttpNonce>(), element::signer_of(key));
  CHECK(fields.has_value());
  out.fields.add("Content-Digest", fields->content_digest);
  out.fields.add("Signature-Input", fields->signature_input);
  out.fields.add("Signature", fields->signature);
  return out;
}

class SignedRequest : public testing::Test {
 protected:
  std::string judged(const Request& request) {
    const auto signer = requests_.signer(request);
    if (!signer) return std::string(describe(signer.error().verdict).name);
    return *signer == alice_->public_key().hash() ? "alice" : "somebody";
  }

  service::NodeForTest node_;
  service::MovedClock env_{kStart};
  SignedRequests requests_{*node_, env_};
  std::unique_ptr<element::SecureElement> alice_ = element::make_passing_key();
  service::Login login_ = node_.login("alice", *alice_);
};

TEST_F(SignedRequest, TellsWhoSigned) {
  EXPECT_EQ(judged(signed_at(kStart, *alice_)), "alice");
  EXPECT_EQ(judged(signed_at(kStart, *alice_, "POST", "/v1/y", "content")), "alice");
  const auto login = requests_.login(signed_at(kStart, *alice_));
  ASSERT_TRUE(login.has_value());
  EXPECT_EQ(login->name, "alice");
  EXPECT_EQ(requests_.require_operator(signed_at(kStart, *alice_)).error().verdict,
            Verdict::not_signer);
  const auto boss = node_.key("authority");
  EXPECT_TRUE(requests_.require_operator(signed_at(kStart, *boss)));
  EXPECT_EQ(requests_.login(signed_at(kStart, *boss)).error().verdict, Verdict::unknown_login);
  const auto treasury = node_.key("treasury");
  EXPECT_TRUE(requests_.signer(signed_at(kStart, *treasury)));
}

TEST_F(SignedRequest, KnowsNeitherStrangersNorTheRevoked) {
  const auto stranger = element::make_passing_key();
  EXPECT_EQ(judged(signed_at(kStart, *stranger)), "unknown_key");
  // A holder whose login signs with the very key that was certified.
  ASSERT_TRUE(node_.enrol(login_, pki::CertificateUsage::holder, *alice_));
  EXPECT_EQ(judged(signed_at(kStart, *alice_)), "alice");
  ASSERT_TRUE(node_->authority().set_status(login_.key, ledger::KeyStatus::revoked,
                                            pki::RevocationReason::key_compromise));
  EXPECT_EQ(judged(signed_at(kStart, *alice_)), "key_revoked");
}

TEST_F(SignedRequest, IsTakenOnce) {
  const Request request = signed_at(kStart, *alice_);
  EXPECT_EQ(judged(request), "alice");
  EXPECT_EQ(judged(request), "request_replayed");
  env_.set(kStart + seconds(60));
  EXPECT_EQ(judged(request), "request_replayed");
  env_.set(kStart + seconds(61));
  EXPECT_EQ(judged(request), "request_stale");
}

TEST_F(SignedRequest, OneThatDoesNotVerifyUsesNoNonceUp) {
  const Request request = signed_at(kStart, *alice_);
  Request altered = request;
  altered.method = "DELETE";
  EXPECT_EQ(judged(altered), "request_altered");
  EXPECT_EQ(judged(request), "alice");
}

TEST_F(SignedRequest, IsStaleFromAnotherMinuteAheadOfTimeAndFromBeforeTheStart) {
  EXPECT_EQ(judged(signed_at(kStart + seconds(5), *alice_)), "alice");
  EXPECT_EQ(judged(signed_at(kStart + seconds(6), *alice_)), "request_stale");
  EXPECT_EQ(judged(signed_at(Millis(kStart.value() - 1000), *alice_)), "request_stale");
  env_.set(kStart + seconds(100));
  EXPECT_EQ(judged(signed_at(kStart + seconds(40), *alice_)), "alice");
  EXPECT_EQ(judged(signed_at(kStart + seconds(39), *alice_)), "request_stale");
}

TEST_F(SignedRequest, CoversMethodTargetHostSchemeAndBody) {
  const Request request = signed_at(kStart, *alice_, "POST", "/v1/x?y=1", "content");
  Request other = request;
  other.target = "/v1/x?y=2";
  EXPECT_EQ(judged(other), "request_altered");
  other = request;
  other.method = "PUT";
  EXPECT_EQ(judged(other), "request_altered");
  other = request;
  other.fields.set("Host", "other.example:8443");
  EXPECT_EQ(judged(other), "request_altered");
  other = request;
  other.secure = false;
  EXPECT_EQ(judged(other), "request_altered");
  other = request;
  other.body.push_back('!');
  EXPECT_EQ(judged(other), "request_altered");
  other = request;
  other.fields.set("Signature", "");
  EXPECT_EQ(judged(other), "request_unsigned");
  other = request;
  other.fields.add("Signature", *request.fields.find("Signature"));
  EXPECT_NE(judged(other), "alice");
  EXPECT_EQ(judged(request), "alice");
}

TEST(TargetUri, IsBuiltFromSchemeHostAndTarget) {
  Request request;
  request.target = "/a?b=c";
  request.fields.add("Host", "localhost:1");
  EXPECT_EQ(target_uri(request), "http://localhost:1/a?b=c");
  request.secure = true;
  EXPECT_EQ(target_uri(request), "https://localhost:1/a?b=c");
  request.target = "http://proxied.example/a";
  EXPECT_EQ(target_uri(request), "http://proxied.example/a");
}

TEST(RequestNonces, AreEachKeysOwnAndForgottenWhenTheRequestWouldBeStale) {
  RequestNonces nonces;
  proof::RequestSignature request;
  request.created = kStart;
  EXPECT_TRUE(nonces.take(request, kStart));
  EXPECT_EQ(nonces.take(request, kStart).error().verdict, Verdict::request_replayed);
  auto other = request;
  other.key.writable()[31] = 1;
  EXPECT_TRUE(nonces.take(other, kStart));
  other = request;
  other.nonce.writable()[0] = 1;
  EXPECT_TRUE(nonces.take(other, kStart));
  EXPECT_FALSE(nonces.take(request, kStart + proof::kRequestSignatureAge));
  // Stale by now, so nobody asks; that the memory is free again is what this shows.
  EXPECT_TRUE(nonces.take(request, kStart + proof::kRequestSignatureAge + Duration(1)));
}

TEST(SignedRequestOverHttp, AReplayIsRefusedAndTheFormAskedForIsSaid) {
  ApiForTest api;
  const std::string target = "/v1/accounts/" + codec::to_text(ApiForTest::address(api.treasury()));
  const ClientRequest request = api.request({.target = target, .signer = &api.treasury()});
  EXPECT_EQ(api.send(request).status, 200);
  const auto replayed = api.send(request);
  EXPECT_EQ(replayed.summary(), "401 request_replayed");
  EXPECT_EQ(replayed.fields.find("Accept-Signature"),
            "intaglio=(\"@method\" \"@target-uri\" \"content-digest\");created;"
            "alg=\"ecdsa-p256-sha256\"");
}

}  // namespace
}  // namespace intaglio::http
