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

std::optional<DeliverPackets> cursor_delivery(const ledger::View& source,
                                              const ledger::View& destination, const Route& route,
                                              const Bytes& signed_header) {
  const auto in = source.find<ledger::InStreamRow>(route.to);
  const auto out = destination.find<ledger::OutStreamRow>(route.from);
  if (!in || !out || in->next <= out->arrived) return std::nullopt;
  const auto cursors = ledger::cursors_of(source, route.from);
  const auto mine = std::ranges::find(cursors, route.to, &ledger::Cursor::from);
  CHECK(mine != cursors.end());
  const auto index = static_cast<std::size_t>(mine - cursors.begin());
  const auto leaves = ledger::leaves_of(cursors);
  return DeliverPackets{
      .from = route.from,
      .header = signed_header,
      .group = {},
      .cursor = DeliveredCursor{.index = static_cast<std::uint32_t>(index),
                                .cursors = static_cast<std::uint32_t>(leaves.size()),
                                .path = crypto::merkle_path(leaves, index),
                                .next = mine->next}};
}

}  // namespace intaglio::tx
