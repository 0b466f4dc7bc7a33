#include "store/row_cache.h"

#include <cstring>
#include <random>

namespace intaglio::store {
namespace {

// What an entry takes besides its key and row: nodes of list and index, allocations.
constexpr std::size_t kEntryOverhead = 176;

std::size_t size_of(const std::string& slot, const std::optional<Bytes>& row) {
  return kEntryOverhead + slot.size() + (row ? row->size() : 0);
}

// Rows of something that happened: written about once, read soon or hardly ever.
bool is_passing(ledger::RowKind kind) {
  switch (kind) {
    case ledger::RowKind::hold:
    case ledger::RowKind::entry:
    case ledger::RowKind::receipt:
    case ledger::RowKind::code: return true;
    case ledger::RowKind::params:
    case ledger::RowKind::asset:
    case ledger::RowKind::account:
    case ledger::RowKind::balance:
    case ledger::RowKind::key:
    case ledger::RowKind::display: return false;
  }
  return true;
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

std::size_t RowCache::Hash::operator()(std::string_view slot) const noexcept {
  std::uint64_t state = key[0] ^ slot.size();
  for (std::size_t at = 0; at < slot.size(); at += sizeof state) {
    std::uint64_t word = 0;
    std::memcpy(&word, slot.data() + at, std::min(sizeof word, slot.size() - at));
    state = folded_product(state ^ key[1], word ^ key[0]) + word;
  }
  return folded_product(state ^ key[0], key[1]);
}

const RowCache::Entry* RowCache::Recent::find(const std::string& slot) {
  const auto found = index_.find(slot);
  if (found == index_.end()) return nullptr;
  order_.splice(order_.begin(), order_, found->second);
  return &*found->second;
}

void RowCache::Recent::put(const std::string& slot, const std::optional<Bytes>& row) {
  if (const auto found = index_.find(slot); found != index_.end()) {
    Entry& entry = *found->second;
    bytes_ -= size_of(entry.slot, entry.row);
    entry.row = row;
    order_.splice(order_.begin(), order_, found->second);
  } else {
    order_.push_front({slot, row});
    index_.emplace(order_.front().slot, order_.begin());
  }
  bytes_ += size_of(slot, row);
  while (bytes_ > max_bytes_) {
    const Entry& oldest = order_.back();
    bytes_ -= size_of(oldest.slot, oldest.row);
    index_.erase(oldest.slot);
    order_.pop_back();
  }
}

RowCache::Shard::Shard(std::size_t max_bytes, const Hash& hash)
    : standing(max_bytes - max_bytes / 8, hash), passing(max_bytes / 8, hash) {}

RowCache::Recent& RowCache::Shard::of(const ledger::Slot& slot) {
  return is_passing(slot.kind()) ? passing : standing;
}

RowCache::RowCache(std::size_t max_bytes) : hash_{{random_word() | 1, random_word() | 1}} {
  for (Shard*& shard : shards_) shard = &storage_.emplace_back(max_bytes / kShards, hash_);
}

RowCache::Shard& RowCache::shard_of(const ledger::Slot& slot) {
  // The high bits: the index inside a shard uses the low ones.
  return *shards_[hash_(slot.bytes()) >> 60];
}

RowCache::Answer RowCache::find(const ledger::Slot& slot) {
  Shard& shard = shard_of(slot);
  const std::lock_guard lock(shard.mutex);
  if (const Entry* entry = shard.of(slot).find(slot.bytes())) {
    ++shard.hits;
    return {true, entry->row, 0};
  }
  ++shard.misses;
  return {false, std::nullopt, shard.ticket};
}

void RowCache::learn(const ledger::Slot& slot, const std::optional<Bytes>& row,
                     std::uint64_t ticket) {
  Shard& shard = shard_of(slot);
  const std::lock_guard lock(shard.mutex);
  if (shard.ticket == ticket) shard.of(slot).put(slot.bytes(), row);
}

void RowCache::apply(const ledger::ChangeSet& changes) {
  for (const auto& [slot, change] : changes) {
    Shard& shard = shard_of(slot);
    const std::lock_guard lock(shard.mutex);
    ++shard.ticket;
    shard.of(slot).put(slot.bytes(), change.after);
  }
}

RowCacheStatistics RowCache::statistics() const {
  RowCacheStatistics sum;
  for (const Shard& shard : storage_) {
    const std::lock_guard lock(shard.mutex);
    sum.hits += shard.hits;
    sum.misses += shard.misses;
    sum.rows += shard.standing.rows() + shard.passing.rows();
    sum.bytes += shard.standing.bytes() + shard.passing.bytes();
  }
  return sum;
}

}  // namespace intaglio::store
