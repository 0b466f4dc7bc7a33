#include "stone/shape.h"

#include <algorithm>
#include <numbers>

#include <gtest/gtest.h>

#include "stone/families.h"
#include "stone/solids_for_test.h"

namespace intaglio::stone {
namespace {

double plain_support(const Shape& shape, const Vec3& direction) {
  double most = -1;
  for (const Vec3& corner : shape.corners()) most = std::max(most, dot(corner, direction));
  return most;
}

TEST(Shape, SupportIsThatOfItsCorners) {
  Chance chance(1);
  for (const Family& family : families()) {
    const Shape shape(must(design_from_text(family.name)));
    for (int i = 0; i < 500; ++i) {
      const Vec3 direction = chance.direction();
      EXPECT_NEAR(shape.support(direction), plain_support(shape, direction), 1e-7);
      EXPECT_GE(shape.support(direction), shape.inner_radius());
    }
  }
}

Cell random_cell(Chance& chance) {
  Cell cell = root_cell(static_cast<std::uint32_t>(chance.next() % kRoots));
  const auto depth = chance.next() % 9;
  for (std::uint64_t d = 0; d < depth; ++d) {
    cell = chance.next() % 3 == 0 ? divide_spin(cell)[chance.next() % 2]
                                  : divide_direction(cell)[chance.next() % 4];
  }
  return cell;
}

// One of a dozen rotations of a cell, those at its ends first.
Matrix turn_in(const Cell& cell, double period, std::size_t which, Chance& chance) {
  const double a = which < 3 ? 1 : chance.uniform(0, 1);
  const double b = which < 3 ? 0 : chance.uniform(0, 1);
  const Vec3 x = unit(a * cell.corners[which % 3] + b * cell.corners[(which + 1) % 3] +
                      b * chance.uniform(0, 1) * cell.corners[(which + 2) % 3]);
  const double end = which % 4 == 0 ? 0 : 1;
  const double part = which % 2 == 0 ? end : chance.uniform(0, 1);
  return frame_of(cell.root, x) * rotation({0, 0, period * (cell.spin + cell.width * part)});
}

// The bound under every proof: no rotation of a cell reaches less far, for all designs.
TEST(Shape, NoRotationOfACellReachesLessThanItsLeast) {
  Chance chance(2);
  double tightest = 0;
  for (const Family& family : families()) {
    const Shape shape(must(design_from_text(family.name)));
    const double period = 2 * std::numbers::pi / shape.symmetry();
    for (int i = 0; i < 1200; ++i) {
      const Cell cell = random_cell(chance);
      const CellView view = view_of(cell, shape.symmetry());
      const Vec3 direction = chance.direction();
      const double least = shape.least_support(direction, view);
      for (std::size_t k = 0; k < 12; ++k) {
        const Matrix turn = turn_in(cell, period, k, chance);
        const double reach = plain_support(shape, transposed_times(turn, direction));
        EXPECT_GE(reach, least) << family.name;
        tightest = std::max(tightest, least / reach);
      }
    }
  }
  // And it is no idle bound: somewhere it is nearly reached.
  EXPECT_GT(tightest, 0.999);
}

double plain_gauge(const Shape& shape, const Vec3& point) {
  double most = -1e300;
  for (const FacetPlane& facet : shape.facets()) {
    most = std::max(most, dot(facet.normal, point) / facet.offset);
  }
  return most;
}

// The other bound: in no rotation of a cell do facets keep a larger stone off a point.
TEST(Shape, NoRotationOfACellKeepsALargerStoneOffAPoint) {
  Chance chance(5);
  double tightest = 0;
  for (const Family& family : families()) {
    const Shape shape(must(design_from_text(family.name)));
    const double period = 2 * std::numbers::pi / shape.symmetry();
    for (int i = 0; i < 1200; ++i) {
      const Cell cell = random_cell(chance);
      const CellView view = view_of(cell, shape.symmetry());
      // Also straight before a facet, where tilts gain nothing.
      const Vec3 point =
          i % 4 == 0 ? view.frame * shape.facets()[chance.next() % shape.facets().size()].normal
                     : chance.uniform(0.1, 3) * chance.direction();
      const double most = shape.most_gauge(point, view);
      for (std::size_t k = 0; k < 12; ++k) {
        const Matrix turn = turn_in(cell, period, k, chance);
        const double gauge = plain_gauge(shape, transposed_times(turn, point));
        EXPECT_LE(gauge, most) << family.name;
        tightest = std::max(tightest, gauge / most);
      }
      const auto exact = shape.gauge(transposed_times(view.frame, point));
      EXPECT_EQ(exact.size, plain_gauge(shape, transposed_times(view.frame, point)));
      EXPECT_LE(exact.size, most);
    }
  }
  EXPECT_GT(tightest, 0.999);
}

TEST(Shape, SmallCellsLoseLittle) {
  const Shape shape(must(design_from_text("round")));
  Chance chance(3);
  for (int i = 0; i < 500; ++i) {
    Cell cell = root_cell(static_cast<std::uint32_t>(chance.next() % kRoots));
    for (int depth = 0; depth < 8; ++depth) {
      cell = divide_spin(divide_direction(cell)[chance.next() % 4])[chance.next() % 2];
    }
    const CellView view = view_of(cell, shape.symmetry());
    const Vec3 direction = chance.direction();
    const double middle = shape.support(transposed_times(view.frame, direction));
    EXPECT_GT(shape.least_support(direction, view), middle - 1.1 * (view.tilt + view.spin) - 1e-6);
  }
}

}  // namespace
}  // namespace intaglio::stone
