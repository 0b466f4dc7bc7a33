// The machine of one chain: its disk, its clock, and the process on it that makes blocks and has
// them signed as chain/sequencer.h does, until it crashes, wherever it is. It may lie to the
// chain's consensus nodes, and come back with an old copy of its folder.
#pragma once

#include <memory>

#include "chain/accounting_node.h"
#include "simulation/disk.h"
#include "simulation/plan.h"
#include "simulation/timeline.h"

namespace intaglio::simulation {

class Replica;
class World;

class Host {
 public:
  Host(World& world, ChainId chain);
  ~Host();
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  // Switched on; it may crash while it starts.
  void start();
  // The process ends at once, and what was not synced may be gone. It starts again by itself.
  void crash();

  // nullptr while it is down.
  const chain::Application* application() const { return application_.get(); }
  bool has_old_copy() const { return newest_.has_value(); }
  Clock& clock() { return clock_; }
  const Disk& disk() const { return disk_; }

  // Into the next block; lost when the machine is down.
  void submit(tx::VerifiedTransaction transaction, const chain::Done& done);

 private:
  // A folder as it was, and the last block in it.
  struct Copy {
    Disk::Image image;
    Height tip;
  };

  // One turn of the sequencer's loop; what ends the process ends the turn.
  void look();
  void plan_look();
  std::optional<std::chrono::nanoseconds> block_due() const;
  bool propose();
  bool commit();
  bool ask_others();
  void ask(Replica& other, const chain::Message& message);
  void heard_from(const KeyHash& node, std::uint64_t asking, const Bytes* standing);
  chain::Clocks clocks() const;

  // One moment at which the process may end; whether it did.
  bool ends(std::string_view where);
  // The next write may be cut off; whether the process is there after it.
  void endanger(std::uint64_t one_in);
  bool survived(std::string_view where);
  bool answer(chain::Batch batch, std::span<const tx::Receipt> receipts);

  void lie_to(Replica& other, const chain::Proposal& proposal);
  void lie(Replica& other, const chain::Message& message);
  bool may_show_twin(const Replica& other, const BlockHash& proposed) const;
  void copy_folder();
  void put_old_copy_back();
  void put_newest_back();

  // Bugs put in on purpose.
  void make_spoiled_block();
  void forget_proposal();
  bool commit_without_quorum();

  World& world_;
  const ChainId chain_;
  Dice lies_;
  Disk disk_;
  Clock clock_;
  std::unique_ptr<chain::Application> application_;
  std::unique_ptr<chain::Mempool> mempool_;
  std::unique_ptr<chain::AccountingNode> accounting_;
  std::uint64_t planned_ = 0;  // which planned look counts
  std::uint64_t asked_ = 0;
  std::map<KeyHash, std::uint64_t> under_way_;  // which asking of a node counts
  std::optional<chain::Proposal> shown_;        // the open block, once it was
  std::vector<std::pair<Height, chain::Proposal>> twins_;
  std::optional<Copy> copy_;    // made a while ago
  std::optional<Copy> newest_;  // while it runs on that
};

}  // namespace intaglio::simulation
