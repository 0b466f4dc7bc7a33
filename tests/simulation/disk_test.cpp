// That a chain's store survives a crash at any change of its disk, and that the disk can tell.
#include "simulation/disk.h"

#include <gtest/gtest.h>

#include "store/blocks_for_test.h"

namespace intaglio::simulation {
namespace {

// Commits a few blocks until the disk crashes, opens again, and so on; how many blocks were there
// when it was opened last, or what was wrong.
struct Story {
  std::uint64_t blocks = 0;
  std::uint64_t crashes = 0;
  std::string wrong;
};

Story live(std::uint64_t seed, DiskFaults faults) {
  Story story;
  Dice dice(seed);
  Disk disk(dice.fork(), faults);
  std::mt19937_64 random(seed);
  store::Audit audit;
  std::optional<std::uint64_t> committed;
  for (int round = 0; round < 12; ++round) {
    disk.crash_in(dice.below(80));
    auto opened = store::ChainStore::open("/chain", store_options_on(disk));
    if (!opened && !disk.crashed()) {
      story.wrong = to_string(opened.error());
      return story;
    }
    if (opened && !disk.crashed()) {
      store::ChainStore& chain = **opened;
      const auto tip = chain.empty() ? std::nullopt : std::optional(chain.tip().height.value());
      if (tip < committed) {
        story.wrong = "a block that was committed is gone";
        return story;
      }
      if (tip) story.wrong = audit.follow(chain);
      if (!story.wrong.empty()) return story;
      for (int i = 0; i < 20 && !disk.crashed(); ++i) {
        chain.commit(store::random_block(random, chain).commit());
        disk.run_jobs();
        if (!disk.crashed()) committed = chain.tip().height.value();
      }
    }
    opened = refuse(Verdict::internal);
    story.crashes += disk.crashed() ? 1 : 0;
    disk.restart();
  }
  story.blocks = committed.value_or(0);
  return story;
}

TEST(SimulatedDisk, AStoreOnItKeepsWhatWasCommittedWhereverItCrashes) {
  std::uint64_t blocks = 0;
  std::uint64_t crashes = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const Story story = live(seed, {});
    ASSERT_EQ(story.wrong, "") << "seed " << seed;
    blocks += story.blocks;
    crashes += story.crashes;
  }
  EXPECT_GT(blocks, 400U);
  EXPECT_GT(crashes, 200U);
}

TEST(SimulatedDisk, TellsWhenSyncedBytesAreLost) {
  std::size_t told = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    told += live(seed, {.loses_synced = true}).wrong.empty() ? 0 : 1;
  }
  EXPECT_GT(told, 7U);
}

}  // namespace
}  // namespace intaglio::simulation
