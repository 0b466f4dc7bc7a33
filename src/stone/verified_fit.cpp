#include "stone/verified_fit.h"

#include <algorithm>
#include <numbers>

#include "base/format.h"

namespace intaglio::stone {
namespace {

// Coordinates are below 2^28 nm and computed by some ten operations: known to 1e-6 nm. What parts
// stone and rough must do so by this, in nanometres, to count.
constexpr double kMargin = 1e-3;

struct PlacedStone {
  std::vector<Vec3> corners;
  std::vector<Vec3> facets;   // normals of length 1
  std::vector<double> reach;  // how far the stone goes in each of them
  std::vector<Vec3> edges;
};

Vec3 turned(const std::array<double, 4>& q, const Vec3& v) {
  // q v q*: v + 2 w (r x v) + 2 r x (r x v), with q of length 1.
  const Vec3 r{q[1], q[2], q[3]};
  const Vec3 t = 2 * cross(r, v);
  return v + q[0] * t + cross(r, t);
}

std::array<double, 4> unit_quaternion(const FixedPose& pose) {
  std::array<double, 4> q{};
  double square = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    q[i] = pose.quaternion[i];
    square += q[i] * q[i];
  }
  for (double& part : q) part /= std::sqrt(square);
  return q;
}

PlacedStone placed(const CheckedDesign& design, const FixedPose& pose) {
  const auto q = unit_quaternion(pose);
  const double size = static_cast<double>(pose.size) / 1000;
  const Vec3 place{static_cast<double>(pose.place[0]), static_cast<double>(pose.place[1]),
                   static_cast<double>(pose.place[2])};
  PlacedStone out;
  for (const Vec3& corner : design.corners) {
    out.corners.push_back(place + size * turned(q, corner));
  }
  for (const Triangle& t : design.faces) {
    const Vec3& a = out.corners[t[0]];
    const Vec3& b = out.corners[t[1]];
    const Vec3& c = out.corners[t[2]];
    const Vec3 n = unit(cross(b - a, c - a));
    double reach = -1e300;
    for (const Vec3& p : out.corners) reach = std::max(reach, dot(n, p));
    out.facets.push_back(n);
    out.reach.push_back(reach);
    for (std::size_t k = 0; k < 3; ++k) {
      if (t[k] < t[(k + 1) % 3])
        out.edges.push_back(out.corners[t[(k + 1) % 3]] - out.corners[t[k]]);
    }
  }
  return out;
}

// Whether a direction has the stone below and the triangle above, or the other way round.
bool parts(const PlacedStone& stone, const std::array<Vec3, 3>& t, const Vec3& direction,
           double gap) {
  const double size = length(direction);
  if (size == 0) return false;
  double low = 1e300;
  double high = -1e300;
  for (const Vec3& p : stone.corners) {
    const double at = dot(direction, p);
    low = std::min(low, at);
    high = std::max(high, at);
  }
  const auto [least, most] =
      std::minmax({dot(direction, t[0]), dot(direction, t[1]), dot(direction, t[2])});
  return least - high >= gap * size || low - most >= gap * size;
}

bool is_clear(const PlacedStone& stone, const std::array<Vec3, 3>& t, double gap) {
  if (parts(stone, t, cross(t[1] - t[0], t[2] - t[0]), gap)) return true;
  for (std::size_t i = 0; i < stone.facets.size(); ++i) {
    const Vec3& n = stone.facets[i];
    if (std::min({dot(n, t[0]), dot(n, t[1]), dot(n, t[2])}) - stone.reach[i] >= gap) return true;
  }
  for (std::size_t k = 0; k < 3; ++k) {
    const Vec3 side = t[(k + 1) % 3] - t[k];
    for (const Vec3& edge : stone.edges) {
      const Vec3 direction = cross(side, edge);
      // Nearly parallel ones point anywhere.
      if (length(direction) < 1e-6 * length(side) * length(edge)) continue;
      if (parts(stone, t, direction, gap)) return true;
    }
  }
  return false;
}

// How often the surface goes round a point: the angle it fills, by the corners' own angles.
double times_round(const Solid& rough, const Vec3& point) {
  double angle = 0;
  for (const Triangle& t : rough.triangles) {
    const Vec3 a = unit(to_vec(rough.corners[t[0]]) - point);
    const Vec3 b = unit(to_vec(rough.corners[t[1]]) - point);
    const Vec3 c = unit(to_vec(rough.corners[t[2]]) - point);
    angle += 2 * std::atan2(dot(a, cross(b, c)), 1 + dot(a, b) + dot(b, c) + dot(c, a));
  }
  return angle / (4 * std::numbers::pi);
}

Result<void> check_clear(const PlacedStone& stone, const std::vector<Point>& corners,
                         const std::vector<Triangle>& triangles, double gap,
                         std::string_view whose) {
  for (std::size_t i = 0; i < triangles.size(); ++i) {
    std::array<Vec3, 3> t;
    for (std::size_t k = 0; k < 3; ++k) t[k] = to_vec(corners[triangles[i][k]]);
    if (!is_clear(stone, t, gap)) {
      return refuse(Verdict::plan_refuted, format("the stone is not clear of {}triangle {} near {}",
                                                  whose, i, place_text(t[0])));
    }
  }
  return {};
}

// Whether a plane of the hull has the point on one side and all of the inclusion on the other.
bool is_outside_of(const Inclusion& inclusion, const Vec3& point) {
  return std::ranges::any_of(inclusion.triangles, [&](const Triangle& t) {
    const Vec3 a = to_vec(inclusion.corners[t[0]]);
    const Vec3 n = cross(to_vec(inclusion.corners[t[1]]) - a, to_vec(inclusion.corners[t[2]]) - a);
    double most = -1e300;
    for (const Point& corner : inclusion.corners) most = std::max(most, dot(n, to_vec(corner)));
    return dot(n, point) > most;
  });
}

}  // namespace

Result<void> check_inside(const Solid& rough, std::span<const Inclusion* const> avoided,
                          const std::vector<Layer>& layers, const CheckedDesign& design,
                          const FixedPose& pose, std::uint32_t allowance) {
  const auto& q = pose.quaternion;
  const auto far = [](std::int32_t v) { return v <= -kMaxCoordinate || v >= kMaxCoordinate; };
  if (std::ranges::all_of(q, [](std::int32_t v) { return std::abs(std::int64_t{v}) < 1 << 20; }) ||
      std::ranges::any_of(pose.place, far) || pose.size == 0 || pose.size > kMaxSize) {
    return refuse(Verdict::plan_refuted, "the stone's pose");
  }
  const PlacedStone stone = placed(design, pose);
  const double gap = allowance + kMargin;
  TRY(check_clear(stone, rough.corners, rough.triangles, gap, ""));
  const Vec3 origin{static_cast<double>(pose.place[0]), static_cast<double>(pose.place[1]),
                    static_cast<double>(pose.place[2])};
  if (std::abs(times_round(rough, origin) - 1) > 0.1) {
    return refuse(Verdict::plan_refuted, "the stone is outside of the rough");
  }
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const Vec3 n = unit(to_vec(layers[i].direction));
    for (const Vec3& corner : stone.corners) {
      if (dot(n, corner) + gap > layers[i].offset) {
        return refuse(Verdict::plan_refuted, format("the stone is not below layers[{}]", i));
      }
    }
  }
  for (const Inclusion* inclusion : avoided) {
    TRY(check_clear(stone, inclusion->corners, inclusion->triangles, gap, inclusion->name + ' '));
    if (!is_outside_of(*inclusion, origin)) {
      return refuse(Verdict::plan_refuted, "the stone lies in " + inclusion->name);
    }
  }
  return {};
}

Result<void> check_axis(const AxisLimit& limit, const FixedPose& pose) {
  const auto q = unit_quaternion(pose);
  const Vec3 table = turned(q, {0, 0, 1});
  const Vec3 line = unit(to_vec(limit.direction));
  const double angle = std::atan2(length(cross(line, table)), std::abs(dot(line, table)));
  const double thousandths = angle * 180'000 / std::numbers::pi;
  if (thousandths < limit.from || thousandths > limit.to) {
    return refuse(Verdict::plan_refuted, "the stone's table");
  }
  return {};
}

}  // namespace intaglio::stone
