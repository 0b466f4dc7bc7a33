// The verifier's own answer to whether a stone lies in a rough. verifier.h is what to call. Pure;
// any thread.
#pragma once

#include "stone/pose.h"
#include "stone/verified_cells.h"

namespace intaglio::stone {

// Shows for each triangle of the rough a plane that has the stone on one side and it on the other,
// the allowance between them, and that the stone's origin is inside; the same for the inclusions
// that it does not hold, but outside; and that it is below the layers. `plan_refuted` with the
// first triangle that comes too near, and its place.
Result<void> check_inside(const Solid& rough, std::span<const Inclusion* const> avoided,
                          const std::vector<Layer>& layers, const CheckedDesign& design,
                          const FixedPose& pose, std::uint32_t allowance);

// Shows that the stone's table looks where it may. `plan_refuted`.
Result<void> check_axis(const AxisLimit& limit, const FixedPose& pose);

}  // namespace intaglio::stone
