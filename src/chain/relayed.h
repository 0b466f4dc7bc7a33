// What bringing one stream's packets costs in bytes between chains: counted from the signed
// transactions that a relay hands in, never estimated.
#pragma once

#include "chain/ways.h"

namespace intaglio::chain {

// Of the packets from one chain to another. What a destination's own nodes send each other is not
// in here.
struct Relayed {
  std::uint64_t groups = 0;         // deliveries with money in them
  std::uint64_t packets = 0;        // with money
  std::uint64_t data_bytes = 0;     // of these packets, as encoded
  std::uint64_t proof_bytes = 0;    // around them: header, path, the transaction and its signature
  std::uint64_t cursors = 0;        // deliveries back that told the source what has arrived
  std::uint64_t cursor_bytes = 0;   // of these, whole
  std::uint64_t control_bytes = 0;  // decisions, whole deliveries where no money came along; beats

  // All but control.
  std::uint64_t bytes() const { return data_bytes + proof_bytes + cursor_bytes; }
  Relayed& operator+=(const Relayed& other);

  static constexpr auto fields() {
    using codec::field;
    return std::tuple(
        field(1, "groups", &Relayed::groups, "deliveries with money in them"),
        field(2, "packets", &Relayed::packets, "with money"),
        field(3, "data_bytes", &Relayed::data_bytes, "of these packets"),
        field(4, "proof_bytes", &Relayed::proof_bytes, "header, path, signature around them"),
        field(5, "cursors", &Relayed::cursors, "deliveries back, of what has arrived"),
        field(6, "cursor_bytes", &Relayed::cursor_bytes, "of these"),
        field(7, "control_bytes", &Relayed::control_bytes, "decisions and beats"));
  }
};

// A delivery that is about to be handed to this chain, as a signed transaction of so many bytes. Of
// packets it counts for the stream from `delivery.from` to the chain, of a cursor (`cursors` is 1)
// for the stream the other way, which it acknowledges.
Relayed count_delivery(const ledger::View& to, const tx::DeliverPackets& delivery,
                       std::size_t bytes);

}  // namespace intaglio::chain
