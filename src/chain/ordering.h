// Who puts a chain's transactions in order and makes its blocks: the embedded sequencer
// (chain/sequencer.h), or a network of CometBFT nodes (chain/comet_ordering.h). Whoever it is calls
// the same Application, so the same blocks have the same hashes.
#pragma once

#include <functional>
#include <vector>

#include "chain/accounting_node.h"

namespace intaglio::chain {

class Ordering {
 public:
  // Called after each durable block and before its receipts are given out, on the ordering's
  // thread. Must be quick.
  using OnBlock = std::function<void(const Finalized&)>;

  virtual ~Ordering() = default;

  // Before start() alone.
  virtual void on_block(OnBlock listener) = 0;

  virtual void start() = 0;
  // Takes no more in, waits a little for what was, and returns: who still waits is told
  // `shutting_down`.
  virtual void stop() = 0;

  // `unknown_key` as check_signer, `busy` when too many wait, `shutting_down` after stop(); then
  // `done` is never called. Else it is called once, on any thread, and must be quick.
  virtual Result<void> submit(tx::VerifiedTransaction transaction, Done done) = 0;

  // Transactions taken in and not yet in a block. Any thread.
  virtual std::size_t waiting() const = 0;

  // Where the chain's other nodes were when they last answered, as far as that is known here. Any
  // thread.
  virtual std::vector<NodeReport> nodes() const = 0;

  virtual Application& application() = 0;
};

}  // namespace intaglio::chain
