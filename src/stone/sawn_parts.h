// The parts that a rough is sawn into, with the plans of all that were tried: what proves a sawing,
// and what follows from it. Pure functions; any thread.
#pragma once

#include <map>

#include "stone/plan.h"

namespace intaglio::stone {

inline constexpr std::size_t kMaxSawDirections = 64;
inline constexpr std::size_t kMaxSawPlanes = 256;  // in one direction of one part
inline constexpr std::uint32_t kMaxSawDepth = 3;

// A part with what was sawn of it: the two sides of one plane, and all planes of one direction by
// their offsets.
struct SawnDirection;
struct SawnPart : PlanAndProof {
  std::vector<SawnDirection> directions;  // none where it was not sawn
};
struct SawnAt {
  std::int32_t offset = 0;
  SawnPart below;
  SawnPart above;
};
struct SawnDirection {
  GridDirection direction;
  std::vector<SawnAt> planes;
};
struct SawProof {
  PlanAndProof whole;
  std::vector<SawnDirection> directions;
};

// What lies below a plane's lower face, and what above its upper one.
Layer side_below(const GridDirection& direction, std::int32_t offset);
Layer side_above(const GridDirection& direction, std::int32_t offset, std::uint32_t kerf);

// `too_large` beyond kMaxProof.
Result<Bytes> encode_saw_proof(const SawProof& proof);
Result<SawProof> decode_saw_proof(ByteView bytes);

// A part: a view.
struct PartView {
  const PlanAndProof* both;
  const std::vector<SawnDirection>* directions;
};
inline PartView view_of(const SawProof& proof) { return {&proof.whole, &proof.directions}; }
inline PartView view_of(const SawnPart& part) { return {&part, &part.directions}; }

inline Amount value_of(const Plan& plan) { return plan.stone ? plan.stone->value : Amount(0); }
// Of two sides; what is too large for an amount is the largest, which claims nothing.
Amount both_of(Amount below, Amount above);
// Nothing where the cost is more.
Amount less_cost(Amount sum, Amount cost);

// What is proven of parts, from the bounds of their plans.
class SawBounds {
 public:
  // `cost` of each cut; `prices` outlives it, and is empty for plans by weight.
  SawBounds(Amount cost, const PriceList* prices) : cost_(cost), prices_(prices) {}

  // Lets a plan's bounds limit how many stones count: no stones of a part are worth more than all
  // of the rough at the dearest carat of any stone that those leave. `unpriced`.
  Result<void> learn(const Plan& plan);

  // What stones on either side of a plane between two of those that were tried are worth at most,
  // when each side is sawn again up to `depth` - 1 times in a row; the whole part stands for what
  // lies beyond the first and the last.
  Amount between(const PartView& part, const SawnDirection& direction, std::size_t next,
                 std::uint32_t depth) const;
  // No stones of a part that is sawn up to so many times in a row are worth more.
  Amount bound(const PartView& part, std::uint32_t depth) const;
  // No stones, so many or fewer, are worth more, whatever parts them.
  Amount any_bound(const PartView& part, std::uint32_t stones) const;

 private:
  Amount by_weight(const PartView& part) const;

  Amount cost_;
  const PriceList* prices_;
  std::map<Digest, Amount> by_weight_;  // by the plan's proof
};

// Plans of parts that are sawn from one part, and where those lie.
struct Chosen {
  Amount value;  // of their stones, less the cuts
  std::vector<const PlanAndProof*> plans;
  std::vector<std::vector<Layer>> places;
};
// Those of most value when it is sawn up to so many times in a row.
Chosen best_of(const PartView& part, const std::vector<Layer>& layers, std::uint32_t kerf,
               Amount cost, std::uint32_t depth);

}  // namespace intaglio::stone
