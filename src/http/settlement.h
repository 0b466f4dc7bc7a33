// Where settlements stand.
#pragma once

#include "http/served_node.h"

namespace intaglio::http {

void add_settlement_routes(Router& router, const Served& served);

}  // namespace intaglio::http
