// Logins, enrolment and certificates. Inside this module alone.
#pragma once

#include "http/served_node.h"

namespace intaglio::http {

// POST /v1/logins, GET /v1/logins/{name}; POST /v1/enrolments, /v1/enrolments/{id};
// GET /v1/certificates, /v1/certificates/{key}, POST /v1/certificates/{key}/revoke.
void add_certificate_routes(Router& router, const Served& served);

// The certificate's PEM, what it says and how it stands at `now`.
codec::Json certificate_json(const pki::Certificate& certificate,
                             const service::CertificateRecord& record, Millis now);

}  // namespace intaglio::http
