// Settlements in words. Inside this module alone.
#pragma once

#include "cli/node_client.h"
#include "cli/output.h"
#include "ledger/settlements.h"

namespace intaglio::cli {

void say_terms(Output& output, const LedgerInfo& ledger, const ledger::Terms& terms);

// What GET /v1/settlements/{settlement} answered.
Result<void> say_standing(Output& output, const LedgerInfo& ledger, const codec::Json& standing);

}  // namespace intaglio::cli
