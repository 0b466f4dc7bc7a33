// What a rough, and a parcel of them, may be bid at: what its polished stones are worth, less what
// cutting costs and a margin. Whole numbers of money; every rounding is against the bid. Pure; any
// thread.
#pragma once

#include <optional>
#include <span>

#include "base/amount.h"
#include "stone/mesh.h"

namespace intaglio::stone {

// In minor units of the price list's currency.
struct CuttingCosts {
  Amount per_carat;  // of polished weight
  Amount per_stone;
  Amount per_saw_cut;
};

struct BidTerms {
  CuttingCosts costs;
  // Of all money that is put in, bid and costs, in millionths: 150,000 for 15 %.
  std::uint32_t margin = 0;
  // What a carat of the rough is offered at, when it is.
  std::optional<Amount> asked_per_carat;
};
inline constexpr std::uint32_t kMostMargin = 100'000'000;

// What is planned of one rough. Without stones nothing is cut, and nothing is worth anything.
struct PlannedRough {
  MicroCarats rough;
  MicroCarats polished;
  std::uint32_t stones = 0;
  std::uint32_t saw_cuts = 0;
  Amount value;
  Amount bound;  // no plan is worth more
};

struct PlannedStone {
  MicroCarats weight;
  Amount value;
};
// A rough of which these stones are planned. One that does not bring what cutting it costs, the
// margin kept, is not cut, though a saw may have parted it from the others. `bound` as there.
PlannedRough planned_rough(MicroCarats rough, Amount bound, std::span<const PlannedStone> stones,
                           std::uint32_t saw_cuts, const BidTerms& terms);

struct Bid {
  PlannedRough planned;
  Amount costs;
  // The most that can be paid with the margin kept: value / (1 + margin) - costs, 0 when that is
  // less: a rough that is not worth cutting is left alone, and costs nothing.
  Amount most;
  Amount most_per_carat;  // of the rough
  std::optional<Amount> asked;
  // What is left of the value when the asking price is paid, costs too; nothing when it is less.
  std::optional<Amount> left;
};

// `too_large` when money does not fit, or for a margin beyond kMostMargin.
Result<Bid> bid_for(const PlannedRough& planned, const BidTerms& terms);

// All of a parcel, bought as one: sums of its roughs. `left` is of the whole parcel.
Result<Bid> bid_for_parcel(std::span<const Bid> bids);

}  // namespace intaglio::stone
