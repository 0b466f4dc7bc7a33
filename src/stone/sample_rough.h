// Roughs that nobody dug up: bodies like a scanner's, made from numbers that look random and are
// the same everywhere. For demonstrations, tests and benchmarks. Pure functions; any thread.
#pragma once

#include "stone/mesh.h"

namespace intaglio::stone {

// splitmix64, and what is made of it without the standard library's distributions, which differ.
class Chance {
 public:
  explicit Chance(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15U);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
  }
  double uniform(double low, double high) {
    return low + (high - low) * static_cast<double>(next() >> 11) * 0x1p-53;
  }
  double bell() {  // mean 0, deviation 1
    double sum = 0;
    for (int i = 0; i < 12; ++i) sum += uniform(-0.5, 0.5);
    return sum;
  }
  Vec3 direction() {
    while (true) {
      const Vec3 v{uniform(-1, 1), uniform(-1, 1), uniform(-1, 1)};
      if (const double size = length(v); size > 0.1 && size < 1) return (1 / size) * v;
    }
  }
  Matrix turn() { return rotation(uniform(0, 3.1) * direction()); }

 private:
  std::uint64_t state_;
};

// An icosahedron whose triangles are quartered `levels` times, on the unit sphere.
TriangleSoup geodesic(int levels);

// Like a scan of a worn octahedral crystal, 10 mm across: bumps, dents and the scanner's noise.
// `lobes` 0.02 is mild, 0.10 strong.
TriangleSoup scan_like(int levels, double lobes, std::uint64_t seed);

}  // namespace intaglio::stone
