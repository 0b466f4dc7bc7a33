#include "ledger/deadlines.h"

namespace intaglio::ledger {

void put_deadline(Stage& stage, const DeadlineRow::Key& key) {
  stage.put<DeadlineRow>(key, DeadlineRow{});
}

void erase_deadline(Stage& stage, const DeadlineRow::Key& key) { stage.erase<DeadlineRow>(key); }

std::optional<DeadlineRow::Key> first_deadline(const View& state) {
  const auto row = state.first_from(Slot(RowKind::deadline));
  if (!row) return std::nullopt;
  SlotReader reader(row->first);
  DeadlineRow::Key key;
  key.at = Millis(reader.take<std::uint64_t>());
  key.what = static_cast<RowKind>(reader.take<std::uint8_t>());
  key.of.tx = reader.take_id<TxId>();
  key.of.index = reader.take<std::uint16_t>();
  return key;
}

}  // namespace intaglio::ledger
