#include "cli/top_up.h"

#include <algorithm>

#include "base/check.h"

namespace intaglio::cli {
namespace {

// In the order in which they are drawn on.
std::vector<ChainAmount> in_order(const TopUp& asked, std::span<const ChainAmount> spendable) {
  std::vector<ChainAmount> out;
  for (const ChainAmount& each : spendable) {
    if (each.amount >= asked.smallest && each.amount != Amount(0)) out.push_back(each);
  }
  std::ranges::sort(out, [&](const ChainAmount& a, const ChainAmount& b) {
    const bool a_first = a.chain == asked.requested;
    const bool b_first = b.chain == asked.requested;
    if (a_first != b_first) return a_first;
    return a.amount != b.amount ? a.amount > b.amount : a.chain < b.chain;
  });
  return out;
}

// The last part may have become too small: the parts before leave it some of theirs.
bool raise_last(std::vector<ChainAmount>& parts, Amount smallest) {
  Amount& last = parts.back().amount;
  for (std::size_t i = parts.size() - 1; i-- > 0 && last < smallest;) {
    Amount& other = parts[i].amount;
    const std::uint64_t spare = subtract(other, smallest).value_or(Amount()).value();
    const std::uint64_t given = std::min(spare, smallest.value() - last.value());
    other = Amount(other.value() - given);
    last = Amount(last.value() + given);
  }
  return last >= smallest;
}

}  // namespace

Result<std::vector<ChainAmount>> draw(const TopUp& asked, std::span<const ChainAmount> spendable) {
  std::vector<ChainAmount> parts;
  Amount left = asked.amount;
  for (const ChainAmount& each : in_order(asked, spendable)) {
    if (left == Amount(0)) break;
    const Amount part = std::min(each.amount, left);
    left = *subtract(left, part);
    parts.push_back({each.chain, part});
  }
  if (left != Amount(0) || parts.empty() || !raise_last(parts, asked.smallest)) {
    return refuse(Verdict::insufficient_funds, "on all chains together");
  }
  return parts;
}

}  // namespace intaglio::cli
