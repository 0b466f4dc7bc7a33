#include "tx/transaction.h"

#include "base/format.h"

namespace intaglio::tx {

Result<void> Transaction::check() const {
  if (chains.empty()) return refuse(Verdict::missing_field, "chains");
  if (chains.size() > 1) return refuse(Verdict::bad_value, "chains");
  if (operations.empty()) return refuse(Verdict::missing_field, "operations");
  if (operations.size() > UINT16_MAX) return refuse(Verdict::too_large, "operations");
  for (std::size_t i = 0; i < operations.size(); ++i) {
    const auto checked = std::visit([](const auto& op) { return op.check(); }, operations[i]);
    if (!checked) return refuse_within(format("operations[{}]", i), checked.error());
  }
  return {};
}

}  // namespace intaglio::tx
