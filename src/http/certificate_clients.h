// What certificate clients that are not ours speak: CMP, EST, OCSP, revocation lists. Inside this
// module alone.
#pragma once

#include "http/served_node.h"

namespace intaglio::http {

// POST /.well-known/cmp (RFC 9480 section 3.3); GET /.well-known/est/cacerts, /csrattrs and POST
// /.well-known/est/simpleenroll (RFC 7030); POST /v1/authority/ocsp and GET
// /v1/authority/ocsp/{request} (RFC 6960 appendix A); GET /v1/authority/issuing.crl;
// POST /v1/one-time-secrets, which the clients of the first two are given.
void add_certificate_client_routes(Router& router, const Served& served);

}  // namespace intaglio::http
