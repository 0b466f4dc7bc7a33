// A chain's state in memory, for the simulator and tests: what a store is without a disk.
#pragma once

#include "ledger/stage.h"

namespace intaglio::ledger {

// One thread.
class MemoryState final : public View {
 public:
  std::optional<Bytes> get(const Slot& slot) const override {
    const auto row = rows_.find(slot);
    if (row == rows_.end()) return std::nullopt;
    return row->second;
  }

  std::optional<Placed> first_from(const Slot& slot) const override {
    const auto row = rows_.lower_bound(slot);
    if (row == rows_.end() || row->first.kind() != slot.kind()) return std::nullopt;
    return *row;
  }

  void apply(const ChangeSet& changes) {
    for (const auto& [slot, change] : changes) {
      CHECK(get(slot) == change.before);
      if (change.after) {
        rows_[slot] = *change.after;
      } else {
        rows_.erase(slot);
      }
    }
  }

  const std::map<Slot, Bytes>& rows() const { return rows_; }

 private:
  std::map<Slot, Bytes> rows_;
};

}  // namespace intaglio::ledger
