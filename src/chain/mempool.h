// What waits to come into a block of one chain, in order, and when the next block is due. Without
// a thread and without a clock: whoever orders (chain/sequencer.h) says what time it is.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "tx/executor.h"

namespace intaglio::chain {

struct MempoolOptions {
  std::size_t max_block_transactions = 2000;
  std::size_t max_block_bytes = std::size_t{4} << 20;  // of transactions, but for the first
  std::size_t max_waiting = 20000;                     // beyond it add() says `busy`
  // After a block of several transactions the next one begins this much later, unless `enough` are
  // waiting before.
  std::chrono::milliseconds gather{5};
  std::size_t enough = 256;
  // A block is made at least this often, an empty one when nothing is waiting; 0: only for
  // transactions.
  Duration beat;
};

// Called once for a transaction: its final receipt once its block is durable, or why it never came
// into one.
using Done = std::function<void(Result<tx::Receipt>)>;

// A clock that only goes forward, for waiting; the other one, which people read, may jump.
using SteadyTime = std::chrono::steady_clock::time_point;
struct Moment {
  SteadyTime steady;
  Millis wall;
  Millis tip;                      // when the last block was made, by its own time
  std::optional<Millis> deadline;  // the chain's next; once it has passed, a block is due
};

// The transactions of one block, and who waits for their receipts.
struct Batch {
  std::vector<tx::VerifiedTransaction> transactions;
  std::vector<Done> waiting;  // one a transaction

  // One receipt a transaction, in order.
  void answer(std::span<const tx::Receipt> receipts);
};

// Not for several threads at once.
class Mempool {
 public:
  explicit Mempool(MempoolOptions options) : options_(options) {}

  // `busy` when it is full; then `done` is never called.
  Result<void> add(tx::VerifiedTransaction transaction, Done done);
  // Right after add(): whether the next block may be due sooner for it.
  bool is_sooner() const;

  // How long until the next block is due: zero or less when it is now, nothing when it is not
  // before a transaction comes.
  std::optional<std::chrono::nanoseconds> due_in(const Moment& now) const;

  // The transactions of the next block, which begins now; none is a beat.
  Batch take(SteadyTime now);

  // Nobody will make a block of these any more.
  void refuse_all(Verdict why);

  std::size_t size() const { return queue_.size(); }

 private:
  struct Waiting {
    tx::VerifiedTransaction transaction;
    Done done;
  };
  const MempoolOptions options_;
  std::deque<Waiting> queue_;
  SteadyTime earliest_;  // of the next block, unless `enough` wait
};

}  // namespace intaglio::chain
