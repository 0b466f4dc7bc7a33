#include "cli/interrupt.h"

#include <chrono>

#include <signal.h>  // NOLINT(modernize-deprecated-headers): sigwait and its like are POSIX

namespace intaglio::cli {
namespace {

sigset_t interrupting() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

}  // namespace

Interrupt::Interrupt() {
  const sigset_t set = interrupting();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  // Writing to a client or terminal that is gone is an error code, not an end.
  signal(SIGPIPE, SIG_IGN);
  thread_ = std::jthread([this](const std::stop_token& stop) {
    const sigset_t waited = interrupting();
    const timespec moment{0, 100'000'000};
    while (!stop.stop_requested()) {
      if (sigtimedwait(&waited, nullptr, &moment) < 0) continue;
      const std::lock_guard lock(mutex_);
      // The second one means it: the default action ends the process at once.
      if (happened_) {
        signal(SIGINT, SIG_DFL);
        pthread_sigmask(SIG_UNBLOCK, &waited, nullptr);
        raise(SIGINT);
      }
      happened_ = true;
      changed_.notify_all();
    }
  });
}

Interrupt::~Interrupt() = default;

bool Interrupt::happened() const {
  const std::lock_guard lock(mutex_);
  return happened_;
}

void Interrupt::wait() const {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return happened_; });
}

bool Interrupt::sleep(unsigned milliseconds) const {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, std::chrono::milliseconds(milliseconds),
                            [this] { return happened_; });
}

}  // namespace intaglio::cli
