#include "stone/surface_tree.h"

#include <gtest/gtest.h>

#include "stone/fit.h"
#include "stone/solids_for_test.h"

namespace intaglio::stone {
namespace {

// The body outlives it.
PlacedMesh mesh_of(const Solid& body) {
  PlacedMesh out{{}, body.triangles};
  for (const Point& p : body.corners) out.corners.push_back(to_vec(p));
  return out;
}

TEST(SurfaceTree, NothingIsNearerThanTheNearest) {
  const Solid body = solid(scan_like(3, 0.12, 5));
  const PlacedMesh mesh = mesh_of(body);
  const SurfaceTree tree(mesh);
  const auto points = spread_points(mesh, 5000);
  Chance chance(1);
  for (int i = 0; i < 200; ++i) {
    const Vec3 p = chance.uniform(0, 8e6) * chance.direction();
    const auto nearest = tree.nearest(p);
    const double distance = length(p - nearest.point);
    EXPECT_NEAR(std::abs(nearest.outside), distance, 1e-3);
    EXPECT_NEAR(tree.nearest(nearest.point).outside, 0, 1e-3);
    EXPECT_EQ(nearest.outside < 0, is_inside(body, p));
    for (const Vec3& other : mesh.corners) EXPECT_GE(length(p - other), distance - 1e-3);
    double among = 1e300;
    for (const Vec3& other : points) among = std::min(among, length(p - other));
    EXPECT_GE(among, distance - 1e-3);
    EXPECT_LE(among, distance + 0.5e6);  // some point is near every place of the surface
  }
}

// Nearest to an edge or a corner, where a triangle's own plane says the wrong side.
TEST(SurfaceTree, TheSideIsRightAtCornersAndEdges) {
  const Solid body = solid(tetrahedron(2));
  const SurfaceTree tree(mesh_of(body));
  Chance chance(2);
  for (int i = 0; i < 2000; ++i) {
    const Vec3 p = chance.uniform(0, 6e6) * chance.direction();
    EXPECT_EQ(tree.nearest(p).outside < 0, is_inside(body, p));
  }
}

TEST(SurfaceTree, WhatTrianglesMayHaveMissedIsNothingInACornerAndInAPlane) {
  const Solid clean = solid(octahedron(5));
  const SurfaceTree octahedral(mesh_of(clean));
  EXPECT_EQ(octahedral.nearest({6e6, 0, 0}).unseen, 0);
  EXPECT_GT(octahedral.nearest({2e6, 2e6, 2e6}).unseen, 1e6);
  // A ball stands out of its triangles by less than that.
  for (const int levels : {1, 2, 3}) {
    TriangleSoup ball = geodesic(levels);
    for (Vec3& corner : ball.corners) corner = 5 * corner;
    const Solid body = solid(ball);
    const SurfaceTree tree(mesh_of(body));
    for (const Vec3& p : spread_points(tree.mesh(), 500)) {
      const auto above = tree.nearest(5e6 * unit(p));
      EXPECT_LE(above.outside, above.unseen + 1);
    }
  }
}

TEST(SurfaceTree, PointsAreSpreadByArea) {
  const Solid body = solid(cube(3));
  const PlacedMesh mesh = mesh_of(body);
  int on_top = 0;
  for (const Vec3& p : spread_points(mesh, 1200)) on_top += p.z > 2.9999e6 ? 1 : 0;
  EXPECT_NEAR(on_top, 200, 2);
}

TEST(SurfaceTree, BoxesThatTouchAreAllFoundOnce) {
  Chance chance(3);
  std::vector<Box> boxes(300);
  for (Box& box : boxes) {
    const Vec3 at = chance.uniform(0, 10) * chance.direction();
    box.take(at);
    box.take(at + chance.uniform(0, 2) * Vec3{1, 1, 1});
  }
  const BoxTree tree(boxes);
  for (const Box& wanted : boxes) {
    std::vector<int> found(boxes.size());
    tree.for_each_touching(wanted, [&](std::uint32_t i) { ++found[i]; });
    for (std::size_t i = 0; i < boxes.size(); ++i) {
      const auto apart = [](double low, double high, double from, double to) {
        return high < from || to < low;
      };
      const bool touches = !apart(wanted.low.x, wanted.high.x, boxes[i].low.x, boxes[i].high.x) &&
                           !apart(wanted.low.y, wanted.high.y, boxes[i].low.y, boxes[i].high.y) &&
                           !apart(wanted.low.z, wanted.high.z, boxes[i].low.z, boxes[i].high.z);
      EXPECT_EQ(found[i], touches ? 1 : 0);
    }
  }
  BoxTree({}).for_each_touching(boxes[0], [](std::uint32_t) { FAIL(); });
}

}  // namespace
}  // namespace intaglio::stone
