// A thread that sees to it that every certificate gets its record on the main chain: those that
// were installed while the node was stopped, and those whose issuing was interrupted between the
// authority's records and the chain, whether or not somebody asks for them again.
#pragma once

#include <condition_variable>
#include <thread>

#include "service/certificate/authority.h"

namespace intaglio::service {

// The authority must outlive it.
class Recorder {
 public:
  Recorder(Authority& authority, Unrecorded rest);
  ~Recorder();
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  void start();
  // It may wait for a receipt: what the gateway and the chains answer when they stop ends that.
  void ask_to_stop() { thread_.request_stop(); }
  void stop();

 private:
  void run(const std::stop_token& stop);

  Authority& authority_;
  Unrecorded rest_;  // of the thread
  std::jthread thread_;
};

}  // namespace intaglio::service
