// A payment that is short on one chain draws on the payer's other addresses. Pure; any thread.
#pragma once

#include <span>
#include <vector>

#include "base/amount.h"
#include "base/result.h"

namespace intaglio::cli {

// What a payer can spend of an asset on one chain, or takes from there.
struct ChainAmount {
  ChainId chain;
  Amount amount;
  bool operator==(const ChainAmount&) const = default;
};

struct TopUp {
  ChainId requested;  // drawn on first
  Amount amount;      // to be paid in all
  Amount smallest;    // the asset's smallest transfer: no part is less
};

// What to take from which chain, in the order in which it was chosen: from the chain asked for,
// then from as few others as will do, those with the most first, then by number.
// `insufficient_funds` when all of them together do not have it, in parts that are large enough.
Result<std::vector<ChainAmount>> draw(const TopUp& asked, std::span<const ChainAmount> spendable);

}  // namespace intaglio::cli
