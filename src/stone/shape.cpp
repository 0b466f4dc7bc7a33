#include "stone/shape.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <numeric>

#include "stone/hull.h"

namespace intaglio::stone {
namespace {

// Corners of one ring differ by some steps of the design's grid, and so may what is said of them.
constexpr double kRingWidth = 4 / kDesignUnit;
constexpr double kSlack = 8 / kDesignUnit;

}  // namespace

Shape::Shape(const Design& design) : symmetry_(design.symmetry) {
  for (const Point& p : design.corners) corners_.push_back((1 / kDesignUnit) * to_vec(p));
  inner_radius_ = 1;
  for (const HullPlane& plane : hull_planes(design.corners, design.faces)) {
    const Vec3 n = to_vec(plane.normal);
    const double size = length(n);
    const double offset = static_cast<double>(plane.offset) / size / kDesignUnit;
    facets_.push_back({(1 / size) * n, offset});
    inner_radius_ = std::min(inner_radius_, offset);
  }
  volume_ = unit_volume(design);
  make_edges(design);
  make_rings();
}

void Shape::make_edges(const Design& design) {
  std::map<std::pair<std::uint32_t, std::uint32_t>, Vec3> normals;  // of the face left of an edge
  for (const Triangle& t : design.faces) {
    const Direction n = normal_of(design.corners[t[0]], design.corners[t[1]], design.corners[t[2]]);
    for (std::size_t k = 0; k < 3; ++k) normals[{t[k], t[(k + 1) % 3]}] = unit(to_vec(n));
  }
  for (const auto& [ends, left] : normals) {
    if (ends.first > ends.second) continue;
    const Vec3 right = normals.at({ends.second, ends.first});
    const Vec3 direction = unit(corners_[ends.second] - corners_[ends.first]);
    if (length(cross(left, right)) < 1e-9) continue;  // one facet
    edges_.push_back(
        {corners_[ends.first], direction, cross(left, direction), cross(direction, right)});
    // Turned so that the other facet's normal is on the side of what lies between them.
    StoneEdge& edge = edges_.back();
    if (dot(edge.from_first, right) < 0) edge.from_first = -edge.from_first;
    if (dot(edge.from_second, left) < 0) edge.from_second = -edge.from_second;
  }
}

void Shape::make_rings() {
  std::vector<std::uint32_t> sequence(corners_.size());
  std::iota(sequence.begin(), sequence.end(), 0U);
  const auto radius = [&](std::uint32_t i) { return std::hypot(corners_[i].x, corners_[i].y); };
  std::vector<bool> placed(corners_.size());
  for (const std::uint32_t first : sequence) {
    if (placed[first]) continue;
    Ring ring{static_cast<std::uint32_t>(fours_.size()), 0, 0, corners_[first].z};
    std::vector<Vec3> corners;
    for (const std::uint32_t i : sequence) {
      if (placed[i] || std::abs(radius(i) - radius(first)) > kRingWidth ||
          std::abs(corners_[i].z - corners_[first].z) > kRingWidth) {
        continue;
      }
      placed[i] = true;
      ring.radius = std::max(ring.radius, radius(i));
      corners.push_back(corners_[i]);
    }
    while (corners.size() % 4 != 0) corners.push_back(corners.back());
    for (std::size_t i = 0; i < corners.size(); i += 4) {
      Four four;
      for (std::size_t k = 0; k < 4; ++k) {
        four.x[k] = corners[i + k].x;
        four.y[k] = corners[i + k].y;
      }
      fours_.push_back(four);
    }
    ring.end = static_cast<std::uint32_t>(fours_.size());
    rings_.push_back(ring);
  }
}

double Shape::furthest(const Ring& ring, double x, double y) const {
  // Two lanes of the machine's vectors, twice: the same result to the bit as one by one.
  using Lanes = double __attribute__((vector_size(16)));
  const Four* const fours = fours_.data();
  Lanes low = {-2, -2};
  Lanes high = low;
  for (std::uint32_t i = ring.begin; i < ring.end; ++i) {
    std::array<Lanes, 4> corner;  // x, x, y, y
    std::memcpy(corner.data(), &fours[i], sizeof corner);
    const Lanes first = x * corner[0] + y * corner[2];
    const Lanes second = x * corner[1] + y * corner[3];
    low = first > low ? first : low;
    high = second > high ? second : high;
  }
  return std::max(std::max(low[0], low[1]), std::max(high[0], high[1]));
}

double Shape::support(const Vec3& direction) const {
  double most = inner_radius_;
  for (const Ring& ring : rings_) {
    most = std::max(most, furthest(ring, direction.x, direction.y) + direction.z * ring.height);
  }
  return most;
}

double Shape::least_support(const Vec3& direction, const CellView& cell) const {
  const Vec3 u = transposed_times(cell.frame, direction);
  const double u_across = std::sqrt(u.x * u.x + u.y * u.y);
  double most = inner_radius_;
  for (const Ring& ring : rings_) {
    // The corner of the ring that is nearest to the direction in azimuth; the spin may take it
    // away by as much as the cell is wide.
    const double along = furthest(ring, u.x, u.y);
    const double whole = ring.radius * u_across;
    const double beside = std::sqrt(std::max(0.0, whole * whole - along * along));
    const double least_along =
        along >= -whole * cell.cos_spin ? along * cell.cos_spin - beside * cell.sin_spin : -whole;
    const double up = ring.height * u.z;
    const double least = least_along + up;
    if (least <= most) continue;  // tilting only takes away
    const double most_along =
        along >= whole * cell.cos_spin ? whole : along * cell.cos_spin + beside * cell.sin_spin;
    // The part of the corner at right angles to the direction that a tilt can turn towards it.
    const double worst_along = up > 0 ? least_along : most_along;
    const double a = ring.radius * u.z;
    const double b = ring.height * u_across;
    const double lever = std::sqrt(std::max(0.0, a * a + b * b - 2 * up * worst_along));
    const double after_tilt = cell.cos_tilt * least - cell.sin_tilt * lever -
                              0.5 * (1 - cell.cos_tilt) * (whole - least_along);
    most = std::max(most, after_tilt);
  }
  return std::max(inner_radius_, most - kSlack) - 1 / kDesignUnit;
}

}  // namespace intaglio::stone
