#include "stone/fit.h"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <tuple>

namespace intaglio::stone {
namespace {

constexpr double kBeyond = 1;  // a box is looked into when it is nearer than its size times this

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
      : shape_(shape), pose_(pose), allowance_(room.rough.allowance) {
    const Rough& rough = room.rough;
    const auto& trees = *rough.trees;
    if (!rough.is_convex) parts_.push_back({rough.solid.corners, rough.solid.triangles, trees[0]});
    for (const std::uint16_t i : room.avoided) {
      const Inclusion& inclusion = rough.inclusions[i];
      parts_.push_back({inclusion.corners, inclusion.triangles, trees[1 + i]});
    }
    for (const FacetPlane& facet : shape.facets()) {
      const Vec3 n = (1 / facet.offset) * (pose.turn * facet.normal);
      sides_.push_back(
          {n, {std::abs(n.x), std::abs(n.y), std::abs(n.z)}, allowance_ / facet.offset});
    }
  }

  double largest(double size) {
    for (const Part& part : parts_) {
      part.tree.for_each_less(
          [&](const Box& box, double most) { return least_size(box, most); }, size,
          [&](std::uint32_t number, double most) {
            size = std::min(most, separation(corners_of(part, number), most).size);
            return size;
          });
    }
    return std::max(size, 0.0);
  }

  // Directions that have all on their far side that a stone of size `most` may meet: exact for
  // triangles that one of that size would touch, and for others the less so the further they are,
  // since one facet may have a whole box on its far side.
  std::vector<Separation> separations(double size, double most) {
    std::vector<Separation> out;
    const auto bound = [&](const Box& box, double) {
      const double least = least_size(box, most);
      if (least >= most) return most;
      const FacetPlane& facet = shape_.facets()[hint_];
      const double beyond = (by(sides_[hint_], box) - size) * facet.offset;
      if (beyond < kBeyond * length(box.size())) return least;
      out.push_back({by(sides_[hint_], box), facet.normal});
      return most;
    };
    for (const Part& part : parts_) {
      part.tree.for_each_less(bound, most, [&](std::uint32_t number, double) {
        const Separation found = separation(corners_of(part, number), size);
        if (found.size > 0 && found.size <= most) out.push_back(found);
        return most;
      });
    }
    return out;
  }

 private:
  struct Part {
    const std::vector<Point>& corners;
    const std::vector<Triangle>& triangles;
    const BoxTree& tree;
  };
  // A facet in the rough's frame, by its offset.
  struct Side {
    Vec3 normal;
    Vec3 absolute;
    double allowance;
  };

  // In the stone's frame.
  std::array<Vec3, 3> corners_of(const Part& part, std::uint32_t number) const {
    const Triangle& t = part.triangles[number];
    std::array<Vec3, 3> out;
    for (std::size_t k = 0; k < 3; ++k) {
      out[k] = transposed_times(pose_.turn, to_vec(part.corners[t[k]]) - pose_.place);
    }
    return out;
  }

  // The size up to which a facet has all of a box on its far side.
  double by(const Side& side, const Box& box) const {
    return dot(side.normal, 0.5 * (box.low + box.high) - pose_.place) -
           dot(side.absolute, 0.5 * box.size()) - side.allowance;
  }

  // No stone that is smaller meets what is in the box; anything from `most` on where none of that
  // size does. The last facet that is looked for is the best one, up to `most`.
  double least_size(const Box& box, double most) {
    // No corner of the stone is further from its origin than its size, but for the grid.
    const double away = (1 - 1e-7) * std::sqrt(square_to(box, pose_.place)) - allowance_;
    if (away >= most) return away;
    double least = by(sides_[hint_], box);
    for (std::size_t i = 0; i < sides_.size() && least < most; ++i) {
      const double here = by(sides_[i], box);
      if (here <= least) continue;
      least = here;
      hint_ = i;
    }
    return std::max(away, least);
  }

  // Exact where it is below `enough`; otherwise some direction that gives as much.
  Separation separation(const std::array<Vec3, 3>& t, double enough) const {
    const auto& [a, b, c] = t;
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

  const Shape& shape_;
  const Pose& pose_;
  double allowance_;
  std::vector<Part> parts_;
  std::vector<Side> sides_;
  std::size_t hint_ = 0;
};

// Below the layers and, where the rough is its hull, in that.
double largest_in_planes(const Rough& rough, const Shape& shape, const Pose& pose) {
  double size = 1e300;
  const auto keep_below = [&](const Vec3& n, double offset) {
    const double room = offset - rough.allowance - dot(n, pose.place);
    size = room <= 0 ? 0 : std::min(size, room / shape.support(transposed_times(pose.turn, n)));
    return size > 0;
  };
  if (rough.is_convex) {
    for (const HullPlane& plane : rough.planes) {
      if (!keep_below(plane.direction, plane.reach)) return 0;
    }
  }
  for (const Layer& layer : rough.layers) {
    if (!keep_below(unit(to_vec(layer.direction)), layer.offset)) return 0;
  }
  return size;
}

// What a ray goes through from the middle of a point's cube of the grid, straight up along z. In
// whole numbers of half a nanometre, and as if it began a little further along x, by less along y
// and by still less along z: it meets no edge and begins in no triangle.
class Ray {
 public:
  explicit Ray(const Vec3& point) : x_(odd(point.x)), y_(odd(point.y)), z_(odd(point.z)) {}

  // 1 where it goes through the triangle to its outer side, -1 to its inner, 0 where it does not.
  int leaves(const Solid& solid, const Triangle& t) const {
    const Point& a = solid.corners[t[0]];
    const Point& b = solid.corners[t[1]];
    const Point& c = solid.corners[t[2]];
    const int side = left_of(a, b);
    if (left_of(b, c) != side || left_of(c, a) != side) return 0;
    const Direction n = normal_of(a, b, c);
    const Wide over = static_cast<Wide>(n.x) * (x_ - 2 * std::int64_t{a.x}) +
                      static_cast<Wide>(n.y) * (y_ - 2 * std::int64_t{a.y}) +
                      static_cast<Wide>(n.z) * (z_ - 2 * std::int64_t{a.z});
    // Seen from above the triangle goes round counter-clockwise, or is seen from its inner side.
    const int outside = sign_of({over, n.x, n.y, n.z});
    return outside == side ? 0 : side;
  }

  Box box() const {
    const Vec3 from{0.5 * static_cast<double>(x_), 0.5 * static_cast<double>(y_),
                    0.5 * static_cast<double>(z_)};
    return {from, {from.x, from.y, 1e300}};
  }

 private:
  static std::int64_t odd(double value) {
    return 2 * static_cast<std::int64_t>(std::floor(value)) + 1;
  }
  // Of the first that is not 0.
  static int sign_of(std::initializer_list<Wide> values) {
    for (const Wide value : values) {
      if (value != 0) return value > 0 ? 1 : -1;
    }
    return 0;
  }
  // Which side of an edge it passes on, seen from above: 1 for the left.
  int left_of(const Point& a, const Point& b) const {
    const std::int64_t along_x = std::int64_t{b.x} - a.x;
    const std::int64_t along_y = std::int64_t{b.y} - a.y;
    const std::int64_t side =
        along_x * (y_ - 2 * std::int64_t{a.y}) - along_y * (x_ - 2 * std::int64_t{a.x});
    return sign_of({side, -along_y, along_x});
  }

  std::int64_t x_;
  std::int64_t y_;
  std::int64_t z_;
};

// Nothing where no corner of a solid can be.
std::optional<Ray> above(const Vec3& point) {
  const double most = std::max({std::abs(point.x), std::abs(point.y), std::abs(point.z)});
  if (!(most < kMaxCoordinate)) return std::nullopt;
  return Ray(point);
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
  const double in_planes = largest_in_planes(rough, shape, pose);
  if (in_planes <= 0 || (rough.is_convex && room.avoided.empty())) return in_planes;
  if (!rough.is_convex && !is_inside(rough, pose.place)) return 0;
  for (const std::uint16_t i : room.avoided) {
    if (is_in_hull(rough.inclusions[i], pose.place)) return 0;
  }
  return Fitting(room, shape, pose).largest(in_planes);
}

bool is_clear_of(const Rough& rough, std::uint16_t inclusion, const Shape& shape, const Pose& pose,
                 double size) {
  return largest_size(Room(rough, {inclusion}), shape, pose) >= size;
}

std::vector<Parting> partings(const Room& room, const Shape& shape, const Pose& pose, double size,
                              double within, double apart) {
  // Any plane that is beyond the stone will do.
  auto parts = Fitting(room, shape, pose).separations(size, size * (1 + within));
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
  const auto from = above(point);
  if (!from) return false;
  int out = 0;
  for (const Triangle& t : solid.triangles) out += from->leaves(solid, t);
  return out > 0;
}

bool is_inside(const Rough& rough, const Vec3& point) {
  const auto from = above(point);
  if (!from) return false;
  int out = 0;
  rough.trees->front().for_each_touching(from->box(), [&](std::uint32_t number) {
    out += from->leaves(rough.solid, rough.solid.triangles[number]);
  });
  return out > 0;
}

std::vector<Point> places_inside(const Rough& rough, int along) {
  const Box box = box_of(rough.solid.corners);
  const Vec3 step = (1.0 / along) * box.size();
  std::vector<Point> out;
  for (int i = 0; i < along; ++i) {
    for (int j = 0; j < along; ++j) {
      for (int k = 0; k < along; ++k) {
        const Vec3 at = box.low + Vec3{(i + 0.5) * step.x, (j + 0.5) * step.y, (k + 0.5) * step.z};
        if (!is_inside(rough, at)) continue;
        out.push_back({static_cast<std::int32_t>(at.x), static_cast<std::int32_t>(at.y),
                       static_cast<std::int32_t>(at.z)});
      }
    }
  }
  return out;
}

}  // namespace intaglio::stone
