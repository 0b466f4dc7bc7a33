#include "gateway/gateway.h"

namespace intaglio::gateway {
namespace {

// A worker takes this many at a time: few enough to share out, enough to take the lock seldom.
constexpr std::size_t kTake = 16;

}  // namespace

Gateway::Gateway(const LedgerId& ledger, std::vector<chain::Sequencer*> chains, Env& env,
                 GatewayOptions options)
    : ledger_(ledger),
      chains_(std::move(chains)),
      env_(env),
      options_(options),
      keys_(options.cached_keys) {}

Gateway::~Gateway() { stop(); }

void Gateway::start() {
  CHECK(threads_.empty());
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  const unsigned count = options_.workers == 0 ? cores : options_.workers;
  for (unsigned i = 0; i < count; ++i) threads_.emplace_back([this] { run(); });
}

void Gateway::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (auto& thread : threads_) thread.join();
  threads_.clear();
  for (auto& waiting : queue_) waiting.done(refuse(Verdict::shutting_down));
  queue_.clear();
}

void Gateway::submit(Bytes transaction, Done done) {
  Verdict refused = Verdict::accepted;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) {
      refused = Verdict::shutting_down;
    } else if (queue_.size() >= options_.max_waiting) {
      refused = Verdict::busy;
    } else {
      queue_.push_back({std::move(transaction), std::move(done)});
    }
  }
  if (refused == Verdict::accepted) {
    wake_.notify_one();
  } else {
    done(refuse(refused));  // NOLINT(bugprone-use-after-move): moved only when taken in
  }
}

void Gateway::run() {
  std::vector<Waiting> batch;
  while (true) {
    batch.clear();
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      while (!queue_.empty() && batch.size() < kTake) {
        batch.push_back(std::move(queue_.front()));
        queue_.pop_front();
      }
    }
    for (auto& each : batch) hand_on(std::move(each));
  }
}

Result<std::pair<chain::Sequencer*, tx::VerifiedTransaction>> Gateway::admit(
    ByteView transaction) const {
  ASSIGN(auto parsed,
         proof::parse_statement<tx::Transaction>(transaction, ledger_, tx::Transaction::kMaxBytes));
  const tx::Transaction& body = parsed.body();
  if (body.ledger != ledger_) return refuse(Verdict::wrong_ledger, "ledger");
  TRY(body.check());
  const Address payer = body.payer();
  if (payer.chain.value() >= chains_.size()) return refuse(Verdict::unknown_chain, "chains");
  chain::Sequencer* const sequencer = chains_[payer.chain.value()];
  // A clock a little fast must not refuse what block time would still take.
  if (body.valid_until + seconds(5) < env_.now()) return refuse(Verdict::expired, "valid_until");
  auto key = keys_.find(parsed.signer());
  if (!key) {
    const auto row = sequencer->application().store().find<ledger::KeyRow>(parsed.signer());
    if (!row) return refuse(Verdict::unknown_key, codec::to_hex(parsed.signer()));
    key = keys_.insert(row->public_key);
  }
  ASSIGN(auto verified, proof::verify_statement(std::move(parsed), *key));
  return std::pair(sequencer, std::move(verified));
}

void Gateway::hand_on(Waiting waiting) {
  auto admitted = admit(waiting.transaction);
  if (!admitted) return waiting.done(std::unexpected(std::move(admitted).error()));
  auto& [sequencer, transaction] = *admitted;
  const auto taken = sequencer->submit(std::move(transaction), waiting.done);
  if (!taken) waiting.done(std::unexpected(taken.error()));
}

Result<void> Gateway::dry_run(ByteView transaction) const {
  ASSIGN(const auto admitted, admit(transaction));
  const auto& application = admitted.first->application();
  const store::Tip tip = application.tip();
  const tx::BlockTime at{application.chain(), tip.height.next(),
                         std::max(Millis(tip.time.value() + 1), env_.now())};
  const auto state = application.store().snapshot();
  return tx::dry_run(*state, ledger_, at, *admitted.second);
}

std::optional<tx::Receipt> Gateway::find(const TxId& id) const {
  for (chain::Sequencer* each : chains_) {
    if (auto receipt = each->application().receipt(id)) return receipt;
  }
  return std::nullopt;
}

std::size_t Gateway::waiting() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

const chain::Application* Gateway::chain(ChainId id) const {
  return id.value() < chains_.size() ? &chains_[id.value()]->application() : nullptr;
}

}  // namespace intaglio::gateway
