#include "chain/comet_adapter.h"

#include <random>

#include <gtest/gtest.h>

#include "chain/comet_for_test.h"
#include "chain/pack.h"

namespace intaglio::chain {
namespace {

using namespace abci;

TEST_F(Comet, BlocksHaveTheHashesOfTheEmbeddedMode) {
  const auto init = comet_.driver().consensus.ask<InitChainAnswer>(
      InitChain{proof::comet_time(kStart), "comet-test", {}, {}, 1});
  EXPECT_EQ(init.app_hash, embedded_hash());
  const Bytes again = nodes_.transfer(5);
  const std::vector<std::vector<Bytes>> blocks{
      {nodes_.transfer(1), nodes_.transfer(2), again},
      {},
      {nodes_.transfer(10'000'000), again},  // more than there is; what is decided already
      {nodes_.transfer(3)}};
  for (const auto& txs : blocks) {
    nodes_.wait(seconds(1));
    EXPECT_EQ(comet_.process(txs), Status::accept);
    const auto answer = comet_.decide(txs);
    embed(txs);
    EXPECT_EQ(answer.app_hash, embedded_hash());
    EXPECT_EQ(answer.tx_results.size(), txs.size());
    EXPECT_EQ(comet_.application().tip(), nodes_.application().tip());
  }
  EXPECT_EQ(nodes_.paid(comet_.application()), 11U);
}

TEST_F(Comet, ReceiptsStandInTheResultsOfABlock) {
  const std::vector<Bytes> txs{nodes_.transfer(1), nodes_.transfer(10'000'000)};
  const auto answer = comet_.decide(txs);
  const auto receipts = comet_.application().receipts(Height(1)).value();
  ASSERT_EQ(answer.tx_results.size(), 2U);
  EXPECT_EQ(answer.tx_results[0], (ExecTxResult{.code = 0, .data = receipts[0]}));
  EXPECT_EQ(answer.tx_results[1].code, code(Verdict::insufficient_funds));
  EXPECT_EQ(answer.tx_results[1].data, receipts[1]);
  EXPECT_EQ(answer.tx_results[1].codespace, "intaglio");
}

TEST_F(Comet, TransactionsThatNobodySignedForHaveNoEffectAndAResultEach) {
  const Bytes good = nodes_.transfer(7);
  const auto answer = comet_.decide({broken(nodes_.transfer(1)), good, Bytes{1, 2, 3}, {}});
  ASSERT_EQ(answer.tx_results.size(), 4U);
  EXPECT_NE(answer.tx_results[0].code, 0U);
  EXPECT_TRUE(answer.tx_results[0].data.empty());
  EXPECT_EQ(answer.tx_results[1].code, 0U);
  EXPECT_NE(answer.tx_results[2].code, 0U);
  EXPECT_NE(answer.tx_results[3].code, 0U);
  embed({good});
  EXPECT_EQ(answer.app_hash, embedded_hash());
  EXPECT_EQ(nodes_.paid(comet_.application()), 7U);
}

// In any shapes that a gateway may choose, the block is that of the members.
TEST_F(Comet, PacksGiveTheBlocksOfTheirMembers) {
  const auto seed = std::random_device{}();
  std::mt19937 random(seed);
  for (int round = 0; round < 10; ++round) {
    SCOPED_TRACE(testing::Message() << "seed " << seed << " round " << round);
    std::vector<Bytes> members;
    std::vector<Bytes> txs;
    for (auto packs = random() % 6; packs > 0; --packs) {
      const auto more = transfers(1 + random() % 6);
      members.insert(members.end(), more.begin(), more.end());
      txs.push_back(pack(more));
    }
    nodes_.wait(seconds(1));
    EXPECT_EQ(comet_.process(txs), Status::accept);
    const auto answer = comet_.decide(txs);
    embed(members);
    EXPECT_EQ(answer.app_hash, embedded_hash());
    EXPECT_EQ(comet_.application().tip(), nodes_.application().tip());
    // Each member's receipt is in its transaction's result.
    std::vector<Bytes> receipts;
    ASSERT_EQ(answer.tx_results.size(), txs.size());
    for (std::size_t i = 0; i < txs.size(); ++i) {
      EXPECT_EQ(answer.tx_results[i].code, 0U);
      const Bytes& data = answer.tx_results[i].data;
      if (!is_pack(txs[i])) {
        receipts.push_back(data);
        continue;
      }
      for (const auto& each : must(decode_outcomes(data))) receipts.push_back(must(each));
    }
    EXPECT_EQ(receipts, comet_.application().receipts(comet_.application().tip().height));
  }
}

TEST_F(Comet, AMemberThatNobodySignedForIsLeftOutAndSaysSo) {
  const Bytes first = nodes_.transfer(1);
  const Bytes last = nodes_.transfer(10'000'000);
  const Bytes unknown = [&] {
    NodesForTest others(0);
    return others.transfer();
  }();
  const std::vector<Bytes> nested{nodes_.transfer(2), nodes_.transfer(3)};
  const auto answer = comet_.decide({pack(
      std::vector{first, broken(nodes_.transfer(4)), Bytes{1}, unknown, pack(nested), last})});
  ASSERT_EQ(answer.tx_results.size(), 1U);
  EXPECT_EQ(answer.tx_results[0].code, 0U);
  const auto outcomes = must(decode_outcomes(answer.tx_results[0].data));
  const auto receipts = comet_.application().receipts(Height(1)).value();
  ASSERT_EQ(receipts.size(), 2U);
  EXPECT_EQ(outcomes, (std::vector<Result<Bytes>>{
                          receipts[0], refuse(Verdict::bad_signature), refuse(Verdict::bad_value),
                          refuse(Verdict::unknown_key), refuse(Verdict::bad_value), receipts[1]}));
  EXPECT_EQ(must(codec::decode_record<tx::Receipt>(receipts[1])).verdict,
            code(Verdict::insufficient_funds));
  embed({first, last});
  EXPECT_EQ(answer.app_hash, embedded_hash());
}

TEST_F(Comet, APackThatIsNoneHasACodeAndNoEffect) {
  Bytes cut = pack(transfers(3));
  cut.pop_back();
  const Bytes good = nodes_.transfer(5);
  EXPECT_EQ(comet_.process({cut}), Status::reject);
  EXPECT_EQ(comet_.check(cut), code(Verdict::truncated));
  EXPECT_EQ(comet_.check(cut, true), code(Verdict::truncated));
  const auto answer = comet_.decide({cut, good});
  EXPECT_EQ(answer.tx_results[0].code, code(Verdict::truncated));
  EXPECT_TRUE(answer.tx_results[0].data.empty());
  embed({good});
  EXPECT_EQ(answer.app_hash, embedded_hash());
}

TEST_F(Comet, APackIsTakenWhenOneOfItsMembersIs) {
  const auto good = transfers(2);
  const std::vector<Bytes> bad{broken(nodes_.transfer(1)), Bytes{1}};
  const Bytes mixed = pack(std::vector{bad[0], good[0], bad[1], good[1]});
  EXPECT_EQ(comet_.check(mixed), 0U);
  EXPECT_EQ(comet_.check(mixed, true), 0U);
  EXPECT_EQ(comet_.check(pack(bad)), code(Verdict::bad_signature))
      << "what its first one is refused with";
  EXPECT_EQ(comet_.process({mixed}), Status::accept);
  EXPECT_EQ(comet_.process({mixed, pack(bad)}), Status::reject);
  const auto prepared = comet_.driver().consensus.ask<PrepareProposalAnswer>(
      PrepareProposal{.max_tx_bytes = 100'000, .txs = {pack(bad), mixed}, .height = 1, .time = {}});
  EXPECT_EQ(prepared.txs, std::vector<Bytes>{mixed});
  comet_.decide({good[0]});
  EXPECT_EQ(comet_.check(mixed, true), 0U) << "there is one that waits";
  comet_.decide({mixed});
  EXPECT_EQ(comet_.check(pack(good)), kDecidedBefore);
  EXPECT_EQ(comet_.check(pack(good), true), kDecidedBefore);
}

TEST_F(Comet, WhatThisProcessVerifiedIsNotVerifiedAgain) {
  const Bytes known = nodes_.transfer(1);
  const Door door(comet_.application(), 10);
  comet_.adapter().remember(must(door.verify(known)));
  EXPECT_EQ(comet_.check(known), 0U);
  EXPECT_EQ(comet_.process({known}), Status::accept);
  comet_.decide({known});
  EXPECT_EQ(comet_.adapter().verifications(), 0U);
  EXPECT_EQ(nodes_.paid(comet_.application()), 1U);
  // All else is judged as of any other.
  const Bytes elsewhere = nodes_.transfer(1, ChainId(0));
  comet_.adapter().remember(must(door.verify(elsewhere)));
  EXPECT_EQ(comet_.check(elsewhere), code(Verdict::wrong_chain));
}

TEST_F(Comet, WhatWasVerifiedOnceIsNotVerifiedAgain) {
  const auto txs = transfers(8);
  const std::vector<Bytes> packed{pack(std::span(txs).first(5)), txs[5],
                                  pack(std::span(txs).last(2))};
  for (const Bytes& each : packed) EXPECT_EQ(comet_.check(each), 0U);
  EXPECT_EQ(comet_.adapter().verifications(), 8U);
  for (const Bytes& each : packed) EXPECT_EQ(comet_.check(each, true), 0U);
  EXPECT_EQ(comet_.process(packed), Status::accept);
  EXPECT_EQ(comet_.process(txs), Status::accept) << "packed otherwise they are the same";
  comet_.decide(packed);
  EXPECT_EQ(comet_.adapter().verifications(), 8U);
  // Another signature under the same body is other bytes, and is looked at.
  EXPECT_EQ(comet_.process({broken(txs[0])}), Status::reject);
  const Bytes unseen = nodes_.transfer(1);
  EXPECT_EQ(comet_.process({unseen}), Status::accept);
  comet_.decide({unseen});
  EXPECT_EQ(comet_.adapter().verifications(), 9U);
}

TEST_F(Comet, ForgetsWhatItVerifiedWhenThereIsMuch) {
  CometForTest limited(nodes_, folder_ / "limited", {.threads = 3, .verified_bytes = 10'000});
  const auto txs = transfers(40);
  EXPECT_EQ(limited.process(txs), Status::accept);
  EXPECT_EQ(limited.adapter().verifications(), 40U);
  const auto answer = limited.finalize(limited.block(txs));
  EXPECT_EQ(limited.adapter().verifications(), 40U) << "the block is the proposal";
  EXPECT_EQ(limited.process(txs), Status::accept);
  EXPECT_GT(limited.adapter().verifications(), 60U);
  embed(txs);
  EXPECT_EQ(answer.app_hash, embedded_hash());
}

TEST_F(Comet, NothingIsDurableBeforeItIsCommitted) {
  const auto block_one = comet_.block({nodes_.transfer(1)});
  const auto first = comet_.finalize(block_one);
  EXPECT_EQ(comet_.info().last_block_height, 0);
  comet_.open();
  EXPECT_EQ(comet_.info().last_block_height, 0);
  EXPECT_EQ(comet_.exception(Commit{}), "block_gap at no block") << "it is gone";
  EXPECT_EQ(comet_.finalize(block_one), first);
  EXPECT_EQ(comet_.commit(), 0);
  comet_.open();
  const auto info = comet_.info();
  EXPECT_EQ(info.last_block_height, 1);
  EXPECT_EQ(info.last_block_app_hash, first.app_hash);
  EXPECT_EQ(info.app_version, kCometAppVersion);
}

TEST_F(Comet, AnotherRoundsBlockTakesThePlaceOfOneThatWasNotDecided) {
  comet_.finalize(comet_.block({nodes_.transfer(1)}));
  const std::vector<Bytes> other{nodes_.transfer(2)};
  const auto answer = comet_.decide(other);
  embed(other);
  EXPECT_EQ(answer.app_hash, embedded_hash());
  EXPECT_EQ(nodes_.paid(comet_.application()), 2U);
}

TEST_F(Comet, BlocksComeInTheirOrderOrNotAtAll) {
  auto early = comet_.block({});
  early.height = 2;
  EXPECT_EQ(comet_.exception(early), "block_gap at 2 and not 1");
  EXPECT_EQ(comet_.exception(Commit{}), "block_gap at no block");
  comet_.decide({});
  EXPECT_EQ(comet_.exception(Commit{}), "block_gap at no block") << "it was committed once";
  auto late = comet_.block({});
  late.height = 1;
  EXPECT_EQ(comet_.exception(late), "block_gap at 1 and not 2");
  auto before_time = comet_.block({});
  before_time.time = {-1, 0};
  EXPECT_EQ(comet_.exception(before_time), "bad_value at time");
}

TEST_F(Comet, BlocksAreCaughtUpWithFromTheFirstAsTheyWere) {
  std::vector<FinalizeBlock> blocks;
  for (std::uint64_t i = 1; i <= 5; ++i) {
    nodes_.wait(seconds(1));
    blocks.push_back(comet_.block({nodes_.transfer(i), nodes_.transfer(i)}));
    comet_.follow(blocks.back());
  }
  CometForTest fresh(nodes_, folder_ / "fresh");
  for (const FinalizeBlock& each : blocks) fresh.follow(each);
  EXPECT_EQ(fresh.application().tip(), comet_.application().tip());
}

TEST_F(Comet, GenesisMayBeBegunWithUntilThereIsABlock) {
  const auto with = [&](std::string_view state, std::int64_t first = 1) {
    return comet_.exception(
        InitChain{proof::comet_time(kStart), "comet-test", {}, to_bytes(as_bytes(state)), first});
  };
  const std::string ledger = codec::to_hex(nodes_.ledger());
  for (const std::string& state :
       {std::string(), std::string("{}"), R"({"ledger": ")" + ledger + R"("})"}) {
    EXPECT_EQ(with(state), "none");
    EXPECT_EQ(with(state), "none") << "as often as it is asked";
  }
  EXPECT_EQ(with(R"({"ledger": "00"})"), "wrong_ledger at app_state.ledger");
  EXPECT_TRUE(with("{").starts_with("bad_encoding at app_state"));
  EXPECT_EQ(with("", 2), "bad_value at initial_height");
  comet_.decide({});
  EXPECT_EQ(with(""), "block_gap at 1 and not 2");
}

TEST_F(Comet, ProposalsHoldWhatIsSignedAndHasRoom) {
  const std::vector<Bytes> good{nodes_.transfer(1), nodes_.transfer(2), nodes_.transfer(3)};
  const Bytes bad = broken(nodes_.transfer(4));
  const auto prepare = [&](std::size_t most) {
    return comet_.driver()
        .consensus
        .ask<PrepareProposalAnswer>(PrepareProposal{.max_tx_bytes = static_cast<std::int64_t>(most),
                                                    .txs = {good[0], bad, good[1], good[2]},
                                                    .height = 1,
                                                    .time = {}})
        .txs;
  };
  EXPECT_EQ(prepare(100'000), good);
  // Each takes its own size and three bytes in the block's message.
  const std::size_t two = good[0].size() + good[1].size() + 6;
  EXPECT_EQ(prepare(two), (std::vector<Bytes>{good[0], good[1]}));
  EXPECT_EQ(prepare(two - 1), (std::vector<Bytes>{good[0]}));
  EXPECT_TRUE(prepare(0).empty());
  EXPECT_EQ(comet_.process(good), Status::accept);
  EXPECT_EQ(comet_.process({}), Status::accept);
  EXPECT_EQ(comet_.process({good[0], bad}), Status::reject);
  EXPECT_EQ(comet_.process({Bytes{1}}), Status::reject);
}

TEST_F(Comet, TransactionsAreCheckedBeforeAndAfterTheyAreDecided) {
  const Bytes tx = nodes_.transfer(1);
  EXPECT_EQ(comet_.check(tx), 0U);
  EXPECT_EQ(comet_.check(tx, true), 0U);
  EXPECT_EQ(comet_.check(broken(tx)), code(Verdict::bad_signature));
  EXPECT_EQ(comet_.check(Bytes{1}), code(Verdict::bad_value));
  EXPECT_EQ(comet_.check(nodes_.transfer(1, ChainId(0))), code(Verdict::wrong_chain));
  comet_.decide({tx});
  EXPECT_EQ(comet_.check(tx), kDecidedBefore);
  EXPECT_EQ(comet_.check(tx, true), kDecidedBefore);
  const Bytes waiting = nodes_.transfer(2);
  EXPECT_EQ(comet_.check(waiting, true), 0U);
  nodes_.wait(seconds(2 * 3600));
  comet_.decide({});
  EXPECT_EQ(comet_.check(waiting, true), code(Verdict::expired));
}

TEST_F(Comet, QueriesFindReceiptsAndHeaders) {
  const Bytes tx = nodes_.transfer(1);
  comet_.decide({tx});
  const auto id = must(proof::parse_statement<tx::Transaction>(tx, nodes_.ledger())).id();
  const auto ask = [&](Query query) { return comet_.driver().query.ask<QueryAnswer>(query); };
  const auto receipt = ask({to_bytes(id.view()), "/receipt"});
  EXPECT_EQ(receipt.code, 0U);
  EXPECT_EQ(receipt.height, 1);
  EXPECT_EQ(receipt.value, comet_.application().receipts(Height(1)).value()[0]);
  EXPECT_EQ(ask({Bytes(32, 1), "/receipt"}).code, code(Verdict::unknown_transaction));
  EXPECT_EQ(ask({{1}, "/receipt"}).code, code(Verdict::bad_value));
  EXPECT_EQ(ask({{}, "/header"}).value,
            codec::encode_record(comet_.application().stored_header(Height(1))));
  EXPECT_EQ(ask({{}, "/header", 2}).code, code(Verdict::unknown_block));
  EXPECT_EQ(ask({{}, "/header", -1}).code, code(Verdict::unknown_block));
  EXPECT_EQ(ask({{}, "/p2p/filter/addr/127.0.0.1:1"}).code, 0U);
  EXPECT_EQ(ask({{}, "/elsewhere"}).code, code(Verdict::unknown_route));
}

TEST_F(Comet, HasNoVoteExtensionsAndNoSnapshotsWithoutAFolderForThem) {
  auto& channel = comet_.driver().consensus;
  EXPECT_TRUE(channel.ask<ExtendVoteAnswer>(ExtendVote{}).vote_extension.empty());
  EXPECT_EQ(channel.ask<VerifyVoteExtensionAnswer>(VerifyVoteExtension{}).status, Status::accept);
  EXPECT_EQ(
      channel.ask<VerifyVoteExtensionAnswer>(VerifyVoteExtension{.vote_extension = {1}}).status,
      Status::reject);
  EXPECT_TRUE(comet_.driver().snapshot.ask<ListSnapshotsAnswer>(ListSnapshots{}).snapshots.empty());
  EXPECT_EQ(comet_.driver().snapshot.ask<OfferSnapshotAnswer>(OfferSnapshot{}).result,
            Offer::reject);
  EXPECT_TRUE(
      comet_.driver().snapshot.ask<LoadSnapshotChunkAnswer>(LoadSnapshotChunk{}).chunk.empty());
  EXPECT_EQ(comet_.driver().snapshot.ask<ApplySnapshotChunkAnswer>(ApplySnapshotChunk{}).result,
            Applied::abort);
}

TEST(CometAdapter, IsForNoChainWithConsensusNodesOfOurOwn) {
  NodesForTest nodes(3);
  EXPECT_EQ(verdict_of(CometAdapter::open(nodes.application())), Verdict::bad_setting);
}

}  // namespace
}  // namespace intaglio::chain
