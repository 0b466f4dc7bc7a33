#include "stone/overlap.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "stone/fit.h"
#include "stone/match.h"
#include "stone/solids_for_test.h"

namespace intaglio::stone {
namespace {

// Cubic millimetres of a body and another that is turned and moved by millimetres.
double common(const Solid& a, const Solid& b, const Pose& pose) {
  return common_volume(placed_mesh(a, {}), placed_mesh(b, {pose.turn, 1e6 * pose.place})) * 1e-18;
}

double volume(const Solid& body) {
  return static_cast<double>(volume_six(body.corners, body.triangles)) / 6e18;
}

TEST(Overlap, OfCubesIsABox) {
  const Solid a = solid(cube(1));
  EXPECT_NEAR(common(a, a, {}), 8, 1e-11);
  EXPECT_NEAR(common(a, a, {{}, {0.5, 0.25, -1}}), 1.5 * 1.75 * 1, 1e-11);
  EXPECT_NEAR(common(a, a, {{}, {2, 0, 0}}), 0, 1e-11);
  EXPECT_NEAR(common(a, a, {{}, {9, 0, 0}}), 0, 1e-11);
  EXPECT_NEAR(common(a, solid(cube(0.25)), {{}, {0.5, 0.5, 0.5}}), 0.125, 1e-11);
}

TEST(Overlap, OfACubeAndItselfTurnedIsAnEightSidedPrism) {
  const Solid a = solid(cube(1));
  for (const Vec3& axis : {Vec3{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}) {
    EXPECT_NEAR(common(a, a, {rotation(std::acos(-1.0) / 4 * axis), {}}), 16 * (std::sqrt(2.0) - 1),
                1e-9);
  }
}

TEST(Overlap, ACubeCutsSixTipsOffAnOctahedron) {
  EXPECT_NEAR(common(solid(octahedron(5)), solid(cube(3)), {}), 8 * (125.0 - 3 * 8) / 6, 1e-9);
}

// However both are turned, and whichever is the first.
RC_GTEST_PROP(Overlap, IsTheSameFromAllSides, ()) {
  Chance chance(*rc::gen::arbitrary<std::uint64_t>());
  const Solid a = solid(scan_like(1, 0.1, chance.next()));
  const Solid b = solid(tetrahedron(3));
  const Pose pose{chance.turn(), chance.uniform(0, 4) * chance.direction()};
  const double here = common(a, b, pose);
  RC_ASSERT(here >= -1e-9);
  RC_ASSERT(here <= std::min(volume(a), volume(b)) + 1e-9);
  const Matrix turn = chance.turn();
  const PlacedMesh turned_a = placed_mesh(a, {turn, {}});
  const PlacedMesh turned_b = placed_mesh(b, {turn * pose.turn, 1e6 * (turn * pose.place)});
  RC_ASSERT(std::abs(common_volume(turned_a, turned_b) * 1e-18 - here) < 1e-9);
  RC_ASSERT(std::abs(common_volume(turned_b, turned_a) * 1e-18 - here) < 1e-9);
}

TEST(Overlap, OfABodyWithDentsAndItselfIsItsVolume) {
  const Solid a = solid(scan_like(4, 0.12, 5));
  EXPECT_NEAR(common(a, a, {}) / volume(a), 1, 1e-11);
}

// Beside points that are inside of both.
TEST(Overlap, IsWhatPointsSay) {
  const Solid a = solid(scan_like(2, 0.12, 5));
  const Solid b = solid(scan_like(2, 0.12, 6));
  Chance chance(1);
  const Pose pose{chance.turn(), {1, 0.5, -0.7}};
  int both = 0;
  constexpr int kPoints = 4000;
  for (int i = 0; i < kPoints; ++i) {
    const Vec3 p{chance.uniform(-6, 6), chance.uniform(-6, 6), chance.uniform(-6, 6)};
    const Vec3 in_b = transposed_times(pose.turn, p - pose.place);
    both += is_inside(a, 1e6 * p) && is_inside(b, 1e6 * in_b) ? 1 : 0;
  }
  const double said = common(a, b, pose) / (12 * 12 * 12);
  EXPECT_NEAR(static_cast<double>(both) / kPoints, said,
              4 * std::sqrt(said * (1 - said) / kPoints));
}

}  // namespace
}  // namespace intaglio::stone
