#include "stone/gemcad.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "base/result_for_test.h"

namespace intaglio::stone {
namespace {

constexpr std::string_view kSquare =
    "GemCad 5.0\r\ng 96 0.0\r\ny 4 y\r\nI 1.54\r\nH a square\xe9\r\n"
    "a 90.000000 1.00000000 96 24 48 72 n g1\r\n"
    "a -45.000000 0.70710678 96 72 n 1\r\n 48 n 24 24 G Meet 1\r\n"
    "a -0.0 0.5 96 n culet\r\na 0.0 0.4 96 n T\r\nF done\r\n";

TEST(Gemcad, ASquareWithItsTraps) {
  const auto read = must(read_gemcad(kSquare));
  EXPECT_EQ(read.gear, 96U);
  EXPECT_EQ(read.refractive_index, 1.54);
  EXPECT_EQ(read.title, std::vector<std::string>{"a square?"});
  // A tier that goes on in another line, a name that is a number, a flat facet below.
  ASSERT_EQ(read.planes.size(), 10U);
  EXPECT_EQ(read.planes[8].normal.z, -1);
  EXPECT_EQ(read.planes[0].normal.z, 0);
  const Design d = must(design_from_gemcad(kSquare, "square"));
  EXPECT_EQ(d.name, "a square?");
  EXPECT_EQ(d.facets, 10U);
  EXPECT_EQ(d.symmetry, 4U);
  // A box of 2 * 2 * 0.4 and a pyramid below it cut off at half its height: corners at sqrt 2.
  EXPECT_EQ(d.corners.size(), 12U);
}

TEST(Gemcad, WhatIsNoFileIsRefusedWithItsLine) {
  const auto where = [](std::string_view text) { return read_gemcad(text).error().where; };
  EXPECT_EQ(where("GemCad\ng 0 0\n"), "line 2: gear");
  EXPECT_EQ(where("GemCad\ng 721 0\n"), "line 2: gear");
  EXPECT_EQ(where("GemCad\ng 96 0\na x 1 2\n"), "line 3: angle, distance");
  EXPECT_EQ(where("GemCad\ng 96 0\na 91 1 2\n"), "line 3: angle, distance");
  EXPECT_EQ(where("GemCad\ng 96 0\na 41 1 2 x\n"), "line 3: x");
  EXPECT_EQ(where("GemCad\nH\na 41 1 2\n"), "line 3: a facet before the gear");
  EXPECT_EQ(verdict_of(read_gemcad("")), Verdict::bad_encoding);
  EXPECT_EQ(verdict_of(read_gemcad("GemCad\ng 96 0\n")), Verdict::bad_encoding);
  EXPECT_EQ(verdict_of(read_gemcad(std::string(kMaxGemcadFile + 1, ' '))), Verdict::too_large);
  std::string many = "GemCad\ng 96 0\na 41 1";
  for (std::size_t i = 0; i <= kMaxFacets; ++i) many += " 1";
  EXPECT_EQ(verdict_of(read_gemcad(many)), Verdict::too_large);
  EXPECT_EQ(verdict_of(design_from_gemcad("GemCad\ng 96 0\na 41 1 2\n", "")), Verdict::design_open);
}

std::optional<std::string> vector_file(const std::string& name) {
  const char* folder = std::getenv("INTAGLIO_VECTORS");
  std::ifstream file(
      std::string(folder == nullptr ? "../shared/vectors" : folder) + "/gems/" + name,
      std::ios::binary);
  if (!file) return std::nullopt;
  return std::string{std::istreambuf_iterator<char>(file), {}};
}

// Volumes, corners and proportions as others computed them from the same files. (Of Compear125 they
// count 111 corners, some nearer to each other than a millionth; here those are one.)
TEST(Gemcad, ForeignDesigns) {
  struct Expected {
    const char* name;
    std::size_t planes;
    std::size_t corners;
    double volume;
    double height;  // by the largest diameter
  };
  for (const Expected& e :
       {Expected{"SRB", 73, 57, 1.67262, 0.5677}, Expected{"Compear125", 67, 97, 0.79579, 0.4017},
        Expected{"Turkey", 74, 108, 1.52268, 0.5153}}) {
    const auto text = vector_file("gemcad-file-reader/" + std::string(e.name) + ".asc");
    if (!text) GTEST_SKIP() << "NOT TESTED: there is no " << e.name << ".asc in the vectors";
    const auto read = must(read_gemcad(*text));
    EXPECT_EQ(read.planes.size(), e.planes) << e.name;
    const Design d = must(design_from_planes("", "", read.planes));
    EXPECT_EQ(d.facets, e.planes) << e.name;
    EXPECT_EQ(d.corners.size(), e.corners) << e.name;
    const auto girdle = std::ranges::find_if(
        read.planes, [](const FacetPlane& plane) { return plane.normal.z == 0; });
    ASSERT_NE(girdle, read.planes.end());
    double radius = 0;
    double side = 0;
    for (const Point& p : d.corners) {
      radius = std::max(radius, std::hypot(p.x, p.y) / kDesignUnit);
      side = std::max(side, dot(girdle->normal, to_vec(p)) / kDesignUnit);
    }
    EXPECT_NEAR(unit_volume(d) * std::pow(girdle->offset / side, 3), e.volume, 1e-5) << e.name;
    EXPECT_NEAR(size_of(d).depth / (2 * radius), e.height, 1e-4) << e.name;
  }
}

TEST(Gemcad, EveryForeignFileIsReadAndMakesAStone) {
  for (const char* name : {"gemcad-file-reader/CubeIllusionTri", "indicatrix/forfun",
                           "indicatrix/texasstar", "indicatrix/trichecker12",
                           "opengemcutting/astryx-star", "opengemcutting/smallest-square"}) {
    const auto text = vector_file(std::string(name) + ".asc");
    if (!text) GTEST_SKIP() << "NOT TESTED: there is no " << name << ".asc in the vectors";
    const auto d = design_from_gemcad(*text, "round");
    ASSERT_TRUE(d) << name << ": " << to_string(d.error());
    EXPECT_GT(unit_volume(*d), 0.1) << name;
  }
}

// Of a gear with a positive number of teeth the indices ascend counter-clockwise as the table is
// seen from above, of one with a negative number clockwise: so GemCad's manual says of its index
// gear. Three crown facets at different heights, none of which is another's mirror image.
TEST(Gemcad, HandedDesignsHaveTheHandOfTheirGear) {
  const auto file = [](const char* gear) {
    return "GemCad 5.0\ng " + std::string(gear) +
           " 0.0\na 90.0 1.0 96 16 32 48 64 80 n G\na -42.0 0.7 96 16 32 48 64 80 n P\n"
           "a 40.0 0.80 4\na 35.0 0.75 36\na 30.0 0.70 68\na 0.0 0.5 96 n T\n";
  };
  const auto right = must(read_gemcad(file("96")));
  // A quarter of the gear on from index 0 is +y.
  const auto quarter = must(read_gemcad("GemCad 5.0\ng 96 0.0\na 90.0 1.0 24\n"));
  EXPECT_NEAR(quarter.planes[0].normal.y, 1, 1e-12);
  const auto left = must(read_gemcad(file("-96")));
  ASSERT_EQ(right.planes.size(), left.planes.size());
  for (std::size_t i = 0; i < right.planes.size(); ++i) {
    EXPECT_NEAR(right.planes[i].normal.x, left.planes[i].normal.x, 1e-12);
    EXPECT_NEAR(right.planes[i].normal.y, -left.planes[i].normal.y, 1e-12);
    EXPECT_EQ(right.planes[i].normal.z, left.planes[i].normal.z);
  }
  // No spin makes one of the other.
  const Design one = must(design_from_gemcad(file("96"), "any"));
  const Design other = must(design_from_gemcad(file("-96"), "any"));
  EXPECT_NEAR(unit_volume(one), unit_volume(other), 1e-9);
  for (int degree = 0; degree < 360; ++degree) {
    const Matrix spin = rotation({0, 0, degree * 3.14159265358979 / 180});
    double furthest = 0;
    for (const Point& p : one.corners) {
      double nearest = 1;
      for (const Point& q : other.corners) {
        nearest = std::min(nearest, length(spin * to_vec(p) - to_vec(q)) / kDesignUnit);
      }
      furthest = std::max(furthest, nearest);
    }
    EXPECT_GT(furthest, 0.01) << degree;
  }
}

}  // namespace
}  // namespace intaglio::stone
