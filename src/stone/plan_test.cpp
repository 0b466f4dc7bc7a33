#include "stone/plan.h"

#include <gtest/gtest.h>

#include "codec/hex.h"
#include "stone/families.h"
#include "stone/solids_for_test.h"

namespace intaglio::stone {
namespace {

Plan small_plan() {
  Plan plan;
  plan.rough_weight = MicroCarats(2'280'000);
  plan.gravity = SpecificGravity(3520);
  plan.allowance = 20'000;
  plan.is_convex = true;
  plan.designs = {{"round",
                   "round",
                   "excellent",
                   {},
                   3'300'000'000,
                   MicroCarats(1'030'000),
                   Amount(750'000),
                   {}}};
  plan.stone = PlanStone{0,
                         {{1 << 30, 0, -5, 7}, {100, -200, 300}, 3'290'000'000},
                         MicroCarats(1'020'000),
                         Amount(740'000),
                         {"a"}};
  plan.bound = Amount(750'000);
  plan.cells = 1234;
  plan.gap_limit = 10'000;
  plan.layers = {{{0, -kDirectionUnit, 0}, -7}};
  return plan;
}

const std::string kZeros(64, '0');

TEST(Plan, GoldenBytes) {
  EXPECT_EQ(codec::to_hex(encode_plan(small_plan())),
            "ae"
            "015820" +
                kZeros +
                "021a0022ca40"
                "03190dc0"
                "04194e20"
                "05f5"
                "08f4"
                "0b81a7"
                "0165726f756e64"
                "0265726f756e64"
                "0369657863656c6c656e74"
                "045820" +
                kZeros +
                "051ac4b20100"
                "061a000fb770"
                "071a000b71b0"
                "0ca5"
                "0100"
                "02881a40000000002407186438c719012c1ac4196a80"
                "031a000f9060"
                "041a000b4aa0"
                "05816161"
                "0d1a000b71b0"
                "0e1904d2"
                "0f192710"
                "105820" +
                kZeros +
                "128184003a3fffffff0026"
                "1300");
}

TEST(Plan, IsReadAsItWasWrittenAlsoThroughJson) {
  const Plan plan = small_plan();
  EXPECT_EQ(must(decode_plan(encode_plan(plan))), plan);
  EXPECT_EQ(must(codec::record_from_json<Plan>(codec::record_to_json(plan))), plan);
}

TEST(Plan, PosesOutsideOfTheirRangeAreRefused) {
  using Pose = codec::FieldType<FixedPose>;
  const auto from = [](std::string_view text) {
    return verdict_of(Pose::from_json(must(codec::parse_json(text))));
  };
  EXPECT_EQ(from("[1,2,3,4,5,6,7,8]"), Verdict::accepted);
  EXPECT_EQ(from("[1,2,3,4,5,6,7]"), Verdict::bad_value);
  EXPECT_EQ(from("[1,2,3,4,5,6,7,-8]"), Verdict::bad_value);
  EXPECT_EQ(from("[1,2,3,2147483648,5,6,7,8]"), Verdict::bad_value);
  codec::CborWriter out;
  out.array(8);
  for (int i = 0; i < 8; ++i) out.uint(4'000'000'000);
  codec::CborReader in(out.view());
  EXPECT_EQ(verdict_of(Pose::read(in)), Verdict::bad_value);
}

TEST(Plan, SaysWhatItWasMadeFor) {
  const Rough body = must(rough_from(solid(octahedron(4)), 10'000));
  const PlanTerms terms{SpecificGravity(3520), &PriceList::sample(), "G", "VS1"};
  const auto made =
      must(make_plan(body, {must(design_from_text("round"))}, terms, {.gap = 20'000}));
  const Plan& plan = made.plan;
  EXPECT_EQ(plan.rough, rough_hash(body.solid));
  EXPECT_EQ(plan.currency, "USD");
  EXPECT_TRUE(plan.is_sample);
  EXPECT_TRUE(plan.is_convex);
  EXPECT_EQ(plan.allowance, 10'000U);
  ASSERT_TRUE(plan.stone);
  EXPECT_LE(plan.stone->value, plan.bound);
  EXPECT_LE(gap_between(plan.stone->value.value(), plan.bound.value()), 20'000U);
  EXPECT_EQ(must(decode_proof(made.proof)).designs.size(), 1U);
  const PlanTerms other{SpecificGravity(3520), &PriceList::sample(), "Z", "VS1"};
  EXPECT_EQ(verdict_of(make_plan(body, {must(design_from_text("round"))}, other, {})),
            Verdict::unpriced);
}

TEST(Plan, GapsAreRoundedUp) {
  EXPECT_EQ(gap_between(100, 100), 0U);
  EXPECT_EQ(gap_between(99, 100), 10'000U);
  EXPECT_EQ(gap_between(999'999'999, 1'000'000'000), 1U);
  EXPECT_EQ(gap_between(0, 5), 1'000'000U);
  EXPECT_EQ(gap_between(0, 0), 0U);
}

}  // namespace
}  // namespace intaglio::stone
