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

// A worn octahedral crystal, 10 mm across, with bumps and dents: how far it reaches from a point in
// its middle. `lobes` 0.02 is mild, 0.10 strong.
class SampleCrystal {
 public:
  SampleCrystal(double lobes, Chance& chance);

  // Without what lies beyond a plane, in millimetres from the middle.
  void cut_off(const Vec3& normal, double distance);

  double radius(const Vec3& direction) const;  // millimetres

 private:
  struct Bump {
    Vec3 centre;
    double height;
    double sharpness;
  };
  struct Plane {
    Vec3 normal;
    double distance;
  };
  std::vector<Bump> bumps_;
  std::vector<Plane> planes_;
};

// Like a scan of such a crystal, with the scanner's noise.
TriangleSoup scan_like(int levels, double lobes, std::uint64_t seed);

// How a crystal is scanned once more.
struct ScanConditions {
  int levels = 5;             // of the geodesic that it is sampled by
  double noise = 0.002;       // of the radius, at most, at each corner
  double calibration = 5e-4;  // of all lengths, at most
};

// In another pose, by other corners, each of which errs by itself.
TriangleSoup repeated_scan(const SampleCrystal& crystal, const ScanConditions& conditions,
                           Chance& chance);

}  // namespace intaglio::stone
