// The ordering of a chain by a network of CometBFT nodes, seen from one of them: its application,
// which it calls by ABCI, and those who hand in transactions here and wait for receipts. What is
// handed in goes to that node's mempool by its RPC, many in one pack when many wait
// (chain/pack.h), and once more when no block had it after a while: a mempool forgets when its
// process ends.
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <unordered_map>

#include "base/env.h"
#include "chain/abci/server.h"
#include "chain/comet_adapter.h"
#include "chain/ordering.h"
#include "proof/comet_wire.h"
#include "proof/double_vote.h"

namespace intaglio::chain {

// How a CometBFT node is reached beside ABCI. Functions are called on several threads at once and
// may block.
struct CometRpc {
  // Hands a transaction to its mempool, which may have it already: what CheckTx said. Any refusal
  // means that the mempool may not have it now.
  std::function<Result<abci::CheckTxAnswer>(ByteView transaction)> broadcast;
  // Who committed CometBFT's block of that height. Not checked; `unknown_block` when it is not
  // there.
  std::function<Result<proof::LightBlock>(Height)> light_block;
  // What CometBFT's block of that height has evidence of. Not checked.
  std::function<Result<std::vector<proof::DoubleVote>>(Height)> double_votes;
};

struct CometOrderingOptions {
  CometOptions adapter;
  std::string address;      // where CometBFT finds the application: abci::Listener::listen
  std::size_t senders = 4;  // the mempool takes a while for each, whatever its size
  // From one pack to the next: what comes meanwhile goes together, since each pack costs the node a
  // call, a check and a message to every peer. What comes alone does not wait.
  std::chrono::milliseconds gather{20};
  std::size_t max_waiting = 20000;
  std::chrono::milliseconds again{5000};  // until what no block had is handed in once more
  std::chrono::milliseconds pause{250};   // the same when the node did not take it
};

class CometOrdering final : public Ordering {
 public:
  // What CometAdapter::open and abci::Server::start refuse. CometBFT may connect at once; no block
  // is committed before start(). The application and the Env must outlive it, and what `rpc` uses.
  static Result<std::unique_ptr<CometOrdering>> open(Application& application, Env& env,
                                                     CometRpc rpc, CometOrderingOptions options);
  ~CometOrdering() override;
  CometOrdering(const CometOrdering&) = delete;
  CometOrdering& operator=(const CometOrdering&) = delete;

  void on_block(OnBlock listener) override { listeners_.push_back(std::move(listener)); }

  // Called for what a block has evidence of, on a thread that hands in transactions. It says by
  // `settled`, once and on any thread, whether the main chain has decided on it for good; else it
  // is called again a while later, and after a restart too. Before start() alone.
  using Settled = std::function<void(bool)>;
  using OnDoubleVote = std::function<void(const proof::DoubleVote&, Settled settled)>;
  void on_double_vote(OnDoubleVote listener) { on_double_vote_ = std::move(listener); }

  void start() override;
  // CometBFT ends itself when its application goes.
  void stop() override;

  // `done` is called on the thread of a block's commit, a sender's, or this one. What was decided
  // before has its first receipt at once; `expired` once no block can have it any more;
  // `timed_out` when the chain stands still so long after its end that nobody waits for it.
  Result<void> submit(tx::VerifiedTransaction transaction, Done done) override;

  std::size_t waiting() const override;
  // Its validators' nodes: whether they voted for the last block. Asks CometBFT.
  std::vector<NodeReport> nodes() const override;
  Application& application() override { return application_; }

  // Of CometBFT, open now. Any thread.
  std::size_t connections() const { return server_->connections(); }

 private:
  struct Waiting {
    Bytes encoded;
    std::vector<Done> done;
    Millis valid_until;
    std::optional<std::uint64_t> pack;  // in which it was handed in
  };
  // What goes to the mempool as one transaction.
  struct Pack {
    std::vector<TxId> members;
    std::size_t left = 0;  // of these that still wait for it
    Bytes encoded;
    SteadyTime due;  // to be handed in again
  };
  struct Answer {
    Done done;
    Result<tx::Receipt> result;
  };
  using Answers = std::vector<Answer>;

  CometOrdering(Application& application, Env& env, CometRpc rpc, CometOrderingOptions options);
  void committed(const Finalized& block);
  void send();
  // The next to be handed in, by its number; nothing when it is time to stop.
  std::optional<std::pair<std::uint64_t, Bytes>> next_pack(std::unique_lock<std::mutex>& lock);
  void make_pack();
  std::chrono::milliseconds round() const;
  // Now and then, for what notes name (CometOptions::asks_comet).
  void ask_comet();
  void show_double_votes(Height block);
  void handed_in(std::uint64_t number, const Result<abci::CheckTxAnswer>& answer);
  Result<tx::Receipt> answer_refused(const TxId& id, std::uint32_t code) const;
  // It waits no longer; the mutex is held.
  void take(const TxId& id, const Result<tx::Receipt>& result, Answers& answers);
  void take_overdue(Answers& answers);
  void set_due(std::uint64_t number, Pack& pack, std::chrono::milliseconds pause);

  Application& application_;
  Env& env_;
  const CometRpc rpc_;
  const CometOrderingOptions options_;
  std::vector<OnBlock> listeners_;
  OnDoubleVote on_double_vote_;
  std::unique_ptr<CometAdapter> adapter_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;     // senders: something is to be handed in
  std::condition_variable changed_;  // start() or stop() was called, or nobody waits any more
  bool started_ = false;
  bool stopping_ = false;
  bool ended_ = false;  // senders leave
  std::unordered_map<TxId, Waiting> waiting_;
  std::set<std::pair<Millis, TxId>> ends_;  // of all that wait
  std::deque<TxId> queue_;                  // not handed in yet
  SteadyTime pack_due_;                     // when the next pack may be made of these
  std::map<std::uint64_t, Pack> packs_;
  std::set<std::pair<SteadyTime, std::uint64_t>> due_;  // packs that nobody is handing in
  std::uint64_t next_pack_ = 0;
  SteadyTime ask_due_;  // when CometBFT is asked again
  // Blocks with double votes, when these are shown again: the end of time while they are being
  // shown, nothing once they need not be. Shared with those who say so.
  struct Shown {
    std::mutex mutex;
    std::map<Height, std::optional<SteadyTime>> blocks;
  };
  const std::shared_ptr<Shown> shown_ = std::make_shared<Shown>();
  bool is_out_ = false;  // CometBFT's node did not take what was handed in last
  std::vector<std::thread> senders_;
  std::unique_ptr<abci::Server> server_;  // last: it calls all of this
};

}  // namespace intaglio::chain
