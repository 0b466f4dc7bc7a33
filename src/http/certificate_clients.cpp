#include "http/certificate_clients.h"

#include "pki/certificates_only.h"

namespace intaglio::http {
namespace {

using codec::Json;

constexpr std::string_view kCmp = "application/pkixcmp";
constexpr std::string_view kPkcs10 = "application/pkcs10";
constexpr std::string_view kOcspRequest = "application/ocsp-request";
constexpr Duration kDefaultLife = seconds(24 * 3600);

struct OneTimeSecretBody {
  std::string login;
  pki::CertificateUsage usage = pki::CertificateUsage::holder;
  std::optional<Duration> valid_for;
  static constexpr auto fields() {
    return std::tuple(
        codec::field(1, "login", &OneTimeSecretBody::login, "for whom it certifies"),
        codec::field(2, "usage", &OneTimeSecretBody::usage, "what the certificate is for"),
        codec::field(3, "valid_for", &OneTimeSecretBody::valid_for, "ms; otherwise a day"));
  }
};

Result<void> require_media_type(const Request& request, std::string_view type) {
  if (request.media_type() != type) return refuse(Verdict::bad_media_type, std::string(type));
  return {};
}

Response answer_of(std::string_view media_type, ByteView body) {
  return Response::of(media_type, as_text(body));
}

Result<Response> make_secret(ServedNode& served, const Request& request) {
  TRY(served.signatures.require_operator(request));
  ASSIGN(const auto body, body_record<OneTimeSecretBody>(request));
  ASSIGN(const auto made, served.node.client_desk().expect(body.login, body.usage,
                                                           body.valid_for.value_or(kDefaultLife)));
  Response out =
      Response::json(Json::object({{"reference", made.reference},
                                   {"secret", std::string(as_text(made.secret.reveal()))},
                                   {"expires_at", made.expires_at.value()}}),
                     201);
  out.fields.add("Cache-Control", "no-store");
  return out;
}

Result<Response> cmp(ServedNode& served, const Request& request) {
  TRY(require_media_type(request, kCmp));
  ASSIGN(const auto answer, served.node.cmp().respond(request.body, served.env.now()));
  return answer_of(kCmp, answer);
}

// EST (RFC 7030 section 4).

Response est_answer(std::string_view media_type,
                    const std::vector<pki::Certificate>& certificates) {
  Response out = Response::of(media_type, pki::to_est_body(certificates));
  out.fields.add("Content-Transfer-Encoding", "base64");
  return out;
}

Result<Response> est_authorities(ServedNode& served, const Request& /*request*/) {
  const auto& authority = served.node.authority();
  return est_answer("application/pkcs7-mime", {authority.issuing(), authority.root()});
}

// Nothing is asked of a request beside what every one must have.
Result<Response> est_attributes(ServedNode& /*served*/, const Request& /*request*/) {
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

Result<pki::Certificate> est_enrol(ServedNode& served, const Request& request) {
  const auto credentials = basic_credentials(request);
  if (!credentials) return refuse(Verdict::wrong_secret, "Authorization");
  TRY(require_media_type(request, kPkcs10));
  ASSIGN(const auto der, codec::from_wrapped_base64(as_text(request.body)));
  ASSIGN(const auto verified, pki::verify_certification_request(der));
  return served.node.client_desk().enrol(credentials->reference, credentials->secret, verified);
}

Result<Response> est_simple_enrol(ServedNode& served, const Request& request) {
  const auto issued = est_enrol(served, request);
  if (issued) return est_answer("application/pkcs7-mime; smime-type=certs-only", {*issued});
  Response out = Response::problem(issued.error());
  if (out.status == 401) out.fields.add("WWW-Authenticate", "Basic realm=\"est\"");
  return out;
}

// Whoever asks is told; a failure is an answer too (RFC 6960 section 2.3).

Response ocsp_answer(ServedNode& served, ByteView question) {
  return answer_of("application/ocsp-response", served.node.status_desk().answer(question));
}

Result<Response> ocsp_post(ServedNode& served, const Request& request) {
  TRY(require_media_type(request, kOcspRequest));
  return ocsp_answer(served, request.body);
}

Result<Response> ocsp_get(ServedNode& served, const Request& request) {
  const auto question = codec::from_base64(request.parameter("request"));
  return ocsp_answer(served, question ? ByteView(*question) : ByteView());
}

Result<Response> revocation_list(ServedNode& served, const Request& /*request*/) {
  ASSIGN(const auto list, served.node.status_desk().list());
  return answer_of("application/pkix-crl", list.der());
}

}  // namespace

void add_certificate_client_routes(Router& router, const Served& served) {
  const WorkerRoutes add{router, served};
  add("POST", "/v1/one-time-secrets", "makeOneTimeSecret", make_secret);
  add("POST", "/.well-known/cmp", "cmp", cmp);
  add("GET", "/.well-known/est/cacerts", "estAuthorities", est_authorities);
  add("GET", "/.well-known/est/csrattrs", "estAttributes", est_attributes);
  add("POST", "/.well-known/est/simpleenroll", "estEnrol", est_simple_enrol);
  add("POST", "/v1/authority/ocsp", "ocsp", ocsp_post);
  add("GET", "/v1/authority/ocsp/{request}", "ocspByGet", ocsp_get);
  add("GET", "/v1/authority/issuing.crl", "revocationList", revocation_list);
}

}  // namespace intaglio::http
