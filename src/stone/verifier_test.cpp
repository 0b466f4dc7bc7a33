#include "stone/verifier.h"

#include <gtest/gtest.h>

#include "crypto/sha256.h"
#include "stone/families.h"
#include "stone/solids_for_test.h"
#include "stone/verified_fit.h"

namespace intaglio::stone {
namespace {

std::vector<Design> designs(std::initializer_list<const char*> texts) {
  std::vector<Design> out;
  for (const char* text : texts) out.push_back(must(design_from_text(text)));
  return out;
}

// A rough with its plan; made once for all tests that spoil it.
struct Made {
  Solid rough;
  PlanAndProof both;
};

Made make(const TriangleSoup& soup, const std::vector<Design>& tried, const SearchLimits& limits,
          const PriceList* prices = &PriceList::sample(), std::uint32_t allowance = 0) {
  const Solid body = solid(soup);
  const Rough rough = must(rough_from(body, allowance));
  const PlanTerms terms{SpecificGravity(3520), prices, "G", "VS1"};
  return {body, must(make_plan(rough, tried, terms, limits))};
}

const Made& octahedral() {
  static const Made made =
      make(octahedron(5), designs({"round", "princess", "pear"}), {.gap = 20'000});
  return made;
}

Result<VerifiedBounds> verified(const Made& made, const Plan& plan,
                                const PriceList* prices = &PriceList::sample()) {
  return verify_plan(plan, made.both.proof, made.rough, {}, prices);
}

// With another proof, whose hash the plan then names: what an author who lies would write.
Result<VerifiedBounds> verified_with(const Proof& proof) {
  const Made& made = octahedral();
  Plan plan = made.both.plan;
  const Bytes bytes = must(encode_proof(proof));
  plan.proof = crypto::sha256(bytes);
  return verify_plan(plan, bytes, made.rough, {}, &PriceList::sample());
}

TEST(Verifier, PlansOfTheSearchHold) {
  const Made& made = octahedral();
  const auto result = must(verified(made, made.both.plan));
  EXPECT_GE(result.leaves, 3U * kRoots);
  EXPECT_EQ(result.cells, [&] {
    std::size_t sum = 0;
    for (const auto& design : must(decode_proof(made.both.proof)).designs) {
      sum += design.cells.size();
    }
    return sum;
  }());
}

TEST(Verifier, PlansHoldForEveryFamilyAndForRoughsOfAllKinds) {
  Chance chance(4);
  for (const Family& family : families()) {
    TriangleSoup lump = geodesic(1);
    for (Vec3& corner : lump.corners) corner = chance.uniform(3, 5) * corner;
    const auto made =
        make(moved(lump, chance.turn(), {3, 9, -40}), {must(design_from_text(family.name))},
             {.gap = 60'000, .cells = 4'000}, nullptr, 15'000);
    ASSERT_TRUE(made.both.plan.stone) << family.name;
    const auto result = verified(made, made.both.plan, nullptr);
    EXPECT_TRUE(result) << family.name << ": " << to_string(result.error());
  }
  const auto dented = make(scan_like(3, 0.12, 5), designs({"round"}), {.gap = 30'000});
  EXPECT_FALSE(dented.both.plan.is_convex);
  const auto result = verified(dented, dented.both.plan);
  EXPECT_TRUE(result) << to_string(result.error());
}

// The plan's stone, larger by a millionth of its size.
TEST(Verifier, AStoneThatIsLargerByAMillionthIsCaught) {
  const Made& made = octahedral();
  Plan plan = made.both.plan;
  plan.stone->pose.size += plan.stone->pose.size / 1'000'000;
  const auto refused = verified(made, plan);
  EXPECT_EQ(verdict_of(refused), Verdict::plan_refuted);
  EXPECT_TRUE(refused.error().where.starts_with("the stone is not clear of triangle"));
  plan = made.both.plan;
  for (std::int32_t& part : plan.stone->pose.place) part += 3;
  EXPECT_EQ(verdict_of(verified(made, plan)), Verdict::plan_refuted);
  plan = made.both.plan;
  plan.stone->pose.place = {20'000'000, 0, 0};
  EXPECT_EQ(verified(made, plan).error().where, "the stone is outside of the rough");
}

TEST(Verifier, AStoneInADentedRoughThatMeetsTheDentIsCaught) {
  const auto made = make(scan_like(3, 0.12, 5), designs({"round"}), {.gap = 30'000});
  Plan plan = made.both.plan;
  plan.stone->pose.size += plan.stone->pose.size / 100'000;
  EXPECT_EQ(verdict_of(verified(made, plan)), Verdict::plan_refuted);
}

TEST(Verifier, AMovedCornerOfTheDesignIsCaught) {
  Proof proof = must(decode_proof(octahedral().both.proof));
  proof.designs[0].corners[7].x += static_cast<std::int32_t>(kDesignUnit * 1e-6);
  EXPECT_EQ(verdict_of(verified_with(proof)), Verdict::other_inputs);
}

TEST(Verifier, WithoutDesignsNothingIsProven) {
  const Made& made = octahedral();
  Plan plan = made.both.plan;
  plan.designs.clear();
  plan.stone.reset();
  plan.bound = Amount(0);
  const Bytes proof = must(encode_proof({}));
  plan.proof = crypto::sha256(proof);
  const auto refused = [&] {
    return verify_plan(plan, proof, made.rough, {}, &PriceList::sample()).error().where;
  };
  EXPECT_EQ(refused(), "no designs");
  const auto whole = must(design_range_from_text("round table=50..70"));
  plan.within = {whole};
  EXPECT_EQ(refused(), "no designs");
}

// A price is one of a shape and a grade: who may name them freely may name any price.
TEST(Verifier, ADesignIsWhatItsNameSays) {
  const Made& made = octahedral();
  const auto where = [&](auto spoil) {
    Plan plan = made.both.plan;
    spoil(plan.designs[0]);
    const auto refused = verified(made, plan);
    return refused ? "accepted" : refused.error().where;
  };
  const std::string name = made.both.plan.designs[0].name;
  ASSERT_TRUE(made.both.plan.designs[0].cut_grade);
  EXPECT_EQ(where([](PlanDesign&) {}), "accepted");
  EXPECT_EQ(where([](PlanDesign& d) { d.cut_grade = "fair"; }), "the cut grade of " + name);
  EXPECT_EQ(where([](PlanDesign& d) { d.cut_grade.reset(); }), "the cut grade of " + name);
  EXPECT_EQ(where([](PlanDesign& d) { d.shape = "princess"; }), "the shape of " + name);
  EXPECT_EQ(where([](PlanDesign& d) { d.shape = "x"; }), "the shape of " + name);
  const std::string other = must(design_from_text("round table=58")).name;
  EXPECT_EQ(where([&](PlanDesign& d) { d.name = other; }), "the body of " + other);
  EXPECT_EQ(where([](PlanDesign& d) { d.name = "round table=99"; }), "the name round table=99");
  EXPECT_EQ(where([](PlanDesign& d) { d.name = "round"; }), "the name round");
  EXPECT_EQ(where([](PlanDesign& d) { d.name = "mine"; }), "the cut grade of mine");
  EXPECT_EQ(where([](PlanDesign& d) { d.name += "\nverified   all"; }), "a design's name");
  EXPECT_EQ(where([](PlanDesign& d) { d.shape = "round\x1b[8m"; }), "a design's name");
}

TEST(Verifier, TermsThatNothingCouldMeetAreRefused) {
  const Made& made = octahedral();
  Plan plan = made.both.plan;
  plan.allowance = kMaxAllowance + 1;
  EXPECT_EQ(verified(made, plan).error().where, "allowance");
  for (const SpecificGravity gravity : {SpecificGravity(0), SpecificGravity(30'001)}) {
    plan = made.both.plan;
    plan.gravity = gravity;
    plan.rough_weight = weight_of(volume_six(made.rough.corners, made.rough.triangles), gravity);
    EXPECT_EQ(verified(made, plan).error().where, "gravity");
  }
}

TEST(Verifier, ADeletedLeafIsCaught) {
  const Proof whole = must(decode_proof(octahedral().both.proof));
  for (const std::size_t design : {0U, 1U, 2U}) {
    const auto& cells = whole.designs[design].cells;
    for (std::size_t at = 0; at < cells.size(); at += 1 + cells.size() / 7) {
      Proof proof = whole;
      proof.designs[design].cells.erase(proof.designs[design].cells.begin() +
                                        static_cast<std::ptrdiff_t>(at));
      EXPECT_EQ(verdict_of(verified_with(proof)), Verdict::plan_refuted) << at;
    }
    Proof more = whole;
    more.designs[design].cells.push_back(cells.back());
    EXPECT_EQ(verdict_of(verified_with(more)), Verdict::plan_refuted);
  }
}

// Every leaf is needed: without its multipliers nothing bounds it.
TEST(Verifier, ALeafWithoutMultipliersOrWithOthersIsCaught) {
  const Proof whole = must(decode_proof(octahedral().both.proof));
  const auto& cells = whole.designs[0].cells;
  const auto leaf = std::ranges::find(cells, ProofCell::Kind::bounded, &ProofCell::kind);
  const auto at = static_cast<std::size_t>(leaf - cells.begin());
  Proof proof = whole;
  proof.designs[0].cells[at].weights = {};
  EXPECT_EQ(verdict_of(verified_with(proof)), Verdict::plan_refuted);
  proof = whole;
  proof.designs[0].cells[at].rows[0] = 60'000;
  EXPECT_EQ(verdict_of(verified_with(proof)), Verdict::plan_refuted);
  proof = whole;
  for (ProofCell& cell : proof.designs[0].cells) cell.weights[0] /= 2;
  EXPECT_EQ(verdict_of(verified_with(proof)), Verdict::plan_refuted);
  // More symmetry than there is would leave rotations out.
  proof = whole;
  proof.designs[0].symmetry = 16;
  EXPECT_EQ(verdict_of(verified_with(proof)), Verdict::plan_refuted);
}

TEST(Verifier, ALoweredBoundIsCaught) {
  const Made& made = octahedral();
  const auto spoiled = [&](auto spoil) {
    Plan plan = made.both.plan;
    spoil(plan);
    return verdict_of(verified(made, plan));
  };
  EXPECT_EQ(spoiled([](Plan&) {}), Verdict::accepted);
  // By 1e-6 the leaf that made the bound shows it; the search lets it out by a hundredth of that.
  EXPECT_EQ(
      spoiled([](Plan& p) { p.designs[0].size_bound -= p.designs[0].size_bound / 1'000'000; }),
      Verdict::plan_refuted);
  EXPECT_EQ(spoiled([](Plan& p) {
              p.designs[1].weight_bound = MicroCarats(p.designs[1].weight_bound.value() - 3);
            }),
            Verdict::plan_refuted);
  EXPECT_EQ(spoiled([](Plan& p) {
              p.designs[2].value_bound = Amount(p.designs[2].value_bound.value() - 1);
            }),
            Verdict::plan_refuted);
  EXPECT_EQ(spoiled([](Plan& p) { p.bound = Amount(p.bound.value() - 1); }), Verdict::plan_refuted);
  // What is said of the stone.
  EXPECT_EQ(spoiled([](Plan& p) { p.stone->weight = MicroCarats(p.stone->weight.value() + 5); }),
            Verdict::plan_refuted);
  EXPECT_EQ(spoiled([](Plan& p) { p.stone->value = Amount(p.stone->value.value() + 1); }),
            Verdict::plan_refuted);
  EXPECT_EQ(spoiled([](Plan& p) { p.stone->design = 9; }), Verdict::plan_refuted);
  EXPECT_EQ(spoiled([](Plan& p) { p.stone->design = (p.stone->design + 1) % 3; }),
            Verdict::plan_refuted);
  // A larger allowance makes room for smaller bounds, and the stone does not keep it.
  EXPECT_EQ(spoiled([](Plan& p) { p.allowance = 50'000; }), Verdict::plan_refuted);
}

// An octahedron with a crystal beside its middle, which costs clarity, and a crack that nobody may
// keep; a rough that was made once.
struct Included {
  Rough rough;
  PlanAndProof both;
};

const Included& included() {
  static const Included made = [] {
    Solid body = solid(octahedron(5));
    auto inclusions = must(inclusions_from_text(
        "grade,crystal,SI1\nball,a,crystal,0.9,0.4,0.6,0.1\npoint,b,crack,-1.4,0.2,1.2\n",
        kMillimetre, body, {}));
    Included out{must(rough_from(std::move(body), 5'000, std::move(inclusions))), {}};
    const PlanTerms terms{SpecificGravity(3520), &PriceList::sample(), "G", "VS1"};
    out.both = must(make_plan(out.rough, designs({"round"}), terms, {.gap = 60'000}));
    return out;
  }();
  return made;
}

Result<VerifiedBounds> verified(const Plan& plan) {
  return verify_plan(plan, included().both.proof, included().rough.solid,
                     included().rough.inclusions, &PriceList::sample());
}

Result<VerifiedBounds> verified_in_included(const Proof& proof) {
  Plan plan = included().both.plan;
  const Bytes bytes = must(encode_proof(proof));
  plan.proof = crypto::sha256(bytes);
  return verify_plan(plan, bytes, included().rough.solid, included().rough.inclusions,
                     &PriceList::sample());
}

TEST(Verifier, PlansWithInclusionsHold) {
  const Plan& plan = included().both.plan;
  const auto result = verified(plan);
  ASSERT_TRUE(result) << to_string(result.error());
  ASSERT_EQ(plan.designs.size(), 2U);
  EXPECT_EQ(plan.designs[0].clarity, "VS1");
  EXPECT_EQ(plan.designs[1].clarity, "SI1");
  EXPECT_LT(plan.designs[0].size_bound, plan.designs[1].size_bound);
  const Proof proof = must(decode_proof(included().both.proof));
  const auto& cells = proof.designs[0].cells;
  EXPECT_GT(std::ranges::count(cells, ProofCell::Kind::by_edge, &ProofCell::kind), 10);
}

TEST(Verifier, AStoneThatMeetsAnInclusionIsCaught) {
  Plan plan = included().both.plan;
  ASSERT_TRUE(plan.stone);
  // It says to hold what no stone may hold, or what does not exist.
  plan.stone->holds = {"b"};
  EXPECT_EQ(verified(plan).error().where, "stone.holds: b");
  plan.stone->holds = {"x"};
  EXPECT_EQ(verified(plan).error().where, "stone.holds: x");
  // Where the crack is.
  plan = included().both.plan;
  plan.stone->pose.place = {-1'400'000, 200'000, 1'200'000};
  plan.stone->pose.size = 400'000'000;
  EXPECT_NE(verified(plan).error().where.find("not clear of b"), std::string::npos)
      << verified(plan).error().where;
}

TEST(Verifier, AClarityThatWasNotTriedIsCaught) {
  Plan plan = included().both.plan;
  Proof proof = must(decode_proof(included().both.proof));
  plan.designs.pop_back();
  proof.designs.pop_back();
  const Bytes bytes = must(encode_proof(proof));
  plan.proof = crypto::sha256(bytes);
  plan.stone.reset();
  const auto refused = verify_plan(plan, bytes, included().rough.solid, included().rough.inclusions,
                                   &PriceList::sample());
  EXPECT_EQ(refused.error().where, "a design without a clarity");
}

// Prices go by clarity: who names another, or another shape, is seen.
TEST(Verifier, ClaritiesAreWhatTheyAreSaidToBe) {
  const Plan& whole = included().both.plan;
  const auto where = [&](auto spoil) {
    Plan plan = whole;
    spoil(plan);
    const auto refused = verified(plan);
    return refused ? "accepted" : refused.error().where;
  };
  EXPECT_EQ(where([](Plan&) {}), "accepted");
  EXPECT_EQ(where([](Plan& p) { p.designs[0].clarity = "IF"; }), "a design's clarity");
  EXPECT_EQ(where([](Plan& p) { p.designs[0].clarity = "none"; }), "a design's clarity");
  EXPECT_EQ(where([](Plan& p) { p.designs[0].shape = "emerald"; }), "a design without a clarity");
  EXPECT_EQ(where([](Plan& p) { p.currency = "EUR"; }), "currency");
  EXPECT_EQ(where([](Plan& p) { p.is_sample = false; }), "is_sample");
  EXPECT_EQ(where([](Plan& p) { p.is_convex = false; }), "is_convex");
  EXPECT_EQ(where([](Plan& p) { p.colour.reset(); }), "colour");
  EXPECT_NE(where([](Plan& p) { p.least = MicroCarats(90'000'000); }), "accepted");
  EXPECT_NE(where([](Plan& p) { p.bound = Amount(1); }), "accepted");
  // A plan without inclusions is none with an empty list of them.
  Plan plan = octahedral().both.plan;
  plan.inclusions = inclusions_hash({});
  EXPECT_EQ(verdict_of(verified(octahedral(), plan)), Verdict::other_inputs);
  plan = octahedral().both.plan;
  plan.designs[0].clarity = "IF";
  EXPECT_EQ(verified(octahedral(), plan).error().where, "a design's clarity");
}

// What the stone holds costs it clarity whatever else is hoped for.
TEST(Verifier, HopeDoesNotForgetWhatAStoneHolds) {
  Solid body = solid(octahedron(5));
  auto inclusions = must(
      inclusions_from_text("grade,crystal,SI1\nball,a,crystal,0,0,0,0.1\n", kMillimetre, body, {}));
  const Rough rough = must(rough_from(std::move(body), 0, std::move(inclusions)));
  PlanTerms terms{SpecificGravity(3520), &PriceList::sample(), "G", "SI1"};
  terms.best_clarity = "VS1";
  const auto made = must(make_plan(rough, designs({"round"}), terms, {.gap = 60'000}));
  ASSERT_TRUE(made.plan.hope);
  EXPECT_EQ(made.plan.stone->holds, std::vector<std::string>{"a"});
  EXPECT_EQ(made.plan.hope->clarity, "SI1");
  Plan plan = made.plan;
  plan.hope->clarity = "VS1";
  EXPECT_EQ(verify_plan(plan, made.proof, rough.solid, rough.inclusions, &PriceList::sample())
                .error()
                .where,
            "hope.clarity");
}

// A weight so large that its price is no amount claims the largest one.
TEST(Verifier, BoundsDoNotWrap) {
  const auto prices = must(
      PriceList::from_text("shape,colour,clarity,from,to,per_carat\n*,G,VS1,0.01,,20000.00\n"));
  const auto made = make(octahedron(5), designs({"round"}), {.gap = 60'000}, &prices);
  Plan plan = made.both.plan;
  plan.designs[0].weight_bound = MicroCarats(9'223'372'036'854'775'808U / 1'000'000 * 1'000'000);
  plan.designs[0].value_bound = Amount(5);
  plan.bound = Amount(5);
  EXPECT_EQ(verdict_of(verified(made, plan, &prices)), Verdict::plan_refuted);
}

TEST(Verifier, ObstaclesThatAreNoneAreCaught) {
  const Proof whole = must(decode_proof(included().both.proof));
  EXPECT_TRUE(verified_in_included(whole));
  Proof proof = whole;
  proof.obstacles[0].moved.x += 1'000'000;
  EXPECT_EQ(verified_in_included(proof).error().where, "an obstacle");
  proof = whole;
  proof.obstacles[0].inclusion = 2;
  EXPECT_EQ(verified_in_included(proof).error().where, "an obstacle");
  proof = whole;
  proof.obstacles[0].corner = 100'000;
  EXPECT_EQ(verified_in_included(proof).error().where, "an obstacle");
  // Bounds of stones that may hold the crystal cannot lean on it: the other clarity's cells.
  proof = whole;
  proof.designs[1].cells = proof.designs[0].cells;
  EXPECT_EQ(verdict_of(verified_in_included(proof)), Verdict::plan_refuted);
  // A part of the box that is left out, and a place that was never divided.
  proof = whole;
  auto& cells = proof.designs[0].cells;
  const auto box = std::ranges::find(cells, ProofCell::Kind::by_box, &ProofCell::kind);
  ASSERT_NE(box, cells.end());
  cells.erase(box + 1);
  EXPECT_EQ(verdict_of(verified_in_included(proof)), Verdict::plan_refuted);
  proof = whole;
  proof.designs[0].cells[0].kind = ProofCell::Kind::by_edge;
  EXPECT_NE(verified_in_included(proof).error().where.find("is not divided like that"),
            std::string::npos);
}

TEST(Verifier, OtherInclusionsAreSeen) {
  const Included& made = included();
  auto other = made.rough.inclusions;
  other[0].grade = "VS2";
  EXPECT_EQ(
      verify_plan(made.both.plan, made.both.proof, made.rough.solid, other, &PriceList::sample())
          .error()
          .where,
      "inclusions");
  EXPECT_EQ(verdict_of(verify_plan(made.both.plan, made.both.proof, made.rough.solid, {},
                                   &PriceList::sample())),
            Verdict::other_inputs);
  EXPECT_EQ(
      verdict_of(verify_plan(octahedral().both.plan, octahedral().both.proof, octahedral().rough,
                             made.rough.inclusions, &PriceList::sample())),
      Verdict::other_inputs);
}

// A stone of unknown colour: planned at the worst, with what it is worth at the best.
TEST(Verifier, WhatAStoneMayBeWorthIsChecked) {
  const Rough rough = must(rough_from(solid(octahedron(5)), 0));
  PlanTerms terms{SpecificGravity(3520), &PriceList::sample(), "H", "VS2"};
  terms.best_colour = "F";
  const auto made = must(make_plan(rough, designs({"round"}), terms, {.gap = 50'000}));
  ASSERT_TRUE(made.plan.hope);
  EXPECT_EQ(made.plan.hope->colour, "F");
  EXPECT_EQ(made.plan.hope->clarity, "VS2");
  EXPECT_GT(made.plan.hope->value, made.plan.stone->value);
  const auto verdict = [&](auto spoil) {
    Plan plan = made.plan;
    spoil(plan);
    return verdict_of(verify_plan(plan, made.proof, rough.solid, {}, &PriceList::sample()));
  };
  EXPECT_EQ(verdict([](Plan&) {}), Verdict::accepted);
  EXPECT_EQ(verdict([](Plan& p) { p.hope->value = Amount(p.hope->value.value() + 1); }),
            Verdict::plan_refuted);
  EXPECT_EQ(verdict([](Plan& p) { p.hope->colour = "Z"; }), Verdict::unpriced);
  EXPECT_EQ(verdict([](Plan& p) { p.stone.reset(); }), Verdict::plan_refuted);
  terms.best_clarity = "none";
  EXPECT_EQ(verdict_of(make_plan(rough, designs({"round"}), terms, {.gap = 50'000})),
            Verdict::unpriced);
}

TEST(Verifier, OtherInputsAreSeen) {
  const Made& made = octahedral();
  const Plan& plan = made.both.plan;
  EXPECT_EQ(verdict_of(verify_plan(plan, made.both.proof, solid(octahedron(5.000001)), {},
                                   &PriceList::sample())),
            Verdict::other_inputs);
  EXPECT_EQ(verdict_of(verified(made, plan, nullptr)), Verdict::other_inputs);
  const auto other =
      must(PriceList::from_text("shape,colour,clarity,from,to,per_carat\n*,G,VS1,0.01,,1\n"));
  EXPECT_EQ(verdict_of(verified(made, plan, &other)), Verdict::other_inputs);
  Bytes proof = made.both.proof;
  proof[proof.size() / 2] ^= 1;
  EXPECT_EQ(verdict_of(verify_plan(plan, proof, made.rough, {}, &PriceList::sample())),
            Verdict::other_inputs);
}

}  // namespace
}  // namespace intaglio::stone
