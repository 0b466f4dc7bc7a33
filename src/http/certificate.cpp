#include "http/certificate.h"

#include <algorithm>

#include "http/proof.h"

namespace intaglio::http {
namespace {

using codec::Json;

constexpr std::uint64_t kDefaultListed = 100;
constexpr std::uint64_t kMostListed = 1000;
constexpr std::size_t kPrefixDigits = 16;

struct LoginBody {
  std::string name;
  crypto::PublicKey key;
  std::vector<pki::CertificateUsage> usages;
  std::optional<AccountId> account;
  std::optional<bool> genuine_elements;
  std::optional<std::vector<service::Grant>> grants;
  std::optional<Duration> validity;
  std::optional<bool> officer;
  std::optional<std::vector<service::ApprovalRule>> approvals;
  static constexpr auto fields() {
    return std::tuple(
        codec::field(1, "name", &LoginBody::name, "unique"),
        codec::field(2, "key", &LoginBody::key, "its requests are signed with"),
        codec::field(3, "usages", &LoginBody::usages, "what it may be certified for"),
        codec::field(4, "account", &LoginBody::account, "for displays: the payee of their codes"),
        codec::field(5, "genuine_elements", &LoginBody::genuine_elements,
                     "the operator vouches for its elements; otherwise false"),
        codec::field(6, "grants", &LoginBody::grants, "what its certificates allow, by usage"),
        codec::field(7, "validity", &LoginBody::validity, "ms, how long its certificates last"),
        codec::field(8, "officer", &LoginBody::officer,
                     "it approves others' certificates; otherwise false"),
        codec::field(9, "approvals", &LoginBody::approvals,
                     "how many officers approve its certificates, by usage"));
  }
};

struct EnrolmentBody {
  pki::CertificateUsage usage = pki::CertificateUsage::holder;
  std::optional<pki::EnrolmentProfile> profile;
  std::optional<bool> simulated_element;
  static constexpr auto fields() {
    return std::tuple(
        codec::field(1, "usage", &EnrolmentBody::usage, "what for"),
        codec::field(2, "profile", &EnrolmentBody::profile, "of the answer; otherwise compact"),
        codec::field(3, "simulated_element", &EnrolmentBody::simulated_element,
                     "false: more than software guards the key; otherwise true"));
  }
};

struct StatusBody {
  ledger::KeyStatus status = ledger::KeyStatus::active;
  std::optional<pki::RevocationReason> reason;
  static constexpr auto fields() {
    return std::tuple(
        codec::field(1, "status", &StatusBody::status, "active, suspended or revoked"),
        codec::field(2, "reason", &StatusBody::reason, "of a revocation; otherwise none"));
  }
};

Response created(const Json& value, const std::string& location) {
  Response out = Response::json(value, 201);
  out.fields.add("Location", location);
  return out;
}

Result<Response> register_login(ServedNode& served, const Request& request) {
  TRY(served.signatures.require_operator(request));
  ASSIGN(auto body, body_record<LoginBody>(request));
  // What is no officer says nothing of it, so that its record has one form.
  const auto officer = body.officer.value_or(false) ? std::optional(true) : std::nullopt;
  const service::Login login{.name = std::move(body.name),
                             .key = body.key.hash(),
                             .public_key = body.key,
                             .usages = std::move(body.usages),
                             .account = body.account,
                             .genuine_elements = body.genuine_elements.value_or(false),
                             .grants = std::move(body.grants),
                             .validity = body.validity,
                             .officer = officer,
                             .approvals = std::move(body.approvals)};
  TRY(served.node.authority().register_login(login));
  return created(codec::record_to_json(login), "/v1/logins/" + percent_encode(login.name));
}

Result<Response> show_login(ServedNode& served, const Request& request) {
  ASSIGN(const auto reader, served.signatures.signer(request));
  const auto login = served.node.authority().login_named(request.parameter("name"));
  // Strangers are not told which logins there are.
  if (!served.signatures.is_operator(reader) && !(login && login->key == reader)) {
    return refuse(Verdict::not_reader);
  }
  if (!login) return std::unexpected(login.error());
  return Response::json(codec::record_to_json(*login));
}

Result<Response> apply(ServedNode& served, const Request& request) {
  ASSIGN(const auto login, served.signatures.login(request));
  ASSIGN(const auto body, body_record<EnrolmentBody>(request));
  const service::EnrolmentWish wish{
      .usage = body.usage,
      .profile = body.profile.value_or(pki::EnrolmentProfile::compact),
      .simulated_element = body.simulated_element.value_or(true)};
  ASSIGN(const auto information, served.node.enrolment_desk().apply(login, wish));
  Json out = codec::record_to_json(information);
  out.set("information", codec::to_hex(codec::encode_record(information)));
  return created(out, "/v1/enrolments/" + codec::to_hex(information.id));
}

Result<Response> enrol(ServedNode& served, const Request& request) {
  ASSIGN(const auto login, served.signatures.login(request));
  ASSIGN(const auto id, id_parameter<pki::ApplicationId>(request, "id"));
  if (request.media_type() != "application/octet-stream") {
    return refuse(Verdict::bad_media_type, "application/octet-stream");
  }
  ASSIGN(const auto certificate, served.node.enrolment_desk().submit(login, id, request.body));
  ASSIGN(const auto record, served.node.authority().find(certificate.key_hash()));
  ASSIGN(const auto json, certificate_json(served, record, certificate));
  return created(json, "/v1/certificates/" + codec::to_hex(certificate.key_hash()));
}

Result<pki::Certificate> parse_issued(const service::CertificateRecord& record) {
  auto certificate = pki::Certificate::parse(record.der);
  CHECK(certificate.has_value());
  return *std::move(certificate);
}

Result<Response> list_certificates(ServedNode& served, const Request& request) {
  TRY(served.signatures.require_operator(request));
  ASSIGN(const auto limit, request.query_number_or("limit", kDefaultListed, kMostListed));
  auto records = served.node.authority().list();
  std::ranges::sort(records, std::greater(), &service::CertificateRecord::issued_at);
  Json::Array out;
  for (const auto& record : records) {
    if (out.size() == limit) break;
    ASSIGN(const auto certificate, parse_issued(record));
    const auto row = served.node.authority().standing_of(certificate);
    if (!row) continue;  // being issued
    out.push_back(Json::object({{"key", codec::to_hex(certificate.key_hash())},
                                {"usage", codec::enum_name(record.usage)},
                                {"login", record.login},
                                {"status", codec::enum_name(row->status)}}));
  }
  return Response::json(Json::object({{"certificates", std::move(out)}}));
}

// By the whole key hash or, as payment codes name keys, by its first 8 bytes.
Result<service::CertificateRecord> find_record(const ServedNode& served, const Request& request) {
  const std::string& text = request.parameter("key");
  if (text.size() != kPrefixDigits) {
    ASSIGN(const auto key, id_parameter<KeyHash>(request, "key"));
    return served.node.authority().find(key);
  }
  const auto prefix = codec::from_hex(text);
  if (!prefix) return refuse(Verdict::bad_value, "key");
  return served.node.authority().find_by_prefix(*prefix);
}

Result<Response> show(const ServedNode& served, const service::CertificateRecord& record,
                      const pki::Certificate& certificate) {
  ASSIGN(auto json, certificate_json(served, record, certificate));
  return Response::json(json);
}

Result<Response> show_certificate(ServedNode& served, const Request& request) {
  ASSIGN(const auto record, find_record(served, request));
  ASSIGN(const auto certificate, parse_issued(record));
  return show(served, record, certificate);
}

Result<Response> set_status(ServedNode& served, const Request& request) {
  TRY(served.signatures.require_operator(request));
  ASSIGN(const auto body, body_record<StatusBody>(request));
  ASSIGN(const auto record, find_record(served, request));
  ASSIGN(const auto certificate, parse_issued(record));
  TRY(served.node.authority().set_status(certificate.key_hash(), body.status, body.reason));
  return show(served, record, certificate);
}

// Of one member to another, with the proof of what the main chain has.
Result<Response> show_membership(ServedNode& served, const Request& request) {
  ASSIGN(const auto reader, served.signatures.signer(request));
  const auto* main_chain = served.gateway().chain(kMainChain);
  const auto asking = main_chain->store().find<ledger::KeyRow>(reader);
  const Millis now = served.env.now();
  const bool is_member =
      asking && asking->certificate && now >= asking->valid_from && now <= asking->valid_until;
  if (!is_member) {
    return refuse(Verdict::not_reader, codec::to_hex(reader));
  }
  ASSIGN(const auto record, find_record(served, request));
  ASSIGN(const auto certificate, parse_issued(record));
  ASSIGN(auto out, certificate_json(served, record, certificate));
  if (certificate.capabilities()) {
    out.set("capabilities", codec::record_to_json(*certificate.capabilities()));
  }
  const auto issuer = served.node.authority().issuers().key_that_signed(certificate);
  if (!issuer) return refuse(Verdict::unknown_certificate, codec::to_hex(certificate.key_hash()));
  ASSIGN(const auto proof,
         prover_of(served, *main_chain)
             .row(ledger::CertificateRow::slot({*issuer, certificate.serial()})));
  const auto shown =
      proof::shown_header<ledger::BlockHeader>(proof.block, served.gateway().ledger());
  CHECK(shown.has_value());
  out.set("height", shown->header.height.value());
  out.set("proof", codec::to_hex(proof.encode()));
  return Response::json(out);
}

}  // namespace

Result<Json> certificate_json(const ServedNode& served, const service::CertificateRecord& record,
                              const pki::Certificate& certificate) {
  // One that the main chain does not have is nobody's to rely on.
  const auto row = served.node.authority().standing_of(certificate);
  const auto* issuer = served.node.authority().issuers().issuer_of(certificate);
  if (!row || issuer == nullptr) {
    return refuse(Verdict::unknown_certificate, codec::to_hex(certificate.key_hash()));
  }
  Json out = Json::object({{"certificate", certificate.to_pem()},
                           {"key", codec::to_hex(certificate.key_hash())},
                           {"serial", codec::to_hex(certificate.serial())},
                           {"usage", codec::enum_name(record.usage)}});
  if (certificate.account()) out.set("account", codec::to_text(*certificate.account()));
  out.set("issuing_certificate", issuer->certificate.to_pem());
  out.set("valid_from", certificate.validity().not_before.value());
  out.set("valid_until", certificate.validity().not_after.value());
  out.set("status", codec::enum_name(row->status));
  out.set("since", row->since.value());
  if (row->reason) out.set("reason", codec::enum_name(*row->reason));
  out.set("as_of", served.env.now().value());
  return out;
}

void add_certificate_routes(Router& router, const Served& served) {
  const WorkerRoutes add{router, served};
  add("POST", "/v1/logins", "registerLogin", register_login);
  add("GET", "/v1/logins/{name}", "getLogin", show_login);
  add("POST", "/v1/enrolments", "applyForEnrolment", apply);
  add("POST", "/v1/enrolments/{id}", "enrol", enrol);
  add("GET", "/v1/certificates", "listCertificates", list_certificates);
  add("GET", "/v1/certificates/{key}", "getCertificate", show_certificate);
  add("GET", "/v1/certificates/{key}/membership", "getMembership", show_membership);
  add("POST", "/v1/certificates/{key}/status", "setCertificateStatus", set_status);
}

}  // namespace intaglio::http
