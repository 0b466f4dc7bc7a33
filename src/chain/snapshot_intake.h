// A snapshot that CometBFT brings, chunk by chunk in their order, until the chain goes on from it.
// Each chunk is checked as it comes, against the header that CometBFT has named; nothing of it is
// the chain's before all of it is there.
#pragma once

#include "chain/comet_snapshot.h"

namespace intaglio::chain {

// One thread.
class SnapshotIntake {
 public:
  // Chunks wait in `folder`, which is made anew: `file_failed`.
  static Result<std::unique_ptr<SnapshotIntake>> begin(CometSnapshot snapshot, std::string folder,
                                                       Env& env);
  // Removes the folder.
  ~SnapshotIntake();
  SnapshotIntake(const SnapshotIntake&) = delete;
  SnapshotIntake& operator=(const SnapshotIntake&) = delete;

  // How many chunks are in, which is the number of the next.
  std::size_t taken() const { return taken_; }
  bool is_complete() const { return taken_ == snapshot_.chunks(); }
  // Whether it is what the snapshot says of the next chunk; else somebody may have the right one.
  bool is_next(ByteView chunk) const;
  // The next one. What is refused shows that the snapshot is not of its block's state, whoever
  // brings it; `file_failed` says nothing of it.
  Result<void> take(ByteView chunk);

  // The chain goes on from it: Application::go_on_from. All its headers are kept as those of the
  // node's own blocks are (Application::own_proof): it must be able to make snapshots too. It must
  // be complete.
  Result<void> install(Application& chain) const;

 private:
  SnapshotIntake(CometSnapshot snapshot, std::string folder, Env& env);
  Result<void> take_rows(ByteView chunk);
  Result<void> take_headers(ByteView chunk);
  Result<void> finish() const;

  const CometSnapshot snapshot_;
  const std::string folder_;
  Env& env_;
  std::size_t taken_ = 0;
  std::uint64_t rows_ = 0;
  std::optional<ledger::Slot> last_slot_;
  Height oldest_;                             // with an outbox row
  std::vector<ledger::BlockHeader> headers_;  // the snapshot's, and those before it: newest first
};

}  // namespace intaglio::chain
