#include "stone/fit.h"

#include <algorithm>
#include <numbers>
#include <tuple>

namespace intaglio::stone {
namespace {

// A direction of the stone's frame that has the triangle on its far side, and the size up to which
// it does.
struct Separation {
  double size = 0;
  Vec3 direction;
};

class Fitting {
 public:
  // The hull is looked after elsewhere, so a surface that is its hull need not be looked at.
  Fitting(const Room& room, const Shape& shape, const Pose& pose)
      : shape_(shape), allowance_(room.rough.allowance) {
    const Rough& rough = room.rough;
    if (!rough.is_convex) {
      add(rough.solid.corners, rough.solid.triangles, rough.longest_side, pose);
    }
    for (const std::uint16_t i : room.avoided) {
      const Inclusion& inclusion = rough.inclusions[i];
      add(inclusion.corners, inclusion.triangles,
          longest_side_of(inclusion.corners, inclusion.triangles), pose);
    }
  }

  // The size up to which facets alone keep the stone off a point, or any size above `enough`.
  double off(const Vec3& p, double enough) {
    // No corner of the stone is further from its origin than its size.
    const double far = dot(p, p);
    if (far > enough * enough) return std::sqrt(far);
    const auto facets = shape_.facets();
    double most = dot(facets[hint_].normal, p) / facets[hint_].offset;
    if (most > enough) return most;
    for (std::size_t i = 0; i < facets.size(); ++i) {
      const double size = dot(facets[i].normal, p) / facets[i].offset;
      if (size <= most) continue;
      most = size;
      if (most > enough) {
        hint_ = i;
        return most;
      }
    }
    return most;
  }

  // Exact where it is below `enough`; otherwise some direction that gives as much.
  Separation separation(const Triangle& t, double enough) const {
    const Vec3& a = corners_[t[0]];
    const Vec3& b = corners_[t[1]];
    const Vec3& c = corners_[t[2]];
    Separation best{-1e300, {}};
    for (const FacetPlane& facet : shape_.facets()) {
      const double least =
          std::min({dot(facet.normal, a), dot(facet.normal, b), dot(facet.normal, c)}) - allowance_;
      if (least > best.size * facet.offset) best = {least / facet.offset, facet.normal};
    }
    if (best.size > enough) return best;
    const auto consider = [&](const Vec3& w) {
      const double size = length(w);
      if (size == 0) return;
      for (const Vec3& n : {(1 / size) * w, (-1 / size) * w}) {
        const double least = std::min({dot(n, a), dot(n, b), dot(n, c)}) - allowance_;
        if (least <= 0) continue;
        const double reached = least / shape_.support(n);
        if (reached > best.size) best = {reached, n};
      }
    };
    consider(cross(b - a, c - a));
    if (best.size > enough) return best;
    for (const Vec3& side : {b - a, c - b, a - c}) {
      for (const StoneEdge& edge : shape_.edges()) {
        const Vec3 w = cross(side, edge.direction);
        const double first = dot(w, edge.from_first);
        const double second = dot(w, edge.from_second);
        if (first * second <= 0) continue;  // the stone does not reach furthest here
        const double reach = dot(w, edge.corner);
        const double size = length(w);
        const double sign = first > 0 ? 1 : -1;
        const double least = sign * (sign > 0 ? std::min({dot(w, a), dot(w, b), dot(w, c)})
                                              : std::max({dot(w, a), dot(w, b), dot(w, c)})) -
                             allowance_ * size;
        if (least > best.size * sign * reach) {
          best = {least / (sign * reach), (sign / size) * w};
        }
      }
      if (best.size > enough) return best;
    }
    return best;
  }

  // The corners' own sizes, each exact up to `enough`.
  std::vector<double> corner_sizes(double enough) {
    std::vector<double> out;
    out.reserve(corners_.size());
    for (const Vec3& p : corners_) out.push_back(off(p, enough));
    return out;
  }

  double longest_side(const Triangle& t) const {
    return std::max({length(corners_[t[0]] - corners_[t[1]]),
                     length(corners_[t[1]] - corners_[t[2]]),
                     length(corners_[t[2]] - corners_[t[0]])});
  }

  // Calls take(triangle) for all that may be met by a stone of this size.
  template <typename Take>
  void for_each_near(double size, const Take& take) {
    // A point of a triangle is no further from a corner than its longest side.
    const auto met_up_to = [&](double side) {
      return size + (side + allowance_) / shape_.inner_radius();
    };
    const auto sizes = corner_sizes(std::min(1.5 * size + 1, met_up_to(longest_of_all_)));
    for (const Part& part : parts_) {
      const double most = met_up_to(part.longest_side);
      for (Triangle t : *part.triangles) {
        for (std::uint32_t& corner : t) corner += part.first_corner;
        const double nearest = std::min({sizes[t[0]], sizes[t[1]], sizes[t[2]]});
        if (nearest < most && nearest < met_up_to(longest_side(t))) take(t);
      }
    }
  }

  double largest(double size) {
    // No stone is larger than its origin is far from the nearest corner.
    for (const Vec3& p : corners_) size = std::min(size, off(p, size));
    if (!(size > 0)) return 0;
    const double upper = size;
    for_each_near(upper, [&](const Triangle& t) {
      if (size > 0) size = std::min(size, separation(t, size).size);
    });
    return std::max(size, 0.0);
  }

 private:
  struct Part {
    const std::vector<Triangle>* triangles;
    std::uint32_t first_corner;
    double longest_side;
  };

  void add(const std::vector<Point>& corners, const std::vector<Triangle>& triangles,
           double longest_side, const Pose& pose) {
    parts_.push_back({&triangles, static_cast<std::uint32_t>(corners_.size()), longest_side});
    longest_of_all_ = std::max(longest_of_all_, longest_side);
    corners_.reserve(corners_.size() + corners.size());
    for (const Point& p : corners) {
      corners_.push_back(transposed_times(pose.turn, to_vec(p) - pose.place));
    }
  }

  const Shape& shape_;
  double allowance_;
  std::vector<Part> parts_;
  double longest_of_all_ = 0;
  std::vector<Vec3> corners_;
  std::size_t hint_ = 0;
};

// In the hull, and below the layers.
double largest_in_hull(const Rough& rough, const Shape& shape, const Pose& pose) {
  double size = 1e300;
  const auto keep_below = [&](const Vec3& n, double offset) {
    const double room = offset - rough.allowance - dot(n, pose.place);
    size = room <= 0 ? 0 : std::min(size, room / shape.support(transposed_times(pose.turn, n)));
    return size > 0;
  };
  for (const HullPlane& plane : rough.planes) {
    const Vec3 d = to_vec(plane.normal);
    const double scale = 1 / length(d);
    if (!keep_below(scale * d, static_cast<double>(plane.offset) * scale)) return 0;
  }
  for (const Layer& layer : rough.layers) {
    if (!keep_below(unit(to_vec(layer.direction)), layer.offset)) return 0;
  }
  return size;
}

bool is_in_hull(const Inclusion& inclusion, const Vec3& point) {
  return std::ranges::all_of(inclusion.triangles, [&](const Triangle& t) {
    const Point& corner = inclusion.corners[t[0]];
    const Direction n = normal_of(corner, inclusion.corners[t[1]], inclusion.corners[t[2]]);
    return dot(to_vec(n), point - to_vec(corner)) < 0;
  });
}

}  // namespace

double largest_size(const Room& room, const Shape& shape, const Pose& pose) {
  const Rough& rough = room.rough;
  const double in_hull = largest_in_hull(rough, shape, pose);
  if (in_hull <= 0 || (rough.is_convex && room.avoided.empty())) return in_hull;
  if (!rough.is_convex && !is_inside(rough.solid, pose.place)) return 0;
  for (const std::uint16_t i : room.avoided) {
    if (is_in_hull(rough.inclusions[i], pose.place)) return 0;
  }
  return Fitting(room, shape, pose).largest(in_hull);
}

bool is_clear_of(const Rough& rough, std::uint16_t inclusion, const Shape& shape, const Pose& pose,
                 double size) {
  return largest_size(Room(rough, {inclusion}), shape, pose) >= size;
}

std::vector<Parting> partings(const Room& room, const Shape& shape, const Pose& pose, double size,
                              double within, double apart) {
  Fitting fitting(room, shape, pose);
  std::vector<Separation> parts;
  const double most = size * (1 + within);
  fitting.for_each_near(most, [&](const Triangle& t) {
    // Any plane that is beyond the stone will do.
    const Separation part = fitting.separation(t, size);
    if (part.size > 0 && part.size <= most) parts.push_back(part);
  });
  std::ranges::sort(parts, {}, [](const Separation& p) {
    return std::tuple(p.size, p.direction.x, p.direction.y, p.direction.z);
  });
  std::vector<Parting> out;
  for (const Separation& part : parts) {
    const Vec3 direction = pose.turn * part.direction;
    const auto near = [&](const Parting& p) {
      return dot(p.direction, direction) > std::cos(apart);
    };
    if (std::ranges::any_of(out, near)) continue;
    out.push_back(
        {direction, part.size * shape.support(part.direction) + dot(direction, pose.place)});
    if (out.size() == 200) break;
  }
  return out;
}

bool is_inside(const Solid& solid, const Vec3& point) {
  std::vector<Vec3> rays;
  std::vector<double> lengths;
  for (const Point& p : solid.corners) {
    rays.push_back(to_vec(p) - point);
    lengths.push_back(length(rays.back()));
  }
  double angle = 0;  // twice the solid angle is 4 pi inside, 0 outside
  for (const Triangle& t : solid.triangles) {
    const Vec3& a = rays[t[0]];
    const Vec3& b = rays[t[1]];
    const Vec3& c = rays[t[2]];
    const double la = lengths[t[0]];
    const double lb = lengths[t[1]];
    const double lc = lengths[t[2]];
    const double volume = dot(a, cross(b, c));
    const double other = la * lb * lc + dot(a, b) * lc + dot(b, c) * la + dot(c, a) * lb;
    angle += std::atan2(volume, other);
  }
  return angle > std::numbers::pi;
}

}  // namespace intaglio::stone
