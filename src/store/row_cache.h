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
// A reader that missed takes its answer from the disk and may come back with it after a commit has
// changed the row. Its ticket tells: apply() makes all earlier tickets of the rows it touches void.
class RowCache {
 public:
  explicit RowCache(std::size_t max_bytes);

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

  RowCacheStatistics statistics() const;

 private:
  // Keyed, so that nobody who chooses ids can choose ids that collide.
  struct Hash {
    std::array<std::uint64_t, 2> key;
    std::size_t operator()(std::string_view slot) const noexcept;
  };
  struct Entry {
    std::string slot;
    std::optional<Bytes> row;
  };
  // A least-recently-used list of bounded size. Not locked by itself.
  class Recent {
   public:
    Recent(std::size_t max_bytes, const Hash& hash) : max_bytes_(max_bytes), index_(0, hash) {}
    const Entry* find(const std::string& slot);
    void put(const std::string& slot, const std::optional<Bytes>& row);
    std::size_t rows() const { return index_.size(); }
    std::size_t bytes() const { return bytes_; }

   private:
    std::size_t max_bytes_;
    std::size_t bytes_ = 0;
    std::list<Entry> order_;  // newest first
    std::unordered_map<std::string_view, std::list<Entry>::iterator, Hash> index_;
  };
  struct Shard {
    Shard(std::size_t max_bytes, const Hash& hash);
    // Two lists, so that the rows of events (receipts, entries), which come with every transaction
    // and are seldom asked for later, do not push out balances and keys.
    Recent& of(const ledger::Slot& slot);
    mutable std::mutex mutex;
    Recent standing;
    Recent passing;
    std::uint64_t ticket = 0;
    std::uint64_t hits = 0;
    std::uint64_t misses = 0;
  };
  static constexpr std::size_t kShards = 16;
  Shard& shard_of(const ledger::Slot& slot);

  Hash hash_;
  std::list<Shard> storage_;
  std::array<Shard*, kShards> shards_{};
};

}  // namespace intaglio::store
