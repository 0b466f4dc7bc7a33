#include "ledger/streams.h"

#include <algorithm>
#include <set>

#include "crypto/merkle.h"

namespace intaglio::ledger {
namespace {

template <typename T>
std::vector<Digest> hash_all(std::span<const T> items) {
  std::vector<Digest> leaves;
  leaves.reserve(items.size());
  for (const T& each : items) {
    codec::CborWriter out;
    codec::FieldType<T>::write(out, each);
    leaves.push_back(crypto::merkle_leaf(out.take()));
  }
  return leaves;
}

// Destination and number from a packet's slot.
PacketRow::Key key_of(const Slot& slot) {
  SlotReader reader(slot);
  const ChainId to(reader.take<std::uint16_t>());
  return {to, reader.take<std::uint64_t>()};
}

}  // namespace

Result<void> check_window(const View& state, const ParamsRow& params, const Sending& sending) {
  const auto stream = state.find<OutStreamRow>(sending.to).value_or(OutStreamRow{});
  if (stream.next - stream.arrived >= params.max_in_flight) return refuse(Verdict::stream_full);
  const auto account = state.find<AccountRow>(sending.from);
  if (account && account->packets + sending.packets > params.max_packets) {
    return refuse(Verdict::account_stream_full);
  }
  return {};
}

namespace {

// One more of an account's packets is on its way, or one less.
void count_packet(Stage& stage, const Packet& packet, bool sent) {
  const auto sender = sender_of(packet);
  auto account = sender ? stage.find<AccountRow>(*sender) : std::nullopt;
  if (!account) return;
  if (sent) {
    ++account->packets;
  } else {
    CHECK(account->packets > 0);
    --account->packets;
  }
  stage.put<AccountRow>(*sender, *account);
}

}  // namespace

void send_packet(Stage& stage, Height height, ChainId to, const Packet& packet) {
  auto stream = stage.find<OutStreamRow>(to).value_or(OutStreamRow{});
  const PacketRow row{.packet = packet, .height = height};
  const std::uint64_t size = codec::encode_record(row).size();
  std::visit(
      [&]<typename T>(const T&) {
        if constexpr (Decision<T>) stream.control_bytes += size;
      },
      packet);
  if (const auto money = money_of(packet)) {
    auto transit = stage.find<TransitRow>({to, money->asset}).value_or(TransitRow{});
    transit.sent += money->amount.value();
    stage.put<TransitRow>({to, money->asset}, transit);
  }
  count_packet(stage, packet, true);
  stage.put<PacketRow>({to, stream.next}, row);
  ++stream.next;
  stream.bytes += size;
  stage.put<OutStreamRow>(to, stream);
}

std::vector<ChainId> sub_chains(const View& state) {
  std::vector<ChainId> out;
  for (std::uint16_t i = 1; state.find<NodesRow>(ChainId(i)); ++i) out.emplace_back(i);
  return out;
}

namespace {

bool has_arrived(const View& state, const OutboxGroup& group) {
  const auto stream = state.find<OutStreamRow>(group.to);
  return stream && stream->arrived >= group.first + group.count;
}

}  // namespace

void note_arrival(Stage& stage, ChainId to, std::uint64_t next) {
  auto stream = stage.find<OutStreamRow>(to).value_or(OutStreamRow{});
  if (next <= stream.arrived) return;
  std::set<Height> heights;  // of the blocks that sent what is forgotten
  for (std::uint64_t number = stream.arrived; number < next; ++number) {
    const auto packet = stage.find<PacketRow>({to, number});
    CHECK(packet.has_value());
    heights.insert(packet->height);
    count_packet(stage, packet->packet, false);
    stage.erase<PacketRow>({to, number});
  }
  stream.arrived = next;
  stage.put<OutStreamRow>(to, stream);
  for (const Height height : heights) {
    const auto outbox = stage.find<OutboxRow>(height);
    CHECK(outbox.has_value());
    if (std::ranges::all_of(outbox->groups,
                            [&](const OutboxGroup& each) { return has_arrived(stage, each); })) {
      stage.erase<OutboxRow>(height);
    }
  }
}

OutboxRow seal_outbox(Stage& stage, Height height) {
  OutboxRow out;
  std::vector<Packet> packets;
  std::size_t bytes = 0;
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
    const std::size_t size = it->second.after->size();
    const bool goes_on = !packets.empty() && packets.size() < kMaxGroup &&
                         bytes + size <= kMaxGroupBytes && out.groups.back().to == key.to;
    if (!goes_on) {
      close();
      bytes = 0;
      out.groups.push_back({.to = key.to, .first = key.number, .count = 0, .packets = {}});
    }
    bytes += size;
    packets.push_back(View::decode_row<PacketRow>(*it->second.after).packet);
  }
  close();
  if (!out.groups.empty()) stage.put<OutboxRow>(height, out);
  return out;
}

std::vector<Cursor> cursors_of(const View& state, ChainId chain) {
  std::vector<Cursor> out;
  for (std::uint16_t i = 0; state.find<NodesRow>(ChainId(i)); ++i) {
    const ChainId other(i);
    if (other == chain) continue;
    out.push_back({.other = other,
                   .received = state.find<InStreamRow>(other).value_or(InStreamRow{}).next,
                   .sent = state.find<OutStreamRow>(other).value_or(OutStreamRow{}).next});
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
