#include "crypto/verifier_cache.h"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

namespace intaglio::crypto {
namespace {

TEST(VerifierCache, FindsWhatWasInsertedAndNothingElse) {
  VerifierCache cache(100);
  const PublicKey key = SigningKey::generate().public_key();
  EXPECT_EQ(cache.find(key.hash()), nullptr);
  const auto verifier = cache.insert(key);
  EXPECT_EQ(verifier->key(), key);
  EXPECT_EQ(cache.find(key.hash()), verifier);
  EXPECT_EQ(cache.find(SigningKey::generate().public_key().hash()), nullptr);
}

TEST(VerifierCache, KeepsAKeyInUseAndForgetsOthersPastItsCapacity) {
  constexpr std::size_t kCapacity = 64;
  VerifierCache cache(kCapacity);
  const PublicKey used = SigningKey::generate().public_key();
  const auto verifier = cache.insert(used);
  std::vector<KeyHash> others;
  for (int i = 0; i < 600; ++i) {
    others.push_back(cache.insert(SigningKey::generate().public_key())->key_hash());
    ASSERT_EQ(cache.find(used.hash()), verifier);
  }
  const auto kept = std::ranges::count_if(
      others, [&](const KeyHash& other) { return cache.find(other) != nullptr; });
  // Each of 16 shards rounds its halves up by one key.
  EXPECT_LE(kept, static_cast<std::ptrdiff_t>(kCapacity) + 32);
  EXPECT_GT(kept, 0);
}

TEST(VerifierCache, IsSharedByThreads) {
  VerifierCache cache(8);
  std::vector<PublicKey> keys;
  for (int i = 0; i < 64; ++i) keys.push_back(SigningKey::generate().public_key());
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int round = 0; round < 5; ++round) {
        for (const PublicKey& key : keys) {
          auto verifier = cache.find(key.hash());
          if (!verifier) verifier = cache.insert(key);
          if (verifier->key() != key) ++wrong;
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace intaglio::crypto
