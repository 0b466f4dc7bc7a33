#include "tx/deadline.h"

#include "base/check.h"
#include "tx/payment/payment.h"
#include "tx/settlement/escrow.h"

namespace intaglio::tx {

std::optional<ledger::DeadlineRow::Key> next_passed(const ledger::View& state, const Block& block) {
  const auto first = ledger::first_deadline(state);
  return first && first->at < block.time ? first : std::nullopt;
}

std::size_t pass_deadline(ledger::Stage& stage, const Block& block,
                          const ledger::DeadlineRow::Key& due) {
  const auto row = stage.find<ledger::DeadlineRow>(due);
  CHECK(row.has_value());
  ledger::erase_deadline(stage, due);
  if (due.what == ledger::RowKind::receipt) return ledger::forget(stage, row->receipts.value());
  if (due.what == ledger::RowKind::hold) {
    expire_hold(stage, due.of);
  } else {
    CHECK(due.what == ledger::RowKind::settlement);
    pass_settlement_deadline(stage, block, *SettlementId::from(due.of.tx.view()));
  }
  return 1;
}

}  // namespace intaglio::tx
