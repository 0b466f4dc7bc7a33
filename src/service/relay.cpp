#include "service/relay.h"

#include "base/check.h"
#include "crypto/merkle.h"

namespace intaglio::service {
namespace {

// How often it looks at all ways, whatever it was told.
constexpr std::chrono::seconds kRound{1};

const chain::Application& chain_at(gateway::Gateway& gateway, ChainId chain) {
  const auto* found = gateway.chain(chain);
  CHECK(found != nullptr);
  return *found;
}

// Whose signature a chain takes on the headers of another.
std::optional<KeyHash> expected_signer(const ledger::View& state, ChainId of) {
  const auto nodes = state.find<ledger::NodesRow>(of);
  return nodes ? std::optional(nodes->accounting) : std::nullopt;
}

}  // namespace

Relay::Relay(Sender& sender, Env& env) : sender_(sender), env_(env) {}

Relay::~Relay() { stop(); }

void Relay::start() {
  CHECK(!thread_.joinable());
  thread_ = std::thread([this] { run(); });
}

void Relay::stop() {
  {
    const std::lock_guard lock(ways_->mutex);
    ways_->stopping = true;
  }
  ways_->wake.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Relay::saw(const ledger::BlockHeader& header) {
  static const Digest nothing = crypto::merkle_root({});
  // An empty block is made to be heard of: its cursor says up to when all is known.
  const bool is_beat = header.count == 0;
  if (header.outbox == nothing && !is_beat) return;
  {
    const std::lock_guard lock(ways_->mutex);
    for (std::uint16_t i = 0; i < sender_.gateway().chain_count(); ++i) {
      const Cargo cargo = is_beat ? Cargo::cursor : Cargo::packets;
      if (ChainId(i) != header.chain) ways_->ready.insert({header.chain, ChainId(i), cargo});
    }
  }
  ways_->wake.notify_one();
}

std::set<Relay::Way> Relay::all_ways() const {
  std::set<Way> out;
  const std::uint16_t count = sender_.gateway().chain_count();
  for (std::uint16_t from = 0; from < count; ++from) {
    for (std::uint16_t to = 0; to < count; ++to) {
      if (from == to) continue;
      out.insert({ChainId(from), ChainId(to), Cargo::packets});
      out.insert({ChainId(from), ChainId(to), Cargo::cursor});
    }
  }
  return out;
}

void Relay::run() {
  auto next_round = std::chrono::steady_clock::now();
  while (true) {
    std::set<Way> ways;
    {
      std::unique_lock lock(ways_->mutex);
      ways_->wake.wait_until(lock, next_round,
                             [this] { return ways_->stopping || !ways_->ready.empty(); });
      if (ways_->stopping) return;
      ways = std::exchange(ways_->ready, {});
    }
    const auto now = std::chrono::steady_clock::now();
    if (now >= next_round) {
      ways.merge(all_ways());
      next_round = now + kRound;
    }
    for (const Way& way : ways) bring(way);
  }
}

void Relay::bring(const Way& way) {
  {
    // What is under way says when it is answered that there may be more.
    const std::lock_guard lock(ways_->mutex);
    if (ways_->under_way.contains(way)) return;
  }
  auto delivery = way.cargo == Cargo::packets ? next_on(way) : cursor_on(way);
  // A cursor for each group would cost as much again, so the source hears when there is little else
  // to do, or when half of what may be on its way is.
  const bool is_due = way.cargo == Cargo::packets && is_half_full(way);
  {
    const std::lock_guard lock(ways_->mutex);
    if (is_due) ways_->ready.insert({way.to, way.from, Cargo::cursor});
    if (!delivery) return;
    ways_->under_way.insert(way);
  }
  sender_.send(way.to, {*std::move(delivery)},
               [ways = ways_, way](const Result<tx::Receipt>& receipt) {
                 const std::lock_guard lock(ways->mutex);
                 ways->under_way.erase(way);
                 // What was refused is looked at again in the next round.
                 if (!receipt || !receipt->accepted()) return;
                 ways->ready.insert(way);
                 ways->wake.notify_one();
               });
}

bool Relay::is_half_full(const Way& way) const {
  const auto& source = chain_at(sender_.gateway(), way.from).store();
  const auto stream = source.find<ledger::OutStreamRow>(way.to);
  const auto params = source.find<ledger::ParamsRow>({});
  return stream && params && stream->next - stream->arrived >= params->max_in_flight / 2;
}

std::optional<tx::DeliverPackets> Relay::next_on(const Way& way) const {
  const auto& source = chain_at(sender_.gateway(), way.from);
  // In this order: a packet that arrives meanwhile is still there in the older state, or gone.
  const auto arrived = chain_at(sender_.gateway(), way.to).store().snapshot();
  const auto sent = source.store().snapshot();
  const auto signer = expected_signer(*arrived, way.from);
  return tx::next_delivery(*sent, *arrived, {way.from, way.to},
                           [&](Height at) { return source.signed_header(at, signer); });
}

std::optional<tx::DeliverPackets> Relay::cursor_on(const Way& way) const {
  const auto& source = chain_at(sender_.gateway(), way.from);
  const auto& destination = chain_at(sender_.gateway(), way.to).store();
  const store::Tip tip = source.tip();
  const auto state = source.store().snapshot();
  // Only the state after the tip has the cursors that its header commits to.
  if (source.tip().height != tip.height || tip.height == Height(0)) return std::nullopt;
  const auto params = destination.find<ledger::ParamsRow>({});
  CHECK(params.has_value());
  const Millis now = env_.now();
  const Duration age(params->control_max_age.value() / 3);
  const bool decides = way.from == kMainChain && now.value() > age.value();
  auto delivery = tx::cursor_delivery({.state = *state, .time = tip.time, .signed_header = {}},
                                      destination, {way.from, way.to},
                                      decides ? Millis(now.value() - age.value()) : Millis());
  // Read from the whole block, so only when there is something to bring.
  if (delivery) {
    delivery->header = source.signed_header(tip.height, expected_signer(destination, way.from));
  }
  return delivery;
}

}  // namespace intaglio::service
