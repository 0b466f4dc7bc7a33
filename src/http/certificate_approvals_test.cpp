#include "http/certificate_approvals.h"

#include <gtest/gtest.h>

#include "base/result_for_test.h"
#include "http/api_for_test.h"
#include "service/certificate/approvals.h"

namespace intaglio::http {
namespace {

using codec::Json;

class Approvals : public testing::Test {
 protected:
  Answered login(const std::string& name, element::SecureElement& key, Json usages,
                 const Json::Object& more) {
    Json body = Json::object({{"name", name},
                              {"key", codec::to_hex(key.public_key().view())},
                              {"usages", std::move(usages)}});
    for (const auto& [member, value] : more) body.set(member, value);
    return api_.send(post_json("/v1/logins", body, &api_.node_operator()));
  }
  // The shop's certificates wait for one officer.
  void set_up() {
    const Json rules = Json::array({Json::object({{"usage", "holder"}, {"officers", 1}})});
    const auto shop = login("shop", *shop_, Json::array({"holder"}), {{"approvals", rules}});
    ASSERT_EQ(shop.status, 201) << shop.summary();
    EXPECT_EQ(*shop.json.find("approvals"), rules);
    EXPECT_EQ(shop.json.find("officer"), nullptr);
    const auto anna = login("anna", *anna_, Json::array(), {{"officer", true}});
    ASSERT_EQ(anna.status, 201) << anna.summary();
    EXPECT_EQ(*anna.json.find("officer"), Json(true));
  }
  Ask application() {
    const auto applied =
        api_.send(post_json("/v1/enrolments", Json::object({{"usage", "holder"}}), shop_.get()));
    const auto bytes = codec::from_hex(applied.text("information"));
    const auto information = must(codec::decode_record<pki::ApplicationInformation>(*bytes));
    return {.method = "POST",
            .target = "/v1/enrolments/" + applied.text("id"),
            .body = must(service::NodeForTest::answer(information, *shop_)),
            .media_type = "application/octet-stream",
            .signer = shop_.get()};
  }
  Answered decide(const std::string& digest, const std::string& decision,
                  element::SecureElement* by) {
    return api_.send(
        post_json("/v1/approvals/" + digest, Json::object({{"decision", decision}}), by));
  }
  // The digest of the only one that waits.
  std::string digest() {
    const auto list = api_.get("/v1/approvals", anna_.get());
    const auto& items = *list.json.find("approvals")->items();
    EXPECT_EQ(items.size(), 1U);
    return items.at(0).text_at("digest").value_or("");
  }

  ApiForTest api_;
  std::unique_ptr<element::SecureElement> shop_ = element::make_passing_key();
  std::unique_ptr<element::SecureElement> anna_ = element::make_passing_key();
};

TEST_F(Approvals, WhatWaitsIsAnsweredWithLaterAndIssuedOnceApproved) {
  set_up();
  const Ask application = this->application();
  const auto waits = api_.send(application);
  EXPECT_EQ(waits.summary(), "202 approval_pending");
  EXPECT_EQ(waits.fields.find("Retry-After"), "60");
  EXPECT_EQ(*waits.json.find("retryable"), Json(true));
  EXPECT_EQ(waits.text("detail"), digest() + ": 0 of 1 officers");

  const auto shown = api_.get("/v1/approvals/" + digest(), anna_.get());
  ASSERT_EQ(shown.status, 200) << shown.summary();
  EXPECT_EQ(shown.text("login"), "shop");
  EXPECT_EQ(shown.text("public_key"), codec::to_hex(shop_->public_key().view()));
  // Whoever approves the digest can make it of what is shown.
  const auto intended = must(
      codec::decode_record<service::IntendedCertificate>(*codec::from_hex(shown.text("intended"))));
  EXPECT_EQ(codec::to_hex(service::digest_of(intended)), shown.text("digest"));
  EXPECT_EQ(codec::record_to_json(intended.capabilities), *shown.json.find("capabilities"));

  const auto approved = decide(digest(), "approve", anna_.get());
  ASSERT_EQ(approved.status, 200) << approved.summary();
  EXPECT_EQ(*approved.json.find("approved_by"), Json::array({"anna"}));
  const auto issued = api_.send(application);
  ASSERT_EQ(issued.status, 201) << issued.summary();
  EXPECT_EQ(api_.send(application).text("certificate"), issued.text("certificate"));
  EXPECT_EQ(decide(shown.text("digest"), "refuse", anna_.get()).summary(), "409 key_certified");
}

TEST_F(Approvals, ARefusalIsFinal) {
  set_up();
  const Ask application = this->application();
  EXPECT_EQ(api_.send(application).status, 202);
  const std::string refused = digest();
  const auto answer = decide(refused, "refuse", anna_.get());
  ASSERT_EQ(answer.status, 200) << answer.summary();
  EXPECT_EQ(answer.json.find("decisions")->items()->at(0).text_at("decision"), "refuse");
  EXPECT_EQ(api_.send(application).summary(), "403 approval_refused");
  EXPECT_EQ(decide(refused, "approve", anna_.get()).summary(), "403 approval_refused");
  EXPECT_EQ(api_.get("/v1/approvals/" + refused, anna_.get()).summary(), "403 approval_refused");
}

TEST_F(Approvals, OfficersAndTheOperatorReadAndOfficersAloneDecide) {
  set_up();
  EXPECT_EQ(api_.send(application()).status, 202);
  const std::string digest = this->digest();
  const std::string target = "/v1/approvals/" + digest;
  element::SecureElement* const boss = &api_.node_operator();
  EXPECT_EQ(api_.get("/v1/approvals", boss).status, 200);
  EXPECT_EQ(api_.get(target, boss).status, 200);
  EXPECT_EQ(decide(digest, "approve", boss).summary(), "403 unknown_login");
  for (auto* other : {shop_.get(), &api_.treasury()}) {
    EXPECT_EQ(api_.get("/v1/approvals", other).summary(), "403 not_reader");
    EXPECT_EQ(api_.get(target, other).summary(), "403 not_reader");
  }
  EXPECT_EQ(decide(digest, "approve", shop_.get()).summary(), "403 not_signer");
  EXPECT_EQ(api_.get("/v1/approvals").summary(), "401 request_unsigned");
  EXPECT_EQ(api_.get(target).summary(), "401 request_unsigned");
  EXPECT_EQ(decide(digest, "approve", nullptr).summary(), "401 request_unsigned");
  EXPECT_EQ(decide(digest, "perhaps", anna_.get()).summary(), "400 bad_value");
  EXPECT_EQ(decide("beef", "approve", anna_.get()).summary(), "400 bad_value");
  const std::string nothing(64, '0');
  EXPECT_EQ(decide(nothing, "approve", anna_.get()).summary(), "404 unknown_approval");
  EXPECT_EQ(api_.get("/v1/approvals/" + nothing, boss).summary(), "404 unknown_approval");
}

TEST_F(Approvals, ThatAreOutdatedOrOnesOwnAreRefusedByName) {
  set_up();
  EXPECT_EQ(api_.send(application()).status, 202);
  const std::string first = digest();
  const Json rules = Json::array({Json::object({{"usage", "holder"}, {"officers", 1}})});
  login("shop", *shop_, Json::array({"holder"}),
        {{"approvals", rules}, {"validity", 3'600'000}, {"officer", true}});
  EXPECT_EQ(decide(first, "approve", anna_.get()).summary(), "409 approval_outdated");
  EXPECT_NE(digest(), first);
  EXPECT_EQ(decide(digest(), "approve", shop_.get()).summary(), "403 own_application");
  EXPECT_EQ(login("x", *anna_, Json::array(), {{"approvals", rules}}).summary(), "400 bad_value");
}

}  // namespace
}  // namespace intaglio::http
