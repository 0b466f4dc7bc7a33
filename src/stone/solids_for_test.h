// For tests and benchmarks: bodies whose geometry is known, in millimetres, and numbers that look
// random and are the same everywhere.
#pragma once

#include <map>
#include <numbers>

#include "base/result_for_test.h"
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

inline TriangleSoup octahedron(double radius) {
  TriangleSoup out;
  out.corners = {{radius, 0, 0},  {-radius, 0, 0}, {0, radius, 0},
                 {0, -radius, 0}, {0, 0, radius},  {0, 0, -radius}};
  for (std::uint32_t i = 0; i < 8; ++i) {
    const std::uint32_t a = i & 1;
    const std::uint32_t b = 2 + (i >> 1 & 1);
    const std::uint32_t c = 4 + (i >> 2 & 1);
    const bool is_odd = ((i ^ i >> 1 ^ i >> 2) & 1) != 0;
    out.triangles.push_back(is_odd ? Triangle{a, c, b} : Triangle{a, b, c});
  }
  return out;
}

// Side 2 * half.
inline TriangleSoup cube(double half) {
  TriangleSoup out;
  for (std::uint32_t i = 0; i < 8; ++i) {
    out.corners.push_back({i & 1 ? half : -half, i & 2 ? half : -half, i & 4 ? half : -half});
  }
  const std::array<std::array<std::uint32_t, 4>, 6> sides = {
      {{0, 2, 3, 1}, {4, 5, 7, 6}, {0, 1, 5, 4}, {2, 6, 7, 3}, {0, 4, 6, 2}, {1, 3, 7, 5}}};
  for (const auto& s : sides) {
    out.triangles.push_back({s[0], s[1], s[2]});
    out.triangles.push_back({s[0], s[2], s[3]});
  }
  return out;
}

inline TriangleSoup tetrahedron(double half) {
  TriangleSoup out;
  out.corners = {
      {half, half, half}, {half, -half, -half}, {-half, half, -half}, {-half, -half, half}};
  out.triangles = {{0, 1, 2}, {0, 3, 1}, {0, 2, 3}, {1, 3, 2}};
  return out;
}

// An icosahedron whose triangles are quartered `levels` times, on the unit sphere.
inline TriangleSoup geodesic(int levels) {
  const double f = std::numbers::phi;
  TriangleSoup s;
  s.corners = {{-1, f, 0},  {1, f, 0},  {-1, -f, 0}, {1, -f, 0}, {0, -1, f},  {0, 1, f},
               {0, -1, -f}, {0, 1, -f}, {f, 0, -1},  {f, 0, 1},  {-f, 0, -1}, {-f, 0, 1}};
  s.triangles = {{0, 11, 5}, {0, 5, 1},  {0, 1, 7},   {0, 7, 10}, {0, 10, 11},
                 {1, 5, 9},  {5, 11, 4}, {11, 10, 2}, {10, 7, 6}, {7, 1, 8},
                 {3, 9, 4},  {3, 4, 2},  {3, 2, 6},   {3, 6, 8},  {3, 8, 9},
                 {4, 9, 5},  {2, 4, 11}, {6, 2, 10},  {8, 6, 7},  {9, 8, 1}};
  for (Vec3& corner : s.corners) corner = unit(corner);
  for (int level = 0; level < levels; ++level) {
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> middles;
    const auto middle = [&](std::uint32_t a, std::uint32_t b) {
      const auto [at, is_new] = middles.try_emplace(std::minmax(a, b), s.corners.size());
      if (is_new) s.corners.push_back(unit(s.corners[a] + s.corners[b]));
      return at->second;
    };
    std::vector<Triangle> parts;
    for (const Triangle& t : s.triangles) {
      const auto ab = middle(t[0], t[1]);
      const auto bc = middle(t[1], t[2]);
      const auto ca = middle(t[2], t[0]);
      parts.insert(parts.end(), {{t[0], ab, ca}, {ab, t[1], bc}, {ca, bc, t[2]}, {ab, bc, ca}});
    }
    s.triangles = std::move(parts);
  }
  return s;
}

// Like a scan of a worn octahedral crystal, 10 mm across: bumps, dents and the scanner's noise.
// `lobes` 0.02 is mild, 0.10 strong.
inline TriangleSoup scan_like(int levels, double lobes, std::uint64_t seed) {
  TriangleSoup s = geodesic(levels);
  Chance chance(seed);
  struct Bump {
    Vec3 centre;
    double height;
    double sharpness;
  };
  std::vector<Bump> bumps;
  for (int i = 0; i < 14; ++i) {
    bumps.push_back({chance.direction(), lobes * chance.bell(), 3 + 6 * std::abs(chance.bell())});
  }
  for (Vec3& d : s.corners) {
    double radius = std::pow(
        std::pow(std::abs(d.x), 1.3) + std::pow(std::abs(d.y), 1.3) + std::pow(std::abs(d.z), 1.3),
        -1 / 1.3);
    for (const Bump& bump : bumps) {
      radius *= 1 + bump.height * std::exp(bump.sharpness * (dot(bump.centre, d) - 1));
    }
    d = 5 * radius * (1 + 0.0005 * chance.uniform(-1, 1)) * d;
  }
  return s;
}

inline TriangleSoup moved(TriangleSoup soup, const Matrix& turn, const Vec3& by) {
  for (Vec3& corner : soup.corners) corner = turn * corner + by;
  return soup;
}

inline Solid solid(const TriangleSoup& soup) { return must(solid_from(soup, kMillimetre)); }

}  // namespace intaglio::stone
