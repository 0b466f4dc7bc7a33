// A gateway: judges what comes as gateway/gateway.h does, hands it on to the chains that it names,
// tells those chains' consensus nodes,
// and brings their answer back. Or one that lies: alters, forges, repeats, brings to other chains
// and keeps back, as far as what it holds lets it.
#pragma once

#include "gateway/admission.h"
#include "simulation/dice.h"
#include "simulation/timeline.h"

namespace intaglio::simulation {

class World;

using Reply = std::function<void(Result<tx::Receipt>)>;

// What a gateway knows of a transaction on one chain.
struct Found {
  ChainId chain;
  std::optional<tx::Receipt> receipt;
  Millis tip;  // the chain's time
};

class Door {
 public:
  Door(World& world, bool lies);

  // Bytes that came over a wire. `reply` is called once, now or later, or never.
  void submit(Bytes transaction, const Reply& reply);

  // What those chains have of it; nothing while one of them cannot be asked.
  std::optional<std::vector<Found>> find(const TxId& id, const std::vector<ChainId>& chains) const;

  Clock& clock() { return clock_; }

 private:
  void judge(ByteView transaction, const Reply& reply);
  void lie(Bytes transaction, const Reply& reply);
  void bring_elsewhere(ByteView transaction);
  void tell_consensus_nodes(const std::vector<ChainId>& chains, ByteView transaction);
  void refresh();
  bool can_reach(ByteView transaction) const;

  World& world_;
  Dice dice_;
  const bool lies_;
  Clock clock_;
  std::unique_ptr<gateway::Admission> admission_;
  std::uint64_t generation_ = UINT64_MAX;
  std::vector<Bytes> remembered_;
};

}  // namespace intaglio::simulation
