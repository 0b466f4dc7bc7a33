// The authorities themselves, their certificates and lists of what they revoked. Inside this module
// alone.
#pragma once

#include "http/served_node.h"

namespace intaglio::http {

// GET /v1/authority, for the operator; GET /v1/authority/{file}: an authority's list or
// certificate, e.g. issuing.crl, issuing.cer (RFC 5280; RFC 2585 names the media types).
void add_authority_routes(Router& router, const Served& served);

}  // namespace intaglio::http
