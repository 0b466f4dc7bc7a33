// The machine of one chain: its disk, its clock, and the process on it that makes blocks as
// chain/sequencer.h does, until it crashes, wherever it is.
#pragma once

#include <memory>

#include "chain/application.h"
#include "chain/mempool.h"
#include "simulation/disk.h"
#include "simulation/plan.h"
#include "simulation/timeline.h"

namespace intaglio::simulation {

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
  Clock& clock() { return clock_; }
  Disk& disk() { return disk_; }

  // Into the next block; lost when the machine is down.
  void submit(tx::VerifiedTransaction transaction, chain::Done done);

 private:
  void plan_block();
  void make_block();
  // One moment at which the process may end; whether it did.
  bool ends(std::string_view where);
  bool answer(chain::Batch batch, std::span<const tx::Receipt> receipts);

  World& world_;
  const ChainId chain_;
  Disk disk_;
  Clock clock_;
  std::unique_ptr<chain::Application> application_;
  std::unique_ptr<chain::Mempool> mempool_;
  std::uint64_t planned_ = 0;  // which planned look counts
};

}  // namespace intaglio::simulation
