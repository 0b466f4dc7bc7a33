// A list that grows while others read it. What is in it never moves, and leaves with the list.
#pragma once

#include <array>
#include <atomic>
#include <memory>

#include "base/check.h"

namespace intaglio {

template <typename T>
class Growing {
 public:
  static constexpr std::size_t kMost = std::size_t{1} << 16;

  // One thread at a time; at most kMost.
  T& add(T item) {
    const std::size_t count = size_.load(std::memory_order_relaxed);
    CHECK(count < kMost);
    auto& part = parts_[count / kPart];
    if (!part) part = std::make_unique<std::unique_ptr<T>[]>(kPart);
    part[count % kPart] = std::make_unique<T>(std::move(item));
    size_.store(count + 1, std::memory_order_release);
    return *part[count % kPart];
  }

  // Any thread; what is below a size that was seen is there.
  std::size_t size() const { return size_.load(std::memory_order_acquire); }
  T& operator[](std::size_t i) { return *parts_[i / kPart][i % kPart]; }
  const T& operator[](std::size_t i) const { return *parts_[i / kPart][i % kPart]; }

 private:
  static constexpr std::size_t kPart = 256;
  std::array<std::unique_ptr<std::unique_ptr<T>[]>, kMost / kPart> parts_;
  std::atomic<std::size_t> size_ = 0;
};

}  // namespace intaglio
