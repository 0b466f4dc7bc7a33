// What a body is whatever its pose: its volume, and how much of it lies in the solid harmonics of
// each degree from 2 to 10 about its centroid. Two scans of one stone have nearly the same
// descriptor, however they lie and whatever their triangles are; so have a stone and its mirror
// image, so it finds candidates and decides nothing (stone/match.h does). Pure; any thread.
#pragma once

#include "stone/mesh.h"

namespace intaglio::stone {

inline constexpr std::size_t kFirstDegree = 2;
inline constexpr std::size_t kLastDegree = 10;
inline constexpr std::size_t kDegrees = kLastDegree - kFirstDegree + 1;

// In whole numbers, so that it can be hashed and written down.
struct Descriptor {
  std::uint64_t volume = 0;  // cubic micrometres, at least 1
  // The power of each degree, of the body at volume 1, in 10^-9: the square root of the sum of
  // squares of its moments, which no rotation changes.
  std::array<std::uint64_t, kDegrees> power{};
  bool operator==(const Descriptor&) const = default;
};

// Integrated exactly but for rounding: how a face is divided into triangles does not matter.
// `bad_value` for a body that is too thin or too small to be told in these numbers: a needle of
// 1:80, a plate of 1:2000, a thousandth of a millimetre.
Result<Descriptor> descriptor_of(const Solid& solid);

// How far apart two descriptors are, in standard deviations of repeated scans: the root of the sum
// over the ten numbers of ((a - b) / sigma)^2, the volume as its logarithm. The sigmas are those of
// scans of rough octahedral crystals with a noise of 0.2 % of the radius at each corner, 20,480
// triangles and a calibration that errs by up to 0.05 %; docs/stone.md tells how they were
// obtained, and descriptor_bench.cpp obtains them anew. Two scans of one stone are rarely more than
// 10 apart.
double distance_between(const Descriptor& a, const Descriptor& b);

}  // namespace intaglio::stone
