#include "stone/verified_family.h"

#include <gtest/gtest.h>

#include "base/result_for_test.h"
#include "stone/sample_rough.h"

namespace intaglio::stone {
namespace {

std::vector<Vec3> corners_of(const Design& design) {
  std::vector<Vec3> out;
  for (const Point& p : design.corners) out.push_back((1 / kDesignUnit) * to_vec(p));
  return out;
}

DesignRange range(std::string_view text) { return must(design_range_from_text(text)); }

// The member in the range at parts of each proportion's width.
DesignRange member_in(const DesignRange& whole, Chance& chance) {
  DesignRange out = whole;
  for (FreeProportion& p : out.proportions) {
    p.low = p.high =
        p.low + static_cast<std::uint32_t>(std::lround(chance.uniform(0, 1) * (p.high - p.low)));
  }
  return out;
}

Design design_of(const DesignRange& one) {
  std::vector<std::uint32_t> values;
  for (const FreeProportion& p : one.proportions) values.push_back(p.low);
  return must(member_of(one, values));
}

constexpr const char* kRanges[] = {
    "round table=53..62 crown=31.5..36.5 pavilion=40.6..41.8 girdle=2..4",
    "round table=50..70 crown=25..40 pavilion=38..44 girdle=1..8",
    "round table=56..56.4 crown=34..34.5 star=40 lower=65",
    "oval ratio=1.2..1.8 table=45..75 crown=8..22 pavilion=36..55 girdle=1..8",
    "oval ratio=1.4..1.45 table=55..57 girdle=2..3",
    "cushion ratio=1..1.4 table=50..60 crown=10..16 pavilion=40..44",
    "pear ratio=1.5 table=50..65 crown=10..16 pavilion=40..46 girdle=2..4",
    "pear ratio=1.3 table=56..58",
    "marquise ratio=1.9 table=50..65 crown=10..16 pavilion=40..46 girdle=2..4",
    "marquise ratio=2.3 crown=13..14",
    "trillion bend=3..4 table=50..60 crown=12..15 pavilion=41..45 girdle=2..4",
    "trillion bend=3.5..4.5 table=56..58",
    "radiant ratio=1..1.4 table=50..65 crown=10..16 pavilion=40..46 girdle=2..4",
    "radiant ratio=1.1..1.2 pavilion=42..44",
    "princess table=60..80 crown=6..16 pavilion=50..68 girdle=1..8",
    "princess table=69..71 pavilion=57..59",
    "emerald ratio=1.2..2 corner=5..30 crown=8..22 pavilion=35 girdle=1..8",
    "emerald ratio=1.35..1.45 corner=10..14 pavilion=48",
    "asscher ratio=1..1.06 corner=18..26 crown=12..16 girdle=2..4",
    "briolette ratio=1.2..2.2",
    "briolette ratio=1.5..1.6",
};

// The verifier's facets are those that designs are made of, corner for corner.
TEST(VerifiedFamily, DesignsAreWhatTheVerifierSays) {
  Chance chance(1);
  for (const char* text : kRanges) {
    for (int i = 0; i < 8; ++i) {
      const DesignRange one = member_in(range(text), chance);
      const Design design = design_of(one);
      const auto checked = must(check_core(one, corners_of(design)));
      EXPECT_NEAR(checked.volume / unit_volume(design), 1, 1e-5) << range_text(one);
      // A corner that stands out by a ten thousandth makes the scale less, and so the volume more.
      auto corners = corners_of(design);
      corners.front() = 1.0001 * corners.front();
      EXPECT_GT(must(check_core(one, corners)).volume, checked.volume * 1.0001);
    }
  }
}

// Whatever the proportions are, a member holds the range's core and has no more volume round it.
TEST(VerifiedFamily, NoMemberIsLessThanTheCoreOrMoreThanIsSaid) {
  Chance chance(2);
  for (const char* text : kRanges) {
    const DesignRange whole = range(text);
    const Design core = must(core_of(whole));
    const auto corners = corners_of(core);
    const double said = must(check_core(whole, corners)).volume;
    double most = 0;
    for (int i = 0; i < 60; ++i) {
      // This one's scale is that of the core in it alone.
      const double own = must(check_core(member_in(whole, chance), corners)).volume;
      EXPECT_LE(own, said) << text;
      most = std::max(most, own);
    }
    EXPECT_GE(said, unit_volume(core)) << text;
    // And not much less could be said.
    EXPECT_LT(said, 1.35 * most) << text;
  }
}

TEST(VerifiedFamily, ANarrowRangeIsNearlyOneDesign) {
  const DesignRange whole = range("round table=57..57.2 crown=34.5..34.6 pavilion=40.8..40.85");
  const Design core = must(core_of(whole));
  const double said = must(check_core(whole, corners_of(core))).volume;
  EXPECT_LT(said / unit_volume(core), 1.015);
  EXPECT_EQ(core.symmetry, 8U);
}

TEST(VerifiedFamily, WhatIsNoCoreOrNoRangeIsRefused) {
  const auto corners = corners_of(must(design_from_text("round")));
  DesignRange other = range("round table=53..57");
  other.family = "oval";
  EXPECT_EQ(verdict_of(check_core(other, corners)), Verdict::plan_refuted);
  other = range("round table=53..57");
  other.proportions[0].high = 90'000;
  EXPECT_EQ(verdict_of(check_core(other, corners)), Verdict::plan_refuted);
  other = range("round table=53..57");
  other.proportions[4].high = 60'000;  // the stars' length is not free
  EXPECT_EQ(verdict_of(check_core(other, corners)), Verdict::plan_refuted);
  // A pear's outline does not grow everywhere as it gets longer.
  other = range("pear table=55..60");
  other.proportions[0].high = 1'600;
  EXPECT_EQ(verdict_of(check_core(other, corners)), Verdict::plan_refuted);
}

TEST(VerifiedFamily, RangesCoverOrDoNot) {
  const DesignRange whole = range("round table=53..62 crown=32..36");
  const DesignRange left = range("round table=53..57 crown=32..36");
  const DesignRange right = range("round table=57..62 crown=32..36");
  const DesignRange low = range("round table=57..62 crown=32..34");
  const DesignRange high = range("round table=57..62 crown=34..37");
  EXPECT_TRUE(check_cover(whole, {whole}));
  EXPECT_TRUE(check_cover(whole, {left, right}));
  EXPECT_TRUE(check_cover(whole, {high, left, low}));
  const auto where = [&](const std::vector<DesignRange>& parts) {
    const auto checked = check_cover(whole, parts);
    return checked ? "covered" : checked.error().where;
  };
  EXPECT_EQ(where({left}), "proportions that were not tried");
  EXPECT_EQ(where({left, low}), "proportions that were not tried");
  EXPECT_EQ(where({left, right, low}), "ranges that overlap");
  EXPECT_EQ(where({left, left}), "ranges that overlap");
  EXPECT_EQ(where({}), "proportions that were not tried");
  // What is fixed must be what is asked for.
  EXPECT_EQ(where({range("round table=53..62 crown=32..36 girdle=4")}),
            "proportions that were not tried");
  EXPECT_EQ(where({range("oval table=53..62")}), "a range of proportions");
  const DesignRange one = range("round");
  EXPECT_TRUE(check_cover(one, {one}));
  EXPECT_FALSE(check_cover(one, {}));
}

}  // namespace
}  // namespace intaglio::stone
