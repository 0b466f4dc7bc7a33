#include "stone/verified_cells.h"

#include <algorithm>
#include <map>
#include <numbers>
#include <optional>

#include "base/format.h"
#include "stone/dents.h"
#include "stone/hull.h"

namespace intaglio::stone {
namespace {

// Sines, roots and products of numbers up to 1 are known to some 1e-15; the root of a difference of
// such to the root of that.
constexpr double kRooted = 2.5e-8;
constexpr double kRounded = 1e-12;  // of sums of few terms, relative
constexpr int kMostDepth = 40;      // halved as often, corners of cells are still exact
constexpr int kMostHalved = 24;     // and those of places, which begin as numbers below 2^28

struct Triangle3 {
  Vec3 a;
  Vec3 b;
  Vec3 c;
};

using Corners4 = std::array<Vec3, 4>;

struct OpenCell {
  Triangle3 seen;
  double spin_from;  // in parts of the period
  double spin_to;
  std::uint32_t root;
  int depth;
  std::optional<Corners4> place = {};
  std::array<int, 4> halved{};  // how often, of each corner of the place
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

// No less than the size at which a stone's facets reach a point in some rotation of the cell. As
// with corners, a facet's normal is first spun towards the point and then tilted. Where a normal
// nearer in azimuth would be the worse one, the peak over all tilts is reached before that, so the
// nearest one's peak is no less.
double possible_gauge(const CheckedDesign& design, const Vec3& from_origin, const Seen& cell) {
  const Vec3 u{dot(from_origin, cell.frame.x), dot(from_origin, cell.frame.y),
               dot(from_origin, cell.frame.z)};
  const double across = std::hypot(u.x, u.y);
  const double far = length(u);
  double most = 0;
  for (const Vec3& facet : design.facets) {
    const double radius = std::hypot(facet.x, facet.y);
    const double size = length(facet);
    if (size * far <= most) continue;
    const double p = u.x * facet.x + u.y * facet.y;
    const double q = std::abs(u.x * facet.y - u.y * facet.x);
    const double whole = radius * across;
    const double high = p >= whole * cell.cos_spin ? whole : p * cell.cos_spin + q * cell.sin_spin;
    const double up = facet.z * u.z;
    const double level = high + up;
    const double beside = std::sqrt(std::max(0.0, size * size * far * far - level * level));
    // By any tilt; then by one about an axis across the table's.
    double reached = size * far;
    if (level < size * far * cell.cos_tilt) {
      reached = level * cell.cos_tilt + beside * cell.sin_tilt;
    }
    const double a = radius * u.z;
    const double b = facet.z * across;
    const double lever = std::sqrt(std::max(0.0, a * a + b * b - 2 * up * high));
    const double fixed = (whole + high) / 2;
    const double rest = level - fixed;
    const double peak = fixed + std::sqrt(rest * rest + lever * lever);
    const bool is_past_peak = rest * cell.sin_tilt > lever * cell.cos_tilt;
    const double tilted =
        is_past_peak ? peak : fixed + rest * cell.cos_tilt + lever * cell.sin_tilt;
    most = std::max(most, std::min(reached, tilted));
  }
  return most * (1 + 1.01 * design.asymmetry / design.inner_radius + kRounded) + 4 * kRooted * far;
}

// For stones whose origin is in the tetrahedron: what the points say changes straight from corner
// to corner, or is less, so that the greatest bound is that at a corner.
bool is_bounded_in(const Corners4& place, const CheckedRows& rows, const std::vector<bool>& avoided,
                   const CheckedDesign& design, const ProofCell& leaf, const Seen& cell,
                   double size) {
  double reach = 0;
  double support = 0;
  double scale = 0;
  std::array<double, 4> at{};
  for (std::size_t k = 0; k < 4; ++k) {
    if (leaf.weights[k] == 0) continue;
    const double weight = leaf.weights[k];
    scale += weight;
    if (leaf.rows[k] < kFirstObstacle) {
      if (leaf.rows[k] >= rows.directions.size()) return false;
      const Vec3& direction = rows.directions[leaf.rows[k]];
      reach += weight * rows.reaches[leaf.rows[k]];
      support += weight * certain_support(design, direction, cell);
      for (std::size_t i = 0; i < 4; ++i) at[i] -= weight * dot(direction, place[i]);
      continue;
    }
    const std::size_t index = leaf.rows[k] - kFirstObstacle;
    if (index >= rows.points.size()) return false;
    const std::uint32_t inclusion = rows.points[index].inclusion;
    if (inclusion != kOfSurface && !avoided[inclusion]) return false;
    support += weight;
    for (std::size_t i = 0; i < 4; ++i) {
      at[i] += weight * possible_gauge(design, rows.points[index].place - place[i], cell);
    }
  }
  const double most = reach + *std::ranges::max_element(at) + kRounded * scale * 4 * rows.radius;
  return scale > 0 && most <= size * support * (1 - kRounded);
}

// Whether the table's axis is beyond the limit in all rotations of the cell.
bool is_off_axis(const AxisLimit& limit, const Seen& cell) {
  constexpr double kThousandth = std::numbers::pi / 180'000;
  const Vec3 line = unit(to_vec(limit.direction));
  const double angle =
      std::atan2(length(cross(line, cell.frame.z)), std::abs(dot(line, cell.frame.z)));
  const double tilt = std::atan2(cell.sin_tilt, cell.cos_tilt) + 1e-9;
  return angle - tilt > limit.to * kThousandth || angle + tilt < limit.from * kThousandth;
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

// Whether every corner is on the inner side of every face, so that what is on all inner sides is in
// the hull of the corners; the faces themselves are those of the reader, which closes them.
bool is_hull(const Inclusion& inclusion) {
  return std::ranges::all_of(inclusion.triangles, [&](const Triangle& t) {
    const Point& a = inclusion.corners[t[0]];
    const Direction n = normal_of(a, inclusion.corners[t[1]], inclusion.corners[t[2]]);
    return std::ranges::none_of(inclusion.corners,
                                [&](const Point& p) { return dot(n, p) > dot(n, a); });
  });
}

// Whether a movement is no longer than the allowance, in whole numbers.
bool is_within(const Point& moved, std::uint32_t allowance) {
  const Wide x = moved.x;
  const Wide y = moved.y;
  const Wide z = moved.z;
  return x * x + y * y + z * z <= Wide{allowance} * allowance;
}

// Whether an obstacle is a point of the inclusion or no further from a corner than the allowance,
// in whole numbers.
bool is_held(const Inclusion& inclusion, const ObstacleSource& o, std::uint32_t allowance) {
  const Wide x = o.moved.x;
  const Wide y = o.moved.y;
  const Wide z = o.moved.z;
  if (is_within(o.moved, allowance)) return true;
  const Point& corner = inclusion.corners[o.corner];
  const Wide far = kMaxCoordinate;
  const std::array<Wide, 3> at = {corner.x + x, corner.y + y, corner.z + z};
  if (std::ranges::any_of(at, [&](Wide part) { return part <= -far || part >= far; })) return false;
  const Point point{static_cast<std::int32_t>(at[0]), static_cast<std::int32_t>(at[1]),
                    static_cast<std::int32_t>(at[2])};
  return std::ranges::all_of(inclusion.triangles, [&](const Triangle& t) {
    const Point& a = inclusion.corners[t[0]];
    return dot(normal_of(a, inclusion.corners[t[1]], inclusion.corners[t[2]]), point) <=
           dot(normal_of(a, inclusion.corners[t[1]], inclusion.corners[t[2]]), a);
  });
}

}  // namespace

double certain_support(const CheckedDesign& design, std::uint32_t symmetry, const CheckedCell& cell,
                       const Vec3& direction) {
  const auto& [a, b, c] = cell.corners;
  const OpenCell open{{a, b, c}, cell.spin_from, cell.spin_to, cell.root, 0};
  return certain_support(design, direction, seen_from_centre(open, symmetry));
}

double possible_gauge(const CheckedDesign& design, std::uint32_t symmetry, const CheckedCell& cell,
                      const Vec3& from_origin) {
  const auto& [a, b, c] = cell.corners;
  const OpenCell open{{a, b, c}, cell.spin_from, cell.spin_to, cell.root, 0};
  return possible_gauge(design, from_origin, seen_from_centre(open, symmetry));
}

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
    const Vec3 normal = unit(to_vec(n));
    const double distance = static_cast<double>(offset) / length(to_vec(n)) / kDesignUnit;
    out.inner_radius = std::min(out.inner_radius, distance);
    // Triangles of one facet are one; what that leaves out is less than roots are known to.
    const Vec3 facet = (1 / distance) * normal;
    const auto same = [&](const Vec3& other) { return length(other - facet) < 1e-9; };
    if (std::ranges::none_of(out.facets, same)) out.facets.push_back(facet);
    for (std::size_t k = 0; k < 3; ++k) ++sides[{t[k], t[(k + 1) % 3]}];
  }
  for (const auto& [side, count] : sides) {
    const auto back = sides.find({side.second, side.first});
    if (count != 1 || back == sides.end()) return refuted("a design that is open");
  }
  out.inner_radius *= 1 - 1e-12;
  if (out.inner_radius < 1e-5) return refuted("a design that is too thin");
  out.faces = *hull;
  out.volume = static_cast<double>(volume_six(design.corners, *hull)) / 6 /
               (kDesignUnit * kDesignUnit * kDesignUnit);
  for (const Point& p : design.corners) {
    out.corners.push_back((1 / kDesignUnit) * to_vec(p));
    if (length(out.corners.back()) > 1 + 1e-6) return refuted("a design's corner");
  }
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

Result<CheckedRows> check_rows(const Solid& rough, const std::vector<Inclusion>& inclusions,
                               const std::vector<Layer>& layers, const Proof& proof,
                               std::uint32_t allowance) {
  CheckedRows out;
  out.low = out.high = to_vec(rough.corners.front());
  for (const Point& corner : rough.corners) {
    const Vec3 p = to_vec(corner);
    out.radius = std::max(out.radius, length(p));
    out.low = {std::min(out.low.x, p.x), std::min(out.low.y, p.y), std::min(out.low.z, p.z)};
    out.high = {std::max(out.high.x, p.x), std::max(out.high.y, p.y), std::max(out.high.z, p.z)};
  }
  out.radius *= 1 + 1e-14;
  for (const GridDirection& d : proof.directions) {
    std::int64_t most = INT64_MIN;
    for (const Point& p : rough.corners) {
      most = std::max(most,
                      std::int64_t{d.x} * p.x + std::int64_t{d.y} * p.y + std::int64_t{d.z} * p.z);
    }
    const Vec3 v{static_cast<double>(d.x), static_cast<double>(d.y), static_cast<double>(d.z)};
    const double size = length(v);
    if (size < kDirectionUnit / 2.0) return refuse(Verdict::plan_refuted, "a direction");
    double reach = static_cast<double>(most) / size;
    for (const Layer& layer : layers) {
      if (layer.direction == d) reach = std::min(reach, static_cast<double>(layer.offset));
    }
    out.directions.push_back((1 / size) * v);
    out.reaches.push_back(reach - allowance + 1e-13 * out.radius);
  }
  if (!proof.obstacles.empty() && !std::ranges::all_of(inclusions, is_hull)) {
    return refuse(Verdict::plan_refuted, "an inclusion");
  }
  for (const ObstacleSource& o : proof.obstacles) {
    if (o.inclusion == kOfSurface) {
      if (o.corner >= rough.corners.size() || !is_within(o.moved, allowance)) {
        return refuse(Verdict::plan_refuted, "a corner of the surface");
      }
      out.points.push_back({o.inclusion, to_vec(rough.corners[o.corner]) + to_vec(o.moved)});
      continue;
    }
    const bool is_there =
        o.inclusion < inclusions.size() && o.corner < inclusions[o.inclusion].corners.size();
    if (!is_there || !is_held(inclusions[o.inclusion], o, allowance)) {
      return refuse(Verdict::plan_refuted, "an obstacle");
    }
    const Vec3 corner = to_vec(inclusions[o.inclusion].corners[o.corner]);
    out.points.push_back({o.inclusion, corner + to_vec(o.moved)});
  }
  return out;
}

namespace {

// The parts of a cell, the first on top; nothing for a division that the cell does not have.
bool divide(const OpenCell& cell, const ProofCell& said, const CheckedRows& rows,
            std::vector<OpenCell>& open) {
  OpenCell part = cell;
  switch (said.kind) {
    case ProofCell::Kind::bounded: return false;
    case ProofCell::Kind::by_spin: {
      const double middle = (cell.spin_from + cell.spin_to) / 2;
      ++part.depth;
      part.spin_from = middle;
      open.push_back(part);
      part.spin_from = cell.spin_from;
      part.spin_to = middle;
      open.push_back(part);
      return true;
    }
    case ProofCell::Kind::by_direction:
      ++part.depth;
      for (std::uint32_t i = 4; i-- > 0;) {
        part.seen = part_of(cell.seen, i);
        open.push_back(part);
      }
      return true;
    case ProofCell::Kind::by_box:
      if (cell.place) return false;
      for (const auto& [first, second] :
           {std::pair{2, 1}, {2, 0}, {1, 2}, {1, 0}, {0, 2}, {0, 1}}) {
        // From the lowest corner along one axis, then another, then the third.
        const std::array<double, 3> high = {rows.high.x, rows.high.y, rows.high.z};
        std::array<double, 3> at = {rows.low.x, rows.low.y, rows.low.z};
        Corners4 place;
        place[0] = {at[0], at[1], at[2]};
        int corner = 1;
        for (const int axis : {first, second, 3 - first - second}) {
          at[static_cast<std::size_t>(axis)] = high[static_cast<std::size_t>(axis)];
          place[static_cast<std::size_t>(corner++)] = {at[0], at[1], at[2]};
        }
        part.place = place;
        open.push_back(part);
      }
      return true;
    case ProofCell::Kind::by_edge: {
      if (!cell.place) return false;
      static constexpr std::array<std::pair<int, int>, 6> kEdges = {
          {{0, 1}, {0, 2}, {0, 3}, {1, 2}, {1, 3}, {2, 3}}};
      const auto a = static_cast<std::size_t>(kEdges[said.edge].first);
      const auto b = static_cast<std::size_t>(kEdges[said.edge].second);
      const Vec3 middle = halfway((*cell.place)[a], (*cell.place)[b]);
      const int halved = 1 + std::max(cell.halved[a], cell.halved[b]);
      for (const std::size_t moved : {a, b}) {  // the first part keeps the first end
        part.place = cell.place;
        part.halved = cell.halved;
        (*part.place)[moved] = middle;
        part.halved[moved] = halved;
        open.push_back(part);
      }
      return halved <= kMostHalved;
    }
  }
  return false;
}

}  // namespace

Result<std::size_t> check_cells(const CheckedRows& rows, const std::vector<bool>& avoided,
                                const CheckedDesign& design, const DesignProof& proof,
                                double size) {
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
      const Seen seen = seen_from_centre(cell, proof.symmetry);
      const bool holds = rows.axis && is_off_axis(*rows.axis, seen) ? true
                         : cell.place
                             ? is_bounded_in(*cell.place, rows, avoided, design, said, seen, size)
                             : is_bounded(rows, design, said, seen, size);
      if (!holds) return refuted("its bound does not hold");
      ++leaves;
    } else if (!divide(cell, said, rows, open)) {
      return refuted("is not divided like that");
    }
    ++next;
  }
  if (next != proof.cells.size()) return refuse(Verdict::plan_refuted, "cells that are left over");
  return leaves;
}

}  // namespace intaglio::stone
