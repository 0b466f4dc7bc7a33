#include "ledger/stage.h"

namespace intaglio::ledger {

std::optional<Bytes> Stage::get(const Slot& slot) const {
  const auto change = changes_.find(slot);
  return change == changes_.end() ? below_.get(slot) : change->second.after;
}

void Stage::write(Slot slot, std::optional<Bytes> after) {
  auto [change, fresh] = changes_.try_emplace(std::move(slot));
  if (fresh) change->second.before = below_.get(change->first);
  change->second.after = std::move(after);
}

void Stage::absorb(const ChangeSet& changes) {
  for (const auto& [slot, change] : changes) {
    const auto [mine, fresh] = changes_.try_emplace(slot, change);
    if (!fresh) mine->second.after = change.after;
  }
}

}  // namespace intaglio::ledger
