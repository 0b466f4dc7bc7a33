// For tests of the routes: a node with its whole API on a real socket, and a check of every answer
// against the OpenAPI document.
#pragma once

#include <optional>
#include <regex>
#include <set>

#include "http/api.h"
#include "http/client.h"
#include "http/sample_server.h"
#include "http/server.h"
#include "proof/http_signature.h"
#include "service/node_for_test.h"

namespace intaglio::http {

// The part of JSON Schema that openapi.json uses. What it finds wrong is a place and a reason.
class SchemaCheck {
 public:
  explicit SchemaCheck(const codec::Json& document) : document_(document) {}

  // Empty when `value` is as the schema says and has no member that the schema does not name.
  std::string fault(const codec::Json& schema, const codec::Json& value,
                    const std::string& at = "body") const {
    std::string found = shape_fault(schema, value, at);
    if (!found.empty() || value.members() == nullptr) return found;
    const auto names = documented(schema);
    for (const auto& [name, member] : *value.members()) {
      if (!names.empty() && !names.contains(name)) return at + "." + name + " is not documented";
    }
    return "";
  }

  // Follows a reference to what it names; `node` must outlive the result.
  const codec::Json* resolve(const codec::Json* node) const {
    const auto ref = node->text_at("$ref");
    if (!ref) return node;
    const codec::Json* found = &document_;
    std::size_t from = 2;  // after "#/"
    while (found != nullptr && from < ref->size()) {
      const std::size_t end = std::min(ref->find('/', from), ref->size());
      found = found->find(ref->substr(from, end - from));
      from = end + 1;
    }
    if (found == nullptr) fatal("no " + *ref);
    return resolve(found);
  }

 private:
  using Json = codec::Json;

  std::set<std::string> documented(const Json& schema) const {
    const Json& node = *resolve(&schema);
    std::set<std::string> out;
    if (const auto* properties = node.find("properties")) {
      for (const auto& [name, each] : *properties->members()) out.insert(name);
    }
    for (const auto* list : {"allOf", "oneOf", "anyOf"}) {
      if (const auto* parts = node.find(list)) {
        for (const auto& part : *parts->items()) out.merge(documented(part));
      }
    }
    return out;
  }

  std::string shape_fault(const Json& schema, const Json& value, const std::string& at) const {
    const Json& node = *resolve(&schema);
    if (const auto* all = node.find("allOf")) {
      for (const auto& part : *all->items()) {
        if (auto found = shape_fault(part, value, at); !found.empty()) return found;
      }
    }
    for (const auto* list : {"oneOf", "anyOf"}) {
      if (const auto* choices = node.find(list)) return choice_fault(*choices, value, at);
    }
    if (const auto* allowed = node.find("const"); allowed != nullptr && *allowed != value) {
      return at + " is " + value.dump() + ", not " + allowed->dump();
    }
    if (const auto* allowed = node.find("enum")) {
      if (std::ranges::find(*allowed->items(), value) == allowed->items()->end()) {
        return at + " is " + value.dump() + ", which is not listed";
      }
    }
    if (const auto type = node.text_at("type"); type && !is_of_type(value, *type)) {
      return at + " is no " + *type + ": " + value.dump();
    }
    if (value.text() != nullptr) return text_fault(node, *value.text(), at);
    if (value.items() != nullptr) return items_fault(node, *value.items(), at);
    return members_fault(node, value, at);
  }

  std::string choice_fault(const Json& choices, const Json& value, const std::string& at) const {
    std::string why;
    for (const auto& choice : *choices.items()) {
      const std::string found = fault(choice, value, at);
      if (found.empty()) return "";
      why += "; " + found;
    }
    return at + " is none of the choices" + why;
  }

  static bool is_of_type(const Json& value, std::string_view type) {
    if (type == "object") return value.members() != nullptr;
    if (type == "array") return value.items() != nullptr;
    if (type == "string") return value.text() != nullptr;
    if (type == "integer") return value.integer() != nullptr;
    return type == "boolean" && value.boolean() != nullptr;
  }

  static std::string text_fault(const Json& node, const std::string& text, const std::string& at) {
    const auto pattern = node.text_at("pattern");
    // The library's expressions take stack by the character.
    if (!pattern || text.size() > 500 || std::regex_search(text, std::regex(*pattern))) return "";
    return at + " does not match " + *pattern + ": " + text;
  }

  std::string items_fault(const Json& node, const Json::Array& items, const std::string& at) const {
    const auto* schema = node.find("items");
    for (std::size_t i = 0; schema != nullptr && i < items.size(); ++i) {
      auto found = fault(*schema, items[i], format("{}[{}]", at, i));
      if (!found.empty()) return found;
    }
    return "";
  }

  std::string members_fault(const Json& node, const Json& value, const std::string& at) const {
    if (const auto* required = node.find("required")) {
      for (const auto& name : *required->items()) {
        if (value.find(*name.text()) == nullptr) return at + " lacks " + *name.text();
      }
    }
    const auto* properties = node.find("properties");
    if (properties == nullptr || value.members() == nullptr) return "";
    for (const auto& [name, member] : *value.members()) {
      const auto* schema = properties->find(name);
      if (schema == nullptr) continue;
      auto found = fault(*schema, member, at + "." + name);
      if (!found.empty()) return found;
    }
    return "";
  }

  const codec::Json& document_;
};

inline codec::Json openapi_document() {
  auto document = codec::parse_json(openapi_text(), {.bytes = openapi_text().size(), .depth = 32});
  CHECK(document.has_value());
  return *std::move(document);
}

// What is asked of the server.
struct Ask {
  std::string method = "GET";
  std::string target;
  Bytes body = {};
  std::string media_type = {};
  std::string accept = {};
  element::SecureElement* signer = nullptr;
  Fields fields = {};
};

inline Ask post_json(std::string target, const codec::Json& body,
                     element::SecureElement* signer = nullptr) {
  return {.method = "POST",
          .target = std::move(target),
          .body = to_bytes(as_bytes(body.dump())),
          .media_type = std::string(kJsonMediaType),
          .signer = signer};
}

struct Answered {
  int status;
  Fields fields;
  Bytes body;
  codec::Json json;  // when it is JSON

  // "200 accepted" and "403 not_reader": a problem's status and code.
  std::string summary() const {
    const auto code = json.text_at("code");
    return std::to_string(status) + " " + (code ? *code : "accepted");
  }
  std::string text(std::string_view member) const { return json.text_at(member).value_or("?"); }
};

// A node, its API over plain HTTP on loopback, a client; the treasury's and the operator's keys.
class ApiForTest {
 public:
  // What is done to the node before it is served, which may close it and open it again.
  using Before = std::function<void(service::NodeForTest&)>;

  explicit ApiForTest(std::uint16_t consensus = 0, const Before& before = {}) : node_(consensus) {
    if (before) before(node_);
    add_api(routes_, *node_, metrics_, system_env());
    server_.emplace(routes_, ServerOptions(), metrics_);
    CHECK(server_->start().has_value());
    auto client = Client::open(format("http://127.0.0.1:{}", server_->port()));
    CHECK(client.has_value());
    client_.emplace(*std::move(client));
  }

  service::NodeForTest& node() { return node_; }
  const std::vector<Route>& routes() const { return routes_.routes(); }
  const codec::Json& document() const { return document_; }
  element::SecureElement& treasury() { return named(treasury_, "treasury"); }
  element::SecureElement& node_operator() { return named(operator_, "authority"); }
  std::uint16_t port() const { return server_->port(); }

  // A holder with an account on every chain.
  std::unique_ptr<element::SecureElement> holder(const std::string& name) {
    auto key = element::make_passing_key();
    const auto login = node_.login(name, *key);
    const auto certificate = node_.enrol(login, pki::CertificateUsage::holder, *key);
    CHECK(certificate.has_value());
    return key;
  }

  static AccountId account(element::SecureElement& key) {
    return AccountId::prefix_of(key.public_key().hash());
  }
  static Address address(element::SecureElement& key, std::uint16_t chain = 1) {
    return {ChainId(chain), account(key)};
  }

  tx::Transaction transaction(element::SecureElement& by, std::vector<tx::Operation> operations) {
    return {.ledger = ledger(),
            .chains = {ChainId(1)},
            .account = account(by),
            .client = system_env().random_id<ClientId>(),
            .valid_until = system_env().now() + seconds(60),
            .operations = std::move(operations)};
  }
  Bytes sign(element::SecureElement& by, const tx::Transaction& body) {
    const auto bytes = proof::sign_statement(body, ledger(), element::signer_of(by));
    CHECK(bytes.has_value());
    return *bytes;
  }
  Bytes payment(element::SecureElement& by, element::SecureElement& to, std::uint64_t cents,
                std::optional<std::string> memo = {}) {
    return sign(by, transaction(by, {tx::Transfer{.to = address(to),
                                                  .asset = AssetId(978),
                                                  .amount = Amount(cents),
                                                  .memo = std::move(memo),
                                                  .code = {},
                                                  .code_text = {}}}));
  }
  const LedgerId& ledger() { return node_->gateway().ledger(); }

  // Signed when the ask has a signer.
  ClientRequest request(const Ask& ask) {
    ClientRequest out{ask.method, ask.target, ask.fields, ask.body};
    if (!ask.media_type.empty()) out.fields.add("Content-Type", ask.media_type);
    if (!ask.accept.empty()) out.fields.add("Accept", ask.accept);
    if (ask.signer == nullptr) return out;
    const std::string uri = "http://" + client_->authority() + ask.target;
    const auto fields = proof::sign_http_request(
        {.method = ask.method, .target_uri = uri, .body = ask.body}, system_env().now(),
        system_env().random_id<proof::HttpNonce>(), element::signer_of(*ask.signer));
    CHECK(fields.has_value());
    out.fields.add("Content-Digest", fields->content_digest);
    out.fields.add("Signature-Input", fields->signature_input);
    out.fields.add("Signature", fields->signature);
    return out;
  }

  Answered send(const ClientRequest& request) {
    auto response = client_->send(request);
    if (!response) fatal(to_string(response.error()));
    Answered out{response->status, std::move(response->fields), std::move(response->body), {}};
    if (media_type(out).ends_with("json")) {
      auto json = codec::parse_json(as_text(out.body), {.bytes = 1 << 20, .depth = 32});
      CHECK(json.has_value());
      out.json = *std::move(json);
    }
    EXPECT_EQ(documentation_fault(request, out), "") << request.method << ' ' << request.target;
    return out;
  }
  Answered send(const Ask& ask) { return send(request(ask)); }
  Answered get(const std::string& target, element::SecureElement* signer = nullptr) {
    return send(Ask{.target = target, .signer = signer});
  }
  Answered submit(Bytes transaction, const std::string& query = {}) {
    return send(Ask{.method = "POST",
                    .target = "/v1/transactions" + query,
                    .body = std::move(transaction),
                    .media_type = "application/cose"});
  }

  // Events of a target until `on_event` returns false.
  void subscribe(const Ask& ask, const std::function<bool(const Event&)>& on_event) {
    const auto ended = client_->subscribe([&] { return request(ask); }, on_event);
    EXPECT_TRUE(ended.has_value()) << to_string(ended.error());
  }

 private:
  element::SecureElement& named(std::unique_ptr<element::SecureElement>& key,
                                const std::string& name) {
    if (!key) key = node_.key(name);
    return *key;
  }

  static std::string media_type(const Answered& answer) {
    const std::string type = answer.fields.find("Content-Type").value_or("");
    return type.substr(0, type.find(';'));
  }

  // The answer against the schema of its status and media type.
  std::string documentation_fault(const ClientRequest& request, const Answered& answer) const {
    const auto target = parse_target(request.target);
    const auto match = target ? routes_.match(request.method, *target)
                              : Result<Router::Match>(std::unexpected(target.error()));
    if (!match) return "";
    std::string method = request.method;
    for (char& c : method) c = static_cast<char>(c - 'A' + 'a');
    const auto& operation = *document_.find("paths")->find(match->route->pattern)->find(method);
    const auto& responses = *operation.find("responses");
    const auto* response = responses.find(std::to_string(answer.status));
    if (response == nullptr) response = responses.find("default");
    if (response == nullptr) return format("status {} is not documented", answer.status);
    const SchemaCheck check(document_);
    const auto* content = check.resolve(response)->find("content");
    if (content == nullptr) {
      return answer.fields.find("Content-Type") ? "a body is not documented" : "";
    }
    const auto* media = content->find(media_type(answer));
    if (media == nullptr) return media_type(answer) + " is not documented";
    if (answer.json.is_null()) return "";
    return check.fault(*media->find("schema"), answer.json);
  }

  Metrics metrics_;  // outlives the node's run
  service::NodeForTest node_;
  Router routes_;
  codec::Json document_ = openapi_document();
  std::optional<Server> server_;
  std::optional<Client> client_;
  std::unique_ptr<element::SecureElement> treasury_;
  std::unique_ptr<element::SecureElement> operator_;
};

}  // namespace intaglio::http
