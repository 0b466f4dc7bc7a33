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
// What the grid splits a facet into differs by more.
constexpr double kFacetRingWidth = 4e-6;

std::vector<Vec3> corners_of(const Design& design) {
  std::vector<Vec3> out;
  for (const Point& p : design.corners) out.push_back((1 / kDesignUnit) * to_vec(p));
  return out;
}

std::vector<FacetPlane> facets_of(const Design& design) {
  std::vector<FacetPlane> out;
  for (const HullPlane& plane : hull_planes(design.corners, design.faces)) {
    out.push_back({plane.direction, plane.reach / kDesignUnit});
  }
  return out;
}

std::vector<Vec3> polar_corners(const std::vector<FacetPlane>& facets) {
  std::vector<Vec3> out;
  for (const FacetPlane& facet : facets) out.push_back((1 / facet.offset) * facet.normal);
  return out;
}

}  // namespace

Shape::Shape(const Design& design)
    : corners_(corners_of(design)),
      facets_(facets_of(design)),
      volume_(unit_volume(design)),
      symmetry_(design.symmetry),
      rings_(corners_, kRingWidth),
      facet_rings_(polar_corners(facets_), kFacetRingWidth) {
  inner_radius_ = 1;
  for (const FacetPlane& facet : facets_) inner_radius_ = std::min(inner_radius_, facet.offset);
  make_edges(design);
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

Shape::Rings::Rings(const std::vector<Vec3>& corners, double width) {
  std::vector<std::uint32_t> sequence(corners.size());
  std::iota(sequence.begin(), sequence.end(), 0U);
  const auto radius = [&](std::uint32_t i) { return std::hypot(corners[i].x, corners[i].y); };
  std::vector<bool> placed(corners.size());
  for (const std::uint32_t first : sequence) {
    if (placed[first]) continue;
    Ring ring{static_cast<std::uint32_t>(fours_.size()), 0, 0, corners[first].z};
    std::vector<Vec3> round;
    for (const std::uint32_t i : sequence) {
      if (placed[i] || std::abs(radius(i) - radius(first)) > width ||
          std::abs(corners[i].z - corners[first].z) > width) {
        continue;
      }
      placed[i] = true;
      ring.radius = std::max(ring.radius, radius(i));
      round.push_back(corners[i]);
    }
    while (round.size() % 4 != 0) round.push_back(round.back());
    for (std::size_t i = 0; i < round.size(); i += 4) {
      Four four;
      for (std::size_t k = 0; k < 4; ++k) {
        four.x[k] = round[i + k].x;
        four.y[k] = round[i + k].y;
      }
      fours_.push_back(four);
    }
    ring.end = static_cast<std::uint32_t>(fours_.size());
    rings_.push_back(ring);
  }
}

double Shape::Rings::furthest(const Ring& ring, double x, double y) const {
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
  for (const Ring& ring : rings_.all()) {
    most =
        std::max(most, rings_.furthest(ring, direction.x, direction.y) + direction.z * ring.height);
  }
  return most;
}

double Shape::least_support(const Vec3& direction, const CellView& cell) const {
  const Vec3 u = transposed_times(cell.frame, direction);
  const double u_across = std::sqrt(u.x * u.x + u.y * u.y);
  double most = inner_radius_;
  for (const Ring& ring : rings_.all()) {
    // The corner of the ring that is nearest to the direction in azimuth; the spin may take it
    // away by as much as the cell is wide.
    const double along = rings_.furthest(ring, u.x, u.y);
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

Shape::Gauge Shape::gauge(const Vec3& point) const {
  Gauge out{-1e300, 0};
  for (std::size_t i = 0; i < facets_.size(); ++i) {
    const double size = dot(facets_[i].normal, point) / facets_[i].offset;
    if (size > out.size) out = {size, i};
  }
  return out;
}

double Shape::most_gauge(const Vec3& point, const CellView& cell) const {
  const Vec3 u = transposed_times(cell.frame, point);
  const double u_across = std::sqrt(u.x * u.x + u.y * u.y);
  const double far = std::sqrt(dot(u, u));
  double most = 0;
  for (const Ring& ring : facet_rings_.all()) {
    // The facet of the ring whose normal is nearest to the point in azimuth, brought nearer still
    // by the spin.
    const double whole = ring.radius * u_across;
    const double along = facet_rings_.furthest(ring, u.x, u.y);
    const double beside = std::sqrt(std::max(0.0, whole * whole - along * along));
    const double most_along =
        along >= whole * cell.cos_spin ? whole : along * cell.cos_spin + beside * cell.sin_spin;
    const double up = ring.height * u.z;
    const double level = most_along + up;
    const double size = std::sqrt(ring.radius * ring.radius + ring.height * ring.height);
    if (size * far <= most) continue;
    // Any tilt by as much.
    const double across = std::sqrt(std::max(0.0, size * size * far * far - level * level));
    double tilted = level >= size * far * cell.cos_tilt
                        ? size * far
                        : level * cell.cos_tilt + across * cell.sin_tilt;
    // A tilt about an axis across the table's is less, as long as a facet that is nearer in azimuth
    // is the better one.
    const double a = ring.radius * u.z;
    const double b = ring.height * u_across;
    const double lever = std::sqrt(std::max(0.0, a * a + b * b - 2 * up * most_along));
    if (up <= 0 || lever * (1 + cell.cos_tilt) >= 2 * up * cell.sin_tilt) {
      const double carried = 0.5 * (whole + most_along);
      const double rest = level - carried;
      const bool is_over = rest * cell.sin_tilt > lever * cell.cos_tilt;
      tilted = std::min(tilted, carried + (is_over ? std::sqrt(rest * rest + lever * lever)
                                                   : rest * cell.cos_tilt + lever * cell.sin_tilt));
    }
    most = std::max(most, tilted);
  }
  return most * (1 + kSlack / inner_radius_) + 2 * kFacetRingWidth * far;
}

}  // namespace intaglio::stone
