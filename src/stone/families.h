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
};

std::span<const Family> families();

// A design of a family by text: "round", or "round table=57 crown=34.5": what is not named is
// usual. `bad_value` for an unknown family or proportion, or one outside of its range.
Result<Design> design_from_text(std::string_view text);

// Every family in the proportions that are worth trying, the usual first.
std::vector<std::string> library_texts();
std::vector<std::string> library_texts(std::string_view family);

// By quoted ranges of table, crown and pavilion angle and depth: "excellent", "very good", "good"
// or "fair". An estimate: laboratories judge pairs of proportions, and light.
std::string_view estimated_round_grade(double table, double crown, double pavilion, double depth);

}  // namespace intaglio::stone
