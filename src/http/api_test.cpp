#include "http/api.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/folder_for_test.h"
#include "codec/tagged.h"
#include "http/api_for_test.h"
#include "http/openapi.h"
#include "http/test_identity.h"

namespace intaglio::http {
namespace {

using codec::Json;

// Calls visit(method, pattern, operation) for each operation of the document.
template <typename Visit>
void for_each_operation(const Json& document, Visit&& visit) {
  for (const auto& [pattern, item] : *document.find("paths")->members()) {
    for (const auto& [name, operation] : *item.members()) {
      std::string method = name;
      for (char& c : method) c = static_cast<char>(c - 'a' + 'A');
      visit(method, pattern, operation);
    }
  }
}

// Calls visit(text) for each $ref anywhere below.
template <typename Visit>
void for_each_ref(const Json& node, Visit&& visit) {
  if (node.items() != nullptr) {
    for (const auto& item : *node.items()) for_each_ref(item, visit);
  }
  if (node.members() == nullptr) return;
  if (node.text_at("$ref")) visit(node);
  for (const auto& [name, member] : *node.members()) for_each_ref(member, visit);
}

TEST(OpenApi, AgreesWithTheRoutesAndIsServed) {
  ApiForTest api;
  EXPECT_THAT(openapi_differences(api.document(), api.routes()), testing::IsEmpty());
  EXPECT_EQ(api.document().text_at("openapi"), "3.1.0");
  EXPECT_EQ(api.get("/v1/openapi.json").json, api.document());
  EXPECT_EQ(api.get("/healthz").text("status"), "ok");
}

// Each operation has a schema of its name, with the fields that its record has.
TEST(OpenApi, DescribesEveryOperationOfATransaction) {
  const Json document = openapi_document();
  const SchemaCheck check(document);
  const Json& schemas = *document.find("components")->find("schemas");
  std::map<std::string, const Json*> by_type;
  for (const auto& choice : *schemas.find("Operation")->find("oneOf")->items()) {
    const Json* schema = check.resolve(&choice);
    by_type[*schema->find("properties")->find("type")->text_at("const")] = schema;
  }
  codec::for_each_alternative<tx::Operation>([&]<typename T>(const T&) {
    const std::string name(T::kName);
    ASSERT_TRUE(by_type.contains(name)) << name;
    for (const auto& field : codec::field_docs<T>()) {
      EXPECT_NE(by_type[name]->find("properties")->find(field.name), nullptr)
          << name << '.' << field.name;
    }
    by_type.erase(name);
  });
  EXPECT_TRUE(by_type.empty());
}

TEST(OpenApi, EveryReferenceLeadsSomewhereAndEverySchemaIsUsed) {
  const Json document = openapi_document();
  const SchemaCheck check(document);
  std::set<std::string> used;
  for_each_ref(document, [&](const Json& node) {
    used.insert(*node.text_at("$ref"));
    check.resolve(&node);  // stops the program where there is nothing
  });
  for (const auto& [kind, entries] : *document.find("components")->members()) {
    if (kind == "securitySchemes") continue;
    for (const auto& [name, entry] : *entries.members()) {
      EXPECT_TRUE(used.contains("#/components/" + kind + "/" + name)) << name;
    }
  }
}

TEST(OpenApi, ListsEveryVerdict) {
  const Json document = openapi_document();
  Json::Array names;
  for (const auto& row : verdicts()) names.emplace_back(row.name);
  EXPECT_EQ(*document.find("components")->find("schemas")->find("VerdictName")->find("enum"),
            Json(names));
}

TEST(OpenApi, AnOperationNeedsASignatureWhereItSaysSoAndNowhereElse) {
  ApiForTest api;
  const std::string address = codec::to_text(ApiForTest::address(api.treasury()));
  for_each_operation(api.document(), [&](const std::string& method, const std::string& pattern,
                                         const Json& operation) {
    if (pattern == "/v1/events") return;  // has no end
    std::string target = pattern;
    const auto fill = [&](std::string_view name, const std::string& value) {
      const auto at = target.find(name);
      if (at != std::string::npos) target.replace(at, name.size(), value);
    };
    fill("{address}", address);
    fill("{chain}", "1");
    fill("{height}", "1");
    fill("{row}", "params");
    fill("{key}", std::string(64, '0'));
    fill("{digest}", std::string(64, '0'));
    fill("{id}", std::string(pattern.starts_with("/v1/enrol") ? 32 : 64, '0'));
    fill("{name}", "nobody");
    fill("{request}", "MA==");
    const auto unsigned_answer = api.send(Ask{.method = method, .target = target});
    const bool refused = unsigned_answer.summary() == "401 request_unsigned";
    EXPECT_EQ(refused, operation.find("security") != nullptr) << method << ' ' << pattern;
  });
}

TEST(OpenApi, TheCheckOfSchemasFindsWhatIsWrong) {
  const Json document = openapi_document();
  const SchemaCheck check(document);
  const auto fault = [&](const char* schema, const Json& value) {
    return check.fault(*document.find("components")->find("schemas")->find(schema), value);
  };
  const Json good = Json::object(
      {{"type", "set_key_status"}, {"key", std::string(64, 'a')}, {"status", "revoked"}});
  EXPECT_EQ(fault("SetKeyStatus", good), "");
  EXPECT_NE(fault("SetKeyStatus", Json::object({{"status", "revoked"}})), "");
  EXPECT_NE(fault("SetKeyStatus", Json(good).set("status", "asleep")), "");
  EXPECT_NE(fault("SetKeyStatus", Json(good).set("key", "short")), "");
  EXPECT_NE(fault("SetKeyStatus", Json(good).set("key", 1)), "");
  EXPECT_NE(fault("SetKeyStatus", Json(good).set("more", 1)), "");
  EXPECT_NE(fault("Results", Json::object({{"results", Json::array({good})}})), "");
}

// curl is not ours, and neither is its TLS.
class Curl : public testing::Test {
 protected:
  Curl() {
    add_api(routes_, *node_, metrics_, system_env());
    ServerOptions options;
    options.tls = TlsIdentity{node_->tls_certificate_pem(), Secret(Bytes(node_->tls_key_pem())),
                              service::test_passphrase()};
    server_.emplace(std::move(routes_), std::move(options), metrics_);
    const auto started = server_->start();
    EXPECT_TRUE(started.has_value()) << to_string(started.error());
  }
  // Status, a space, body.
  std::string curl(const std::string& arguments, const std::string& target) {
    std::string output;
    run_program(format("curl -sS --cacert {}/tls/certificate.pem -o {} -w '%{{http_code}}' {} '{}'",
                       node_.folder(), scratch_ / "body", arguments, url() + target),
                output);
    return output + " " + read_text(scratch_ / "body");
  }
  std::string url() const { return format("https://localhost:{}", server_->port()); }

  FolderForTest scratch_;
  Metrics metrics_;
  service::NodeForTest node_;
  Router routes_;
  std::optional<Server> server_;
};

TEST_F(Curl, ReadsSendsAndSigns) {
  std::string version;
  if (run_program("curl --version", version) != 0) GTEST_SKIP() << "curl is not installed";
  EXPECT_EQ(curl("", "/healthz"), "200 {\"status\":\"ok\"}");
  EXPECT_THAT(curl("", "/v1/ledger"), testing::StartsWith("200 {\"ledger\""));
  EXPECT_THAT(curl("", "/v1/nothing"), testing::HasSubstr("unknown_route"));
  EXPECT_THAT(curl("-X DELETE", "/v1/chains"), testing::StartsWith("405"));

  const auto treasury = node_.key("treasury");
  const LedgerId& ledger = node_->gateway().ledger();
  const tx::Transaction body{.ledger = ledger,
                             .chains = {ChainId(1)},
                             .account = ApiForTest::account(*treasury),
                             .client = system_env().random_id<ClientId>(),
                             .valid_until = system_env().now() + seconds(60),
                             .operations = {tx::Transfer{.to = ApiForTest::address(*treasury),
                                                         .asset = AssetId(978),
                                                         .amount = Amount(1),
                                                         .memo = {},
                                                         .code = {},
                                                         .code_text = {}}}};
  const auto bytes = proof::sign_statement(body, ledger, element::signer_of(*treasury));
  ASSERT_TRUE(bytes.has_value());
  std::ofstream(scratch_ / "tx", std::ios::binary) << as_text(*bytes);
  EXPECT_THAT(curl("-H 'Content-Type: application/cose' --data-binary @" + scratch_ / "tx",
                   "/v1/transactions"),
              testing::AllOf(testing::StartsWith("422"), testing::HasSubstr("same_account"),
                             testing::HasSubstr("\"final\":true")));

  const std::string target =
      "/v1/accounts/" + codec::to_text(ApiForTest::address(*treasury)) + "/statement?limit=1";
  const std::string uri = url() + target;
  const auto fields = proof::sign_http_request(
      {.method = "GET", .target_uri = uri, .body = {}}, system_env().now(),
      system_env().random_id<proof::HttpNonce>(), element::signer_of(*treasury));
  ASSERT_TRUE(fields.has_value());
  EXPECT_THAT(curl(format("-H 'Content-Digest: {}' -H 'Signature-Input: {}' -H 'Signature: {}'",
                          fields->content_digest, fields->signature_input, fields->signature),
                   target),
              testing::AllOf(testing::StartsWith("200"), testing::HasSubstr("\"issue\"")));
  EXPECT_THAT(curl("", target), testing::HasSubstr("request_unsigned"));
}

}  // namespace
}  // namespace intaglio::http
