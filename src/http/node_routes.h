// What a consensus node serves to the other nodes of its ledger, over mutual TLS: its accounting
// node's messages and the gateway's transactions. Apart from the API, which is for everybody.
#pragma once

#include "http/router.h"
#include "service/consensus.h"

namespace intaglio::http {

// PUT /node/v1/chains/{chain}/message        a message, answered with a standing
// PUT /node/v1/chains/{chain}/transactions   a CBOR sequence of up to 64
// Both as docs/reference/formats.md. `nodes` must outlive the router's server.
void add_node_routes(Router& router, service::LocalConsensus& nodes);

}  // namespace intaglio::http
