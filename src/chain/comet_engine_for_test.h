// CometBFT as far as an application sees it, for tests: what it keeps over crashes, the handshake
// by which it goes on (consensus/replay.go of v0.38), and the calls of a height in their order.
#pragma once

#include <functional>

#include "chain/abci/driver_for_test.h"

namespace intaglio::chain {

class EngineForTest {
 public:
  // What it has on its disk. Blocks from the first on, though those below `base` count as pruned.
  std::vector<abci::FinalizeBlock> blocks;  // S is how many
  std::uint64_t base = 1;
  std::vector<Bytes> hashes;                        // T is how many: the app's, after each block
  std::optional<abci::FinalizeBlockAnswer> answer;  // saved, to the last block

  // Told when a request is on its way, and when its answer has come. The other side may be gone
  // afterwards.
  std::function<void()> on_sent = [] {};
  std::function<void()> on_answered = [] {};

  std::uint64_t stored() const { return blocks.size(); }
  std::uint64_t applied() const { return hashes.size(); }

  // What CometBFT would stop with, "gone" when the application ended, or nothing when they agree.
  std::string handshake(abci::DriverForTest& app) {
    const auto info = ask<abci::InfoAnswer>(app.query, abci::Info{});
    if (!info) return "gone";
    const auto height = static_cast<std::uint64_t>(info->last_block_height);
    if (height == 0 &&
        !ask<abci::InitChainAnswer>(
            app.consensus, abci::InitChain{proof::comet_time(Millis(0)), "chain", {}, {}, 1})) {
      return "gone";
    }
    if (stored() == 0) return height == 0 ? "" : "app height too high";
    if (height + 1 < base) return "app height too low";
    if (height > stored()) return "app height too high";
    if (height > 0 && height <= applied() && info->last_block_app_hash != hashes[height - 1]) {
      return "app hash differs";
    }
    for (auto next = height + 1; next <= applied(); ++next) {
      const std::string problem = replay(app, next);
      if (!problem.empty()) return problem;
    }
    if (stored() == applied()) return "";
    if (height < stored()) return apply(app) ? "" : "gone";
    // It had committed it: the rest is done with the answer that was saved.
    if (!answer || info->last_block_app_hash != answer->app_hash) return "app hash differs";
    note_applied();
    return "";
  }

  // Decides the block that follows. False when the application is gone; what was kept by then
  // stays.
  bool decide(abci::DriverForTest& app, abci::FinalizeBlock block) {
    block.height = static_cast<std::int64_t>(stored() + 1);
    blocks.push_back(std::move(block));
    answer.reset();
    return apply(app);
  }

  // The answer of that kind; nothing when the application is gone.
  template <typename Answer>
  std::optional<Answer> ask(abci::ChannelForTest& channel, const abci::Request& request) {
    channel.put(request);
    channel.flush();
    on_sent();
    const auto got = channel.receive();
    if (!got || !channel.receive()) return std::nullopt;
    if (const auto* exception = std::get_if<abci::Exception>(&*got)) {
      ADD_FAILURE() << exception->error;
      return std::nullopt;
    }
    on_answered();
    return std::get<Answer>(*got);
  }

 private:
  void note_applied() { hashes.push_back(answer->app_hash); }

  std::string replay(abci::DriverForTest& app, std::uint64_t height) {
    CHECK(height >= base);
    const auto again = ask<abci::FinalizeBlockAnswer>(app.consensus, blocks[height - 1]);
    if (!again) return "gone";
    if (again->app_hash != hashes[height - 1]) return "app hash differs";
    return ask<abci::CommitAnswer>(app.consensus, abci::Commit{}) ? "" : "gone";
  }

  // The last block: FinalizeBlock, its answer saved, Commit, the state saved.
  bool apply(abci::DriverForTest& app) {
    auto finalized = ask<abci::FinalizeBlockAnswer>(app.consensus, blocks.back());
    if (!finalized) return false;
    // What was answered before a crash is answered again.
    EXPECT_TRUE(!answer || *finalized == *answer);
    answer = std::move(finalized);
    const auto committed = ask<abci::CommitAnswer>(app.consensus, abci::Commit{});
    if (!committed) return false;
    note_applied();
    EXPECT_LE(committed->retain_height, blocks.back().height);
    base = std::max(base, static_cast<std::uint64_t>(committed->retain_height));
    return true;
  }
};

}  // namespace intaglio::chain
