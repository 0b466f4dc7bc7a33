#include "ledger/deadlines.h"

#include <map>

namespace intaglio::ledger {
namespace {

constexpr std::uint64_t kMinute = 60'000;

// In one row.
constexpr std::size_t kMostReceipts = 500;

// The height stands where another deadline has a transaction, and the row's number behind it.
OperationRef receipts_ref(Height height, std::size_t number) {
  OperationRef out{.tx = {}, .index = static_cast<std::uint16_t>(number)};
  for (std::size_t i = 0; i < 8; ++i) {
    out.tx.writable()[i] = static_cast<std::uint8_t>(height.value() >> (56 - 8 * i));
  }
  return out;
}

// One row for each account, however many receipts.
void count_live(Stage& stage, const std::map<AccountId, std::uint32_t>& counts, bool kept) {
  for (const auto& [account, count] : counts) {
    auto row = stage.find<AccountRow>(account);
    if (!row) continue;  // of a node, a service, the authority
    row->live = kept ? row->live + count : row->live - std::min(row->live, count);
    stage.put<AccountRow>(account, *row);
  }
}

}  // namespace

void put_deadline(Stage& stage, const DeadlineRow::Key& key) {
  stage.put<DeadlineRow>(key, DeadlineRow{});
}

void erase_deadline(Stage& stage, const DeadlineRow::Key& key) { stage.erase<DeadlineRow>(key); }

void keep_until_due(Stage& stage, Height height, std::span<const KeptReceipt> receipts) {
  std::map<Millis, std::vector<ReceiptRow::Key>> by_minute;
  std::map<AccountId, std::uint32_t> counts;
  for (const KeptReceipt& each : receipts) {
    const std::uint64_t minute = each.valid_until.value() / kMinute;
    const Millis at(minute >= UINT64_MAX / kMinute ? UINT64_MAX : (minute + 1) * kMinute);
    by_minute[at].push_back(each.key);
    ++counts[each.key.account];
  }
  for (const auto& [at, keys] : by_minute) {
    for (std::size_t begin = 0; begin < keys.size(); begin += kMostReceipts) {
      const auto part =
          std::span(keys).subspan(begin).first(std::min(kMostReceipts, keys.size() - begin));
      stage.put<DeadlineRow>({at, RowKind::receipt, receipts_ref(height, begin / kMostReceipts)},
                             {.receipts = std::vector(part.begin(), part.end())});
    }
  }
  count_live(stage, counts, true);
}

std::size_t forget(Stage& stage, std::span<const ReceiptRow::Key> receipts) {
  std::map<AccountId, std::uint32_t> counts;
  for (const auto& key : receipts) {
    stage.erase<ReceiptRow>(key);
    ++counts[key.account];
  }
  count_live(stage, counts, false);
  return receipts.size();
}

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
