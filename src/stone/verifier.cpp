#include "stone/verifier.h"

#include <algorithm>

#include "base/format.h"
#include "crypto/sha256.h"
#include "stone/verified_cells.h"
#include "stone/verified_fit.h"

namespace intaglio::stone {
namespace {

std::unexpected<Refusal> refuted(std::string what) {
  return refuse(Verdict::plan_refuted, std::move(what));
}

// 5e-15 ct for a cubic nanometre of specific gravity 1: in millionths of a carat.
double micro_carats(double volume, std::uint64_t picometres, SpecificGravity gravity) {
  const double millimetres = static_cast<double>(picometres) / 1e9;
  return volume * millimetres * millimetres * millimetres * gravity.value() * 5;
}

// The price of each step that a weight reaches, at the heaviest of the step.
Amount dearest(const PriceCurve& curve, MicroCarats weight) {
  Amount most;
  const auto& steps = curve.steps();
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].from > weight) continue;
    std::uint64_t heaviest = weight.value();
    if (i + 1 < steps.size()) heaviest = std::min(heaviest, steps[i + 1].from.value() - 1);
    const Wide value = static_cast<Wide>(steps[i].per_carat.value()) * heaviest / 1'000'000;
    most = std::max(most, Amount(static_cast<std::uint64_t>(value)));
  }
  return most;
}

Result<void> check_inputs(const Plan& plan, ByteView proof, const Solid& rough,
                          const PriceList* prices) {
  if (rough_hash(rough) != plan.rough) return refuse(Verdict::other_inputs, "rough");
  if (crypto::sha256(proof) != plan.proof) return refuse(Verdict::other_inputs, "proof");
  if (plan.prices.has_value() != (prices != nullptr)) {
    return refuse(Verdict::other_inputs, "prices");
  }
  if (prices != nullptr && prices_hash(*prices) != *plan.prices) {
    return refuse(Verdict::other_inputs, "prices");
  }
  const MicroCarats weight = weight_of(volume_six(rough.corners, rough.triangles), plan.gravity);
  if (weight != plan.rough_weight) return refuted("rough_weight");
  return {};
}

Result<PriceCurve> curve_for(const Plan& plan, const PlanDesign& design, const PriceList* prices) {
  if (prices == nullptr) return PriceCurve::by_weight();
  return prices->curve(design.shape, plan.colour.value_or(""), plan.clarity.value_or(""),
                       design.cut_grade.value_or(""));
}

// A plan says no less than follows from its bounds.
Result<void> check_bounds(const Plan& plan, std::size_t index, const CheckedDesign& design,
                          const PriceCurve& curve) {
  const PlanDesign& said = plan.designs[index];
  const std::string where = format("designs[{}].", index);
  const double weight = micro_carats(design.volume, said.size_bound, plan.gravity);
  if (static_cast<double>(said.weight_bound.value()) < weight * (1 - 1e-12)) {
    return refuted(where + "weight_bound");
  }
  if (said.value_bound < dearest(curve, said.weight_bound)) return refuted(where + "value_bound");
  if (plan.bound < said.value_bound) return refuted("bound");
  return {};
}

Result<void> check_stone(const Plan& plan, const Solid& rough, const CheckedDesign& design,
                         const PriceCurve& curve) {
  const PlanStone& stone = *plan.stone;
  TRY(check_inside(rough, design, stone.pose, plan.allowance));
  const double weight = micro_carats(design.volume, stone.pose.size, plan.gravity);
  if (std::abs(static_cast<double>(stone.weight.value()) - weight) > 1.001) {
    return refuted("stone.weight");
  }
  if (stone.value != curve.value(stone.weight)) return refuted("stone.value");
  if (stone.weight > plan.rough_weight) return refuted("stone.weight");
  return {};
}

}  // namespace

Result<VerifiedBounds> verify_plan(const Plan& plan, ByteView proof_bytes, const Solid& rough,
                                   const PriceList* prices) {
  TRY(check_inputs(plan, proof_bytes, rough, prices));
  ASSIGN(const auto proof, decode_proof(proof_bytes));
  if (proof.designs.size() != plan.designs.size()) return refuted("the number of designs");
  if (plan.stone && plan.stone->design >= plan.designs.size()) return refuted("stone.design");
  ASSIGN(const auto rows, check_rows(rough, proof.directions, plan.allowance));
  VerifiedBounds out;
  for (std::size_t i = 0; i < proof.designs.size(); ++i) {
    const PlanDesign& said = plan.designs[i];
    if (design_hash(proof.designs[i].corners) != said.hash) {
      return refuse(Verdict::other_inputs, format("designs[{}]", i));
    }
    ASSIGN(const auto design, check_design(proof.designs[i]));
    ASSIGN(const auto curve, curve_for(plan, said, prices));
    TRY(check_bounds(plan, i, design, curve));
    auto leaves =
        check_cells(rows, design, proof.designs[i], static_cast<double>(said.size_bound) / 1000);
    if (!leaves) return refuse_within(format("designs[{}]", i), leaves.error());
    out.leaves += *leaves;
    out.cells += proof.designs[i].cells.size();
    if (plan.stone && plan.stone->design == i) TRY(check_stone(plan, rough, design, curve));
  }
  return out;
}

}  // namespace intaglio::stone
