// For benchmarks: the limits that signed work is compared with, taken in the same run.
#pragma once

#include <chrono>
#include <thread>
#include <vector>

#include "base/check.h"
#include "crypto/es256.h"

namespace intaglio::crypto {

// What all cores that this process may use do of some work a second, each `each` times.
template <typename Work>
double per_second_of_all_cores(int each, Work work) {
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < cores; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < each; ++n) work();
    });
  }
  for (auto& thread : threads) thread.join();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  return static_cast<double>(cores) * each / took.count();
}

// ES256 verifications a second, and nothing else.
inline double verifications_per_second(int each = 10'000) {
  static const auto key = SigningKey::generate();
  static const Digest digest{};
  static const auto signature = key.sign(digest);
  const Verifier verifier(key.public_key());
  return per_second_of_all_cores(each, [&] { CHECK(verifier.verify(digest, signature)); });
}

// ES256 signatures a second, each of them verified.
inline double signatures_verified_per_second(int each = 5'000) {
  static const auto key = SigningKey::generate();
  static const Digest digest{};
  const Verifier verifier(key.public_key());
  return per_second_of_all_cores(each, [&] { CHECK(verifier.verify(digest, key.sign(digest))); });
}

}  // namespace intaglio::crypto
