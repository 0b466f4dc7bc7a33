#include "ledger/all_rows.h"

namespace intaglio::ledger {

std::string_view name_of(RowKind kind) {
  switch (kind) {
    case RowKind::params: return "params";
    case RowKind::asset: return "asset";
    case RowKind::account: return "account";
    case RowKind::balance: return "balance";
    case RowKind::key: return "key";
    case RowKind::hold: return "hold";
    case RowKind::entry: return "entry";
    case RowKind::receipt: return "receipt";
    case RowKind::display: return "display";
    case RowKind::code: return "code";
    case RowKind::out_stream: return "out_stream";
    case RowKind::in_stream: return "in_stream";
    case RowKind::packet: return "packet";
    case RowKind::transit: return "transit";
    case RowKind::suspense: return "suspense";
    case RowKind::outbox: return "outbox";
    case RowKind::nodes: return "nodes";
    case RowKind::settlement: return "settlement";
    case RowKind::deadline: return "deadline";
    case RowKind::certificate: return "certificate";
    case RowKind::issuer: return "issuer";
    case RowKind::trust: return "trust";
  }
  return {};
}

}  // namespace intaglio::ledger
