#include "stone/sample_rough.h"

#include <algorithm>
#include <map>
#include <numbers>

namespace intaglio::stone {

TriangleSoup geodesic(int levels) {
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

SampleCrystal::SampleCrystal(double lobes, Chance& chance) {
  for (int i = 0; i < 14; ++i) {
    bumps_.push_back({chance.direction(), lobes * chance.bell(), 3 + 6 * std::abs(chance.bell())});
  }
}

void SampleCrystal::cut_off(const Vec3& normal, double distance) {
  planes_.push_back({unit(normal), distance});
}

double SampleCrystal::radius(const Vec3& d) const {
  double radius = std::pow(
      std::pow(std::abs(d.x), 1.3) + std::pow(std::abs(d.y), 1.3) + std::pow(std::abs(d.z), 1.3),
      -1 / 1.3);
  for (const Bump& bump : bumps_) {
    radius *= 1 + bump.height * std::exp(bump.sharpness * (dot(bump.centre, d) - 1));
  }
  radius *= 5;
  for (const Plane& plane : planes_) {
    const double towards = dot(plane.normal, d);
    if (towards > 0) radius = std::min(radius, plane.distance / towards);
  }
  return radius;
}

TriangleSoup scan_like(int levels, double lobes, std::uint64_t seed) {
  TriangleSoup s = geodesic(levels);
  Chance chance(seed);
  const SampleCrystal crystal(lobes, chance);
  for (Vec3& d : s.corners) {
    d = crystal.radius(d) * (1 + 0.0005 * chance.uniform(-1, 1)) * d;
  }
  return s;
}

TriangleSoup repeated_scan(const SampleCrystal& crystal, const ScanConditions& conditions,
                           Chance& chance) {
  TriangleSoup s = geodesic(conditions.levels);
  const Matrix sampling = chance.turn();
  const Matrix pose = chance.turn();
  const Vec3 place = chance.uniform(0, 50) * chance.direction();
  const double scale = 1 + conditions.calibration * chance.uniform(-1, 1);
  for (Vec3& corner : s.corners) {
    const Vec3 d = sampling * corner;
    const double radius =
        scale * crystal.radius(d) * (1 + conditions.noise * chance.uniform(-1, 1));
    corner = pose * (radius * d) + place;
  }
  return s;
}

}  // namespace intaglio::stone
