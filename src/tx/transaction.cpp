#include "tx/transaction.h"

#include <algorithm>

#include "base/format.h"

namespace intaglio::tx {

Result<void> Transaction::check() const {
  if (chains.empty()) return refuse(Verdict::missing_field, "chains");
  if (chains.size() > kMaxChains) return refuse(Verdict::too_large, "chains");
  for (std::size_t i = 0; i < chains.size(); ++i) {
    const auto earlier = std::span(chains).first(i);
    if (std::ranges::find(earlier, chains[i]) != earlier.end()) {
      return refuse(Verdict::bad_value, format("chains[{}]", i));
    }
  }
  if (operations.empty()) return refuse(Verdict::missing_field, "operations");
  if (operations.size() > UINT16_MAX) return refuse(Verdict::too_large, "operations");
  for (std::size_t i = 0; i < operations.size(); ++i) {
    const auto checked = std::visit([](const auto& op) { return op.check(); }, operations[i]);
    if (!checked) return refuse_within(format("operations[{}]", i), checked.error());
    if (chains.size() > 1 && !is_on_each_chain(operations[i])) {
      return refuse(Verdict::bad_value, format("operations[{}]", i));
    }
  }
  return {};
}

}  // namespace intaglio::tx
