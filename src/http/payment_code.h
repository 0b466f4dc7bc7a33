// Counter displays and their payment codes. Inside this module alone.
#pragma once

#include "http/served_node.h"

namespace intaglio::http {

// GET and POST /v1/displays/{key}/binding, GET /v1/displays/{key}/events;
// POST /v1/payment-codes/claims, /v1/payment-codes/verify.
void add_payment_code_routes(Router& router, const Served& served);

}  // namespace intaglio::http
