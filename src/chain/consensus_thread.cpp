#include "chain/consensus_thread.h"

#include "base/log.h"

namespace intaglio::chain {
namespace {

constexpr std::size_t kMaxHeard = 50'000;

}  // namespace

ConsensusThread::~ConsensusThread() { stop(); }

void ConsensusThread::start() {
  CHECK(!thread_.joinable());
  thread_ = std::thread([this] { run(); });
}

void ConsensusThread::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
  for (Asked& each : std::exchange(asked_, {})) each.done(refuse(Verdict::shutting_down));
}

void ConsensusThread::hear(Bytes transaction) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || heard_.size() >= kMaxHeard) return;
    heard_.push_back(std::move(transaction));
    if (heard_.size() > 1) return;
  }
  wake_.notify_one();
}

void ConsensusThread::ask(Message message, OtherNode::Done done) {
  {
    const std::lock_guard lock(mutex_);
    if (!stopping_) {
      asked_.push_back({std::move(message), std::move(done)});
      done = nullptr;
    }
  }
  if (done) return done(refuse(Verdict::shutting_down));
  wake_.notify_one();
}

void ConsensusThread::note_fork(const Standing& standing) {
  if (!standing.fork || is_fork_logged_) return;
  is_fork_logged_ = true;
  log::error("chain {}: its accounting node signed two blocks of one height: {} {}",
             node_.application().chain().value(), codec::to_hex(standing.fork->first),
             codec::to_hex(standing.fork->second));
}

void ConsensusThread::run() {
  bool is_idle = false;  // everything heard is verified
  while (true) {
    std::optional<Asked> asked;
    std::vector<Bytes> heard;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [&] { return stopping_ || !asked_.empty() || !heard_.empty() || !is_idle; });
      if (stopping_) return;
      heard = std::exchange(heard_, {});
      if (!asked_.empty()) {
        asked = std::move(asked_.front());
        asked_.pop_front();
      }
    }
    const Millis now = env_.now();
    for (Bytes& each : heard) node_.hear(std::move(each), now);
    if (asked) {
      auto standing = node_.answer(asked->message, now);
      note_fork(standing);
      asked->done(std::move(standing));
    }
    is_idle = !asked && !node_.verify_ahead(now);
  }
}

}  // namespace intaglio::chain
