// What crosses chains. For every ordered pair of chains there is one stream of packets, numbered
// from 0. The source debits, numbers and keeps a packet in one write; the destination knows by its
// cursor which packet comes next, so a relay needs neither memory nor trust. A header commits to
// the packets of its block, in groups (`outbox`), and to the cursors after it (`cursors`).
#pragma once

#include <span>
#include <vector>

#include "ledger/nodes.h"
#include "ledger/packets.h"

namespace intaglio::ledger {

// A packet that was sent and is not yet known to have arrived.
struct PacketRow {
  struct Key {
    ChainId to;
    std::uint64_t number = 0;
  };
  static constexpr RowKind kKind = RowKind::packet;
  static Slot slot(const Key& key) { return Slot(kKind).put(key.to.value()).put(key.number); }

  Packet packet;
  Height height;  // of the block that sent it
  static constexpr auto fields() {
    return std::tuple(field(1, "packet", &PacketRow::packet, "as the destination gets it"),
                      field(2, "height", &PacketRow::height, "the block that sent it"));
  }
};

// The source's end of a stream.
struct OutStreamRow {
  using Key = ChainId;  // the destination
  static constexpr RowKind kKind = RowKind::out_stream;
  static Slot slot(Key to) { return Slot(kKind).put(to.value()); }

  std::uint64_t next = 0;           // the number of the next packet
  std::uint64_t arrived = 0;        // the destination's cursor, as far as it is known here
  std::uint64_t bytes = 0;          // of all packets' encodings, ever
  std::uint64_t control_bytes = 0;  // of them, what the main chain decided
  static constexpr auto fields() {
    return std::tuple(
        field(1, "next", &OutStreamRow::next, "the number of the next packet"),
        field(2, "arrived", &OutStreamRow::arrived, "all before it have arrived"),
        field(3, "bytes", &OutStreamRow::bytes, "of all packets, ever"),
        field(4, "control_bytes", &OutStreamRow::control_bytes, "of them, in decisions"));
  }
};

// The destination's end of a stream: its cursor.
struct InStreamRow {
  using Key = ChainId;  // the source
  static constexpr RowKind kKind = RowKind::in_stream;
  static Slot slot(Key from) { return Slot(kKind).put(from.value()); }

  std::uint64_t next = 0;
  Millis as_of;  // the source's time at which this chain had all that was sent here
  static constexpr auto fields() {
    return std::tuple(field(1, "next", &InStreamRow::next, "the packet expected next"),
                      field(2, "as_of", &InStreamRow::as_of, "source's time; all had arrived"));
  }
};

// All that ever went to and came from another chain, modulo 2^64: what one chain sent and the other
// has not received is in flight.
struct TransitRow {
  struct Key {
    ChainId other;
    AssetId asset;
  };
  static constexpr RowKind kKind = RowKind::transit;
  static Slot slot(const Key& key) {
    return Slot(kKind).put(key.other.value()).put(key.asset.value());
  }

  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  static constexpr auto fields() {
    return std::tuple(field(1, "sent", &TransitRow::sent, "to that chain, modulo 2^64"),
                      field(2, "received", &TransitRow::received, "from it, modulo 2^64"));
  }
};

// Money that came back and that nobody here can be credited with. It stays visible, under the name
// of the entry that it would have been.
struct SuspenseRow {
  using Key = OperationRef;
  static constexpr RowKind kKind = RowKind::suspense;
  static Slot slot(const Key& ref) { return Slot(kKind).put(ref.tx.view()).put(ref.index); }

  AccountId account;  // whom it was for
  AssetId asset;
  Amount amount;
  static constexpr auto fields() {
    return std::tuple(field(1, "account", &SuspenseRow::account, "whom it was for"),
                      field(2, "asset", &SuspenseRow::asset, "of which asset"),
                      field(3, "amount", &SuspenseRow::amount, "how much"));
  }
};

// Packets of one block for one destination, following each other: what is delivered at once.
struct OutboxGroup {
  ChainId to;
  std::uint64_t first = 0;
  std::uint32_t count = 0;
  Digest packets;  // Merkle root over the packets' encoding
  static constexpr auto fields() {
    return std::tuple(field(1, "to", &OutboxGroup::to, "the destination"),
                      field(2, "first", &OutboxGroup::first, "the number of its first packet"),
                      field(3, "count", &OutboxGroup::count, "how many"),
                      field(4, "packets", &OutboxGroup::packets, "Merkle root over the packets"));
  }
};

// Packets, and the bytes of their rows: a group always fits into one transaction.
inline constexpr std::size_t kMaxGroup = 64;
inline constexpr std::size_t kMaxGroupBytes = 24 * 1024;

// The groups of one block, in the order of destination and number.
struct OutboxRow {
  using Key = Height;
  static constexpr RowKind kKind = RowKind::outbox;
  static Slot slot(Key height) { return Slot(kKind).put(height.value()); }

  std::vector<OutboxGroup> groups;
  static constexpr auto fields() {
    return std::tuple(field(1, "groups", &OutboxRow::groups, "by destination and number"));
  }
};

// How far the streams with one other chain are, as a header commits to it.
struct Cursor {
  ChainId other;
  std::uint64_t received = 0;
  std::uint64_t sent = 0;
  static constexpr auto fields() {
    return std::tuple(field(1, "other", &Cursor::other, "the other chain"),
                      field(2, "received", &Cursor::received, "the packet expected from it next"),
                      field(3, "sent", &Cursor::sent, "the number of the next packet to it"));
  }
};

// Whether so many more packets of a user's may be sent now: `stream_full` when too many are on the
// way, `account_stream_full` when too many of the account's are. A refund or decision is sent all
// the same.
struct Sending {
  ChainId to;
  AccountId from;
  std::size_t packets = 1;
};
Result<void> check_window(const View& state, const ParamsRow& params, const Sending& sending);

// Numbers the packet and keeps it for the relay.
void send_packet(Stage& stage, Height height, ChainId to, const Packet& packet);

// Sends a decision of the main chain's to each of these chains.
template <Decision T>
void announce(Stage& stage, Height height, std::span<const ChainId> to, const T& decision) {
  for (const ChainId each : to) send_packet(stage, height, each, Packet(decision));
}

// All chains but the main chain, ascending.
std::vector<ChainId> sub_chains(const View& state);

// Takes note that the destination has all packets before `next`, and forgets those, and the
// outboxes of which everything has arrived. Nothing happens when that was known.
void note_arrival(Stage& stage, ChainId to, std::uint64_t next);

// At the end of a block: the groups that its packets make, written as its OutboxRow.
OutboxRow seal_outbox(Stage& stage, Height height);

// The cursors of this chain with all others, ascending.
std::vector<Cursor> cursors_of(const View& state, ChainId chain);

Digest packets_root(std::span<const Packet> packets);
std::vector<Digest> leaves_of(const OutboxRow& outbox);
std::vector<Digest> leaves_of(std::span<const Cursor> cursors);

}  // namespace intaglio::ledger
