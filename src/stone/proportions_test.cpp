#include "stone/proportions.h"

#include <gtest/gtest.h>

#include "crypto/sha256.h"
#include "stone/solids_for_test.h"
#include "stone/verifier.h"

namespace intaglio::stone {
namespace {

constexpr SpecificGravity kDiamond{3520};

Rough octahedral(double carats) {
  const double radius = std::cbrt(carats * 200 / 3.52 * 3 / 4);
  return must(rough_from(solid(octahedron(radius)), 0));
}

PlanTerms within(const char* text, const PriceList* prices = nullptr) {
  PlanTerms terms{kDiamond, prices, prices == nullptr ? "" : "G", prices == nullptr ? "" : "VS1"};
  terms.within = {must(design_range_from_text(text))};
  return terms;
}

Result<VerifiedBounds> verified(const PlanAndProof& made, const Rough& rough,
                                const PriceList* prices = nullptr) {
  return verify_plan(made.plan, made.proof, rough.solid, rough.inclusions, prices);
}

struct Made {
  Rough rough;
  PlanAndProof both;
};
// Out of 2.28 carats a usual brilliant has 0.99.
const Made& carat() {
  static const Made made = [] {
    Made out{octahedral(2.28), {}};
    out.both = must(
        make_plan(out.rough, {}, within("round table=53..57 crown=34.5..35.5"), {.gap = 20'000}));
    return out;
  }();
  return made;
}

TEST(Proportions, ACaratIsReachedByAnotherTableAndCrown) {
  const Plan& plan = carat().both.plan;
  const auto checked = verified(carat().both, carat().rough);
  ASSERT_TRUE(checked) << to_string(checked.error());
  ASSERT_TRUE(plan.stone);
  EXPECT_GT(plan.stone->weight, MicroCarats(1'015'000));
  EXPECT_LE(gap_between(plan.stone->value.value(), plan.bound.value()), 25'000U);
  EXPECT_TRUE(!plan.designs[plan.stone->design].range);
  EXPECT_EQ(plan.designs[plan.stone->design].cut_grade, "excellent");
  const auto usual = must(make_plan(carat().rough, {must(design_from_text("round"))},
                                    {kDiamond, nullptr, "", ""}, {.gap = 2'000}));
  EXPECT_LT(usual.plan.stone->weight, MicroCarats(1'000'000));
}

// Members between those that the ranges are divided at are no heavier than is proven.
TEST(Proportions, NoMemberIsHeavierThanItsRangeSays) {
  Chance chance(3);
  const Plan& plan = carat().both.plan;
  for (int i = 0; i < 12; ++i) {
    const auto table = static_cast<std::uint32_t>(chance.uniform(53'000, 57'000));
    const auto crown = static_cast<std::uint32_t>(chance.uniform(34'500, 35'500));
    const Design member =
        must(member_of((*plan.within)[0], {table, crown, 40'800, 3'000, 50'000, 77'000}));
    const auto found = must(search(carat().rough, {{member}}, kDiamond, {.gap = 3'000}));
    std::size_t ranges = 0;
    for (const PlanDesign& row : plan.designs) {
      if (!row.range || table < row.range->proportions[0].low ||
          table > row.range->proportions[0].high || crown < row.range->proportions[1].low ||
          crown > row.range->proportions[1].high) {
        continue;
      }
      ++ranges;
      EXPECT_GE(row.weight_bound, found.best->weight);
    }
    EXPECT_GE(ranges, 1U);
  }
}

// By money, so that grades count and the range is halved.
const Made& priced() {
  static const Made made = [] {
    Made out{octahedral(2.28), {}};
    out.both = must(make_plan(
        out.rough, {},
        within("round table=53..62 crown=31.5..36.5 pavilion=40.6..41.8", &PriceList::sample()),
        {.gap = 20'000}));
    return out;
  }();
  return made;
}

TEST(Proportions, WhatDoesNotHoldIsCaught) {
  const auto where = [&](auto spoil) {
    PlanAndProof other = priced().both;
    spoil(other.plan);
    const auto checked = verified(other, priced().rough, &PriceList::sample());
    return checked ? "accepted" : checked.error().where;
  };
  const auto is_range = [](const PlanDesign& row) { return row.range.has_value(); };
  EXPECT_GT(std::ranges::count_if(priced().both.plan.designs, is_range), 3);
  const auto first = [&](Plan& plan) -> PlanDesign& {
    return *std::ranges::find_if(plan.designs, is_range);
  };
  EXPECT_EQ(where([](Plan&) {}), "accepted");
  EXPECT_EQ(where([&](Plan& plan) { (*plan.within)[0].proportions[0].high += 1'000; }),
            "proportions that were not tried");
  EXPECT_EQ(where([&](Plan& plan) { first(plan).range->proportions[0].low += 1; }),
            "proportions that were not tried");
  EXPECT_EQ(where([&](Plan& plan) {
              for (PlanDesign& row : plan.designs) {
                if (row.range) row.range->proportions[0].high = 62'000;
              }
            }),
            "ranges that overlap");
  EXPECT_EQ(where([&](Plan& plan) { first(plan).range.reset(); }),
            "proportions that were not tried");
  EXPECT_EQ(where([&](Plan& plan) { plan.within.reset(); }), "accepted");  // it claims less
  EXPECT_EQ(where([&](Plan& plan) { first(plan).cut_grade = "fair"; }), "a core's cut grade");
  EXPECT_EQ(where([&](Plan& plan) { first(plan).shape = "oval"; }), "a core's shape");
  EXPECT_EQ(where([&](Plan& plan) {
              plan.stone->design = static_cast<std::uint32_t>(&first(plan) - plan.designs.data());
            }),
            "stone.design");
  // A core counts as what its heaviest member weighs, and is priced at its best grade.
  EXPECT_TRUE(where([&](Plan& plan) {
                auto& bound = first(plan).weight_bound;
                bound = MicroCarats(bound.value() - bound.value() / 1'000);
              }).ends_with("weight_bound"));
  EXPECT_TRUE(where([&](Plan& plan) {
                auto& bound = first(plan).value_bound;
                bound = Amount(bound.value() - 1);
              }).ends_with("value_bound"));
}

// A range said wider than its core's is bounded by what the core is in, which is less.
TEST(Proportions, AWiderRangeIsNotBoundedByThatCore) {
  PlanAndProof other = carat().both;
  std::size_t changed = 0;
  for (PlanDesign& row : other.plan.designs) {
    if (!row.range) continue;
    row.range->proportions[3].low = 1'000;  // of the girdle
    row.range->proportions[3].high = 5'000;
    row.name = range_text(*row.range);
    ++changed;
  }
  ASSERT_GT(changed, 0U);
  (*other.plan.within)[0].proportions[3] = {"girdle", 1'000, 5'000};
  EXPECT_TRUE(verified(other, carat().rough).error().where.ends_with("weight_bound"));
}

TEST(Proportions, TheSameForAnyNumberOfThreads) {
  const Rough body = must(rough_from(solid(polytope()), 0));
  const PlanTerms terms = within("oval ratio=1.3..1.5 table=55..60");
  const SearchLimits one{.gap = 50'000, .cells = 12'000, .threads = 1};
  SearchLimits many = one;
  many.threads = 5;
  const auto first = must(make_plan(body, {}, terms, one));
  const auto second = must(make_plan(body, {}, terms, many));
  EXPECT_EQ(first.plan, second.plan);
  EXPECT_EQ(first.proof, second.proof);
  const auto checked = verified(first, body);
  EXPECT_TRUE(checked) << to_string(checked.error());
}

TEST(Proportions, AStoppedPlanIsTrueAndCanBeRepeatedByItsCells) {
  const Rough body = octahedral(2);
  const PlanTerms terms = within("round table=53..60 crown=33..36", &PriceList::sample());
  for (const int asks : {1, 7, 40, 90}) {
    int asked = 0;
    const auto stopped = must(make_plan(body, {}, terms, {.gap = 10'000},
                                        [&](const Progress&) { return ++asked < asks; }));
    const auto checked = verified(stopped, body, &PriceList::sample());
    EXPECT_TRUE(checked) << asks << to_string(checked.error());
    const auto again =
        must(make_plan(body, {}, terms, {.gap = 10'000, .cells = stopped.plan.cells}));
    EXPECT_EQ(again.plan, stopped.plan) << asks;
  }
}

// With money a better grade counts where any member may have it, and inclusions cost clarity.
TEST(Proportions, InclusionsAndPrices) {
  Solid body = solid(octahedron(4));
  auto inclusions = must(
      inclusions_from_text("grade,point,SI1\npoint,a,point,0.8,0.4,0.6\n", kMillimetre, body, {}));
  const Rough rough = must(rough_from(std::move(body), 0, std::move(inclusions)));
  const PlanTerms terms = within("round table=53..60 crown=33..36", &PriceList::sample());
  const auto made = must(make_plan(rough, {must(design_from_text("princess"))}, terms,
                                   {.gap = 60'000, .cells = 60'000}));
  const auto checked = verified(made, rough, &PriceList::sample());
  EXPECT_TRUE(checked) << to_string(checked.error());
  EXPECT_TRUE(made.plan.stone);
}

TEST(Proportions, TwoRangesOfAFamilyAreRefused) {
  PlanTerms terms = within("round table=53..60");
  terms.within.push_back(terms.within[0]);
  EXPECT_EQ(verdict_of(make_plan(octahedral(1), {}, terms, {})), Verdict::bad_value);
}

// Families whose ranges are proven by their outlines, steps and rings.
TEST(Proportions, OtherFamiliesMayBeLeftToThePlanToo) {
  const Rough body = octahedral(2);
  for (const char* text : {"pear table=55..58", "marquise crown=13..15", "trillion bend=3.5..4.5",
                           "radiant ratio=1..1.1", "princess table=68..72", "emerald corner=10..14",
                           "asscher ratio=1..1.06", "briolette ratio=1.5..1.7"}) {
    const auto made =
        must(make_plan(body, {}, within(text), {.gap = 100'000, .cells = 200'000, .threads = 2}));
    const auto checked = verified(made, body);
    EXPECT_TRUE(checked) << text << ": " << to_string(checked.error());
    EXPECT_TRUE(made.plan.stone) << text;
    EXPECT_LT(gap_between(made.plan.stone->value.value(), made.plan.bound.value()), 160'000U)
        << text;
  }
}

TEST(Proportions, WhatHasNoProofIsRefusedWithWhatHas) {
  const auto where = [](const char* text) { return design_range_from_text(text).error().where; };
  EXPECT_EQ(where("pear ratio=1.4..1.5"),
            "pear: ratio may be no range, as nothing is proven of that; but table crown pavilion "
            "girdle");
  EXPECT_TRUE(where("emerald pavilion=36..40").ends_with("but ratio corner crown girdle"));
  EXPECT_TRUE(where("round lower=70..80").starts_with("round: lower may be no range"));
}

}  // namespace
}  // namespace intaglio::stone
