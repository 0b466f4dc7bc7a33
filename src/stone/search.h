// The search: the stone of most value in a rough, and how much more there can be at best. Branch
// and bound over all rotations with a linear programme for place and size; see docs/stone.md.
//
// The same inputs and limits give the same result to the bit, whatever the number of threads.
#pragma once

#include <functional>
#include <optional>

#include "stone/pose.h"
#include "stone/prices.h"

namespace intaglio::stone {

// A design and what its stones would be worth out of this rough, if they hold none of the
// inclusions that are to be avoided for that.
struct Candidate {
  Design design;
  PriceCurve prices = PriceCurve::by_weight();
  std::vector<std::uint16_t> avoided = {};  // places in the rough's list, ascending
  // Of a core: the volume that what it stands for has at most, round a core of size 1. It bounds
  // and no stone of it is looked for.
  std::optional<double> most_volume = {};
  std::vector<Pose> begins = {};  // where to polish from, besides what the search finds
};

// What is known before a search.
struct Known {
  Amount value;                           // of a stone
  std::vector<GridDirection> directions;  // rows to begin with
  // Ends as soon as a core reaches more than that value by the gap: no cells bring it below.
  bool is_end_beyond = false;
};

struct SearchLimits {
  // Done when no stone is worth more than the best by this many millionths.
  std::uint32_t gap = 10'000;
  // Give up after so many cells; a round that was begun is finished.
  std::uint64_t cells = 4'000'000;
  unsigned threads = 1;
  // What is worth no more than that need not be told apart from nothing.
  Amount negligible = {};
  // Cells beyond those that answer the hull's question, to tell dents from stones not found:
  // corners of the surface that lie in what the hull allows are then points that no stone may hold.
  std::uint64_t dents = 0;
};

struct Progress {
  Amount value;  // of the best stone so far
  Amount bound;  // of any
  std::uint64_t cells = 0;
};
// Asked now and then, by the thread that called; false stops the search where it is.
using Watch = std::function<bool(const Progress&)>;

enum class StopReason : std::uint8_t { gap_reached, cell_limit, stopped, beyond };

struct FoundStone {
  std::size_t candidate = 0;
  FixedPose pose;
  MicroCarats weight;
  Amount value;
};

// What is proven of one candidate: no stone of it, anywhere in the hull of the rough and clear of
// the obstacles, is larger.
struct CandidateBound {
  std::uint64_t size = 0;  // picometres
  MicroCarats weight;
  Amount value;
};

// The cells of one candidate, root after root, each before its parts: how it was divided, or the
// rows that bound it. Weights are parts of 2^30.
struct ProofCell {
  using Kind = CellKind;
  Kind kind = Kind::bounded;
  std::uint8_t edge = 0;
  std::array<std::uint16_t, 4> rows{};  // from kFirstObstacle on obstacles
  std::array<std::uint32_t, 4> weights{};
  bool operator==(const ProofCell&) const = default;
};

struct SearchResult {
  std::optional<FoundStone> best;  // none when none is worth anything
  Amount bound;
  std::vector<CandidateBound> bounds;     // in the order of the candidates
  std::vector<GridDirection> directions;  // of the rows
  std::vector<ObstacleSource> obstacles;
  std::vector<std::vector<ProofCell>> proofs;  // in the order of the candidates
  std::uint64_t cells = 0;                     // give this as a limit to get this very result
  StopReason reason = StopReason::gap_reached;
};

// `bad_value` without candidates or with more than 4,096, or for an inclusion that is none.
Result<SearchResult> search(const Rough& rough, const std::vector<Candidate>& candidates,
                            SpecificGravity gravity, const SearchLimits& limits,
                            const Watch& watch = {}, const Known& known = {});

}  // namespace intaglio::stone
