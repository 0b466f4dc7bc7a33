// Our own facet designs, each a family with proportions. Pure functions; any thread.
//
// The round brilliant has proportions that gemmologists measure and laboratories grade; its cut
// grade here is an estimate from quoted ranges. All other families are shapes of our own making:
// convex, in the proportions of their kind, and not proven by anybody's eye.
#pragma once

#include <span>

#include "stone/design.h"

namespace intaglio::stone {

struct ProportionRange {
  std::string_view name;
  double low;
  double usual;
  double high;
};

struct Family {
  std::string_view name;
  bool is_proven;  // its proportions are graded in the trade
  std::string_view what;
  std::vector<ProportionRange> ranges;
  // Those that may be left to a plan: see DesignRange.
  std::vector<std::string_view> free = {};
};

std::span<const Family> families();

// A design of a family by text: "round", or "round table=57 crown=34.5": what is not named is
// usual. Proportions have three decimals. The design's name is such a text again, and the design
// that it gives the same. `bad_value` for an unknown family or proportion, or one outside of its
// range.
Result<Design> design_from_text(std::string_view text);

// Whether a name is one that a member of a family would have: by its first word.
bool is_family_name(std::string_view name);

// With at most three decimals, and no more than it needs.
std::string number_text(double value);

struct Between {
  double low = 0;
  double high = 0;
};

// The same text with "table=53..62" where a proportion is left between two bounds; others have
// both alike. `bad_value` as above.
struct FamilyBounds {
  const Family* family = nullptr;
  std::vector<Between> proportions;  // all of them, in the family's sequence
};
Result<FamilyBounds> bounds_from_text(std::string_view text);

// The design with these proportions, all of them, in the family's sequence; and its facets' planes
// before they are cut to a design: some may not touch it. `bad_value` for another number of them.
Result<Design> design_of(std::string_view family, const std::vector<double>& proportions);
Result<std::vector<FacetPlane>> planes_of(std::string_view family,
                                          const std::vector<double>& proportions);

// A family in the proportions that are worth trying, the usual first.
std::vector<std::string> library_texts(std::string_view family);

// By quoted ranges of table, crown and pavilion angle and depth: "excellent", "very good", "good"
// or "fair". An estimate: laboratories judge pairs of proportions, and light.
std::string_view estimated_round_grade(double table, double crown, double pavilion, double depth);
// Those that stones within such measures may have.
struct RoundMeasures {
  Between table;
  Between crown;
  Between pavilion;
  Between depth;
};
std::vector<std::string> possible_round_grades(const RoundMeasures& measures);

}  // namespace intaglio::stone
