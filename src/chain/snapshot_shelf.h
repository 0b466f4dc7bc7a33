// The snapshots that a node of a chain ordered by CometBFT holds ready for others: made on a thread
// of their own while the chain goes on, the last two kept, each in a folder named by its height.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <thread>

#include "chain/comet_snapshot.h"

namespace intaglio::chain {

class SnapshotShelf {
 public:
  static constexpr std::size_t kKept = 2;

  // What is whole in `folder`, which is made; all else there is removed: it is the shelf's own.
  // `file_failed`. The chain must outlive it.
  static Result<std::unique_ptr<SnapshotShelf>> open(const Application& chain, std::string folder,
                                                     Env& env, std::size_t chunk_rows = kChunkRows);
  // Leaves one that is being made unmade.
  ~SnapshotShelf();
  SnapshotShelf(const SnapshotShelf&) = delete;
  SnapshotShelf& operator=(const SnapshotShelf&) = delete;

  // Begins to make one of that state and returns; does nothing while another is being made. What
  // comes in its way is logged, and then there is none. One thread, wait() too.
  void make(std::shared_ptr<const store::StateSnapshot> state);
  // Until the one that is being made is there, or is given up.
  void wait();

  // Any thread. By height, ascending.
  std::vector<CometSnapshot> list() const;
  std::optional<Height> oldest() const;
  // A chunk of one of those; nothing when there is no such.
  std::optional<Bytes> chunk(Height height, std::size_t number) const;

 private:
  SnapshotShelf(const Application& chain, std::string folder, Env& env, std::size_t chunk_rows);
  std::string place(Height height) const;
  Result<CometSnapshot> write(const store::StateSnapshot& state);
  void put(CometSnapshot snapshot);

  const Application& chain_;
  const std::string folder_;
  Env& env_;
  const std::size_t chunk_rows_;
  mutable std::mutex mutex_;  // guards held_
  std::map<Height, CometSnapshot> held_;
  std::atomic<bool> is_making_ = false;
  std::atomic<bool> is_over_ = false;
  std::thread thread_;
};

}  // namespace intaglio::chain
