#include "base/check.h"
#include "crypto/merkle.h"
#include "tx/packet/packet.h"

namespace intaglio::tx {

std::optional<DeliverPackets> next_delivery(const ledger::View& source,
                                            const ledger::View& destination, const Route& route,
                                            const SignedHeaderAt& header) {
  const auto in = destination.find<ledger::InStreamRow>(route.from);
  const std::uint64_t next = in ? in->next : 0;
  const auto first = source.find<ledger::PacketRow>({route.to, next});
  if (!first) return std::nullopt;
  const auto outbox = source.find<ledger::OutboxRow>(first->height);
  CHECK(outbox.has_value());
  const auto group = std::ranges::find_if(outbox->groups, [&](const ledger::OutboxGroup& each) {
    return each.to == route.to && each.first == next;
  });
  CHECK(group != outbox->groups.end());
  const auto index = static_cast<std::size_t>(group - outbox->groups.begin());
  const auto leaves = ledger::leaves_of(*outbox);
  DeliveredGroup delivered{.index = static_cast<std::uint32_t>(index),
                           .groups = static_cast<std::uint32_t>(leaves.size()),
                           .path = crypto::merkle_path(leaves, index),
                           .first = next,
                           .packets = {}};
  for (std::uint32_t i = 0; i < group->count; ++i) {
    auto row = source.find<ledger::PacketRow>({route.to, next + i});
    if (!row) return std::nullopt;  // forgotten meanwhile, so it has arrived
    delivered.packets.push_back(std::move(row->packet));
  }
  return DeliverPackets{.from = route.from,
                        .header = header(first->height),
                        .group = std::move(delivered),
                        .cursor = {}};
}

std::optional<DeliverPackets> cursor_delivery(const HeadOfChain& source,
                                              const ledger::View& destination, const Route& route,
                                              Millis refresh) {
  const auto cursors = ledger::cursors_of(source.state, route.from);
  const auto mine = std::ranges::find(cursors, route.to, &ledger::Cursor::other);
  if (mine == cursors.end()) return std::nullopt;  // a chain that the source has not heard of yet
  const auto out = destination.find<ledger::OutStreamRow>(route.from);
  const auto in = destination.find<ledger::InStreamRow>(route.from).value_or(ledger::InStreamRow{});
  const bool acknowledges = out && mine->received > out->arrived;
  const bool refreshes = in.as_of < refresh && in.next >= mine->sent && in.as_of < source.time;
  if (!acknowledges && !refreshes) return std::nullopt;
  const auto index = static_cast<std::size_t>(mine - cursors.begin());
  const auto leaves = ledger::leaves_of(cursors);
  return DeliverPackets{
      .from = route.from,
      .header = source.signed_header,
      .group = {},
      .cursor = DeliveredCursor{.index = static_cast<std::uint32_t>(index),
                                .cursors = static_cast<std::uint32_t>(leaves.size()),
                                .path = crypto::merkle_path(leaves, index),
                                .received = mine->received,
                                .sent = mine->sent}};
}

}  // namespace intaglio::tx
