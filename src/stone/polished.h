// Whether a polished stone may have been cut from a rough, as a plan says or otherwise. The scan of
// the polished stone lies in coordinates of its own: the planned stone says where in the rough it
// would have been. docs/stone.md, "A polished stone and its rough". Pure; any thread.
#pragma once

#include "stone/match.h"
#include "stone/scene.h"

namespace intaglio::stone {

enum class PolishedReason : std::uint8_t {
  as_planned,      // matched: it lies in the rough, and is the planned stone
  not_as_planned,  // matched: it lies in the rough where that was planned, as another stone
  elsewhere,       // matched: it lies in the rough, but not where the stone was planned
  nowhere,         // not matched: proven to be too large for the rough's hull in any pose
  no_pose_found,   // not comparable: it stands out wherever it was tried, which proves nothing
};

struct PolishedMatch {
  MatchAnswer answer = MatchAnswer::not_comparable;
  PolishedReason reason = PolishedReason::no_pose_found;
  MatchResult planned;  // the scan beside the planned stone, which is the first
  // Lays the scan in the rough, about the origins of both, so that it stands out least.
  FixedPose pose;
  // How far it stands out of the rough there, in nanometres, with the place in the scan's own
  // coordinates; how far it keeps clear of the surface when it does not.
  std::uint32_t protrusion = 0;
  std::uint32_t clearance = 0;
  std::array<std::int64_t, 3> protrudes_at{};
  MicroCarats outside;  // what the part outside of the rough weighs
  // The planned stone is clear of every triangle of the rough by more than any corner of the scan
  // stands out of it, by the code that verifies plans: no more needs to be believed.
  bool is_proven_inside = false;
  // Where it was looked for in all of the rough: the most that no similar stone can exceed in the
  // rough's hull, in millionths of its own size.
  std::optional<std::uint32_t> size_bound;
};

struct PolishedTerms {
  // What may stand out: the errors of both scanners. In nanometres.
  std::uint32_t tolerance = kUsualTolerance;
  // For the search in all of the rough.
  SearchLimits limits{.gap = 2'000, .cells = 20'000};
};

// `other_inputs` and `plan_refuted` as stones_of, what match_scans refuses, and `bad_value` for a
// plan without a stone.
Result<PolishedMatch> match_polished(const Plan& plan, ByteView proof, const Solid& rough,
                                     const Solid& scan, const PolishedTerms& terms);

}  // namespace intaglio::stone

namespace intaglio::codec {

template <>
struct EnumNames<stone::PolishedReason> {
  static constexpr std::pair<stone::PolishedReason, std::string_view> kNames[] = {
      {stone::PolishedReason::as_planned, "as_planned"},
      {stone::PolishedReason::not_as_planned, "not_as_planned"},
      {stone::PolishedReason::elsewhere, "elsewhere"},
      {stone::PolishedReason::nowhere, "nowhere"},
      {stone::PolishedReason::no_pose_found, "no_pose_found"}};
};

}  // namespace intaglio::codec
