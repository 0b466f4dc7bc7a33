// Proportions that are left to the plan: which member of a family is worth most in a rough, and how
// much more any other could be. A range of proportions is bounded by its core, what all members
// have in common: a rough that holds a member holds its core, and no member has more volume round
// its core than the range's most. Ranges are halved until that is near enough. Pure functions; any
// thread.
#pragma once

#include <map>

#include "stone/design_range.h"
#include "stone/search.h"

namespace intaglio::stone {

// What members of a family are worth at one clarity.
struct AskedLevel {
  std::map<std::string, PriceCurve> prices;  // by cut grade, all that its members may have
  std::vector<std::uint16_t> avoided;
};
struct AskedRange {
  DesignRange range;
  std::vector<AskedLevel> levels;  // as many for each range
};

struct FoundWithin {
  SearchResult found;
  // Those that were given, one member of each range at each level, and cores at each level.
  std::vector<Candidate> candidates;
  std::vector<std::optional<DesignRange>> ranges;  // of each candidate that is a core
};

// Besides the given candidates looks for stones of the ranges' members. `cells` and a watch that
// says false end it with what stands, as they do a search. Refuses what `search` does, and
// `bad_value` for a range that is none.
Result<FoundWithin> search_within(const Rough& rough, const std::vector<Candidate>& candidates,
                                  const std::vector<AskedRange>& asked, SpecificGravity gravity,
                                  const SearchLimits& limits, const Watch& watch = {});

}  // namespace intaglio::stone
