// Amounts as people type and read them: decimals by the asset's scale ("12.50"). Programs get minor
// units. Pure functions; any thread.
#pragma once

#include <string>

#include "base/amount.h"
#include "base/result.h"

namespace intaglio::cli {

// Digits, and where the asset has decimals a "." with one to `scale` digits behind it: "12", "12.5"
// and "12.50" at scale 2. `bad_value` for anything else, so for a sign, an exponent, a comma and a
// decimal too many; nothing is rounded. `too_large` when it does not fit.
Result<Amount> amount_from_text(std::string_view text, unsigned scale);

// With exactly `scale` decimals: "12.50".
std::string amount_text(Amount amount, unsigned scale);

// An amount that came in or went out.
struct SignedAmount {
  Amount amount;
  bool debit = false;  // went out; never for zero
  bool operator==(const SignedAmount&) const = default;
};

// "-12.50". Minor units: "-1250", as the server writes them, and back (`bad_value`).
std::string signed_amount_text(SignedAmount amount, unsigned scale);
std::string minor_units_text(SignedAmount amount);
Result<SignedAmount> signed_amount_from_minor_units(std::string_view text);

// Nothing when the sum does not fit.
std::optional<SignedAmount> add(SignedAmount a, SignedAmount b);

}  // namespace intaglio::cli
