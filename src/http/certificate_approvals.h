// What waits for officers before it is certified. Inside this module alone.
#pragma once

#include "http/served_node.h"

namespace intaglio::http {

// GET /v1/approvals, /v1/approvals/{digest}; POST /v1/approvals/{digest}.
void add_certificate_approval_routes(Router& router, const Served& served);

}  // namespace intaglio::http
