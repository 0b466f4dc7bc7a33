// What a proof shows (tx/ledger_proof.h), for people and for programs. Pure functions; any thread.
#pragma once

#include "cli/output.h"
#include "tx/ledger_proof.h"

namespace intaglio::cli {

// The block that shows it, who signed that, and by what it is known that they do.
void say_block(Output& output, const tx::ProvenBlock& block,
               const std::optional<tx::ProvenBlock>& named_by);
codec::Json block_json(const tx::ProvenBlock& block,
                       const std::optional<tx::ProvenBlock>& named_by);

// The row, or that there is none. Amounts are said in the genesis' assets. `bad_value` when it is
// no row of its kind.
Result<void> say_row(Output& output, const tx::ProvenBlock& block, const ledger::ProvenRow& row,
                     const ledger::Genesis& genesis);
Result<codec::Json> row_json(const ledger::ProvenRow& row);

void say_receipt(Output& output, const tx::Receipt& receipt);

}  // namespace intaglio::cli
