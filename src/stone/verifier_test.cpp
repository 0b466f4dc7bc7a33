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
  return verify_plan(plan, made.both.proof, made.rough, prices);
}

// With another proof, whose hash the plan then names: what an author who lies would write.
Result<VerifiedBounds> verified_with(const Proof& proof) {
  const Made& made = octahedral();
  Plan plan = made.both.plan;
  const Bytes bytes = must(encode_proof(proof));
  plan.proof = crypto::sha256(bytes);
  return verify_plan(plan, bytes, made.rough, &PriceList::sample());
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

TEST(Verifier, OtherInputsAreSeen) {
  const Made& made = octahedral();
  const Plan& plan = made.both.plan;
  EXPECT_EQ(verdict_of(verify_plan(plan, made.both.proof, solid(octahedron(5.000001)),
                                   &PriceList::sample())),
            Verdict::other_inputs);
  EXPECT_EQ(verdict_of(verified(made, plan, nullptr)), Verdict::other_inputs);
  const auto other =
      must(PriceList::from_text("shape,colour,clarity,from,to,per_carat\n*,G,VS1,0.01,,1\n"));
  EXPECT_EQ(verdict_of(verified(made, plan, &other)), Verdict::other_inputs);
  Bytes proof = made.both.proof;
  proof[proof.size() / 2] ^= 1;
  EXPECT_EQ(verdict_of(verify_plan(plan, proof, made.rough, &PriceList::sample())),
            Verdict::other_inputs);
}

}  // namespace
}  // namespace intaglio::stone
