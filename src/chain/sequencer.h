// The embedded orderer: a thread that takes what is waiting (chain/mempool.h), makes a block of it,
// has it signed by the chain's consensus nodes where there are any (chain/accounting_node.h), and
// tells everyone what became of theirs once it is durable. Blocks grow with the load: while one is
// signed and written to disk the next one gathers, and a busy chain waits a little for more, since
// a block costs a signature and a disk write however few it holds.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/env.h"
#include "chain/ordering.h"

namespace intaglio::chain {

// Another node of a chain: its key, and how it is asked. `done` is called once, on any thread, with
// where it stands or with why there is no answer.
struct OtherNode {
  using Done = std::function<void(Result<Standing>)>;
  KeyHash key;
  std::function<void(Message, Done)> ask;
};

class Sequencer final : public Ordering {
 public:
  // The application and the Env must outlive the sequencer.
  Sequencer(Application& application, Env& env, MempoolOptions options = {},
            std::vector<OtherNode> others = {});
  ~Sequencer() override;
  Sequencer(const Sequencer&) = delete;
  Sequencer& operator=(const Sequencer&) = delete;

  void on_block(OnBlock listener) override { listeners_.push_back(std::move(listener)); }

  void start() override;
  // A block that no quorum signs within two seconds stays proposed.
  void stop() override;

  // `done` is called on the sequencer's thread.
  Result<void> submit(tx::VerifiedTransaction transaction, Done done) override;

  std::size_t waiting() const override;
  std::vector<NodeReport> nodes() const override;
  Application& application() override { return application_; }

 private:
  // Shared with the callbacks of who was asked.
  struct Answer {
    KeyHash node;
    Result<Standing> standing;
  };
  struct Inbox {
    std::mutex mutex;
    std::condition_variable wake;
    std::vector<Answer> answers;
  };
  // What there is to do: answers, or the next block's transactions, or to ask somebody again.
  struct Work {
    std::vector<Answer> answers;
    std::optional<Batch> batch;
  };

  void run();
  // Nothing when it is time to stop.
  std::optional<Work> wait_for_work();
  // When the next block is due; the end of time when it is not before something comes.
  SteadyTime next_block(const Clocks& now) const;
  bool is_finished(SteadyTime now) const;
  void give_out(AccountingNode::Committed committed);
  void ask_others();
  Clocks clocks() const;

  Application& application_;
  Env& env_;
  std::vector<OnBlock> listeners_;
  const std::vector<OtherNode> others_;
  AccountingNode accounting_;  // the thread's, once it runs
  const std::shared_ptr<Inbox> inbox_ = std::make_shared<Inbox>();
  // The inbox's mutex guards what follows.
  Mempool mempool_;
  std::vector<NodeReport> nodes_;
  bool stopping_ = false;
  SteadyTime stopped_;
  std::thread thread_;
};

}  // namespace intaglio::chain
