#include "service/certificate/recorder.h"

#include <algorithm>

#include "base/check.h"

namespace intaglio::service {
namespace {

// Between two looks; longer and longer while something cannot be recorded.
constexpr std::chrono::seconds kRound{5};
constexpr std::chrono::seconds kLongest{300};

}  // namespace

Recorder::Recorder(Authority& authority, Unrecorded rest)
    : authority_(authority), rest_(std::move(rest)) {}

Recorder::~Recorder() { stop(); }

void Recorder::start() {
  CHECK(!thread_.joinable());
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void Recorder::stop() {
  ask_to_stop();
  if (thread_.joinable()) thread_.join();
}

void Recorder::run(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::chrono::seconds pause = kRound;
  while (!stop.stop_requested()) {
    pause = authority_.record_rest(rest_, stop) ? kRound : std::min(2 * pause, kLongest);
    std::unique_lock lock(mutex);
    wake.wait_for(lock, stop, pause, [] { return false; });
  }
}

}  // namespace intaglio::service
