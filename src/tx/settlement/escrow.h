// What happens to a settlement on its own chain: legs gather, and in one block it is delivered or
// all that came goes back. Only the checks can refuse.
#pragma once

#include "ledger/packets.h"
#include "ledger/settlements.h"
#include "tx/transactor.h"

namespace intaglio::tx {

using LegBits = std::uint16_t;  // as SettlementRow::arrived

// The settlement as these legs find it, open: its row, or a new one. `expired`,
// `settlement_closed`, `leg_paid`; of payers who are new to it `unknown_account`,
// `too_many_settlements`; of a new one also whether everybody can be paid.
Result<ledger::SettlementRow> check_escrow(const ledger::View& state, const Block& block,
                                           const ledger::Terms& terms, LegBits legs);

// Puts legs that check_escrow() took, and whose money is here, into escrow; the last one delivers.
void add_legs(ledger::Stage& stage, const Block& block, ledger::SettlementRow row, LegBits legs);

// Takes a leg in that came from its payer's chain; what cannot be kept goes back there.
void receive_leg(ledger::Stage& stage, const Block& block, ChainId from,
                 const ledger::LegPacket& packet);

// `settlement_closed`, `expired`.
Result<void> check_cancel(const ledger::View& state, const Block& block,
                          const ledger::Terms& terms);
void cancel(ledger::Stage& stage, const Block& block, const ledger::Terms& terms);
void receive_cancel(ledger::Stage& stage, const Block& block, ChainId from,
                    const ledger::CancelPacket& packet);

// Its deadline has passed: what came goes back. Called again later, it is forgotten.
void pass_settlement_deadline(ledger::Stage& stage, const Block& block, const SettlementId& id);

}  // namespace intaglio::tx
