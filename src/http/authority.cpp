#include "http/authority.h"

#include <map>

#include "base/check.h"

namespace intaglio::http {
namespace {

using codec::Json;

Result<Response> list_of(ServedNode& served, std::string_view name) {
  ASSIGN(const auto list, served.node.status_desk().list(name));
  return Response::of("application/pkix-crl", as_text(list.der()));
}

Result<Response> certificate_of(ServedNode& served, std::string_view name) {
  const auto& authority = served.node.authority();
  const auto* issuer = authority.issuers().named(name);
  if (issuer == nullptr && name != "root") return refuse(Verdict::unknown_route, std::string(name));
  const auto& certificate = issuer == nullptr ? authority.root() : issuer->certificate;
  return Response::of("application/pkix-cert", as_text(certificate.der()));
}

Result<Response> authority_file(ServedNode& served, const Request& request) {
  const std::string_view file = request.parameter("file");
  const auto dot = file.rfind('.');
  const std::string_view name = file.substr(0, dot);
  if (!name.empty() && dot != std::string_view::npos) {
    if (file.substr(dot) == ".crl") return list_of(served, name);
    if (file.substr(dot) == ".cer") return certificate_of(served, name);
  }
  return refuse(Verdict::unknown_route, std::string(file));
}

Json authority_json(const pki::Certificate& certificate) {
  return Json::object({{"subject", certificate.subject().common_name},
                       {"serial", codec::to_hex(certificate.serial())},
                       {"key", codec::to_hex(certificate.key_hash())},
                       {"valid_from", certificate.validity().not_before.value()},
                       {"valid_until", certificate.validity().not_after.value()},
                       {"certificate", certificate.to_pem()}});
}

// How many of the certificates that somebody applied for are good now, of each issuer, by its name.
std::map<std::string, std::uint64_t> count_valid(const service::Authority& authority, Millis now) {
  std::map<std::string, std::uint64_t> out;
  for (const auto& record : authority.list()) {
    const auto certificate = pki::Certificate::parse(record.der);
    CHECK(certificate.has_value());
    const auto row = authority.standing_of(*certificate);
    const auto* issuer = authority.issuers().issuer_of(*certificate);
    const bool is_good =
        row && row->status != ledger::KeyStatus::revoked && now < certificate->validity().not_after;
    if (is_good && issuer != nullptr) ++out[issuer->name];
  }
  return out;
}

Result<Response> show_authority(ServedNode& served, const Request& request) {
  TRY(served.signatures.require_operator(request));
  const auto& authority = served.node.authority();
  auto valid = count_valid(authority, served.env.now());
  Json::Array issuing;
  for (const service::Issuer& each : authority.issuers().all()) {
    Json out = authority_json(each.certificate);
    out.set("name", each.name);
    const auto state = authority.revocation_of(each) ? service::IssuerState::revoked : each.state;
    out.set("status", codec::enum_name(state));
    out.set("valid", valid[each.name]);
    issuing.push_back(std::move(out));
  }
  return Response::json(
      Json::object({{"root", authority_json(authority.root())}, {"issuing", std::move(issuing)}}));
}

}  // namespace

void add_authority_routes(Router& router, const Served& served) {
  const WorkerRoutes add{router, served};
  add("GET", "/v1/authority", "showAuthority", show_authority);
  add("GET", "/v1/authority/{file}", "authorityFile", authority_file);
}

}  // namespace intaglio::http
