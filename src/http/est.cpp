#include "http/est.h"

#include "pki/certificates_only.h"

namespace intaglio::http {
namespace {

constexpr std::string_view kPkcs10 = "application/pkcs10";
constexpr std::string_view kCertificates = "application/pkcs7-mime";
constexpr std::string_view kIssued = "application/pkcs7-mime; smime-type=certs-only";

Response certificates_answer(std::string_view media_type,
                             const std::vector<pki::Certificate>& certificates) {
  Response out = Response::of(media_type, pki::to_est_body(certificates));
  out.fields.add("Content-Transfer-Encoding", "base64");
  return out;
}

// A client that showed a certificate is served while it is good.
Result<void> admit(ServedNode& served, const Request& request) {
  if (!request.certificate) return {};
  return served.node.client_desk().admit(**request.certificate);
}

Result<Response> authorities(ServedNode& served, const Request& request) {
  TRY(admit(served, request));
  return certificates_answer(kCertificates, served.node.authority().issuers().certificates());
}

// Nothing is asked of a request beside what every one must have.
Result<Response> attributes(ServedNode& served, const Request& request) {
  TRY(admit(served, request));
  return Response::empty(204);
}

struct Credentials {
  std::string reference;
  Secret secret;
};

// RFC 7617; nothing when the field is something else.
std::optional<Credentials> basic_credentials(const Request& request) {
  constexpr std::string_view kScheme = "basic ";
  const auto field = request.fields.find("Authorization");
  if (!field || field->size() < kScheme.size()) return std::nullopt;
  if (!same_name(std::string_view(*field).substr(0, kScheme.size()), kScheme)) return std::nullopt;
  auto decoded = codec::from_base64(std::string_view(*field).substr(kScheme.size()));
  if (!decoded) return std::nullopt;
  const Secret both(std::move(*decoded));
  const std::string_view text = as_text(both.reveal());
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  return Credentials{std::string(text.substr(0, colon)),
                     Secret(to_bytes(as_bytes(text.substr(colon + 1))))};
}

Result<Verified<pki::CertificationRequest>> request_in(const Request& request) {
  TRY(require_media_type(request, kPkcs10));
  ASSIGN(const auto der, codec::from_wrapped_base64(as_text(request.body)));
  return pki::verify_certification_request(der);
}

Result<pki::Certificate> enrolled(ServedNode& served, const Request& request) {
  TRY(admit(served, request));
  const auto credentials = basic_credentials(request);
  if (!credentials) return refuse(Verdict::wrong_secret, "Authorization");
  ASSIGN(const auto wanted, request_in(request));
  return served.node.client_desk().enrol(credentials->reference, credentials->secret, wanted);
}

Result<Response> simple_enrol(ServedNode& served, const Request& request) {
  const auto issued = enrolled(served, request);
  if (issued) return certificates_answer(kIssued, {*issued});
  Response out = Response::problem(issued.error());
  if (out.status == 401) out.fields.add("WWW-Authenticate", "Basic realm=\"est\"");
  return out;
}

// Not admit(): whose answer was lost is superseded by then, and gets it again.
Result<Response> simple_reenrol(ServedNode& served, const Request& request) {
  if (!request.certificate) {
    return refuse(Verdict::path_invalid,
                  "no certificate was shown: ask the listener for certificate holders");
  }
  ASSIGN(const auto wanted, request_in(request));
  ASSIGN(const auto issued, served.node.client_desk().reenrol(*request.certificate, wanted));
  return certificates_answer(kIssued, {issued});
}

}  // namespace

void add_est_routes(Router& router, const Served& served) {
  const WorkerRoutes add{router, served};
  add("GET", "/.well-known/est/cacerts", "estAuthorities", authorities);
  add("GET", "/.well-known/est/csrattrs", "estAttributes", attributes);
  add("POST", "/.well-known/est/simpleenroll", "estEnrol", simple_enrol);
  add("POST", "/.well-known/est/simplereenroll", "estReenrol", simple_reenrol);
}

}  // namespace intaglio::http
