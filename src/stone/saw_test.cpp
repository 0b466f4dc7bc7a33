#include "stone/saw.h"

#include <gtest/gtest.h>

#include "codec/hex.h"
#include "crypto/sha256.h"
#include "stone/families.h"
#include "stone/solids_for_test.h"

namespace intaglio::stone {
namespace {

const GridDirection kUp{0, 0, kDirectionUnit};

struct Made {
  Rough rough;
  SawingAndProof both;
};

// The octahedron of two carats, across a fourfold axis, with a saw of 0.06 mm: what the trade does.
const Made& octahedral() {
  static const Made made = [] {
    const double radius = std::cbrt(2.0 * 200 / 3.52 * 3 / 4);
    Made out{must(rough_from(solid(octahedron(radius)), 0)), {}};
    const SawTerms saw{{kUp}, 60'000, {}, 24};
    out.both = must(make_sawing(out.rough, {must(design_from_text("round pavilion=40.75"))},
                                {SpecificGravity(3520), nullptr, "", ""}, saw, {.gap = 60'000}));
    return out;
  }();
  return made;
}

Result<VerifiedBounds> verified(const Sawing& sawing, const Bytes& proof) {
  return verify_sawing(sawing, proof, octahedral().rough.solid, {}, nullptr);
}

// With another proof, whose hash the document then names.
Result<VerifiedBounds> verified_with(const SawProof& proof) {
  Sawing sawing = octahedral().both.sawing;
  const Bytes bytes = must(encode_saw_proof(proof));
  sawing.proof = crypto::sha256(bytes);
  return verified(sawing, bytes);
}

TEST(Saw, AnOctahedronYieldsFiftyThreePercent) {
  const Made& made = octahedral();
  const Sawing& sawing = made.both.sawing;
  ASSERT_TRUE(sawing.plane);
  const auto whole = weight_of(volume_six(made.rough.solid.corners, made.rough.solid.triangles),
                               SpecificGravity(3520));
  const double yield =
      100.0 * static_cast<double>(sawing.value.value()) / static_cast<double>(whole.value());
  EXPECT_GT(yield, 53.0);
  EXPECT_LT(yield, 53.6);
  EXPECT_GE(sawing.bound, sawing.value);
  EXPECT_LE(gap_between(sawing.value.value(), sawing.bound.value()), 60'000U);
  // On the octahedron's own side of the plane, and the cut between them.
  ASSERT_EQ(made.both.plans.size(), 2U);
  const Plan& below = made.both.plans[0].plan;
  const Plan& above = made.both.plans[1].plan;
  EXPECT_EQ(below.layers, (std::vector<Layer>{side_below(kUp, sawing.plane->offset)}));
  EXPECT_EQ(above.layers[0].offset, -(sawing.plane->offset + 60'000));
  EXPECT_EQ(sawing.value, Amount(below.stone->value.value() + above.stone->value.value()));
  const auto checked = verified(sawing, made.both.proof);
  ASSERT_TRUE(checked) << to_string(checked.error());
  EXPECT_GT(checked->leaves, 1000U);
}

TEST(Saw, WhereSawingCostsMoreThanItBringsTheRoughStaysWhole) {
  const Rough body = must(rough_from(solid(octahedron(3)), 0));
  const auto made = must(make_sawing(body, {must(design_from_text("round"))},
                                     {SpecificGravity(3520), nullptr, "", ""},
                                     {{kUp}, 60'000, Amount(300'000), 16}, {.gap = 60'000}));
  EXPECT_FALSE(made.sawing.plane);
  ASSERT_EQ(made.plans.size(), 1U);
  EXPECT_EQ(made.sawing.value, made.plans[0].plan.stone->value);
  EXPECT_TRUE(verify_sawing(made.sawing, made.proof, body.solid, {}, nullptr));
}

TEST(Saw, AStoppedSawingIsTrue) {
  const Rough body = must(rough_from(solid(octahedron(3)), 0));
  int asked = 0;
  const auto made = must(
      make_sawing(body, {must(design_from_text("round"))}, {SpecificGravity(3520), nullptr, "", ""},
                  {{kUp, {kDirectionUnit, 0, 0}}, 60'000, {}, 64}, {.gap = 100'000},
                  [&](const Progress&) { return ++asked < 60; }));
  EXPECT_TRUE(verify_sawing(made.sawing, made.proof, body.solid, {}, nullptr));
  EXPECT_GT(made.sawing.bound, made.sawing.value);
}

TEST(Saw, WhatDoesNotHoldIsCaught) {
  const Sawing& sawing = octahedral().both.sawing;
  const Bytes& bytes = octahedral().both.proof;
  const auto where = [&](auto spoil) {
    Sawing other = sawing;
    spoil(other);
    const auto refused = verified(other, bytes);
    return refused ? "accepted" : refused.error().where;
  };
  EXPECT_EQ(where([](Sawing&) {}), "accepted");
  EXPECT_EQ(where([](Sawing& s) { s.bound = Amount(s.bound.value() - 1); }), "bound");
  EXPECT_EQ(where([](Sawing& s) { s.value = Amount(s.value.value() + 1); }), "value");
  EXPECT_EQ(where([](Sawing& s) { std::swap(s.plans[0], s.plans[1]); }), "plans");
  EXPECT_EQ(where([](Sawing& s) { s.plane->offset += 1; }), "its plans are none that were proven");
  EXPECT_EQ(where([](Sawing& s) { s.plane.reset(); }), "plans");
  EXPECT_EQ(where([](Sawing& s) { s.kerf = 50'000; }), "directions[0].planes[0].above.layers");
  EXPECT_EQ(where([](Sawing& s) { s.directions = {}; }), "directions");
  EXPECT_EQ(where([](Sawing& s) { s.rough = {}; }), "rough");
}

TEST(Saw, AProofThatLeavesPlanesOutIsCaught) {
  const SawProof whole = must(decode_saw_proof(octahedral().both.proof));
  EXPECT_TRUE(verified_with(whole));
  // The best plane alone proves less than what is said.
  SawProof proof = whole;
  std::erase_if(proof.directions[0].planes, [](const SawnAt& at) {
    return at.offset != octahedral().both.sawing.plane->offset;
  });
  ASSERT_EQ(proof.directions[0].planes.size(), 1U);
  EXPECT_EQ(verified_with(proof).error().where, "bound");
  proof = whole;
  std::swap(proof.directions[0].planes[0], proof.directions[0].planes[1]);
  EXPECT_EQ(verified_with(proof).error().where, "directions[0].planes[1].offset");
  proof = whole;
  proof.directions[0].planes[0].below = proof.directions[0].planes[1].below;
  EXPECT_EQ(verified_with(proof).error().where, "directions[0].planes[0].below.layers");
  proof = whole;
  proof.directions[0].planes[0].below.plan.gravity = SpecificGravity(3000);
  EXPECT_EQ(verified_with(proof).error().where, "directions[0].planes[0].below: other terms");
  proof = whole;
  proof.directions[0].planes[0].below.plan.bound = Amount(1);
  EXPECT_EQ(verdict_of(verified_with(proof)), Verdict::plan_refuted);
}

// What a side claims too much of makes no sum small, and a direction has another side.
TEST(Saw, ClaimsThatAreTooLargeProveNothing) {
  const SawProof whole = must(decode_saw_proof(octahedral().both.proof));
  SawProof proof = whole;
  for (SawnAt& at : proof.directions[0].planes) {
    for (Plan* plan : {&at.below.plan, &at.above.plan}) {
      plan->bound = Amount(UINT64_MAX - whole.whole.plan.bound.value() + 1);
    }
  }
  Sawing sawing = octahedral().both.sawing;
  const Bytes bytes = must(encode_saw_proof(proof));
  sawing.proof = crypto::sha256(bytes);
  EXPECT_EQ(verdict_of(verified(sawing, bytes)), Verdict::other_inputs);  // other plans
  sawing.plane.reset();
  sawing.plans = {crypto::sha256(encode_plan(whole.whole.plan))};
  sawing.value = whole.whole.plan.stone->value;
  sawing.bound = whole.whole.plan.bound;
  EXPECT_EQ(verified(sawing, bytes).error().where, "bound");
  proof = whole;
  proof.directions[0].direction.x = INT32_MIN;
  EXPECT_EQ(verdict_of(verified_with(proof)), Verdict::bad_value);
}

// Each side may be worth more or less at best; that is no other plan.
TEST(Saw, StonesOfUnknownColourAreSawn) {
  const Rough body = must(rough_from(solid(octahedron(4)), 0));
  PlanTerms terms{SpecificGravity(3520), &PriceList::sample(), "H", "VS2"};
  terms.best_colour = "F";
  const auto made = must(make_sawing(body, {must(design_from_text("round"))}, terms,
                                     {{kUp}, 60'000, {}, 8}, {.gap = 150'000}));
  const auto checked = verify_sawing(made.sawing, made.proof, body.solid, {}, &PriceList::sample());
  EXPECT_TRUE(checked) << to_string(checked.error());
}

// Two cuts in a row: parts of parts, up to four stones.
const Made& quartered() {
  static const Made made = [] {
    Made out{must(rough_from(solid(octahedron(4)), 0)), {}};
    SawTerms saw{{kUp}, 60'000, Amount(1'000), 12};
    saw.depth = 2;
    out.both = must(make_sawing(out.rough, {must(design_from_text("round pavilion=40.75"))},
                                {SpecificGravity(3520), nullptr, "", ""}, saw, {.gap = 120'000}));
    return out;
  }();
  return made;
}

Result<VerifiedBounds> verified_quarters(const Sawing& sawing, const Bytes& proof) {
  return verify_sawing(sawing, proof, quartered().rough.solid, {}, nullptr);
}

TEST(Saw, PartsAreSawnAgain) {
  const Sawing& sawing = quartered().both.sawing;
  const auto checked = verified_quarters(sawing, quartered().both.proof);
  ASSERT_TRUE(checked) << to_string(checked.error());
  ASSERT_TRUE(sawing.parts);
  ASSERT_GT(sawing.parts->size(), 2U);
  EXPECT_EQ(sawing.depth, 2U);
  EXPECT_EQ(*sawing.plane, sawing.parts->front().layers.front());
  Amount sum;
  for (std::size_t i = 0; i < sawing.parts->size(); ++i) {
    const Plan& plan = quartered().both.plans[i].plan;
    EXPECT_EQ(plan.layers, (*sawing.parts)[i].layers);
    sum = Amount(sum.value() + plan.stone->value.value());
  }
  EXPECT_EQ(sawing.value.value(), sum.value() - 1'000 * (sawing.parts->size() - 1));
  EXPECT_LT(gap_between(sawing.value.value(), sawing.bound.value()), 250'000U);
  // Each cut more can only be worth more, and more than two stones are bounded by more.
  const auto once =
      must(make_sawing(quartered().rough, {must(design_from_text("round pavilion=40.75"))},
                       {SpecificGravity(3520), nullptr, "", ""}, {{kUp}, 60'000, Amount(1'000), 12},
                       {.gap = 120'000}));
  EXPECT_GT(sawing.value, once.sawing.value);
  EXPECT_GE(sawing.bound, once.sawing.value);
  // By weight alone, whatever the planes: no more than the rough, and than four times one stone.
  EXPECT_GE(*sawing.any_bound, sawing.value);
  const std::uint64_t one = must(decode_saw_proof(quartered().both.proof)).whole.plan.bound.value();
  EXPECT_LE(*sawing.any_bound, Amount(4 * one - 1'000)) << "one cut may free all";
  EXPECT_LE(*once.sawing.any_bound,
            Amount(2 * must(decode_saw_proof(once.proof)).whole.plan.bound.value() - 1'000));
}

TEST(Saw, WhatDoesNotHoldOfPartsIsCaught) {
  const Sawing& sawing = quartered().both.sawing;
  const auto where = [&](auto spoil) {
    Sawing other = sawing;
    spoil(other);
    const auto refused = verified_quarters(other, quartered().both.proof);
    return refused ? "accepted" : refused.error().where;
  };
  EXPECT_EQ(where([](Sawing&) {}), "accepted");
  EXPECT_EQ(where([](Sawing& s) { s.bound = Amount(s.bound.value() - 1); }), "bound");
  EXPECT_EQ(where([](Sawing& s) { s.any_bound = Amount(s.any_bound->value() - 1); }), "any_bound");
  EXPECT_EQ(where([](Sawing& s) { s.value = Amount(s.value.value() + 1); }), "value");
  EXPECT_EQ(where([](Sawing& s) { s.cost = Amount(s.cost.value() - 1); }), "value");
  EXPECT_EQ(where([](Sawing& s) { s.depth.reset(); }), "parts");
  EXPECT_EQ(where([](Sawing& s) { s.parts.reset(); }), "parts");
  EXPECT_EQ(where([](Sawing& s) { s.depth = 9; }), "depth");
  EXPECT_NE(where([](Sawing& s) { s.depth = 1; }), "accepted");
  const auto nowhere = "its plans are none that were proven";
  EXPECT_EQ(where([](Sawing& s) { s.parts->pop_back(); }), nowhere);
  EXPECT_EQ(where([](Sawing& s) { s.parts->front().layers.front().offset += 1; }), nowhere);
  EXPECT_EQ(where([](Sawing& s) { std::swap(s.parts->front(), s.parts->back()); }), nowhere);
  EXPECT_EQ(where([](Sawing& s) { s.plane.reset(); }), nowhere);
  EXPECT_EQ(where([](Sawing& s) { std::swap(s.plans.front(), s.plans.back()); }), "plans");
}

// A part that was sawn across fewer directions than are named bounds no more than those.
TEST(Saw, AProofOfPartsThatLeavesSomethingOutIsCaught) {
  const SawProof whole = must(decode_saw_proof(quartered().both.proof));
  const auto with = [&](const SawProof& proof) {
    Sawing sawing = quartered().both.sawing;
    const Bytes bytes = must(encode_saw_proof(proof));
    sawing.proof = crypto::sha256(bytes);
    const auto checked = verified_quarters(sawing, bytes);
    return checked ? "accepted" : checked.error().where;
  };
  EXPECT_EQ(with(whole), "accepted");
  const auto sawn = [](SawProof& proof) -> SawnPart& {
    for (SawnAt& at : proof.directions[0].planes) {
      if (!at.below.directions.empty() && !at.below.directions[0].planes.empty()) return at.below;
    }
    return proof.directions[0].planes[0].above;
  };
  SawProof proof = whole;
  ASSERT_FALSE(sawn(proof).directions.empty());
  sawn(proof).directions[0].direction = {kDirectionUnit, 0, 0};
  EXPECT_TRUE(with(proof).ends_with(".directions"));
  proof = whole;
  auto& planes = sawn(proof).directions[0].planes;
  planes.front().offset += 1;
  EXPECT_TRUE(with(proof).ends_with(".below.layers"));
  proof = whole;
  for (SawnAt& at : proof.directions[0].planes) {
    at.below.directions.clear();
    at.above.directions.clear();
  }
  EXPECT_NE(with(proof), "accepted");
  // Sawn more often in a row than the document says.
  proof = whole;
  SawnPart& part = sawn(proof).directions[0].planes[0].below;
  part.directions = {{kUp, {}}};
  EXPECT_TRUE(with(proof).ends_with(".below.directions"));
  // Nothing is sawn with designs that are left to the plan, nor with none.
  proof = whole;
  proof.whole.plan.within = {must(design_range_from_text("round table=53..62"))};
  EXPECT_EQ(with(proof), "within");
  proof = whole;
  proof.whole.plan.designs.clear();
  proof.whole.plan.stone.reset();
  EXPECT_NE(with(proof), "accepted");
}

TEST(Saw, GoldenBytes) {
  Sawing sawing;
  sawing.kerf = 60'000;
  sawing.cost = Amount(5);
  sawing.plane = Layer{kUp, -7};
  sawing.plans = {Digest{}};
  sawing.value = Amount(9);
  sawing.bound = Amount(10);
  sawing.directions = {kUp};
  const std::string zeros(64, '0');
  EXPECT_EQ(codec::to_hex(encode_sawing(sawing)),
            "a9"
            "015820" +
                zeros +
                "0219ea60"
                "0305"
                "048400001a4000000026"
                "05815820" +
                zeros +
                "0609"
                "070a"
                "085820" +
                zeros + "09818300001a40000000");
  EXPECT_EQ(must(decode_sawing(encode_sawing(sawing))), sawing);
  EXPECT_EQ(must(codec::record_from_json<Sawing>(codec::record_to_json(sawing))), sawing);
  sawing.depth = 2;
  sawing.parts = {{{{kUp, 5}}}};
  sawing.any_bound = Amount(11);
  EXPECT_TRUE(codec::to_hex(encode_sawing(sawing))
                  .ends_with("0a02"
                             "0b81a10181"
                             "8400001a4000000005"
                             "0c0b"));
  EXPECT_EQ(must(decode_sawing(encode_sawing(sawing))), sawing);
}

TEST(Saw, WhatIsNoProofIsRefused) {
  const auto verdict = [](std::string_view hex) {
    return verdict_of(decode_saw_proof(must(codec::from_hex(hex))));
  };
  EXPECT_EQ(verdict("80"), Verdict::bad_encoding);
  EXPECT_EQ(verdict("840340408000"), Verdict::bad_version);
  EXPECT_EQ(verdict("8301404080"), Verdict::bad_encoding);
  const Rough body = must(rough_from(solid(octahedron(3)), 0));
  const std::vector<Design> designs = {must(design_from_text("round"))};
  const PlanTerms terms{SpecificGravity(3520), nullptr, "", ""};
  EXPECT_EQ(verdict_of(make_sawing(body, designs, terms, {}, {})), Verdict::bad_value);
  EXPECT_EQ(verdict_of(make_sawing(body, designs, terms, {{kUp}, kMaxKerf + 1, {}, 1}, {})),
            Verdict::too_large);
  EXPECT_EQ(verdict_of(make_sawing(body, designs, terms, {{{0, 0, 5}}, 0, {}, 1}, {})),
            Verdict::bad_value);
}

TEST(Saw, TheCutsAreThoseBetweenTheParts) {
  Sawing sawing;
  EXPECT_TRUE(cuts_of(sawing).empty());
  sawing.kerf = 5;
  sawing.directions = {{0, 0, kDirectionUnit}, {kDirectionUnit, 0, 0}};
  sawing.plane = side_below(sawing.directions[0], 7);
  ASSERT_EQ(cuts_of(sawing).size(), 1U);
  EXPECT_EQ(cuts_of(sawing)[0], (SawCut{*sawing.plane, 5, {}}));
  // The part above is sawn again, across the other direction.
  const Layer above = side_above(sawing.directions[0], 7, 5);
  const Layer again = side_below(sawing.directions[1], 3);
  sawing.depth = 2;
  sawing.parts = {
      {{*sawing.plane}}, {{above, again}}, {{above, side_above({kDirectionUnit, 0, 0}, 3, 5)}}};
  EXPECT_EQ(cuts_of(sawing), (std::vector<SawCut>{{*sawing.plane, 5, {}}, {again, 5, {above}}}));
}

}  // namespace
}  // namespace intaglio::stone
