#include "stone/bid.h"

#include <algorithm>

namespace intaglio::stone {
namespace {

constexpr std::uint64_t kMillion = 1'000'000;

Result<Amount> fitting(Wide value) {
  if (value < 0 || value > static_cast<Wide>(UINT64_MAX)) {
    return refuse(Verdict::too_large, "money");
  }
  return Amount(static_cast<std::uint64_t>(value));
}

Wide rounded_up(Wide value, std::uint64_t by) { return (value + by - 1) / by; }

Wide wide(Amount amount) { return static_cast<Wide>(amount.value()); }

// A carat's share of an amount, rounded down.
Amount per_carat(Amount amount, MicroCarats weight) {
  if (weight.value() == 0) return Amount(0);
  const Wide each = wide(amount) * kMillion / weight.value();
  return Amount(static_cast<std::uint64_t>(std::min(each, static_cast<Wide>(UINT64_MAX))));
}

void set_left(Bid& bid) {
  if (!bid.asked) return;
  const Wide left = wide(bid.planned.value) - wide(bid.costs) - wide(*bid.asked);
  if (left >= 0) bid.left = Amount(static_cast<std::uint64_t>(left));
}

}  // namespace

PlannedRough planned_rough(MicroCarats rough, Amount bound, std::span<const PlannedStone> stones,
                           std::uint32_t saw_cuts, const BidTerms& terms) {
  PlannedRough out{rough, {}, 0, saw_cuts, {}, bound};
  for (const PlannedStone& stone : stones) {
    const Wide costs = rounded_up(wide(terms.costs.per_carat) * stone.weight.value(), kMillion) +
                       wide(terms.costs.per_stone);
    if (wide(stone.value) * kMillion / (kMillion + terms.margin) <= costs) continue;
    out.polished = MicroCarats(out.polished.value() + stone.weight.value());
    out.value = Amount(out.value.value() + stone.value.value());
    ++out.stones;
  }
  return out;
}

Result<Bid> bid_for(const PlannedRough& planned, const BidTerms& terms) {
  if (terms.margin > kMostMargin) return refuse(Verdict::too_large, "margin");
  // So that a product with an amount is no overflow.
  if (std::max(planned.rough, planned.polished).value() >> 60 != 0) {
    return refuse(Verdict::too_large, "weight");
  }
  Bid out;
  out.planned = planned;
  const CuttingCosts& each = terms.costs;
  const Wide cutting = rounded_up(wide(each.per_carat) * planned.polished.value(), kMillion) +
                       wide(each.per_stone) * planned.stones +
                       wide(each.per_saw_cut) * planned.saw_cuts;
  const Wide before_costs = wide(planned.value) * kMillion / (kMillion + terms.margin);
  if (before_costs > cutting) {
    ASSIGN(out.costs, fitting(cutting));
    ASSIGN(out.most, fitting(before_costs - cutting));
  } else {
    // Not worth cutting: left alone.
    out.planned.polished = MicroCarats(0);
    out.planned.stones = 0;
    out.planned.saw_cuts = 0;
    out.planned.value = Amount(0);
  }
  out.most_per_carat = per_carat(out.most, planned.rough);
  if (terms.asked_per_carat) {
    ASSIGN(out.asked,
           fitting(rounded_up(wide(*terms.asked_per_carat) * planned.rough.value(), kMillion)));
  }
  set_left(out);
  return out;
}

Result<Bid> bid_for_parcel(std::span<const Bid> bids) {
  Wide rough = 0;
  Wide polished = 0;
  Wide value = 0;
  Wide bound = 0;
  Wide costs = 0;
  Wide most = 0;
  Wide asked = 0;
  Bid out;
  bool is_asked = !bids.empty();
  for (const Bid& bid : bids) {
    rough += bid.planned.rough.value();
    polished += bid.planned.polished.value();
    out.planned.stones += bid.planned.stones;
    out.planned.saw_cuts += bid.planned.saw_cuts;
    value += wide(bid.planned.value);
    bound += wide(bid.planned.bound);
    costs += wide(bid.costs);
    most += wide(bid.most);
    is_asked = is_asked && bid.asked.has_value();
    if (bid.asked) asked += wide(*bid.asked);
  }
  ASSIGN(const auto rough_sum, fitting(rough));
  ASSIGN(const auto polished_sum, fitting(polished));
  out.planned.rough = MicroCarats(rough_sum.value());
  out.planned.polished = MicroCarats(polished_sum.value());
  ASSIGN(out.planned.value, fitting(value));
  ASSIGN(out.planned.bound, fitting(bound));
  ASSIGN(out.costs, fitting(costs));
  ASSIGN(out.most, fitting(most));
  out.most_per_carat = per_carat(out.most, out.planned.rough);
  if (is_asked) {
    ASSIGN(out.asked, fitting(asked));
  }
  set_left(out);
  return out;
}

}  // namespace intaglio::stone
