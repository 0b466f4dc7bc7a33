#include "stone/design_range.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "base/result_for_test.h"

namespace intaglio::stone {
namespace {

TEST(DesignRange, WhatMayNotBeLeftFreeIsRefused) {
  const auto verdict = [](const char* text) { return verdict_of(design_range_from_text(text)); };
  EXPECT_EQ(verdict("round star=45..50"), Verdict::bad_value);
  EXPECT_EQ(verdict("pear ratio=1.3..1.5"), Verdict::bad_value);
  EXPECT_EQ(verdict("round table=57..53"), Verdict::bad_value);
  EXPECT_EQ(verdict("round table=53..90"), Verdict::bad_value);
  EXPECT_EQ(verdict("round table=53.."), Verdict::bad_value);
  EXPECT_EQ(verdict("nothing table=53..60"), Verdict::bad_value);
  EXPECT_EQ(verdict_of(design_from_text("round table=53..60")), Verdict::bad_value);
  EXPECT_EQ(range_text(must(design_range_from_text("oval ratio=1.3..1.5"))),
            "oval ratio=1.3..1.5 table=58 crown=14 pavilion=43 girdle=3");
}

// A range of one design has that as its core, corner for corner but for the unit.
TEST(DesignRange, TheCoreOfOneDesignIsTheDesign) {
  for (const char* text : {"round", "oval", "cushion"}) {
    const Design design = must(design_from_text(text));
    const Design core = must(core_of(must(design_range_from_text(text))));
    EXPECT_EQ(core.corners.size(), design.corners.size());
    EXPECT_NEAR(unit_volume(core), unit_volume(design), 1e-6);
    EXPECT_EQ(core.symmetry, design.symmetry);
  }
}

TEST(DesignRange, MembersAreDesignsOfTheFamily) {
  const DesignRange range = must(design_range_from_text("round table=53..60"));
  const Design member = must(member_of(range, {55'500, 34'500, 40'800, 3'000, 50'000, 77'000}));
  EXPECT_EQ(member.name, must(design_from_text("round table=55.5")).name);
  EXPECT_EQ(member.corners, must(design_from_text("round table=55.5")).corners);
  EXPECT_EQ(verdict_of(member_of(range, {55'500})), Verdict::bad_value);
}

// Every grade that a member has is one that it may have.
TEST(DesignRange, GradesOfMembersArePossible) {
  const DesignRange range =
      must(design_range_from_text("round table=50..70 crown=30..40 pavilion=38..44"));
  const auto possible = possible_grades(range);
  for (std::uint32_t table = 50'000; table <= 70'000; table += 5'000) {
    for (std::uint32_t crown = 30'000; crown <= 40'000; crown += 2'500) {
      const Design member = must(member_of(range, {table, crown, 41'000, 3'000, 50'000, 77'000}));
      EXPECT_TRUE(std::ranges::find(possible, member.cut_grade) != possible.end()) << member.name;
    }
  }
  const auto narrow =
      possible_grades(must(design_range_from_text("round table=63..65 crown=33..34")));
  EXPECT_EQ(narrow, (std::vector<std::string>{"very good", "good", "fair"}));
  EXPECT_EQ(possible_grades(must(design_range_from_text("oval"))), std::vector<std::string>{""});
}

}  // namespace
}  // namespace intaglio::stone
