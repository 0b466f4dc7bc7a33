// The ways between chains as a relay sees them: where there may be something to bring, what it is
// now, and what follows from an answer. Nothing here is remembered for long: what comes next is
// asked of the destination, and what is brought proves itself. Without a thread and without a
// clock; who sends is service/relay.h.
#pragma once

#include <set>

#include "chain/application.h"
#include "tx/packet/packet.h"

namespace intaglio::chain {

enum class Cargo { packets, cursor };

struct Way {
  ChainId from;
  ChainId to;
  Cargo cargo = Cargo::packets;
  auto operator<=>(const Way&) const = default;
};

// What may be brought on a way between these two now; nothing when all of it has arrived, or
// nothing more can be proven yet. Any thread. A cursor of the main chain is brought anew before the
// destination's is too old, and one of a chain that CometBFT orders before what the destination
// trusts of it is. Where the votes that it needs are not found, what tx::with_votes refuses, at the
// block that they would prove.
using NextDelivery = Result<std::optional<tx::DeliverPackets>>;
NextDelivery next_delivery(const Application& from, const Application& to, Cargo cargo, Millis now);

// Whether the source should hear soon what arrived: half of what may be on its way is.
bool is_half_full(const Application& from, ChainId to);

// Which ways are worth a look. On each one delivery is under way at a time, and no way waits for
// another. Not for several threads at once.
class Ways {
 public:
  // A block was made on one of `chains` chains; whether it is worth a look. One of a chain that
  // CometBFT orders is proven by the next one, so what it sent is looked at then.
  bool saw(const ledger::BlockHeader& header, std::uint16_t chains, bool by_comet = false);
  // Whatever was seen: once in a while all of them are.
  void look_at_all(std::uint16_t chains);
  void look_at(const Way& way) { ready_.insert(way); }

  bool any() const { return !ready_.empty(); }
  // Those worth a look, which they are no longer.
  std::set<Way> take() { return std::exchange(ready_, {}); }

  // Begins a delivery. False when one is under way, whose answer says that there may be more.
  bool begin(const Way& way) { return under_way_.insert(way).second; }
  // It was answered, or there was nothing to bring. What was refused is looked at again in the next
  // round.
  void end(const Way& way, bool accepted);

 private:
  std::set<Way> ready_;
  std::set<ChainId> sent_;  // chains that CometBFT orders whose last block sent something
  std::set<Way> under_way_;
};

}  // namespace intaglio::chain
