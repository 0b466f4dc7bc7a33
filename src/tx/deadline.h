// What a chain does by itself when deadlines have passed, before the transactions of a block.
#pragma once

#include <optional>

#include "ledger/deadlines.h"
#include "tx/transactor.h"

namespace intaglio::tx {

// Deadlines that one block handles; the next block goes on.
inline constexpr std::size_t kMaxDeadlines = 1000;

// The next deadline that has passed by this block's time.
std::optional<ledger::DeadlineRow::Key> next_passed(const ledger::View& state, const Block& block);

// Does what is due. It cannot fail.
void pass_deadline(ledger::Stage& stage, const Block& block, const ledger::DeadlineRow::Key& due);

}  // namespace intaglio::tx
