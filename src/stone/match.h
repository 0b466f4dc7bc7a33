// Whether two scans are of one stone, in three values. The second scan is laid on the first
// (stone/registration.h); what decides is how much space only one of them fills, which is computed
// exactly (stone/overlap.h), and how far each stands out of the other. docs/stone.md, "The same
// stone again", says what the answers mean. Pure; any thread.
#pragma once

#include "codec/record.h"
#include "stone/descriptor.h"
#include "stone/pose.h"
#include "stone/registration.h"

namespace intaglio::stone {

enum class MatchAnswer : std::uint8_t { matched, not_matched, not_comparable };

enum class MatchReason : std::uint8_t {
  same_body,            // matched: apart by no more than the tolerance
  other_body,           // not matched: no pose was found in which either could be the other
  tolerance_too_wide,   // they agree, as other stones of this size would with such a tolerance
  too_coarse,           // what they differ by is less than their triangles leave open
  first_within_second,  // the first may be the second after something was taken off
  second_within_first,  // the other way round
  too_much_taken_off,   // one may have been cut from the other; their surfaces cannot tell
};

// The answer with the numbers that it follows from. Lengths are nanometres.
struct MatchResult {
  MatchAnswer answer = MatchAnswer::not_comparable;
  MatchReason reason = MatchReason::too_coarse;
  // 2 (A + B - 2 C) / (A + B) of volumes, C the common one, in millionths: 0 for one body, 2
  // million for two that nowhere overlap; and the most of it that counts as one body with this
  // tolerance.
  std::uint32_t mismatch = 0;
  std::uint32_t mismatch_limit = 0;
  std::uint32_t hull_mismatch = 0;  // the same of both convex hulls
  // The part of the mismatch that each has alone, spread over the mean area of both hulls: how far
  // the one lies outside of the other in the mean.
  std::uint32_t first_alone = 0;
  std::uint32_t second_alone = 0;
  // How far each stands out of the other where it does so most, and the same less what the
  // triangles of the other may have missed there (SurfaceTree::Nearest::unseen).
  std::uint32_t first_out = 0;
  std::uint32_t second_out = 0;
  std::uint32_t first_clearly_out = 0;
  std::uint32_t second_clearly_out = 0;
  // Other poses, more than 3 degrees off, in which it would have matched as well: a stone that is
  // alike from several sides, which says less about which stone it is.
  std::uint32_t alike = 0;
  // Lays the second scan on the first, about the origins of both; the size is 0.
  FixedPose pose;
  double descriptors_apart = 0;  // distance_between
};

// How far two scans of one stone may be apart in the mean, in nanometres; anywhere it may be five
// times that. A laser or a good silhouette scanner keeps the default.
inline constexpr std::uint32_t kUsualTolerance = 20'000;
inline constexpr std::uint32_t kPeakTolerance = 5;  // times the tolerance
// A tolerance that lets through more mismatch than this, in millionths, tells no stone from others.
inline constexpr std::uint32_t kMostMismatch = 50'000;

// A scan as it is compared with others, looked at once. The solid outlives it.
struct ComparedScan {
  Descriptor descriptor;
  ScannedBody body;
  // `mesh_empty` or `bad_value` as convex_hull and descriptor_of refuse.
  static Result<ComparedScan> from(const Solid& solid);
};
Result<MatchResult> match_scans(const ComparedScan& first, const ComparedScan& second,
                                std::uint32_t tolerance);

// `mesh_empty` or `bad_value` as convex_hull and descriptor_of refuse, `too_large` for a tolerance
// of more than a millimetre, `bad_value` for none.
Result<MatchResult> match_scans(const Solid& first, const Solid& second, std::uint32_t tolerance);

// The same of bodies that were laid on each other already, `poses` as register_scans gives them.
// The descriptors are not compared.
MatchResult compare_at(const ScannedBody& first, const ScannedBody& second,
                       const std::vector<Registered>& poses, std::uint32_t tolerance);

// The mesh as it is moved by a pose, in floating point.
PlacedMesh placed_mesh(const Solid& solid, const Pose& pose);
Pose inverse_of(const Pose& pose);

}  // namespace intaglio::stone

namespace intaglio::codec {

template <>
struct EnumNames<stone::MatchAnswer> {
  static constexpr std::pair<stone::MatchAnswer, std::string_view> kNames[] = {
      {stone::MatchAnswer::matched, "matched"},
      {stone::MatchAnswer::not_matched, "not_matched"},
      {stone::MatchAnswer::not_comparable, "not_comparable"}};
};

template <>
struct EnumNames<stone::MatchReason> {
  static constexpr std::pair<stone::MatchReason, std::string_view> kNames[] = {
      {stone::MatchReason::same_body, "same_body"},
      {stone::MatchReason::other_body, "other_body"},
      {stone::MatchReason::tolerance_too_wide, "tolerance_too_wide"},
      {stone::MatchReason::too_coarse, "too_coarse"},
      {stone::MatchReason::first_within_second, "first_within_second"},
      {stone::MatchReason::second_within_first, "second_within_first"},
      {stone::MatchReason::too_much_taken_off, "too_much_taken_off"}};
};

}  // namespace intaglio::codec
