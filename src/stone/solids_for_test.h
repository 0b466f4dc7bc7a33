// For tests and benchmarks: bodies whose geometry is known, in millimetres.
#pragma once

#include "base/format.h"
#include "base/result_for_test.h"
#include "stone/rough.h"
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

// Twenty-eight planes that look random: normals, then distances, in units of 5 mm.
inline TriangleSoup polytope() {
  static constexpr std::array<std::array<double, 4>, 28> kPlanes = {{
      {-0.422157, 0.851623, 0.310680, 0.798597},   {-0.836572, 0.482697, -0.259135, 0.756294},
      {0.753981, -0.556261, -0.349408, 0.957352},  {0.070308, 0.202283, 0.976800, 0.746381},
      {0.895764, 0.109784, -0.430761, 0.620898},   {0.890543, -0.425118, -0.161891, 0.880400},
      {-0.432597, -0.523003, -0.734390, 1.207625}, {0.686117, -0.718901, 0.111468, 0.894484},
      {-0.310559, -0.933455, -0.179484, 1.079320}, {-0.431514, -0.020598, 0.901871, 0.813796},
      {0.865401, -0.030861, 0.500129, 0.718268},   {-0.588133, -0.807019, -0.053098, 0.920409},
      {0.094551, 0.293193, 0.951366, 0.701013},    {-0.434690, -0.686095, 0.583368, 0.769776},
      {-0.797743, 0.050829, -0.600852, 1.007662},  {0.310431, -0.463150, 0.830135, 0.961521},
      {-0.369065, 0.478281, -0.796893, 1.001833},  {-0.470484, 0.340466, -0.814081, 0.926827},
      {0.408322, 0.697926, 0.588364, 0.928137},    {0.121800, 0.961219, -0.247431, 0.934761},
      {0.439084, 0.117056, -0.890788, 0.737100},   {0.118167, 0.974582, 0.190334, 0.768284},
      {-0.802830, -0.591240, -0.076814, 0.856049}, {0.044662, -0.472198, 0.880360, 0.966707},
      {0.419415, -0.846633, 0.327574, 0.866273},   {-0.838162, -0.510258, -0.192668, 0.927198},
      {-0.721599, 0.207127, 0.660601, 0.680570},   {0.363362, -0.473894, -0.802118, 0.938531},
  }};
  std::vector<Point> corners;
  for (std::size_t i = 0; i < kPlanes.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      for (std::size_t k = 0; k < j; ++k) {
        const auto normal = [&](std::size_t p) {
          return unit({kPlanes[p][0], kPlanes[p][1], kPlanes[p][2]});
        };
        const Vec3 jk = cross(normal(j), normal(k));
        const double d = dot(normal(i), jk);
        if (std::abs(d) < 1e-9) continue;
        const Vec3 p =
            (5e6 / d) * (kPlanes[i][3] * jk + kPlanes[j][3] * cross(normal(k), normal(i)) +
                         kPlanes[k][3] * cross(normal(i), normal(j)));
        bool is_corner = true;
        for (std::size_t q = 0; q < kPlanes.size(); ++q) {
          is_corner = is_corner && dot(normal(q), p) < 5e6 * kPlanes[q][3] + 1;
        }
        if (!is_corner) continue;
        corners.push_back({static_cast<std::int32_t>(std::lround(p.x)),
                           static_cast<std::int32_t>(std::lround(p.y)),
                           static_cast<std::int32_t>(std::lround(p.z))});
      }
    }
  }
  TriangleSoup out;
  out.triangles = must(convex_hull(corners));
  for (const Point& corner : corners) out.corners.push_back(1e-6 * to_vec(corner));
  return out;
}

// A rough with points that are inclusions, all of class "point" and without a grade, in units of
// `scale` millimetres from the origin of the scan.
inline Rough rough_with_points(const TriangleSoup& soup, double scale,
                               const std::vector<Vec3>& points, std::uint32_t allowance = 0) {
  Solid body = solid(soup);
  std::string text;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const Vec3 p = scale * points[i];
    text += format("point,p{},point,{:.9f},{:.9f},{:.9f}\n", i, p.x, p.y, p.z);
  }
  auto inclusions = must(inclusions_from_text(text, kMillimetre, body, {}));
  return must(rough_from(std::move(body), allowance, std::move(inclusions)));
}

}  // namespace intaglio::stone
