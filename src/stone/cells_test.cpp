#include "stone/cells.h"

#include <numbers>

#include <gtest/gtest.h>

#include "stone/solids_for_test.h"

namespace intaglio::stone {
namespace {

// The angle of a rotation.
double angle_of(const Matrix& m) {
  return std::acos(std::clamp((m.x.x + m.y.y + m.z.z - 1) / 2, -1.0, 1.0));
}

// Whether the direction is seen through the cell's triangle.
bool sees(const Cell& cell, const Vec3& direction) {
  const auto& t = cell.corners;
  const double whole = dot(t[0], cross(t[1], t[2]));
  for (std::size_t k = 0; k < 3; ++k) {
    const double part = dot(direction, cross(t[(k + 1) % 3], t[(k + 2) % 3]));
    if (part * whole < 0) return false;
  }
  return dot(direction, t[0] + t[1] + t[2]) > 0;
}

TEST(Cells, TheRootsSeeEveryDirectionOnce) {
  Chance chance(1);
  for (int i = 0; i < 5000; ++i) {
    const Vec3 direction = chance.direction();
    int seen = 0;
    for (std::uint32_t root = 0; root < kRoots; ++root) seen += sees(root_cell(root), direction);
    EXPECT_EQ(seen, 1);
  }
}

TEST(Cells, PartsMakeUpTheWhole) {
  Chance chance(2);
  for (int i = 0; i < 2000; ++i) {
    Cell cell = root_cell(static_cast<std::uint32_t>(chance.next() % kRoots));
    for (int depth = 0; depth < 6; ++depth) {
      const Vec3 direction = chance.uniform(0, 1) * cell.corners[0] +
                             chance.uniform(0, 1) * cell.corners[1] +
                             chance.uniform(0, 1) * cell.corners[2];
      const auto parts = divide_direction(cell);
      ASSERT_EQ(parts.size(), 4U);
      int seen = 0;
      for (const Cell& part : parts) seen += sees(part, direction);
      EXPECT_GE(seen, 1);
      const auto halves = divide_spin(cell);
      EXPECT_EQ(halves[0].spin, cell.spin);
      EXPECT_EQ(halves[1].spin, cell.spin + halves[0].width);
      EXPECT_EQ(halves[0].width + halves[1].width, cell.width);
      cell = parts[chance.next() % 4];
      cell = divide_spin(cell)[chance.next() % 2];
    }
  }
}

TEST(Cells, CornersStayExact) {
  // Halving is exact, so what two cells have in common is the same to the bit.
  Cell cell = root_cell(77);
  for (int depth = 0; depth < 40; ++depth) {
    const auto parts = divide_direction(cell);
    EXPECT_EQ(parts[0].corners[1], parts[3].corners[0]);
    EXPECT_EQ(parts[1].corners[2], parts[3].corners[1]);
    const Vec3& c = parts[3].corners[0];
    EXPECT_EQ(std::abs(c.x) + std::abs(c.y) + std::abs(c.z), 1.0);
    cell = parts[3];
  }
}

// What bounds rest on: every rotation of a cell is a tilt within its tilt, and a spin within its
// spin.
TEST(Cells, EveryRotationOfACellIsWithinItsView) {
  Chance chance(3);
  double closest = 0;
  for (int i = 0; i < 20000; ++i) {
    const std::uint32_t symmetry = 1 + static_cast<std::uint32_t>(chance.next() % 8);
    const double period = 2 * std::numbers::pi / symmetry;
    Cell cell = root_cell(static_cast<std::uint32_t>(chance.next() % kRoots));
    const auto depth = chance.next() % 6;
    for (std::uint64_t d = 0; d < depth; ++d) {
      cell = chance.next() % 3 == 0 ? divide_spin(cell)[chance.next() % 2]
                                    : divide_direction(cell)[chance.next() % 4];
    }
    const CellView view = view_of(cell, symmetry);
    const Vec3 x =
        unit(chance.uniform(0, 1) * cell.corners[0] + chance.uniform(0, 1) * cell.corners[1] +
             chance.uniform(0, 1) * cell.corners[2]);
    const double spin = period * (cell.spin + cell.width * chance.uniform(0, 1));
    const Matrix spun{
        {std::cos(spin), -std::sin(spin), 0}, {std::sin(spin), std::cos(spin), 0}, {0, 0, 1}};
    const Matrix pose = frame_of(cell.root, x) * spun;
    const Vec3 axis{view.frame.x.z, view.frame.y.z, view.frame.z.z};
    const Matrix tilt = smallest_rotation(axis, x);
    EXPECT_LE(angle_of(tilt), view.tilt + 1e-9);
    // What is left is a spin about the table's axis.
    const Matrix rest = transposed(tilt * view.frame) * pose;
    EXPECT_NEAR(rest.z.z, 1, 1e-9);
    double left = std::atan2(rest.y.x, rest.x.x);
    left = std::abs(std::remainder(left, period));
    EXPECT_LE(left, view.spin + 1e-9);
    closest = std::max(closest, left / view.spin);
  }
  EXPECT_GT(closest, 0.9);
}

double volume_of(const Tetrahedron& t) {
  return std::abs(dot(t[1] - t[0], cross(t[2] - t[0], t[3] - t[0]))) / 6;
}

bool holds(const Tetrahedron& t, const Vec3& p) {
  double sum = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    Tetrahedron part = t;
    part[i] = p;
    sum += volume_of(part);
  }
  return sum <= volume_of(t) * (1 + 1e-9);
}

TEST(Cells, PlacesCoverTheBoxOnce) {
  const Box box{{-3, -5, -2}, {4, 1, 7}};
  Chance chance(4);
  std::vector<Cell> cells = divide_box(root_cell(3), box);
  for (int round = 0; round < 5; ++round) {
    std::vector<Cell> parts;
    for (const Cell& cell : cells) {
      for (const Cell& part : divide_edge(cell, static_cast<std::uint32_t>(chance.next() % 6))) {
        parts.push_back(part);
      }
    }
    cells = std::move(parts);
  }
  double sum = 0;
  for (const Cell& cell : cells) sum += volume_of(*cell.place);
  EXPECT_NEAR(sum, 7.0 * 6 * 9, 1e-9);
  for (int i = 0; i < 300; ++i) {
    const Vec3 p{chance.uniform(-3, 4), chance.uniform(-5, 1), chance.uniform(-2, 7)};
    EXPECT_TRUE(std::ranges::any_of(cells, [&](const Cell& c) { return holds(*c.place, p); }));
  }
}

}  // namespace
}  // namespace intaglio::stone
