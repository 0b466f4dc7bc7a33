// The relay: a thread that brings packets and cursors from chain to chain. What it brings next, and
// what follows from an answer, is chain/ways.h's.
#pragma once

#include <condition_variable>
#include <map>
#include <thread>

#include "chain/relayed.h"
#include "service/sender.h"

namespace intaglio::service {

class Relay {
 public:
  // The sender, whose key is a node's, its gateway and the Env must outlive the relay.
  Relay(Sender& sender, Env& env);
  ~Relay();
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  void start();
  void stop();

  // That this chain made a block; on any thread.
  void saw(const ledger::BlockHeader& header);

  // What it brought of the stream from one chain to another, and for it; on any thread.
  chain::Relayed relayed(const tx::Route& stream) const;
  // Why it can bring nothing of that stream now, though there is something: the votes that prove it
  // are not found. On any thread.
  std::optional<Refusal> held_up(const tx::Route& stream) const;

 private:
  // Shared with the callbacks of what was sent.
  struct Shared {
    std::mutex mutex;
    std::condition_variable wake;
    chain::Ways ways;
    std::map<std::pair<ChainId, ChainId>, chain::Relayed> brought;  // by source and destination
    std::map<chain::Way, Refusal> held_up;                          // for want of votes
    bool stopping = false;
  };

  void run();
  void bring(const chain::Way& way);
  void note(const chain::Way& way, const chain::NextDelivery& next);
  void send(const chain::Way& way, tx::DeliverPackets delivery);
  const chain::Application& chain_at(ChainId chain) const;

  Sender& sender_;
  Env& env_;
  const std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
  std::thread thread_;
};

}  // namespace intaglio::service
