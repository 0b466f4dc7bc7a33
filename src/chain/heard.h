// The transactions that a consensus node was sent and that no block of its chain has yet. What is
// in a proposed block and stands here, as it was sent, need not be verified then. Without a thread;
// not for several threads at once.
#pragma once

#include <deque>
#include <unordered_map>

#include "tx/transaction.h"

namespace intaglio::chain {

struct HeardOptions {
  std::size_t capacity = 50'000;  // beyond it the oldest are forgotten; they may still be proposed
  Duration patience = seconds(10);  // so long a valid one may wait for its block
};

class Heard {
 public:
  explicit Heard(HeardOptions options = {}) : options_(options) {}

  // A transaction that nobody has verified yet.
  void hear(Bytes transaction, Millis now);

  // The oldest to be verified: its name, which is its leaf in a block's tree, and its bytes, good
  // until the next call. Nothing when all are.
  struct Unverified {
    Digest leaf;
    ByteView bytes;
  };
  std::optional<Unverified> next_unverified();
  // What came of it. One that is not valid is forgotten.
  void verified(const Digest& leaf, Result<tx::VerifiedTransaction> transaction);

  // nullptr when it was not heard or is not verified yet; good until the next call.
  const tx::VerifiedTransaction* find(const Digest& leaf) const;

  // It is in a block.
  void forget(const Digest& leaf);

  // Takes note of those that have waited too long.
  void age(Millis now);
  // How many valid ones waited too long, ever, and are in no block still.
  std::uint64_t overlooked() const { return overlooked_; }

  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    Bytes bytes;  // until it is verified
    std::optional<tx::VerifiedTransaction> transaction;
    Millis heard;
    bool is_overlooked = false;
  };
  void make_room();

  const HeardOptions options_;
  std::unordered_map<Digest, Entry> entries_;
  // In the order they were heard; some of these are forgotten by now.
  std::deque<Digest> fresh_;
  std::deque<Digest> stale_;
  std::deque<Digest> unverified_;
  std::uint64_t overlooked_ = 0;
};

}  // namespace intaglio::chain
