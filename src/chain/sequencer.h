// The embedded orderer: a thread that takes what is waiting (chain/mempool.h), makes a block of it,
// and tells everyone what became of theirs once it is durable. Blocks grow with the load: while one
// is written to disk the next one gathers, and a busy chain waits a little for more, since a block
// costs a signature and a disk write however few it holds.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/env.h"
#include "chain/application.h"
#include "chain/mempool.h"

namespace intaglio::chain {

class Sequencer {
 public:
  // Called after each durable block and before its receipts are given out, on the sequencer's
  // thread. Must be quick.
  using OnBlock = std::function<void(const Finalized&)>;

  // The application and the Env must outlive the sequencer.
  Sequencer(Application& application, Env& env, MempoolOptions options = {});
  ~Sequencer();
  Sequencer(const Sequencer&) = delete;
  Sequencer& operator=(const Sequencer&) = delete;

  // Before start() alone.
  void on_block(OnBlock listener) { listeners_.push_back(std::move(listener)); }

  void start();
  // Stops taking transactions in, finishes those that were, and returns.
  void stop();

  // `busy` when the queue is full, `shutting_down` after stop(); then `done` is never called. Else
  // it is called once, on the sequencer's thread, and must be quick.
  Result<void> submit(tx::VerifiedTransaction transaction, Done done);

  // Transactions taken in and not yet in a block.
  std::size_t waiting() const;

  Application& application() { return application_; }

 private:
  void run();
  // The next block's transactions once it is due; nothing when it is time to stop.
  std::optional<Batch> wait_for_batch();
  void make_block(Batch batch);

  Application& application_;
  Env& env_;
  std::vector<OnBlock> listeners_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  Mempool mempool_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace intaglio::chain
