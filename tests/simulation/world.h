// The whole network in one process and one thread: chains, their consensus nodes, gateways, relays,
// clients, and the wires between them. All that happens follows from the plan, which follows from a
// seed.
#pragma once

#include <memory>

#include "simulation/audit.h"
#include "simulation/door.h"
#include "simulation/host.h"
#include "simulation/people.h"
#include "simulation/plan.h"
#include "simulation/relay.h"
#include "simulation/replica.h"
#include "simulation/sender.h"
#include "simulation/timeline.h"

namespace intaglio::simulation {

class World {
 public:
  explicit World(const Plan& plan);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // Things go wrong for a while, then no more, and everything must come to its end. What is wrong
  // is in audit().wrong().
  void run();

  const Plan& plan() const { return plan_; }
  const LedgerId& ledger() const { return ledger_; }
  const ledger::Genesis& genesis() const { return genesis_; }
  Timeline& timeline() { return timeline_; }
  Audit& audit() { return audit_; }
  const Model& model() const { return audit_.model(); }
  People& people() { return people_; }
  Dice& dice() { return dice_; }

  std::uint16_t chain_count() const { return static_cast<std::uint16_t>(hosts_.size()); }
  Host& host(ChainId chain) { return *hosts_.at(chain.value()); }
  // The chain's consensus nodes.
  using Replicas = std::vector<std::unique_ptr<Replica>>;
  const Replicas& replicas(ChainId chain) const;
  // nullptr while it is down, or when there is none.
  const chain::Application* chain(ChainId chain) const;
  // Changes whenever a chain went down or came up.
  std::uint64_t generation() const { return generation_; }
  void note_change() { ++generation_; }

  Door& any_door();
  Clock new_clock();
  bool calm() const { return calm_; }  // nothing goes wrong any more
  // Now and then, while things go wrong.
  bool strikes(std::uint64_t one_in) { return !calm_ && one_in != 0 && dice_.one_in(one_in); }

  // Over a wire: late, in any order, twice or never.
  void send(Timeline::Event message);
  void count(const std::string& what) { ++audit_.figures()[what]; }

  // Somebody else's money, under a key that is certified and not theirs.
  Bytes forged_transaction(Dice& dice, Millis valid_until);

  // The last second block of a height that this chain's accounting node signed, for who else lies.
  void note_twin(ChainId chain, Bytes signed_header) { twins_[chain] = std::move(signed_header); }
  std::optional<Bytes> twin(ChainId chain) const;

  void block_made(const ledger::BlockHeader& header);
  void everybody_crashes();
  Holder& add_holder(Person& person);
  Holder* holder(const AccountId& account);

 private:
  void add_replicas(ChainId chain);
  void strike();
  void crash_one();
  void set_a_clock();
  void set_clocks_right();
  bool are_level() const;
  bool is_settled();
  void settle_down();
  void finish();
  void figures_of_disks();

  const Plan plan_;
  Dice dice_;
  Timeline timeline_;
  People people_;
  ledger::Genesis genesis_;
  LedgerId ledger_;
  Audit audit_;
  std::vector<std::unique_ptr<Host>> hosts_;
  std::vector<Replicas> replicas_;  // of each chain of the genesis
  std::map<ChainId, Bytes> twins_;
  std::vector<std::unique_ptr<Door>> doors_;
  std::vector<std::unique_ptr<Relay>> relays_;
  std::vector<std::unique_ptr<Holder>> holders_;
  std::unique_ptr<Authority> authority_;
  std::unique_ptr<Issuer> issuer_;
  std::uint64_t generation_ = 0;
  bool calm_ = false;
};

}  // namespace intaglio::simulation
