#include "stone/search.h"

#include <cmath>
#include <set>

#include <gtest/gtest.h>

#include "stone/families.h"
#include "stone/solids_for_test.h"

namespace intaglio::stone {
namespace {

constexpr SpecificGravity kDiamond{3520};

Rough rough(const TriangleSoup& soup) { return must(rough_from(solid(soup), 0)); }
Design design(std::string_view text) { return must(design_from_text(text)); }
Design body_design(const TriangleSoup& soup) {
  return must(design_from_solid("body", "body", solid(soup)));
}
SearchResult best_of(const Rough& body, const Design& d, SearchLimits limits = {}) {
  return must(search(body, {{d}}, kDiamond, limits));
}

// The stone in units of 10 mm over the size its furthest corner has.
double millimetres(std::uint64_t size) { return static_cast<double>(size) * 1e-9; }

TEST(Search, ACopyOfTheStoneIsFoundInItsOwnShape) {
  const Design d = design("round");
  TriangleSoup soup;
  for (const Point& p : d.corners) soup.corners.push_back((4 / kDesignUnit) * to_vec(p));
  soup.triangles = d.faces;
  Chance chance(1);
  const auto found = best_of(rough(moved(soup, chance.turn(), {7, -3, 2})), d, {.gap = 9'000});
  ASSERT_TRUE(found.best);
  EXPECT_NEAR(millimetres(found.best->pose.size), 4, 1e-4);
  EXPECT_GE(found.bounds[0].size, found.best->pose.size);
  EXPECT_LE(millimetres(found.bounds[0].size), 4 * 1.0031);
}

// Platonic bodies in each other: edge ratios that geometry knows. With the octahedron's and the
// cube's corners at distance 1, edges are sqrt 2 and 2 / sqrt 3, the tetrahedron's 4 / sqrt 6.
TEST(Search, PlatonicBodiesInEachOther) {
  const double cube_edge = 2 / std::sqrt(3.0);
  const double octahedron_edge = std::sqrt(2.0);
  const double tetrahedron_edge = 4 / std::sqrt(6.0);
  struct Pair {
    const char* name;
    TriangleSoup inner;
    double inner_edge;  // with its corners at distance 1
    TriangleSoup outer;
    double outer_edge;  // in millimetres
    double ratio;
  };
  const std::vector<Pair> pairs = {
      {"cube in cube", cube(1), cube_edge, cube(5), 10, 1},
      {"octahedron in cube", octahedron(1), octahedron_edge, cube(5), 10, 3 * std::sqrt(2.0) / 4},
      {"cube in octahedron", cube(1), cube_edge, octahedron(5), 5 * std::sqrt(2.0),
       2 - std::sqrt(2.0)},
      {"tetrahedron in cube", tetrahedron(1), tetrahedron_edge, cube(5), 10, std::sqrt(2.0)}};
  Chance chance(2);
  for (const Pair& pair : pairs) {
    const auto found = best_of(rough(moved(pair.outer, chance.turn(), {1, 2, 3})),
                               body_design(pair.inner), {.gap = 9'000});
    ASSERT_TRUE(found.best) << pair.name;
    const double ratio = millimetres(found.best->pose.size) * pair.inner_edge / pair.outer_edge;
    const double bound = millimetres(found.bounds[0].size) * pair.inner_edge / pair.outer_edge;
    EXPECT_NEAR(ratio, pair.ratio, 1e-5) << pair.name;
    EXPECT_GE(bound, pair.ratio) << pair.name;
    EXPECT_LE(bound, pair.ratio * 1.0031) << pair.name;
  }
}

TEST(Search, ARoundBrilliantInAnOctahedronYieldsFortyThreePercent) {
  const Rough body = rough(octahedron(5));
  const auto found = best_of(body, design("round pavilion=40.75"), {.gap = 3'000});
  ASSERT_TRUE(found.best);
  const auto whole = weight_of(volume_six(body.solid.corners, body.solid.triangles), kDiamond);
  EXPECT_NEAR(
      100.0 * static_cast<double>(found.best->weight.value()) / static_cast<double>(whole.value()),
      43.37, 0.01);
  EXPECT_EQ(found.reason, StopReason::gap_reached);
  EXPECT_LE(static_cast<double>(found.bound.value()),
            static_cast<double>(found.best->value.value()) * 1.0031);
}

// In a ball the stone is limited by its furthest corner.
TEST(Search, InASphereTheFurthestCornerDecides) {
  TriangleSoup ball = geodesic(4);
  for (Vec3& corner : ball.corners) corner = 5 * corner;
  const auto found = best_of(rough(ball), design("round"), {.gap = 15'000, .cells = 500});
  ASSERT_TRUE(found.best);
  EXPECT_GT(millimetres(found.best->pose.size), 5 * 0.995);
  EXPECT_LT(millimetres(found.best->pose.size), 5 * 1.0);
}

// No stone anywhere, however it is tried, is larger than what is proven.
TEST(Search, NoRandomPoseIsLargerThanTheBound) {
  Chance chance(3);
  for (const char* text : {"round", "emerald", "pear", "trillion", "briolette"}) {
    const Design d = design(text);
    const Shape shape(d);
    TriangleSoup lump = geodesic(1);
    for (Vec3& corner : lump.corners) corner = chance.uniform(3, 5) * corner;
    const Rough body = rough(lump);
    const auto found = best_of(body, d, {.gap = 60'000, .cells = 20'000});
    ASSERT_TRUE(found.best);
    EXPECT_LE(found.best->pose.size, found.bounds[0].size);
    for (int i = 0; i < 3000; ++i) {
      const Pose pose{chance.turn(), 3e5 * Vec3{chance.uniform(-1, 1), chance.uniform(-1, 1),
                                                chance.uniform(-1, 1)}};
      EXPECT_LE(1000 * largest_size(body, shape, pose), static_cast<double>(found.bounds[0].size));
    }
  }
}

std::string text_of(const SearchResult& result) {
  std::string out = std::to_string(result.cells) + ' ' + std::to_string(result.bound.value());
  for (const auto part : result.best->pose.quaternion) out += ' ' + std::to_string(part);
  for (const auto part : result.best->pose.place) out += ' ' + std::to_string(part);
  out += ' ' + std::to_string(result.best->pose.size);
  for (const auto& bound : result.bounds) out += ' ' + std::to_string(bound.size);
  for (const auto& d : result.directions) out += ' ' + std::to_string(d.x);
  return out;
}

TEST(Search, TheSameForAnyNumberOfThreads) {
  const Rough body = rough(scan_like(3, 0.05, 11));
  const std::vector<Candidate> candidates = {{design("round")}, {design("emerald")}};
  const SearchLimits one{.gap = 20'000, .cells = 1'200, .threads = 1};
  SearchLimits many = one;
  const auto first = must(search(body, candidates, kDiamond, one));
  for (const unsigned threads : {2U, 7U}) {
    many.threads = threads;
    const auto other = must(search(body, candidates, kDiamond, many));
    EXPECT_EQ(text_of(other), text_of(first));
    EXPECT_EQ(other.proofs, first.proofs);
  }
}

// A bound that is small enough is not made smaller.
TEST(Search, WhatIsNegligibleIsNotToldApart) {
  const Rough body = rough(octahedron(1));
  const auto whole = must(search(body, {{design("round")}}, kDiamond, {.gap = 1'000}));
  SearchLimits limits{.gap = 1'000};
  limits.negligible = Amount(2 * whole.best->value.value());
  const auto found = must(search(body, {{design("round")}}, kDiamond, limits));
  EXPECT_LT(found.cells, whole.cells);
  EXPECT_LE(found.bound, limits.negligible);
  EXPECT_GE(found.bound, whole.bound);
}

TEST(Search, AStoppedSearchIsTrueAndCanBeRepeatedByItsCells) {
  const Rough body = rough(octahedron(5));
  int asked = 0;
  const auto stopped = must(search(body, {{design("emerald")}}, kDiamond, {.gap = 100},
                                   [&](const Progress&) { return ++asked < 9; }));
  EXPECT_EQ(stopped.reason, StopReason::stopped);
  ASSERT_TRUE(stopped.best);
  EXPECT_GT(stopped.bound, stopped.best->value);
  const auto again =
      must(search(body, {{design("emerald")}}, kDiamond, {.gap = 100, .cells = stopped.cells}));
  EXPECT_EQ(again.reason, StopReason::cell_limit);
  EXPECT_EQ(text_of(again), text_of(stopped));
}

// Money decides, not weight: a price list under which the smaller shape is worth more.
TEST(Search, TheStoneOfMostValueIsNotTheHeaviest) {
  const Rough body = rough(octahedron(4));
  const PriceCurve cheap({{MicroCarats(0), Amount(100'000)}});
  const PriceCurve dear({{MicroCarats(0), Amount(900'000)}});
  const auto found = must(search(body, {{design("round"), cheap}, {design("marquise"), dear}},
                                 kDiamond, {.gap = 20'000}));
  ASSERT_TRUE(found.best);
  EXPECT_EQ(found.best->candidate, 1U);
  EXPECT_LT(found.best->weight, found.bounds[0].weight);
  for (const auto& bound : found.bounds) EXPECT_LE(bound.value, found.bound);
}

// The octahedron of 2.28 ct from the trade's cliff: usual proportions stay under a carat, others
// that are graded the same do not.
TEST(Search, ProportionsCarryAStoneOverAPriceStep) {
  const double radius = std::cbrt(2.28 * 200 / 3.52 * 3 / 4);
  const Rough body = rough(octahedron(radius));
  const PriceCurve curve(
      {{MicroCarats(500'000), Amount(320'000)}, {MicroCarats(1'000'000), Amount(740'000)}});
  const Design usual = design("round table=57 crown=34.5");
  const Design steep = design("round table=53 crown=35.5");
  EXPECT_EQ(usual.cut_grade, steep.cut_grade);
  const auto found = must(search(body, {{usual, curve}, {steep, curve}}, kDiamond, {}));
  ASSERT_TRUE(found.best);
  EXPECT_EQ(found.best->candidate, 1U);
  EXPECT_GT(found.best->weight, MicroCarats(1'010'000));
  // Of the usual ones alone it is proven that no stone weighs a carat; asked for one, nothing is
  // worth anything, and at once.
  const auto asked = must(search(
      body, {{usual, PriceCurve::by_weight().from_weight(MicroCarats(1'000'000))}}, kDiamond, {}));
  EXPECT_FALSE(asked.best);
  EXPECT_EQ(asked.bound, Amount(0));
  const auto alone = must(search(body, {{usual, curve}}, kDiamond, {}));
  ASSERT_TRUE(alone.best);
  EXPECT_GT(alone.best->weight, MicroCarats(985'000));
  EXPECT_LT(alone.bounds[0].weight, MicroCarats(1'000'000));
}

TEST(Search, WhatIsWorthNothingIsNotFound) {
  const PriceCurve large({{MicroCarats(100'000'000), Amount(1)}});
  const auto found = must(search(rough(octahedron(2)), {{design("round"), large}}, kDiamond, {}));
  EXPECT_FALSE(found.best);
  EXPECT_EQ(found.bound, Amount(0));
  EXPECT_EQ(verdict_of(search(rough(octahedron(2)), {}, kDiamond, {})), Verdict::bad_value);
}

double yield_of(const SearchResult& found, const Rough& body) {
  const auto whole = weight_of(volume_six(body.solid.corners, body.solid.triangles), kDiamond);
  return 100.0 * static_cast<double>(found.best->weight.value()) /
         static_cast<double>(whole.value());
}

std::vector<std::uint16_t> all_of(const Rough& body) {
  std::vector<std::uint16_t> out;
  for (std::size_t i = 0; i < body.inclusions.size(); ++i) {
    out.push_back(static_cast<std::uint16_t>(i));
  }
  return out;
}

SearchResult clear_of_all(const Rough& body, const Design& d, const SearchLimits& limits) {
  return must(search(body, {{d, PriceCurve::by_weight(), all_of(body)}}, kDiamond, limits));
}

// Known from searches of others over place and rotation.
TEST(Search, StonesKeepClearOfPointsInTheRough) {
  struct Case {
    const char* name;
    TriangleSoup soup;
    std::vector<Vec3> points;
    double yield;
    SearchLimits limits;
  };
  const std::vector<Case> cases = {
      {"octahedron, beside its middle", octahedron(5), {{0.2, 0.1, 0.15}}, 41.07, {.gap = 60'000}},
      {"polytope, three",
       polytope(),
       {{-0.515130, 0.407939, -0.454406},
        {0.083174, -0.075526, -0.577502},
        {-0.551243, -0.302534, -0.487738}},
       42.82,
       {.gap = 60'000}},
      // What a hundredth of its search finds already.
      {"octahedron, in its middle",
       octahedron(5),
       {{0, 0, 0}},
       27.22,
       {.gap = 60'000, .cells = 2'000}},
  };
  for (const Case& each : cases) {
    const Rough body = rough_with_points(each.soup, 5, each.points);
    const auto found = clear_of_all(body, design("round pavilion=40.75"), each.limits);
    ASSERT_TRUE(found.best) << each.name;
    EXPECT_NEAR(yield_of(found, body), each.yield, 0.05) << each.name;
    const auto gap = 1 - static_cast<double>(found.best->weight.value()) /
                             static_cast<double>(found.bounds[0].weight.value());
    if (found.reason == StopReason::gap_reached) {
      EXPECT_LE(gap, 0.0601) << each.name;
    }
  }
}

TEST(Search, WhatLiesBesideTheBestStoneChangesNothing) {
  const Design d = design("round pavilion=40.75");
  const SearchLimits limits{.gap = 20'000};
  const auto without = best_of(rough(octahedron(5)), d, limits);
  const Rough body = rough_with_points(octahedron(5), 5, {{0, 0, 0.93}, {0.9, 0.02, 0}});
  const auto with = clear_of_all(body, d, limits);
  ASSERT_TRUE(with.best && without.best);
  EXPECT_NEAR(static_cast<double>(with.best->pose.size),
              static_cast<double>(without.best->pose.size),
              1e-5 * static_cast<double>(without.best->pose.size));
}

TEST(Search, NoRandomPoseClearOfInclusionsIsLargerThanTheBound) {
  Chance chance(9);
  for (const char* text : {"round", "pear", "briolette"}) {
    const Design d = design(text);
    const Shape shape(d);
    TriangleSoup lump = geodesic(1);
    for (Vec3& corner : lump.corners) corner = chance.uniform(4, 5) * corner;
    std::vector<Vec3> points;
    for (int i = 0; i < 4; ++i) points.push_back(chance.uniform(0, 3) * chance.direction());
    const Rough body = rough_with_points(lump, 1, points, 15'000);
    const auto found = clear_of_all(body, d, {.gap = 100'000, .cells = 20'000});
    ASSERT_TRUE(found.best);
    EXPECT_LE(found.best->pose.size, found.bounds[0].size);
    const Room room(body, all_of(body));
    EXPECT_LE(static_cast<double>(found.best->pose.size),
              1000 * largest_size(room, shape, pose_of(found.best->pose)));
    for (int i = 0; i < 3000; ++i) {
      const Pose pose{chance.turn(), chance.uniform(0, 3e6) * chance.direction()};
      EXPECT_LE(1000 * largest_size(room, shape, pose), static_cast<double>(found.bounds[0].size));
    }
  }
}

TEST(Search, InclusionsLeaveTheSamePlanForAnyNumberOfThreads) {
  const Rough body = rough_with_points(octahedron(5), 5, {{0.2, 0.1, 0.15}, {-0.3, 0, 0.1}}, 9'000);
  const std::vector<Candidate> candidates = {{design("round"), PriceCurve::by_weight(), {0, 1}},
                                             {design("emerald"), PriceCurve::by_weight(), {1}}};
  SearchLimits limits{.gap = 30'000, .cells = 4'000, .threads = 1};
  const auto one = must(search(body, candidates, kDiamond, limits));
  limits.threads = 5;
  const auto many = must(search(body, candidates, kDiamond, limits));
  EXPECT_EQ(text_of(many), text_of(one));
  EXPECT_EQ(many.proofs, one.proofs);
  EXPECT_EQ(
      verdict_of(search(body, {{design("round"), PriceCurve::by_weight(), {2}}}, kDiamond, limits)),
      Verdict::bad_value);
}

// Half of an octahedron is what a design finds in that body itself.
TEST(Search, BelowALayerTheRestOfTheRoughIsAsGoodAsSawnOff) {
  const Design d = design("emerald");
  TriangleSoup half;
  half.corners = {{5, 0, 0}, {-5, 0, 0}, {0, 5, 0}, {0, -5, 0}, {0, 0, 5}};
  half.triangles = {{0, 2, 4}, {2, 1, 4}, {1, 3, 4}, {3, 0, 4}, {0, 1, 2}, {0, 3, 1}};
  const auto sawn = best_of(rough(half), d, {.gap = 20'000});
  const Rough whole = rough(octahedron(5));
  const Rough part = must(below(whole, {{{0, 0, -kDirectionUnit}, 0}}));
  const auto below_layer = best_of(part, d, {.gap = 20'000});
  ASSERT_TRUE(sawn.best && below_layer.best);
  EXPECT_NEAR(static_cast<double>(below_layer.best->pose.size),
              static_cast<double>(sawn.best->pose.size),
              1e-5 * static_cast<double>(sawn.best->pose.size));
  EXPECT_NEAR(static_cast<double>(below_layer.bound.value()),
              static_cast<double>(sawn.bound.value()),
              0.02 * static_cast<double>(sawn.bound.value()));
  // Beyond the rough a layer changes nothing, and beyond its other side nothing is left.
  const auto beyond =
      best_of(must(below(whole, {{{0, 0, kDirectionUnit}, 6'000'000}})), d, {.gap = 20'000});
  EXPECT_EQ(beyond.best->weight, best_of(whole, d, {.gap = 20'000}).best->weight);
  const auto nothing = best_of(must(below(whole, {{{0, 0, kDirectionUnit}, -6'000'000}})), d, {});
  EXPECT_FALSE(nothing.best);
  EXPECT_LE(nothing.bound, Amount(1));
  EXPECT_EQ(verdict_of(below(whole, {{{0, 0, 1}, 0}})), Verdict::bad_value);
}

// A dent in one corner of a cube: the hull does not know of it, the stone must not meet it.
TEST(Search, InARoughWithADentTheStoneKeepsClearOfIt) {
  const Rough body = rough(scan_like(3, 0.12, 5));
  const Design d = design("round");
  const auto found = best_of(body, d, {.gap = 15'000});
  ASSERT_TRUE(found.best);
  EXPECT_LE(static_cast<double>(found.best->pose.size),
            1000 * largest_size(body, Shape(d), pose_of(found.best->pose)));
  EXPECT_LT(found.best->value, found.bound);
}

}  // namespace
}  // namespace intaglio::stone
