// The verifier's own answer to what a core says of a family's members: by its own planes for the
// facets. verifier.h is what to call. Pure; any thread.
#pragma once

#include <span>

#include "stone/design_range.h"

namespace intaglio::stone {

// What no member of a range can have more of than its core.
struct CheckedCore {
  double volume = 0;  // of a member round a core of size 1
};

// Shows that every member of the range holds a body of these corners, larger or smaller and moved
// along z: the corners' unit is what a core's size is measured in. `plan_refuted` for a range that
// is none, or of a family without a proof; docs/stone.md has why it holds.
Result<CheckedCore> check_core(const DesignRange& range, std::span<const Vec3> corners);

// Shows that ranges within a family cover another one, all of its inside. `plan_refuted`.
Result<void> check_cover(const DesignRange& whole, const std::vector<DesignRange>& parts);

}  // namespace intaglio::stone
