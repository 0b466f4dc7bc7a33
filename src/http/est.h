// EST (RFC 7030), for clients that ask for certificates by PKCS #10 request. Inside this module
// alone.
#pragma once

#include "http/served_node.h"

namespace intaglio::http {

// GET /.well-known/est/cacerts, /csrattrs; POST /simpleenroll, for a one-time secret; POST
// /simplereenroll, for the certificate that the client showed in the handshake. The listener for
// everybody asks for none and so re-enrols nobody (`path_invalid`); where one is asked for, a
// client whose certificate was revoked or is not in the authority's books is served nothing.
void add_est_routes(Router& router, const Served& served);

}  // namespace intaglio::http
