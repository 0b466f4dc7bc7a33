#include "gateway/gateway.h"

#include "gateway/joint.h"

namespace intaglio::gateway {
namespace {

// A worker takes this many at a time: few enough to share out, enough to take the lock seldom.
constexpr std::size_t kTake = 16;

}  // namespace

Gateway::Gateway(const LedgerId& ledger, std::vector<Nodes> chains, Env& env,
                 GatewayOptions options)
    : env_(env), options_(options), admission_(ledger, {}, options.cached_keys) {
  for (Nodes& each : chains) add(std::move(each));
}

Gateway::~Gateway() { stop(); }

void Gateway::add(Nodes chain) {
  const auto& application = chain.ordering->application();
  CHECK(application.chain() == ChainId(chain_count()));
  chains_.add(std::move(chain));
  // What is admitted finds its chain.
  admission_.add(application);
}

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

Result<tx::Receipt> Gateway::answer_late(ByteView transaction, const Refusal& refusal) const {
  if (refusal.verdict == Verdict::expired) {
    const auto parsed = proof::parse_statement<tx::Transaction>(transaction, ledger());
    CHECK(parsed.has_value());
    const auto receipts = find(*TxId::from(parsed->id().view()));
    if (!receipts.empty()) return joint_receipt(receipts);
  }
  return std::unexpected(refusal);
}

void Gateway::hand_on(Waiting waiting) {
  auto admitted = admission_.admit(waiting.transaction, env_.now());
  if (!admitted) return waiting.done(answer_late(waiting.transaction, admitted.error()));
  const auto hand_to = [&](ChainId chain, tx::VerifiedTransaction transaction, const Done& done) {
    const Nodes& nodes = chains_[chain.value()];
    for (const auto& hear : nodes.consensus) hear(transaction->encoded);
    const auto taken = nodes.ordering->submit(std::move(transaction), done);
    if (!taken) done(std::unexpected(taken.error()));
  };
  auto& transaction = admitted->transaction;
  if (admitted->chains().size() == 1) {
    const ChainId chain = admitted->chains().front();
    return hand_to(chain, std::move(transaction), waiting.done);
  }
  const auto done = joint(admitted->chains().size(), std::move(waiting.done));
  for (std::size_t i = 0; i < done.size(); ++i) {
    hand_to(admitted->chains()[i], transaction, done[i]);
  }
}

Result<void> Gateway::dry_run(ByteView transaction) const {
  return admission_.dry_run(transaction, env_.now());
}

std::vector<tx::Receipt> Gateway::find(const TxId& id) const {
  std::vector<tx::Receipt> out;
  for (std::size_t i = 0; i < chains_.size(); ++i) {
    auto receipt = chains_[i].ordering->application().receipt(id);
    if (receipt) out.push_back(*std::move(receipt));
  }
  return out;
}

std::size_t Gateway::waiting() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

const chain::Application* Gateway::chain(ChainId id) const {
  if (id.value() >= chains_.size()) return nullptr;
  return &chains_[id.value()].ordering->application();
}

}  // namespace intaglio::gateway
