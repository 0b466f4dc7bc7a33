// For tests and benchmarks: bodies whose geometry is known, in millimetres.
#pragma once

#include "base/result_for_test.h"
#include "stone/sample_rough.h"

namespace intaglio::stone {

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

inline TriangleSoup moved(TriangleSoup soup, const Matrix& turn, const Vec3& by) {
  for (Vec3& corner : soup.corners) corner = turn * corner + by;
  return soup;
}

inline Solid solid(const TriangleSoup& soup) { return must(solid_from(soup, kMillimetre)); }

}  // namespace intaglio::stone
