// The relay: brings packets and cursors from chain to chain. It remembers nothing: what comes next
// is asked of the destination, and what it brings proves itself. On each way one delivery is under
// way at a time, and no way waits for another.
#pragma once

#include <condition_variable>
#include <set>
#include <thread>

#include "service/sender.h"
#include "tx/packet/packet.h"

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

 private:
  enum class Cargo { packets, cursor };
  struct Way {
    ChainId from;
    ChainId to;
    Cargo cargo = Cargo::packets;
    auto operator<=>(const Way&) const = default;
  };
  // Shared with the callbacks of what was sent.
  struct Ways {
    std::mutex mutex;
    std::condition_variable wake;
    std::set<Way> ready;      // there may be something to bring
    std::set<Way> under_way;  // sent, and not yet answered
    bool stopping = false;
  };

  void run();
  std::set<Way> all_ways() const;
  void bring(const Way& way);
  std::optional<tx::DeliverPackets> next_on(const Way& way) const;
  std::optional<tx::DeliverPackets> cursor_on(const Way& way) const;
  bool is_half_full(const Way& way) const;

  Sender& sender_;
  Env& env_;
  const std::shared_ptr<Ways> ways_ = std::make_shared<Ways>();
  std::thread thread_;
};

}  // namespace intaglio::service
