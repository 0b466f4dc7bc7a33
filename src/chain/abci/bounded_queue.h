// A queue between two threads that makes the one who fills it wait when it is full.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>

namespace intaglio::chain::abci {

struct QueueLimits {
  std::size_t items;
  std::size_t weight;  // of all together, but for one that is alone
};

// Every function may be called from any thread.
template <typename T>
class BoundedQueue {
 public:
  explicit BoundedQueue(QueueLimits limits) : limits_(limits) {}

  // Waits for room. False, and nothing is added, once it is closed.
  bool push(T item, std::size_t weight) {
    std::unique_lock lock(mutex_);
    has_room_.wait(lock, [&] { return is_closed_ || has_room_for(weight); });
    if (is_closed_) return false;
    items_.push_back({std::move(item), weight});
    weight_ += weight;
    has_items_.notify_one();
    return true;
  }

  // Waits for the next one; nothing once it is closed and empty.
  std::optional<T> pop() {
    std::unique_lock lock(mutex_);
    has_items_.wait(lock, [&] { return is_closed_ || !items_.empty(); });
    return take();
  }
  // The next one if it is there.
  std::optional<T> try_pop() {
    const std::lock_guard lock(mutex_);
    return take();
  }

  // Takes nothing in any more; what is there can still be taken out.
  void close() {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
    has_room_.notify_all();
    has_items_.notify_all();
  }
  // The same, and what is there is thrown away.
  void abandon() {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
    items_.clear();
    weight_ = 0;
    has_room_.notify_all();
    has_items_.notify_all();
  }

 private:
  struct Item {
    T value;
    std::size_t weight;
  };
  bool has_room_for(std::size_t weight) const {
    return items_.empty() || (items_.size() < limits_.items && weight_ + weight <= limits_.weight);
  }
  std::optional<T> take() {
    if (items_.empty()) return std::nullopt;
    std::optional<T> out(std::move(items_.front().value));
    weight_ -= items_.front().weight;
    items_.pop_front();
    has_room_.notify_one();
    return out;
  }

  const QueueLimits limits_;
  std::mutex mutex_;
  std::condition_variable has_room_;
  std::condition_variable has_items_;
  std::deque<Item> items_;
  std::size_t weight_ = 0;
  bool is_closed_ = false;
};

}  // namespace intaglio::chain::abci
