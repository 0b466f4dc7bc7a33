#include "stone/verified_cells.h"

#include <algorithm>
#include <map>
#include <numbers>

#include "base/format.h"
#include "stone/hull.h"

namespace intaglio::stone {
namespace {

// Sines, roots and products of numbers up to 1 are known to some 1e-15; the root of a difference of
// such to the root of that.
constexpr double kRooted = 2.5e-8;
constexpr double kRounded = 1e-12;  // of sums of few terms, relative
constexpr int kMostDepth = 40;      // halved as often, corners of cells are still exact

struct Triangle3 {
  Vec3 a;
  Vec3 b;
  Vec3 c;
};

struct OpenCell {
  Triangle3 seen;
  double spin_from;  // in parts of the period
  double spin_to;
  std::uint32_t root;
  int depth;
};

Vec3 halfway(const Vec3& p, const Vec3& q) {
  return {(p.x + q.x) / 2, (p.y + q.y) / 2, (p.z + q.z) / 2};
}

// The four parts of a triangle: at its corners, then the one in the middle.
Triangle3 part_of(const Triangle3& t, std::uint32_t which) {
  const Vec3 ab = halfway(t.a, t.b);
  const Vec3 bc = halfway(t.b, t.c);
  const Vec3 ca = halfway(t.c, t.a);
  switch (which) {
    case 0: return {t.a, ab, ca};
    case 1: return {ab, t.b, bc};
    case 2: return {ca, bc, t.c};
    default: return {ab, bc, ca};
  }
}

Triangle3 root_triangle(std::uint32_t root) {
  const std::uint32_t octant = root / 16;
  const double x = octant & 1 ? -1 : 1;
  const double y = octant & 2 ? -1 : 1;
  const double z = octant & 4 ? -1 : 1;
  return part_of(part_of({{x, 0, 0}, {0, y, 0}, {0, 0, z}}, root / 4 % 4), root % 4);
}

// The frame that goes with a direction: the root's own, carried there the short way. Columns are
// the images of x, y and z.
struct Frame {
  Vec3 x;
  Vec3 y;
  Vec3 z;
};

Vec3 root_middle(std::uint32_t root) {
  const Triangle3 t = root_triangle(root);
  return unit(t.a + t.b + t.c);
}

Frame frame_at(std::uint32_t root, const Vec3& direction) {
  const Vec3 c = root_middle(root);
  const double ax = std::abs(c.x);
  const double ay = std::abs(c.y);
  const double az = std::abs(c.z);
  const Vec3 side = az < std::min(ax, ay) ? Vec3{0, 0, 1} : ay < ax ? Vec3{0, 1, 0} : Vec3{1, 0, 0};
  const Vec3 x = unit(cross(side, c));
  const Vec3 y = cross(c, x);
  const Vec3 axis = cross(c, direction);
  const double k = 1 / (1 + dot(c, direction));
  // Rodrigues' formula for the rotation from c to the direction.
  const auto carried = [&](const Vec3& v) {
    return dot(c, direction) * v + cross(axis, v) + k * dot(axis, v) * axis;
  };
  return {carried(x), carried(y), direction};
}

// A cell as its bound sees it.
struct Seen {
  Frame frame;
  double cos_tilt;
  double sin_tilt;
  double cos_spin;
  double sin_spin;
};

Seen seen_from_centre(const OpenCell& cell, std::uint32_t symmetry) {
  const Vec3 a = unit(cell.seen.a);
  const Vec3 b = unit(cell.seen.b);
  const Vec3 c = unit(cell.seen.c);
  Vec3 round = unit(cross(b - a, c - a));
  if (dot(round, a) < 0) round = -1 * round;
  const Vec3 middle = unit(a + b + c);
  const auto least = [&](const Vec3& d) {
    return std::min(dot(d, a), std::min(dot(d, b), dot(d, c)));
  };
  const Vec3 centre = least(round) > least(middle) ? round : middle;
  Seen out;
  // Rounding may only make the cell wider.
  out.cos_tilt = least(centre) - 4e-16;
  out.sin_tilt = std::sqrt(std::max(0.0, (1 - out.cos_tilt) * (1 + out.cos_tilt)));
  const Vec3 from = root_middle(cell.root);
  const double apart = dot(from, centre);
  const double far = length(cross(from, centre)) / (1 + apart);
  const double near = out.sin_tilt / (1 + out.cos_tilt);
  const double period = 2 * std::numbers::pi / symmetry;
  const double spin =
      (cell.spin_to - cell.spin_from) / 2 * period + 2 * std::asin(std::min(1.0, far * near));
  const double widest = std::min(spin * (1 + 1e-13) + 1e-14, period / 2);
  out.cos_spin = std::cos(widest);
  out.sin_spin = std::sin(widest);
  const double turn = (cell.spin_from + cell.spin_to) / 2 * period;
  const Frame carried = frame_at(cell.root, centre);
  const double cosine = std::cos(turn);
  const double sine = std::sin(turn);
  out.frame = {cosine * carried.x + sine * carried.y, cosine * carried.y - sine * carried.x,
               carried.z};
  return out;
}

// How far the corner certainly reaches in that direction in all rotations of the cell.
double certain_reach(const Vec3& corner, const Vec3& u, double across, const Seen& cell) {
  const double p = u.x * corner.x + u.y * corner.y;
  const double q = std::abs(u.x * corner.y - u.y * corner.x);
  const double radius = std::hypot(corner.x, corner.y);
  const double whole = radius * across;
  const double low = p >= -whole * cell.cos_spin ? p * cell.cos_spin - q * cell.sin_spin : -whole;
  const double high = p >= whole * cell.cos_spin ? whole : p * cell.cos_spin + q * cell.sin_spin;
  const double up = corner.z * u.z;
  if (low + up <= 0) return 0;
  const double a = radius * u.z;
  const double b = corner.z * across;
  const double lever = std::sqrt(std::max(0.0, a * a + b * b - 2 * up * (up > 0 ? low : high)));
  return cell.cos_tilt * (low + up) - cell.sin_tilt * lever -
         (1 - cell.cos_tilt) * (whole - low) / 2;
}

double certain_support(const CheckedDesign& design, const Vec3& direction, const Seen& cell) {
  const Vec3 u{dot(direction, cell.frame.x), dot(direction, cell.frame.y),
               dot(direction, cell.frame.z)};
  const double across = std::hypot(u.x, u.y);
  double most = 0;
  for (const Vec3& corner : design.corners) {
    most = std::max(most, certain_reach(corner, u, across, cell));
  }
  return std::max(design.inner_radius, most - design.asymmetry - kRooted);
}

bool is_bounded(const CheckedRows& rows, const CheckedDesign& design, const ProofCell& leaf,
                const Seen& cell, double size) {
  double reach = 0;
  double support = 0;
  double scale = 0;
  Vec3 rest;
  for (std::size_t k = 0; k < 4; ++k) {
    if (leaf.weights[k] == 0) continue;
    if (leaf.rows[k] >= rows.directions.size()) return false;
    const double weight = leaf.weights[k];
    const Vec3& direction = rows.directions[leaf.rows[k]];
    reach += weight * rows.reaches[leaf.rows[k]];
    support += weight * certain_support(design, direction, cell);
    scale += weight;
    rest = rest + weight * direction;
  }
  reach += rows.radius * (std::abs(rest.x) + std::abs(rest.y) + std::abs(rest.z));
  reach += kRounded * scale * rows.radius;
  return scale > 0 && reach <= size * support * (1 - kRounded);
}

}  // namespace

Result<CheckedDesign> check_design(const DesignProof& design) {
  const auto refuted = [](const char* what) { return refuse(Verdict::plan_refuted, what); };
  for (const Point& p : design.corners) {
    for (const std::int32_t part : {p.x, p.y, p.z}) {
      if (part <= -kMaxCoordinate || part >= kMaxCoordinate) return refuted("a design's corner");
    }
  }
  const auto hull = convex_hull(design.corners);
  if (!hull) return refuted("a design is no body");
  // The hull is not believed: every corner is on the inner side of each of its faces, and the faces
  // are closed.
  CheckedDesign out;
  out.inner_radius = 1e300;
  std::map<std::pair<std::uint32_t, std::uint32_t>, int> sides;
  for (const Triangle& t : *hull) {
    const Direction n = normal_of(design.corners[t[0]], design.corners[t[1]], design.corners[t[2]]);
    const Wide offset = dot(n, design.corners[t[0]]);
    if (offset <= 0) return refuted("a design without its origin");
    for (const Point& p : design.corners) {
      if (dot(n, p) > offset) return refuted("a design that is not convex");
    }
    out.inner_radius =
        std::min(out.inner_radius, static_cast<double>(offset) / length(to_vec(n)) / kDesignUnit);
    for (std::size_t k = 0; k < 3; ++k) ++sides[{t[k], t[(k + 1) % 3]}];
  }
  for (const auto& [side, count] : sides) {
    const auto back = sides.find({side.second, side.first});
    if (count != 1 || back == sides.end()) return refuted("a design that is open");
  }
  out.inner_radius *= 1 - 1e-12;
  out.faces = *hull;
  out.volume = static_cast<double>(volume_six(design.corners, *hull)) / 6 /
               (kDesignUnit * kDesignUnit * kDesignUnit);
  for (const Point& p : design.corners) out.corners.push_back((1 / kDesignUnit) * to_vec(p));
  for (std::uint32_t k = 1; k < design.symmetry; ++k) {
    const double angle = 2 * std::numbers::pi * k / design.symmetry;
    for (const Vec3& p : out.corners) {
      const Vec3 turned{std::cos(angle) * p.x - std::sin(angle) * p.y,
                        std::sin(angle) * p.x + std::cos(angle) * p.y, p.z};
      double nearest = 4;
      for (const Vec3& q : out.corners) nearest = std::min(nearest, length(turned - q));
      out.asymmetry = std::max(out.asymmetry, nearest + 1e-14);
    }
  }
  if (out.asymmetry > 1e-6) return refuted("a design is not as symmetric as is said");
  return out;
}

Result<CheckedRows> check_rows(const Solid& rough, const std::vector<GridDirection>& directions,
                               std::uint32_t allowance) {
  CheckedRows out;
  for (const Point& p : rough.corners) out.radius = std::max(out.radius, length(to_vec(p)));
  out.radius *= 1 + 1e-14;
  for (const GridDirection& d : directions) {
    std::int64_t most = INT64_MIN;
    for (const Point& p : rough.corners) {
      most = std::max(most,
                      std::int64_t{d.x} * p.x + std::int64_t{d.y} * p.y + std::int64_t{d.z} * p.z);
    }
    const Vec3 v{static_cast<double>(d.x), static_cast<double>(d.y), static_cast<double>(d.z)};
    const double size = length(v);
    if (size < kDirectionUnit / 2.0) return refuse(Verdict::plan_refuted, "a direction");
    out.directions.push_back((1 / size) * v);
    out.reaches.push_back(static_cast<double>(most) / size - allowance + 1e-13 * out.radius);
  }
  return out;
}

Result<std::size_t> check_cells(const CheckedRows& rows, const CheckedDesign& design,
                                const DesignProof& proof, double size) {
  std::size_t next = 0;
  std::size_t leaves = 0;
  std::vector<OpenCell> open;
  for (std::uint32_t root = 128; root-- > 0;) open.push_back({root_triangle(root), 0, 1, root, 0});
  while (!open.empty()) {
    const OpenCell cell = open.back();
    open.pop_back();
    const auto refuted = [&](const char* what) {
      return refuse(Verdict::plan_refuted, format("cell {}: {}", next, what));
    };
    if (next == proof.cells.size()) return refuted("missing");
    const ProofCell& said = proof.cells[next];
    if (cell.depth > kMostDepth) return refuted("too deep");
    if (said.kind == ProofCell::Kind::bounded) {
      if (!is_bounded(rows, design, said, seen_from_centre(cell, proof.symmetry), size)) {
        return refuted("its bound does not hold");
      }
      ++leaves;
    } else if (said.kind == ProofCell::Kind::by_spin) {
      const double middle = (cell.spin_from + cell.spin_to) / 2;
      open.push_back({cell.seen, middle, cell.spin_to, cell.root, cell.depth + 1});
      open.push_back({cell.seen, cell.spin_from, middle, cell.root, cell.depth + 1});
    } else {
      for (std::uint32_t part = 4; part-- > 0;) {
        open.push_back(
            {part_of(cell.seen, part), cell.spin_from, cell.spin_to, cell.root, cell.depth + 1});
      }
    }
    ++next;
  }
  if (next != proof.cells.size()) return refuse(Verdict::plan_refuted, "cells that are left over");
  return leaves;
}

}  // namespace intaglio::stone
