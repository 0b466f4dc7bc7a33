#include "chain/mempool.h"

#include <algorithm>

namespace intaglio::chain {

void Batch::answer(std::span<const tx::Receipt> receipts) {
  CHECK(receipts.size() == waiting.size());
  for (std::size_t i = 0; i < waiting.size(); ++i) waiting[i](receipts[i]);
}

Result<void> Mempool::add(tx::VerifiedTransaction transaction, Done done) {
  if (queue_.size() >= options_.max_waiting) return refuse(Verdict::busy);
  queue_.push_back({std::move(transaction), std::move(done)});
  return {};
}

bool Mempool::is_sooner() const {
  // One ends the waiting for any, `enough` the gathering.
  return queue_.size() == 1 || queue_.size() == options_.enough;
}

std::optional<std::chrono::nanoseconds> Mempool::due_in(const Moment& now) const {
  if (queue_.size() >= options_.enough) return std::chrono::nanoseconds(0);
  const std::chrono::nanoseconds gathered = earliest_ - now.steady;
  if (!queue_.empty()) return gathered;
  Millis empty_block(UINT64_MAX);
  if (options_.beat != Duration()) empty_block = now.tip + options_.beat;
  if (now.deadline) empty_block = std::min(empty_block, *now.deadline + Duration(1));
  if (empty_block == Millis(UINT64_MAX)) return std::nullopt;
  // A century is enough to wait, and fits into nanoseconds.
  const Duration left = std::min(elapsed(now.wall, empty_block), seconds(3'000'000'000));
  return std::max<std::chrono::nanoseconds>(gathered, std::chrono::milliseconds(left.value()));
}

Batch Mempool::take(SteadyTime now) {
  Batch out;
  const auto most = std::min(queue_.size(), options_.max_block_transactions);
  out.transactions.reserve(most);
  out.waiting.reserve(most);
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < most; ++i) {
    bytes += queue_.front().transaction->encoded.size();
    if (i > 0 && bytes > options_.max_block_bytes) break;
    out.transactions.push_back(std::move(queue_.front().transaction));
    out.waiting.push_back(std::move(queue_.front().done));
    queue_.pop_front();
  }
  earliest_ = out.waiting.size() > 1 ? now + options_.gather : now;
  return out;
}

void Mempool::refuse_all(Verdict why) {
  for (auto& each : queue_) each.done(refuse(why));
  queue_.clear();
}

}  // namespace intaglio::chain
