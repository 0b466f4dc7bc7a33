// A relay: brings packets and cursors as service/relay.h does. Or one that lies: forges packets and
// proofs, signs headers itself, leaves gaps, and brings again what it brought before.
#pragma once

#include "chain/ways.h"
#include "simulation/dice.h"
#include "simulation/people.h"
#include "simulation/timeline.h"

namespace intaglio::simulation {

class World;

class Relay {
 public:
  Relay(World& world, Person& person, bool lies);

  void start();
  // That this chain made a block; over a wire.
  void saw(const ledger::BlockHeader& header);

 private:
  void look_around();
  void bring_all();
  void bring(const chain::Way& way);
  void send(const chain::Way& way, tx::DeliverPackets delivery);
  void lie();
  std::optional<tx::DeliverPackets> from_further_on(const chain::Way& way);
  bool make_worse(tx::DeliverPackets& delivery);
  bool make_finality_worse(tx::DeliverPackets& delivery);
  Bytes signed_by_itself(ByteView header);

  World& world_;
  Person& person_;
  Dice dice_;
  const bool lies_;
  Clock clock_;
  chain::Ways ways_;
  std::map<chain::Way, std::uint64_t> under_way_;  // which sending
  std::uint64_t sent_ = 0;
  std::set<chain::Way> given_up_;  // a bug, when it is put in
  std::vector<std::pair<ChainId, tx::DeliverPackets>> remembered_;
};

}  // namespace intaglio::simulation
