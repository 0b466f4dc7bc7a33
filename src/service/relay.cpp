#include "service/relay.h"

#include "base/check.h"
#include "base/format.h"
#include "base/log.h"

namespace intaglio::service {
namespace {

// How often it looks at all ways, whatever it was told.
constexpr std::chrono::seconds kRound{1};

// Another relay was first, or what was brought does not fit any more: the next round shows it.
void say_refused(const chain::Way& way, const Result<tx::Receipt>& receipt) {
  const auto refused = receipt ? refusal_of(*receipt) : std::unexpected(receipt.error());
  log::debug("relay, from chain {} to {}: {}", way.from.value(), way.to.value(),
             to_string(refused.error()));
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
    const std::lock_guard lock(shared_->mutex);
    shared_->stopping = true;
  }
  shared_->wake.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Relay::saw(const ledger::BlockHeader& header) {
  {
    const std::lock_guard lock(shared_->mutex);
    const bool by_comet = chain_at(header.chain).nodes().by_comet();
    if (!shared_->ways.saw(header, sender_.gateway().chain_count(), by_comet)) return;
  }
  shared_->wake.notify_one();
}

void Relay::run() {
  auto next_round = std::chrono::steady_clock::now();
  while (true) {
    std::set<chain::Way> ways;
    {
      std::unique_lock lock(shared_->mutex);
      shared_->wake.wait_until(lock, next_round,
                               [this] { return shared_->stopping || shared_->ways.any(); });
      if (shared_->stopping) return;
      const auto now = std::chrono::steady_clock::now();
      if (now >= next_round) {
        shared_->ways.look_at_all(sender_.gateway().chain_count());
        next_round = now + kRound;
      }
      ways = shared_->ways.take();
    }
    for (const auto& way : ways) bring(way);
  }
}

void Relay::bring(const chain::Way& way) {
  {
    const std::lock_guard lock(shared_->mutex);
    if (!shared_->ways.begin(way)) return;
  }
  const chain::Application& from = chain_at(way.from);
  auto next = chain::next_delivery(from, chain_at(way.to), way.cargo, env_.now());
  note(way, next);
  std::optional<tx::DeliverPackets> delivery = next ? *std::move(next) : std::nullopt;
  // A cursor for each group would cost as much again, so the source hears when there is little else
  // to do, or when half of what may be on its way is.
  const bool is_due = way.cargo == chain::Cargo::packets && chain::is_half_full(from, way.to);
  {
    const std::lock_guard lock(shared_->mutex);
    if (is_due) shared_->ways.look_at({way.to, way.from, chain::Cargo::cursor});
    if (!delivery) return shared_->ways.end(way, false);
  }
  send(way, *std::move(delivery));
}

// Said when it begins and when it ends, however often it is tried meanwhile.
void Relay::note(const chain::Way& way, const chain::NextDelivery& next) {
  std::optional<Refusal> before;
  {
    const std::lock_guard lock(shared_->mutex);
    const auto found = shared_->held_up.find(way);
    if (found != shared_->held_up.end()) before = found->second;
    if (!next) shared_->held_up.insert_or_assign(way, next.error());
    if (next) shared_->held_up.erase(way);
  }
  const std::string what =
      format("relay, from chain {} to {}: {}", way.from.value(), way.to.value(),
             way.cargo == chain::Cargo::packets ? "packets" : "a cursor");
  if (!next && (!before || before->verdict != next.error().verdict)) {
    log::warning("{}: waiting for the votes that prove it: {}", what, to_string(next.error()));
  }
  if (next && before) log::info("{}: the votes that prove it are there again", what);
}

std::optional<Refusal> Relay::held_up(const tx::Route& stream) const {
  const std::lock_guard lock(shared_->mutex);
  const auto found = shared_->held_up.find({stream.from, stream.to, chain::Cargo::packets});
  return found == shared_->held_up.end() ? std::nullopt : std::optional(found->second);
}

void Relay::send(const chain::Way& way, tx::DeliverPackets delivery) {
  auto transaction = sender_.sign(way.to, {delivery});
  chain::Relayed counted;
  if (transaction) {
    counted = chain::count_delivery(chain_at(way.to).store(), delivery, transaction->size());
  }
  {
    const std::lock_guard lock(shared_->mutex);
    if (!transaction) return shared_->ways.end(way, false);
    const bool is_back = counted.cursors != 0;
    shared_->brought[is_back ? std::pair(way.to, way.from) : std::pair(way.from, way.to)] +=
        counted;
  }
  sender_.gateway().submit(*std::move(transaction),
                           [shared = shared_, way](const Result<tx::Receipt>& receipt) {
                             const bool accepted = receipt && receipt->accepted();
                             if (!accepted) say_refused(way, receipt);
                             {
                               const std::lock_guard lock(shared->mutex);
                               shared->ways.end(way, accepted);
                             }
                             if (accepted) shared->wake.notify_one();
                           });
}

chain::Relayed Relay::relayed(const tx::Route& stream) const {
  const std::lock_guard lock(shared_->mutex);
  const auto found = shared_->brought.find({stream.from, stream.to});
  return found == shared_->brought.end() ? chain::Relayed() : found->second;
}

const chain::Application& Relay::chain_at(ChainId chain) const {
  const auto* found = sender_.gateway().chain(chain);
  CHECK(found != nullptr);
  return *found;
}

}  // namespace intaglio::service
