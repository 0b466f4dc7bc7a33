#include "stone/cells.h"

#include <algorithm>
#include <numbers>

#include "base/check.h"

namespace intaglio::stone {
namespace {

std::array<std::array<Vec3, 3>, 4> quarters(const std::array<Vec3, 3>& t) {
  const Vec3 ab = 0.5 * (t[0] + t[1]);
  const Vec3 bc = 0.5 * (t[1] + t[2]);
  const Vec3 ca = 0.5 * (t[2] + t[0]);
  return {{{t[0], ab, ca}, {ab, t[1], bc}, {ca, bc, t[2]}, {ab, bc, ca}}};
}

Vec3 middle_of(const std::array<Vec3, 3>& t) { return unit(t[0] + t[1] + t[2]); }

}  // namespace

Cell root_cell(std::uint32_t root) {
  CHECK(root < kRoots);
  const std::uint32_t face = root / 16;
  const auto sign = [&](std::uint32_t bit) { return (face >> bit & 1) != 0 ? -1.0 : 1.0; };
  std::array<Vec3, 3> t = {Vec3{sign(0), 0, 0}, Vec3{0, sign(1), 0}, Vec3{0, 0, sign(2)}};
  t = quarters(t)[root / 4 % 4];
  t = quarters(t)[root % 4];
  return {root, t, 0, 1};
}

Matrix smallest_rotation(const Vec3& from, const Vec3& to) {
  const Vec3 w = cross(from, to);
  const double c = dot(from, to);
  const double k = 1 / (1 + c);
  return {{c + k * w.x * w.x, k * w.x * w.y - w.z, k * w.x * w.z + w.y},
          {k * w.x * w.y + w.z, c + k * w.y * w.y, k * w.y * w.z - w.x},
          {k * w.x * w.z - w.y, k * w.y * w.z + w.x, c + k * w.z * w.z}};
}

Matrix frame_of(std::uint32_t root, const Vec3& direction) {
  const Vec3 c = middle_of(root_cell(root).corners);
  // Any frame would do: z along the root's middle, x where the smallest coordinate is.
  Vec3 side{1, 0, 0};
  if (std::abs(c.y) < std::abs(c.x)) side = {0, 1, 0};
  if (std::abs(c.z) < std::min(std::abs(c.x), std::abs(c.y))) side = {0, 0, 1};
  const Vec3 x = unit(cross(side, c));
  const Vec3 y = cross(c, x);
  const Matrix first = transposed(Matrix{x, y, c});
  return smallest_rotation(c, direction) * first;
}

CellView view_of(const Cell& cell, std::uint32_t symmetry) {
  const std::array<Vec3, 3> t = {unit(cell.corners[0]), unit(cell.corners[1]),
                                 unit(cell.corners[2])};
  const auto nearest_corner = [&](const Vec3& c) {
    return std::min({dot(c, t[0]), dot(c, t[1]), dot(c, t[2])});
  };
  // The middle of the circle through the corners, or where that lies outside, of the triangle.
  Vec3 round = unit(cross(t[1] - t[0], t[2] - t[0]));
  if (dot(round, t[0]) < 0) round = -round;
  const Vec3 middle = middle_of(t);
  const Vec3 centre = nearest_corner(round) > nearest_corner(middle) ? round : middle;

  CellView out;
  out.cos_tilt = nearest_corner(centre);
  out.sin_tilt = std::sqrt(std::max(0.0, 1 - out.cos_tilt * out.cos_tilt));
  out.tilt = std::acos(std::min(1.0, out.cos_tilt));
  // A frame that is carried along to another direction of the triangle arrives spun by the area of
  // the triangle between root, centre and there.
  const Vec3 c0 = middle_of(root_cell(cell.root).corners);
  const double far = std::sqrt(std::max(0.0, 1 - dot(c0, centre)) / (1 + dot(c0, centre)));
  const double near = out.sin_tilt / (1 + out.cos_tilt);
  const double carried = 2 * std::asin(std::min(1.0, far * near));
  const double period = 2 * std::numbers::pi / symmetry;
  out.spin = std::min(0.5 * period, 0.5 * period * cell.width + carried);
  out.cos_spin = std::cos(out.spin);
  out.sin_spin = std::sin(out.spin);
  const double angle = period * (cell.spin + 0.5 * cell.width);
  const Matrix spun{
      {std::cos(angle), -std::sin(angle), 0}, {std::sin(angle), std::cos(angle), 0}, {0, 0, 1}};
  out.frame = frame_of(cell.root, centre) * spun;
  return out;
}

std::vector<Cell> divide_spin(const Cell& cell) {
  Cell first = cell;
  first.width = cell.width / 2;
  Cell second = first;
  second.spin += first.width;
  return {first, second};
}

std::vector<Cell> divide_direction(const Cell& cell) {
  std::vector<Cell> out(4, cell);
  const auto parts = quarters(cell.corners);
  for (std::size_t i = 0; i < 4; ++i) out[i].corners = parts[i];
  return out;
}

std::vector<Cell> divide_box(const Cell& cell, const Box& box) {
  CHECK(!cell.place);
  // From the lowest corner to the highest along the axes, in each of their six sequences.
  static constexpr std::array<std::array<int, 3>, 6> kSequences = {
      {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}}};
  std::vector<Cell> out;
  for (const auto& sequence : kSequences) {
    Tetrahedron t;
    t[0] = box.low;
    for (std::size_t k = 0; k < 3; ++k) {
      t[k + 1] = t[k];
      if (sequence[k] == 0) t[k + 1].x = box.high.x;
      if (sequence[k] == 1) t[k + 1].y = box.high.y;
      if (sequence[k] == 2) t[k + 1].z = box.high.z;
    }
    out.push_back(cell);
    out.back().place = t;
  }
  return out;
}

std::vector<Cell> divide_edge(const Cell& cell, std::uint32_t edge) {
  CHECK(cell.place && edge < kTetrahedronEdges.size());
  const auto [a, b] = kTetrahedronEdges[edge];
  const Vec3 middle = 0.5 * ((*cell.place)[a] + (*cell.place)[b]);
  std::vector<Cell> out(2, cell);
  (*out[0].place)[b] = middle;
  (*out[1].place)[a] = middle;
  return out;
}

}  // namespace intaglio::stone
