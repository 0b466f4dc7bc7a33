#include "http/certificate_clients.h"

namespace intaglio::http {
namespace {

using codec::Json;

constexpr std::string_view kCmp = "application/pkixcmp";
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

}  // namespace

void add_certificate_client_routes(Router& router, const Served& served) {
  const WorkerRoutes add{router, served};
  add("POST", "/v1/one-time-secrets", "makeOneTimeSecret", make_secret);
  add("POST", "/.well-known/cmp", "cmp", cmp);
  add("POST", "/v1/authority/ocsp", "ocsp", ocsp_post);
  add("GET", "/v1/authority/ocsp/{request}", "ocspByGet", ocsp_get);
}

}  // namespace intaglio::http
