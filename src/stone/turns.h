// For the search: rotations that are one for a stone. Pure; any thread.
#pragma once

#include <cstdint>
#include <numbers>

#include "stone/vector.h"

namespace intaglio::stone {

// Whether two rotations are less than `apart` radians from each other, spins by the symmetry's
// period being one.
inline bool is_same_turn(const Matrix& a, const Matrix& b, std::uint32_t symmetry, double apart) {
  const Matrix r = transposed(a) * b;
  for (std::uint32_t k = 0; k < symmetry; ++k) {
    const double spin = 2 * std::numbers::pi / symmetry * k;
    const double trace =
        std::cos(spin) * (r.x.x + r.y.y) + std::sin(spin) * (r.y.x - r.x.y) + r.z.z;
    if (trace > 3 - apart * apart) return true;
  }
  return false;
}

}  // namespace intaglio::stone
