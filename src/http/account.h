// Accounts: what they hold and what moved. Inside this module alone.
#pragma once

#include "http/served_node.h"

namespace intaglio::http {

// GET /v1/accounts/{address}, GET /v1/accounts/{address}/statement.
void add_account_routes(Router& router, const Served& served);

}  // namespace intaglio::http
