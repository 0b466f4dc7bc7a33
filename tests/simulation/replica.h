// The machine of one consensus node: its disk, its clock, and the process on it that answers its
// accounting node as chain/consensus_thread.h does, until it crashes, wherever it is.
#pragma once

#include <memory>

#include "chain/consensus_node.h"
#include "crypto/seeded_key_for_test.h"
#include "simulation/disk.h"
#include "simulation/timeline.h"

namespace intaglio::simulation {

class World;

class Replica {
 public:
  Replica(World& world, ChainId chain, const crypto::SeededKey& key);
  ~Replica();
  Replica(const Replica&) = delete;
  Replica& operator=(const Replica&) = delete;

  // Switched on; it may crash while it starts.
  void start();
  // The process ends at once, and what was not synced may be gone. It starts again by itself.
  void crash();

  // nullptr while it is down.
  const chain::ConsensusNode* node() const { return node_.get(); }
  KeyHash key() const { return key_.public_key().hash(); }
  Clock& clock() { return clock_; }
  const Disk& disk() const { return disk_; }

  // What came over a wire: a transaction, and what its accounting node asks. Where it stands then
  // goes to `reply`, encoded, unless it is down.
  void hear(Bytes transaction);
  using Reply = std::function<void(Bytes standing)>;
  void ask(ByteView bytes, const Reply& reply);

 private:
  bool ends(std::string_view where);
  Result<std::unique_ptr<chain::ConsensusNode>> open();
  // Bugs put in on purpose.
  void forget_word();
  void sign_unexecuted(const chain::Message& message, chain::Standing& standing);

  World& world_;
  const ChainId chain_;
  const crypto::SeededKey& key_;
  Dice dice_;
  Disk disk_;
  Clock clock_;
  std::unique_ptr<chain::ConsensusNode> node_;
  std::uint64_t life_ = 0;  // since its last crash
};

}  // namespace intaglio::simulation
