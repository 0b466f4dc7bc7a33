// The embedded orderer: a thread that takes what is waiting, makes a block of it, and tells
// everyone what became of theirs once it is durable. Blocks grow with the load: while one is
// written to disk the next one gathers, and a busy chain waits a little for more, since a block
// costs a signature and a disk write however few it holds.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "base/env.h"
#include "chain/application.h"

namespace intaglio::chain {

struct SequencerOptions {
  std::size_t max_block_transactions = 2000;
  std::size_t max_waiting = 20000;  // beyond it submit() says `busy`
  // After a block of several transactions the next one begins this much later, unless `enough` are
  // waiting before.
  std::chrono::milliseconds gather{5};
  std::size_t enough = 256;
  // A block is made at least this often, an empty one when nothing is waiting; 0: only for
  // transactions.
  Duration beat;
};

class Sequencer {
 public:
  // Called once for each transaction, on the sequencer's thread, after its block is durable: the
  // final receipt, or `shutting_down`. Must be quick.
  using Done = std::function<void(Result<tx::Receipt>)>;
  // Called after each durable block and before its receipts are given out, on the sequencer's
  // thread. Must be quick.
  using OnBlock = std::function<void(const Finalized&)>;

  // The application and the Env must outlive the sequencer.
  Sequencer(Application& application, Env& env, SequencerOptions options = {});
  ~Sequencer();
  Sequencer(const Sequencer&) = delete;
  Sequencer& operator=(const Sequencer&) = delete;

  // Before start() alone.
  void on_block(OnBlock listener) { listeners_.push_back(std::move(listener)); }

  void start();
  // Stops taking transactions in, finishes those that were, and returns.
  void stop();

  // `busy` when the queue is full, `shutting_down` after stop(); then `done` is never called.
  Result<void> submit(tx::VerifiedTransaction transaction, Done done);

  // Transactions taken in and not yet in a block.
  std::size_t waiting() const;

  Application& application() { return application_; }

 private:
  struct Waiting {
    tx::VerifiedTransaction transaction;
    Done done;
  };
  void run();
  // Whether there is something to do: a transaction or a beat. False when it is time to stop.
  bool wait_for_work(std::unique_lock<std::mutex>& lock);
  void make_block(std::vector<Waiting> batch);

  Application& application_;
  Env& env_;
  const SequencerOptions options_;
  std::vector<OnBlock> listeners_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Waiting> queue_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace intaglio::chain
