#include "tx/deadline.h"

#include "base/check.h"
#include "tx/settlement/escrow.h"

namespace intaglio::tx {

std::optional<ledger::DeadlineRow::Key> next_passed(const ledger::View& state, const Block& block) {
  const auto first = ledger::first_deadline(state);
  return first && first->at < block.time ? first : std::nullopt;
}

void pass_deadline(ledger::Stage& stage, const Block& block, const ledger::DeadlineRow::Key& due) {
  ledger::erase_deadline(stage, due);
  CHECK(due.what == ledger::RowKind::settlement);
  pass_settlement_deadline(stage, block, *SettlementId::from(due.of.tx.view()));
}

}  // namespace intaglio::tx
