#include "ledger/rows.h"

namespace intaglio::ledger {

std::string to_text(const OperationRef& ref) {
  return codec::to_hex(ref.tx) + ':' + std::to_string(ref.index);
}

Result<OperationRef> operation_ref_from_text(std::string_view text) {
  const std::size_t colon = text.find(':');
  ASSIGN(const auto id, codec::id_from_hex<TxId>(text.substr(0, colon)));
  if (colon == std::string_view::npos) return OperationRef{id, 0};
  ASSIGN(const auto index, codec::uint_from_json(codec::Json(text.substr(colon + 1)), UINT16_MAX));
  return OperationRef{id, static_cast<std::uint16_t>(index)};
}

std::vector<std::pair<AssetId, AssetRow>> assets_of(const View& state) {
  std::vector<std::pair<AssetId, AssetRow>> out;
  for (auto row = state.first_from(Slot(RowKind::asset)); row;
       row = state.first_from(row->first.next())) {
    const AssetId id(SlotReader(row->first).take<std::uint32_t>());
    out.emplace_back(id, View::decode_row<AssetRow>(row->second));
  }
  return out;
}

Result<void> check_standing(const KeyRow& key, std::string_view where) {
  switch (key.status) {
    case KeyStatus::active: return {};
    case KeyStatus::suspended: return refuse(Verdict::key_suspended, std::string(where));
    case KeyStatus::revoked: break;
  }
  return refuse(Verdict::key_revoked, std::string(where));
}

bool is_credit(const EntryRow& entry, const AccountId& account) {
  // Somebody may pay from one chain to another: the same account then stands on both sides.
  if (entry.kind == EntryKind::sent || entry.kind == EntryKind::leg ||
      entry.kind == EntryKind::burn) {
    return false;
  }
  if (entry.kind == EntryKind::received || entry.kind == EntryKind::delivery) return true;
  return entry.payee == account;
}

}  // namespace intaglio::ledger

namespace intaglio::codec {

void FieldType<ledger::OperationRef>::write(CborWriter& out, const ledger::OperationRef& ref) {
  out.array(2);
  out.bytes(ref.tx.view());
  out.uint(ref.index);
}

Result<ledger::OperationRef> FieldType<ledger::OperationRef>::read(CborReader& in) {
  ASSIGN(const auto parts, in.array());
  if (parts != 2) return refuse(Verdict::bad_encoding);
  ASSIGN(const auto tx, FieldType<TxId>::read(in));
  ASSIGN(const auto index, FieldType<std::uint16_t>::read(in));
  return ledger::OperationRef{tx, index};
}

Result<ledger::OperationRef> FieldType<ledger::OperationRef>::from_json(const Json& json) {
  ASSIGN(const auto text, text_from_json(json));
  return ledger::operation_ref_from_text(text);
}

}  // namespace intaglio::codec
