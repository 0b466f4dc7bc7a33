#include "stone/families.h"

#include <set>

#include <gtest/gtest.h>

#include "base/result_for_test.h"

namespace intaglio::stone {
namespace {

TEST(Families, RoundBrilliantHasTheVolumeAndFacetsItIsKnownFor) {
  const Design d = must(design_from_text("round table=57 crown=34.5 pavilion=40.75"));
  EXPECT_EQ(d.facets, 57U + 32U);
  EXPECT_EQ(d.corners.size(), 89U);
  EXPECT_EQ(d.symmetry, 8U);
  EXPECT_EQ(d.shape, "round");
  EXPECT_EQ(d.cut_grade, "excellent");
  // Of girdle radius 1: volume 1.67795, depth 60.86 % of 2.
  double girdle = 0;
  for (const Point& p : d.corners) girdle = std::max(girdle, std::hypot(p.x, p.y) / kDesignUnit);
  EXPECT_NEAR(unit_volume(d) / std::pow(girdle, 3), 1.67795, 1e-5);
  EXPECT_NEAR(size_of(d).depth / girdle / 2, 0.6086, 1e-4);
}

TEST(Families, EveryFamilyIsASoundStoneInAllItsCorners) {
  for (const Family& family : families()) {
    const auto count = std::size_t{1} << family.ranges.size();
    for (std::size_t corner = 0; corner < count; ++corner) {
      std::string text(family.name);
      for (std::size_t i = 0; i < family.ranges.size(); ++i) {
        const auto& range = family.ranges[i];
        text += ' ' + std::string(range.name) + '=' +
                std::to_string(corner >> i & 1 ? range.high : range.low);
      }
      const auto d = design_from_text(text);
      ASSERT_TRUE(d) << text << ": " << to_string(d.error());
      EXPECT_EQ(d->corners.size() * 2, d->faces.size() + 4) << text;
      EXPECT_GT(unit_volume(*d), 0.05) << text;
    }
  }
}

TEST(Families, SymmetriesAreTheShapes) {
  for (const auto& [text, symmetry] : {std::pair("princess", 4U),
                                       {"emerald", 2U},
                                       {"asscher", 4U},
                                       {"oval", 2U},
                                       {"pear", 1U},
                                       {"marquise", 2U},
                                       {"trillion", 3U},
                                       {"cushion ratio=1", 4U},
                                       {"radiant", 2U}}) {
    EXPECT_EQ(must(design_from_text(text)).symmetry, symmetry) << text;
  }
}

TEST(Families, LengthByWidthIsWhatWasAskedFor) {
  for (const char* text : {"emerald ratio=1.5", "oval ratio=1.5", "radiant ratio=1.5"}) {
    const DesignSize size = size_of(must(design_from_text(text)));
    EXPECT_NEAR(size.length / size.width, 1.5, 0.03) << text;
  }
}

TEST(Families, WhatIsNotKnownOrOutsideOfItsRangeIsRefused) {
  EXPECT_EQ(verdict_of(design_from_text("")), Verdict::bad_value);
  EXPECT_EQ(verdict_of(design_from_text("heart")), Verdict::bad_value);
  EXPECT_EQ(verdict_of(design_from_text("round table=20")), Verdict::bad_value);
  EXPECT_EQ(verdict_of(design_from_text("round table")), Verdict::bad_value);
  EXPECT_EQ(verdict_of(design_from_text("round ratio=1.2")), Verdict::bad_value);
}

TEST(Families, TheLibraryHoldsAllAndOnlyWhatCanBeMade) {
  for (const Family& family : families()) {
    ASSERT_FALSE(library_texts(family.name).empty());
    std::set<std::string> names;
    for (const auto& text : library_texts(family.name)) {
      const auto design = design_from_text(text);
      ASSERT_TRUE(design) << text;
      EXPECT_EQ(design->shape, family.name);
      EXPECT_TRUE(names.insert(design->name).second) << "twice: " << text;
    }
  }
}

TEST(Families, EstimatedGradesFollowTheQuotedRanges) {
  EXPECT_EQ(estimated_round_grade(57, 34.5, 40.8, 61), "excellent");
  EXPECT_EQ(estimated_round_grade(64, 34.5, 40.8, 61), "very good");
  EXPECT_EQ(estimated_round_grade(57, 24, 40.8, 61), "good");
  EXPECT_EQ(estimated_round_grade(57, 34.5, 43.5, 61), "fair");
}

}  // namespace
}  // namespace intaglio::stone
