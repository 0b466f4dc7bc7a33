// Several stones from one rough: a saw's plane divides it, others may divide its sides, and each
// part is planned with its proof. How much better any such planes could be is proven by the same:
// what lies below a plane grows as the plane is moved up, and what lies above it shrinks, so that
// between two planes no sum is more than the best below the upper and the best above the lower one.
// Pure functions; any thread.
#pragma once

#include "stone/sawn_parts.h"
#include "stone/scene.h"
#include "stone/verifier.h"

namespace intaglio::stone {

inline constexpr std::uint32_t kMaxKerf = kMaxAllowance;

struct SawTerms {
  std::vector<GridDirection> directions;  // across the planes that may be sawn
  std::uint32_t kerf = 0;                 // nanometres that the saw takes
  Amount cost;                            // of sawing, as stones are valued
  std::size_t planes = 64;                // at most, in one direction of one part
  std::uint32_t depth = 1;                // how often a part may be sawn again: 2 for four stones
};

// A part of a rough: it lies below all of these.
struct SawnPlace {
  std::vector<Layer> layers;
  bool operator==(const SawnPlace&) const = default;
  static constexpr auto fields() {
    return std::tuple(codec::field(1, "layers", &SawnPlace::layers,
                                   "faces of cuts, the first cut first: stones lie below them"));
  }
};

// A frozen document, with saw.proof; docs/reference/formats.md, "Sawn roughs".
struct Sawing {
  Digest rough;
  std::uint32_t kerf = 0;
  Amount cost;
  std::optional<Layer> plane;
  std::vector<Digest> plans;
  Amount value;
  Amount bound;
  Digest proof;
  std::vector<GridDirection> directions;
  std::optional<std::uint32_t> depth;
  std::optional<std::vector<SawnPlace>> parts;
  std::optional<Amount> any_bound;
  bool operator==(const Sawing&) const = default;
  static constexpr auto fields() {
    using codec::field;
    return std::tuple(
        field(1, "rough", &Sawing::rough, "hash of the mesh"),
        field(2, "kerf", &Sawing::kerf, "nanometres that the saw takes"),
        field(3, "cost", &Sawing::cost, "of sawing, minor units"),
        field(4, "plane", &Sawing::plane,
              "the lower face of the cut; none when the rough is better not sawn"),
        field(5, "plans", &Sawing::plans,
              "hashes of the plans below and above it, or of the one of the whole rough"),
        field(6, "value", &Sawing::value, "of their stones, without the cost"),
        field(7, "bound", &Sawing::bound,
              "no stone of the designs in its plans, and no two on either side of a plane across "
              "one of the directions, are worth more"),
        field(8, "proof", &Sawing::proof, "hash of the proof's bytes"),
        field(9, "directions", &Sawing::directions, "across the planes, in 2^-30"),
        field(10, "depth", &Sawing::depth, "how often a part may be sawn again; once without"),
        field(11, "parts", &Sawing::parts,
              "with a depth: where the plans lie, in their sequence; then `bound` is of one stone "
              "in each part that as many cuts one after another leave, whether or not the part "
              "hangs together"),
        field(12, "any_bound", &Sawing::any_bound,
              "no stones of as many parts are worth more, whatever the cuts' directions: by the "
              "rough's weight and what one stone can be, less one cut where there are several"));
  }
};

struct SawingAndProof {
  Sawing sawing;
  std::vector<PlanAndProof> plans;  // those that the sawing names
  Bytes proof;
};

// Looks for the planes of most value across the directions, until no others can be better by the
// gap of the limits or there is no plane left to try; a `watch` that says false ends it with what
// stands. Refuses what make_plan refuses, `bad_value` without a direction, `too_large` beyond the
// bounds above.
Result<SawingAndProof> make_sawing(const Rough& rough, const std::vector<Design>& designs,
                                   const PlanTerms& terms, const SawTerms& saw,
                                   const SearchLimits& limits, const Watch& watch = {});

// Shows that every plan in the proof holds, that all are made on the same terms, and that value and
// bound follow. Refuses as verify_plan does; returns what all plans were checked for.
Result<VerifiedBounds> verify_sawing(const Sawing& sawing, ByteView proof, const Solid& rough,
                                     const std::vector<Inclusion>& inclusions,
                                     const PriceList* prices);

// The plan of that hash in a proof, of any part; null where there is none. A view.
const PlanAndProof* plan_by_hash(const SawProof& proof, const Digest& hash);
// The cuts between the parts that a sawing names, the first of them first.
std::vector<SawCut> cuts_of(const Sawing& sawing);

Bytes encode_sawing(const Sawing& sawing);
Result<Sawing> decode_sawing(ByteView bytes);

}  // namespace intaglio::stone
