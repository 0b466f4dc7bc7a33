// For tests and benchmarks: texts of the kind and size that our symbols carry.
#pragma once

#include <string>

namespace intaglio::symbol {

// A signed merchant-presented payment code of 352 characters.
inline constexpr std::string_view kPaymentCode =
    "00020101021226340012example.test0114ACC4F2K9Q7D3M1520458145303978540512.505802EE5913KOHVIK "
    "TUULIK6007TALLINN62310515INV2026112300420708POS0001780630012example.test010110211oQ0cMIvQa0I"
    "03091195895400410000000013781630012example.test0143bGmK6SXK-fJUkqKIeUyhn3pdx9LyUlmCZXwxDsGoN"
    "kz82630012example.test0143lpYa-ajMuyqGpdhaK9BRKUfZVj5UGeyprNlBkUgqirw6304E7BE";

// `length` printable ASCII characters without a pattern.
inline std::string printable_text(std::size_t length) {
  std::string out;
  std::uint32_t state = 1;
  while (out.size() < length) {
    state = state * 1664525 + 1013904223;
    out += static_cast<char>(' ' + (state >> 16) % 95);
  }
  return out;
}

}  // namespace intaglio::symbol
