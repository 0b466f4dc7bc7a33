// The door to the chains. Takes signed transactions as bytes, judges them on worker threads (see
// gateway/admission.h), hands on what is admitted to the ordering and the consensus nodes of the
// chain of the payer's address, and answers with the final receipt.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "base/env.h"
#include "chain/ordering.h"
#include "gateway/admission.h"

namespace intaglio::gateway {

struct GatewayOptions {
  unsigned workers = 0;             // 0: one a core
  std::size_t max_waiting = 50000;  // beyond it submit() answers `busy`
  std::size_t cached_keys = 100000;
};

// Every function may be called from any thread.
class Gateway {
 public:
  // A chain as the gateway knows it. Both must outlive the gateway; who hears is called on a worker
  // and must be quick.
  struct Nodes {
    chain::Ordering* ordering;
    std::vector<std::function<void(Bytes transaction)>> consensus;
  };

  // The final receipt of a transaction in a block; or why it never came into one, which is not
  // final: nothing is recorded, and the same bytes may be sent again.
  using Done = std::function<void(Result<tx::Receipt>)>;

  // chains[i] must be those of chain i.
  Gateway(const LedgerId& ledger, std::vector<Nodes> chains, Env& env, GatewayOptions options = {});
  ~Gateway();
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  // The chain with the next number. One thread at a time.
  void add(Nodes chain);

  void start();
  // Finishes what was taken in.
  void stop();

  // `done` is called exactly once, from a worker or an ordering's thread.
  void submit(Bytes transaction, Done done);

  // Admission::dry_run() now. Blocks for a signature check.
  Result<void> dry_run(ByteView transaction) const;

  // What the chains that have a transaction made of it, by chain.
  std::vector<tx::Receipt> find(const TxId& id) const;

  // Transactions taken in and not yet judged or handed to a chain.
  std::size_t waiting() const;

  const LedgerId& ledger() const { return admission_.ledger(); }
  std::uint16_t chain_count() const { return static_cast<std::uint16_t>(chains_.size()); }
  // nullptr when there is no such chain.
  const chain::Application* chain(ChainId id) const;

 private:
  struct Waiting {
    Bytes transaction;
    Done done;
  };
  void run();
  void hand_on(Waiting waiting);
  // What is not admitted since it has expired may have its receipts from before.
  Result<tx::Receipt> answer_late(ByteView transaction, const Refusal& refusal) const;

  Env& env_;
  const GatewayOptions options_;
  Growing<Nodes> chains_;
  Admission admission_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Waiting> queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace intaglio::gateway
