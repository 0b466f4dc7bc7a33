// Transactions that were found to be signed, by the hash of their bytes, so that what a mempool
// looked at is not looked at again when it is proposed and when it is decided. It never goes stale
// as long as the chain goes on from block to block: that one is verified says that this chain has a
// row of the key that it names, and that this key signed it; and no key row ever leaves a chain
// (the law revocation_is_final). A chain that goes on from a snapshot instead, which may be an
// older one than the last it went on from, has to forget all of it. Whether the key may still sign
// is judged when a transaction is executed. One that was refused is not kept: its key's row may be
// on its way.
#pragma once

#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "tx/transaction.h"

namespace intaglio::chain {

// Any thread. Holds about `capacity` bytes at most and forgets those not used for long first: what
// is used moves to the younger of two halves, and when that is full it becomes the elder and the
// elder is dropped.
template <typename Known>  // a shared pointer
class KnownByHash {
 public:
  explicit KnownByHash(std::size_t capacity) : half_capacity_(capacity / 2) {}

  // nullptr when it is not there.
  Known find(const Digest& bytes_hash) const {
    const std::lock_guard lock(mutex_);
    if (const auto found = young_.find(bytes_hash); found != young_.end()) {
      return found->second.known;
    }
    const auto found = old_.find(bytes_hash);
    if (found == old_.end()) return nullptr;
    Weighed weighed = found->second;
    put(bytes_hash, weighed);
    return weighed.known;
  }

  void insert(const Digest& bytes_hash, Known known, std::size_t weight) {
    const std::lock_guard lock(mutex_);
    put(bytes_hash, {std::move(known), weight});
  }

  void forget() {
    const std::lock_guard lock(mutex_);
    young_.clear();
    old_.clear();
    young_weight_ = 0;
  }

 private:
  struct Weighed {
    Known known;
    std::size_t weight;
  };
  using Half = std::unordered_map<Digest, Weighed>;

  void put(const Digest& bytes_hash, const Weighed& weighed) const {
    if (young_weight_ >= half_capacity_) {
      old_ = std::exchange(young_, {});
      young_weight_ = 0;
    }
    if (young_.insert_or_assign(bytes_hash, weighed).second) young_weight_ += weighed.weight;
  }

  const std::size_t half_capacity_;
  mutable std::mutex mutex_;
  mutable Half young_;
  mutable Half old_;
  mutable std::size_t young_weight_ = 0;
};

// Any thread. Holds about `capacity` bytes of transactions, and as many of packs (chain/pack.h),
// which mostly have the same ones.
class VerifiedCache {
 public:
  using Known = std::shared_ptr<const tx::VerifiedTransaction>;
  using KnownPack = std::shared_ptr<const std::vector<Known>>;

  explicit VerifiedCache(std::size_t capacity) : alone_(capacity), packs_(capacity) {}

  // nullptr when it is not there.
  Known find(const Digest& bytes_hash) const { return alone_.find(bytes_hash); }

  // The transaction, now also in the cache.
  Known insert(const Digest& bytes_hash, tx::VerifiedTransaction transaction) {
    auto known = std::make_shared<const tx::VerifiedTransaction>(std::move(transaction));
    alone_.insert(bytes_hash, known, weight(*known));
    return known;
  }

  // The members of a pack, all of them verified; nullptr when it is not there.
  KnownPack find_pack(const Digest& bytes_hash) const { return packs_.find(bytes_hash); }
  void insert_pack(const Digest& bytes_hash, std::vector<Known> members) {
    std::size_t all = 0;
    for (const Known& each : members) all += weight(*each);
    packs_.insert(bytes_hash, std::make_shared<const std::vector<Known>>(std::move(members)), all);
  }

  // All of it.
  void forget() {
    alone_.forget();
    packs_.forget();
  }

 private:
  // As it came, as it was read, and what keeps it.
  static std::size_t weight(const tx::VerifiedTransaction& transaction) {
    return 4 * transaction->encoded.size() + 512;
  }

  KnownByHash<Known> alone_;
  KnownByHash<KnownPack> packs_;
};

}  // namespace intaglio::chain
