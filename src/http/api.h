// All that a node answers over HTTP, beside the OpenAPI document that says so. Which file answers
// what: payment (transactions), account, chain (ledger, blocks), certificate (logins, enrolments),
// payment_code (displays, claims), standard_routes (health, metrics, the document).
#pragma once

#include <string_view>

#include "base/env.h"
#include "http/metrics.h"
#include "http/router.h"
#include "service/node.h"

namespace intaglio::http {

// Adds every route of openapi.json. Signed requests from before this call are refused.
// The node must outlive the router and whatever Server has it; Metrics and Env must outlive the
// node's run (Node::stop), since answers may still be on their way then.
void add_api(Router& router, service::Node& node, Metrics& metrics, Env& env);

// What stands in certificates when the node is found under this URL (http://HOST or https://HOST,
// with a port or a path if need be, without a slash at the end).
pki::Publication publication_under(const std::string& public_url, const std::string& issuer);

// What a node answers to holders of its authority's certificates, on a listener that asks for them
// (ServerOptions::clients is a CertifiedHolder): EST, with simplereenroll. References as above.
void add_certified_api(Router& router, service::Node& node, Metrics& metrics, Env& env);

// The OpenAPI 3.1 document (openapi.json), as it stands in the binary.
std::string_view openapi_text();

}  // namespace intaglio::http
