#include "stone/sawn_parts.h"

#include <algorithm>

namespace intaglio::stone {
namespace {

constexpr std::uint64_t kVersion = 1;
constexpr std::uint64_t kDeepVersion = 2;

// What no stones in a part are worth more than, however many: all of the rough's weight at the
// dearest carat of any stone that the plan's bounds leave.
Result<Amount> most_by_weight(const Plan& plan, const PriceList* prices) {
  Amount carat(prices == nullptr ? 1'000'000 : 0);
  for (const PlanDesign& row : plan.designs) {
    if (prices == nullptr) break;
    const std::string clarity = row.clarity ? *row.clarity : plan.clarity.value_or("");
    ASSIGN(const auto curve, prices->curve(row.shape, plan.colour.value_or(""), clarity,
                                           row.cut_grade.value_or(""), plan.origin.value_or("")));
    for (const auto& step : curve.steps()) {
      if (step.from <= row.weight_bound) carat = std::max(carat, step.per_carat);
    }
  }
  // The rough's weight is rounded down.
  const Wide most =
      static_cast<Wide>(carat.value()) * (plan.rough_weight.value() + 1) / 1'000'000 + 1;
  return Amount(most > Wide{UINT64_MAX} ? UINT64_MAX : static_cast<std::uint64_t>(most));
}

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

// Whether a part of a part was sawn: such a proof has the second version.
bool is_deep(const std::vector<SawnDirection>& directions) {
  return std::ranges::any_of(directions, [](const SawnDirection& direction) {
    return std::ranges::any_of(direction.planes, [](const SawnAt& at) {
      return !at.below.directions.empty() || !at.above.directions.empty();
    });
  });
}

void put_directions(codec::CborWriter& out, const std::vector<SawnDirection>& directions,
                    std::uint64_t version) {
  out.array(directions.size());
  for (const SawnDirection& direction : directions) {
    out.array(4);
    const auto& [x, y, z] = direction.direction;
    for (const std::int32_t part : {x, y, z}) out.integer(part);
    out.array(direction.planes.size());
    for (const SawnAt& at : direction.planes) {
      out.array(version == kVersion ? 5 : 7);
      out.integer(at.offset);
      for (const SawnPart* side : {&at.below, &at.above}) {
        put_plan(out, *side);
        if (version != kVersion) put_directions(out, side->directions, version);
      }
    }
  }
}

Result<std::vector<SawnDirection>> take_directions(codec::CborReader& in, std::uint64_t version,
                                                   std::uint32_t depth);

Result<SawnPart> take_part(codec::CborReader& in, std::uint64_t version, std::uint32_t depth) {
  SawnPart out;
  ASSIGN(static_cast<PlanAndProof&>(out), take_plan(in));
  if (version != kVersion) {
    ASSIGN(out.directions, take_directions(in, version, depth));
  }
  return out;
}

Result<SawnDirection> take_direction(codec::CborReader& in, std::uint64_t version,
                                     std::uint32_t depth) {
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
    if (members != (version == kVersion ? 5U : 7U)) return refuse(Verdict::bad_encoding, "a plane");
    SawnAt at;
    ASSIGN(at.offset, take_number(in));
    ASSIGN(at.below, take_part(in, version, depth));
    ASSIGN(at.above, take_part(in, version, depth));
    out.planes.push_back(std::move(at));
  }
  return out;
}

Result<std::vector<SawnDirection>> take_directions(codec::CborReader& in, std::uint64_t version,
                                                   std::uint32_t depth) {
  ASSIGN(const auto count, in.array());
  if (count > (depth == 0 ? 0 : kMaxSawDirections)) return refuse(Verdict::too_large, "directions");
  std::vector<SawnDirection> out;
  for (std::size_t i = 0; i < count; ++i) {
    ASSIGN(auto direction, take_direction(in, version, depth - 1));
    out.push_back(std::move(direction));
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

Amount both_of(Amount below, Amount above) {
  const std::uint64_t sum = below.value() + above.value();
  return Amount(sum < below.value() ? UINT64_MAX : sum);
}

Amount less_cost(Amount sum, Amount cost) {
  return Amount(sum.value() - std::min(sum.value(), cost.value()));
}

Result<void> SawBounds::learn(const Plan& plan) {
  ASSIGN(const auto most, most_by_weight(plan, prices_));
  const auto [known, is_new] = by_weight_.emplace(plan.proof, most);
  known->second = std::max(known->second, most);
  return {};
}

Amount SawBounds::between(const PartView& part, const SawnDirection& direction, std::size_t next,
                          std::uint32_t depth) const {
  const bool is_last = next == direction.planes.size();
  const Amount below = bound(is_last ? part : view_of(direction.planes[next].below), depth - 1);
  const Amount above =
      bound(next == 0 ? part : view_of(direction.planes[next - 1].above), depth - 1);
  return less_cost(std::min(both_of(below, above), by_weight(part)), cost_);
}

Amount SawBounds::bound(const PartView& part, std::uint32_t depth) const {
  Amount most = part.both->plan.bound;
  if (depth == 0) return most;
  if (part.directions->empty()) {
    const Amount one = bound(part, depth - 1);
    return std::max(most, less_cost(std::min(both_of(one, one), by_weight(part)), cost_));
  }
  for (const SawnDirection& direction : *part.directions) {
    for (std::size_t next = 0; next <= direction.planes.size(); ++next) {
      most = std::max(most, between(part, direction, next, depth));
    }
  }
  return most;
}

Amount SawBounds::any_bound(const PartView& part, std::uint32_t stones) const {
  const Amount one = part.both->plan.bound;
  Amount sum = one;
  for (std::uint32_t i = 1; i < stones; ++i) sum = both_of(sum, one);
  return std::max(one, less_cost(std::min(sum, by_weight(part)), cost_));
}

Amount SawBounds::by_weight(const PartView& part) const {
  const auto known = by_weight_.find(part.both->plan.proof);
  return known == by_weight_.end() ? Amount(UINT64_MAX) : known->second;
}

Chosen best_of(const PartView& part, const std::vector<Layer>& layers, std::uint32_t kerf,
               Amount cost, std::uint32_t depth) {
  Chosen out{value_of(part.both->plan), {part.both}, {layers}};
  if (depth == 0) return out;
  for (const SawnDirection& direction : *part.directions) {
    for (const SawnAt& at : direction.planes) {
      const auto side = [&](const SawnPart& one, const Layer& layer) {
        auto more = layers;
        more.push_back(layer);
        return best_of(view_of(one), more, kerf, cost, depth - 1);
      };
      Chosen below = side(at.below, side_below(direction.direction, at.offset));
      const Chosen above = side(at.above, side_above(direction.direction, at.offset, kerf));
      const Amount value = less_cost(both_of(below.value, above.value), cost);
      if (value <= out.value) continue;
      below.value = value;
      below.plans.insert(below.plans.end(), above.plans.begin(), above.plans.end());
      below.places.insert(below.places.end(), above.places.begin(), above.places.end());
      out = std::move(below);
    }
  }
  return out;
}

Result<Bytes> encode_saw_proof(const SawProof& proof) {
  codec::CborWriter out;
  const std::uint64_t version = is_deep(proof.directions) ? kDeepVersion : kVersion;
  out.array(4);
  out.uint(version);
  put_plan(out, proof.whole);
  put_directions(out, proof.directions, version);
  Bytes bytes = out.take();
  if (bytes.size() > kMaxProof) return refuse(Verdict::too_large, "the proof");
  return bytes;
}

Result<SawProof> decode_saw_proof(ByteView bytes) {
  codec::CborReader in(bytes, {.bytes = kMaxProof});
  ASSIGN(const auto members, in.array());
  if (members == 0) return refuse(Verdict::bad_encoding, "a proof of a sawing");
  ASSIGN(const auto version, in.uint());
  if (version != kVersion && version != kDeepVersion) {
    return refuse(Verdict::bad_version, "a proof of a sawing");
  }
  if (members != 4) return refuse(Verdict::bad_encoding, "a proof of a sawing");
  SawProof out;
  ASSIGN(out.whole, take_plan(in));
  ASSIGN(out.directions, take_directions(in, version, version == kVersion ? 1 : kMaxSawDepth));
  TRY(in.finish());
  // One proof has one encoding.
  if (version == kDeepVersion && !is_deep(out.directions)) {
    return refuse(Verdict::bad_encoding, "a proof of a sawing");
  }
  return out;
}

}  // namespace intaglio::stone
