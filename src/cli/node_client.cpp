#include "cli/node_client.h"

#include "base/format.h"
#include "http/request_target.h"

namespace intaglio::cli {
namespace {

using codec::Json;

constexpr std::string_view kCoseMediaType = "application/cose";
constexpr std::string_view kBinaryMediaType = "application/octet-stream";

template <typename M>
Result<M> member(const Json& json, std::string_view name) {
  const Json* found = json.find(name);
  if (found == nullptr) return refuse(Verdict::missing_field, std::string(name));
  auto value = codec::FieldType<M>::from_json(*found);
  if (!value) return refuse_within(std::string(name), value.error());
  return value;
}

// Nothing when it is absent or null.
template <typename M>
Result<std::optional<M>> optional_member(const Json& json, std::string_view name) {
  const Json* found = json.find(name);
  if (found == nullptr || found->is_null()) return std::nullopt;
  ASSIGN(auto value, member<M>(json, name));
  return value;
}

// The items of a list, each read by `read`.
template <typename T, typename Read>
Result<std::vector<T>> list_member(const Json& json, std::string_view name, Read read) {
  const Json* list = json.find(name);
  if (list == nullptr || list->items() == nullptr) {
    return refuse(Verdict::missing_field, std::string(name));
  }
  std::vector<T> out;
  for (std::size_t i = 0; i < list->items()->size(); ++i) {
    auto item = read((*list->items())[i]);
    if (!item) return refuse_within(format("{}[{}]", name, i), item.error());
    out.push_back(*std::move(item));
  }
  return out;
}

Result<pki::Certificate> certificate_member(const Json& json, std::string_view name) {
  ASSIGN(const auto pem, json.text_at(name));
  auto certificate = pki::Certificate::from_pem(pem);
  if (!certificate) return refuse_within(std::string(name), certificate.error());
  return certificate;
}

Result<std::uint16_t> verdict_member(const Json& json) {
  const auto name = json.text_at("verdict");
  if (name) {
    if (const auto verdict = verdict_from_name(*name)) return static_cast<std::uint16_t>(*verdict);
  }
  return member<std::uint16_t>(json, "verdict");
}

Result<Balance> balance_from_json(const Json& json) {
  Balance out;
  ASSIGN(out.asset, member<AssetId>(json, "asset"));
  ASSIGN(out.code, json.text_at("code"));
  ASSIGN(out.spendable, member<Amount>(json, "spendable"));
  ASSIGN(out.held, member<Amount>(json, "held"));
  ASSIGN(out.credits_posted, member<Amount>(json, "credits_posted"));
  ASSIGN(out.debits_posted, member<Amount>(json, "debits_posted"));
  return out;
}

Result<StatementEntry> entry_from_json(const Json& json) {
  StatementEntry out;
  ASSIGN(out.id, json.text_at("id"));
  ASSIGN(out.kind, json.text_at("kind"));
  ASSIGN(out.time, member<Millis>(json, "time"));
  ASSIGN(const auto amount, json.text_at("amount"));
  ASSIGN(out.amount, signed_amount_from_minor_units(amount));
  ASSIGN(out.counterparty, optional_member<std::string>(json, "counterparty"));
  ASSIGN(out.of, optional_member<std::string>(json, "of"));
  ASSIGN(out.memo, optional_member<std::string>(json, "memo"));
  ASSIGN(const auto refunded, optional_member<Amount>(json, "refunded"));
  out.refunded = refunded.value_or(Amount());
  return out;
}

std::string approval_target(const Digest& digest) {
  return "/v1/approvals/" + codec::to_hex(digest);
}
std::string chain_target(ChainId id) { return format("/v1/chains/{}", id.value()); }
std::string transaction_target(const TxId& id) { return "/v1/transactions/" + codec::to_hex(id); }
std::string display_target(const KeyHash& key) { return "/v1/displays/" + codec::to_hex(key); }

// What a dry run says: nothing happened, and so nothing has a place or a time.
tx::Receipt unsent_receipt(const Json& json) {
  tx::Receipt out;
  if (const auto id = member<TxId>(json, "transaction")) out.tx = *id;
  return out;
}

}  // namespace

Result<LedgerInfo> LedgerInfo::from_json(const Json& json) {
  ASSIGN(auto root, certificate_member(json, "root_certificate"));
  ASSIGN(auto issuing,
         list_member<pki::Certificate>(json, "issuing_certificates", [](const Json& pem) {
           const std::string* text = pem.text();
           return pki::Certificate::from_pem(text == nullptr ? std::string_view() : *text);
         }));
  if (issuing.empty()) return refuse(Verdict::bad_value, "issuing_certificates");
  ASSIGN(auto service_key, member<crypto::PublicKey>(json, "service_key"));
  ASSIGN(const auto id, member<LedgerId>(json, "ledger"));
  ASSIGN(auto name, json.text_at("name"));
  ASSIGN(const auto chains, member<std::uint16_t>(json, "chains"));
  ASSIGN(auto assets, list_member<ledger::GenesisAsset>(
                          json, "assets", codec::record_from_json<ledger::GenesisAsset>));
  ASSIGN(auto params, member<ledger::ParamsRow>(json, "params"));
  if (assets.empty()) return refuse(Verdict::bad_value, "assets");
  return LedgerInfo{id,
                    std::move(name),
                    chains,
                    std::move(assets),
                    std::move(params),
                    std::move(root),
                    std::move(issuing),
                    service_key,
                    json};
}

Result<ledger::GenesisAsset> LedgerInfo::asset(std::string_view code_or_number) const {
  const auto number = codec::uint_from_digits(code_or_number);
  for (const auto& each : assets) {
    if (each.code == code_or_number || number == each.id.value()) return each;
  }
  return refuse(Verdict::unknown_asset, std::string(code_or_number.substr(0, 40)));
}

Result<ledger::GenesisAsset> LedgerInfo::asset(AssetId id) const {
  return asset(std::to_string(id.value()));
}

Result<KnownCertificate> KnownCertificate::from_json(const Json& json) {
  ASSIGN(auto certificate, certificate_member(json, "certificate"));
  ASSIGN(auto issuing, certificate_member(json, "issuing_certificate"));
  ASSIGN(const auto status, member<ledger::KeyStatus>(json, "status"));
  ASSIGN(const auto since, member<Millis>(json, "since"));
  ASSIGN(const auto as_of, member<Millis>(json, "as_of"));
  return KnownCertificate{std::move(certificate), std::move(issuing), status, since, as_of, json};
}

Result<Membership> Membership::from_json(const Json& json) {
  ASSIGN(auto known, KnownCertificate::from_json(json));
  ASSIGN(const auto proof, json.text_at("proof"));
  ASSIGN(auto bytes, codec::from_hex(proof));
  return Membership{std::move(known), std::move(bytes)};
}

Result<AwaitedApproval> AwaitedApproval::from_json(const Json& json) {
  AwaitedApproval out;
  ASSIGN(const auto bytes, member<Bytes>(json, "intended"));
  auto intended = codec::decode_record<service::IntendedCertificate>(bytes);
  if (!intended) return refuse_within("intended", intended.error());
  out.intended = *std::move(intended);
  ASSIGN(out.digest, member<Digest>(json, "digest"));
  if (out.digest != service::digest_of(out.intended)) return refuse(Verdict::bad_value, "digest");
  ASSIGN(out.lapses_at, member<Millis>(json, "lapses_at"));
  ASSIGN(out.needed, json.uint_at("needed"));
  ASSIGN(out.approved_by, member<std::vector<std::string>>(json, "approved_by"));
  out.json = json;
  return out;
}

Result<tx::Receipt> receipt_from_json(const Json& json) {
  tx::Receipt out;
  ASSIGN(out.tx, member<TxId>(json, "tx"));
  ASSIGN(out.chain, member<ChainId>(json, "chain"));
  ASSIGN(out.height, member<Height>(json, "height"));
  ASSIGN(out.index, member<std::uint32_t>(json, "index"));
  ASSIGN(out.time, member<Millis>(json, "time"));
  ASSIGN(out.verdict, verdict_member(json));
  ASSIGN(out.where, optional_member<std::string>(json, "where"));
  return out;
}

Result<NodeClient> NodeClient::open(const std::string& url, const std::optional<http::Trust>& trust,
                                    Env& env, http::ClientOptions options) {
  auto client = http::Client::open(url, trust, options);
  if (!client) return refuse_within(url, client.error());
  return NodeClient(*std::move(client), url.substr(0, url.find(':')), env);
}

std::string NodeClient::target_uri(const std::string& target) const {
  return format("{}://{}{}", scheme_, client_.authority(), target);
}

Result<http::ClientRequest> NodeClient::request(const Call& call, const crypto::Signer* signer) {
  http::ClientRequest out{call.method, call.target, {}, call.body};
  if (!call.media_type.empty()) out.fields.add("Content-Type", call.media_type);
  if (!call.accept.empty()) out.fields.add("Accept", call.accept);
  if (signer == nullptr) return out;
  const std::string uri = target_uri(call.target);
  ASSIGN(const auto fields,
         proof::sign_http_request({.method = call.method, .target_uri = uri, .body = call.body},
                                  env_->now(), env_->random_id<proof::HttpNonce>(), *signer));
  out.fields.add("Content-Digest", fields.content_digest);
  out.fields.add("Signature-Input", fields.signature_input);
  out.fields.add("Signature", fields.signature);
  return out;
}

Result<http::Response> NodeClient::send(const Call& call, const crypto::Signer* signer) {
  ASSIGN(const auto ready, request(call, signer));
  return client_.send(ready);
}

Result<Bytes> NodeClient::bytes(const std::string& target, const crypto::Signer* reader) {
  ASSIGN(auto response, send({.target = target}, reader));
  if (const auto refusal = http::refusal_of(response)) return std::unexpected(*refusal);
  return std::move(response.body);
}

Result<Json> NodeClient::ask(const Call& call, const crypto::Signer* signer) {
  ASSIGN(const auto response, send(call, signer));
  if (const auto refusal = http::refusal_of(response)) return std::unexpected(*refusal);
  auto json =
      codec::parse_json(as_text(response.body), {.bytes = http::ClientOptions().body_bytes});
  if (!json) return refuse_within("the answer", json.error());
  return json;
}

Result<Json> NodeClient::ask(const std::string& method, std::string target, const Json& body,
                             const crypto::Signer* signer) {
  return ask({.method = method,
              .target = std::move(target),
              .body = to_bytes(as_bytes(body.dump())),
              .media_type = std::string(http::kJsonMediaType),
              .accept = std::string(http::kJsonMediaType)},
             signer);
}

Result<LedgerInfo> NodeClient::ledger() {
  ASSIGN(const auto json, ask({.target = "/v1/ledger"}));
  return LedgerInfo::from_json(json);
}

Result<Json> NodeClient::chains() { return ask({.target = "/v1/chains"}); }
Result<Json> NodeClient::streams() {
  ASSIGN(auto streams, ask({.target = "/v1/streams"}));
  if (streams.items() == nullptr) return refuse(Verdict::bad_value, "the node's answer");
  return streams;
}
Result<Json> NodeClient::payment(const ledger::OperationRef& ref) {
  return ask({.target = "/v1/payments/" + http::percent_encode(ledger::to_text(ref))});
}
Result<Json> NodeClient::settlement(const SettlementId& id) {
  return ask({.target = "/v1/settlements/" + codec::to_hex(id)});
}
Result<Json> NodeClient::chain(ChainId id) { return ask({.target = chain_target(id)}); }
Result<Json> NodeClient::forks(ChainId id) { return ask({.target = chain_target(id) + "/forks"}); }
Result<Json> NodeClient::block(ChainId id, Height height) {
  return ask({.target = format("{}/blocks/{}", chain_target(id), height.value())});
}

Result<tx::Receipt> NodeClient::submit(ByteView transaction, const SubmitOptions& options) {
  Call call{.method = "POST",
            .target = options.dry_run ? "/v1/transactions?dry_run=true" : "/v1/transactions",
            .body = to_bytes(transaction),
            .media_type = std::string(kCoseMediaType),
            .accept = std::string(http::kJsonMediaType)};
  ASSIGN(auto ready, request(call, nullptr));
  if (options.idempotency_key) ready.fields.add("Idempotency-Key", *options.idempotency_key);
  ASSIGN(const auto response, client_.send(ready));
  if (const auto refusal = http::refusal_of(response)) return std::unexpected(*refusal);
  ASSIGN(const auto json, codec::parse_json(as_text(response.body)));
  if (options.dry_run) return unsent_receipt(json);
  return receipt_from_json(json);
}

Result<RecordedTransaction> NodeClient::transaction(const TxId& id) {
  ASSIGN(const auto json, ask({.target = transaction_target(id)}));
  RecordedTransaction out;
  ASSIGN(out.receipt, receipt_from_json(json));
  const Json* body = json.find("transaction");
  if (body == nullptr) return refuse(Verdict::missing_field, "transaction");
  ASSIGN(out.body, codec::record_from_json<tx::Transaction>(*body));
  out.json = json;
  return out;
}

Result<AccountInfo> NodeClient::account(const Address& address, const crypto::Signer& reader) {
  ASSIGN(const auto json, ask({.target = "/v1/accounts/" + codec::to_text(address)}, &reader));
  AccountInfo out;
  ASSIGN(out.address, member<Address>(json, "address"));
  ASSIGN(out.key, member<KeyHash>(json, "key"));
  ASSIGN(out.balances, list_member<Balance>(json, "balances", balance_from_json));
  ASSIGN(out.open_holds, json.uint_at("open_holds"));
  return out;
}

Result<StatementPage> NodeClient::statement(const Address& address, AssetId asset, unsigned limit,
                                            const std::optional<std::string>& before,
                                            const crypto::Signer& reader) {
  std::string target = format("/v1/accounts/{}/statement?asset={}&limit={}",
                              codec::to_text(address), asset.value(), limit);
  if (before) target += "&before=" + http::percent_encode(*before);
  ASSIGN(const auto json, ask({.target = target}, &reader));
  StatementPage out;
  ASSIGN(out.posted, member<Amount>(json, "posted"));
  ASSIGN(out.entries, list_member<StatementEntry>(json, "entries", entry_from_json));
  ASSIGN(out.next, optional_member<std::string>(json, "next"));
  return out;
}

Result<TransactionPage> NodeClient::transactions(const Address& address, unsigned limit,
                                                 const std::optional<std::string>& before,
                                                 const crypto::Signer& reader) {
  std::string target =
      format("/v1/accounts/{}/transactions?limit={}", codec::to_text(address), limit);
  if (before) target += "&before=" + http::percent_encode(*before);
  ASSIGN(const auto json, ask({.target = target}, &reader));
  TransactionPage out;
  ASSIGN(out.receipts, list_member<tx::Receipt>(json, "transactions", receipt_from_json));
  out.json = *json.find("transactions")->items();
  ASSIGN(out.next, optional_member<std::string>(json, "next"));
  return out;
}

Result<Json> NodeClient::add_login(const NewLogin& login, const crypto::Signer& node_operator) {
  Json usages = Json::array();
  for (const auto usage : login.usages) usages.push(codec::enum_name(usage));
  Json body = Json::object({{"name", login.name},
                            {"key", codec::to_hex(login.key.view())},
                            {"usages", std::move(usages)}});
  if (login.account) body.set("account", codec::to_hex(*login.account));
  if (login.genuine_elements) body.set("genuine_elements", true);
  if (login.grants) {
    Json grants = Json::array();
    for (const auto& grant : *login.grants) grants.push(codec::record_to_json(grant));
    body.set("grants", std::move(grants));
  }
  if (login.validity) body.set("validity", login.validity->value());
  if (login.officer) body.set("officer", true);
  if (login.approvals) {
    Json rules = Json::array();
    for (const auto& rule : *login.approvals) rules.push(codec::record_to_json(rule));
    body.set("approvals", std::move(rules));
  }
  return ask("POST", "/v1/logins", body, &node_operator);
}

Result<Json> NodeClient::login(const std::string& name, const crypto::Signer& reader) {
  return ask({.target = "/v1/logins/" + http::percent_encode(name)}, &reader);
}

Result<pki::ApplicationInformation> NodeClient::apply(const service::EnrolmentWish& wish,
                                                      const crypto::Signer& login) {
  const Json body = Json::object({{"usage", codec::enum_name(wish.usage)},
                                  {"profile", codec::enum_name(wish.profile)},
                                  {"simulated_element", wish.simulated_element}});
  ASSIGN(const auto json, ask("POST", "/v1/enrolments", body, &login));
  ASSIGN(const auto bytes, member<Bytes>(json, "information"));
  auto information = codec::decode_record<pki::ApplicationInformation>(bytes);
  if (!information) return refuse_within("information", information.error());
  return information;
}

Result<KnownCertificate> NodeClient::submit_answer(const pki::ApplicationId& id, ByteView answer,
                                                   const crypto::Signer& login) {
  ASSIGN(const auto json, ask({.method = "POST",
                               .target = "/v1/enrolments/" + codec::to_hex(id),
                               .body = to_bytes(answer),
                               .media_type = std::string(kBinaryMediaType),
                               .accept = std::string(http::kJsonMediaType)},
                              &login));
  return KnownCertificate::from_json(json);
}

Result<Json> NodeClient::authority(const crypto::Signer& node_operator) {
  return ask({.target = "/v1/authority"}, &node_operator);
}

Result<std::vector<AwaitedApproval>> NodeClient::approvals(const crypto::Signer& reader) {
  ASSIGN(const auto json, ask({.target = "/v1/approvals"}, &reader));
  return list_member<AwaitedApproval>(json, "approvals", AwaitedApproval::from_json);
}

Result<AwaitedApproval> NodeClient::approval(const Digest& digest, const crypto::Signer& reader) {
  ASSIGN(const auto json, ask({.target = approval_target(digest)}, &reader));
  return AwaitedApproval::from_json(json);
}

Result<AwaitedApproval> NodeClient::decide(const Digest& digest, service::ApprovalDecision decision,
                                           const crypto::Signer& officer) {
  ASSIGN(const auto json, ask("POST", approval_target(digest),
                              Json::object({{"decision", codec::enum_name(decision)}}), &officer));
  return AwaitedApproval::from_json(json);
}

Result<Json> NodeClient::certificates(const crypto::Signer& node_operator) {
  return ask({.target = "/v1/certificates"}, &node_operator);
}

Result<KnownCertificate> NodeClient::certificate(const KeyHash& key) {
  ASSIGN(const auto json, ask({.target = "/v1/certificates/" + codec::to_hex(key)}));
  return KnownCertificate::from_json(json);
}

Result<KnownCertificate> NodeClient::certificate(const proof::KeyId& key) {
  ASSIGN(const auto json, ask({.target = "/v1/certificates/" + codec::to_hex(key)}));
  return KnownCertificate::from_json(json);
}

Result<Membership> NodeClient::membership(const proof::KeyId& key, const crypto::Signer& asking) {
  ASSIGN(const auto json,
         ask({.target = format("/v1/certificates/{}/membership", codec::to_hex(key))}, &asking));
  return Membership::from_json(json);
}

Result<KnownCertificate> NodeClient::set_certificate_status(
    const KeyHash& key, ledger::KeyStatus status, std::optional<pki::RevocationReason> reason,
    const crypto::Signer& node_operator) {
  Json body = Json::object({{"status", codec::enum_name(status)}});
  if (reason) body.set("reason", codec::enum_name(*reason));
  ASSIGN(const auto json, ask("POST", format("/v1/certificates/{}/status", codec::to_hex(key)),
                              body, &node_operator));
  return KnownCertificate::from_json(json);
}

Result<Json> NodeClient::one_time_secret(const std::string& login, pki::CertificateUsage usage,
                                         std::optional<Duration> valid_for,
                                         const crypto::Signer& node_operator) {
  Json body = Json::object({{"login", login}, {"usage", codec::enum_name(usage)}});
  if (valid_for) body.set("valid_for", valid_for->value());
  return ask("POST", "/v1/one-time-secrets", body, &node_operator);
}

Result<BindingGrant> NodeClient::binding(const KeyHash& display, const crypto::Signer& login) {
  ASSIGN(const auto json, ask({.target = display_target(display) + "/binding"}, &login));
  BindingGrant out;
  ASSIGN(out.account, member<Address>(json, "account"));
  ASSIGN(out.epoch, member<std::uint32_t>(json, "epoch"));
  ASSIGN(out.statement, member<Bytes>(json, "statement"));
  ASSIGN(auto security_key, member<Bytes>(json, "security_key"));
  out.security_key = Secret(std::move(security_key));
  return out;
}

Result<void> NodeClient::rebind(const KeyHash& display, const AccountId& account,
                                const crypto::Signer& node_operator) {
  TRY(ask("POST", display_target(display) + "/binding",
          Json::object({{"account", codec::to_hex(account)}}), &node_operator));
  return {};
}

Result<void> NodeClient::refresh_notifications(const KeyHash& display, const crypto::Signer& login,
                                               const OnRefresh& on_refresh, std::uint64_t after,
                                               std::stop_token stop) {
  std::optional<Refusal> failed;
  const auto each_request = [&] {
    auto ready = request({.target = display_target(display) + "/events",
                          .accept = std::string(http::kEventMediaType)},
                         &login);
    if (!ready) {
      failed = ready.error();
      return http::ClientRequest{};  // goes unsigned, and is refused
    }
    ready->fields.add("Last-Event-ID", std::to_string(after));
    return *std::move(ready);
  };
  const auto each_event = [&](const http::Event& event) {
    if (event.name != "refresh") return true;
    const auto json = codec::parse_json(event.data);
    const auto notification =
        json ? codec::record_from_json<proof::RefreshNotification>(*json)
             : Result<proof::RefreshNotification>(std::unexpected(json.error()));
    // What cannot be read is no notification; the display's next step comes all the same.
    return !notification || on_refresh(*notification);
  };
  const auto ended = client_.subscribe(each_request, each_event, std::move(stop));
  if (failed) return std::unexpected(*failed);
  return ended;
}

Result<tx::Receipt> NodeClient::claim(const std::string& text, ByteView claim) {
  ASSIGN(const auto json,
         ask("POST", "/v1/payment-codes/claims",
             Json::object({{"text", text}, {"claim", codec::to_hex(claim)}}), nullptr));
  return receipt_from_json(json);
}

Result<Json> NodeClient::verify_code(const std::string& text) {
  return ask("POST", "/v1/payment-codes/verify", Json::object({{"text", text}}), nullptr);
}

}  // namespace intaglio::cli
