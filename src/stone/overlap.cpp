#include "stone/overlap.h"

#include <algorithm>

namespace intaglio::stone {
namespace {

// A corner of a piece that two triangles have in common as seen from above: where, how high the
// first triangle is there, and how much higher than the second.
struct PieceCorner {
  double x;
  double y;
  double z;
  double above;
};

PieceCorner between(const PieceCorner& a, const PieceCorner& b, double part) {
  return {a.x + part * (b.x - a.x), a.y + part * (b.y - a.y), a.z + part * (b.z - a.z),
          a.above + part * (b.above - a.above)};
}

// A convex piece. Each of four cuts adds a corner, or some more where rounding makes a side wavy.
class Piece {
 public:
  void add(const PieceCorner& corner) { corners_[count_++] = corner; }
  std::size_t count() const { return count_; }
  PieceCorner& operator[](std::size_t i) { return corners_[i]; }
  const PieceCorner& operator[](std::size_t i) const { return corners_[i]; }

  // What is left where side(corner) is not below 0. A corner that is cut off is replaced by points
  // of the sides that it ends: each is on its side whatever rounding does.
  template <typename Side>
  Piece cut(const Side& side) const {
    Piece out;
    if (count_ == 0) return out;
    double before = side(corners_[count_ - 1]);
    for (std::size_t i = 0; i < count_; ++i) {
      const double here = side(corners_[i]);
      if ((before < 0) != (here < 0)) {
        const PieceCorner& from = corners_[i == 0 ? count_ - 1 : i - 1];
        out.add(between(from, corners_[i], before / (before - here)));
      }
      if (here >= 0) out.add(corners_[i]);
      before = here;
    }
    return out;
  }

  // The integral over it of what is given at its corners and linear between them.
  template <typename Value>
  double integral(const Value& value) const {
    double sum = 0;
    for (std::size_t i = 2; i < count_; ++i) {
      const PieceCorner& a = corners_[0];
      const PieceCorner& b = corners_[i - 1];
      const PieceCorner& c = corners_[i];
      const double area = (b.x - a.x) * (c.y - a.y) - (c.x - a.x) * (b.y - a.y);
      sum += area * (value(a) + value(b) + value(c));
    }
    return sum / 6;
  }

 private:
  static constexpr std::size_t kMost = 16;
  std::array<PieceCorner, kMost> corners_;
  std::size_t count_ = 0;
};

// A triangle as seen from above, counter-clockwise; `sign` is -1 when it is seen from below.
struct Flat {
  std::array<Vec3, 3> corners;
  double area = 0;  // twice
  double sign = 1;
};

Flat flat_of(const PlacedMesh& mesh, const Triangle& t, const Vec3& origin) {
  Flat out;
  for (std::size_t k = 0; k < 3; ++k) out.corners[k] = mesh.corners[t[k]] - origin;
  const Vec3 ab = out.corners[1] - out.corners[0];
  const Vec3 ac = out.corners[2] - out.corners[0];
  out.area = ab.x * ac.y - ac.x * ab.y;
  if (out.area < 0) {
    std::swap(out.corners[1], out.corners[2]);
    out.area = -out.area;
    out.sign = -1;
  }
  return out;
}

// How high a triangle is above a place in it.
double height_at(const Flat& t, double x, double y) {
  const Vec3& a = t.corners[0];
  const Vec3& b = t.corners[1];
  const Vec3& c = t.corners[2];
  const double in_b = (x - a.x) * (c.y - a.y) - (c.x - a.x) * (y - a.y);
  const double in_c = (b.x - a.x) * (y - a.y) - (x - a.x) * (b.y - a.y);
  const double z = a.z + (in_b * (b.z - a.z) + in_c * (c.z - a.z)) / t.area;
  // A steep triangle is narrow from above, and rounding may throw its height anywhere.
  return std::clamp(z, std::min({a.z, b.z, c.z}), std::max({a.z, b.z, c.z}));
}

// The integral of the lower of both over where both are.
double integral_of_lower(const Flat& t, const Flat& u) {
  Piece piece;
  for (const Vec3& corner : t.corners) piece.add({corner.x, corner.y, corner.z, 0});
  for (std::size_t k = 0; k < 3; ++k) {
    const Vec3& from = u.corners[k];
    const Vec3 along = u.corners[(k + 1) % 3] - from;
    piece = piece.cut(
        [&](const PieceCorner& p) { return along.x * (p.y - from.y) - along.y * (p.x - from.x); });
    if (piece.count() < 3) return 0;
  }
  bool any_above = false;
  for (std::size_t i = 0; i < piece.count(); ++i) {
    piece[i].above = piece[i].z - height_at(u, piece[i].x, piece[i].y);
    any_above = any_above || piece[i].above > 0;
  }
  const double whole = piece.integral([](const PieceCorner& p) { return p.z; });
  if (!any_above) return whole;
  const auto above = [](const PieceCorner& p) { return p.above; };
  return whole - piece.cut(above).integral(above);
}

}  // namespace

double common_volume(const PlacedMesh& a, const PlacedMesh& b) {
  if (a.corners.empty() || b.corners.empty()) return 0;
  Box box;
  for (const Vec3& corner : a.corners) box.take(corner);
  const Vec3 origin = 0.5 * (box.low + box.high);
  std::vector<Flat> others;
  std::vector<Box> boxes;
  for (const Triangle& t : b.triangles) {
    const Flat flat = flat_of(b, t, origin);
    if (flat.area == 0) continue;  // upright: nothing is above it
    others.push_back(flat);
    Box& around = boxes.emplace_back();
    for (const Vec3& corner : flat.corners) around.take({corner.x, corner.y, 0});
  }
  const BoxTree tree(boxes);
  double sum = 0;
  double lost = 0;  // by adding up, after Neumaier
  for (const Triangle& t : a.triangles) {
    const Flat flat = flat_of(a, t, origin);
    if (flat.area == 0) continue;
    Box around;
    for (const Vec3& corner : flat.corners) around.take({corner.x, corner.y, 0});
    double part = 0;
    tree.for_each_touching(around, [&](std::uint32_t number) {
      part += others[number].sign * integral_of_lower(flat, others[number]);
    });
    part *= flat.sign;
    const double next = sum + part;
    lost += std::abs(sum) >= std::abs(part) ? (sum - next) + part : (part - next) + sum;
    sum = next;
  }
  return sum + lost;
}

}  // namespace intaglio::stone
