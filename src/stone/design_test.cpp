#include "stone/design.h"

#include <gtest/gtest.h>

#include "stone/solids_for_test.h"

namespace intaglio::stone {
namespace {

std::vector<FacetPlane> box(double x, double y, double z) {
  return {{{1, 0, 0}, x},  {{-1, 0, 0}, x}, {{0, 1, 0}, y},
          {{0, -1, 0}, y}, {{0, 0, 1}, z},  {{0, 0, -1}, z}};
}

TEST(Design, PlanesBecomeTheStoneThatTheyHaveInCommon) {
  auto planes = box(1, 1, 1);
  planes.push_back({{1, 1, 1}, 9});                                // touches nothing
  planes.push_back({{0, 0, 4}, 4});                                // once more
  planes.push_back({{1, 0, 1}, std::sqrt(2.0) * std::sqrt(2.0)});  // along an edge
  const Design cube = must(design_from_planes("cube", "cube", planes));
  EXPECT_EQ(cube.corners.size(), 8U);
  EXPECT_EQ(cube.faces.size(), 12U);
  EXPECT_EQ(cube.facets, 6U);
  EXPECT_EQ(cube.symmetry, 4U);
  // With corners at distance 1 the side is 2 / sqrt 3.
  EXPECT_NEAR(unit_volume(cube), std::pow(2 / std::sqrt(3.0), 3), 1e-7);
  EXPECT_NEAR(size_of(cube).depth, 2 / std::sqrt(3.0), 1e-7);
}

TEST(Design, TheOriginIsMovedToWhereTheFurthestCornerIsNearest) {
  auto planes = box(1, 1, 1);
  planes[4].offset = 1.5;
  planes[5].offset = 0.5;
  const Design cube = must(design_from_planes("", "", planes));
  for (const Point& p : cube.corners) {
    EXPECT_NEAR(length(to_vec(p)) / kDesignUnit, 1, 1e-6);
  }
}

TEST(Design, SymmetryIsThatOfTurnsAboutTheTable) {
  EXPECT_EQ(must(design_from_planes("", "", box(1, 1, 0.5))).symmetry, 4U);
  EXPECT_EQ(must(design_from_planes("", "", box(1, 1.2, 0.5))).symmetry, 2U);
  auto planes = box(1, 1.2, 0.5);
  planes.push_back({{1, 0.3, 0.2}, 0.9});
  EXPECT_EQ(must(design_from_planes("", "", planes)).symmetry, 1U);
}

TEST(Design, PlanesThatDoNotCloseAreRefused) {
  auto open = box(1, 1, 1);
  open.pop_back();
  EXPECT_EQ(verdict_of(design_from_planes("", "", open)), Verdict::design_open);
  EXPECT_EQ(verdict_of(design_from_planes("", "", {})), Verdict::design_open);
  auto outside = box(1, 1, 1);
  outside[0].offset = -2;
  const auto refused = design_from_planes("", "", outside);
  EXPECT_EQ(verdict_of(refused), Verdict::design_open);
  EXPECT_EQ(refused.error().where, "the centre is not inside of facet 0");
  EXPECT_EQ(verdict_of(design_from_planes("", "", {{{0, 0, 0}, 1}})), Verdict::bad_value);
  EXPECT_EQ(verdict_of(design_from_planes("", "",
                                          std::vector<FacetPlane>(kMaxFacets + 1, {{1, 0, 0}, 1}))),
            Verdict::too_large);
}

TEST(Design, AModelledStoneIsTakenWhenItIsConvex) {
  const Design d = must(design_from_solid("", "", solid(geodesic(1))));
  EXPECT_EQ(d.corners.size(), 42U);
  EXPECT_EQ(d.facets, 80U);
  TriangleSoup dented = geodesic(2);
  dented.corners[7] = 0.9 * dented.corners[7];
  const auto refused = design_from_solid("", "", solid(dented));
  EXPECT_EQ(verdict_of(refused), Verdict::design_not_convex);
  EXPECT_TRUE(refused.error().where.starts_with("(0.000000, 0.473158, -0.765586) mm"))
      << refused.error().where;
}

}  // namespace
}  // namespace intaglio::stone
