// The relay: brings packets and cursors from chain to chain. It remembers nothing: what comes next
// is asked of the destination, and what it brings proves itself.
#pragma once

#include <condition_variable>
#include <set>
#include <thread>

#include "service/sender.h"
#include "tx/packet/packet.h"

namespace intaglio::service {

class Relay {
 public:
  // The sender, whose key is a node's, and its gateway must outlive the relay.
  explicit Relay(Sender& sender);
  ~Relay();
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  void start();
  void stop();

  // That this chain made a block; on any thread.
  void saw(const ledger::BlockHeader& header);

 private:
  struct Delivery {
    ChainId to;
    tx::DeliverPackets operation;
  };
  void run();
  // Once over the streams from these chains; whether anything arrived.
  bool bring(const std::set<ChainId>& sources, bool with_cursors);
  void collect(const tx::Route& route, bool with_cursor, std::vector<Delivery>& out) const;
  bool send(std::vector<Delivery> deliveries);

  Sender& sender_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::set<ChainId> sources_;  // chains that sent something since
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace intaglio::service
