#include "stone/dents.h"

namespace intaglio::stone {
namespace {

constexpr double kDeep = 0.01;  // of a stone's size: corners less deep in it are none of a dent

}  // namespace

std::optional<std::uint32_t> deepest_corner(const Rough& rough, const Shape& shape,
                                            const Pose& pose, double size) {
  double least = size * (1 - kDeep);
  std::optional<std::uint32_t> out;
  for (std::uint32_t i = 0; i < rough.solid.corners.size(); ++i) {
    const Vec3 from_here = to_vec(rough.solid.corners[i]) - pose.place;
    // No corner of a stone is further from its origin than its size.
    if (dot(from_here, from_here) >= least * least) continue;
    const double gauge = shape.gauge(transposed_times(pose.turn, from_here)).size;
    if (gauge >= least) continue;
    least = gauge;
    out = i;
  }
  return out;
}

}  // namespace intaglio::stone
