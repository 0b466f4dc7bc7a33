#include "stone/fit.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "stone/families.h"
#include "stone/solids_for_test.h"

namespace intaglio::stone {
namespace {

Rough rough(const TriangleSoup& soup, std::uint32_t allowance = 0) {
  return must(rough_from(solid(soup), allowance));
}

// The corners of triangles, and many points between them.
std::vector<Vec3> surface_points(const Solid& s, Chance& chance, int each) {
  std::vector<Vec3> out;
  for (const Triangle& t : s.triangles) {
    for (int i = 0; i < each; ++i) {
      const double a = chance.uniform(0, 1);
      const double b = chance.uniform(0, 1 - a);
      out.push_back(a * to_vec(s.corners[t[0]]) + b * to_vec(s.corners[t[1]]) +
                    (1 - a - b) * to_vec(s.corners[t[2]]));
    }
  }
  return out;
}

// The size at which the stone reaches a point.
double size_at(const Shape& shape, const Pose& pose, const Vec3& point) {
  const Vec3 p = transposed_times(pose.turn, point - pose.place);
  double most = -1e300;
  for (const FacetPlane& facet : shape.facets()) {
    most = std::max(most, dot(facet.normal, p) / facet.offset);
  }
  return most;
}

TEST(Fit, ABoxInABox) {
  const Shape shape(must(design_from_planes("", "",
                                            {{{1, 0, 0}, 1},
                                             {{-1, 0, 0}, 1},
                                             {{0, 1, 0}, 1},
                                             {{0, -1, 0}, 1},
                                             {{0, 0, 1}, 1},
                                             {{0, 0, -1}, 1}})));
  // Corners at distance 1, so half a side is 1 / sqrt 3; 2 mm are left at one side.
  const double size = largest_size(rough(cube(5)), shape, {{}, {3e6, 0, 0}});
  EXPECT_NEAR(size, 2e6 * std::sqrt(3.0), 1);
  EXPECT_NEAR(largest_size(rough(cube(5), 100'000), shape, {{}, {3e6, 0, 0}}),
              1.9e6 * std::sqrt(3.0), 1);
  EXPECT_EQ(largest_size(rough(cube(5)), shape, {{}, {6e6, 0, 0}}), 0);
}

// By the triangles it is what it is by the hull, when the body is convex.
TEST(Fit, TrianglesAndHullSayTheSameOfAConvexBody) {
  const Shape shape(must(design_from_text("round")));
  Rough body = rough(octahedron(5));
  ASSERT_TRUE(body.is_convex);
  Chance chance(1);
  for (int i = 0; i < 200; ++i) {
    const Pose pose{chance.turn(), 1e6 * Vec3{chance.uniform(-1, 1), chance.uniform(-1, 1),
                                              chance.uniform(-1, 1)}};
    body.is_convex = true;
    const double by_hull = largest_size(body, shape, pose);
    body.is_convex = false;
    EXPECT_NEAR(largest_size(body, shape, pose), by_hull, 1e-9 * by_hull);
  }
}

// Nowhere does the surface come inside, and somewhere it touches.
TEST(Fit, InABodyWithDentsNoPointOfTheSurfaceIsInside) {
  const Rough body = rough(scan_like(3, 0.12, 5));
  ASSERT_FALSE(body.is_convex);
  Chance chance(2);
  const auto points = surface_points(body.solid, chance, 40);
  for (const char* text : {"round", "emerald", "pear"}) {
    const Shape shape(must(design_from_text(text)));
    for (int i = 0; i < 12; ++i) {
      const Pose pose{chance.turn(), 5e5 * Vec3{chance.uniform(-1, 1), chance.uniform(-1, 1),
                                                chance.uniform(-1, 1)}};
      const double size = largest_size(body, shape, pose);
      ASSERT_GT(size, 0);
      double nearest = 1e300;
      for (const Vec3& point : points) nearest = std::min(nearest, size_at(shape, pose, point));
      EXPECT_GE(nearest, size * (1 - 1e-9)) << text;
      EXPECT_LE(nearest, size * 1.05) << text;
    }
  }
}

TEST(Fit, AnAllowanceKeepsTheSurfaceThatFarAway) {
  const Rough body = rough(scan_like(3, 0.12, 5), 200'000);
  const Shape shape(must(design_from_text("round")));
  Chance chance(3);
  const auto points = surface_points(body.solid, chance, 20);
  const Pose pose{chance.turn(), {}};
  const double size = largest_size(body, shape, pose);
  double nearest = 1e300;
  for (const Vec3& point : points) {
    // The distance to the stone is at least that to the furthest of its facets' planes.
    const Vec3 p = transposed_times(pose.turn, point - pose.place);
    double off = -1e300;
    for (const FacetPlane& facet : shape.facets()) {
      off = std::max(off, dot(facet.normal, p) - size * facet.offset);
    }
    nearest = std::min(nearest, off);
  }
  EXPECT_GT(nearest, 0);
  EXPECT_LT(size, largest_size(rough(scan_like(3, 0.12, 5)), shape, pose));
}

TEST(Fit, InsideAndOutside) {
  const Solid s = solid(scan_like(3, 0.12, 5));
  EXPECT_TRUE(is_inside(s, {}));
  EXPECT_TRUE(is_inside(s, {1e6, 1e6, -1e6}));
  EXPECT_FALSE(is_inside(s, {9e6, 0, 0}));
  EXPECT_FALSE(is_inside(s, {4e6, 4e6, 4e6}));
}

// Straight up there is a corner, an edge, or a triangle that is seen from its side.
TEST(Fit, InsideWhereTheRayMeetsCornersAndEdges) {
  const Rough body = rough(octahedron(5));
  const Rough box = rough(cube(5));
  for (int x = -5; x <= 5; ++x) {
    for (int y = -5; y <= 5; ++y) {
      for (int z = -5; z <= 5; ++z) {
        // A nanometre off, so that it is clear which side it is.
        const Vec3 p = 1e6 * Vec3{x * 1.0, y * 1.0, z * 1.0} + Vec3{0, 0, z > 0 ? 2.0 : -2.0};
        const bool is_in = std::abs(x) + std::abs(y) + std::abs(z) < 5;
        EXPECT_EQ(is_inside(body.solid, p), is_in) << x << ' ' << y << ' ' << z;
        EXPECT_EQ(is_inside(body, p), is_in);
        const bool is_in_box = std::max({std::abs(x), std::abs(y), std::abs(z)}) < 5;
        // Not on a side of the cube.
        EXPECT_TRUE(std::max(std::abs(x), std::abs(y)) == 5 || is_inside(box, p) == is_in_box);
      }
    }
  }
  EXPECT_FALSE(is_inside(body.solid, {1e300, 0, 0}));
}

// A tree whose boxes are all of the rough says nothing: every triangle is looked at.
TEST(Fit, NothingIsMissedBetweenBoxes) {
  const Rough body = rough(scan_like(4, 0.12, 5), 10'000);
  Rough whole = body;
  const std::vector<Box> boxes(body.solid.triangles.size(), box_of(body.solid.corners));
  whole.trees = std::make_shared<const std::vector<BoxTree>>(1, BoxTree(boxes));
  Chance chance(7);
  for (const char* text : {"round", "emerald", "pear"}) {
    const Shape shape(must(design_from_text(text)));
    for (int i = 0; i < 20; ++i) {
      const Pose pose{chance.turn(), 1e6 * Vec3{chance.uniform(-1, 1), chance.uniform(-1, 1),
                                                chance.uniform(-1, 1)}};
      EXPECT_EQ(largest_size(body, shape, pose), largest_size(whole, shape, pose)) << text;
      EXPECT_EQ(is_inside(body, 4 * pose.place), is_inside(whole, 4 * pose.place));
      EXPECT_EQ(is_inside(body, 4 * pose.place), is_inside(body.solid, 4 * pose.place));
    }
  }
}

// Planes that part leave room for the stone, and keep it from what they part it from.
TEST(Fit, PartingsHoldForTheStoneWhereItIs) {
  const Rough body = rough(scan_like(3, 0.12, 5));
  const Shape shape(must(design_from_text("round")));
  Chance chance(4);
  const Pose pose{chance.turn(), {}};
  const double size = largest_size(body, shape, pose);
  const auto planes = partings(body, shape, pose, size, 0.1, 0.02);
  ASSERT_FALSE(planes.empty());
  // The first is one that stops it.
  EXPECT_NEAR(dot(planes[0].direction, pose.place) +
                  size * shape.support(transposed_times(pose.turn, planes[0].direction)),
              planes[0].reach, 1e-3);
  for (const Parting& p : planes) {
    EXPECT_LE(dot(p.direction, pose.place) +
                  size * shape.support(transposed_times(pose.turn, p.direction)),
              p.reach * (1 + 1e-9));
  }
}

}  // namespace
}  // namespace intaglio::stone
