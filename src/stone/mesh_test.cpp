#include "stone/mesh.h"

#include <algorithm>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "stone/solids_for_test.h"

namespace intaglio::stone {
namespace {

Verdict verdict(const TriangleSoup& soup) { return verdict_of(solid_from(soup, kMillimetre)); }

std::string where(const TriangleSoup& soup) { return solid_from(soup, kMillimetre).error().where; }

// Every triangle with corners of its own, as an STL file has it.
TriangleSoup unwelded(const TriangleSoup& soup) {
  TriangleSoup out;
  for (const Triangle& t : soup.triangles) {
    const auto first = static_cast<std::uint32_t>(out.corners.size());
    for (const std::uint32_t corner : t) out.corners.push_back(soup.corners[corner]);
    out.triangles.push_back({first, first + 1, first + 2});
  }
  return out;
}

TEST(Mesh, VolumeOfACubeIsExact) {
  const Solid s = solid(cube(1));
  EXPECT_EQ(s.corners.size(), 8U);
  EXPECT_TRUE(volume_six(s.corners, s.triangles) == Wide{6} * 2'000'000 * 2'000'000 * 2'000'000);
}

TEST(Mesh, ACarratOfDiamondIsFiftySevenCubicMillimetres) {
  // 200 / 3.52 mm^3; a cube of 10 mm of it weighs 17.6 ct.
  const Solid s = solid(cube(5));
  EXPECT_EQ(weight_of(volume_six(s.corners, s.triangles), SpecificGravity(3520)),
            MicroCarats(17'600'000));
  EXPECT_EQ(must(gravity_of("diamond")), SpecificGravity(3520));
  EXPECT_EQ(verdict_of(gravity_of("cheese")), Verdict::bad_value);
}

TEST(Mesh, UnitsAreWhatTheySay) {
  for (const auto& [text, half] :
       {std::pair("mm", 1.0), {"um", 1000.0}, {"cm", 0.1}, {"m", 0.001}, {"in", 1 / 25.4}}) {
    const Solid s = must(solid_from(cube(half), must(unit_from_text(text))));
    EXPECT_EQ(s.corners.front(), (Point{-1'000'000, -1'000'000, -1'000'000})) << text;
  }
  EXPECT_EQ(verdict_of(unit_from_text("ell")), Verdict::bad_value);
}

TEST(Mesh, CornersInOnePlaceAreWelded) {
  const Solid s = solid(unwelded(octahedron(5)));
  EXPECT_EQ(s.corners.size(), 6U);
  EXPECT_EQ(s.welded, 18U);
}

TEST(Mesh, AFarOriginDoesNotBlurIt) {
  const Solid near = solid(octahedron(5));
  const Solid far = solid(moved(octahedron(5), {}, {400'000, -7, 90'000}));
  EXPECT_EQ(near.corners, far.corners);
  EXPECT_EQ(far.origin, (std::array<std::int64_t, 3>{400'000'000'000, -7'000'000, 90'000'000'000}));
}

// A corner that no triangle has, or only one that is a line, is no part of the body.
TEST(Mesh, CornersBesideTheBodyDoNotMoveIt) {
  const Solid plain = solid(octahedron(5));
  TriangleSoup soup = octahedron(5);
  soup.corners.push_back({80, 0, 0});
  EXPECT_EQ(solid(soup).corners, plain.corners);
  soup.triangles.push_back({6, 6, 0});
  const Solid mended = solid(soup);
  EXPECT_EQ(mended.corners, plain.corners);
  EXPECT_EQ(mended.origin, plain.origin);
  EXPECT_EQ(mended.dropped, 1U);
}

RC_GTEST_PROP(Mesh, AnyTrianglesTurnedAndAnySequenceIsTheSameSolid, ()) {
  TriangleSoup soup = unwelded(geodesic(1));
  Chance chance(*rc::gen::arbitrary<std::uint64_t>());
  for (Triangle& t : soup.triangles) {
    if (chance.next() % 2 == 0) std::swap(t[0], t[1]);
  }
  for (std::size_t i = soup.triangles.size(); i-- > 1;) {
    std::swap(soup.triangles[i], soup.triangles[chance.next() % (i + 1)]);
  }
  const Solid mended = solid(soup);
  const Solid whole = solid(geodesic(1));
  RC_ASSERT(mended.corners == whole.corners);
  RC_ASSERT(volume_six(mended.corners, mended.triangles) ==
            volume_six(whole.corners, whole.triangles));
}

TEST(Mesh, InsideOutIsTurned) {
  TriangleSoup soup = octahedron(5);
  for (Triangle& t : soup.triangles) std::swap(t[0], t[1]);
  const Solid s = solid(soup);
  EXPECT_EQ(s.turned, 8U);
  EXPECT_TRUE(volume_six(s.corners, s.triangles) > 0);
}

TEST(Mesh, AHoleIsShownWithItsPlace) {
  TriangleSoup soup = octahedron(5);
  soup.triangles.pop_back();
  EXPECT_EQ(verdict(soup), Verdict::mesh_open);
  EXPECT_EQ(where(soup),
            "3 edges; the first from (-5.000000, 0.000000, 0.000000) mm to (0.000000, -5.000000, "
            "0.000000) mm");
}

TEST(Mesh, WhatIsNoBodyIsRefused) {
  TriangleSoup fin = octahedron(5);
  fin.corners.push_back({9, 9, 9});
  fin.corners.push_back({9, 9, 8});
  // A sheet that stands on an edge and is closed at its other sides.
  fin.triangles.insert(fin.triangles.end(), {{0, 2, 6}, {0, 6, 7}, {2, 7, 6}, {0, 7, 2}});
  EXPECT_EQ(verdict(fin), Verdict::mesh_not_manifold);

  TriangleSoup two = octahedron(5);
  const TriangleSoup other = moved(octahedron(1), {}, {20, 0, 0});
  for (const Triangle& t : other.triangles) two.triangles.push_back({t[0] + 6, t[1] + 6, t[2] + 6});
  two.corners.insert(two.corners.end(), other.corners.begin(), other.corners.end());
  EXPECT_EQ(verdict(two), Verdict::mesh_in_pieces);

  // Two that share a corner.
  TriangleSoup touching = octahedron(5);
  const TriangleSoup beside = moved(octahedron(1), {}, {6, 0, 0});
  for (const Triangle& t : beside.triangles) {
    touching.triangles.push_back({t[0] + 6, t[1] + 6, t[2] + 6});
  }
  touching.corners.insert(touching.corners.end(), beside.corners.begin(), beside.corners.end());
  EXPECT_EQ(verdict(touching), Verdict::mesh_in_pieces);
}

TEST(Mesh, ABodyThatTouchesItselfInACornerIsRefused) {
  // A ring of two spikes whose tips meet: a geodesic sphere with two far corners moved together.
  TriangleSoup soup = geodesic(1);
  const auto top = std::ranges::max_element(soup.corners, {}, &Vec3::z);
  const auto bottom = std::ranges::min_element(soup.corners, {}, &Vec3::z);
  *top = {0, 0, 0};
  *bottom = {0, 0, 0};
  EXPECT_EQ(verdict(soup), Verdict::mesh_not_manifold);
}

TEST(Mesh, ASurfaceWithOneSideIsRefused) {
  // The projective plane: every edge has two triangles, and no way round is consistent.
  TriangleSoup soup;
  for (std::uint32_t i = 0; i < 6; ++i) {
    const double t = i;
    soup.corners.push_back({t, t * t, t * t * t});
  }
  soup.triangles = {{0, 1, 2}, {0, 2, 3}, {0, 3, 4}, {0, 4, 5}, {0, 5, 1},
                    {1, 2, 4}, {2, 3, 5}, {3, 4, 1}, {4, 5, 2}, {5, 1, 3}};
  EXPECT_EQ(verdict(soup), Verdict::mesh_not_manifold);
  EXPECT_TRUE(where(soup).starts_with("a surface with one side"));
}

TEST(Mesh, NothingInsideIsRefused) {
  TriangleSoup flat = octahedron(5);
  for (Vec3& corner : flat.corners) corner.z = 0;
  EXPECT_NE(verdict(flat), Verdict::accepted);
  EXPECT_EQ(verdict({}), Verdict::mesh_empty);
  TriangleSoup line;
  line.corners = {{0, 0, 0}, {0, 0, 1e-9}, {0, 1e-9, 0}};
  line.triangles = {{0, 1, 2}};
  EXPECT_EQ(verdict(line), Verdict::mesh_empty);
}

TEST(Mesh, NumbersThatAreNoneAndSizesBeyondReasonAreRefused) {
  TriangleSoup soup = octahedron(5);
  soup.corners[3].y = std::nan("");
  EXPECT_EQ(verdict(soup), Verdict::bad_value);
  EXPECT_EQ(where(soup), "corner 3 is not a number");
  EXPECT_EQ(verdict(octahedron(300)), Verdict::too_large);
  TriangleSoup wrong = octahedron(5);
  wrong.triangles[0][1] = 6;
  EXPECT_EQ(verdict(wrong), Verdict::bad_value);
  TriangleSoup many = octahedron(5);
  many.triangles.resize(kMaxTriangles + 1);
  EXPECT_EQ(verdict(many), Verdict::too_large);
}

}  // namespace
}  // namespace intaglio::stone
