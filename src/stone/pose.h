// Where a stone lies in its rough, in whole numbers: what a plan says and what is checked. Pure;
// any thread.
#pragma once

#include "stone/fit.h"

namespace intaglio::stone {

// The rotation is that of the quaternion w + xi + yj + zk, whatever its length; 2^30 is usual.
struct FixedPose {
  std::array<std::int32_t, 4> quaternion{1 << 30, 0, 0, 0};
  std::array<std::int32_t, 3> place{};  // of the design's origin, in nanometres
  std::uint64_t size = 0;               // of the design's radius, in picometres
  bool operator==(const FixedPose&) const = default;
};

inline constexpr std::uint64_t kMaxSize = std::uint64_t{kMaxCoordinate} * 1000;

// The nearest one that can be said in whole numbers; the size is left at 0.
FixedPose fixed(const Pose& pose);
Pose pose_of(const FixedPose& fixed);

// What a stone of that size weighs, rounded down or up. `volume` as unit_volume gives it.
MicroCarats weight_below(double volume, std::uint64_t size, SpecificGravity gravity);
MicroCarats weight_above(double volume, std::uint64_t size, SpecificGravity gravity);

}  // namespace intaglio::stone
