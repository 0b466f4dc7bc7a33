#include "stone/saw.h"

#include <algorithm>
#include <map>

#include "base/format.h"
#include "crypto/sha256.h"

namespace intaglio::stone {
namespace {

constexpr std::size_t kMostPlans = 600;     // of parts
constexpr int kPlanesOfASide = 12;          // that are tried first of the sides of the best plane
constexpr std::int32_t kNarrowest = 1'000;  // nanometres between planes that are tried

constexpr std::size_t kSpareBytes = 100'000;

// Each side is planned to this part of the gap that is wanted of both.
constexpr std::uint32_t kPartOfGap = 3;  // and what is less than that again is left alone

Digest hash_of(const Plan& plan) { return crypto::sha256(encode_plan(plan)); }

class Sawer {
 public:
  Sawer(const Rough& rough, const std::vector<Design>& designs, const PlanTerms& terms,
        const SawTerms& saw, const SearchLimits& limits, const Watch& watch)
      : rough_(rough),
        designs_(designs),
        terms_(terms),
        saw_(saw),
        limits_(limits),
        watch_(watch),
        bounds_(saw.cost, terms.prices) {
    limits_.gap = limits.gap / kPartOfGap;
  }

  Result<SawingAndProof> run(std::uint32_t gap) {
    ASSIGN(proof_.whole, plan({}));
    best_ = value_of(proof_.whole.plan);
    for (const GridDirection& direction : saw_.directions) {
      proof_.directions.push_back({direction, {}});
    }
    // First as if each part were left as it is; then the best one's parts, which is where more are
    // likely; then whatever bounds all.
    TRY(saw_down_to(gap, 1));
    if (saw_.depth > 1) TRY(saw_best());
    for (std::uint32_t depth = 2; depth <= saw_.depth; ++depth) TRY(saw_down_to(gap, depth));
    return finish();
  }

 private:
  // A part that can be sawn on.
  struct Place {
    PlanAndProof* both;
    std::vector<SawnDirection>* directions;
    std::vector<Layer> layers;
    PartView view() const { return {both, directions}; }
  };
  Place whole() { return {&proof_.whole, &proof_.directions, {}}; }
  Place side_of(const Place& part, std::size_t direction, std::size_t plane, bool is_below) const {
    SawnDirection& across = (*part.directions)[direction];
    SawnAt& at = across.planes[plane];
    SawnPart& side = is_below ? at.below : at.above;
    Place out{&side, &side.directions, part.layers};
    out.layers.push_back(is_below ? side_below(across.direction, at.offset)
                                  : side_above(across.direction, at.offset, saw_.kerf));
    return out;
  }

  Chosen best(const Place& part, std::uint32_t depth) const {
    return best_of(part.view(), part.layers, saw_.kerf, saw_.cost, depth);
  }

  // What stands is true: it ends where two more sides may not fit in a proof.
  bool may_go_on() const {
    return !is_stopped_ && bytes_ + 4 * largest_ + kSpareBytes < kMaxProof && plans_ < kMostPlans;
  }

  Result<PlanAndProof> plan(const std::vector<Layer>& layers) {
    const auto watch = [&](const Progress& progress) {
      if (watch_ && !watch_({best_, bound_, cells_ + progress.cells})) is_stopped_ = true;
      return !is_stopped_;
    };
    ASSIGN(const auto part, below(rough_, layers));
    // Splinters would be told apart to the last millionth of a carat.
    limits_.negligible = Amount(static_cast<std::uint64_t>(static_cast<Wide>(best_.value()) *
                                                           limits_.gap / kPartOfGap / 1'000'000));
    auto made = make_plan(part, designs_, terms_, limits_, watch);
    if (!made) return made;
    TRY(bounds_.learn(made->plan));
    cells_ += made->plan.cells;
    ++plans_;
    const std::size_t size = encode_plan(made->plan).size() + made->proof.size();
    bytes_ += size;
    largest_ = std::max(largest_, size);
    return made;
  }

  // Until no stones of so many cuts in a row are worth more than the best by the gap.
  Result<void> saw_down_to(std::uint32_t gap, std::uint32_t depth) {
    while (may_go_on()) {
      best_ = best(whole(), saw_.depth).value;
      bound_ = bounds_.bound(whole().view(), depth);
      const auto more = static_cast<Wide>(best_.value()) * gap / 1'000'000;
      const Amount enough(best_.value() + static_cast<std::uint64_t>(more));
      ASSIGN(const bool is_sawn, saw(whole(), depth, enough));
      if (!is_sawn) return {};
    }
    return {};
  }

  // The sides of the best plane, as if they were roughs.
  Result<void> saw_best() {
    const Chosen chosen = best(whole(), 1);
    for (std::size_t d = 0; d < proof_.directions.size(); ++d) {
      for (std::size_t p = 0; p < proof_.directions[d].planes.size(); ++p) {
        const SawnAt& at = proof_.directions[d].planes[p];
        if (chosen.plans.size() < 2 || chosen.plans[0] != &at.below) continue;
        for (const bool is_below : {true, false}) {
          for (int i = 0; i < kPlanesOfASide && may_go_on(); ++i) {
            ASSIGN(const bool is_sawn, saw(side_of(whole(), d, p, is_below), saw_.depth - 1, {}));
            if (!is_sawn) break;
          }
        }
      }
    }
    return {};
  }

  // Where most could still be found in a part, if that is more than `enough`: saws there, or into
  // one of the sides that bound it when those say more than they are known to bring. False when
  // there is nothing to be done.
  Result<bool> saw(const Place& part, std::uint32_t depth, Amount enough) {
    if (part.directions->empty()) {
      for (const GridDirection& direction : saw_.directions) {
        part.directions->push_back({direction, {}});
      }
    }
    Amount most = enough;
    std::optional<Interval> at;
    for (std::size_t d = 0; d < part.directions->size(); ++d) {
      const SawnDirection& direction = (*part.directions)[d];
      for (std::size_t next = 0; next <= direction.planes.size(); ++next) {
        const Amount here = bounds_.between(part.view(), direction, next, depth);
        if (here <= most || !can_divide(part, direction, {d, next}, depth)) continue;
        most = here;
        at = Interval{d, next};
      }
    }
    if (!at) return false;
    const SawnDirection& direction = (*part.directions)[at->direction];
    if (depth > 1) {
      Amount open;
      std::optional<Place> side;
      for (const Place& each : sides_beside(part, *at)) {
        const Amount here =
            less_cost(bounds_.bound(each.view(), depth - 1), best(each, depth - 1).value);
        if (here <= open) continue;
        open = here;
        side = each;
      }
      // A side is looked into where it leaves open more than a third of what this interval does.
      const Amount left = less_cost(most, best_);
      if (side && (open.value() > left.value() / 3 || !is_wide(part, direction, at->next))) {
        ASSIGN(const bool is_sawn, saw(*side, depth - 1, {}));
        if (is_sawn) return true;
      }
    }
    if (!is_wide(part, direction, at->next)) return false;
    TRY(divide(part, *at));
    return true;
  }

  struct Interval {
    std::size_t direction;
    std::size_t next;  // the plane after it
  };

  std::vector<Place> sides_beside(const Place& part, const Interval& at) const {
    std::vector<Place> out;
    const SawnDirection& direction = (*part.directions)[at.direction];
    if (at.next < direction.planes.size()) {
      out.push_back(side_of(part, at.direction, at.next, true));
    }
    if (at.next > 0) out.push_back(side_of(part, at.direction, at.next - 1, false));
    return out;
  }

  bool can_divide(const Place& part, const SawnDirection& direction, const Interval& at,
                  std::uint32_t depth) const {
    return is_wide(part, direction, at.next) ||
           (depth > 1 && !sides_beside(part, at).empty() && plans_ < kMostPlans / 2);
  }

  bool is_wide(const Place& part, const SawnDirection& direction, std::size_t next) const {
    if (direction.planes.size() >= saw_.planes) return false;
    const auto [low, high] = ends(part, direction, next);
    return high - low >= 2 * kNarrowest;
  }

  // How far the rough reaches against a direction and in it, in nanometres.
  std::pair<std::int64_t, std::int64_t> reach(const GridDirection& direction) const {
    const double size = length(to_vec(direction));
    const auto most = [&](const GridDirection& d) {
      return static_cast<std::int64_t>(
          std::ceil(static_cast<double>(reach_of(d, rough_.solid.corners)) / size));
    };
    return {-most({-direction.x, -direction.y, -direction.z}), most(direction)};
  }

  std::pair<std::int64_t, std::int64_t> ends(const Place& part, const SawnDirection& direction,
                                             std::size_t next) const {
    auto [low, high] = reach(direction.direction);
    const GridDirection& d = direction.direction;
    // The faces of the part itself, where they are across the same direction.
    for (const Layer& layer : part.layers) {
      if (layer.direction == d) high = std::min<std::int64_t>(high, layer.offset);
      if (layer.direction == GridDirection{-d.x, -d.y, -d.z}) {
        low = std::max<std::int64_t>(low, -std::int64_t{layer.offset});
      }
    }
    if (next > 0) low = direction.planes[next - 1].offset;
    if (next < direction.planes.size()) high = direction.planes[next].offset;
    return {low, high};
  }

  Result<void> divide(const Place& part, const Interval& where) {
    SawnDirection& direction = (*part.directions)[where.direction];
    const auto [low, high] = ends(part, direction, where.next);
    SawnAt at;
    at.offset = static_cast<std::int32_t>((low + high) / 2);
    const auto side = [&](const Layer& layer) {
      auto layers = part.layers;
      layers.push_back(layer);
      return plan(layers);
    };
    ASSIGN(static_cast<PlanAndProof&>(at.below), side(side_below(direction.direction, at.offset)));
    ASSIGN(static_cast<PlanAndProof&>(at.above),
           side(side_above(direction.direction, at.offset, saw_.kerf)));
    direction.planes.insert(direction.planes.begin() + static_cast<std::ptrdiff_t>(where.next),
                            std::move(at));
    return {};
  }

  Result<SawingAndProof> finish() {
    SawingAndProof out;
    Sawing& sawing = out.sawing;
    sawing.rough = rough_hash(rough_.solid);
    sawing.kerf = saw_.kerf;
    sawing.cost = saw_.cost;
    sawing.directions = saw_.directions;
    const Chosen chosen = best(whole(), saw_.depth);
    sawing.value = chosen.value;
    for (const PlanAndProof* each : chosen.plans) {
      out.plans.push_back(*each);
      sawing.plans.push_back(hash_of(each->plan));
    }
    if (chosen.plans.size() > 1) sawing.plane = chosen.places.front().front();
    if (saw_.depth > 1) {
      sawing.depth = saw_.depth;
      auto& parts = sawing.parts.emplace();
      for (const auto& layers : chosen.places) parts.push_back({layers});
    }
    sawing.bound = bounds_.bound(view_of(proof_), saw_.depth);
    sawing.any_bound = bounds_.any_bound(view_of(proof_), 1U << saw_.depth);
    ASSIGN(out.proof, encode_saw_proof(proof_));
    sawing.proof = crypto::sha256(out.proof);
    return out;
  }

  const Rough& rough_;
  const std::vector<Design>& designs_;
  const PlanTerms& terms_;
  const SawTerms& saw_;
  SearchLimits limits_;
  const Watch& watch_;
  SawBounds bounds_;
  SawProof proof_;
  Amount best_;
  Amount bound_;
  std::uint64_t cells_ = 0;
  std::size_t plans_ = 0;
  std::size_t bytes_ = 0;
  std::size_t largest_ = 0;  // of one side
  bool is_stopped_ = false;
};

std::unexpected<Refusal> refuted(std::string what) {
  return refuse(Verdict::plan_refuted, std::move(what));
}

// What a plan is made for: everything but what was found and proven, and where.
Plan terms_of(Plan plan) {
  plan.layers.clear();
  plan.stone.reset();
  plan.hope.reset();
  plan.dents.reset();
  plan.bound = {};
  plan.cells = 0;
  plan.proof = {};
  for (PlanDesign& design : plan.designs) {
    design.size_bound = 0;
    design.weight_bound = {};
    design.value_bound = {};
  }
  return plan;
}

class Checker {
 public:
  Checker(const Sawing& sawing, PlanVerifier& verifier, const PriceList* prices)
      : sawing_(sawing), verifier_(verifier), bounds_(sawing.cost, prices) {}

  Result<VerifiedBounds> check(const SawProof& proof) {
    std::vector<GridDirection> directions;
    for (const SawnDirection& each : proof.directions) directions.push_back(each.direction);
    if (directions.empty() || directions != sawing_.directions) return refuted("directions");
    const std::uint32_t depth = sawing_.depth.value_or(1);
    if (depth < 1 || depth > kMaxSawDepth) return refuted("depth");
    if (sawing_.parts.has_value() != sawing_.depth.has_value()) return refuted("parts");
    terms_ = terms_of(proof.whole.plan);
    if (terms_.within) return refuted("within");
    TRY(check_side(proof.whole, {}, "whole"));
    TRY(check_directions(proof.directions, {}, depth, ""));
    TRY(check_chosen(best_of_said(view_of(proof), depth)));
    if (sawing_.bound < bounds_.bound(view_of(proof), depth)) return refuted("bound");
    if (sawing_.any_bound && *sawing_.any_bound < bounds_.any_bound(view_of(proof), 1U << depth)) {
      return refuted("any_bound");
    }
    return done_;
  }

 private:
  Result<void> check_side(const PlanAndProof& side, const std::vector<Layer>& layers,
                          const std::string& where) {
    if (side.plan.layers != layers) return refuted(where + ".layers");
    if (terms_of(side.plan) != terms_) return refuted(where + ": other terms");
    auto checked = verifier_.verify(side.plan, side.proof);
    if (!checked) return refuse_within(where, checked.error());
    TRY(bounds_.learn(side.plan));
    done_.cells += checked->cells;
    done_.leaves += checked->leaves;
    return {};
  }

  Result<void> check_directions(const std::vector<SawnDirection>& directions,
                                const std::vector<Layer>& layers, std::uint32_t depth,
                                const std::string& within) {
    if (depth == 0 && !directions.empty()) return refuted(within + "directions");
    for (std::size_t number = 0; number < directions.size(); ++number) {
      const SawnDirection& direction = directions[number];
      std::int64_t before = INT64_MIN;
      for (std::size_t i = 0; i < direction.planes.size(); ++i) {
        const SawnAt& at = direction.planes[i];
        const std::string where = within + format("directions[{}].planes[{}]", number, i);
        if (at.offset <= before) return refuted(where + ".offset");
        before = at.offset;
        const auto check = [&](const SawnPart& side, const Layer& layer,
                               const char* name) -> Result<void> {
          auto more = layers;
          more.push_back(layer);
          TRY(check_side(side, more, where + name));
          if (!side.directions.empty() && !same_directions(side.directions)) {
            return refuted(where + name + ".directions");
          }
          return check_directions(side.directions, more, depth - 1, where + name + ".");
        };
        TRY(check(at.below, side_below(direction.direction, at.offset), ".below"));
        TRY(check(at.above, side_above(direction.direction, at.offset, sawing_.kerf), ".above"));
      }
    }
    return {};
  }

  // A part that was sawn must have been sawn across all of them to be bounded.
  bool same_directions(const std::vector<SawnDirection>& own) const {
    return std::ranges::equal(own, sawing_.directions, {}, &SawnDirection::direction);
  }

  // The plans that the document names, where it says that they lie; none where they are not there.
  std::optional<Chosen> best_of_said(const PartView& part, std::uint32_t depth) const {
    if (sawing_.parts) {
      std::size_t next = 0;
      auto out = said_in(part, {}, depth, next);
      if (!out || next != sawing_.parts->size()) return std::nullopt;
      const bool is_sawn = sawing_.parts->size() > 1;
      const bool is_first =
          is_sawn && sawing_.plane && *sawing_.plane == sawing_.parts->front().layers.front();
      return is_first || (!is_sawn && !sawing_.plane) ? out : std::nullopt;
    }
    if (!sawing_.plane) return Chosen{value_of(part.both->plan), {part.both}, {}};
    for (const SawnDirection& direction : *part.directions) {
      for (const SawnAt& at : direction.planes) {
        if (*sawing_.plane != side_below(direction.direction, at.offset)) continue;
        return Chosen{
            less_cost(both_of(value_of(at.below.plan), value_of(at.above.plan)), sawing_.cost),
            {&at.below, &at.above},
            {}};
      }
    }
    return std::nullopt;
  }

  // From the next of the parts that the document names on: this one, or those on either side of a
  // plane that divides it.
  std::optional<Chosen> said_in(const PartView& part, const std::vector<Layer>& layers,
                                std::uint32_t depth, std::size_t& next) const {
    if (next >= sawing_.parts->size()) return std::nullopt;
    const auto& said = (*sawing_.parts)[next].layers;
    if (said == layers) {
      ++next;
      return Chosen{value_of(part.both->plan), {part.both}, {}};
    }
    if (depth == 0 || said.size() <= layers.size()) return std::nullopt;
    for (const SawnDirection& direction : *part.directions) {
      for (const SawnAt& at : direction.planes) {
        auto more = layers;
        more.push_back(side_below(direction.direction, at.offset));
        if (said[layers.size()] != more.back()) continue;
        auto out = said_in(view_of(at.below), more, depth - 1, next);
        if (!out) return std::nullopt;
        more.back() = side_above(direction.direction, at.offset, sawing_.kerf);
        const auto above = said_in(view_of(at.above), more, depth - 1, next);
        if (!above) return std::nullopt;
        out->value = less_cost(both_of(out->value, above->value), sawing_.cost);
        out->plans.insert(out->plans.end(), above->plans.begin(), above->plans.end());
        return out;
      }
    }
    return std::nullopt;
  }

  Result<void> check_chosen(const std::optional<Chosen>& chosen) const {
    if (!chosen) return refuted("its plans are none that were proven");
    std::vector<Digest> hashes;
    for (const PlanAndProof* plan : chosen->plans) hashes.push_back(hash_of(plan->plan));
    if (hashes != sawing_.plans) return refuse(Verdict::other_inputs, "plans");
    if (chosen->value != sawing_.value) return refuted("value");
    return {};
  }

  const Sawing& sawing_;
  PlanVerifier& verifier_;
  SawBounds bounds_;
  Plan terms_;
  VerifiedBounds done_;
};

}  // namespace

Result<SawingAndProof> make_sawing(const Rough& rough, const std::vector<Design>& designs,
                                   const PlanTerms& terms, const SawTerms& saw,
                                   const SearchLimits& limits, const Watch& watch) {
  if (saw.directions.empty()) return refuse(Verdict::bad_value, "directions");
  if (saw.directions.size() > kMaxSawDirections) return refuse(Verdict::too_large, "directions");
  if (saw.planes > kMaxSawPlanes) return refuse(Verdict::too_large, "planes");
  if (saw.kerf > kMaxKerf) return refuse(Verdict::too_large, "kerf");
  if (saw.depth < 1 || saw.depth > kMaxSawDepth) return refuse(Verdict::bad_value, "depth");
  if (!rough.layers.empty()) return refuse(Verdict::bad_value, "layers");
  if (!terms.within.empty()) return refuse(Verdict::bad_value, "a range of proportions");
  for (const GridDirection& direction : saw.directions) TRY(check_layers({Layer{direction, 0}}));
  return Sawer(rough, designs, terms, saw, limits, watch).run(limits.gap);
}

Result<VerifiedBounds> verify_sawing(const Sawing& sawing, ByteView proof_bytes, const Solid& rough,
                                     const std::vector<Inclusion>& inclusions,
                                     const PriceList* prices) {
  if (rough_hash(rough) != sawing.rough) return refuse(Verdict::other_inputs, "rough");
  if (crypto::sha256(proof_bytes) != sawing.proof) return refuse(Verdict::other_inputs, "proof");
  if (sawing.kerf > kMaxKerf) return refuted("kerf");
  ASSIGN(const auto proof, decode_saw_proof(proof_bytes));
  ASSIGN(auto verifier, PlanVerifier::from(rough, inclusions, prices));
  return Checker(sawing, verifier, prices).check(proof);
}

namespace {

const PlanAndProof* plan_in(const std::vector<SawnDirection>& directions, const Digest& hash) {
  for (const SawnDirection& direction : directions) {
    for (const SawnAt& at : direction.planes) {
      for (const SawnPart* part : {&at.below, &at.above}) {
        if (hash_of(part->plan) == hash) return part;
        if (const auto* within = plan_in(part->directions, hash)) return within;
      }
    }
  }
  return nullptr;
}

}  // namespace

const PlanAndProof* plan_by_hash(const SawProof& proof, const Digest& hash) {
  if (hash_of(proof.whole.plan) == hash) return &proof.whole;
  return plan_in(proof.directions, hash);
}

std::vector<SawCut> cuts_of(const Sawing& sawing) {
  std::vector<SawCut> out;
  if (!sawing.parts) {
    if (sawing.plane) out.push_back({*sawing.plane, sawing.kerf, {}});
    return out;
  }
  for (const SawnPlace& part : *sawing.parts) {
    for (std::size_t i = 0; i < part.layers.size(); ++i) {
      // What lies above a cut has its upper face, against the direction.
      const auto& direction = part.layers[i].direction;
      if (std::ranges::find(sawing.directions, direction) == sawing.directions.end()) continue;
      SawCut cut{part.layers[i],
                 sawing.kerf,
                 {part.layers.begin(), part.layers.begin() + static_cast<std::ptrdiff_t>(i)}};
      if (std::ranges::find(out, cut) == out.end()) out.push_back(std::move(cut));
    }
  }
  return out;
}

Bytes encode_sawing(const Sawing& sawing) { return codec::encode_record(sawing); }

Result<Sawing> decode_sawing(ByteView bytes) { return codec::decode_record<Sawing>(bytes); }

}  // namespace intaglio::stone
