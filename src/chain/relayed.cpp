#include "chain/relayed.h"

namespace intaglio::chain {
namespace {

bool holds_money(const ledger::Packet& packet) {
  return std::visit([]<typename T>(const T&) { return !ledger::Decision<T>; }, packet);
}

// Whether a packet with money is among those that the source now hears of: a cursor for decisions,
// and the main chain's that says that it decided nothing, are control.
bool acknowledges_money(const ledger::View& source, ChainId to, std::uint64_t received) {
  const auto stream = source.find<ledger::OutStreamRow>(to).value_or(ledger::OutStreamRow{});
  for (std::uint64_t number = stream.arrived; number < received; ++number) {
    const auto row = source.find<ledger::PacketRow>({to, number});
    if (row && holds_money(row->packet)) return true;
  }
  return false;
}

}  // namespace

Relayed& Relayed::operator+=(const Relayed& other) {
  codec::for_each_field<Relayed>([&](const auto& f) { this->*f.member += other.*f.member; });
  return *this;
}

Relayed count_delivery(const ledger::View& to, const tx::DeliverPackets& delivery,
                       std::size_t bytes) {
  Relayed out;
  if (!delivery.group) {
    const bool acknowledges =
        delivery.cursor && acknowledges_money(to, delivery.from, delivery.cursor->received);
    out.cursors = acknowledges ? 1 : 0;
    (out.cursors != 0 ? out.cursor_bytes : out.control_bytes) = bytes;
    return out;
  }
  for (const ledger::Packet& packet : delivery.group->packets) {
    codec::CborWriter encoded;
    codec::FieldType<ledger::Packet>::write(encoded, packet);
    const bool money = holds_money(packet);
    (money ? out.data_bytes : out.control_bytes) += encoded.take().size();
    out.packets += money ? 1 : 0;
  }
  const std::uint64_t around = bytes - out.data_bytes - out.control_bytes;
  out.groups = out.packets == 0 ? 0 : 1;
  (out.groups != 0 ? out.proof_bytes : out.control_bytes) += around;
  return out;
}

}  // namespace intaglio::chain
