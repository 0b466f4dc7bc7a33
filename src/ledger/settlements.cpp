#include "ledger/settlements.h"

#include <map>

#include "base/format.h"
#include "crypto/sha256.h"

namespace intaglio::ledger {
namespace {

// Entries of one settlement by what they are; each list has fewer than this.
constexpr std::uint16_t kStride = 256;

OperationRef numbered(const SettlementId& id, std::uint16_t list, std::size_t place) {
  CHECK(place < kStride);
  return {*TxId::from(id.view()), static_cast<std::uint16_t>(list * kStride + place)};
}

// One of the two lists, with what is summed up of each asset.
template <typename Item>
Result<std::map<AssetId, Amount>> check_list(const std::vector<Item>& items, std::size_t most,
                                             Address Item::* address, std::string_view name) {
  if (items.empty()) return refuse(Verdict::missing_field, std::string(name));
  if (items.size() > most) return refuse(Verdict::too_large, std::string(name));
  std::map<AssetId, Amount> sums;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const Item& item = items[i];
    const auto place = [&] { return format("{}[{}]", name, i); };
    if (item.amount == Amount(0)) return refuse(Verdict::bad_value, place() + ".amount");
    const auto order = [&](const Item& each) { return std::pair(each.*address, each.asset); };
    if (i > 0 && order(items[i - 1]) >= order(item)) return refuse(Verdict::bad_value, place());
    Amount& sum = sums[item.asset];
    const auto grown = add(sum, item.amount);
    if (!grown) return refuse(Verdict::amount_overflow, place() + ".amount");
    sum = *grown;
  }
  return sums;
}

}  // namespace

SettlementId settlement_id(const Terms& terms) {
  return *SettlementId::from(crypto::sha256(codec::encode_record(terms)).view());
}

Result<void> check_terms(const Terms& terms) {
  ASSIGN(const auto in, check_list(terms.legs, Terms::kMaxLegs, &Leg::payer, "legs"));
  ASSIGN(const auto out,
         check_list(terms.deliveries, Terms::kMaxDeliveries, &Delivery::to, "deliveries"));
  if (in != out) return refuse(Verdict::bad_value, "deliveries");
  if (terms.memo && terms.memo->size() > kMaxMemo) return refuse(Verdict::too_large, "memo");
  return {};
}

OperationRef leg_ref(const SettlementId& id, std::size_t leg) { return numbered(id, 0, leg); }
OperationRef delivery_ref(const SettlementId& id, std::size_t delivery) {
  return numbered(id, 1, delivery);
}
OperationRef returned_ref(const SettlementId& id, std::size_t leg) { return numbered(id, 2, leg); }
OperationRef onward_ref(const SettlementId& id, std::size_t delivery) {
  return numbered(id, 3, delivery);
}

std::optional<std::size_t> sole_leg(const Terms& terms, AssetId asset) {
  std::optional<std::size_t> first;
  for (std::size_t i = 0; i < terms.legs.size(); ++i) {
    const Leg& leg = terms.legs[i];
    if (leg.asset != asset) continue;
    if (!first) first = i;
    if (leg.payer.account != terms.legs[*first].payer.account) return std::nullopt;
  }
  return first;
}

}  // namespace intaglio::ledger
