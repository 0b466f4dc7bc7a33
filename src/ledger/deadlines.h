// What a chain does by itself once its time has passed a deadline: one row for each, in the order
// in which they fall due. Block time alone judges, before the block's transactions.
#pragma once

#include "ledger/rows.h"
#include "ledger/stage.h"

namespace intaglio::ledger {

struct DeadlineRow {
  struct Key {
    Millis at;        // the last block time before it is due
    RowKind what;     // the kind of the row that it is about
    OperationRef of;  // names that row: a hold, or a settlement with index 0
  };
  static constexpr RowKind kKind = RowKind::deadline;
  static Slot slot(const Key& key) {
    return Slot(kKind)
        .put(key.at.value())
        .put(static_cast<std::uint8_t>(key.what))
        .put(key.of.tx.view())
        .put(key.of.index);
  }
  static constexpr auto fields() { return std::tuple(); }
};

void put_deadline(Stage& stage, const DeadlineRow::Key& key);
void erase_deadline(Stage& stage, const DeadlineRow::Key& key);

// The one that falls due first of all.
std::optional<DeadlineRow::Key> first_deadline(const View& state);

}  // namespace intaglio::ledger
