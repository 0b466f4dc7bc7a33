#include "ledger/streams.h"

#include "crypto/merkle.h"

namespace intaglio::ledger {
namespace {

template <typename T>
std::vector<Digest> hash_all(std::span<const T> records) {
  std::vector<Digest> leaves;
  leaves.reserve(records.size());
  for (const T& each : records) leaves.push_back(crypto::merkle_leaf(codec::encode_record(each)));
  return leaves;
}

// Destination and number from a packet's slot.
PacketRow::Key key_of(const Slot& slot) {
  SlotReader reader(slot);
  const ChainId to(reader.take<std::uint16_t>());
  return {to, reader.take<std::uint64_t>()};
}

}  // namespace

Result<void> check_window(const View& state, const ParamsRow& params, ChainId to) {
  const auto stream = state.find<OutStreamRow>(to).value_or(OutStreamRow{});
  if (stream.next - stream.arrived >= params.max_in_flight) return refuse(Verdict::stream_full);
  return {};
}

void send_packet(Stage& stage, Height height, ChainId to, const Packet& packet) {
  auto stream = stage.find<OutStreamRow>(to).value_or(OutStreamRow{});
  auto transit = stage.find<TransitRow>({to, packet.asset}).value_or(TransitRow{});
  transit.sent += packet.amount.value();
  stage.put<PacketRow>({to, stream.next}, {.packet = packet, .height = height});
  ++stream.next;
  stage.put<OutStreamRow>(to, stream);
  stage.put<TransitRow>({to, packet.asset}, transit);
}

void note_arrival(Stage& stage, ChainId to, std::uint64_t next) {
  auto stream = stage.find<OutStreamRow>(to).value_or(OutStreamRow{});
  if (next <= stream.arrived) return;
  for (std::uint64_t number = stream.arrived; number < next; ++number) {
    stage.erase<PacketRow>({to, number});
  }
  stream.arrived = next;
  stage.put<OutStreamRow>(to, stream);
}

OutboxRow seal_outbox(Stage& stage, Height height) {
  OutboxRow out;
  std::vector<Packet> packets;
  const auto close = [&] {
    if (packets.empty()) return;
    OutboxGroup& group = out.groups.back();
    group.count = static_cast<std::uint32_t>(packets.size());
    group.packets = packets_root(packets);
    packets.clear();
  };
  const ChangeSet& changes = stage.changes();
  for (auto it = changes.lower_bound(Slot(RowKind::packet)); it != changes.end(); ++it) {
    if (it->first.kind() != RowKind::packet) break;
    if (it->second.before || !it->second.after) continue;
    const PacketRow::Key key = key_of(it->first);
    const bool goes_on =
        !packets.empty() && packets.size() < kMaxGroup && out.groups.back().to == key.to;
    if (!goes_on) {
      close();
      out.groups.push_back({.to = key.to, .first = key.number, .count = 0, .packets = {}});
    }
    packets.push_back(View::decode_row<PacketRow>(*it->second.after).packet);
  }
  close();
  if (!out.groups.empty()) stage.put<OutboxRow>(height, out);
  return out;
}

std::vector<Cursor> cursors_of(const View& state, ChainId chain) {
  std::vector<Cursor> out;
  for (std::uint16_t i = 0; state.find<NodesRow>(ChainId(i)); ++i) {
    const ChainId from(i);
    if (from == chain) continue;
    out.push_back({from, state.find<InStreamRow>(from).value_or(InStreamRow{}).next});
  }
  return out;
}

Digest packets_root(std::span<const Packet> packets) {
  return crypto::merkle_root(hash_all(packets));
}
std::vector<Digest> leaves_of(const OutboxRow& outbox) {
  return hash_all(std::span<const OutboxGroup>(outbox.groups));
}
std::vector<Digest> leaves_of(std::span<const Cursor> cursors) { return hash_all(cursors); }

}  // namespace intaglio::ledger
