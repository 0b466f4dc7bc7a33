// What a chain does by itself when deadlines have passed, before the transactions of a block.
#pragma once

#include <optional>

#include "ledger/deadlines.h"
#include "tx/transactor.h"

namespace intaglio::tx {

// Deadlines that one block handles, a receipt that is forgotten counted as one; the next block goes
// on.
inline constexpr std::size_t kMaxDeadlines = 4000;

// The next deadline that has passed by this block's time.
std::optional<ledger::DeadlineRow::Key> next_passed(const ledger::View& state, const Block& block);

// Does what is due, and says for how many it counts. It cannot fail.
std::size_t pass_deadline(ledger::Stage& stage, const Block& block,
                          const ledger::DeadlineRow::Key& due);

}  // namespace intaglio::tx
