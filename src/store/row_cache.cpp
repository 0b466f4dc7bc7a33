#include "store/row_cache.h"

#include <cstring>
#include <random>

namespace intaglio::store {
namespace {

// What an entry takes besides its key and row: nodes of list and index, allocations.
constexpr std::size_t kEntryOverhead = 208;

std::size_t size_of(const std::optional<Bytes>& row) {
  return kEntryOverhead + (row ? row->size() : 0);
}

std::uint64_t random_word() {
  std::random_device device;
  return std::uint64_t{device()} << 32 | device();
}

// The two halves of a 128-bit product, folded: every bit of both factors reaches every other.
std::uint64_t folded_product(std::uint64_t a, std::uint64_t b) {
  const auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

}  // namespace

bool RowCache::holds(ledger::RowKind kind) {
  switch (kind) {
    case ledger::RowKind::hold:
    case ledger::RowKind::entry:
    case ledger::RowKind::receipt:
    case ledger::RowKind::code:
    case ledger::RowKind::packet:
    case ledger::RowKind::suspense:
    case ledger::RowKind::outbox:
    case ledger::RowKind::settlement:
    case ledger::RowKind::deadline:
    case ledger::RowKind::certificate: return false;
    case ledger::RowKind::params:
    case ledger::RowKind::asset:
    case ledger::RowKind::account:
    case ledger::RowKind::balance:
    case ledger::RowKind::key:
    case ledger::RowKind::display:
    case ledger::RowKind::out_stream:
    case ledger::RowKind::in_stream:
    case ledger::RowKind::transit:
    case ledger::RowKind::nodes:
    case ledger::RowKind::issuer:
    case ledger::RowKind::trust: return true;
  }
  return false;
}

RowCache::Hash RowCache::hash_of(const ledger::Slot& slot) const {
  const std::string_view bytes = slot.bytes();
  std::uint64_t state = hash_key_[0] ^ bytes.size();
  for (std::size_t at = 0; at < bytes.size(); at += sizeof state) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, std::min(sizeof word, bytes.size() - at));
    state = folded_product(state ^ hash_key_[1], word ^ hash_key_[0]) + word;
  }
  return folded_product(state ^ hash_key_[0], hash_key_[1]);
}

const RowCache::Entry* RowCache::Recent::find(Hash hash, const ledger::Slot& slot) {
  const auto found = index_.find(hash);
  if (found == index_.end() || found->second->slot != slot) return nullptr;
  order_.splice(order_.begin(), order_, found->second);
  return &*found->second;
}

void RowCache::Recent::put(Hash hash, const ledger::Slot& slot, const std::optional<Bytes>& row) {
  if (const auto found = index_.find(hash); found != index_.end()) {
    Entry& entry = *found->second;
    bytes_ -= size_of(entry.row);
    entry.slot = slot;
    entry.row = row;
    order_.splice(order_.begin(), order_, found->second);
  } else {
    order_.push_front({hash, slot, row});
    index_.emplace(hash, order_.begin());
  }
  bytes_ += size_of(row);
  while (bytes_ > max_bytes_) {
    const Entry& oldest = order_.back();
    bytes_ -= size_of(oldest.row);
    index_.erase(oldest.hash);
    order_.pop_back();
  }
}

void RowCache::Recent::forget() {
  index_.clear();
  order_.clear();
  bytes_ = 0;
}

RowCache::RowCache(std::size_t max_bytes) : hash_key_{random_word() | 1, random_word() | 1} {
  for (Shard*& shard : shards_) shard = &storage_.emplace_back(max_bytes / kShards);
}

RowCache::Answer RowCache::find(const ledger::Slot& slot) {
  const Hash hash = hash_of(slot);
  Shard& shard = shard_of(hash);
  const std::lock_guard lock(shard.mutex);
  if (const Entry* entry = shard.recent.find(hash, slot)) {
    ++shard.hits;
    return {true, entry->row, 0};
  }
  ++shard.misses;
  return {false, std::nullopt, shard.ticket};
}

void RowCache::learn(const ledger::Slot& slot, const std::optional<Bytes>& row,
                     std::uint64_t ticket) {
  const Hash hash = hash_of(slot);
  Shard& shard = shard_of(hash);
  const std::lock_guard lock(shard.mutex);
  if (shard.ticket == ticket) shard.recent.put(hash, slot, row);
}

void RowCache::apply(const ledger::ChangeSet& changes) {
  for (const auto& [slot, change] : changes) {
    if (!holds(slot.kind())) continue;
    const Hash hash = hash_of(slot);
    Shard& shard = shard_of(hash);
    const std::lock_guard lock(shard.mutex);
    ++shard.ticket;
    shard.recent.put(hash, slot, change.after);
  }
}

void RowCache::forget() {
  for (Shard& shard : storage_) {
    const std::lock_guard lock(shard.mutex);
    ++shard.ticket;
    shard.recent.forget();
  }
}

RowCacheStatistics RowCache::statistics() const {
  RowCacheStatistics sum;
  for (const Shard& shard : storage_) {
    const std::lock_guard lock(shard.mutex);
    sum.hits += shard.hits;
    sum.misses += shard.misses;
    sum.rows += shard.recent.rows();
    sum.bytes += shard.recent.bytes();
  }
  return sum;
}

}  // namespace intaglio::store
