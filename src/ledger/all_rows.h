// Every kind of row there is, for what goes through all of them. All of them are in the state's
// tree: there is no row that no verdict hangs on.
#pragma once

#include <tuple>

#include "ledger/certificates.h"
#include "ledger/deadlines.h"
#include "ledger/streams.h"
#include "ledger/trust.h"

namespace intaglio::ledger {

using AllRows = std::tuple<ParamsRow, AssetRow, AccountRow, BalanceRow, KeyRow, HoldRow, EntryRow,
                           ReceiptRow, DisplayRow, CodeRow, OutStreamRow, InStreamRow, PacketRow,
                           TransitRow, SuspenseRow, OutboxRow, NodesRow, SettlementRow, DeadlineRow,
                           CertificateRow, IssuerRow, TrustRow>;

// Calls visit(R{}) for each kind, in order.
template <typename Visit>
void for_each_row_kind(Visit&& visit) {
  std::apply([&](const auto&... row) { (visit(row), ...); }, AllRows());
}

// "balance"; empty for a number that is no kind's.
std::string_view name_of(RowKind kind);

}  // namespace intaglio::ledger
