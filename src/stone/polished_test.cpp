#include "stone/polished.h"

#include <gtest/gtest.h>

#include "stone/families.h"
#include "stone/solids_for_test.h"

namespace intaglio::stone {
namespace {

// A rough with its plan.
struct Planned {
  Solid rough;
  PlanAndProof both;
};

Planned plan(const TriangleSoup& soup, const char* design, std::uint32_t allowance) {
  const Solid body = solid(soup);
  const Rough rough = must(rough_from(body, allowance));
  return {body, must(make_plan(rough, {must(design_from_text(design))}, {SpecificGravity(3520)},
                               {.gap = 20'000}))};
}

const Planned& octahedral() {
  static const Planned made = plan(octahedron(5), "round", 30'000);
  return made;
}

// A stone of that design and size in millimetres, as a scanner sees it: elsewhere, and each corner
// up to some micrometres off.
TriangleSoup polished(const char* text, double size, double micrometres, std::uint64_t seed) {
  const Design design = must(design_from_text(text));
  Chance chance(seed);
  TriangleSoup out;
  for (const Point& p : design.corners) {
    out.corners.push_back((size / kDesignUnit) * to_vec(p) +
                          chance.uniform(0, micrometres / 1000) * chance.direction());
  }
  out.triangles = design.faces;
  return moved(out, chance.turn(), chance.uniform(0, 20) * chance.direction());
}

double planned_size(const Planned& made) {
  return static_cast<double>(made.both.plan.stone->pose.size) * 1e-9;
}

PolishedMatch match(const Planned& made, const TriangleSoup& scan, PolishedTerms terms = {}) {
  return must(match_polished(made.both.plan, made.both.proof, made.rough, solid(scan), terms));
}

TEST(Polished, TheStoneAsPlannedLiesInItsRough) {
  const Planned& made = octahedral();
  const auto result = match(made, polished("round", planned_size(made), 3, 1));
  EXPECT_EQ(result.answer, MatchAnswer::matched);
  EXPECT_EQ(result.reason, PolishedReason::as_planned);
  EXPECT_EQ(result.protrusion, 0U);
  EXPECT_TRUE(result.is_proven_inside);
  EXPECT_EQ(result.planned.answer, MatchAnswer::matched);
  EXPECT_LT(result.planned.second_out, 10'000U);
  EXPECT_EQ(result.outside, MicroCarats(0));
  EXPECT_FALSE(result.size_bound);
}

TEST(Polished, AStoneThatIsNotThePlannedOneLiesInTheRoughAllTheSame) {
  const Planned& made = octahedral();
  const auto result =
      match(made, polished("round table=60 crown=33", 0.9 * planned_size(made), 3, 2));
  EXPECT_EQ(result.answer, MatchAnswer::matched);
  EXPECT_EQ(result.reason, PolishedReason::not_as_planned);
  EXPECT_TRUE(result.is_proven_inside);
  EXPECT_GT(result.clearance, 50'000U);
}

// The search proves that no such stone lies in the rough, wherever it is put.
TEST(Polished, AStoneThatIsTooLargeWasNotCutFromIt) {
  const Planned& made = octahedral();
  const auto result = match(made, polished("round", 1.06 * planned_size(made), 3, 3));
  EXPECT_EQ(result.answer, MatchAnswer::not_matched);
  EXPECT_EQ(result.reason, PolishedReason::nowhere);
  ASSERT_TRUE(result.size_bound);
  EXPECT_LT(*result.size_bound, 1'000'000U);
  EXPECT_GT(*result.size_bound, 900'000U);
  EXPECT_GT(result.protrusion, 50'000U);
  EXPECT_GT(result.outside, MicroCarats(0));
  // Without any work nothing is proven.
  const auto unproven =
      match(made, polished("round", 1.06 * planned_size(made), 3, 3), {.limits = {.cells = 1}});
  EXPECT_EQ(unproven.answer, MatchAnswer::not_comparable);
  EXPECT_EQ(unproven.reason, PolishedReason::no_pose_found);
}

// A flat rough, in which a plan put a small stone at one side, and one of its own breadth.
TEST(Polished, AStoneThatFitsElsewhereWasCutElsewhere) {
  TriangleSoup slab = cube(5);
  for (Vec3& p : slab.corners) p.z *= 0.4;
  Planned made = plan(slab, "princess", 0);
  // As if the plan had wanted a small stone in one corner.
  PlanStone& stone = *made.both.plan.stone;
  stone.pose.size /= 3;
  stone.pose.place = {3'500'000, 3'500'000, 0};
  const auto result = match(made, polished("princess", 0.95 * 3 * planned_size(made), 2, 4));
  EXPECT_EQ(result.answer, MatchAnswer::matched) << codec::enum_name(result.reason);
  EXPECT_EQ(result.reason, PolishedReason::elsewhere);
  EXPECT_LE(result.protrusion, kUsualTolerance);
}

TEST(Polished, InARoughWithDentsEveryTriangleCounts) {
  const Planned made = plan(scan_like(3, 0.12, 5), "round", 30'000);
  ASSERT_FALSE(made.both.plan.is_convex);
  const auto same = match(made, polished("round", planned_size(made), 3, 6));
  EXPECT_EQ(same.reason, PolishedReason::as_planned);
  EXPECT_TRUE(same.is_proven_inside);
  const auto larger =
      match(made, polished("round", 1.15 * planned_size(made), 3, 6), {.limits = {.cells = 1'000}});
  EXPECT_NE(larger.answer, MatchAnswer::matched);
  EXPECT_GT(larger.protrusion, kUsualTolerance);
  // The place that is said stands out of the rough as far as is said.
  const Solid scan = solid(polished("round", 1.15 * planned_size(made), 3, 6));
  Vec3 at;
  at.x = static_cast<double>(larger.protrudes_at[0] - scan.origin[0]);
  at.y = static_cast<double>(larger.protrudes_at[1] - scan.origin[1]);
  at.z = static_cast<double>(larger.protrudes_at[2] - scan.origin[2]);
  const Pose pose = pose_of(larger.pose);
  const SurfaceTree surface(placed_mesh(made.rough, {}));
  EXPECT_NEAR(surface.nearest(pose.turn * at + pose.place).outside, larger.protrusion, 3);
}

TEST(Polished, OtherFilesAreSeen) {
  const Planned& made = octahedral();
  const Solid scan = solid(polished("round", 2, 3, 1));
  EXPECT_EQ(
      verdict_of(match_polished(made.both.plan, made.both.proof, solid(octahedron(5.1)), scan, {})),
      Verdict::other_inputs);
  Plan empty = made.both.plan;
  empty.stone.reset();
  EXPECT_EQ(verdict_of(match_polished(empty, made.both.proof, made.rough, scan, {})),
            Verdict::bad_value);
  EXPECT_EQ(verdict_of(match_polished(made.both.plan, made.both.proof, made.rough, scan,
                                      {.tolerance = 0})),
            Verdict::bad_value);
}

}  // namespace
}  // namespace intaglio::stone
