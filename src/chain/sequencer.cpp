#include "chain/sequencer.h"

#include "chain/door.h"

namespace intaglio::chain {
namespace {

// How long a block may wait for its quorum once the node stops.
constexpr std::chrono::seconds kGrace{2};

std::vector<KeyHash> keys_of(const std::vector<OtherNode>& others) {
  std::vector<KeyHash> out;
  out.reserve(others.size());
  for (const OtherNode& each : others) out.push_back(each.key);
  return out;
}

}  // namespace

Sequencer::Sequencer(Application& application, Env& env, MempoolOptions options,
                     std::vector<OtherNode> others)
    : application_(application),
      env_(env),
      others_(std::move(others)),
      accounting_(application, keys_of(others_)),
      mempool_(options),
      nodes_(accounting_.report()) {}

Sequencer::~Sequencer() { stop(); }

void Sequencer::start() {
  CHECK(!thread_.joinable());
  thread_ = std::thread([this] { run(); });
}

void Sequencer::stop() {
  {
    const std::lock_guard lock(inbox_->mutex);
    if (!stopping_) stopped_ = std::chrono::steady_clock::now();
    stopping_ = true;
  }
  inbox_->wake.notify_all();
  if (thread_.joinable()) thread_.join();
  // Nobody will make the block that these wait for, or not before the next start.
  for (const Done& each : accounting_.leave()) each(refuse(Verdict::shutting_down));
  mempool_.refuse_all(Verdict::shutting_down);
}

Result<void> Sequencer::submit(tx::VerifiedTransaction transaction, Done done) {
  TRY(check_signer(application_, *transaction));
  bool is_sooner = false;
  {
    const std::lock_guard lock(inbox_->mutex);
    if (stopping_) return refuse(Verdict::shutting_down);
    TRY(mempool_.add(std::move(transaction), std::move(done)));
    is_sooner = mempool_.is_sooner();
  }
  if (is_sooner) inbox_->wake.notify_one();
  return {};
}

std::size_t Sequencer::waiting() const {
  const std::lock_guard lock(inbox_->mutex);
  return mempool_.size();
}

std::vector<NodeReport> Sequencer::nodes() const {
  const std::lock_guard lock(inbox_->mutex);
  return nodes_;
}

Clocks Sequencer::clocks() const { return {std::chrono::steady_clock::now(), env_.now()}; }

bool Sequencer::is_finished(SteadyTime now) const {
  const bool has_work = mempool_.size() > 0 || accounting_.is_open();
  return stopping_ && (!has_work || now >= stopped_ + kGrace);
}

SteadyTime Sequencer::next_block(const Clocks& now) const {
  if (stopping_ && mempool_.size() > 0) return now.steady;
  const auto due = mempool_.due_in(
      {now.steady, now.wall, application_.tip().time, application_.next_deadline()});
  return due ? now.steady + *due : SteadyTime::max();
}

std::optional<Sequencer::Work> Sequencer::wait_for_work() {
  const bool may_propose = accounting_.may_propose();
  const SteadyTime begun = std::chrono::steady_clock::now();
  const auto pause = accounting_.due_in(begun);
  const SteadyTime next_look = pause ? begun + *pause : SteadyTime::max();
  std::unique_lock lock(inbox_->mutex);
  nodes_ = accounting_.report();
  while (true) {
    const Clocks now = clocks();
    if (is_finished(now.steady)) return std::nullopt;
    Work work{std::exchange(inbox_->answers, {}), std::nullopt};
    const SteadyTime block = may_propose ? next_block(now) : SteadyTime::max();
    if (block <= now.steady) work.batch = mempool_.take(now.steady);
    if (!work.answers.empty() || work.batch || next_look <= now.steady) return work;

    auto until = std::min(block, next_look);
    if (stopping_) until = std::min(until, stopped_ + kGrace);
    if (until == SteadyTime::max()) {
      inbox_->wake.wait(lock);
    } else {
      inbox_->wake.wait_until(lock, until);
    }
  }
}

void Sequencer::run() {
  ask_others();
  while (auto work = wait_for_work()) {
    for (const Answer& each : work->answers) {
      if (each.standing) {
        accounting_.answered(each.node, *each.standing, clocks());
      } else {
        accounting_.failed(each.node, clocks());
      }
    }
    if (work->batch) accounting_.propose(*std::move(work->batch), env_.now());
    auto committed = accounting_.commit();
    const bool is_new = committed.has_value();
    if (committed) give_out(*std::move(committed));
    ask_others();
    if (is_new) accounting_.prune();
  }
}

void Sequencer::give_out(AccountingNode::Committed committed) {
  // First, so that whoever has a receipt finds all else that knows of the block up to it.
  for (const auto& listener : listeners_) listener(committed.block);
  committed.batch.answer(committed.block.receipts);
}

void Sequencer::ask_others() {
  for (const OtherNode& each : others_) {
    auto message = accounting_.next_for(each.key, clocks());
    if (!message) continue;
    each.ask(*std::move(message), [inbox = inbox_, key = each.key](Result<Standing> standing) {
      {
        const std::lock_guard lock(inbox->mutex);
        inbox->answers.push_back({key, std::move(standing)});
      }
      inbox->wake.notify_one();
    });
  }
}

}  // namespace intaglio::chain
