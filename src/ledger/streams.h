// What crosses chains. For every ordered pair of chains there is one stream of packets, numbered
// from 0. The source debits, numbers and keeps a packet in one write; the destination knows by its
// cursor which packet comes next, so a relay needs neither memory nor trust. A header commits to
// the packets of its block, in groups (`outbox`), and to the cursors after it (`cursors`).
#pragma once

#include <span>
#include <vector>

#include "ledger/rows.h"
#include "ledger/stage.h"

namespace intaglio::ledger {

enum class PacketKind : std::uint8_t { credit = 1, refund = 2 };

// A credit never fails: what the destination cannot credit comes back as a refund.
struct Packet {
  PacketKind kind = PacketKind::credit;
  OperationRef payment;  // the transfer that it carries, or whose money it gives back
  AccountId from;        // debited on the source; a credit that fails goes back to it
  AccountId to;          // credited on the destination
  AssetId asset;
  Amount amount;
  std::optional<Millis> expires;  // a credit: the last block time of the destination it is good for
  std::optional<std::string> memo;
  std::optional<CodeRow::Key> code;      // a credit: the payment code that it pays
  std::optional<std::uint16_t> verdict;  // a refund: why; nothing when the payee gave it back

  static constexpr auto fields() {
    return std::tuple(
        field(1, "kind", &Packet::kind, "credit or refund"),
        field(2, "payment", &Packet::payment, "the transfer it carries or gives back"),
        field(3, "from", &Packet::from, "debited on the source"),
        field(4, "to", &Packet::to, "credited on the destination"),
        field(5, "asset", &Packet::asset, "of which asset"),
        field(6, "amount", &Packet::amount, "how much"),
        field(7, "expires", &Packet::expires, "last block time of the destination"),
        field(8, "memo", &Packet::memo, "the payer's words"),
        field(9, "code", &Packet::code, "the payment code that is paid"),
        field(10, "verdict", &Packet::verdict, "why it comes back; none: the payee's wish"));
  }
};

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

  std::uint64_t next = 0;     // the number of the next packet
  std::uint64_t arrived = 0;  // the destination's cursor, as far as it is known here
  static constexpr auto fields() {
    return std::tuple(field(1, "next", &OutStreamRow::next, "the number of the next packet"),
                      field(2, "arrived", &OutStreamRow::arrived, "all before it have arrived"));
  }
};

// The destination's end of a stream: its cursor.
struct InStreamRow {
  using Key = ChainId;  // the source
  static constexpr RowKind kKind = RowKind::in_stream;
  static Slot slot(Key from) { return Slot(kKind).put(from.value()); }

  std::uint64_t next = 0;
  static constexpr auto fields() {
    return std::tuple(field(1, "next", &InStreamRow::next, "the packet expected next"));
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

// Money that came back and that nobody here can be credited with. It stays visible.
struct SuspenseRow {
  struct Key {
    ChainId from;
    std::uint64_t number = 0;  // of the packet
  };
  static constexpr RowKind kKind = RowKind::suspense;
  static Slot slot(const Key& key) { return Slot(kKind).put(key.from.value()).put(key.number); }

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

// Packets; as long as they can be, they still fit into one transaction.
inline constexpr std::size_t kMaxGroup = 64;

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

// Who signs for a chain. One row for every chain of the ledger, on every chain.
struct NodesRow {
  using Key = ChainId;
  static constexpr RowKind kKind = RowKind::nodes;
  static Slot slot(Key chain) { return Slot(kKind).put(chain.value()); }

  KeyHash accounting;  // signs the headers
  static constexpr auto fields() {
    return std::tuple(field(1, "accounting", &NodesRow::accounting, "signs the chain's headers"));
  }
};

// A cursor as a header commits to it.
struct Cursor {
  ChainId from;
  std::uint64_t next = 0;
  static constexpr auto fields() {
    return std::tuple(field(1, "from", &Cursor::from, "the source"),
                      field(2, "next", &Cursor::next, "the packet expected next"));
  }
};

// Whether one more packet of a user's may be sent now: `stream_full` when too many are on the way.
// A refund is sent all the same.
Result<void> check_window(const View& state, const ParamsRow& params, ChainId to);

// Numbers the packet and keeps it for the relay.
void send_packet(Stage& stage, Height height, ChainId to, const Packet& packet);

// Takes note that the destination has all packets before `next`, and forgets those. Nothing happens
// when that was known.
void note_arrival(Stage& stage, ChainId to, std::uint64_t next);

// At the end of a block: the groups that its packets make, written as its OutboxRow.
OutboxRow seal_outbox(Stage& stage, Height height);

// The cursors of this chain for all others, ascending.
std::vector<Cursor> cursors_of(const View& state, ChainId chain);

Digest packets_root(std::span<const Packet> packets);
std::vector<Digest> leaves_of(const OutboxRow& outbox);
std::vector<Digest> leaves_of(std::span<const Cursor> cursors);

}  // namespace intaglio::ledger

template <>
struct intaglio::codec::EnumNames<intaglio::ledger::PacketKind> {
  using PacketKind = intaglio::ledger::PacketKind;
  static constexpr std::pair<PacketKind, std::string_view> kNames[] = {
      {PacketKind::credit, "credit"}, {PacketKind::refund, "refund"}};
};
