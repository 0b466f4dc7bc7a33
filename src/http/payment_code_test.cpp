#include "http/payment_code.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/result_for_test.h"
#include "crypto/sha256.h"
#include "http/api_for_test.h"
#include "http/raw_socket.h"
#include "proof/claim.h"
#include "service/payment_code/display.h"

namespace intaglio::http {
namespace {

using codec::Json;

// A counter display that got everything it has over HTTP.
class PaymentCode : public testing::Test {
 protected:
  PaymentCode() {
    applet_ = must(element::PaymentCodeApplet::create(
        {"soft:" + api_.node().folder() + "/till.key"}, service::test_passphrase(),
        {.authority = api_.node()->authority().root(),
         .server = api_.node().key("service")->public_key(),
         .ledger = api_.ledger()},
        system_env()));
    api_.node().login("till", *till_, {pki::CertificateUsage::display},
                      ApiForTest::account(*shop_));
    enrol();
    const auto granted = api_.get(target("/binding"), till_.get());
    EXPECT_EQ(granted.status, 200);
    bind(granted);
    display_.emplace(
        must(service::Display::make(*applet_,
                                    {.name = "SHOP",
                                     .city = "BERLIN",
                                     .country = "DE",
                                     .currency = AssetId(978),
                                     .terminal = {}},
                                    {.amount = "2.50", .reference = {}}, system_env())));
  }

  void enrol() {
    const auto applied =
        api_.send(post_json("/v1/enrolments", Json::object({{"usage", "display"}}), till_.get()));
    const auto frame = must(applet_->enrol(must(codec::from_hex(applied.text("information")))));
    const auto issued = api_.send(Ask{.method = "POST",
                                      .target = "/v1/enrolments/" + applied.text("id"),
                                      .body = frame,
                                      .media_type = "application/octet-stream",
                                      .signer = till_.get()});
    EXPECT_EQ(issued.status, 201);
    const auto certificate = must(pki::Certificate::from_pem(issued.text("certificate")));
    const std::vector<Bytes> issuing = {api_.node()->authority().issuing().der()};
    must(applet_->install_certificate(certificate.der(), issuing));
  }
  void bind(const Answered& granted) {
    must(applet_->bind(must(codec::from_hex(granted.text("statement"))),
                       Secret(must(codec::from_hex(granted.text("security_key"))))));
  }
  std::string target(const std::string& more) {
    return "/v1/displays/" + codec::to_hex(applet_->public_key().hash()) + more;
  }
  std::string shown() {
    must(display_->update());
    return display_->shown()->text;
  }
  Answered claim(const std::string& text, element::SecureElement& payer) {
    const proof::Claim body{.code = crypto::sha256(as_bytes(text)),
                            .claimant = ApiForTest::address(payer),
                            .claimed_at = system_env().now(),
                            .nonce = system_env().random_id<proof::ClaimNonce>()};
    const auto bytes = must(proof::sign_statement(body, api_.ledger(), element::signer_of(payer)));
    return api_.send(post_json("/v1/payment-codes/claims",
                               Json::object({{"text", text}, {"claim", codec::to_hex(bytes)}})));
  }
  Answered verify(const std::string& text) {
    return api_.send(post_json("/v1/payment-codes/verify", Json::object({{"text", text}})));
  }

  ApiForTest api_;
  std::unique_ptr<element::SecureElement> shop_ = api_.holder("shop");
  std::unique_ptr<element::SecureElement> alice_ = api_.holder("alice");
  std::unique_ptr<element::SecureElement> till_ = element::make_passing_key();
  std::unique_ptr<element::PaymentCodeApplet> applet_;
  std::optional<service::Display> display_;
};

TEST_F(PaymentCode, IsVerifiedClaimedAndPaidOverHttp) {
  const std::string text = shown();
  const auto fresh = verify(text);
  ASSERT_EQ(fresh.status, 200);
  EXPECT_EQ(*fresh.json.find("good"), Json(true));
  EXPECT_EQ(fresh.text("state"), "new");
  EXPECT_EQ(fresh.text("display"), codec::to_hex(applet_->public_key().hash()));
  EXPECT_EQ(fresh.json.find("code")->text_at("amount"), "2.50");

  const auto claimed = claim(text, *alice_);
  ASSERT_EQ(claimed.summary(), "200 accepted");
  EXPECT_EQ(claimed.text("verdict"), "accepted");
  EXPECT_EQ(verify(text).text("state"), "claimed");
  EXPECT_EQ(claim(text, api_.treasury()).summary(), "409 code_claimed");

  api_.submit(api_.payment(api_.treasury(), *alice_, 1000));
  const auto data = display_->shown()->data;
  const tx::Transfer pay{
      .to = ApiForTest::address(*shop_),
      .asset = AssetId(978),
      .amount = Amount(250),
      .memo = {},
      .code = ledger::CodeRow::Key{applet_->public_key().hash(), data.step, data.counter},
      .code_text = {}};
  const auto paid = api_.submit(api_.sign(*alice_, api_.transaction(*alice_, {pay})));
  EXPECT_EQ(paid.summary(), "200 accepted");
  const auto after = verify(text);
  EXPECT_EQ(after.text("state"), "paid");
  EXPECT_EQ(*after.json.find("good"), Json(false));
  EXPECT_EQ(after.text("verdict"), "code_used");
  EXPECT_EQ(claim(text, *alice_).summary(), "409 code_used");
}

TEST_F(PaymentCode, IsRefusedWhenItIsNotADisplaysOrWasAltered) {
  const std::string text = shown();
  EXPECT_EQ(verify("hello").status, 400);
  std::string altered = text;
  altered.back() = altered.back() == '0' ? '1' : '0';
  EXPECT_EQ(verify(altered).summary(), "400 bad_checksum");
  EXPECT_EQ(claim("hello", *alice_).status, 400);
  const Json no_claim = Json::object({{"text", text}, {"claim", "00"}});
  EXPECT_NE(api_.send(post_json("/v1/payment-codes/claims", no_claim)).status, 200);
  EXPECT_EQ(api_.send(post_json("/v1/payment-codes/claims", Json::object())).summary(),
            "400 missing_field");
  EXPECT_EQ(
      api_.send(post_json("/v1/payment-codes/verify", Json::object({{"code", ""}}))).summary(),
      "400 missing_field");
  EXPECT_EQ(api_.send(Ask{.method = "POST", .target = "/v1/payment-codes/verify"}).summary(),
            "415 bad_media_type");
  auto& authority = api_.node()->authority();
  const KeyHash display = applet_->public_key().hash();
  must(authority.set_status(display, ledger::KeyStatus::suspended, {}));
  EXPECT_EQ(verify(text).text("verdict"), "code_key_suspended");
  must(authority.set_status(display, ledger::KeyStatus::revoked, {}));
  EXPECT_EQ(verify(text).text("verdict"), "code_key_revoked");
  EXPECT_EQ(claim(text, *alice_).summary(), "403 code_key_revoked");
}

TEST_F(PaymentCode, WithSecurityDataThatIsNotTheServersItIsRefused) {
  const Bytes other(32, 7);
  const auto params = api_.node()->genesis().params;
  const proof::DisplayBinding binding{
      .display = applet_->public_key().hash(),
      .account = ApiForTest::address(*shop_),
      .epoch = 9,
      .security_key = proof::security_key_check(Secret(Bytes(other))),
      .code_step = params.code_step,
      .guid = params.code_guid};
  const auto service = api_.node().key("service");
  must(applet_->bind(
      must(proof::sign_statement(binding, api_.ledger(), element::signer_of(*service))),
      Secret(Bytes(other))));
  const std::string text = shown();
  EXPECT_EQ(verify(text).text("verdict"), "code_wrong_security_data");
  EXPECT_EQ(claim(text, *alice_).summary(), "403 code_wrong_security_data");
}

TEST_F(PaymentCode, ADisplayIsToldThatItsCodeWasScannedAndHearsWhatItMissed) {
  const auto events = [&](std::string last_id) {
    auto socket = RawSocket::to(api_.port());
    Ask ask{.target = target("/events"), .signer = till_.get()};
    const ClientRequest request = api_.request(ask);
    std::string head = "GET " + ask.target + " HTTP/1.1\r\n" +
                       format("Host: 127.0.0.1:{}\r\nLast-Event-ID: {}\r\n", api_.port(), last_id);
    for (const auto& [name, value] : request.fields.all()) head += name + ": " + value + "\r\n";
    socket.send(head + "\r\n");
    EXPECT_THAT(socket.read_to("\r\n\r\n").value_or(""), testing::HasSubstr("200 OK"));
    return socket;
  };
  const auto next = [&](RawSocket& socket) {
    EventReader reader;
    must(reader.push(as_bytes(socket.read_to("\n\n").value_or(""))));
    Event event;
    EXPECT_TRUE(reader.next(event));
    return event;
  };
  const std::string before = shown();
  auto first = events("0");
  ASSERT_EQ(claim(before, *alice_).status, 200);
  const Event event = next(first);
  EXPECT_EQ(event.name, "refresh");
  EXPECT_EQ(event.id, "1");
  const auto notification = must(
      codec::record_from_json<proof::RefreshNotification>(must(codec::parse_json(event.data))));
  // The element takes it, and another code is shown within the same time step.
  EXPECT_TRUE(must(display_->refresh(notification)));
  EXPECT_NE(display_->shown()->text, before);

  // After a broken line: the newest one above the last that was seen, and not the same again.
  auto again = events("0");
  EXPECT_EQ(next(again), event);
  auto later = events("1");
  ASSERT_EQ(claim(shown(), *alice_).status, 200);
  EXPECT_EQ(next(later).id, "2");
}

TEST_F(PaymentCode, ADisplaysBindingAndEventsAreForItsLoginAlone) {
  for (const auto* route : {"/binding", "/events"}) {
    EXPECT_EQ(api_.get(target(route)).summary(), "401 request_unsigned");
    EXPECT_EQ(api_.get(target(route), alice_.get()).summary(), "403 not_reader");
    EXPECT_EQ(api_.get(target(route), &api_.node_operator()).summary(), "403 not_reader");
    // A certificate, but no display's.
    const std::string alice = codec::to_hex(alice_->public_key().hash());
    EXPECT_EQ(api_.get("/v1/displays/" + alice + route, till_.get()).summary(),
              "404 unknown_display");
    EXPECT_EQ(api_.get(std::string("/v1/displays/x") + route, till_.get()).summary(),
              "400 bad_value");
  }
  Ask strange{.target = target("/events"), .signer = till_.get()};
  strange.fields.add("Last-Event-ID", "yesterday");
  EXPECT_EQ(api_.send(strange).summary(), "400 bad_value");
}

TEST_F(PaymentCode, TheOperatorBindsADisplayToAnotherAccount) {
  const std::string old = shown();
  const Json body = Json::object({{"account", codec::to_hex(ApiForTest::account(*alice_))}});
  EXPECT_EQ(api_.send(post_json(target("/binding"), body)).summary(), "401 request_unsigned");
  EXPECT_EQ(api_.send(post_json(target("/binding"), body, till_.get())).summary(),
            "403 not_signer");
  auto& boss = api_.node_operator();
  EXPECT_EQ(api_.send(post_json("/v1/displays/" + std::string(64, '0') + "/binding", body, &boss))
                .summary(),
            "404 unknown_display");
  EXPECT_EQ(api_.send(post_json(target("/binding"), Json::object(), &boss)).summary(),
            "400 missing_field");
  const auto bound = api_.send(post_json(target("/binding"), body, &boss));
  ASSERT_EQ(bound.status, 200);
  EXPECT_EQ(bound.text("account"), codec::to_text(ApiForTest::address(*alice_)));
  EXPECT_EQ(verify(old).text("verdict"), "code_not_bound");
  const auto granted = api_.get(target("/binding"), till_.get());
  EXPECT_EQ(*granted.json.find("epoch"), *bound.json.find("epoch"));
  bind(granted);
  EXPECT_EQ(must(applet_->status()).binding->account, ApiForTest::address(*alice_));
}

}  // namespace
}  // namespace intaglio::http
