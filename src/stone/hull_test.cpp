#include "stone/hull.h"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/result_for_test.h"
#include "stone/solids_for_test.h"

namespace intaglio::stone {
namespace {

// Closed, and no point is outside of any face: with exact numbers that is what a hull is.
void expect_hull(const std::vector<Point>& points, const std::vector<Triangle>& hull) {
  std::set<std::pair<std::uint32_t, std::uint32_t>> edges;
  std::set<std::uint32_t> corners;
  for (const Triangle& t : hull) {
    for (std::size_t k = 0; k < 3; ++k) {
      EXPECT_TRUE(edges.emplace(t[k], t[(k + 1) % 3]).second);
      corners.insert(t[k]);
    }
    const Direction n = normal_of(points[t[0]], points[t[1]], points[t[2]]);
    EXPECT_NE(n, Direction{});
    const Wide offset = dot(n, points[t[0]]);
    EXPECT_TRUE(std::ranges::all_of(points, [&](const Point& p) { return dot(n, p) <= offset; }));
  }
  for (const auto& [from, to] : edges) EXPECT_TRUE(edges.contains({to, from}));
  EXPECT_EQ(corners.size() * 2, hull.size() + 4);
}

TEST(Hull, ACubeWithPointsOnItsSidesAndEdgesAndInside) {
  // 7 * 7 * 7 points of a grid: almost everything lies in a plane or line with others.
  std::vector<Point> points;
  for (int i = 0; i < 343; ++i) points.push_back({i % 7, i / 7 % 7, i / 49});
  const auto hull = must(convex_hull(points));
  expect_hull(points, hull);
  EXPECT_EQ(hull.size(), 12U);
  EXPECT_TRUE(volume_six(points, hull) == 6 * 6 * 6 * 6);
  const auto planes = hull_planes(points, hull);
  ASSERT_EQ(planes.size(), 6U);
  EXPECT_EQ(planes.front().area, 72);
}

TEST(Hull, CoordinatesAtTheLimitOfExactness) {
  constexpr std::int32_t k = kMaxCoordinate - 1;
  std::vector<Point> points = {{k, k, k}, {-k, -k, k}, {-k, k, -k}, {k, -k, -k}};
  // One nanometre outside of the face that x + y + z = k bounds, and one on it.
  points.push_back({k / 3 + 1, k / 3 + 1, k - 2 * (k / 3)});
  points.push_back({0, 0, k});
  const auto hull = must(convex_hull(points));
  expect_hull(points, hull);
}

RC_GTEST_PROP(Hull, OfAnyPointsIsClosedAndHoldsThemAll, ()) {
  // A small grid makes many of them share lines and planes.
  const auto size = *rc::gen::element(3, 5, 1000, kMaxCoordinate - 1);
  Chance chance(*rc::gen::arbitrary<std::uint64_t>());
  std::vector<Point> points;
  for (int i = 0; i < 40; ++i) {
    const auto coordinate = [&] {
      return static_cast<std::int32_t>(chance.uniform(-size, size + 0.999));
    };
    points.push_back({coordinate(), coordinate(), coordinate()});
  }
  const auto hull = convex_hull(points);
  if (hull) expect_hull(points, *hull);
}

TEST(Hull, OfAScanHoldsAllItsCorners) {
  const Solid s = solid(scan_like(4, 0.1, 3));
  const auto hull = must(convex_hull(s.corners));
  expect_hull(s.corners, hull);
  EXPECT_TRUE(volume_six(s.corners, hull) > volume_six(s.corners, s.triangles));
}

TEST(Hull, PointsInOnePlaneHaveNone) {
  EXPECT_EQ(verdict_of(convex_hull({})), Verdict::mesh_empty);
  EXPECT_EQ(verdict_of(convex_hull({{1, 2, 3}, {1, 2, 3}, {1, 2, 3}, {1, 2, 3}})),
            Verdict::mesh_empty);
  EXPECT_EQ(verdict_of(convex_hull({{0, 0, 0}, {1, 1, 1}, {2, 2, 2}, {3, 3, 3}})),
            Verdict::mesh_empty);
  EXPECT_EQ(verdict_of(convex_hull({{0, 0, 0}, {5, 0, 0}, {0, 5, 0}, {3, 3, 0}})),
            Verdict::mesh_empty);
}

}  // namespace
}  // namespace intaglio::stone
