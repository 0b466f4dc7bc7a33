#include "http/api.h"

#include "base/check.h"
#include "http/account.h"
#include "http/authority.h"
#include "http/certificate.h"
#include "http/certificate_approvals.h"
#include "http/certificate_clients.h"
#include "http/chain.h"
#include "http/est.h"
#include "http/payment.h"
#include "http/payment_code.h"
#include "http/proof.h"
#include "http/settlement.h"
#include "http/standard_routes.h"

namespace intaglio::http {

void add_api(Router& router, service::Node& node, Metrics& metrics, Env& env) {
  const auto served = std::make_shared<ServedNode>(node, metrics, env);
  add_payment_routes(router, served);
  add_settlement_routes(router, served);
  add_account_routes(router, served);
  add_chain_routes(router, served);
  add_certificate_routes(router, served);
  add_certificate_approval_routes(router, served);
  add_certificate_client_routes(router, served);
  add_est_routes(router, served);
  add_authority_routes(router, served);
  add_payment_code_routes(router, served);
  add_proof_routes(router, served);
  auto document = codec::parse_json(openapi_text(), {.bytes = openapi_text().size(), .depth = 32});
  CHECK(document.has_value());
  add_standard_routes(router, {.health = [] { return Result<void>(); },
                               .metrics = metrics,
                               .openapi = *std::move(document)});
}

pki::Publication publication_under(const std::string& public_url, const std::string& issuer) {
  const std::string authority = public_url + "/v1/authority/";
  return {.revocation_list = authority + issuer + ".crl",
          .ocsp = authority + "ocsp",
          .issuer = authority + issuer + ".cer"};
}

void add_certified_api(Router& router, service::Node& node, Metrics& metrics, Env& env) {
  add_est_routes(router, std::make_shared<ServedNode>(node, metrics, env));
}

}  // namespace intaglio::http
