#include "stone/verifier.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "base/format.h"
#include "crypto/sha256.h"
#include "stone/dents.h"
#include "stone/families.h"
#include "stone/hull.h"
#include "stone/verified_cells.h"
#include "stone/verified_family.h"
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
    most = std::max(
        most, Amount(value > Wide{UINT64_MAX} ? UINT64_MAX : static_cast<std::uint64_t>(value)));
  }
  return most;
}

// Words that are shown as they are.
bool is_shown(std::string_view text) {
  return std::ranges::none_of(
      text, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; });
}

// What a plan says of its prices beside their hash, and that it says of stones what it must.
Result<void> check_terms(const Plan& plan, const PriceList* prices) {
  const bool by_weight = prices == nullptr;
  // Without any the rest would hold of nothing.
  if (plan.designs.empty()) return refuted("no designs");
  if (plan.allowance > kMaxAllowance) return refuted("allowance");
  if (plan.gravity == SpecificGravity(0) || plan.gravity > kMaxGravity) return refuted("gravity");
  if (plan.currency != (by_weight ? std::optional<std::string>() : prices->currency())) {
    return refuted("currency");
  }
  if (plan.is_sample != (!by_weight && prices->is_sample())) return refuted("is_sample");
  if (plan.colour.has_value() == by_weight) return refuted("colour");
  if (plan.origin && (by_weight || plan.origin->empty())) return refuted("origin");
  if (plan.clarity.has_value() == (by_weight && !plan.inclusions)) return refuted("clarity");
  for (const PlanDesign& design : plan.designs) {
    if (design.clarity.has_value() != plan.inclusions.has_value()) {
      return refuted("a design's clarity");
    }
    if (!is_shown(design.name) || !is_shown(design.shape)) return refuted("a design's name");
  }
  return {};
}

Result<PriceCurve> curve_for(const Plan& plan, const PlanDesign& design, const PriceList* prices,
                             const std::string& cut_grade) {
  if (prices == nullptr) return PriceCurve::by_weight().from_weight(plan.least);
  const std::string clarity =
      plan.inclusions ? design.clarity.value_or("") : plan.clarity.value_or("");
  ASSIGN(const auto curve, prices->curve(design.shape, plan.colour.value_or(""), clarity, cut_grade,
                                         plan.origin.value_or("")));
  return curve.from_weight(plan.least);
}

// What clarities mean in a plan: each inclusion by the place of its grade from the best.
class Clarities {
 public:
  Clarities(const Plan& plan, const std::vector<Inclusion>& inclusions, const PriceList* prices)
      : names_(prices != nullptr ? prices->clarities() : common_clarities()),
        by_weight_(prices == nullptr),
        clean_(rank(plan.clarity.value_or(""))) {
    for (const Inclusion& inclusion : inclusions) {
      // Past all of them where no stone may hold it.
      ranks_.push_back(inclusion.grade.empty() ? names_.size() : rank(inclusion.grade));
      are_known_ = are_known_ && (inclusion.grade.empty() || ranks_.back() < names_.size());
    }
  }

  std::size_t rank(std::string_view clarity) const {
    return static_cast<std::size_t>(std::ranges::find(names_, clarity) - names_.begin());
  }
  // A flag for each inclusion: whether a stone of that clarity may not hold it.
  std::vector<bool> avoided(const PlanDesign& design) const {
    const std::size_t level = rank(design.clarity.value_or(""));
    std::vector<bool> out;
    for (const std::size_t own : ranks_) out.push_back(own > level);
    return out;
  }
  // Every design has a row for each clarity that a stone could come out at. By weight only one is
  // asked for.
  Result<void> check_rows(const Plan& plan) const {
    if (ranks_.empty()) return {};
    if (clean_ == names_.size() || !are_known_) return refuse(Verdict::unpriced, "clarity");
    std::set<std::size_t> needed = {clean_};
    for (const std::size_t own : ranks_) {
      if (!by_weight_ && own > clean_ && own < names_.size()) needed.insert(own);
    }
    // Whatever a price may depend on.
    std::map<std::tuple<Digest, std::string, std::optional<std::string>>, std::set<std::size_t>>
        has;
    for (const PlanDesign& row : plan.designs) {
      const std::size_t level = rank(row.clarity.value_or(""));
      if (level == names_.size() || level < clean_) return refuted("a design's clarity");
      has[{row.hash, row.shape, row.cut_grade}].insert(level);
    }
    for (const auto& [design, levels] : has) {
      if (!std::ranges::includes(levels, needed)) return refuted("a design without a clarity");
    }
    return {};
  }

 private:
  std::vector<std::string> names_;
  bool by_weight_;
  std::size_t clean_;
  std::vector<std::size_t> ranks_;
  bool are_known_ = true;
};

// The most volume of a stone of size 1, and the cut grades that it may have.
struct Kinds {
  double volume = 0;
  std::vector<std::string> grades;
};
Result<Kinds> kinds_of(const PlanDesign& said, const CheckedDesign& design) {
  if (!said.range) return Kinds{design.volume, {said.cut_grade.value_or("")}};
  if (said.cut_grade) return refuted("a core's cut grade");
  if (said.shape != said.range->family) return refuted("a core's shape");
  if (said.name != range_text(*said.range)) return refuted("a core's name");
  ASSIGN(const auto core, check_core(*said.range, design.corners));
  return Kinds{core.volume, possible_grades(*said.range)};
}

// A plan says no less than follows from its bounds.
Result<void> check_bounds(const Plan& plan, std::size_t index, const Kinds& kinds,
                          const PriceList* prices) {
  const PlanDesign& said = plan.designs[index];
  const std::string where = format("designs[{}].", index);
  const double weight = micro_carats(kinds.volume, said.size_bound, plan.gravity);
  if (static_cast<double>(said.weight_bound.value()) < weight * (1 - 1e-12)) {
    return refuted(where + "weight_bound");
  }
  for (const std::string& grade : kinds.grades) {
    ASSIGN(const auto curve, curve_for(plan, said, prices, grade));
    if (said.value_bound < dearest(curve, said.weight_bound)) return refuted(where + "value_bound");
  }
  if (plan.bound < said.value_bound) return refuted("bound");
  return {};
}

// Every member of the families that the plan names is in a range that was tried, at each clarity
// that any design was tried at.
Result<void> check_within(const Plan& plan) {
  std::set<std::optional<std::string>> clarities;
  for (const PlanDesign& row : plan.designs) clarities.insert(row.clarity);
  for (const DesignRange& whole : plan.within.value_or(std::vector<DesignRange>())) {
    for (const auto& clarity : clarities) {
      std::vector<DesignRange> parts;
      for (const PlanDesign& row : plan.designs) {
        const bool is_part = row.range && row.range->family == whole.family;
        if (is_part && row.clarity == clarity) parts.push_back(*row.range);
      }
      TRY(check_cover(whole, parts));
    }
  }
  return {};
}

Result<void> check_stone(const Plan& plan, const Solid& rough,
                         const std::vector<Inclusion>& inclusions, const std::vector<bool>& avoided,
                         const CheckedDesign& design, const PriceCurve& curve) {
  const PlanStone& stone = *plan.stone;
  std::set<std::string> held(stone.holds.begin(), stone.holds.end());
  std::vector<const Inclusion*> clear_of;
  for (std::size_t i = 0; i < inclusions.size(); ++i) {
    if (held.erase(inclusions[i].name) == 0) {
      clear_of.push_back(&inclusions[i]);
    } else if (avoided[i]) {
      return refuted("stone.holds: " + inclusions[i].name);
    }
  }
  if (!held.empty()) return refuted("stone.holds: " + *held.begin());
  TRY(check_inside(rough, clear_of, plan.layers, design, stone.pose, plan.allowance));
  if (plan.axis) TRY(check_axis(*plan.axis, stone.pose));
  const double weight = micro_carats(design.volume, stone.pose.size, plan.gravity);
  const double less = weight - static_cast<double>(stone.weight.value());
  if (less < -1e-3 || less > 1.001) return refuted("stone.weight");
  if (stone.weight < plan.least) return refuted("stone.weight");
  if (stone.value > plan.bound) return refuted("bound");
  if (stone.value != curve.value(stone.weight)) return refuted("stone.value");
  if (stone.weight > plan.rough_weight) return refuted("stone.weight");
  return {};
}

Result<void> check_hope(const Plan& plan, const std::vector<Inclusion>& inclusions,
                        const Clarities& clarities, const PriceList* prices) {
  if (!plan.hope) return {};
  if (!plan.stone || prices == nullptr) return refuted("hope");
  for (const Inclusion& inclusion : inclusions) {
    const bool is_held =
        std::ranges::find(plan.stone->holds, inclusion.name) != plan.stone->holds.end();
    if (is_held && clarities.rank(inclusion.grade) > clarities.rank(plan.hope->clarity)) {
      return refuted("hope.clarity");
    }
  }
  const PlanDesign& design = plan.designs[plan.stone->design];
  ASSIGN(const auto curve, prices->curve(design.shape, plan.hope->colour, plan.hope->clarity,
                                         design.cut_grade.value_or(""), plan.origin.value_or("")));
  if (plan.hope->value != curve.value(plan.stone->weight)) return refuted("hope.value");
  return {};
}

}  // namespace

Result<PlanVerifier> PlanVerifier::from(const Solid& rough,
                                        const std::vector<Inclusion>& inclusions,
                                        const PriceList* prices) {
  PlanVerifier out(rough, inclusions, prices);
  out.rough_hash_ = stone::rough_hash(rough);
  if (!inclusions.empty()) out.inclusions_hash_ = stone::inclusions_hash(inclusions);
  if (prices != nullptr) out.prices_hash_ = stone::prices_hash(*prices);
  out.volume_six_ = volume_six(rough.corners, rough.triangles);
  ASSIGN(const auto hull, convex_hull(rough.corners));
  out.is_convex_ = volume_six(rough.corners, hull) == out.volume_six_;
  return out;
}

Result<void> PlanVerifier::check_inputs(const Plan& plan, ByteView proof) const {
  if (plan.inclusions != inclusions_hash_) return refuse(Verdict::other_inputs, "inclusions");
  if (plan.rough != rough_hash_) return refuse(Verdict::other_inputs, "rough");
  if (crypto::sha256(proof) != plan.proof) return refuse(Verdict::other_inputs, "proof");
  if (plan.prices != prices_hash_) return refuse(Verdict::other_inputs, "prices");
  if (weight_of(volume_six_, plan.gravity) != plan.rough_weight) return refuted("rough_weight");
  if (plan.is_convex != is_convex_) return refuted("is_convex");
  return {};
}

// A price is one of a shape and a cut grade, so a body that is none of a family has to say that.
Result<void> PlanVerifier::check_name(const PlanDesign& said) {
  if (!is_family_name(said.name)) {
    if (said.cut_grade) return refuted("the cut grade of " + said.name);
    return {};
  }
  auto known = named_.find(said.name);
  if (known == named_.end()) {
    const auto design = design_from_text(said.name);
    if (!design || design->name != said.name) return refuted("the name " + said.name);
    known = named_
                .emplace(said.name,
                         NamedBody{design_hash(design->corners), design->shape, design->cut_grade})
                .first;
  }
  const NamedBody& body = known->second;
  if (said.hash != body.hash) return refuted("the body of " + said.name);
  if (said.shape != body.shape) return refuted("the shape of " + said.name);
  if (said.cut_grade.value_or("") != body.cut_grade) {
    return refuted("the cut grade of " + said.name);
  }
  return {};
}

Result<VerifiedBounds> PlanVerifier::verify(const Plan& plan, ByteView proof_bytes) {
  TRY(check_inputs(plan, proof_bytes));
  ASSIGN(const auto proof, decode_proof(proof_bytes));
  if (proof.designs.size() != plan.designs.size()) return refuted("the number of designs");
  if (plan.stone && plan.stone->design >= plan.designs.size()) return refuted("stone.design");
  TRY(check_terms(plan, prices_));
  const Clarities clarities(plan, inclusions_, prices_);
  TRY(clarities.check_rows(plan));
  TRY(check_within(plan));
  TRY(check_hope(plan, inclusions_, clarities, prices_));
  TRY(check_layers(plan.layers));
  ASSIGN(auto rows, check_rows(rough_, inclusions_, plan.layers, proof, plan.allowance));
  if (plan.axis) TRY(check_axis_limit(*plan.axis));
  rows.axis = plan.axis;
  const auto dents = std::ranges::count(proof.obstacles, kOfSurface, &ObstacleSource::inclusion);
  if (dents != plan.dents.value_or(0)) return refuted("dents");
  VerifiedBounds out;
  for (std::size_t i = 0; i < proof.designs.size(); ++i) {
    const PlanDesign& said = plan.designs[i];
    if (design_hash(proof.designs[i].corners) != said.hash) {
      return refuse(Verdict::other_inputs, format("designs[{}]", i));
    }
    if (!said.range) TRY(check_name(said));
    ASSIGN(const auto design, check_design(proof.designs[i]));
    ASSIGN(const auto kinds, kinds_of(said, design));
    TRY(check_bounds(plan, i, kinds, prices_));
    const auto avoided = clarities.avoided(said);
    auto leaves = check_cells(rows, avoided, design, proof.designs[i],
                              static_cast<double>(said.size_bound) / 1000);
    if (!leaves) return refuse_within(format("designs[{}]", i), leaves.error());
    out.leaves += *leaves;
    out.cells += proof.designs[i].cells.size();
    if (plan.stone && plan.stone->design == i) {
      if (said.range) return refuted("stone.design");
      ASSIGN(const auto curve, curve_for(plan, said, prices_, said.cut_grade.value_or("")));
      TRY(check_stone(plan, rough_, inclusions_, avoided, design, curve));
    }
  }
  return out;
}

Result<VerifiedBounds> verify_plan(const Plan& plan, ByteView proof, const Solid& rough,
                                   const std::vector<Inclusion>& inclusions,
                                   const PriceList* prices) {
  ASSIGN(auto verifier, PlanVerifier::from(rough, inclusions, prices));
  return verifier.verify(plan, proof);
}

}  // namespace intaglio::stone
