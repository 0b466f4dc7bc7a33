#include "ledger/stage.h"

namespace intaglio::ledger {

std::optional<Bytes> Stage::get(const Slot& slot) const {
  const auto change = changes_.find(slot);
  return change == changes_.end() ? below_.get(slot) : change->second.after;
}

std::optional<View::Placed> Stage::first_from(const Slot& slot) const {
  std::optional<Placed> first;
  for (auto it = changes_.lower_bound(slot); it != changes_.end(); ++it) {
    if (it->first.kind() != slot.kind()) break;
    if (!it->second.after) continue;
    first.emplace(it->first, *it->second.after);
    break;
  }
  auto below = below_.first_from(slot);
  while (below && changes_.contains(below->first)) below = below_.first_from(below->first.next());
  return below && (!first || below->first < first->first) ? below : first;
}

void Stage::write(const Slot& slot, std::optional<Bytes> after) {
  ++writes_;
  auto [change, fresh] = changes_.try_emplace(slot);
  if (fresh) change->second.before = below_.get(change->first);
  change->second.after = std::move(after);
}

void Stage::absorb(Stage& above) {
  CHECK(&above.below_ == this);
  // What is new here moves over as it is; what stays behind was written in both.
  changes_.merge(above.changes_);
  for (auto& [slot, change] : above.changes_) {
    changes_.find(slot)->second.after = std::move(change.after);
  }
  above.changes_.clear();
}

}  // namespace intaglio::ledger
