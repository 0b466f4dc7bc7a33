// What is drawn of a plan: facets that are flat, a rough of bounded size, and no other files'.
#include "stone/scene.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "stone/families.h"
#include "stone/solids_for_test.h"

namespace intaglio::stone {
namespace {

PlacedStone placed(const Design& design, const Pose& pose, std::uint64_t size) {
  FixedPose at = fixed(pose);
  at.size = size;
  return {design.name, design.corners, at};
}

TEST(Scene, AStoneHasTheFlatFacetsAndTheEdgesOfItsDesign) {
  for (const char* text : {"round", "princess", "emerald", "pear"}) {
    const Design design = must(design_from_text(text));
    Chance chance(3);
    const std::array stones = {placed(design, {chance.turn(), {1e5, 2e5, 0}}, 2'000'000'000)};
    const Scene scene = must(make_scene(solid(octahedron(5)), stones));
    ASSERT_EQ(scene.surfaces.size(), 2U);
    const Surface& surface = scene.surfaces[0];
    EXPECT_EQ(surface.name, design.name);
    EXPECT_EQ(surface.opacity, 1);
    std::vector<Vec3> facets;
    for (const Triangle& t : surface.triangles) {
      const Vec3& normal = surface.points[t[0]].normal;
      const Vec3& a = surface.points[t[0]].place;
      for (const std::uint32_t corner : t) {
        EXPECT_LT(length(surface.points[corner].normal - normal), 4e-3);
        EXPECT_LT(std::abs(dot(normal, surface.points[corner].place - a)), 5e3);  // of 2e6
      }
      const Vec3 across = cross(surface.points[t[1]].place - a, surface.points[t[2]].place - a);
      EXPECT_GT(dot(across, normal), 0);
      const auto is_near = [&](const Vec3& other) { return length(other - normal) < 5e-3; };
      if (std::ranges::none_of(facets, is_near)) facets.push_back(normal);
    }
    EXPECT_EQ(facets.size(), design.facets) << text;
    EXPECT_EQ(surface.edges.size(), design.corners.size() + design.facets - 2) << text;  // Euler
  }
}

TEST(Scene, TheTableOfTheFirstStoneIsUp) {
  const Design design = must(design_from_text("round"));
  Chance chance(5);
  const Matrix turn = chance.turn();
  const std::array stones = {placed(design, {turn, {}}, 1'000'000'000)};
  const Scene scene = must(make_scene(solid(octahedron(5)), stones));
  EXPECT_LT(length(scene.upright * (turn * Vec3{0, 0, 1}) - Vec3{0, 0, 1}), 1e-8);
  EXPECT_LT(length(scene.upright * (turn * Vec3{1, 0, 0}) - Vec3{1, 0, 0}), 1e-8);
}

TEST(Scene, ARoughIsFlatWhereItHasCreasesAndSmoothElsewhere) {
  const Scene crystal = must(make_scene(solid(octahedron(5)), {}));
  ASSERT_EQ(crystal.surfaces.size(), 1U);
  EXPECT_LT(crystal.surfaces[0].opacity, 1);
  EXPECT_EQ(crystal.surfaces[0].points.size(), 24U);
  EXPECT_EQ(crystal.surfaces[0].triangles.size(), 8U);
  EXPECT_EQ(crystal.surfaces[0].edges.size(), 12U);
  EXPECT_EQ(crystal.simplified, "");

  const Solid ball = solid(geodesic(3));
  const Scene round = must(make_scene(ball, {}));
  EXPECT_EQ(round.surfaces[0].points.size(), ball.corners.size());
  EXPECT_TRUE(round.surfaces[0].edges.empty());
  for (const SurfacePoint& point : round.surfaces[0].points) {
    EXPECT_GT(dot(point.normal, unit(point.place)), 0.999);
  }
}

TEST(Scene, ARoughOfManyTrianglesIsDrawnWithFewer) {
  const Solid rough = solid(scan_like(6, 0.02, 1));
  const Scene scene = must(make_scene(rough, {}));
  const Surface& surface = scene.surfaces[0];
  EXPECT_LE(surface.triangles.size(), kMaxDrawnTriangles);
  EXPECT_GT(surface.triangles.size(), kMaxDrawnTriangles / 4);
  EXPECT_NE(scene.simplified.find("of its 81920 triangles"), std::string::npos) << scene.simplified;
  // It reaches as far as the rough, but for a cell.
  for (const Vec3& direction : {Vec3{1, 0, 0}, Vec3{0, -1, 0}, unit({1, 1, 1})}) {
    double drawn = 0;
    double real = 0;
    for (const SurfacePoint& p : surface.points) drawn = std::max(drawn, dot(direction, p.place));
    for (const Point& p : rough.corners) real = std::max(real, dot(direction, to_vec(p)));
    EXPECT_NEAR(drawn, real, 0.2e6);
  }
}

// No body at all, but as many triangles between points anywhere.
TEST(Scene, WhateverARoughIsItsDrawingIsBounded) {
  Chance chance(11);
  Solid rough;
  for (int i = 0; i < 40'000; ++i) {
    rough.corners.push_back({static_cast<std::int32_t>(chance.uniform(-1e7, 1e7)),
                             static_cast<std::int32_t>(chance.uniform(-1e7, 1e7)),
                             static_cast<std::int32_t>(chance.uniform(-1e7, 1e7))});
  }
  const auto any = [&] { return static_cast<std::uint32_t>(chance.next() % 40'000); };
  for (std::size_t i = 0; i < 2 * kMaxDrawnTriangles; ++i) {
    rough.triangles.push_back({any(), any(), any()});
  }
  const Scene scene = must(make_scene(rough, {}));
  EXPECT_LE(scene.surfaces[0].triangles.size(), kMaxDrawnTriangles);
  EXPECT_FALSE(scene.surfaces[0].triangles.empty());
  EXPECT_FALSE(scene.simplified.empty());
}

TEST(Scene, OnlyTheFilesThatAPlanNamesAreDrawn) {
  const Rough rough = must(rough_from(solid(octahedron(5)), 0));
  const auto made = must(make_plan(rough, {must(design_from_text("asscher"))},
                                   {SpecificGravity(3520), nullptr, {}, {}}, {.gap = 100'000}));
  const auto stones = must(stones_of(made.plan, made.proof, rough.solid));
  ASSERT_EQ(stones.size(), 1U);
  EXPECT_EQ(stones[0].pose, made.plan.stone->pose);

  EXPECT_EQ(verdict_of(stones_of(made.plan, made.proof, solid(octahedron(4)))),
            Verdict::other_inputs);
  EXPECT_EQ(verdict_of(stones_of(made.plan, ByteView(made.proof).first(99), rough.solid)),
            Verdict::other_inputs);
  Plan other = made.plan;
  other.designs[0].hash = {};
  EXPECT_EQ(verdict_of(stones_of(other, made.proof, rough.solid)), Verdict::other_inputs);
  other = made.plan;
  other.stone->design = 1;
  EXPECT_EQ(verdict_of(stones_of(other, made.proof, rough.solid)), Verdict::plan_refuted);
  other = made.plan;
  other.stone->pose.size = kMaxSize + 1;
  EXPECT_EQ(verdict_of(stones_of(other, made.proof, rough.solid)), Verdict::plan_refuted);
  other = made.plan;
  other.stone->pose.quaternion = {};
  EXPECT_EQ(verdict_of(stones_of(other, made.proof, rough.solid)), Verdict::plan_refuted);
  other = made.plan;
  other.stone->pose.place[1] = INT32_MIN;
  EXPECT_EQ(verdict_of(stones_of(other, made.proof, rough.solid)), Verdict::plan_refuted);
  other.stone.reset();
  EXPECT_TRUE(must(stones_of(other, made.proof, rough.solid)).empty());
}

// What is too small to be seen is drawn as a ball, and stones are such that it shines through.
TEST(SceneOfPlan, InclusionsAreSeenThroughTheStone) {
  const Rough rough = rough_with_points(octahedron(5), 5, {{0, 0, 0.2}});
  const auto made = must(make_plan(rough, {must(design_from_text("asscher"))},
                                   {SpecificGravity(3520), nullptr, "", "VS1"}, {.gap = 500'000}));
  const auto stones = must(stones_of(made.plan, made.proof, rough.solid));
  const Scene scene = must(make_scene(rough.solid, stones, rough.inclusions));
  ASSERT_EQ(scene.surfaces.size(), 3U);
  EXPECT_LT(scene.surfaces[0].opacity, 1);
  const Surface& point = scene.surfaces[1];
  EXPECT_EQ(point.name, "p0");
  Box box;
  for (const SurfacePoint& p : point.points) box.take(p.place);
  EXPECT_NEAR(box.size().x, 0.01 * std::sqrt(3.0) * 1e7, 1e4);
  EXPECT_NEAR(0.5 * (box.low.z + box.high.z), 1e6, 10);
}

// A cut is drawn as wide as the rough is there, and what lies on one side of another cut no wider.
TEST(Scene, CutsAreInTheRough) {
  const Solid rough = solid(octahedron(5));
  const Layer face{{0, 0, kDirectionUnit}, 1'000'000};
  const SawCut whole{face, 60'000, {}};
  const SawCut part{{{kDirectionUnit, 0, 0}, 0}, 60'000, {face}};
  const SawCut beside{{{0, 0, kDirectionUnit}, 6'000'000}, 60'000, {}};
  const std::vector<SawCut> cuts = {whole, part, beside};
  const Scene scene = must(make_scene(rough, {}, {}, cuts));
  ASSERT_EQ(scene.surfaces.size(), 3U);
  EXPECT_EQ(scene.surfaces[0].name, "saw 1");
  const auto box = [&](std::size_t i) {
    Box out;
    for (const SurfacePoint& point : scene.surfaces[i].points) out.take(point.place);
    return out;
  };
  EXPECT_NEAR(box(0).low.z, 1e6, 1);
  EXPECT_NEAR(box(0).high.z, 1.06e6, 1);
  EXPECT_NEAR(box(0).high.x, 4e6, 2);
  EXPECT_NEAR(box(1).low.z, -5e6, 2);
  EXPECT_NEAR(box(1).high.z, 1e6, 2);
  EXPECT_EQ(scene.surfaces[2].name, "rough");
}

}  // namespace
}  // namespace intaglio::stone
