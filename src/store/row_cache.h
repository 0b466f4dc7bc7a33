// What is known of rows without asking the disk, also that a row is not there. Inside this module
// alone: ChainStore keeps it in step with the disk.
#pragma once

#include <array>
#include <list>
#include <mutex>
#include <unordered_map>

#include "ledger/stage.h"

namespace intaglio::store {

struct RowCacheStatistics {
  std::uint64_t hits = 0;
  std::uint64_t misses = 0;
  std::size_t rows = 0;
  std::size_t bytes = 0;  // about; never above the limit
};

// Least recently used rows leave first. Any thread.
//
// Rows of something that happened (receipts, entries, holds, codes, packets) come with every
// transaction and are seldom asked for later: keeping them costs more than it saves, so the cache
// leaves them out.
//
// A reader that missed takes its answer from the disk and may come back with it after a commit has
// changed the row. Its ticket tells: apply() makes all earlier tickets of the rows it touches void,
// forget() all that there are.
class RowCache {
 public:
  explicit RowCache(std::size_t max_bytes);

  // Whether it keeps rows of this kind at all; only those may be asked for and learned.
  static bool holds(ledger::RowKind kind);

  struct Answer {
    bool known = false;
    std::optional<Bytes> row;  // when known
    std::uint64_t ticket = 0;  // when not, for learn()
  };
  Answer find(const ledger::Slot& slot);

  // What the disk held after find() gave this ticket. Ignored when the ticket is void.
  void learn(const ledger::Slot& slot, const std::optional<Bytes>& row, std::uint64_t ticket);

  // What a commit changed, once it is on the disk and before anybody is told.
  void apply(const ledger::ChangeSet& changes);

  // All of it, once all rows on the disk may be others.
  void forget();

  RowCacheStatistics statistics() const;

 private:
  // Of a slot: keyed, so that nobody who chooses ids can choose ids that collide. The high bits
  // name the shard, the low ones the place in its index.
  using Hash = std::uint64_t;
  Hash hash_of(const ledger::Slot& slot) const;
  struct Unchanged {
    std::size_t operator()(Hash hash) const noexcept { return hash; }
  };
  struct Entry {
    Hash hash;
    ledger::Slot slot;
    std::optional<Bytes> row;
  };
  // A least-recently-used list of bounded size. Of two slots with one hash it keeps the newer: a
  // cache may forget. Not locked by itself.
  class Recent {
   public:
    explicit Recent(std::size_t max_bytes) : max_bytes_(max_bytes) {}
    const Entry* find(Hash hash, const ledger::Slot& slot);
    void put(Hash hash, const ledger::Slot& slot, const std::optional<Bytes>& row);
    void forget();
    std::size_t rows() const { return index_.size(); }
    std::size_t bytes() const { return bytes_; }

   private:
    std::size_t max_bytes_;
    std::size_t bytes_ = 0;
    std::list<Entry> order_;  // newest first
    std::unordered_map<Hash, std::list<Entry>::iterator, Unchanged> index_;
  };
  struct Shard {
    explicit Shard(std::size_t max_bytes) : recent(max_bytes) {}
    mutable std::mutex mutex;
    Recent recent;
    std::uint64_t ticket = 0;
    std::uint64_t hits = 0;
    std::uint64_t misses = 0;
  };
  static constexpr std::size_t kShards = 16;
  Shard& shard_of(Hash hash) { return *shards_[hash >> 60]; }

  const std::array<std::uint64_t, 2> hash_key_;
  std::list<Shard> storage_;
  std::array<Shard*, kShards> shards_{};
};

}  // namespace intaglio::store
