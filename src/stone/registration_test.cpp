#include "stone/registration.h"

#include <gtest/gtest.h>

#include "stone/solids_for_test.h"

namespace intaglio::stone {
namespace {

TriangleSoup mirrored(TriangleSoup soup) {
  for (Vec3& p : soup.corners) p.x = -p.x;
  return soup;
}

// How far a pose puts the second scan's corners off the first's, at most, in nanometres. Both have
// the same corners in the same sequence.
double off(const Registered& at, const TriangleSoup& first, const Solid& first_body,
           const TriangleSoup& second, const Solid& second_body) {
  const auto from_origin = [](const Vec3& corner, const Solid& body) {
    return 1e6 * corner - Vec3{static_cast<double>(body.origin[0]),
                               static_cast<double>(body.origin[1]),
                               static_cast<double>(body.origin[2])};
  };
  double most = 0;
  for (std::size_t i = 0; i < first.corners.size(); ++i) {
    const Vec3 there = at.pose.turn * from_origin(second.corners[i], second_body) + at.pose.place;
    most = std::max(most, length(there - from_origin(first.corners[i], first_body)));
  }
  return most;
}

TEST(Registration, AMovedMeshIsLaidOnItselfToTheNanometre) {
  Chance chance(5);
  for (int i = 0; i < 3; ++i) {
    const TriangleSoup here = scan_like(3, 0.05, chance.next());
    const TriangleSoup there = moved(here, chance.turn(), {5, -70, 3});
    const Solid a = solid(here);
    const Solid b = solid(there);
    const auto poses = register_scans(must(ScannedBody::from(a)), must(ScannedBody::from(b)));
    EXPECT_LT(off(poses.front(), here, a, there, b), 50) << i;
    EXPECT_LT(poses.front().apart, 20);
  }
}

TEST(Registration, IsTheSameEachTime) {
  const Solid a = solid(scan_like(2, 0.05, 1));
  const Solid b = solid(moved(scan_like(2, 0.05, 2), rotation({1, 2, 0.5}), {}));
  const auto first = must(ScannedBody::from(a));
  const auto second = must(ScannedBody::from(b));
  const auto once = register_scans(first, second);
  const auto again = register_scans(first, second);
  ASSERT_EQ(once.size(), again.size());
  for (std::size_t i = 0; i < once.size(); ++i) {
    EXPECT_EQ(once[i].apart, again[i].apart);
    EXPECT_EQ(once[i].pose.place, again[i].pose.place);
  }
}

TEST(Registration, AMirrorImageIsNotLaidOnItsOriginal) {
  const TriangleSoup here = scan_like(3, 0.05, 8);
  const Solid a = solid(here);
  const Solid b = solid(mirrored(here));
  const auto poses = register_scans(must(ScannedBody::from(a)), must(ScannedBody::from(b)));
  EXPECT_GT(poses.front().apart, 30'000);  // more than any tolerance for it
  for (const Registered& one : poses) {
    const Matrix& m = one.pose.turn;
    EXPECT_NEAR(dot(m.x, cross(m.y, m.z)), 1, 1e-12);
  }
}

TEST(Registration, AnOctahedronLiesOnItselfInAllItsTwentyFourWays) {
  const Solid a = solid(octahedron(5));
  const Solid b = solid(moved(octahedron(5), rotation({0.3, 0.2, -0.5}), {}));
  const auto poses = register_scans(must(ScannedBody::from(a)), must(ScannedBody::from(b)));
  int alike = 0;
  for (const Registered& one : poses) alike += one.apart < 1000 ? 1 : 0;
  EXPECT_EQ(alike, 24);
}

TEST(Registration, AScannedBodyKnowsItsHull) {
  const Solid body = solid(octahedron(5));
  const auto a = must(ScannedBody::from(body));
  EXPECT_NEAR(a.widest(), 10e6, 1e4);
  EXPECT_NEAR(a.hull_area() / (4 * std::sqrt(3.0) * 25e12), 1, 1e-9);
  EXPECT_EQ(a.hull_volume(), a.volume());
  Chance chance(4);
  for (int i = 0; i < 200; ++i) {
    const Vec3 d = chance.direction();
    const double reach = 5e6 * std::max({std::abs(d.x), std::abs(d.y), std::abs(d.z)});
    EXPECT_NEAR(dot(d, a.furthest(d)), reach, 0.05 * reach);
  }
}

}  // namespace
}  // namespace intaglio::stone
