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
//   - rough, inclusions, price list, proof and designs are those that the plan names
//     (`other_inputs`),
//   - the stone lies in the rough, clear of every inclusion that it is not said to hold, the
//     allowance kept, and weighs and is worth what it says,
//   - each design was tried at every clarity that holding inclusions may cost it,
//   - its cells cover all rotations, and where obstacles bound it all places; none is larger than
//     its bound, and the bounds of weight and value follow.
// Refuses with `plan_refuted` and what does not hold. `prices` is empty for a plan by weight.
Result<VerifiedBounds> verify_plan(const Plan& plan, ByteView proof, const Solid& rough,
                                   const std::vector<Inclusion>& inclusions,
                                   const PriceList* prices);

}  // namespace intaglio::stone
