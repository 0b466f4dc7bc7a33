#include "gateway/joint.h"

#include <mutex>

namespace intaglio::gateway {

Result<tx::Receipt> joint_answer(std::span<const Result<tx::Receipt>> answers) {
  CHECK(!answers.empty());
  for (const auto& each : answers) {
    if (each && !each->accepted()) return each;
  }
  for (const auto& each : answers) {
    if (!each) return each;
  }
  return answers.front();
}

const tx::Receipt& joint_receipt(std::span<const tx::Receipt> receipts) {
  CHECK(!receipts.empty());
  for (const auto& each : receipts) {
    if (!each.accepted()) return each;
  }
  return receipts.front();
}

std::vector<chain::Done> joint(std::size_t chains, chain::Done done) {
  struct Shared {
    std::mutex mutex;
    std::vector<Result<tx::Receipt>> answers;
    std::size_t left = 0;
    chain::Done done;
  };
  const auto shared = std::make_shared<Shared>();
  shared->answers.assign(chains, refuse(Verdict::pending));
  shared->left = chains;
  shared->done = std::move(done);
  std::vector<chain::Done> out;
  for (std::size_t i = 0; i < chains; ++i) {
    out.emplace_back([shared, i](Result<tx::Receipt> answer) {
      {
        const std::lock_guard lock(shared->mutex);
        shared->answers[i] = std::move(answer);
        if (--shared->left > 0) return;
      }
      shared->done(joint_answer(shared->answers));
    });
  }
  return out;
}

}  // namespace intaglio::gateway
