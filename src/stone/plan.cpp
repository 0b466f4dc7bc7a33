#include "stone/plan.h"

#include <algorithm>
#include <span>
#include <utility>

#include "base/format.h"
#include "crypto/sha256.h"
#include "stone/dents.h"
#include "stone/proportions.h"

namespace intaglio::codec {

using stone::FixedPose;
using stone::GridDirection;
using stone::Layer;

namespace {

// Whole numbers of 32 bits, one after another.
Result<void> read_parts(CborReader& in, std::span<std::int32_t> parts, const char* what) {
  for (std::int32_t& part : parts) {
    ASSIGN(const auto value, in.integer());
    if (!std::in_range<std::int32_t>(value)) return refuse(Verdict::bad_value, what);
    part = static_cast<std::int32_t>(value);
  }
  return {};
}

Result<void> parts_from(std::span<const Json> items, std::span<std::int32_t> parts,
                        const char* what) {
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto* value = items[i].integer();
    if (value == nullptr || !std::in_range<std::int32_t>(*value)) {
      return refuse(Verdict::bad_value, what);
    }
    parts[i] = static_cast<std::int32_t>(*value);
  }
  return {};
}

std::array<std::int32_t, 3> parts_of(const GridDirection& d) { return {d.x, d.y, d.z}; }
std::array<std::int32_t, 4> parts_of(const Layer& layer) {
  return {layer.direction.x, layer.direction.y, layer.direction.z, layer.offset};
}

void write_parts(CborWriter& out, std::span<const std::int32_t> parts) {
  out.array(parts.size());
  for (const std::int32_t part : parts) out.integer(part);
}

Json parts_json(std::span<const std::int32_t> parts) {
  Json out = Json::array();
  for (const std::int32_t part : parts) out.push(part);
  return out;
}

template <std::size_t N>
Result<std::array<std::int32_t, N>> read_array(CborReader& in, const char* what) {
  ASSIGN(const auto count, in.array());
  if (count != N) return refuse(Verdict::bad_value, what);
  std::array<std::int32_t, N> out{};
  TRY(read_parts(in, out, what));
  return out;
}

template <std::size_t N>
Result<std::array<std::int32_t, N>> array_from(const Json& json, const char* what) {
  const auto* items = json.items();
  if (items == nullptr || items->size() != N) return refuse(Verdict::bad_value, what);
  std::array<std::int32_t, N> out{};
  TRY(parts_from(*items, out, what));
  return out;
}

}  // namespace

void FieldType<FixedPose>::write(CborWriter& out, const FixedPose& pose) {
  out.array(8);
  for (const std::int32_t part : pose.quaternion) out.integer(part);
  for (const std::int32_t part : pose.place) out.integer(part);
  out.uint(pose.size);
}

Result<FixedPose> FieldType<FixedPose>::read(CborReader& in) {
  ASSIGN(const auto count, in.array());
  if (count != 8) return refuse(Verdict::bad_value, "pose");
  FixedPose pose;
  TRY(read_parts(in, pose.quaternion, "pose"));
  TRY(read_parts(in, pose.place, "pose"));
  ASSIGN(pose.size, in.uint());
  return pose;
}

Json FieldType<FixedPose>::to_json(const FixedPose& pose) {
  Json out = Json::array();
  for (const std::int32_t part : pose.quaternion) out.push(part);
  for (const std::int32_t part : pose.place) out.push(part);
  out.push(pose.size);
  return out;
}

Result<FixedPose> FieldType<FixedPose>::from_json(const Json& json) {
  const auto* items = json.items();
  if (items == nullptr || items->size() != 8) return refuse(Verdict::bad_value, "pose");
  FixedPose pose;
  TRY(parts_from(std::span(*items).first(4), pose.quaternion, "pose"));
  TRY(parts_from(std::span(*items).subspan(4, 3), pose.place, "pose"));
  const auto* size = items->back().integer();
  if (size == nullptr || *size < 0) return refuse(Verdict::bad_value, "pose");
  pose.size = static_cast<std::uint64_t>(*size);
  return pose;
}

void FieldType<GridDirection>::write(CborWriter& out, const GridDirection& direction) {
  write_parts(out, parts_of(direction));
}

Result<GridDirection> FieldType<GridDirection>::read(CborReader& in) {
  ASSIGN(const auto parts, read_array<3>(in, "direction"));
  return GridDirection{parts[0], parts[1], parts[2]};
}

Json FieldType<GridDirection>::to_json(const GridDirection& direction) {
  return parts_json(parts_of(direction));
}

Result<GridDirection> FieldType<GridDirection>::from_json(const Json& json) {
  ASSIGN(const auto parts, array_from<3>(json, "direction"));
  return GridDirection{parts[0], parts[1], parts[2]};
}

void FieldType<Layer>::write(CborWriter& out, const Layer& layer) {
  write_parts(out, parts_of(layer));
}

Result<Layer> FieldType<Layer>::read(CborReader& in) {
  ASSIGN(const auto parts, read_array<4>(in, "layer"));
  return Layer{{parts[0], parts[1], parts[2]}, parts[3]};
}

Json FieldType<Layer>::to_json(const Layer& layer) { return parts_json(parts_of(layer)); }

Result<Layer> FieldType<Layer>::from_json(const Json& json) {
  ASSIGN(const auto parts, array_from<4>(json, "layer"));
  return Layer{{parts[0], parts[1], parts[2]}, parts[3]};
}

}  // namespace intaglio::codec

namespace intaglio::stone {
namespace {

// The clarities that stones are looked for at; one without a name where nothing is included.
Result<std::vector<ClarityLevel>> levels_for(const Rough& rough, const PlanTerms& terms) {
  if (rough.inclusions.empty()) return std::vector<ClarityLevel>(1);
  if (terms.prices != nullptr) {
    return clarity_levels(rough.inclusions, terms.clarity, terms.prices->clarities());
  }
  ASSIGN(auto levels, clarity_levels(rough.inclusions, terms.clarity, common_clarities()));
  levels.resize(1);
  return levels;
}

// What stones of a design are worth at a level.
Result<PriceCurve> curve_for(const std::string& shape, const std::string& cut_grade,
                             const ClarityLevel& level, const PlanTerms& terms) {
  if (terms.prices == nullptr) return PriceCurve::by_weight().from_weight(terms.least);
  const std::string& clarity = level.clarity.empty() ? terms.clarity : level.clarity;
  ASSIGN(const auto curve,
         terms.prices->curve(shape, terms.colour, clarity, cut_grade, terms.origin));
  return curve.from_weight(terms.least);
}

// Each design at each clarity, the clarities of one design after each other.
Result<std::vector<Candidate>> candidates_for(const std::vector<Design>& designs,
                                              const std::vector<ClarityLevel>& levels,
                                              const PlanTerms& terms) {
  std::vector<Candidate> out;
  for (const Design& design : designs) {
    for (const ClarityLevel& level : levels) {
      ASSIGN(auto prices, curve_for(design.shape, design.cut_grade, level, terms));
      out.push_back({design, std::move(prices), level.avoided});
    }
  }
  return out;
}

Result<std::vector<AskedRange>> asked_for(const std::vector<ClarityLevel>& levels,
                                          const PlanTerms& terms) {
  std::vector<AskedRange> out;
  for (const DesignRange& range : terms.within) {
    TRY(check_range(range));
    if (std::ranges::count(terms.within, range.family, &DesignRange::family) > 1) {
      return refuse(Verdict::bad_value, "two ranges of " + range.family);
    }
    AskedRange asked{range, {}};
    for (const ClarityLevel& level : levels) {
      AskedLevel at{{}, level.avoided};
      for (const std::string& grade : possible_grades(range)) {
        ASSIGN(auto prices, curve_for(range.family, grade, level, terms));
        at.prices.emplace(grade, std::move(prices));
      }
      asked.levels.push_back(std::move(at));
    }
    out.push_back(std::move(asked));
  }
  return out;
}

// What was tried, each with what is proven of it.
Result<Proof> write_designs(FoundWithin& tried, const std::vector<ClarityLevel>& levels,
                            Plan& plan) {
  const SearchResult& found = tried.found;
  if (tried.candidates.size() > codec::kMaxItemsField) return refuse(Verdict::too_large, "designs");
  Proof proof{found.directions, found.obstacles, {}};
  for (std::size_t i = 0; i < tried.candidates.size(); ++i) {
    const Design& design = tried.candidates[i].design;
    proof.designs.push_back({design.corners, design.symmetry, std::move(tried.found.proofs[i])});
    PlanDesign row{design.name,
                   design.shape,
                   {},
                   design_hash(design.corners),
                   found.bounds[i].size,
                   found.bounds[i].weight,
                   found.bounds[i].value,
                   {},
                   tried.ranges[i]};
    if (!design.cut_grade.empty()) row.cut_grade = design.cut_grade;
    const std::string& clarity = levels[i % levels.size()].clarity;
    if (!clarity.empty()) row.clarity = clarity;
    plan.designs.push_back(std::move(row));
  }
  return proof;
}

std::string worse(const std::vector<std::string>& clarities, const std::string& a,
                  const std::string& b) {
  return std::ranges::find(clarities, a) < std::ranges::find(clarities, b) ? b : a;
}

// What the stone holds, and with that the clarity that it is worth most at: it was looked for at
// one that allows more than it may hold.
PlanStone stone_from(const Rough& rough, const std::vector<Candidate>& candidates,
                     std::size_t levels, const FoundStone& found) {
  PlanStone out{
      static_cast<std::uint32_t>(found.candidate), found.pose, found.weight, found.value, {}};
  if (rough.inclusions.empty()) return out;
  const Shape shape(candidates[found.candidate].design);
  std::vector<bool> held;
  const double size = static_cast<double>(found.pose.size) / 1000;
  for (std::size_t i = 0; i < rough.inclusions.size(); ++i) {
    const auto which = static_cast<std::uint16_t>(i);
    held.push_back(!is_clear_of(rough, which, shape, pose_of(found.pose), size));
    if (held.back()) out.holds.push_back(rough.inclusions[i].name);
  }
  const std::size_t first = found.candidate - found.candidate % levels;
  for (std::size_t i = first; i < found.candidate; ++i) {
    const auto& avoided = candidates[i].avoided;
    if (std::ranges::any_of(avoided, [&](std::uint16_t which) { return held[which]; })) continue;
    const Amount value = candidates[i].prices.value(found.weight);
    if (value < out.value) continue;
    out.value = value;
    out.design = static_cast<std::uint32_t>(i);
    break;
  }
  return out;
}

}  // namespace

bool was_made_with(const Plan& plan, const std::vector<Inclusion>& inclusions) {
  return inclusions.empty() ? !plan.inclusions : plan.inclusions == inclusions_hash(inclusions);
}

Digest prices_hash(const PriceList& prices) { return crypto::sha256(as_bytes(prices.to_csv())); }

Result<PlanAndProof> make_plan(const Rough& rough, const std::vector<Design>& designs,
                               const PlanTerms& terms, const SearchLimits& limits,
                               const Watch& watch) {
  if (rough.axis) TRY(check_axis_limit(*rough.axis));
  ASSIGN(const auto levels, levels_for(rough, terms));
  if (designs.size() * levels.size() > codec::kMaxItemsField) {
    return refuse(Verdict::too_large, "designs");
  }
  ASSIGN(auto candidates, candidates_for(designs, levels, terms));
  FoundWithin tried;
  if (terms.within.empty()) {
    ASSIGN(tried.found, search(rough, candidates, terms.gravity, limits, watch));
    tried.ranges.resize(candidates.size());
    tried.candidates = std::move(candidates);
  } else {
    ASSIGN(const auto asked, asked_for(levels, terms));
    ASSIGN(tried, search_within(rough, candidates, asked, terms.gravity, limits, watch));
  }
  PlanAndProof out;
  Plan& plan = out.plan;
  ASSIGN(const auto proof, write_designs(tried, levels, plan));
  ASSIGN(out.proof, encode_proof(proof));
  plan.rough = rough_hash(rough.solid);
  plan.rough_weight =
      weight_of(volume_six(rough.solid.corners, rough.solid.triangles), terms.gravity);
  plan.gravity = terms.gravity;
  plan.allowance = rough.allowance;
  plan.is_convex = rough.is_convex;
  if (terms.prices != nullptr) {
    plan.prices = prices_hash(*terms.prices);
    plan.currency = terms.prices->currency();
    plan.is_sample = terms.prices->is_sample();
    plan.colour = terms.colour;
    plan.clarity = terms.clarity;
    if (!terms.origin.empty()) plan.origin = terms.origin;
  }
  plan.axis = rough.axis;
  plan.layers = rough.layers;
  plan.least = terms.least;
  if (!rough.inclusions.empty()) {
    plan.inclusions = inclusions_hash(rough.inclusions);
    plan.clarity = terms.clarity;
  }
  const SearchResult& found = tried.found;
  if (found.best) plan.stone = stone_from(rough, tried.candidates, levels.size(), *found.best);
  if (plan.stone && terms.prices != nullptr && !(terms.best_colour + terms.best_clarity).empty()) {
    const Design& design = tried.candidates[plan.stone->design].design;
    PlanHope hope;
    hope.colour = terms.best_colour.empty() ? terms.colour : terms.best_colour;
    hope.clarity = terms.best_clarity.empty() ? terms.clarity : terms.best_clarity;
    for (const std::string& name : plan.stone->holds) {
      const auto held = std::ranges::find(rough.inclusions, name, &Inclusion::name);
      hope.clarity = worse(terms.prices->clarities(), hope.clarity, held->grade);
    }
    ASSIGN(const auto curve, terms.prices->curve(design.shape, hope.colour, hope.clarity,
                                                 design.cut_grade, terms.origin));
    hope.value = curve.value(plan.stone->weight);
    plan.hope = std::move(hope);
  }
  if (!terms.within.empty()) plan.within = terms.within;
  const auto dents = std::ranges::count(found.obstacles, kOfSurface, &ObstacleSource::inclusion);
  if (dents != 0) plan.dents = static_cast<std::uint32_t>(dents);
  plan.bound = found.bound;
  plan.cells = found.cells;
  plan.gap_limit = limits.gap;
  plan.proof = crypto::sha256(out.proof);
  return out;
}

std::vector<Point> placed_corners(const std::vector<Point>& design, const FixedPose& fixed) {
  const Pose pose = pose_of(fixed);
  const double scale = static_cast<double>(fixed.size) / 1000 / kDesignUnit;
  std::vector<Point> out;
  for (const Point& corner : design) {
    const Vec3 p = pose.turn * (scale * to_vec(corner)) + pose.place;
    out.push_back({static_cast<std::int32_t>(std::lround(p.x)),
                   static_cast<std::int32_t>(std::lround(p.y)),
                   static_cast<std::int32_t>(std::lround(p.z))});
  }
  return out;
}

Bytes encode_plan(const Plan& plan) { return codec::encode_record(plan); }

Result<Plan> decode_plan(ByteView bytes) {
  ASSIGN(auto plan, codec::decode_record<Plan>(bytes, {.bytes = kMaxPlan}));
  if (plan.stone && plan.stone->design >= plan.designs.size()) {
    return refuse(Verdict::bad_value, "stone.design");
  }
  return plan;
}

std::uint32_t gap_between(std::uint64_t value, std::uint64_t bound) {
  if (value >= bound) return 0;
  const auto missing = static_cast<Wide>(bound - value) * 1'000'000;
  return static_cast<std::uint32_t>((missing + bound - 1) / static_cast<Wide>(bound));
}

}  // namespace intaglio::stone
