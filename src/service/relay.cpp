#include "service/relay.h"

#include "base/check.h"
#include "crypto/merkle.h"

namespace intaglio::service {
namespace {

// How often it looks at all streams, whatever it was told.
constexpr std::chrono::seconds kRound{1};

const chain::Application& chain_at(gateway::Gateway& gateway, ChainId chain) {
  const auto* found = gateway.chain(chain);
  CHECK(found != nullptr);
  return *found;
}

// Waits until as many answers have come as were asked for. Shared with the callbacks.
struct Answers {
  std::mutex mutex;
  std::condition_variable wake;
  std::size_t missing;
  std::size_t accepted = 0;

  explicit Answers(std::size_t count) : missing(count) {}
  void add(bool was_accepted) {
    const std::lock_guard lock(mutex);
    --missing;
    if (was_accepted) ++accepted;
    wake.notify_all();
  }
};

}  // namespace

Relay::Relay(Sender& sender) : sender_(sender) {}

Relay::~Relay() { stop(); }

void Relay::start() {
  CHECK(!thread_.joinable());
  thread_ = std::thread([this] { run(); });
}

void Relay::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Relay::saw(const ledger::BlockHeader& header) {
  static const Digest nothing = crypto::merkle_root({});
  if (header.outbox == nothing) return;
  {
    const std::lock_guard lock(mutex_);
    sources_.insert(header.chain);
  }
  wake_.notify_one();
}

void Relay::run() {
  while (true) {
    std::set<ChainId> sources;
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, kRound, [this] { return stopping_ || !sources_.empty(); });
      if (stopping_) return;
      sources = std::exchange(sources_, {});
    }
    const bool told = !sources.empty();
    if (!told) {
      for (std::uint16_t i = 0; i < sender_.gateway().chain_count(); ++i) {
        sources.insert(ChainId(i));
      }
    }
    while (bring(sources, !told)) {
      const std::lock_guard lock(mutex_);
      if (stopping_) return;
    }
  }
}

bool Relay::bring(const std::set<ChainId>& sources, bool with_cursors) {
  std::vector<Delivery> deliveries;
  for (const ChainId from : sources) {
    for (std::uint16_t i = 0; i < sender_.gateway().chain_count(); ++i) {
      const ChainId to(i);
      if (to != from) collect({from, to}, with_cursors, deliveries);
    }
  }
  return !deliveries.empty() && send(std::move(deliveries));
}

void Relay::collect(const tx::Route& route, bool with_cursor, std::vector<Delivery>& out) const {
  const auto& source = chain_at(sender_.gateway(), route.from);
  const auto& destination = chain_at(sender_.gateway(), route.to);
  if (auto packets = tx::next_delivery(source.store(), destination.store(), route,
                                       [&](Height at) { return source.signed_header(at); })) {
    out.push_back({route.to, *std::move(packets)});
  }
  // A cursor for each group would cost as much again, so the source hears when there is little else
  // to do, or when half of what may be on its way is.
  const auto stream = source.store().find<ledger::OutStreamRow>(route.to);
  const auto params = source.store().find<ledger::ParamsRow>({});
  if (!stream || !params) return;
  if (!with_cursor && stream->next - stream->arrived < params->max_in_flight / 2) return;
  const store::Tip tip = destination.tip();
  const auto state = destination.store().snapshot();
  if (destination.tip().height != tip.height || tip.height == Height(0)) return;
  if (auto cursor = tx::cursor_delivery(*state, source.store(), {route.to, route.from},
                                        destination.signed_header(tip.height))) {
    out.push_back({route.from, *std::move(cursor)});
  }
}

bool Relay::send(std::vector<Delivery> deliveries) {
  const auto answers = std::make_shared<Answers>(deliveries.size());
  for (Delivery& each : deliveries) {
    sender_.send(each.to, {std::move(each.operation)},
                 [answers](const Result<tx::Receipt>& receipt) {
                   answers->add(receipt && receipt->accepted());
                 });
  }
  std::unique_lock lock(answers->mutex);
  answers->wake.wait_for(lock, std::chrono::seconds(30), [&] { return answers->missing == 0; });
  return answers->accepted > 0;
}

}  // namespace intaglio::service
