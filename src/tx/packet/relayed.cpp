#include <algorithm>

#include "base/check.h"
#include "crypto/merkle.h"
#include "ledger/block.h"
#include "tx/packet/packet.h"
#include "tx/transaction.h"

namespace intaglio::tx {
namespace {

// Bytes of votes that fit into a transaction beside a group, and without one.
constexpr std::size_t kMaxVotesBesideGroup =
    Transaction::kMaxBytes - ledger::kMaxGroupBytes - std::size_t{4} * 1024;
constexpr std::size_t kMaxVotes = Transaction::kMaxBytes - std::size_t{4} * 1024;

}  // namespace

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

namespace {

std::size_t size_of(const proof::CometStep& step) { return codec::encode_record(step).size(); }

// How many of the steps have no more bytes than that.
std::size_t count_within(std::span<const proof::CometStep> steps, std::size_t most) {
  std::size_t count = 0;
  std::size_t bytes = 0;
  for (const auto& step : steps) {
    bytes += size_of(step);
    if (bytes > most) break;
    ++count;
  }
  return count;
}

// Half as far, or at the last header before that which CometBFT cannot have forgotten.
Height nearer(Height from, Height goal, std::span<const Height> kept) {
  const Height half(from.value() + (goal.value() - from.value()) / 2);
  const auto behind = std::ranges::upper_bound(kept, half);
  const bool is_between = behind != kept.begin() && *std::prev(behind) > from;
  return is_between ? *std::prev(behind) : half;
}

}  // namespace

Result<DeliverPackets> with_votes(DeliverPackets delivery, const VotingChain& source,
                                  const ledger::View& destination, Millis now) {
  const auto trusted = destination.find<ledger::TrustRow>(delivery.from);
  if (!trusted) return refuse(Verdict::unknown_chain, std::to_string(delivery.from.value()));
  if (ledger::is_trust_expired(*trusted, now)) return refuse(Verdict::expired, "trusted");
  const auto shown = proof::shown_header<ledger::BlockHeader>(delivery.header, source.ledger);
  CHECK(shown && delivery.header.comet);
  const auto trust =
      ledger::comet_trust(*trusted, ledger::comet_chain_id(source.ledger, delivery.from), now);
  const proof::StepOptions options{.kept = source.kept};
  const Height to = shown->header.height.next();
  Height goal = to;
  auto steps = proof::find_steps(trust.header, goal, source.blocks, options);
  while (!steps && steps.error().verdict == Verdict::too_large && goal > trusted->height.next()) {
    goal = nearer(trusted->height, goal, source.kept);
    steps = proof::find_steps(trust.header, goal, source.blocks, options);
  }
  if (!steps) return std::unexpected(steps.error());
  const std::size_t room = delivery.group ? kMaxVotesBesideGroup : kMaxVotes;
  const bool fits = count_within(*steps, room) == steps->size();
  if (goal != to || (!fits && to > trusted->height)) {
    // A header in between first, by as many steps as a transaction holds.
    steps->resize(count_within(*steps, kMaxVotes));
    if (steps->empty()) return refuse(Verdict::too_large, "steps");
    const auto last =
        proof::decode_light_block(steps->back().signed_header, steps->back().validators);
    CHECK(last.has_value());
    const std::uint64_t before = last->header.height.value() - 1;
    // No block of ours is before the first, and older ones than the state that it began with are
    // not here.
    auto header = before == 0 ? std::nullopt : source.header(Height(before));
    if (!header) return refuse(Verdict::unknown_block, std::to_string(before));
    delivery = {.from = delivery.from, .header = *std::move(header), .group = {}, .cursor = {}};
  }
  delivery.header.comet->steps = *std::move(steps);
  return delivery;
}

}  // namespace intaglio::tx
