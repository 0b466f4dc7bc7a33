#include "stone/inclusion.h"

#include <gtest/gtest.h>

#include "stone/fit.h"
#include "stone/hull.h"
#include "stone/solids_for_test.h"

namespace intaglio::stone {
namespace {

Result<std::vector<Inclusion>> read(std::string_view text, const MeshOf& mesh_of = {}) {
  static const Solid body = solid(moved(octahedron(5), {}, {10, 20, 30}));
  return inclusions_from_text(text, kMillimetre, body, mesh_of);
}

TEST(Inclusion, PointsBallsAndMeshesAreReadInTheScansOwnPlaces) {
  const auto read_files = [](const std::string& file) -> Result<TriangleSoup> {
    EXPECT_EQ(file, "feather.stl");
    return moved(cube(0.25), {}, {10, 20, 31});
  };
  const auto all =
      must(read("# what the scanner saw\r\n"
                "grade,cloud,VS2\n"
                "\n"
                "point,a,crystal,11,20.5,30\n"
                "ball,b,cloud,10,20,30,0.4\n"
                "mesh,c,feather,feather.stl\n"
                "grade,crystal,SI1\n",
                read_files));
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].name, "a");
  EXPECT_EQ(all[0].grade, "SI1");
  EXPECT_EQ(all[1].grade, "VS2");
  EXPECT_EQ(all[2].kind, "feather");
  EXPECT_EQ(all[2].grade, "");
  // A point becomes the smallest body about itself, from the middle of the octahedron.
  EXPECT_EQ(all[0].corners.size(), 6U);
  EXPECT_EQ(all[0].corners.front(), (Point{999'999, 500'000, 0}));
  EXPECT_EQ(all[0].corners.back(), (Point{1'000'001, 500'000, 0}));
  EXPECT_EQ(all[2].corners.size(), 8U);
  EXPECT_EQ(all[2].corners.front(), (Point{-250'000, -250'000, 750'000}));
  // No part of a ball is outside of its body.
  for (const HullPlane& plane : hull_planes(all[1].corners, all[1].triangles)) {
    EXPECT_GE(static_cast<double>(plane.offset) / length(to_vec(plane.normal)), 199'998);
  }
}

TEST(Inclusion, WhatIsFlatIsThickened) {
  const auto flat = [](const std::string&) -> Result<TriangleSoup> {
    return TriangleSoup{{{10, 20, 30}, {11, 20, 30}, {10, 21, 30}}, {{0, 1, 2}}};
  };
  const auto all = must(read("mesh,a,crack,a.stl\n", flat));
  EXPECT_GT(volume_six(all[0].corners, all[0].triangles), 0);
  EXPECT_EQ(box_of(all[0].corners).size().z, 2);
}

TEST(Inclusion, WhatIsWrongIsRefusedWithItsLine) {
  const auto where = [](std::string_view text) {
    const auto refused = read(text);
    return refused ? "accepted" : to_string(refused.error()).substr(0, 40);
  };
  const auto starts = [&](std::string_view text, std::string_view start) {
    EXPECT_TRUE(where(text).starts_with(start)) << where(text);
  };
  starts("point,a,crystal,1,2\n", "bad_encoding at line 1");
  starts("\npoint,,crystal,10,20,30\n", "bad_encoding at line 2");
  starts("blob,a,crystal,10,20,30\n", "bad_encoding at line 1");
  starts("point,a,crystal,10,20,x\n", "bad_value at line 1");
  starts("ball,a,crystal,10,20,30,0\n", "bad_value at line 1");
  starts("point,a,crystal,10,20,nan\n", "bad_value at line 1");
  starts("point,a,crystal,10,20,30\npoint,a,crystal,10,20,31\n", "bad_value at line 2");
  starts("grade,crystal,SI1\ngrade,crystal,SI2\n", "bad_value at line 2");
  starts("point,a,crystal,10,20,36\n", "inclusion_outside at line 1: a near");
  starts("point,a,crystal,1e9,20,30\n", "inclusion_outside at line 1");
  starts("point,a,crystal,1e300,20,30\n", "inclusion_outside at line 1");
  std::string many;
  for (std::size_t i = 0; i <= kMaxInclusions; ++i) many += format("point,a{},x,10,20,30\n", i);
  starts(many, "too_large at line 257");
  EXPECT_EQ(verdict_of(read(std::string(kMaxInclusionFile + 1, '#'))), Verdict::too_large);
}

std::vector<Inclusion> graded(std::initializer_list<const char*> grades) {
  std::vector<Inclusion> out;
  for (const char* grade : grades) {
    out.push_back({format("n{}", out.size()), "k", grade, {}, {}});
  }
  return out;
}

TEST(Inclusion, EachClarityAvoidsWhatWouldBeWorse) {
  const auto levels =
      must(clarity_levels(graded({"SI2", "", "VVS1", "SI1"}), "VS1", common_clarities()));
  ASSERT_EQ(levels.size(), 3U);
  EXPECT_EQ(levels[0].clarity, "VS1");
  EXPECT_EQ(levels[0].avoided, (std::vector<std::uint16_t>{0, 1, 3}));
  EXPECT_EQ(levels[1].clarity, "SI1");
  EXPECT_EQ(levels[1].avoided, (std::vector<std::uint16_t>{0, 1}));
  EXPECT_EQ(levels[2].clarity, "SI2");
  EXPECT_EQ(levels[2].avoided, (std::vector<std::uint16_t>{1}));
  EXPECT_EQ(verdict_of(clarity_levels(graded({"AAA"}), "VS1", common_clarities())),
            Verdict::unpriced);
  EXPECT_EQ(verdict_of(clarity_levels(graded({"SI1"}), "AAA", common_clarities())),
            Verdict::unpriced);
}

TEST(Inclusion, ObstaclesAreCornersAndNoFurtherOffThanTheAllowance) {
  const auto all = must(read("ball,b,cloud,10,20,30,0.4\npoint,a,crystal,11,20.5,30\n"));
  for (const std::uint32_t allowance : {0U, 1U, 12'345U, kMaxAllowance}) {
    const auto obstacles = obstacles_of(all, allowance, {.corners = 10});
    ASSERT_EQ(obstacles.size(), 16U);
    for (const Obstacle& o : obstacles) {
      const Vec3 corner = to_vec(all[o.source.inclusion].corners[o.source.corner]);
      EXPECT_EQ(o.place, corner + to_vec(o.source.moved));
      EXPECT_LE(length(to_vec(o.source.moved)), allowance);
      EXPECT_GE(length(to_vec(o.source.moved)), allowance - std::min(allowance, 3U));
    }
  }
}

TEST(Inclusion, ALargeOneIsFullOfObstacles) {
  const auto all = must(read("ball,b,cloud,10,20,30,4\n"));
  const auto obstacles = obstacles_of(all, 0, {.corners = 4, .spacing = 3e5, .inside = 200});
  EXPECT_GT(obstacles.size(), 60U);
  EXPECT_LE(obstacles.size(), 300U);
  for (const Obstacle& o : obstacles) {
    const Point p{static_cast<std::int32_t>(o.place.x), static_cast<std::int32_t>(o.place.y),
                  static_cast<std::int32_t>(o.place.z)};
    EXPECT_TRUE(is_in(all[0], p));
  }
  EXPECT_FALSE(is_in(all[0], {2'100'000, 0, 0}));
  // Never more than is allowed, whatever its shape.
  EXPECT_LE(obstacles_of(all, 0, {.corners = 4, .spacing = 1e5, .inside = 50}).size(), 54U);
}

TEST(Inclusion, ItsHashNamesAllOfIt) {
  const std::string text = "point,a,crystal,11,20.5,30\n";
  const Digest hash = inclusions_hash(must(read(text)));
  EXPECT_EQ(inclusions_hash(must(read("# other words\n" + text))), hash);
  for (const char* other :
       {"point,b,crystal,11,20.5,30\n", "point,a,cloud,11,20.5,30\n",
        "point,a,crystal,11,20.5,30.000001\n", "point,a,crystal,11,20.5,30\ngrade,crystal,SI1\n"}) {
    EXPECT_NE(inclusions_hash(must(read(other))), hash) << other;
  }
}

TEST(Inclusion, AClassMayBeGradedByTheSizeOfWhatWasSeen) {
  const auto bar = [](const std::string&) -> Result<TriangleSoup> {
    return moved(cube(0.1), {}, {10, 20, 30});
  };
  const auto all = must(
      read("grade,crystal,VS2\ngrade,crystal,SI1,0.2\ngrade,crystal,I1,0.4\n"
           "point,a,crystal,10,20,30\nball,b,crystal,10,20,30,0.19\nball,c,crystal,10,20,30,0.2\n"
           "ball,d,crystal,10,20,30,0.5\nmesh,e,crystal,bar.stl\n",
           bar));
  std::string grades;
  for (const Inclusion& each : all) grades += each.grade + ' ';
  // A cube's size is its diagonal, 0.346.
  EXPECT_EQ(grades, "VS2 VS2 SI1 I1 SI1 ");
  EXPECT_EQ(read("grade,crystal,SI1,0.2\nball,b,crystal,10,20,30,0.1\n").error().where,
            "b: crystal is graded from a larger size on");
  for (const char* bad : {"grade,crystal,SI1,x\n", "grade,crystal,SI1,-1\n",
                          "grade,crystal,SI1,0.2\ngrade,crystal,SI2,0.2\n",
                          "grade,crystal,SI1\ngrade,crystal,SI2,0\n"}) {
    EXPECT_EQ(verdict_of(read(bad)), Verdict::bad_value) << bad;
  }
}

}  // namespace
}  // namespace intaglio::stone
