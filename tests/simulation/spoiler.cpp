#include "simulation/spoiler.h"

#include "simulation/world.h"

namespace intaglio::simulation {
namespace {

using ledger::Change;
using ledger::RowKind;

// The first change of this kind that `fits`; whether there was one, and it was altered.
template <typename Fits, typename Alter>
bool alter_first(chain::Finalized& block, RowKind kind, const Fits& fits, const Alter& alter) {
  for (auto it = block.changes.begin(); it != block.changes.end(); ++it) {
    if (it->first.kind() != kind || !fits(it->second)) continue;
    alter(it);
    return true;
  }
  return false;
}

bool is_new(const Change& change) { return !change.before && change.after; }

bool spoil(World& world, chain::Finalized& block) {
  // As if it had never been written.
  const auto undo = [&](auto it) { block.changes.erase(it); };
  switch (world.plan().bug) {
    case Bug::cursor_ignored:
      return alter_first(
          block, RowKind::in_stream,
          [](const Change& change) {
            const auto before = change.before
                                    ? ledger::View::decode_row<ledger::InStreamRow>(*change.before)
                                    : ledger::InStreamRow();
            return ledger::View::decode_row<ledger::InStreamRow>(*change.after).next > before.next;
          },
          undo);
    case Bug::receipt_forgotten:
      return alter_first(
          block, RowKind::receipt,
          [](const Change& change) {
            return is_new(change) &&
                   ledger::View::decode_row<ledger::ReceiptRow>(*change.after).verdict != 0;
          },
          undo);
    case Bug::packet_lost:
      return alter_first(block, RowKind::out_stream, [](const Change&) { return true; }, undo);
    case Bug::refund_forgotten:
      return alter_first(
          block, RowKind::entry, [](const Change& change) { return change.before.has_value(); },
          undo);
    case Bug::balance_altered:
      return alter_first(
          block, RowKind::balance, [](const Change& change) { return change.after.has_value(); },
          [](auto it) {
            auto row = ledger::View::decode_row<ledger::BalanceRow>(*it->second.after);
            row.credits_posted = Amount(row.credits_posted.value() + 1);
            it->second.after = codec::encode_record(row);
          });
    default: return false;
  }
}

}  // namespace

void spoil_block(World& world, const chain::Application& application, const chain::Batch&,
                 chain::Finalized& block) {
  if (world.plan().bug == Bug::receipt_rewritten) {
    for (std::size_t i = 0; i < block.receipts.size(); ++i) {
      tx::Receipt& each = block.receipts[i];
      if (each.accepted()) continue;
      each.verdict = 0;
      block.encoded_receipts[i] = codec::encode_record(each);
      world.count("bug put in");
    }
    return;
  }
  if (!spoil(world, block)) return;
  world.count("bug put in");
  block.tree = application.store().tree().with(block.changes);
}

}  // namespace intaglio::simulation
