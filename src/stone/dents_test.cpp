#include "stone/dents.h"

#include <gtest/gtest.h>

#include "crypto/sha256.h"
#include "stone/families.h"
#include "stone/solids_for_test.h"
#include "stone/verifier.h"

namespace intaglio::stone {
namespace {

struct Made {
  Rough rough;
  PlanAndProof by_hull;
  PlanAndProof by_dents;
};

// A lobed body whose best place is beside a dent.
const Made& lobed() {
  static const Made made = [] {
    Made out{must(rough_from(solid(scan_like(3, 0.2, 2)), 20'000)), {}, {}};
    const std::vector<Design> designs = {must(design_from_text("round"))};
    const PlanTerms terms{SpecificGravity(3520), nullptr, "", ""};
    SearchLimits limits{.gap = 15'000};
    out.by_hull = must(make_plan(out.rough, designs, terms, limits));
    limits.dents = 12'000;
    out.by_dents = must(make_plan(out.rough, designs, terms, limits));
    return out;
  }();
  return made;
}

Result<VerifiedBounds> verified(const PlanAndProof& both) {
  return verify_plan(both.plan, both.proof, lobed().rough.solid, {}, nullptr);
}

TEST(Dents, BoundsAreNoWorseAndWhereADentDecidesBetter) {
  const auto& [rough, by_hull, by_dents] = lobed();
  ASSERT_FALSE(rough.is_convex);
  EXPECT_FALSE(by_hull.plan.dents);
  ASSERT_TRUE(by_dents.plan.dents);
  EXPECT_LT(by_dents.plan.bound, by_hull.plan.bound);
  EXPECT_GE(by_dents.plan.stone->value, by_hull.plan.stone->value);
  EXPECT_GE(by_dents.plan.bound, by_dents.plan.stone->value);
  for (const PlanAndProof* both : {&by_hull, &by_dents}) {
    const auto checked = verified(*both);
    EXPECT_TRUE(checked) << to_string(checked.error());
  }
}

// Points that are none of the surface's are no obstacles.
TEST(Dents, PointsThatAreNotOfTheSurfaceAreCaught) {
  const auto where = [](auto spoil) {
    PlanAndProof other = lobed().by_dents;
    Proof proof = must(decode_proof(other.proof));
    spoil(proof, other.plan);
    other.proof = must(encode_proof(proof));
    other.plan.proof = crypto::sha256(other.proof);
    const auto checked = verified(other);
    return checked ? "accepted" : checked.error().where;
  };
  EXPECT_EQ(where([](Proof&, Plan&) {}), "accepted");
  EXPECT_EQ(where([](Proof& p, Plan&) { p.obstacles[0].corner = 1'000'000; }),
            "a corner of the surface");
  EXPECT_EQ(where([](Proof& p, Plan&) { p.obstacles[0].moved = {20'001, 0, 0}; }),
            "a corner of the surface");
  EXPECT_EQ(where([](Proof& p, Plan&) { p.obstacles[0].moved = {-20'000, 1, 0}; }),
            "a corner of the surface");
  EXPECT_EQ(where([](Proof& p, Plan&) { p.obstacles[0].inclusion = 0; }), "an obstacle");
  EXPECT_EQ(where([](Proof&, Plan& plan) { plan.dents = 1'000; }), "dents");
  EXPECT_EQ(where([](Proof&, Plan& plan) { plan.dents.reset(); }), "dents");
  EXPECT_EQ(where([](Proof&, Plan& plan) { plan.bound = Amount(plan.stone->value.value()); }),
            "bound");
}

TEST(Dents, TheDeepestCornerIsInTheStone) {
  const Rough& rough = lobed().rough;
  const Shape shape(must(design_from_text("round")));
  const Pose pose{{}, {}};
  const double fits = largest_size(rough, shape, pose);
  EXPECT_FALSE(deepest_corner(rough, shape, pose, fits));
  const auto corner = deepest_corner(rough, shape, pose, 1.5 * fits);
  ASSERT_TRUE(corner);
  const Vec3 p = to_vec(rough.solid.corners[*corner]);
  EXPECT_LT(shape.gauge(p).size, 1.5 * fits);
}

}  // namespace
}  // namespace intaglio::stone
