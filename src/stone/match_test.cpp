#include "stone/match.h"

#include <gtest/gtest.h>

#include "stone/solids_for_test.h"

namespace intaglio::stone {
namespace {

TriangleSoup stretched(TriangleSoup soup, const Vec3& by) {
  for (Vec3& p : soup.corners) p = {by.x * p.x, by.y * p.y, by.z * p.z};
  return soup;
}

MatchResult match(const TriangleSoup& first, const TriangleSoup& second,
                  std::uint32_t tolerance = kUsualTolerance) {
  return must(match_scans(solid(first), solid(second), tolerance));
}

// The numbers, for a failure.
std::string numbers(const MatchResult& r) {
  return std::string(codec::enum_name(r.reason)) + ": mismatch " + std::to_string(r.mismatch) +
         " of " + std::to_string(r.mismatch_limit) + ", alone " + std::to_string(r.first_alone) +
         ' ' + std::to_string(r.second_alone) + ", out " + std::to_string(r.first_out) + ' ' +
         std::to_string(r.second_out) + ", clearly " + std::to_string(r.first_clearly_out) + ' ' +
         std::to_string(r.second_clearly_out);
}

constexpr ScanConditions kConditions{.levels = 4};

TEST(Match, AnotherScanOfAStoneMatchesAndAnotherStoneDoesNot) {
  Chance chance(21);
  std::optional<TriangleSoup> before;
  for (const double noise : {0.0005, 0.002, 0.0005, 0.002}) {
    const ScanConditions conditions{.levels = 4, .noise = noise};
    const SampleCrystal crystal(0.03, chance);
    const TriangleSoup one = repeated_scan(crystal, conditions, chance);
    const auto same = match(one, repeated_scan(crystal, conditions, chance));
    EXPECT_EQ(same.answer, MatchAnswer::matched) << numbers(same);
    EXPECT_EQ(same.alike, 0U);
    EXPECT_LT(same.mismatch, same.mismatch_limit);
    if (before) {
      const auto other = match(one, *before);
      EXPECT_EQ(other.answer, MatchAnswer::not_matched) << numbers(other);
      EXPECT_GT(other.mismatch, 2 * other.mismatch_limit);
    }
    before = one;
  }
}

TEST(Match, AMirroredStoneDoesNotMatch) {
  Chance chance(22);
  const SampleCrystal crystal(0.03, chance);
  const TriangleSoup one = repeated_scan(crystal, kConditions, chance);
  const TriangleSoup other = repeated_scan(crystal, kConditions, chance);
  const auto result = match(one, stretched(other, {1, 1, -1}));
  EXPECT_EQ(result.answer, MatchAnswer::not_matched) << numbers(result);
  EXPECT_EQ(result.reason, MatchReason::other_body);
  EXPECT_LT(result.descriptors_apart, 15);  // by descriptors alone it would be the same
}

// A corner of half a millimetre came off.
TEST(Match, AStoneWithAChipLiesWithinWhatItWas) {
  Chance chance(23);
  SampleCrystal crystal(0.02, chance);
  const TriangleSoup whole = repeated_scan(crystal, kConditions, chance);
  crystal.cut_off({0.1, 1, 0}, 0.9 * crystal.radius(unit({0.1, 1, 0})));
  const TriangleSoup chipped = repeated_scan(crystal, kConditions, chance);
  const auto result = match(whole, chipped);
  EXPECT_EQ(result.answer, MatchAnswer::not_comparable) << numbers(result);
  EXPECT_EQ(result.reason, MatchReason::second_within_first) << numbers(result);
  EXPECT_GT(result.first_clearly_out, 200'000U);
  const auto back = match(chipped, whole);
  EXPECT_EQ(back.reason, MatchReason::first_within_second) << numbers(back);
}

TEST(Match, TwoOctahedraOfOneVolumeAreTold) {
  const auto result = match(octahedron(5), moved(stretched(octahedron(5), {1.05, 1, 1 / 1.05}),
                                                 rotation({0.4, -1, 0.7}), {3, 3, 3}));
  EXPECT_EQ(result.answer, MatchAnswer::not_matched) << numbers(result);
}

TEST(Match, ASmallerOctahedronMayBeWhatIsLeftOfALarger) {
  const auto result = match(octahedron(5), moved(octahedron(4.8), rotation({0.4, -1, 0.7}), {}));
  EXPECT_EQ(result.reason, MatchReason::second_within_first) << numbers(result);
  // The volume between them over their mean area.
  EXPECT_NEAR(result.first_alone,
              1e9 * 4 / 3 * (125 - 110.592) / (2 * std::sqrt(3.0) * (25 + 23.04)) / 1000, 1'000);
  EXPECT_EQ(result.second_alone, 0U);
  EXPECT_NEAR(result.first_out, 200'000, 5'000);
}

TEST(Match, ABodyThatIsAlikeFromManySidesMatchesAndSaysSo) {
  const auto result = match(octahedron(5), moved(octahedron(5), rotation({0.4, -1, 0.7}), {}));
  EXPECT_EQ(result.answer, MatchAnswer::matched) << numbers(result);
  EXPECT_EQ(result.alike, 23U);
  EXPECT_LT(result.mismatch, 5U);
}

TEST(Match, TrianglesTooCoarseForTheToleranceTellNothing) {
  TriangleSoup coarse = stretched(geodesic(1), {5, 4.5, 4});
  TriangleSoup fine = stretched(geodesic(4), {5, 4.5, 4});
  const auto result = match(coarse, moved(fine, rotation({0.4, -1, 0.7}), {}));
  EXPECT_EQ(result.answer, MatchAnswer::not_comparable) << numbers(result);
  EXPECT_EQ(result.reason, MatchReason::too_coarse) << numbers(result);
}

TEST(Match, AToleranceTooWideForTheStoneTellsNothing) {
  const TriangleSoup stone = stretched(octahedron(0.5), {1, 1.1, 0.9});
  const auto wide = match(stone, moved(stone, rotation({0.4, -1, 0.7}), {}));
  EXPECT_EQ(wide.answer, MatchAnswer::not_comparable) << numbers(wide);
  EXPECT_EQ(wide.reason, MatchReason::tolerance_too_wide);
  const auto fit = match(stone, moved(stone, rotation({0.4, -1, 0.7}), {}), 2'000);
  EXPECT_EQ(fit.answer, MatchAnswer::matched) << numbers(fit);
  const auto other = match(stone, stretched(stone, {1.5, 1, 1 / 1.5}));
  EXPECT_EQ(other.answer, MatchAnswer::not_matched) << numbers(other);
}

TEST(Match, OfAStoneThatWasCutTheSurfaceTellsNothing) {
  const auto cut = match(octahedron(5), stretched(cube(1), {2, 1.5, 1}));
  EXPECT_EQ(cut.answer, MatchAnswer::not_comparable) << numbers(cut);
  const auto lump = match(scan_like(3, 0.1, 1), cube(1.9));
  EXPECT_EQ(lump.reason, MatchReason::too_much_taken_off) << numbers(lump);
  // Lighter, but longer than the other is anywhere: that it never was.
  const auto needle = match(cube(3), stretched(cube(1), {6, 0.7, 0.7}));
  EXPECT_EQ(needle.answer, MatchAnswer::not_matched) << numbers(needle);
}

TEST(Match, ThePoseIsTheOneThatTheNumbersAreOf) {
  const TriangleSoup here = scan_like(2, 0.05, 8);
  const Solid a = solid(here);
  const Solid b = solid(moved(here, rotation({1, 0.3, 2}), {4, 5, 6}));
  const auto result = must(match_scans(a, b, kUsualTolerance));
  double most = 0;
  const PlacedMesh moved_back = placed_mesh(b, pose_of(result.pose));
  const SurfaceTree surface(placed_mesh(a, {}));
  for (const Vec3& corner : moved_back.corners) {
    most = std::max(most, surface.nearest(corner).outside);
  }
  EXPECT_NEAR(result.second_out, most, 1);
  EXPECT_EQ(result.pose.size, 0U);
}

TEST(Match, TolerancesOutOfReasonAreRefused) {
  const Solid body = solid(octahedron(5));
  EXPECT_EQ(verdict_of(match_scans(body, body, 0)), Verdict::bad_value);
  EXPECT_EQ(verdict_of(match_scans(body, body, kMaxAllowance + 1)), Verdict::too_large);
}

}  // namespace
}  // namespace intaglio::stone
