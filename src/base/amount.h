// Money. Amounts add only through checked functions, and two assets never add.
#pragma once

#include <optional>

#include "base/ids.h"

namespace intaglio {

// Minor units of some asset (cents for EUR), 0 to 2^64 - 1.
using Amount = StrongInt<struct AmountTag, std::uint64_t>;

// Nothing when the sum does not fit.
constexpr std::optional<Amount> add(Amount a, Amount b) {
  const std::uint64_t sum = a.value() + b.value();
  if (sum < a.value()) return std::nullopt;
  return Amount(sum);
}

// Nothing when b is more than a.
constexpr std::optional<Amount> subtract(Amount a, Amount b) {
  if (b > a) return std::nullopt;
  return Amount(a.value() - b.value());
}

struct Money {
  Amount amount;
  AssetId asset;
  auto operator<=>(const Money&) const = default;
};

}  // namespace intaglio
