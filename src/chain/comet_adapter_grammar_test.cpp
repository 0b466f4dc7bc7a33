// Whatever CometBFT may call between two blocks, in any order that its grammar allows
// (spec/abci/abci++_comet_expected_behavior.md), a chain follows from the blocks that are decided
// alone.
#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "chain/comet_for_test.h"
#include "chain/pack.h"

namespace intaglio::chain {
namespace {

using namespace abci;
using Random = std::mt19937_64;

class CometGrammar : public Comet {
 protected:
  bool one_in(std::size_t count) { return random_() % count == 0; }
  const Bytes& any_of(const std::vector<Bytes>& txs) { return txs[random_() % txs.size()]; }

  // One of CometBFT's transactions, and what of it is signed.
  struct Tx {
    Bytes bytes;
    std::vector<Bytes> members;
  };
  Tx any_tx() {
    const auto transfer = [&] {
      return nodes_.transfer(one_in(5) ? 10'000'000 : 1 + random_() % 5);
    };
    switch (random_() % 8) {
      case 0: return {broken(transfer()), {}};
      case 1: return {Bytes(random_() % 50, 0x83), {}};
      case 2:
        if (!known_.empty()) {
          const Bytes& again = any_of(known_);
          return {again, {again}};
        }
        [[fallthrough]];
      case 3: {
        const std::vector<Bytes> members{transfer(), transfer(), transfer()};
        const Bytes packed =
            pack(std::vector{members[0], broken(transfer()), members[1], members[2]});
        return {packed, members};
      }
      default: {
        const Bytes one = transfer();
        known_.push_back(one);
        return {one, {one}};
      }
    }
  }

  // What may come at any time.
  void call_anything(CometForTest& node) {
    auto& driver = node.driver();
    switch (random_() % 8) {
      case 0:
        EXPECT_EQ(node.info().last_block_height, static_cast<std::int64_t>(node.height()));
        EXPECT_EQ(node.info().last_block_app_hash, node.height() > 0 ? node.app_hash() : Bytes());
        break;
      case 1: driver.query.ask<QueryAnswer>(Query{Bytes(32, 1), "/receipt"}); break;
      case 2:
        EXPECT_EQ(driver.query.ask<QueryAnswer>(Query{{}, "/header"}).code,
                  node.height() > 0 ? 0U : code(Verdict::unknown_block));
        break;
      case 3: node.check(any_tx().bytes, one_in(2)); break;
      case 4: driver.snapshot.ask<ListSnapshotsAnswer>(ListSnapshots{}); break;
      case 5:
        driver.snapshot.ask<LoadSnapshotChunkAnswer>(LoadSnapshotChunk{random_() % 9, 1, 0});
        break;
      case 6: EXPECT_EQ(driver.mempool.ask<EchoAnswer>(Echo{"e"}).message, "e"); break;
      default:
        driver.consensus.flush();
        EXPECT_TRUE(driver.consensus.receive() == Response(FlushAnswer{}));
    }
    if (one_in(4)) driver.consensus.ask<ExtendVoteAnswer>(ExtendVote{});
    if (one_in(4)) {
      EXPECT_EQ(driver.consensus.ask<VerifyVoteExtensionAnswer>(VerifyVoteExtension{}).status,
                Status::accept);
    }
  }

  // Rounds before the one that is decided.
  void walk_rounds(CometForTest& node) {
    for (auto rounds = random_() % 4; rounds > 0; --rounds) {
      std::vector<Tx> proposed(random_() % 5);
      std::vector<Bytes> txs;
      for (Tx& each : proposed) {
        each = any_tx();
        txs.push_back(each.bytes);
      }
      const bool is_right =
          std::ranges::all_of(proposed, [](const Tx& each) { return !each.members.empty(); });
      call_anything(node);
      if (one_in(2)) {
        const auto prepared = node.driver().consensus.ask<PrepareProposalAnswer>(
            PrepareProposal{static_cast<std::int64_t>(random_() % 5000), txs, 1, {}, {}, {}});
        EXPECT_LE(prepared.txs.size(), txs.size());
        // What is prepared here is accepted everywhere.
        EXPECT_EQ(node.process(prepared.txs), Status::accept);
      }
      EXPECT_EQ(node.process(txs), is_right ? Status::accept : Status::reject);
      call_anything(node);
    }
  }

  // All that waits is looked at again at once, with no pause in between.
  void recheck(CometForTest& node, const std::vector<Bytes>& waiting, std::uint32_t expected) {
    auto& mempool = node.driver().mempool;
    for (const Bytes& each : waiting) mempool.put(CheckTx{each, true});
    mempool.flush();
    for (std::size_t i = 0; i < waiting.size(); ++i) {
      const auto answer = mempool.receive();
      ASSERT_TRUE(answer.has_value());
      EXPECT_EQ(std::get<CheckTxAnswer>(*answer).code, expected);
    }
    EXPECT_TRUE(mempool.receive() == Response(FlushAnswer{}));
  }

  // The height's block, by whatever way leads there.
  Bytes walk_to(CometForTest& node, const FinalizeBlock& block) {
    walk_rounds(node);
    if (one_in(3)) {
      // Executed, and lost with the process.
      node.finalize(block);
      call_anything(node);
      node.open();
    }
    if (one_in(2)) node.process(block.txs);
    const auto answer = node.finalize(block);
    EXPECT_EQ(answer.tx_results.size(), block.txs.size());
    call_anything(node);
    node.commit();
    call_anything(node);
    return answer.app_hash;
  }

  const std::uint64_t seed_ = std::random_device{}();
  Random random_{seed_};
  std::vector<Bytes> known_;  // sent some time, alone
};

TEST_F(CometGrammar, AnyWalkLeadsToTheHashesOfTheDecidedBlocks) {
  SCOPED_TRACE(testing::Message() << "seed " << seed_);
  CometForTest other(nodes_, folder_ / "other",
                     {.threads = 3, .snapshots = "snapshots", .snapshot_every = 3});
  const auto waiting = transfers(20);
  for (const Bytes& each : waiting) EXPECT_EQ(comet_.check(each), 0U);
  for (int height = 1; height <= 25; ++height) {
    SCOPED_TRACE(testing::Message() << "height " << height);
    nodes_.wait(seconds(1));
    std::vector<Bytes> txs;
    std::vector<Bytes> members;
    for (auto count = random_() % 6; count > 0; --count) {
      const Tx tx = any_tx();
      txs.push_back(tx.bytes);
      members.insert(members.end(), tx.members.begin(), tx.members.end());
    }
    const auto block = comet_.block(txs);
    const Bytes hash = walk_to(comet_, block);
    EXPECT_EQ(walk_to(other, block), hash);
    embed(members);
    EXPECT_EQ(hash, embedded_hash());
    recheck(comet_, waiting, 0);
  }
  EXPECT_EQ(nodes_.paid(comet_.application()), nodes_.paid(nodes_.application()));
  comet_.decide({pack(waiting)});
  recheck(comet_, waiting, kDecidedBefore);
}

TEST_F(CometGrammar, AStormOfChecksIsAnsweredInItsOrder) {
  const auto txs = transfers(300);
  auto& mempool = comet_.driver().mempool;
  for (int storm = 0; storm < 5; ++storm) {
    for (std::size_t i = 0; i < txs.size(); ++i) {
      mempool.put(CheckTx{i % 3 == 0 ? broken(txs[i]) : txs[i], storm > 0});
    }
    mempool.flush();
    for (std::size_t i = 0; i < txs.size(); ++i) {
      const auto answer = mempool.receive();
      ASSERT_TRUE(answer.has_value());
      // Checked again without its signature.
      const bool is_refused = storm == 0 && i % 3 == 0;
      EXPECT_EQ(std::get<CheckTxAnswer>(*answer).code,
                is_refused ? code(Verdict::bad_signature) : 0U)
          << i;
    }
    EXPECT_TRUE(mempool.receive() == Response(FlushAnswer{}));
  }
  EXPECT_EQ(comet_.adapter().verifications(), 200U);
}

TEST_F(CometGrammar, ConnectionsGoOnBesideEachOther) {
  CometForTest node(nodes_, folder_ / "busy",
                    {.threads = 2, .snapshots = "snapshots", .snapshot_every = 2});
  const auto checked = transfers(200);
  const auto decided = transfers(60);
  std::thread mempool([&] {
    for (const Bytes& each : checked) {
      EXPECT_EQ(node.check(each), 0U);
      EXPECT_EQ(node.check(each, true), 0U);
    }
  });
  std::thread queries([&] {
    std::int64_t last = 0;
    for (int i = 0; i < 200; ++i) {
      const auto height = node.info().last_block_height;
      EXPECT_GE(height, last);
      last = height;
      if (height > 0) {
        EXPECT_EQ(node.driver().query.ask<QueryAnswer>(Query{{}, "/header", height}).code, 0U);
      }
    }
  });
  std::thread snapshots([&] {
    for (int i = 0; i < 200; ++i) {
      const auto listed =
          node.driver().snapshot.ask<ListSnapshotsAnswer>(ListSnapshots{}).snapshots;
      EXPECT_LE(listed.size(), SnapshotShelf::kKept);
      for (const auto& each : listed) {
        node.driver().snapshot.ask<LoadSnapshotChunkAnswer>(LoadSnapshotChunk{each.height, 1, 0});
      }
    }
  });
  std::vector<Bytes> hashes;
  std::vector<FinalizeBlock> blocks;
  for (std::size_t i = 0; i < 30; ++i) {
    blocks.push_back(node.block({pack(std::span(decided).subspan(2 * i, 2))}));
    EXPECT_EQ(node.process(blocks.back().txs), Status::accept);
    hashes.push_back(node.follow(blocks.back()).app_hash);
  }
  mempool.join();
  queries.join();
  snapshots.join();
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    EXPECT_EQ(comet_.follow(blocks[i]).app_hash, hashes[i]);
  }
}

// As large as CometBFT lets a block be.
TEST_F(CometGrammar, ABlockOfAHundredMegabytesIsTakenWhole) {
  std::vector<Bytes> txs(100, Bytes(std::size_t{1} << 20, 0xd2));
  EXPECT_EQ(comet_.process(txs), Status::reject);
  txs.push_back(nodes_.transfer(3));
  const auto answer = comet_.decide(txs);
  ASSERT_EQ(answer.tx_results.size(), 101U);
  EXPECT_EQ(answer.tx_results.front().code, code(Verdict::too_large));
  EXPECT_EQ(answer.tx_results.back().code, 0U);
  EXPECT_EQ(nodes_.paid(comet_.application()), 3U);
}

}  // namespace
}  // namespace intaglio::chain
