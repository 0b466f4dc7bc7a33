// What a chain does by itself once its time has passed a deadline: one row for each, in the order
// in which they fall due. Block time alone judges, before the block's transactions.
#pragma once

#include <span>

#include "ledger/rows.h"
#include "ledger/stage.h"

namespace intaglio::ledger {

struct DeadlineRow {
  struct Key {
    Millis at;                     // the last block time before it is due
    RowKind what = RowKind::hold;  // the kind of the row that it is about
    OperationRef of;  // names that row: a hold, a settlement (index 0), a block's receipts
  };
  static constexpr RowKind kKind = RowKind::deadline;
  static Slot slot(const Key& key) {
    return Slot(kKind)
        .put(key.at.value())
        .put(static_cast<std::uint8_t>(key.what))
        .put(key.of.tx.view())
        .put(key.of.index);
  }

  std::optional<std::vector<ReceiptRow::Key>> receipts;  // to be forgotten

  static constexpr auto fields() {
    return std::tuple(
        field(1, "receipts", &DeadlineRow::receipts, "of a block, to be forgotten together"));
  }
};

void put_deadline(Stage& stage, const DeadlineRow::Key& key);
void erase_deadline(Stage& stage, const DeadlineRow::Key& key);

// A receipt that the executor kept, and until when it is needed.
struct KeptReceipt {
  ReceiptRow::Key key;
  Millis valid_until;
};
// Has a block's receipts forgotten, a minute after the last moment at which they are needed at
// most, and counts them in their accounts.
void keep_until_due(Stage& stage, Height height, std::span<const KeptReceipt> receipts);

// Forgets them; how many there were.
std::size_t forget(Stage& stage, std::span<const ReceiptRow::Key> receipts);

// The one that falls due first of all.
std::optional<DeadlineRow::Key> first_deadline(const View& state);

}  // namespace intaglio::ledger
