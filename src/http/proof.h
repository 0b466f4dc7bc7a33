// Proofs for whoever has the ledger's genesis alone (tx/ledger_proof.h), and that genesis. Inside
// this module alone.
#pragma once

#include "chain/prover.h"
#include "http/served_node.h"

namespace intaglio::http {

// GET /v1/genesis, /v1/accounts/{address}/proof, /v1/transactions/{id}/proof,
// /v1/chains/{chain}/rows/{row}/proof, /v1/chains/{chain}/blocks/{height}/proof.
void add_proof_routes(Router& router, const Served& served);

// Proves what one of the node's chains has. The node must outlive it.
chain::Prover prover_of(const ServedNode& served, const chain::Application& chain);

}  // namespace intaglio::http
