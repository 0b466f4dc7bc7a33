// Logins, enrolment and certificates. Inside this module alone.
#pragma once

#include "http/served_node.h"

namespace intaglio::http {

// POST /v1/logins, GET /v1/logins/{name}; POST /v1/enrolments, /v1/enrolments/{id};
// GET /v1/certificates, /v1/certificates/{key}, /v1/certificates/{key}/membership,
// POST /v1/certificates/{key}/status.
void add_certificate_routes(Router& router, const Served& served);

// The certificate's PEM, what it says and what the main chain says of it: `unknown_certificate`
// when that is nothing.
Result<codec::Json> certificate_json(const ServedNode& served,
                                     const service::CertificateRecord& record,
                                     const pki::Certificate& certificate);

}  // namespace intaglio::http
