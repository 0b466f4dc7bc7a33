#include "chain/sequencer.h"

namespace intaglio::chain {

Sequencer::Sequencer(Application& application, Env& env, MempoolOptions options)
    : application_(application), env_(env), mempool_(options) {}

Sequencer::~Sequencer() { stop(); }

void Sequencer::start() {
  CHECK(!thread_.joinable());
  thread_ = std::thread([this] { run(); });
}

void Sequencer::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
  // Never started: nobody will make the block these wait for.
  mempool_.refuse_all(Verdict::shutting_down);
}

Result<void> Sequencer::submit(tx::VerifiedTransaction transaction, Done done) {
  bool is_sooner = false;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return refuse(Verdict::shutting_down);
    TRY(mempool_.add(std::move(transaction), std::move(done)));
    is_sooner = mempool_.is_sooner();
  }
  if (is_sooner) wake_.notify_one();
  return {};
}

std::size_t Sequencer::waiting() const {
  const std::lock_guard lock(mutex_);
  return mempool_.size();
}

std::optional<Batch> Sequencer::wait_for_batch() {
  std::unique_lock lock(mutex_);
  while (true) {
    const SteadyTime now = std::chrono::steady_clock::now();
    if (stopping_) {
      if (mempool_.size() == 0) return std::nullopt;
      return mempool_.take(now);
    }
    const auto left =
        mempool_.due_in({now, env_.now(), application_.tip().time, application_.next_deadline()});
    if (left && left->count() <= 0) return mempool_.take(now);
    if (left) {
      wake_.wait_for(lock, *left);
    } else {
      wake_.wait(lock);
    }
  }
}

void Sequencer::run() {
  while (auto batch = wait_for_batch()) make_block(*std::move(batch));
}

void Sequencer::make_block(Batch batch) {
  const Finalized block = application_.finalize(env_.now(), batch.transactions);
  application_.commit(block);
  // First, so that whoever has a receipt finds all else that knows of the block up to it.
  for (const auto& listener : listeners_) listener(block);
  batch.answer(block.receipts);
}

}  // namespace intaglio::chain
