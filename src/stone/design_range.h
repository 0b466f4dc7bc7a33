// Designs of a family whose proportions are left open within ranges. Pure functions; any thread.
#pragma once

#include "codec/record.h"
#include "stone/families.h"

namespace intaglio::stone {

// A proportion that is left free between two bounds, or fixed where they are one; in thousandths.
struct FreeProportion {
  std::string name;
  std::uint32_t low = 0;
  std::uint32_t high = 0;
  bool operator==(const FreeProportion&) const = default;
  static constexpr auto fields() {
    using codec::field;
    return std::tuple(field(1, "name", &FreeProportion::name, "as the family calls it"),
                      field(2, "low", &FreeProportion::low, "thousandths"),
                      field(3, "high", &FreeProportion::high, "thousandths"));
  }
};

// All designs of a family with each proportion in its range.
struct DesignRange {
  std::string family;
  std::vector<FreeProportion> proportions;  // all of them, in the family's sequence
  bool operator==(const DesignRange&) const = default;
  static constexpr auto fields() {
    using codec::field;
    return std::tuple(
        field(1, "family", &DesignRange::family, "one of ours"),
        field(2, "proportions", &DesignRange::proportions, "all of them, in its sequence"));
  }
};

// "round table=53..62 crown=32..36.5": what is not named is usual. `bad_value` as for a design, and
// for a range of a proportion that is not one of the family's free ones.
Result<DesignRange> design_range_from_text(std::string_view text);
Result<void> check_range(const DesignRange& range);
std::string range_text(const DesignRange& range);

// The member with these proportions, in thousandths and the family's sequence.
Result<Design> member_of(const DesignRange& range, const std::vector<std::uint32_t>& values);

// What all members have in common, girdle on girdle: as a design, that nobody would cut. It is what
// the members in the corners of the range have in common, since no facet of another one cuts off
// more than one of those does: docs/stone.md has why.
Result<Design> core_of(const DesignRange& range);

// The cut grades that members may have, by estimated_round_grade; one without a name where there
// are none.
std::vector<std::string> possible_grades(const DesignRange& range);

}  // namespace intaglio::stone
