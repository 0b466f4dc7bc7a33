// What becomes of a chain that CometBFT orders when either of the two dies: every case of
// CometBFT's handshake, and the real thing, where this program runs itself as a child, which serves
// a chain until it is killed.
#include <csignal>
#include <filesystem>

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/child_for_test.h"
#include "chain/comet_engine_for_test.h"
#include "chain/comet_for_test.h"
#include "chain/pack.h"

namespace intaglio::chain {
namespace {

using namespace abci;

constexpr const char* kFolder = "INTAGLIO_COMET_CHILD_FOLDER";

CometOptions options_in(const std::string& folder) {
  return {.snapshots = folder + "/snapshots", .snapshot_every = 4, .snapshot_chunk = 2000};
}

// The child: the chain of the genesis in its folder, behind ABCI.
TEST(CometChild, DISABLED_ServesUntilItIsKilled) {
  const char* const given = std::getenv(kFolder);
  ASSERT_NE(given, nullptr) << "run by the tests below alone";
  const std::string folder = given;
  const auto genesis =
      must(ledger::genesis_from_bytes(must(system_env().read_file(folder + "/genesis", 1 << 20))));
  const auto key = crypto::SigningKey::generate();
  const auto application = must(chain::Application::open(
      genesis, NodesForTest::kChain, folder + "/chain", NodesForTest::signer(key)));
  const auto adapter = must(CometAdapter::open(*application, options_in(folder)));
  const auto server = must(Server::start("unix://" + folder + "/abci", *adapter));
  const std::uint8_t ready = 1;
  CHECK(::write(kChildReports, &ready, sizeof ready) == sizeof ready);
  while (true) ::pause();
}

class CometChild {
 public:
  explicit CometChild(std::string folder) : folder_(std::move(folder)) { start(); }
  ~CometChild() { kill(); }
  CometChild(const CometChild&) = delete;
  CometChild& operator=(const CometChild&) = delete;

  void start() {
    const ChildForTest child = start_child_for_test(
        "chain_test", "CometChild.DISABLED_ServesUntilItIsKilled", {kFolder + ("=" + folder_)});
    process_ = child.process;
    std::uint8_t ready = 0;
    CHECK(::read(*child.reports, &ready, sizeof ready) == sizeof ready);
  }
  // kill -9: no destructor, no flush.
  void kill() {
    if (process_ == 0) return;
    ::kill(process_, SIGKILL);
    CHECK(::waitpid(std::exchange(process_, 0), nullptr, 0) > 0);
  }
  bool runs() const { return process_ != 0; }
  std::string address() const { return "unix://" + folder_ + "/abci"; }

 private:
  const std::string folder_;
  pid_t process_ = 0;
};

class CometCrash : public Comet {
 protected:
  // A folder for a child.
  std::string child_folder(const std::string& name) {
    const std::string folder = folder_ / name;
    std::filesystem::create_directories(folder);
    EXPECT_TRUE(
        system_env().write_file(folder + "/genesis", codec::encode_record(nodes_.genesis()), 0600));
    return folder;
  }
  FinalizeBlock block(std::vector<Bytes> txs) {
    nodes_.wait(seconds(1));
    return {
        .txs = std::move(txs), .hash = {1}, .height = 0, .time = proof::comet_time(nodes_.now())};
  }
  // Blocks that some engine has decided, and their hashes, by the chain that is never stopped.
  EngineForTest decided(std::size_t count) {
    EngineForTest out;
    EXPECT_EQ(out.handshake(comet_.driver()), "");
    for (std::size_t i = 0; i < count; ++i) {
      EXPECT_TRUE(out.decide(comet_.driver(), block({pack(transfers(2)), nodes_.transfer(7)})));
    }
    return out;
  }
  // The engine as it is with that many blocks stored and applied.
  static EngineForTest at(const EngineForTest& whole, std::size_t stored, std::size_t applied) {
    EngineForTest out = whole;
    out.blocks.resize(stored);
    out.hashes.resize(applied);
    out.answer.reset();
    return out;
  }
  // An app that has committed so many of the blocks.
  std::unique_ptr<CometForTest> app_at(const EngineForTest& whole, std::size_t height) {
    auto out = std::make_unique<CometForTest>(nodes_, folder_ / ("app-" + std::to_string(apps_++)));
    for (std::size_t i = 0; i < height; ++i) out->follow(whole.blocks[i]);
    out->open();
    return out;
  }
  // They agree, and go on to the hashes of the chain that was never stopped.
  void expect_to_go_on(EngineForTest engine, CometForTest& app, const EngineForTest& whole) {
    ASSERT_EQ(engine.handshake(app.driver()), "");
    EXPECT_EQ(engine.applied(), engine.stored());
    while (engine.stored() < whole.stored()) {
      ASSERT_TRUE(engine.decide(app.driver(), whole.blocks[engine.stored()]));
    }
    EXPECT_EQ(engine.hashes, whole.hashes);
    EXPECT_EQ(app.application().tip(), comet_.application().tip());
    EXPECT_EQ(nodes_.paid(app.application()), nodes_.paid(comet_.application()));
  }
  int apps_ = 0;
};

// The rows of the matrix: S blocks stored, T applied by CometBFT, A committed by the app.

TEST_F(CometCrash, AnAppWithoutBlocksIsBegunWithAndGetsThemAll) {
  const auto whole = decided(5);
  for (const std::size_t stored : {0U, 1U, 3U}) {
    const auto app = app_at(whole, 0);
    expect_to_go_on(at(whole, stored, stored), *app, whole);
  }
  const auto app = app_at(whole, 0);
  expect_to_go_on(at(whole, 4, 3), *app, whole);
}

TEST_F(CometCrash, AnAppWithMoreBlocksThanCometIsNotUsed) {
  const auto whole = decided(4);
  const auto app = app_at(whole, 3);
  EXPECT_EQ(at(whole, 2, 2).handshake(app->driver()), "app height too high");
  EXPECT_EQ(at(whole, 0, 0).handshake(app->driver()), "app height too high");
  EXPECT_EQ(app->info().last_block_height, 3) << "it is as it was";
  expect_to_go_on(at(whole, 3, 3), *app, whole);
}

TEST_F(CometCrash, AnAppThatLacksPrunedBlocksIsNotUsed) {
  const auto whole = decided(5);
  auto pruned = at(whole, 5, 5);
  pruned.base = 4;
  const auto app = app_at(whole, 2);
  EXPECT_EQ(pruned.handshake(app->driver()), "app height too low");
  EXPECT_EQ(app->info().last_block_height, 2) << "it is as it was";
  const auto later = app_at(whole, 3);
  expect_to_go_on(pruned, *later, whole);
}

TEST_F(CometCrash, AnAppThatLacksBlocksGetsThemAgainToTheSameHashes) {
  const auto whole = decided(6);
  for (const std::size_t height : {1U, 3U}) {
    const auto app = app_at(whole, height);
    expect_to_go_on(at(whole, 4, 4), *app, whole);
  }
}

TEST_F(CometCrash, AnAppAtCometsHeightHasItsHash) {
  const auto whole = decided(3);
  const auto app = app_at(whole, 2);
  auto other = at(whole, 2, 2);
  other.hashes[1].back() ^= 1;
  EXPECT_EQ(other.handshake(app->driver()), "app hash differs") << "the driver looks";
  expect_to_go_on(at(whole, 2, 2), *app, whole);
}

TEST_F(CometCrash, AnAppBehindCometsStateGetsAllAndThenTheLast) {
  const auto whole = decided(6);
  const auto app = app_at(whole, 2);
  expect_to_go_on(at(whole, 5, 4), *app, whole);
}

TEST_F(CometCrash, ABlockThatNobodyAppliedIsAppliedByBoth) {
  const auto whole = decided(4);
  const auto app = app_at(whole, 2);
  // Executed before the crash or not: nothing of it is there.
  app->finalize(whole.blocks[2]);
  app->open();
  expect_to_go_on(at(whole, 3, 2), *app, whole);
}

TEST_F(CometCrash, ABlockThatTheAppCommittedIsNotAppliedTwice) {
  const auto whole = decided(4);
  const auto app = app_at(whole, 2);
  auto engine = at(whole, 3, 2);
  engine.answer = app->finalize(whole.blocks[2]);
  app->commit();
  app->open();
  expect_to_go_on(engine, *app, whole);
}

// The real thing. A height with two rounds, and what goes on beside it, killed at each call in
// turn: as soon as it is sent, and when it is answered.
TEST_F(CometCrash, KilledAtEveryStepItGoesOnAsIfNothingHadBeen) {
  CometChild child(child_folder("child"));
  auto driver = std::make_unique<DriverForTest>(child.address());
  EngineForTest engine;
  int calls_left = 0;
  bool is_sent = false;
  const auto count = [&](bool sent) {
    if (sent == is_sent && --calls_left == 0) child.kill();
  };
  engine.on_sent = [&] { count(true); };
  engine.on_answered = [&] { count(false); };
  // Nothing once the app is gone.
  const auto run_a_height = [&]() -> bool {
    if (engine.handshake(*driver) == "gone") return false;
    const Bytes packed = pack(transfers(3));
    const Bytes alone = nodes_.transfer(4);
    const Bytes other = nodes_.transfer(5);
    for (const Bytes& each : {packed, alone}) {
      if (!engine.ask<CheckTxAnswer>(driver->mempool, CheckTx{each, false})) return false;
    }
    auto next = block({other});
    const auto height = static_cast<std::int64_t>(engine.stored() + 1);
    // A round that is not decided, and the one that is.
    if (!engine.ask<ProcessProposalAnswer>(
            driver->consensus, ProcessProposal{{other}, {2}, height, next.time, {}, {}})) {
      return false;
    }
    const auto prepared = engine.ask<PrepareProposalAnswer>(
        driver->consensus, PrepareProposal{1'000'000, {packed, alone}, height, next.time, {}, {}});
    if (!prepared) return false;
    next.txs = prepared->txs;
    const auto processed = engine.ask<ProcessProposalAnswer>(
        driver->consensus, ProcessProposal{next.txs, {1}, height, next.time, {}, {}});
    if (!processed) return false;
    EXPECT_EQ(processed->status, Status::accept);
    if (!engine.decide(*driver, next)) return false;
    return engine.ask<CheckTxAnswer>(driver->mempool, CheckTx{alone, true}).has_value() &&
           engine.ask<ListSnapshotsAnswer>(driver->snapshot, ListSnapshots{}).has_value();
  };
  int rounds = 0;
  for (int at = 1; at < 40; ++at) {
    bool was_killed = false;
    for (const bool sent : {true, false}) {
      SCOPED_TRACE(testing::Message() << "call " << at << (sent ? " sent" : " answered"));
      calls_left = at;
      is_sent = sent;
      const bool is_done = run_a_height();
      calls_left = 0;
      was_killed |= !child.runs();
      EXPECT_TRUE(is_done || !child.runs());
      if (child.runs()) continue;
      ++rounds;
      child.start();
      driver = std::make_unique<DriverForTest>(child.address());
      ASSERT_EQ(engine.handshake(*driver), "");
      ASSERT_EQ(engine.applied(), engine.stored());
    }
    if (!was_killed) break;  // there are no more calls
  }
  EXPECT_GE(rounds, 20) << "ten calls, twice each";
  EXPECT_GT(engine.stored(), 5U);
  // A chain that was never stopped has the same hashes.
  std::vector<Bytes> hashes;
  for (const auto& each : engine.blocks) hashes.push_back(comet_.follow(each).app_hash);
  EXPECT_EQ(hashes, engine.hashes);
}

// State sync: before the last chunk is taken in the chain is empty, and afterwards whole.
TEST_F(CometCrash, KilledWhileItTakesASnapshotInItIsEmptyOrWhole) {
  CometForTest giver(nodes_, folder_ / "giver",
                     {.snapshots = "snapshots", .snapshot_every = 4, .snapshot_chunk = 2000});
  for (int i = 0; i < 4; ++i) {
    giver.follow([&] {
      auto next = block(transfers(5));
      next.height = static_cast<std::int64_t>(giver.height() + 1);
      return next;
    }());
  }
  giver.adapter().finish_snapshot();
  const auto snapshot =
      giver.driver().snapshot.ask<ListSnapshotsAnswer>(ListSnapshots{}).snapshots.at(0);
  std::vector<Bytes> chunks;
  for (std::uint32_t i = 0; i < snapshot.chunks; ++i) {
    chunks.push_back(
        giver.driver().snapshot.ask<LoadSnapshotChunkAnswer>(LoadSnapshotChunk{4, 1, i}).chunk);
  }
  const Bytes app_hash = giver.app_hash();
  const auto steps = static_cast<int>(snapshot.chunks) + 1;
  ASSERT_GT(steps, 4);
  int whole = 0;
  // Of the last call, as often as it takes to meet it at different moments.
  for (int round = 0; round < steps + 6; ++round) {
    SCOPED_TRACE(round);
    const std::string folder = child_folder("child-" + std::to_string(round));
    CometChild child(folder);
    EngineForTest engine;
    int calls_left = std::min(round + 1, steps);
    engine.on_sent = [&] {
      if (--calls_left == 0) child.kill();
    };
    const auto restore = [&](DriverForTest& driver) {
      const auto offered =
          engine.ask<OfferSnapshotAnswer>(driver.snapshot, OfferSnapshot{snapshot, app_hash});
      if (!offered) return false;
      EXPECT_EQ(offered->result, Offer::accept);
      for (std::uint32_t i = 0; i < snapshot.chunks; ++i) {
        const auto applied = engine.ask<ApplySnapshotChunkAnswer>(
            driver.snapshot, ApplySnapshotChunk{i, chunks[i], "peer"});
        if (!applied) return false;
        EXPECT_EQ(applied->result, Applied::accept);
      }
      return true;
    };
    {
      DriverForTest driver(child.address());
      restore(driver);
    }
    ASSERT_FALSE(child.runs());
    child.start();
    DriverForTest driver(child.address());
    const auto info = engine.ask<InfoAnswer>(driver.query, Info{}).value();
    if (info.last_block_height == 0) {
      EXPECT_TRUE(info.last_block_app_hash.empty());
    } else {
      ++whole;
      EXPECT_EQ(round + 1 >= steps, true) << "before its last chunk";
      EXPECT_EQ(info.last_block_height, 4);
      EXPECT_EQ(info.last_block_app_hash, app_hash);
    }
    EXPECT_TRUE(restore(driver)) << "once more, from the first";
    const auto after = engine.ask<InfoAnswer>(driver.query, Info{}).value();
    EXPECT_EQ(after.last_block_height, 4);
    EXPECT_EQ(after.last_block_app_hash, app_hash);
  }
  RecordProperty("whole", whole);
}

}  // namespace
}  // namespace intaglio::chain
