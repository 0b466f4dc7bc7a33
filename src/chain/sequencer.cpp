#include "chain/sequencer.h"

namespace intaglio::chain {

Sequencer::Sequencer(Application& application, Env& env, SequencerOptions options)
    : application_(application), env_(env), options_(options) {}

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
  for (auto& waiting : queue_) waiting.done(refuse(Verdict::shutting_down));
  queue_.clear();
}

Result<void> Sequencer::submit(tx::VerifiedTransaction transaction, Done done) {
  std::size_t waiting = 0;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return refuse(Verdict::shutting_down);
    if (queue_.size() >= options_.max_waiting) return refuse(Verdict::busy);
    queue_.push_back({std::move(transaction), std::move(done)});
    waiting = queue_.size();
  }
  // The thread waits for one or for the other of these.
  if (waiting == 1 || waiting == options_.enough) wake_.notify_one();
  return {};
}

std::size_t Sequencer::waiting() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

bool Sequencer::wait_for_work(std::unique_lock<std::mutex>& lock) {
  const auto has_work = [this] { return stopping_ || !queue_.empty(); };
  if (options_.beat == Duration()) {
    wake_.wait(lock, has_work);
    return !queue_.empty();
  }
  while (!has_work()) {
    const Millis due = application_.tip().time + options_.beat;
    const Millis now = env_.now();
    if (now >= due) return true;
    wake_.wait_for(lock, std::chrono::milliseconds(due.value() - now.value()), has_work);
  }
  return !queue_.empty();
}

void Sequencer::run() {
  using Clock = std::chrono::steady_clock;
  Clock::time_point earliest;
  while (true) {
    std::vector<Waiting> batch;
    {
      std::unique_lock lock(mutex_);
      if (!wait_for_work(lock)) return;
      wake_.wait_until(lock, earliest,
                       [this] { return stopping_ || queue_.size() >= options_.enough; });
      const auto count = std::min(queue_.size(), options_.max_block_transactions);
      batch.reserve(count);
      for (std::size_t i = 0; i < count; ++i) {
        batch.push_back(std::move(queue_.front()));
        queue_.pop_front();
      }
    }
    const auto begun = Clock::now();
    earliest = batch.size() > 1 ? begun + options_.gather : begun;
    make_block(std::move(batch));
  }
}

void Sequencer::make_block(std::vector<Waiting> batch) {
  std::vector<tx::VerifiedTransaction> transactions;
  transactions.reserve(batch.size());
  for (auto& each : batch) transactions.push_back(std::move(each.transaction));
  const Finalized block = application_.finalize(env_.now(), transactions);
  application_.commit(block);
  // First, so that whoever has a receipt finds all else that knows of the block up to it.
  for (const auto& listener : listeners_) listener(block);
  for (std::size_t i = 0; i < batch.size(); ++i) batch[i].done(block.receipts[i]);
}

}  // namespace intaglio::chain
