// What happens next, in the order of simulated time: the only thing that moves it.
#pragma once

#include <chrono>
#include <functional>
#include <map>

#include "base/ids.h"

namespace intaglio::simulation {

using Span = std::chrono::microseconds;

constexpr Span milliseconds(std::uint64_t n) { return std::chrono::milliseconds(n); }

// When the simulated world begins, on a clock that is right.
inline constexpr Millis kBeginning{1'800'000'000'000};

class Timeline {
 public:
  using Event = std::function<void()>;

  Span now() const { return now_; }
  std::chrono::steady_clock::time_point steady() const {
    return std::chrono::steady_clock::time_point(now_);
  }
  // Of two events of one moment the one that was planned first comes first.
  void after(Span delay, Event event) {
    events_.emplace(std::pair(now_ + delay, planned_++), std::move(event));
  }
  // The next event, if there is one by then; else it is that moment.
  bool step(Span until) {
    if (events_.empty() || events_.begin()->first.first > until) {
      now_ = until;
      return false;
    }
    auto next = events_.extract(events_.begin());
    now_ = next.key().first;
    next.mapped()();
    return true;
  }

 private:
  Span now_{0};
  std::uint64_t planned_ = 0;
  std::map<std::pair<Span, std::uint64_t>, Event> events_;
};

// One machine's clock: ahead or behind, too quick or too slow, and sometimes it jumps.
class Clock {
 public:
  Clock(const Timeline& timeline, std::int64_t offset_ms, std::int64_t millionths)
      : timeline_(timeline), offset_ms_(offset_ms), millionths_(millionths) {}

  Millis now() const {
    const std::int64_t real = timeline_.now().count();
    const std::int64_t shown = (real + real / 1'000'000 * millionths_) / 1000 + offset_ms_;
    return Millis(kBeginning.value() +
                  static_cast<std::uint64_t>(std::max<std::int64_t>(shown, 0)));
  }
  void set(std::int64_t offset_ms) { offset_ms_ = offset_ms; }
  void set_right() { offset_ms_ = millionths_ = 0; }

 private:
  const Timeline& timeline_;
  std::int64_t offset_ms_;
  std::int64_t millionths_;
};

}  // namespace intaglio::simulation
