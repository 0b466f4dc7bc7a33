// For benchmarks: the limit that signed work is compared with, taken in the same run.
#pragma once

#include <chrono>
#include <thread>
#include <vector>

#include "base/check.h"
#include "crypto/es256.h"

namespace intaglio::crypto {

// ES256 verifications a second of all cores that this process may use, and nothing else.
inline double verifications_per_second(int each = 10'000) {
  static const auto key = SigningKey::generate();
  static const Digest digest{};
  static const auto signature = key.sign(digest);
  const Verifier verifier(key.public_key());
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < cores; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < each; ++n) CHECK(verifier.verify(digest, signature));
    });
  }
  for (auto& thread : threads) thread.join();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  return static_cast<double>(cores) * each / took.count();
}

}  // namespace intaglio::crypto
