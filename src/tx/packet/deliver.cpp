#include <algorithm>

#include "crypto/merkle.h"
#include "ledger/block.h"
#include "tx/packet/packet.h"

namespace intaglio::tx {
namespace {

using ledger::BlockHeader;

// A header that is proven, and what is trusted of its chain by it, where that is news.
struct ProvenHeader {
  BlockHeader header;
  std::optional<ledger::TrustRow> trust;
};

Result<ProvenHeader> verify_signed(const ledger::View& state, const Block& block,
                                   const DeliverPackets& delivery) {
  ASSIGN(const auto signers, ledger::block_signers(state, delivery.from));
  ASSIGN(const auto verified,
         proof::verify_finality<BlockHeader>(delivery.header, signers, block.ledger));
  return ProvenHeader{verified->header, {}};
}

Result<ProvenHeader> verify_voted(const ledger::View& state, const Block& block,
                                  const DeliverPackets& delivery) {
  const auto row = state.find<ledger::TrustRow>(delivery.from);
  CHECK(row.has_value());  // as soon as a chain with validators is known
  const auto trust =
      ledger::comet_trust(*row, ledger::comet_chain_id(block.ledger, delivery.from), block.time);
  ASSIGN(const auto verified,
         proof::verify_votes<BlockHeader>(delivery.header, trust, block.ledger));
  auto later = ledger::later_trust(*row, verified->next);
  // Who first hears of a chain by a header of long ago must not be left with that.
  if (later && ledger::is_trust_expired(*later, block.time)) later.reset();
  return ProvenHeader{verified->header, later};
}

// The header of a block that is final on the chain that it is of. Which proof it needs is this
// state's to say.
Result<ProvenHeader> verify_header(const ledger::View& state, const Block& block,
                                   const DeliverPackets& delivery) {
  const auto nodes = state.find<ledger::NodesRow>(delivery.from);
  if (delivery.from == block.chain || !nodes) return refuse(Verdict::unknown_chain, "from");
  auto verified = nodes->by_comet() ? verify_voted(state, block, delivery)
                                    : verify_signed(state, block, delivery);
  if (!verified) return refuse_within("header", verified.error());
  if (verified->header.chain != delivery.from) return refuse(Verdict::wrong_chain, "header");
  return verified;
}

template <codec::Record R>
bool leads_to(const R& leaf, std::size_t index, std::size_t count, std::span<const Digest> path,
              const Digest& root) {
  const auto hash = crypto::merkle_leaf(codec::encode_record(leaf));
  const auto found = crypto::merkle_root_from_path(hash, index, count, path);
  return found && *found == root;
}

Result<void> check_group(const ledger::View& state, const Block& block, ChainId from,
                         const BlockHeader& header, const DeliveredGroup& group) {
  const ledger::OutboxGroup leaf{.to = block.chain,
                                 .first = group.first,
                                 .count = static_cast<std::uint32_t>(group.packets.size()),
                                 .packets = ledger::packets_root(group.packets)};
  if (!leads_to(leaf, group.index, group.groups, group.path, header.outbox)) {
    return refuse(Verdict::bad_proof, "group");
  }
  const auto expected = state.find<ledger::InStreamRow>(from).value_or(ledger::InStreamRow{}).next;
  if (group.first > expected) return refuse(Verdict::packet_gap, "group.first");
  if (group.first < expected) return refuse(Verdict::packet_known, "group.first");
  return {};
}

Result<void> check_cursor(const ledger::View& state, const Block& block, ChainId from,
                          const BlockHeader& header, const DeliveredCursor& cursor) {
  const ledger::Cursor leaf{block.chain, cursor.received, cursor.sent};
  if (!leads_to(leaf, cursor.index, cursor.cursors, cursor.path, header.cursors)) {
    return refuse(Verdict::bad_proof, "cursor");
  }
  const auto stream = state.find<ledger::OutStreamRow>(from).value_or(ledger::OutStreamRow{});
  // Only a chain that lies says that it has what was never sent.
  if (cursor.received > stream.next) return refuse(Verdict::bad_proof, "cursor.received");
  return {};
}

}  // namespace

Result<void> DeliverPackets::check() const {
  if (!group && !cursor && !header.comet) return refuse(Verdict::missing_field, "group");
  if (group && group->packets.empty()) return refuse(Verdict::missing_field, "group.packets");
  if (group && group->packets.size() > ledger::kMaxGroup) {
    return refuse(Verdict::too_large, "group.packets");
  }
  return {};
}

Result<void> DeliverPackets::apply(ledger::Stage& stage, const Block& block,
                                   const Origin& origin) const {
  if (origin.role != ledger::Role::node) return refuse(Verdict::not_capable, kName.data());
  ASSIGN(const auto verified, verify_header(stage, block, *this));
  if (group) TRY(check_group(stage, block, from, verified.header, *group));
  if (cursor) TRY(check_cursor(stage, block, from, verified.header, *cursor));

  if (verified.trust) stage.put<ledger::TrustRow>(from, *verified.trust);
  if (!group && !cursor) return {};
  auto stream = stage.find<ledger::InStreamRow>(from).value_or(ledger::InStreamRow{});
  if (group) {
    for (const auto& packet : group->packets) {
      receive_packet(stage, block, from, stream.next++, packet);
    }
  }
  if (cursor) {
    ledger::note_arrival(stage, from, cursor->received);
    // All that was sent here by then is here, so what was decided by then is known.
    if (stream.next >= cursor->sent) stream.as_of = std::max(stream.as_of, verified.header.time);
  }
  stage.put<ledger::InStreamRow>(from, stream);
  return {};
}

}  // namespace intaglio::tx
