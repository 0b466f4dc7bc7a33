// Checks a plan against its rough, its prices and its proof, by code that shares nothing with the
// search but the readers of its inputs. Where whole numbers can decide they do; where they cannot,
// what is computed is known to far less than the margin that is asked for. Pure; any thread.
#pragma once

#include "stone/plan.h"

namespace intaglio::stone {

struct VerifiedBounds {
  std::size_t cells = 0;  // that were checked
  std::size_t leaves = 0;
};

// Shows that
//   - rough, price list, proof and designs are those that the plan names (`other_inputs`),
//   - the stone lies in the rough, the allowance kept, and weighs and is worth what it says,
//   - the cells of each design cover all rotations, none is larger than its design's bound, and the
//     bounds of weight and value follow.
// Refuses with `plan_refuted` and what does not hold. `prices` is empty for a plan by weight.
Result<VerifiedBounds> verify_plan(const Plan& plan, ByteView proof, const Solid& rough,
                                   const PriceList* prices);

}  // namespace intaglio::stone
