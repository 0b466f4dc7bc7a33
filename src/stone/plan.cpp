#include "stone/plan.h"

#include "base/format.h"
#include "crypto/sha256.h"

namespace intaglio::codec {

using stone::FixedPose;

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
  const auto part = [&](std::int32_t& into) -> Result<void> {
    ASSIGN(const auto value, in.integer());
    if (!std::in_range<std::int32_t>(value)) return refuse(Verdict::bad_value, "pose");
    into = static_cast<std::int32_t>(value);
    return {};
  };
  for (std::int32_t& each : pose.quaternion) TRY(part(each));
  for (std::int32_t& each : pose.place) TRY(part(each));
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
  for (std::size_t i = 0; i < 8; ++i) {
    const auto* value = (*items)[i].integer();
    const bool fits =
        value != nullptr && (i == 7 ? *value >= 0 : std::in_range<std::int32_t>(*value));
    if (!fits) return refuse(Verdict::bad_value, "pose");
    if (i < 4) pose.quaternion[i] = static_cast<std::int32_t>(*value);
    if (i >= 4 && i < 7) pose.place[i - 4] = static_cast<std::int32_t>(*value);
    if (i == 7) pose.size = static_cast<std::uint64_t>(*value);
  }
  return pose;
}

}  // namespace intaglio::codec

namespace intaglio::stone {
namespace {

Result<std::vector<Candidate>> candidates_for(const std::vector<Design>& designs,
                                              const PlanTerms& terms) {
  std::vector<Candidate> out;
  for (const Design& design : designs) {
    Candidate candidate{design, PriceCurve::by_weight()};
    if (terms.prices != nullptr) {
      ASSIGN(candidate.prices,
             terms.prices->curve(design.shape, terms.colour, terms.clarity, design.cut_grade));
    }
    out.push_back(std::move(candidate));
  }
  return out;
}

}  // namespace

Digest prices_hash(const PriceList& prices) { return crypto::sha256(as_bytes(prices.to_csv())); }

Result<PlanAndProof> make_plan(const Rough& rough, const std::vector<Design>& designs,
                               const PlanTerms& terms, const SearchLimits& limits,
                               const Watch& watch) {
  if (designs.size() > codec::kMaxItemsField) return refuse(Verdict::too_large, "designs");
  ASSIGN(const auto candidates, candidates_for(designs, terms));
  ASSIGN(auto found, search(rough, candidates, terms.gravity, limits, watch));
  PlanAndProof out;
  Proof proof{found.directions, {}};
  Plan& plan = out.plan;
  for (std::size_t i = 0; i < designs.size(); ++i) {
    const Design& design = designs[i];
    proof.designs.push_back({design.corners, design.symmetry, std::move(found.proofs[i])});
    PlanDesign row{design.name,
                   design.shape,
                   {},
                   design_hash(design.corners),
                   found.bounds[i].size,
                   found.bounds[i].weight,
                   found.bounds[i].value};
    if (!design.cut_grade.empty()) row.cut_grade = design.cut_grade;
    plan.designs.push_back(std::move(row));
  }
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
  }
  if (found.best) {
    plan.stone = PlanStone{static_cast<std::uint32_t>(found.best->candidate), found.best->pose,
                           found.best->weight, found.best->value};
  }
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
  return codec::decode_record<Plan>(bytes, {.bytes = kMaxPlan});
}

std::uint32_t gap_between(std::uint64_t value, std::uint64_t bound) {
  if (value >= bound) return 0;
  const auto missing = static_cast<Wide>(bound - value) * 1'000'000;
  return static_cast<std::uint32_t>((missing + bound - 1) / static_cast<Wide>(bound));
}

}  // namespace intaglio::stone
