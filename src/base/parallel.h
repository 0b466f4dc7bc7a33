// The same work for each of many numbers, on several threads. What it does must not depend on which
// thread does it. Blocks until all is done.
#pragma once

#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

namespace intaglio {

template <typename Work>
void for_each_parallel(std::size_t count, unsigned threads, const Work& work) {
  std::atomic<std::size_t> next = 0;
  const auto run = [&] {
    for (std::size_t i = next++; i < count; i = next++) work(i);
  };
  std::vector<std::jthread> others;
  for (unsigned t = 1; t < threads && t < count; ++t) others.emplace_back(run);
  run();
}

}  // namespace intaglio
