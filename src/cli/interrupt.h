// Ctrl-C and SIGTERM as something to wait for.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

namespace intaglio::cli {

// Made before any other thread, so that none of them gets the signals. One in a process. Any
// thread.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  bool happened() const;
  void wait() const;
  // False when it was interrupted before the time was over.
  bool sleep(unsigned milliseconds) const;

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  bool happened_ = false;
  std::jthread thread_;
};

}  // namespace intaglio::cli
