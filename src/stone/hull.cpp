#include "stone/hull.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <tuple>

#include "base/check.h"

namespace intaglio::stone {
namespace {

constexpr std::uint32_t kNone = UINT32_MAX;

struct Face {
  Triangle corners;
  Triangle beside;  // across the edge from corner k to corner k + 1
  Direction normal;
  Wide offset;
  Vec3 approximate;  // normal and offset for the filter
  double approximate_offset;
  std::vector<std::uint32_t> above;  // points strictly outside of this face, each in one face
  bool gone = false;
};

// An edge of the region that a point sees, with the face beyond it that the point does not see.
struct HorizonEdge {
  std::uint32_t from;
  std::uint32_t to;
  std::uint32_t beyond;
};

class Builder {
 public:
  explicit Builder(const std::vector<Point>& points)
      : points_(points), face_from_(points.size(), kNone) {}

  Result<std::vector<Triangle>> build() {
    const auto first = first_tetrahedron();
    if (!first) return refuse(Verdict::mesh_empty, "all corners lie in one plane");
    std::vector<std::uint32_t> all(points_.size());
    std::iota(all.begin(), all.end(), 0U);
    distribute(all, 0);
    // Faces are appended, so this comes by every one that is made.
    for (std::uint32_t f = 0; f < faces_.size(); ++f) {
      if (!faces_[f].gone && !faces_[f].above.empty()) add(f);
    }
    std::vector<Triangle> out;
    for (const Face& face : faces_) {
      if (!face.gone) out.push_back(face.corners);
    }
    return out;
  }

 private:
  // The sign of how far a point is outside of a face.
  int side(const Face& face, std::uint32_t point) const {
    const Point& p = points_[point];
    const Vec3 v = to_vec(p);
    const double x = face.approximate.x * v.x;
    const double y = face.approximate.y * v.y;
    const double z = face.approximate.z * v.z;
    const double value = x + y + z - face.approximate_offset;
    const double error =
        1e-15 * (std::abs(x) + std::abs(y) + std::abs(z) + std::abs(face.approximate_offset));
    if (value > error) return 1;
    if (value < -error) return -1;
    const Wide exact = dot(face.normal, p) - face.offset;
    return exact > 0 ? 1 : exact < 0 ? -1 : 0;
  }

  std::uint32_t make_face(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
    Face face;
    face.corners = {a, b, c};
    face.beside = {kNone, kNone, kNone};
    face.normal = normal_of(points_[a], points_[b], points_[c]);
    CHECK(face.normal != Direction{});
    face.offset = dot(face.normal, points_[a]);
    face.approximate = to_vec(face.normal);
    face.approximate_offset = static_cast<double>(face.offset);
    faces_.push_back(std::move(face));
    return static_cast<std::uint32_t>(faces_.size() - 1);
  }

  std::optional<Triangle> first_triangle() const;
  bool first_tetrahedron();
  void distribute(const std::vector<std::uint32_t>& points, std::uint32_t first_face);
  std::uint32_t furthest(const Face& face) const;
  void look(std::uint32_t start, std::uint32_t point, std::vector<std::uint32_t>& seen,
            std::vector<HorizonEdge>& horizon);
  void add(std::uint32_t start);

  const std::vector<Point>& points_;
  std::vector<Face> faces_;
  std::vector<std::uint32_t> face_from_;  // scratch: the new face whose edge starts at a point
};

// Two points far apart and a third that is not in line with them.
std::optional<Triangle> Builder::first_triangle() const {
  if (points_.empty()) return std::nullopt;
  std::uint32_t a = 0;
  std::uint32_t b = 0;
  for (std::uint32_t i = 0; i < points_.size(); ++i) {
    if (points_[i] < points_[a]) a = i;
    if (points_[i] > points_[b]) b = i;
  }
  std::uint32_t c = kNone;
  double widest = -1;
  for (std::uint32_t i = 0; i < points_.size(); ++i) {
    const Direction n = normal_of(points_[a], points_[b], points_[i]);
    if (n == Direction{}) continue;
    const double wide = length(to_vec(n));
    if (wide > widest) {
      widest = wide;
      c = i;
    }
  }
  if (c == kNone) return std::nullopt;
  return Triangle{a, b, c};
}

bool Builder::first_tetrahedron() {
  const auto base = first_triangle();
  if (!base) return false;
  auto [a, b, c] = *base;
  const Direction n = normal_of(points_[a], points_[b], points_[c]);
  const Wide offset = dot(n, points_[a]);
  std::uint32_t d = kNone;
  Wide furthest = 0;
  for (std::uint32_t i = 0; i < points_.size(); ++i) {
    const Wide height = dot(n, points_[i]) - offset;
    const Wide size = height < 0 ? -height : height;
    if (size > furthest) {
      furthest = size;
      d = i;
    }
  }
  if (d == kNone) return false;
  if (dot(n, points_[d]) > offset) std::swap(b, c);
  // d is below a, b, c now.
  const std::uint32_t bottom = make_face(a, b, c);
  const std::array<std::uint32_t, 3> sides = {make_face(b, a, d), make_face(c, b, d),
                                              make_face(a, c, d)};
  for (std::uint32_t k = 0; k < 3; ++k) {
    faces_[bottom].beside[k] = sides[k];
    faces_[sides[k]].beside = {bottom, sides[(k + 2) % 3], sides[(k + 1) % 3]};
  }
  return true;
}

// Gives each point that is outside to the first face, from `first_face` on, that it is outside of.
void Builder::distribute(const std::vector<std::uint32_t>& points, std::uint32_t first_face) {
  for (const std::uint32_t point : points) {
    for (std::uint32_t f = first_face; f < faces_.size(); ++f) {
      if (side(faces_[f], point) <= 0) continue;
      faces_[f].above.push_back(point);
      break;
    }
  }
}

std::uint32_t Builder::furthest(const Face& face) const {
  std::uint32_t best = face.above.front();
  Wide height = dot(face.normal, points_[best]);
  for (const std::uint32_t point : face.above) {
    const Wide other = dot(face.normal, points_[point]);
    if (other > height) {
      best = point;
      height = other;
    }
  }
  return best;
}

// Everything that `point` sees, faces whose plane it lies in included: the point as if it stood a
// little further out, so that the region is one and no new face is a line.
void Builder::look(std::uint32_t start, std::uint32_t point, std::vector<std::uint32_t>& seen,
                   std::vector<HorizonEdge>& horizon) {
  seen = {start};
  faces_[start].gone = true;
  for (std::size_t i = 0; i < seen.size(); ++i) {
    for (std::size_t k = 0; k < 3; ++k) {
      const std::uint32_t other = faces_[seen[i]].beside[k];
      if (faces_[other].gone) continue;
      if (side(faces_[other], point) >= 0) {
        faces_[other].gone = true;
        seen.push_back(other);
      }
    }
  }
  horizon.clear();
  for (const std::uint32_t f : seen) {
    const Face& face = faces_[f];
    for (std::size_t k = 0; k < 3; ++k) {
      if (faces_[face.beside[k]].gone) continue;
      horizon.push_back({face.corners[k], face.corners[(k + 1) % 3], face.beside[k]});
    }
  }
}

void Builder::add(std::uint32_t start) {
  const std::uint32_t point = furthest(faces_[start]);
  std::vector<std::uint32_t> seen;
  std::vector<HorizonEdge> horizon;
  look(start, point, seen, horizon);
  const auto first_new = static_cast<std::uint32_t>(faces_.size());
  for (const HorizonEdge& edge : horizon) {
    const std::uint32_t made = make_face(edge.from, edge.to, point);
    CHECK(face_from_[edge.from] == kNone);  // the horizon is one round
    face_from_[edge.from] = made;
    faces_[made].beside[0] = edge.beyond;
    Face& beyond = faces_[edge.beyond];
    for (std::size_t k = 0; k < 3; ++k) {
      if (beyond.corners[k] == edge.to && beyond.corners[(k + 1) % 3] == edge.from) {
        beyond.beside[k] = made;
      }
    }
  }
  for (const HorizonEdge& edge : horizon) {
    const std::uint32_t here = face_from_[edge.from];
    const std::uint32_t next = face_from_[edge.to];
    CHECK(next != kNone);
    faces_[here].beside[1] = next;
    faces_[next].beside[2] = here;
  }
  for (const HorizonEdge& edge : horizon) face_from_[edge.from] = kNone;
  for (const std::uint32_t f : seen) {
    const std::vector<std::uint32_t> above = std::move(faces_[f].above);
    faces_[f].above = {};
    distribute(above, first_new);
  }
}

}  // namespace

Result<std::vector<Triangle>> convex_hull(const std::vector<Point>& points) {
  return Builder(points).build();
}

std::vector<HullPlane> hull_planes(const std::vector<Point>& points,
                                   const std::vector<Triangle>& hull) {
  struct Side {
    Direction primitive;  // the normal without common factor: equal for one facet's triangles
    HullPlane plane;
  };
  std::vector<Side> sides;
  for (const Triangle& t : hull) {
    const Direction n = normal_of(points[t[0]], points[t[1]], points[t[2]]);
    const std::int64_t common = std::gcd(std::gcd(n.x, n.y), n.z);
    const Direction primitive{n.x / common, n.y / common, n.z / common};
    sides.push_back({primitive, {primitive, dot(primitive, points[t[0]]), length(to_vec(n))}});
  }
  std::ranges::sort(sides, {}, &Side::primitive);
  std::vector<HullPlane> planes;
  for (std::size_t i = 0; i < sides.size(); ++i) {
    if (i > 0 && sides[i].primitive == sides[i - 1].primitive) {
      planes.back().area += sides[i].plane.area;
    } else {
      planes.push_back(sides[i].plane);
    }
  }
  for (HullPlane& plane : planes) {
    const Vec3 n = to_vec(plane.normal);
    plane.direction = (1 / length(n)) * n;
    plane.reach = static_cast<double>(plane.offset) / length(n);
  }
  std::ranges::sort(planes, [](const HullPlane& a, const HullPlane& b) {
    return std::tie(b.area, a.normal) < std::tie(a.area, b.normal);
  });
  return planes;
}

}  // namespace intaglio::stone
