#include "stone/saw.h"

#include <algorithm>

#include "base/format.h"
#include "crypto/sha256.h"

namespace intaglio::stone {
namespace {

constexpr std::uint64_t kVersion = 1;
constexpr std::int32_t kNarrowest = 1'000;  // nanometres between planes that are tried

constexpr std::size_t kSpareBytes = 100'000;

// Each side is planned to this part of the gap that is wanted of both.
constexpr std::uint32_t kPartOfGap = 3;

Amount value_of(const Plan& plan) { return plan.stone ? plan.stone->value : Amount(0); }

// Of two sides; what is too large for an amount is the largest, which claims nothing.
Amount both(Amount below, Amount above) {
  const std::uint64_t sum = below.value() + above.value();
  return Amount(sum < below.value() ? UINT64_MAX : sum);
}

Amount less(Amount sum, Amount cost) {
  return Amount(sum.value() - std::min(sum.value(), cost.value()));
}

Digest hash_of(const Plan& plan) { return crypto::sha256(encode_plan(plan)); }

// What two stones are worth at most when the plane is between two of those that were tried; the
// whole rough stands for what lies beyond the first and the last.
Amount bound_before(const SawnDirection& direction, std::size_t next, const Plan& whole,
                    Amount cost) {
  const Amount below =
      next == direction.planes.size() ? whole.bound : direction.planes[next].below.plan.bound;
  const Amount above = next == 0 ? whole.bound : direction.planes[next - 1].above.plan.bound;
  return less(both(below, above), cost);
}

Amount bound_of(const SawProof& proof, Amount cost) {
  Amount most = proof.whole.plan.bound;
  for (const SawnDirection& direction : proof.directions) {
    for (std::size_t next = 0; next <= direction.planes.size(); ++next) {
      most = std::max(most, bound_before(direction, next, proof.whole.plan, cost));
    }
  }
  return most;
}

class Sawer {
 public:
  Sawer(const Rough& rough, const std::vector<Design>& designs, const PlanTerms& terms,
        const SawTerms& saw, const SearchLimits& limits, const Watch& watch)
      : rough_(rough), designs_(designs), terms_(terms), saw_(saw), limits_(limits), watch_(watch) {
    limits_.gap = limits.gap / kPartOfGap;
  }

  Result<SawingAndProof> run(std::uint32_t gap) {
    ASSIGN(proof_.whole, plan({}));
    best_ = value_of(proof_.whole.plan);
    for (const GridDirection& direction : saw_.directions) {
      proof_.directions.push_back({direction, {}});
    }
    // What stands is true: it ends where two more sides may not fit in a proof.
    while (!is_stopped_ && bytes_ + 4 * largest_ + kSpareBytes < kMaxProof) {
      const auto interval = widest(gap);
      if (!interval) break;
      TRY(saw_at(proof_.directions[interval->direction], interval->next));
    }
    return finish();
  }

 private:
  struct Interval {
    std::size_t direction;
    std::size_t next;  // the plane after it
  };

  Result<PlanAndProof> plan(const std::vector<Layer>& layers) {
    const auto watch = [&](const Progress& progress) {
      if (watch_ && !watch_({best_, bound_, cells_ + progress.cells})) is_stopped_ = true;
      return !is_stopped_;
    };
    ASSIGN(const auto part, below(rough_, layers));
    auto made = make_plan(part, designs_, terms_, limits_, watch);
    if (!made) return made;
    cells_ += made->plan.cells;
    const std::size_t size = encode_plan(made->plan).size() + made->proof.size();
    bytes_ += size;
    largest_ = std::max(largest_, size);
    return made;
  }

  Amount value_at(const SawnAt& at) const {
    return less(both(value_of(at.below.plan), value_of(at.above.plan)), saw_.cost);
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

  // Where the most could still be found, if that is more than the gap; nothing when it is not, or
  // cannot be divided.
  std::optional<Interval> widest(std::uint32_t gap) {
    const auto more = static_cast<Wide>(best_.value()) * gap / 1'000'000;
    Amount most = Amount(best_.value() + static_cast<std::uint64_t>(more));
    bound_ = proof_.whole.plan.bound;
    std::optional<Interval> out;
    for (std::size_t d = 0; d < proof_.directions.size(); ++d) {
      const SawnDirection& direction = proof_.directions[d];
      for (std::size_t next = 0; next <= direction.planes.size(); ++next) {
        const Amount here = bound_before(direction, next, proof_.whole.plan, saw_.cost);
        bound_ = std::max(bound_, here);
        if (here <= most || direction.planes.size() >= saw_.planes) continue;
        const auto [low, high] = ends(direction, next);
        if (high - low < 2 * kNarrowest) continue;
        most = here;
        out = Interval{d, next};
      }
    }
    return out;
  }

  std::pair<std::int64_t, std::int64_t> ends(const SawnDirection& direction,
                                             std::size_t next) const {
    auto [low, high] = reach(direction.direction);
    if (next > 0) low = direction.planes[next - 1].offset;
    if (next < direction.planes.size()) high = direction.planes[next].offset;
    return {low, high};
  }

  Result<void> saw_at(SawnDirection& direction, std::size_t next) {
    const auto [low, high] = ends(direction, next);
    SawnAt at;
    at.offset = static_cast<std::int32_t>((low + high) / 2);
    ASSIGN(at.below, plan({side_below(direction.direction, at.offset)}));
    ASSIGN(at.above, plan({side_above(direction.direction, at.offset, saw_.kerf)}));
    best_ = std::max(best_, value_at(at));
    direction.planes.insert(direction.planes.begin() + static_cast<std::ptrdiff_t>(next),
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
    sawing.value = value_of(proof_.whole.plan);
    out.plans = {proof_.whole};
    for (const SawnDirection& direction : proof_.directions) {
      for (const SawnAt& at : direction.planes) {
        if (value_at(at) <= sawing.value) continue;
        sawing.value = value_at(at);
        sawing.plane = Layer{direction.direction, at.offset};
        out.plans = {at.below, at.above};
      }
    }
    for (const PlanAndProof& plan : out.plans) sawing.plans.push_back(hash_of(plan.plan));
    sawing.bound = bound_of(proof_, saw_.cost);
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
  SawProof proof_;
  Amount best_;
  Amount bound_;
  std::uint64_t cells_ = 0;
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
  Checker(const Sawing& sawing, const PlanVerifier& verifier)
      : sawing_(sawing), verifier_(verifier) {}

  Result<VerifiedBounds> check(const SawProof& proof) {
    std::vector<GridDirection> directions;
    for (const SawnDirection& each : proof.directions) directions.push_back(each.direction);
    if (directions.empty() || directions != sawing_.directions) return refuted("directions");
    TRY(check_side(proof.whole, {}, terms_of(proof.whole.plan), "whole"));
    TRY(take(value_of(proof.whole.plan), {}, {&proof.whole}));
    for (std::size_t i = 0; i < proof.directions.size(); ++i) {
      TRY(check_direction(proof.directions[i], terms_of(proof.whole.plan), i));
    }
    if (!is_found_) return refuted("its plans are none that were proven");
    if (sawing_.bound < bound_of(proof, sawing_.cost)) return refuted("bound");
    return done_;
  }

 private:
  Result<void> check_side(const PlanAndProof& side, const std::vector<Layer>& layers,
                          const Plan& terms, const std::string& where) {
    if (side.plan.layers != layers) return refuted(where + ".layers");
    if (terms_of(side.plan) != terms) return refuted(where + ": other terms");
    auto checked = verifier_.verify(side.plan, side.proof);
    if (!checked) return refuse_within(where, checked.error());
    done_.cells += checked->cells;
    done_.leaves += checked->leaves;
    return {};
  }

  Result<void> check_direction(const SawnDirection& direction, const Plan& terms,
                               std::size_t number) {
    std::int64_t before = INT64_MIN;
    for (std::size_t i = 0; i < direction.planes.size(); ++i) {
      const SawnAt& at = direction.planes[i];
      const std::string where = format("directions[{}].planes[{}]", number, i);
      if (at.offset <= before) return refuted(where + ".offset");
      before = at.offset;
      TRY(check_side(at.below, {side_below(direction.direction, at.offset)}, terms,
                     where + ".below"));
      TRY(check_side(at.above, {side_above(direction.direction, at.offset, sawing_.kerf)}, terms,
                     where + ".above"));
      const Amount value =
          less(both(value_of(at.below.plan), value_of(at.above.plan)), sawing_.cost);
      TRY(take(value, Layer{direction.direction, at.offset}, {&at.below, &at.above}));
    }
    return {};
  }

  // Whether these are the plans that the document names.
  Result<void> take(Amount value, const std::optional<Layer>& plane,
                    const std::vector<const PlanAndProof*>& plans) {
    if (sawing_.plane != plane) return {};
    std::vector<Digest> hashes;
    for (const PlanAndProof* plan : plans) hashes.push_back(hash_of(plan->plan));
    if (hashes != sawing_.plans) return refuse(Verdict::other_inputs, "plans");
    if (value != sawing_.value) return refuted("value");
    is_found_ = true;
    return {};
  }

  const Sawing& sawing_;
  const PlanVerifier& verifier_;
  VerifiedBounds done_;
  bool is_found_ = false;
};

void put_plan(codec::CborWriter& out, const PlanAndProof& both) {
  out.bytes(encode_plan(both.plan));
  out.bytes(both.proof);
}

Result<PlanAndProof> take_plan(codec::CborReader& in) {
  PlanAndProof out;
  ASSIGN(const auto plan, in.bytes());
  ASSIGN(out.plan, decode_plan(plan));
  ASSIGN(const auto proof, in.bytes());
  out.proof.assign(proof.begin(), proof.end());
  return out;
}

Result<std::int32_t> take_number(codec::CborReader& in) {
  ASSIGN(const auto value, in.integer());
  if (!std::in_range<std::int32_t>(value)) return refuse(Verdict::bad_value, "a number");
  return static_cast<std::int32_t>(value);
}

Result<SawnDirection> take_direction(codec::CborReader& in) {
  SawnDirection out;
  ASSIGN(const auto parts, in.array());
  if (parts != 4) return refuse(Verdict::bad_encoding, "a direction");
  ASSIGN(out.direction.x, take_number(in));
  ASSIGN(out.direction.y, take_number(in));
  ASSIGN(out.direction.z, take_number(in));
  TRY(check_layers({Layer{out.direction, 0}}));
  ASSIGN(const auto planes, in.array());
  if (planes > kMaxSawPlanes) return refuse(Verdict::too_large, "planes");
  for (std::size_t i = 0; i < planes; ++i) {
    ASSIGN(const auto members, in.array());
    if (members != 5) return refuse(Verdict::bad_encoding, "a plane");
    SawnAt at;
    ASSIGN(at.offset, take_number(in));
    ASSIGN(at.below, take_plan(in));
    ASSIGN(at.above, take_plan(in));
    out.planes.push_back(std::move(at));
  }
  return out;
}

}  // namespace

Layer side_below(const GridDirection& direction, std::int32_t offset) {
  return {direction, offset};
}

Layer side_above(const GridDirection& direction, std::int32_t offset, std::uint32_t kerf) {
  return {{-direction.x, -direction.y, -direction.z},
          static_cast<std::int32_t>(-(std::int64_t{offset} + kerf))};
}

Result<SawingAndProof> make_sawing(const Rough& rough, const std::vector<Design>& designs,
                                   const PlanTerms& terms, const SawTerms& saw,
                                   const SearchLimits& limits, const Watch& watch) {
  if (saw.directions.empty()) return refuse(Verdict::bad_value, "directions");
  if (saw.directions.size() > kMaxSawDirections) return refuse(Verdict::too_large, "directions");
  if (saw.planes > kMaxSawPlanes) return refuse(Verdict::too_large, "planes");
  if (saw.kerf > kMaxKerf) return refuse(Verdict::too_large, "kerf");
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
  ASSIGN(const auto verifier, PlanVerifier::from(rough, inclusions, prices));
  return Checker(sawing, verifier).check(proof);
}

Bytes encode_sawing(const Sawing& sawing) { return codec::encode_record(sawing); }

Result<Sawing> decode_sawing(ByteView bytes) { return codec::decode_record<Sawing>(bytes); }

Result<Bytes> encode_saw_proof(const SawProof& proof) {
  codec::CborWriter out;
  out.array(4);
  out.uint(kVersion);
  put_plan(out, proof.whole);
  out.array(proof.directions.size());
  for (const SawnDirection& direction : proof.directions) {
    out.array(4);
    const auto& [x, y, z] = direction.direction;
    for (const std::int32_t part : {x, y, z}) out.integer(part);
    out.array(direction.planes.size());
    for (const SawnAt& at : direction.planes) {
      out.array(5);
      out.integer(at.offset);
      put_plan(out, at.below);
      put_plan(out, at.above);
    }
  }
  Bytes bytes = out.take();
  if (bytes.size() > kMaxProof) return refuse(Verdict::too_large, "the proof");
  return bytes;
}

Result<SawProof> decode_saw_proof(ByteView bytes) {
  codec::CborReader in(bytes, {.bytes = kMaxProof});
  ASSIGN(const auto members, in.array());
  if (members == 0) return refuse(Verdict::bad_encoding, "a proof of a sawing");
  ASSIGN(const auto version, in.uint());
  if (version != kVersion) return refuse(Verdict::bad_version, "a proof of a sawing");
  if (members != 4) return refuse(Verdict::bad_encoding, "a proof of a sawing");
  SawProof out;
  ASSIGN(out.whole, take_plan(in));
  ASSIGN(const auto directions, in.array());
  if (directions > kMaxSawDirections) return refuse(Verdict::too_large, "directions");
  for (std::size_t i = 0; i < directions; ++i) {
    ASSIGN(auto direction, take_direction(in));
    out.directions.push_back(std::move(direction));
  }
  TRY(in.finish());
  return out;
}

}  // namespace intaglio::stone
