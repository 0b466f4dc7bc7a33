// The dents of a rough: corners of its surface that lie inside of its hull, where they keep stones
// from what the hull would allow. Pure; any thread.
#pragma once

#include <optional>

#include "stone/fit.h"

namespace intaglio::stone {

// In place of an obstacle's inclusion: a corner of the rough's own mesh, or a point no further from
// one than the allowance. No stone may hold it.
inline constexpr std::uint32_t kOfSurface = 0xFFFF'FFFF;

// The corner of the surface that lies deepest in a stone; nothing where none does by a hundredth of
// its size.
std::optional<std::uint32_t> deepest_corner(const Rough& rough, const Shape& shape,
                                            const Pose& pose, double size);

}  // namespace intaglio::stone
