// Packets between chains: how they are sent, and the transaction by which a relay delivers them.
#pragma once

#include <functional>

#include "ledger/streams.h"
#include "proof/comet_finality.h"
#include "tx/transactor.h"

namespace intaglio::tx {

// One group of packets, and that the header's outbox has it.
struct DeliveredGroup {
  std::uint32_t index = 0;   // of the group in the block's outbox
  std::uint32_t groups = 0;  // in that outbox
  std::vector<Digest> path;
  std::uint64_t first = 0;  // the number of the first packet
  std::vector<ledger::Packet> packets;
  static constexpr auto fields() {
    return std::tuple(
        codec::field(1, "index", &DeliveredGroup::index, "the group's place in the outbox"),
        codec::field(2, "groups", &DeliveredGroup::groups, "how many the outbox has"),
        codec::field(3, "path", &DeliveredGroup::path, "siblings up to the outbox's root"),
        codec::field(4, "first", &DeliveredGroup::first, "the number of the first packet"),
        codec::field(5, "packets", &DeliveredGroup::packets, "all of the group, in order"));
  }
};

// How far the streams between the other chain and this one are over there, and that the header's
// cursors say so.
struct DeliveredCursor {
  std::uint32_t index = 0;  // of the cursor for this chain
  std::uint32_t cursors = 0;
  std::vector<Digest> path;
  std::uint64_t received = 0;
  std::uint64_t sent = 0;
  static constexpr auto fields() {
    return std::tuple(
        codec::field(1, "index", &DeliveredCursor::index, "the cursor's place"),
        codec::field(2, "cursors", &DeliveredCursor::cursors, "how many there are"),
        codec::field(3, "path", &DeliveredCursor::path, "siblings up to the cursors' root"),
        codec::field(4, "received", &DeliveredCursor::received,
                     "the packet that chain expects from this one next"),
        codec::field(5, "sent", &DeliveredCursor::sent,
                     "the number of its next packet to this one"));
  }
};

// Brings what another chain sent here, its cursor with this chain, or both. Anybody may relay who
// has a node's key: what is brought proves itself. Where CometBFT orders the other chain, what is
// trusted of it here moves on to the header that proves it.
struct DeliverPackets {
  static constexpr std::uint64_t kType = 10;
  static constexpr std::string_view kName = "deliver_packets";
  static constexpr std::string_view kDoc = "brings what another chain sent, with its proof";

  ChainId from;
  proof::FinalityProof header;  // the other chain's
  // Neither: where votes prove the header it may come alone, so that it is trusted.
  std::optional<DeliveredGroup> group;
  std::optional<DeliveredCursor> cursor;

  static constexpr auto fields() {
    return std::tuple(
        codec::field(1, "from", &DeliverPackets::from, "the chain that sent them"),
        codec::field(2, "header", &DeliverPackets::header,
                     "its header, and that its block is final"),
        codec::field(3, "group", &DeliverPackets::group, "packets, with their proof"),
        codec::field(4, "cursor", &DeliverPackets::cursor, "its cursor with this chain"));
  }
  Result<void> check() const;
  Result<void> apply(ledger::Stage& stage, const Block& block, const Origin& origin) const;
};

// Whether a user's packets may be sent to that chain now: unknown_chain, and what check_window()
// says.
Result<void> check_route(const ledger::View& state, const Block& block,
                         const ledger::Sending& sending);

// Takes a packet in; it cannot fail. A credit that nobody can be given goes back as a refund, a
// refund that nobody can be given stays in suspense, a decision counts from the main chain alone.
void receive_packet(ledger::Stage& stage, const Block& block, ChainId from, std::uint64_t number,
                    const ledger::Packet& packet);

// The header of the source's block at a height, and that it is final.
using SignedHeaderAt = std::function<proof::FinalityProof(Height)>;
struct Route {
  ChainId from;
  ChainId to;
};

// What a relay may bring next from one chain to another, by the rows of both; nothing when all has
// arrived.
std::optional<DeliverPackets> next_delivery(const ledger::View& source,
                                            const ledger::View& destination, const Route& route,
                                            const SignedHeaderAt& header);

// The source's cursor with the destination, when it says more than the destination knows: of what
// it received, or, when what the destination knows is of before `refresh`, that there is nothing
// new. `signed_header` is of the block that `source` is the state after, at that block's time.
struct HeadOfChain {
  const ledger::View& state;
  Millis time;
  proof::FinalityProof signed_header;
};
std::optional<DeliverPackets> cursor_delivery(const HeadOfChain& source,
                                              const ledger::View& destination, const Route& route,
                                              Millis refresh);

// What a relay knows of a chain that CometBFT orders.
struct VotingChain {
  const LedgerId& ledger;
  // Its blocks' headers, without votes; nothing of those before the state that it began with.
  std::function<std::optional<proof::FinalityProof>(Height)> header;
  const proof::LightBlockAt& blocks;  // CometBFT's
  std::span<const Height> kept = {};  // proof::StepOptions
};

// The same delivery with the votes that prove its header to the destination; where they are more
// than one transaction holds, at first as many as it does, for an intermediate header alone. What
// proof::find_steps refuses, `pending` among it when CometBFT has not made the next header yet;
// `expired` when the destination trusts none any more; `unknown_block` for a header that is not
// here; `too_large` when a step has more votes than a transaction holds; `unknown_chain` where the
// destination knows nothing of the chain.
Result<DeliverPackets> with_votes(DeliverPackets delivery, const VotingChain& source,
                                  const ledger::View& destination, Millis now);

}  // namespace intaglio::tx
