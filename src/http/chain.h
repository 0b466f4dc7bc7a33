// The ledger and its chains: what they are, their blocks, news of each. Inside this module alone.
#pragma once

#include "http/served_node.h"

namespace intaglio::http {

// GET /v1/ledger, /v1/chains, /v1/chains/{chain}, /v1/chains/{chain}/blocks/{height}, /v1/events;
// and the chains' metrics.
void add_chain_routes(Router& router, const Served& served);

}  // namespace intaglio::http
