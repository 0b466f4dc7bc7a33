// Transactions: sending them, asking what became of them. Inside this module alone.
#pragma once

#include "http/served_node.h"

namespace intaglio::http {

// POST /v1/transactions, GET /v1/transactions/{id}.
void add_payment_routes(Router& router, const Served& served);

// Whether an Accept field (RFC 9110 section 12.5.1) names exactly this media type.
bool accepts(const Request& request, std::string_view media_type);

}  // namespace intaglio::http
