#include "http/certificate.h"

#include <gtest/gtest.h>

#include "base/result_for_test.h"
#include "element/genuine_for_test.h"
#include "http/api_for_test.h"
#include "ledger/certificates.h"
#include "tx/ledger_proof.h"

namespace intaglio::http {
namespace {

using codec::Json;

class Certificate : public testing::Test {
 protected:
  Json login_body(const std::string& name, element::SecureElement& key, Json usages) {
    return Json::object({{"name", name},
                         {"key", codec::to_hex(key.public_key().view())},
                         {"usages", std::move(usages)}});
  }
  Answered apply(element::SecureElement* login, const std::string& usage = "holder") {
    return ask(Json::object({{"usage", usage}}), login);
  }
  Answered ask(const Json& body, element::SecureElement* login) {
    return api_.send(post_json("/v1/enrolments", body, login));
  }
  Bytes frame(const Answered& applied, element::SecureElement& key) {
    const auto bytes = codec::from_hex(applied.text("information"));
    const auto information = codec::decode_record<pki::ApplicationInformation>(*bytes);
    CHECK(information.has_value());
    return must(service::NodeForTest::answer(*information, key));
  }
  Answered answer(const std::string& target, Bytes frame, element::SecureElement* login) {
    return api_.send(Ask{.method = "POST",
                         .target = target,
                         .body = std::move(frame),
                         .media_type = "application/octet-stream",
                         .signer = login});
  }

  ApiForTest api_;
  std::unique_ptr<element::SecureElement> alice_ = element::make_passing_key();
};

TEST_F(Certificate, ALoginIsTheOperatorsToMakeAndItsOwnToRead) {
  const auto body = login_body("alice & co", *alice_, Json::array({"holder", "instrument"}));
  const auto made = api_.send(post_json("/v1/logins", body, &api_.node_operator()));
  ASSERT_EQ(made.status, 201);
  EXPECT_EQ(made.fields.find("Location"), "/v1/logins/alice%20%26%20co");
  EXPECT_EQ(made.text("key"), codec::to_hex(alice_->public_key().hash()));
  EXPECT_EQ(api_.get("/v1/logins/alice%20%26%20co", alice_.get()).json, made.json);
  EXPECT_EQ(api_.get("/v1/logins/alice%20%26%20co", &api_.node_operator()).json, made.json);

  const auto stranger = element::make_passing_key();
  EXPECT_EQ(api_.get("/v1/logins/alice%20%26%20co").summary(), "401 request_unsigned");
  EXPECT_EQ(api_.get("/v1/logins/alice%20%26%20co", stranger.get()).summary(), "403 unknown_key");
  EXPECT_EQ(api_.get("/v1/logins/alice%20%26%20co", &api_.treasury()).summary(), "403 not_reader");
  EXPECT_EQ(api_.get("/v1/logins/bob", alice_.get()).summary(), "403 not_reader");
  EXPECT_EQ(api_.get("/v1/logins/bob", &api_.node_operator()).summary(), "403 unknown_login");

  const auto refused = [&](const Json& other, element::SecureElement* signer) {
    return api_.send(post_json("/v1/logins", other, signer)).summary();
  };
  EXPECT_EQ(refused(body, nullptr), "401 request_unsigned");
  EXPECT_EQ(refused(body, alice_.get()), "403 not_signer");
  element::SecureElement* const boss = &api_.node_operator();
  EXPECT_EQ(refused(login_body("alice & co", *stranger, Json::array()), boss), "409 conflict");
  EXPECT_EQ(refused(login_body("till", *stranger, Json::array({"display"})), boss),
            "400 missing_field");
  EXPECT_EQ(refused(login_body("x", *stranger, Json::array({"emperor"})), boss), "400 bad_value");
  EXPECT_EQ(refused(Json::object({{"name", "x"}}), boss), "400 missing_field");
  EXPECT_EQ(refused(Json(body).set("more", 1), boss), "400 unknown_field");
  EXPECT_EQ(refused(Json(body).set("key", "04ff"), boss), "400 bad_key");
}

TEST_F(Certificate, IsIssuedToWhoAnswersTheChallenge) {
  api_.node().login("alice", *alice_);
  const auto element = element::make_passing_key();
  const auto applied = apply(alice_.get());
  ASSERT_EQ(applied.status, 201);
  const std::string target = "/v1/enrolments/" + applied.text("id");
  EXPECT_EQ(applied.fields.find("Location"), target);
  const Bytes answered = frame(applied, *element);
  const auto issued = answer(target, answered, alice_.get());
  ASSERT_EQ(issued.status, 201);
  const std::string key = codec::to_hex(element->public_key().hash());
  EXPECT_EQ(issued.text("key"), key);
  EXPECT_EQ(issued.text("status"), "active");
  EXPECT_EQ(issued.fields.find("Location"), "/v1/certificates/" + key);
  const auto certificate = pki::Certificate::from_pem(issued.text("certificate"));
  ASSERT_TRUE(certificate.has_value());
  EXPECT_EQ(certificate->public_key(), element->public_key());
  EXPECT_EQ(codec::to_hex(certificate->serial()), issued.text("serial"));
  // It can act at once: the chains know it.
  EXPECT_EQ(api_.submit(api_.payment(*element, api_.treasury(), 1)).summary(),
            "402 insufficient_funds");

  // The same again is the same, another answer is spent.
  EXPECT_EQ(answer(target, answered, alice_.get()).text("certificate"), issued.text("certificate"));
  const auto other = element::make_passing_key();
  EXPECT_EQ(answer(target, frame(applied, *other), alice_.get()).summary(), "409 challenge_spent");

  // By its whole hash or as payment codes name it.
  for (const auto& name : {key, key.substr(0, 16)}) {
    EXPECT_EQ(api_.get("/v1/certificates/" + name).text("certificate"), issued.text("certificate"));
  }
  EXPECT_EQ(api_.get("/v1/certificates/" + std::string(64, '0')).summary(),
            "404 unknown_certificate");
  EXPECT_EQ(api_.get("/v1/certificates/" + std::string(16, '0')).summary(),
            "404 unknown_certificate");
  EXPECT_EQ(api_.get("/v1/certificates/beef").summary(), "400 bad_value");
  EXPECT_EQ(api_.get("/v1/certificates/" + std::string(16, 'x')).summary(), "400 bad_value");
}

TEST_F(Certificate, IsIssuedInTheProfileThatWasAskedFor) {
  api_.node().login("alice", *alice_);
  EXPECT_EQ(apply(alice_.get()).text("profile"), "compact");
  const auto applied =
      ask(Json::object({{"usage", "holder"}, {"profile", "framed"}}), alice_.get());
  ASSERT_EQ(applied.status, 201);
  EXPECT_EQ(applied.text("profile"), "framed");
  EXPECT_EQ(*applied.json.find("simulated_element"), Json(true));
  const std::string target = "/v1/enrolments/" + applied.text("id");
  const Bytes compact = frame(apply(alice_.get()), *alice_);
  EXPECT_EQ(answer(target, compact, alice_.get()).summary(), "403 challenge_mismatch");
  const Bytes framed = frame(applied, *alice_);
  EXPECT_EQ(framed.size(), pki::kFramedAnswer);
  EXPECT_EQ(answer(target, framed, alice_.get()).status, 201);
  EXPECT_EQ(ask(Json::object({{"usage", "holder"}, {"profile", "round"}}), alice_.get()).summary(),
            "400 bad_value");
}

TEST_F(Certificate, DeniesSimulationWhereTheOperatorVouchesAlone) {
  const auto issued_to = [&](const std::string& name, bool genuine) {
    const auto login = element::make_passing_key();
    auto body = login_body(name, *login, Json::array({"holder"}));
    if (genuine) body.set("genuine_elements", true);
    const auto made = api_.send(post_json("/v1/logins", body, &api_.node_operator()));
    EXPECT_EQ(*made.json.find("genuine_elements"), Json(genuine));
    element::GenuineForTest element;
    const auto applied =
        ask(Json::object({{"usage", "holder"}, {"simulated_element", false}}), login.get());
    const auto issued =
        answer("/v1/enrolments/" + applied.text("id"), frame(applied, element), login.get());
    EXPECT_EQ(issued.status, 201) << issued.summary();
    return must(pki::Certificate::from_pem(issued.text("certificate")))
        .capabilities()
        ->simulated_element;
  };
  EXPECT_TRUE(issued_to("anybody", false));
  EXPECT_FALSE(issued_to("vouched-for", true));
}

TEST_F(Certificate, IsRefusedToEverybodyElse) {
  api_.node().login("alice", *alice_);
  EXPECT_EQ(apply(nullptr).summary(), "401 request_unsigned");
  EXPECT_EQ(apply(&api_.treasury()).summary(), "403 unknown_login");
  EXPECT_EQ(apply(alice_.get(), "display").summary(), "403 unknown_login");
  EXPECT_EQ(apply(alice_.get(), "emperor").summary(), "400 bad_value");

  const auto bob = element::make_passing_key();
  api_.node().login("bob", *bob);
  const auto applied = apply(alice_.get());
  const std::string target = "/v1/enrolments/" + applied.text("id");
  const Bytes good = frame(applied, *alice_);
  EXPECT_EQ(answer(target, good, nullptr).summary(), "401 request_unsigned");
  EXPECT_EQ(answer(target, good, bob.get()).summary(), "403 challenge_foreign");
  EXPECT_EQ(answer("/v1/enrolments/" + std::string(32, '0'), good, alice_.get()).summary(),
            "404 challenge_unknown");
  const std::string another = "/v1/enrolments/" + apply(alice_.get()).text("id");
  EXPECT_EQ(answer(another, good, alice_.get()).summary(), "403 challenge_mismatch");
  EXPECT_EQ(answer("/v1/enrolments/me", good, alice_.get()).summary(), "400 bad_value");
  Bytes altered = good;
  altered.back() ^= 1;
  EXPECT_EQ(answer(target, altered, alice_.get()).summary(), "403 no_possession");
  altered.pop_back();
  EXPECT_EQ(answer(target, altered, alice_.get()).status, 400);
  EXPECT_EQ(api_.send(post_json(target, Json::object(), alice_.get())).summary(),
            "415 bad_media_type");
  EXPECT_EQ(answer(target, good, alice_.get()).status, 201);
}

TEST_F(Certificate, IsRevokedByTheOperatorForGood) {
  const auto key = api_.holder("carol");
  const std::string target = "/v1/certificates/" + codec::to_hex(key->public_key().hash());
  const auto revoke = [&](const std::string& whose, element::SecureElement* signer) {
    return api_.send(post_json(whose + "/status", Json::object({{"status", "revoked"}}), signer));
  };
  EXPECT_EQ(revoke(target, nullptr).summary(), "401 request_unsigned");
  EXPECT_EQ(revoke(target, key.get()).summary(), "403 not_signer");
  const auto revoked = revoke(target, &api_.node_operator());
  EXPECT_EQ(revoked.status, 200);
  EXPECT_EQ(revoked.text("status"), "revoked");

  const auto shown = api_.get(target);
  EXPECT_EQ(shown.text("status"), "revoked");
  EXPECT_LE(*shown.json.find("since")->integer(), *shown.json.find("as_of")->integer());
  EXPECT_EQ(api_.submit(api_.payment(*key, api_.treasury(), 1)).summary(), "403 key_revoked");
  // Not even its own account is read with it any more.
  const std::string account = "/v1/accounts/" + codec::to_text(ApiForTest::address(*key));
  EXPECT_EQ(api_.get(account, key.get()).summary(), "403 key_revoked");
  EXPECT_EQ(revoke(target, &api_.node_operator()).summary(), "403 certificate_revoked");
  EXPECT_EQ(revoke("/v1/certificates/" + std::string(64, '0'), &api_.node_operator()).summary(),
            "404 unknown_certificate");
}

TEST_F(Certificate, ASuspendedOneSignsNothingUntilItGoesOn) {
  const auto key = api_.holder("carol");
  const std::string target = "/v1/certificates/" + codec::to_hex(key->public_key().hash());
  const auto set = [&](const std::string& status) {
    return api_.send(
        post_json(target + "/status", Json::object({{"status", status}}), &api_.node_operator()));
  };
  EXPECT_EQ(set("asleep").summary(), "400 bad_value");
  EXPECT_EQ(set("suspended").text("status"), "suspended");
  EXPECT_EQ(api_.submit(api_.payment(*key, api_.treasury(), 1)).summary(), "403 key_suspended");
  EXPECT_EQ(set("active").text("status"), "active");
  EXPECT_EQ(api_.submit(api_.payment(*key, api_.treasury(), 1)).summary(),
            "402 insufficient_funds");
}

TEST_F(Certificate, OneMemberIsToldOfAnotherWithProof) {
  const auto carol = api_.holder("carol");
  const auto dan = api_.holder("dan");
  const auto hash = [](element::SecureElement& key) { return key.public_key().hash(); };
  const auto ask = [&](element::SecureElement* asking, element::SecureElement& about) {
    return api_.get("/v1/certificates/" + codec::to_hex(hash(about)) + "/membership", asking);
  };
  auto& authority = api_.node()->authority();
  EXPECT_EQ(ask(nullptr, *dan).summary(), "401 request_unsigned");
  const auto told = ask(carol.get(), *dan);
  ASSERT_EQ(told.status, 200);
  EXPECT_EQ(told.text("status"), "active");
  EXPECT_NE(told.json.find("capabilities"), nullptr);

  const auto certificate = must(pki::Certificate::from_pem(told.text("certificate")));
  tx::Trust trust(api_.node()->genesis());
  const auto proof = must(tx::LedgerProof::decode(must(codec::from_hex(told.text("proof")))));
  const auto proven = must(trust.check(proof));
  EXPECT_EQ(proven.block.header.height.value(), must(told.json.uint_at("height")));
  EXPECT_EQ(proven.row->slot,
            ledger::CertificateRow::slot({authority.issuing().key_hash(), certificate.serial()}));
  EXPECT_EQ(must(codec::decode_record<ledger::CertificateRow>(*proven.row->row)).key, hash(*dan));

  must(authority.set_status(hash(*dan), ledger::KeyStatus::suspended, {}));
  EXPECT_EQ(ask(carol.get(), *dan).text("status"), "suspended");
  EXPECT_EQ(ask(dan.get(), *carol).summary(), "403 key_suspended");
  const auto eve = element::make_passing_key();
  api_.node().login("eve", *eve);
  EXPECT_EQ(ask(eve.get(), *carol).summary(), "403 not_reader") << "nobody certified her";
  EXPECT_EQ(ask(carol.get(), *eve).summary(), "404 unknown_certificate");
}

TEST_F(Certificate, ARevocationSaysWhy) {
  const auto key = api_.holder("carol");
  const std::string target = "/v1/certificates/" + codec::to_hex(key->public_key().hash());
  const auto revoke = [&](const std::string& reason) {
    return api_.send(post_json(target + "/status",
                               Json::object({{"status", "revoked"}, {"reason", reason}}),
                               &api_.node_operator()));
  };
  EXPECT_EQ(revoke("boredom").summary(), "400 bad_value");
  EXPECT_EQ(revoke("hold").summary(), "400 bad_value") << "that is a suspension";
  EXPECT_EQ(api_.get(target).text("status"), "active");
  EXPECT_EQ(revoke("key_compromise").status, 200);
  EXPECT_EQ(api_.get(target).text("reason"), "key_compromise");
  EXPECT_EQ(revoke("superseded").summary(), "403 certificate_revoked");
  EXPECT_EQ(api_.get(target).text("reason"), "key_compromise");
}

TEST_F(Certificate, AOneTimeSecretIsTheOperatorsToGiveOut) {
  api_.send(post_json("/v1/logins", login_body("shop", *alice_, Json::array({"holder"})),
                      &api_.node_operator()));
  const auto ask = [&](const Json& body, element::SecureElement* signer) {
    return api_.send(post_json("/v1/one-time-secrets", body, signer));
  };
  const Json wish = Json::object({{"login", "shop"}, {"usage", "holder"}});
  EXPECT_EQ(ask(wish, nullptr).summary(), "401 request_unsigned");
  EXPECT_EQ(ask(wish, &api_.treasury()).summary(), "403 not_signer");
  const auto made = ask(wish, &api_.node_operator());
  ASSERT_EQ(made.status, 201);
  EXPECT_EQ(made.fields.find("Cache-Control"), "no-store");
  EXPECT_EQ(made.text("secret").size(), 40U);
  EXPECT_EQ(ask(Json(wish).set("login", "nobody"), &api_.node_operator()).summary(),
            "403 unknown_login");
  EXPECT_EQ(ask(Json(wish).set("usage", "issuer"), &api_.node_operator()).summary(),
            "403 unknown_login");
  EXPECT_EQ(ask(Json(wish).set("valid_for", 0), &api_.node_operator()).summary(), "400 bad_value");
}

// The grants and the validity of a login come in and are shown as they stand.
TEST_F(Certificate, ALoginsGrantsAreShownAsTheyWereRegistered) {
  const Json grants = Json::array({Json::object(
      {{"usage", "holder"},
       {"functions", Json::array({"pay"})},
       {"ceilings", Json::array({Json::object({{"asset", 978}, {"largest", "5000"}})})}})});
  Json body = login_body("shop", *alice_, Json::array({"holder"}));
  body.set("grants", grants);
  body.set("validity", 7'200'000);
  const auto made = api_.send(post_json("/v1/logins", body, &api_.node_operator()));
  ASSERT_EQ(made.status, 201) << made.summary();
  EXPECT_EQ(*made.json.find("grants"), grants);
  EXPECT_EQ(made.json.uint_at("validity"), 7'200'000U);
  body.set("grants",
           Json::array({Json::object(
               {{"usage", "issuer"}, {"functions", Json::array()}, {"ceilings", Json::array()}})}));
  EXPECT_EQ(api_.send(post_json("/v1/logins", body, &api_.node_operator())).summary(),
            "400 bad_value");
}

TEST_F(Certificate, TheListIsTheOperators) {
  const auto carol = api_.holder("carol");
  const auto dave = api_.holder("dave");
  const auto list = api_.get("/v1/certificates", &api_.node_operator());
  ASSERT_EQ(list.status, 200);
  const auto& items = *list.json.find("certificates")->items();
  ASSERT_EQ(items.size(), 2U);
  EXPECT_EQ(items[0].text_at("login"), "dave");
  EXPECT_EQ(items[1].text_at("key"), codec::to_hex(carol->public_key().hash()));
  const auto newest = api_.get("/v1/certificates?limit=1", &api_.node_operator());
  EXPECT_EQ(*newest.json.find("certificates"), Json::array({items[0]}));
  EXPECT_EQ(api_.get("/v1/certificates").summary(), "401 request_unsigned");
  EXPECT_EQ(api_.get("/v1/certificates", dave.get()).summary(), "403 not_signer");
  EXPECT_EQ(api_.get("/v1/certificates?limit=all", &api_.node_operator()).summary(),
            "400 bad_value");
}

}  // namespace
}  // namespace intaglio::http
