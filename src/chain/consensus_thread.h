// The thread that runs a consensus node: it answers what the accounting node asks, and between
// that verifies what the gateway sent.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "base/env.h"
#include "chain/consensus_node.h"
#include "chain/sequencer.h"

namespace intaglio::chain {

class ConsensusThread {
 public:
  // The node and the Env must outlive it.
  ConsensusThread(ConsensusNode& node, Env& env) : node_(node), env_(env) {}
  ~ConsensusThread();
  ConsensusThread(const ConsensusThread&) = delete;
  ConsensusThread& operator=(const ConsensusThread&) = delete;

  const ConsensusNode& node() const { return node_; }

  void start();
  // What was asked by then is answered, with `shutting_down` where it was not begun.
  void stop();

  // A transaction as the gateway sent it. Any thread. One more than it can bear is dropped: it may
  // still come in a block.
  void hear(Bytes transaction);

  // `done` is called once, on this node's thread, or on the caller's when it has stopped. Any
  // thread.
  void ask(Message message, OtherNode::Done done);

 private:
  struct Asked {
    Message message;
    OtherNode::Done done;
  };
  void run();
  void note_fork(const Standing& standing);

  ConsensusNode& node_;
  Env& env_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Asked> asked_;
  std::vector<Bytes> heard_;
  bool stopping_ = false;
  bool is_fork_logged_ = false;  // the thread's
  std::thread thread_;
};

}  // namespace intaglio::chain
