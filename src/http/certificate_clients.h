// What certificate clients that are not ours speak: CMP, OCSP; EST is est.h, lists authority.h.
// Inside this module alone.
#pragma once

#include "http/served_node.h"

namespace intaglio::http {

// POST /.well-known/cmp (RFC 9480 section 3.3); POST /v1/authority/ocsp and GET
// /v1/authority/ocsp/{request} (RFC 6960 appendix A); POST /v1/one-time-secrets, which clients of
// CMP and EST are given.
void add_certificate_client_routes(Router& router, const Served& served);

}  // namespace intaglio::http
