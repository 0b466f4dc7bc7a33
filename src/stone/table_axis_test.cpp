#include "stone/table_axis.h"

#include <numbers>

#include <gtest/gtest.h>

#include "stone/families.h"
#include "stone/polish.h"
#include "stone/solids_for_test.h"
#include "stone/verifier.h"

namespace intaglio::stone {
namespace {

PlanTerms by_weight() { return {SpecificGravity(3520)}; }

AxisLimit limit(const Vec3& line, double from, double to) {
  return {grid_direction(line), static_cast<std::uint32_t>(1000 * from),
          static_cast<std::uint32_t>(1000 * to)};
}

double degrees_between(const Vec3& line, const Vec3& table) {
  return std::atan2(length(cross(line, table)), std::abs(dot(line, table))) * 180 /
         std::numbers::pi;
}

Vec3 any_direction(Chance& chance) {
  for (;;) {
    const Vec3 v{chance.uniform(-1, 1), chance.uniform(-1, 1), chance.uniform(-1, 1)};
    if (length(v) > 0.1 && length(v) < 1) return unit(v);
  }
}

Rough rough_with(const AxisLimit& axis) {
  Rough out = must(rough_from(solid(octahedron(5)), 0));
  out.axis = axis;
  return out;
}

Result<VerifiedBounds> verified(const PlanAndProof& made, const Rough& rough) {
  return verify_plan(made.plan, made.proof, rough.solid, {}, nullptr);
}

TEST(TableAxis, TheNearestRotationIsAllowedAndNoFurtherThanItMustBe) {
  Chance chance(1);
  for (const auto& [from, to] : {std::pair(0.0, 20.0), {70.0, 90.0}, {30.0, 31.0}}) {
    for (int i = 0; i < 200; ++i) {
      const Vec3 line = any_direction(chance);
      const TableAxis axis(limit(line, from, to));
      const Matrix turn = rotation(chance.uniform(0, 3) * any_direction(chance));
      const Matrix nearest = axis.nearest(turn);
      const double before = degrees_between(line, {turn.x.z, turn.y.z, turn.z.z});
      const double after = degrees_between(line, {nearest.x.z, nearest.y.z, nearest.z.z});
      EXPECT_GE(after, from);
      EXPECT_LE(after, to);
      EXPECT_NEAR(after, std::clamp(before, from, to), 1e-5);
    }
  }
}

// A cell that is left out holds no rotation that is allowed.
TEST(TableAxis, ACellIsOnlyLeftOutWhenAllOfItIsOff) {
  Chance chance(2);
  int excluded = 0;
  for (int i = 0; i < 400; ++i) {
    const Vec3 line = any_direction(chance);
    const TableAxis axis(limit(line, 20, 40));
    Cell cell = root_cell(static_cast<std::uint32_t>(chance.uniform(0, 127.9)));
    for (int k = 0; k < i % 5; ++k) {
      cell = divide_direction(cell)[static_cast<std::size_t>(chance.uniform(0, 3.9))];
    }
    if (!axis.excludes(view_of(cell, 8))) continue;
    ++excluded;
    for (int k = 0; k < 30; ++k) {
      const double a = chance.uniform(0, 1);
      const double b = chance.uniform(0, 1 - a);
      const Vec3 table =
          unit(a * cell.corners[0] + b * cell.corners[1] + (1 - a - b) * cell.corners[2]);
      const double angle = degrees_between(line, table);
      EXPECT_TRUE(angle < 20 || angle > 40) << angle;
    }
  }
  EXPECT_GT(excluded, 100);
}

struct Made {
  Rough rough;
  PlanAndProof both;
};
// Tables along a threefold axis, where an octahedron has less room for them.
const Made& threefold() {
  static const Made made = [] {
    Made out{rough_with(limit({1, 1, 1}, 0, 8)), {}};
    out.both =
        must(make_plan(out.rough, {must(design_from_text("round"))}, by_weight(), {.gap = 10'000}));
    return out;
  }();
  return made;
}

TEST(TableAxis, ThePlansTableLooksWhereItMay) {
  const Plan& plan = threefold().both.plan;
  const auto checked = verified(threefold().both, threefold().rough);
  ASSERT_TRUE(checked) << to_string(checked.error());
  ASSERT_TRUE(plan.stone);
  const Matrix turn = pose_of(plan.stone->pose).turn;
  EXPECT_LE(degrees_between(unit({1, 1, 1}), {turn.x.z, turn.y.z, turn.z.z}), 8);
  EXPECT_LE(gap_between(plan.stone->value.value(), plan.bound.value()), 10'000U);
  // Anywhere there is a larger one, and its table looks along a fourfold axis.
  const auto free =
      must(make_plan(must(rough_from(solid(octahedron(5)), 0)), {must(design_from_text("round"))},
                     by_weight(), {.gap = 10'000}));
  EXPECT_GT(free.plan.stone->weight.value(), plan.bound.value());
}

TEST(TableAxis, NoStoneThatLooksThereIsLargerThanTheBound) {
  const Shape shape(must(design_from_text("round")));
  Reaches reaches(threefold().rough);
  reaches.add_spread_facets(100);
  const auto& rows = reaches.rows();
  const double bound = static_cast<double>(threefold().both.plan.designs[0].size_bound) / 1000;
  const TableAxis axis(*threefold().rough.axis);
  Chance chance(3);
  double most = 0;
  for (int i = 0; i < 3'000; ++i) {
    const Matrix turn = axis.nearest(rotation(chance.uniform(0, 3.1) * any_direction(chance)));
    const auto placed = place_at(rows, all_of(rows), shape, turn, nullptr, nullptr);
    ASSERT_TRUE(placed);
    most = std::max(most, placed->size);
    EXPECT_LE(placed->size, bound);
  }
  EXPECT_GT(most, 0.95 * bound);
}

TEST(TableAxis, WhatDoesNotHoldIsCaught) {
  const auto where = [&](auto spoil) {
    PlanAndProof other = threefold().both;
    spoil(other.plan);
    const auto checked = verified(other, threefold().rough);
    return checked ? std::string("accepted") : checked.error().where;
  };
  EXPECT_EQ(where([](Plan&) {}), "accepted");
  EXPECT_TRUE(where([](Plan& plan) { plan.axis.reset(); }).ends_with("its bound does not hold"));
  EXPECT_TRUE(where([](Plan& plan) { plan.axis->to = 30'000; }).ends_with("does not hold"));
  // What was not looked at, although the stone is not there.
  EXPECT_NE(where([](Plan& plan) {
              plan.axis->from = 8'000;
              plan.axis->to = 9'000;
            }),
            "accepted");
  EXPECT_EQ(where([](Plan& plan) { plan.axis->to = 0; }), "the table's axis");
  EXPECT_EQ(where([](Plan& plan) { plan.axis->to = 90'001; }), "the table's axis");
  EXPECT_EQ(where([](Plan& plan) {
              plan.stone->pose.quaternion = {1 << 30, 0, 0, 0};
              plan.stone->pose.size /= 2;
            }),
            "the stone's table");
}

TEST(TableAxis, TablesMayBeKeptAwayFromALine) {
  const Rough rough = rough_with(limit({0, 0, 1}, 50, 60));
  const PlanTerms terms = [] {
    PlanTerms out = by_weight();
    out.within = {must(design_range_from_text("oval table=55..57"))};
    return out;
  }();
  const auto made = must(make_plan(rough, {}, terms, {.gap = 60'000, .cells = 40'000}));
  const auto checked = verified(made, rough);
  ASSERT_TRUE(checked) << to_string(checked.error());
  ASSERT_TRUE(made.plan.stone);
  EXPECT_EQ(made.plan.axis, rough.axis);
}

TEST(TableAxis, ALimitThatIsNoneIsRefused) {
  for (const AxisLimit& bad :
       {AxisLimit{{0, 0, 5}, 0, 10'000}, AxisLimit{{0, 0, 1 << 30}, 9, 8},
        AxisLimit{{0, 0, 1 << 30}, 0, 99}, AxisLimit{{0, 0, 1 << 30}, 0, 90'001}}) {
    EXPECT_EQ(
        verdict_of(make_plan(rough_with(bad), {must(design_from_text("round"))}, by_weight(), {})),
        Verdict::bad_value);
  }
}

}  // namespace
}  // namespace intaglio::stone
