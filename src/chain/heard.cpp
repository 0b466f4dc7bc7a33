#include "chain/heard.h"

#include "crypto/merkle.h"

namespace intaglio::chain {

void Heard::make_room() {
  while (entries_.size() >= options_.capacity) {
    auto& oldest = stale_.empty() ? fresh_ : stale_;
    CHECK(!oldest.empty());
    entries_.erase(oldest.front());
    oldest.pop_front();
  }
}

void Heard::hear(Bytes transaction, Millis now) {
  const Digest leaf = crypto::merkle_leaf(transaction);
  if (entries_.contains(leaf)) return;
  make_room();
  entries_[leaf] = {.bytes = std::move(transaction), .transaction = {}, .heard = now};
  fresh_.push_back(leaf);
  unverified_.push_back(leaf);
}

std::optional<Heard::Unverified> Heard::next_unverified() {
  for (; !unverified_.empty(); unverified_.pop_front()) {
    const auto found = entries_.find(unverified_.front());
    if (found != entries_.end() && !found->second.transaction) {
      return Unverified{found->first, found->second.bytes};
    }
  }
  return std::nullopt;
}

void Heard::verified(const Digest& leaf, Result<tx::VerifiedTransaction> transaction) {
  const auto found = entries_.find(leaf);
  if (found == entries_.end()) return;
  if (!transaction) {
    entries_.erase(found);
    return;
  }
  found->second.transaction = *std::move(transaction);
  found->second.bytes = {};
}

const tx::VerifiedTransaction* Heard::find(const Digest& leaf) const {
  const auto found = entries_.find(leaf);
  if (found == entries_.end() || !found->second.transaction) return nullptr;
  return &*found->second.transaction;
}

void Heard::forget(const Digest& leaf) {
  const auto found = entries_.find(leaf);
  if (found == entries_.end()) return;
  if (found->second.is_overlooked) --overlooked_;
  entries_.erase(found);
}

void Heard::age(Millis now) {
  for (; !fresh_.empty(); fresh_.pop_front()) {
    const auto found = entries_.find(fresh_.front());
    if (found == entries_.end()) continue;
    Entry& entry = found->second;
    if (now <= entry.heard + options_.patience) return;
    stale_.push_back(found->first);
    if (!entry.transaction) continue;
    entry.is_overlooked = true;
    ++overlooked_;
  }
}

}  // namespace intaglio::chain
