#include "chain/ways.h"

#include "base/check.h"
#include "base/format.h"
#include "crypto/merkle.h"

namespace intaglio::chain {
namespace {

// Whose signature a chain takes on the headers of another.
std::optional<KeyHash> expected_signer(const ledger::View& state, ChainId of) {
  const auto nodes = state.find<ledger::NodesRow>(of);
  return nodes ? std::optional(nodes->accounting) : std::nullopt;
}

// With the votes that prove it, where CometBFT orders the source.
NextDelivery proven(std::optional<tx::DeliverPackets> delivery, const Application& from,
                    const ledger::View& destination, Millis now) {
  if (!delivery || !delivery->header.comet) return delivery;
  const auto shown = proof::shown_header<ledger::BlockHeader>(delivery->header, from.ledger());
  CHECK(shown.has_value());
  const auto header = [&](Height at) -> std::optional<proof::FinalityProof> {
    auto stored = from.find_header(at);
    return stored ? std::optional(std::move(stored->proof)) : std::nullopt;
  };
  const proof::LightBlockAt blocks = [&](Height at) -> Result<proof::LightBlock> {
    // CometBFT's header of a block that is not committed here may be on its way, and of the last
    // one it may not answer yet.
    const Height tip = from.tip().height;
    if (at > tip) return refuse(Verdict::pending);
    auto block = from.light_block(at);
    const bool is_missing = !block && block.error().verdict == Verdict::unknown_block;
    if (is_missing && at == tip) return refuse(Verdict::pending);
    return block;
  };
  const auto kept = from.light_blocks().kept();
  auto out =
      tx::with_votes(*std::move(delivery), {from.ledger(), header, blocks, kept}, destination, now);
  if (out) return std::optional(*std::move(out));
  if (out.error().verdict == Verdict::pending) return std::nullopt;
  return refuse_within(
      format("block {} of chain {}", shown->header.height.value(), shown->header.chain.value()),
      out.error());
}

NextDelivery next_packets(const Application& from, const Application& to, Millis now) {
  // In this order: a packet that arrives meanwhile is still there in the older state, or gone.
  const auto arrived = to.store().snapshot();
  const auto sent = from.store().snapshot();
  const auto signer = expected_signer(*arrived, from.chain());
  return proven(tx::next_delivery(*sent, *arrived, {from.chain(), to.chain()},
                                  [&](Height at) { return from.signed_header(at, signer); }),
                from, *arrived, now);
}

// How old what a chain was told last by another may be before it is told again; nothing when it
// needs not be told.
std::optional<Duration> refresh_age(const Application& from, const Application& to) {
  std::optional<Duration> out;
  if (from.chain() == kMainChain) {
    const auto params = to.store().find<ledger::ParamsRow>({});
    CHECK(params.has_value());
    out = Duration(params->control_max_age.value() / 3);
  }
  if (from.nodes().by_comet()) {
    const Duration trusted(ledger::kTrustingPeriod.value() / 3);
    out = out ? std::min(*out, trusted) : trusted;
  }
  return out;
}

NextDelivery next_cursor(const Application& from, const Application& to, Millis now) {
  const auto state = from.proven_state();
  if (!state || state->tip().height == Height(0)) return std::nullopt;
  const store::Tip tip = state->tip();  // whose header commits to the cursors in that state
  const auto age = refresh_age(from, to);
  const bool refreshes = age && now.value() > age->value();
  auto delivery = tx::cursor_delivery({.state = *state, .time = tip.time, .signed_header = {}},
                                      to.store(), {from.chain(), to.chain()},
                                      refreshes ? Millis(now.value() - age->value()) : Millis());
  // Read from the whole block, so only when there is something to bring.
  if (delivery) {
    delivery->header = from.signed_header(tip.height, expected_signer(to.store(), from.chain()));
  }
  return proven(std::move(delivery), from, to.store(), now);
}

}  // namespace

NextDelivery next_delivery(const Application& from, const Application& to, Cargo cargo,
                           Millis now) {
  return cargo == Cargo::packets ? next_packets(from, to, now) : next_cursor(from, to, now);
}

bool is_half_full(const Application& from, ChainId to) {
  const auto stream = from.store().find<ledger::OutStreamRow>(to);
  const auto params = from.store().find<ledger::ParamsRow>({});
  return stream && params && stream->next - stream->arrived >= params->max_in_flight / 2;
}

bool Ways::saw(const ledger::BlockHeader& header, std::uint16_t chains, bool by_comet) {
  static const Digest nothing = crypto::merkle_root({});
  // An empty block is made to be heard of: its cursor says up to when all is known.
  const bool is_beat = header.count == 0;
  const bool has_packets = header.outbox != nothing;
  const bool are_proven = by_comet ? sent_.contains(header.chain) : has_packets && !is_beat;
  if (by_comet && has_packets) sent_.insert(header.chain);
  if (by_comet && !has_packets) sent_.erase(header.chain);
  if (!are_proven && !is_beat) return false;
  for (std::uint16_t to = 0; to < chains; ++to) {
    if (ChainId(to) == header.chain) continue;
    if (are_proven) ready_.insert({header.chain, ChainId(to), Cargo::packets});
    if (is_beat) ready_.insert({header.chain, ChainId(to), Cargo::cursor});
  }
  return true;
}

void Ways::look_at_all(std::uint16_t chains) {
  for (std::uint16_t from = 0; from < chains; ++from) {
    for (std::uint16_t to = 0; to < chains; ++to) {
      if (from == to) continue;
      ready_.insert({ChainId(from), ChainId(to), Cargo::packets});
      ready_.insert({ChainId(from), ChainId(to), Cargo::cursor});
    }
  }
}

void Ways::end(const Way& way, bool accepted) {
  under_way_.erase(way);
  if (accepted) ready_.insert(way);
}

}  // namespace intaglio::chain
