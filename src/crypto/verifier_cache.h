// Parsed keys, ready to verify: a key never changes its hash, so what is cached never goes stale.
// Whether a key may still sign is the caller's to know.
#pragma once

#include <array>
#include <mutex>
#include <unordered_map>

#include "crypto/es256.h"

namespace intaglio::crypto {

// Any thread. Holds at most about `capacity` keys and forgets those not used for long first: a
// shard has two halves; what is used moves to the younger one, and when that is full it becomes the
// elder and the elder is dropped.
class VerifierCache {
 public:
  explicit VerifierCache(std::size_t capacity) : half_capacity_(capacity / kShards / 2 + 1) {}

  // nullptr when it is not there.
  std::shared_ptr<const Verifier> find(const KeyHash& key) const {
    Shard& shard = shard_of(key);
    const std::lock_guard lock(shard.mutex);
    if (const auto found = shard.young.find(key); found != shard.young.end()) return found->second;
    const auto found = shard.old.find(key);
    if (found == shard.old.end()) return nullptr;
    auto verifier = found->second;
    put(shard, verifier);
    return verifier;
  }

  // The verifier of this key, now also in the cache.
  std::shared_ptr<const Verifier> insert(const PublicKey& key) {
    auto verifier = std::make_shared<const Verifier>(key);
    Shard& shard = shard_of(verifier->key_hash());
    const std::lock_guard lock(shard.mutex);
    put(shard, verifier);
    return verifier;
  }

  // All of them.
  void forget() {
    for (Shard& shard : shards_) {
      const std::lock_guard lock(shard.mutex);
      shard.young.clear();
      shard.old.clear();
    }
  }

 private:
  using Half = std::unordered_map<KeyHash, std::shared_ptr<const Verifier>>;
  struct Shard {
    std::mutex mutex;
    Half young;
    Half old;
  };
  static constexpr std::size_t kShards = 16;

  void put(Shard& shard, const std::shared_ptr<const Verifier>& verifier) const {
    if (shard.young.size() >= half_capacity_) {
      shard.old = std::move(shard.young);
      shard.young = {};
    }
    shard.young.insert_or_assign(verifier->key_hash(), verifier);
  }
  Shard& shard_of(const KeyHash& key) const { return shards_[key.array()[31] % kShards]; }

  const std::size_t half_capacity_;
  mutable std::array<Shard, kShards> shards_;
};

}  // namespace intaglio::crypto
