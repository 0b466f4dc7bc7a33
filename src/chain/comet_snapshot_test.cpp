#include "chain/comet_snapshot.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "base/format.h"
#include "chain/comet_for_test.h"

namespace intaglio::chain {
namespace {

using namespace abci;

// docs/reference/formats.md works this example.
TEST(CometSnapshotFormat, HasItsFrozenBytes) {
  const CometSnapshot snapshot{
      .state = {.height = Height(7), .chunks = {}},
      .header = {.chain = ChainId(1), .height = Height(7), .time = Millis(9)},
      .headers = {Digest()}};
  const std::string zeros = "5820" + std::string(64, '0');
  const std::string header = "aa01010207030904" + zeros + "05" + zeros + "06" + zeros + "07" +
                             zeros + "080009" + zeros + "0a" + zeros;
  EXPECT_EQ(codec::to_hex(snapshot.encode()), "a301a701" + zeros + "0200030704" + zeros + "05" +
                                                  zeros + "0600078002" + header + "0381" + zeros);
  EXPECT_EQ(must(CometSnapshot::decode(snapshot.encode())).encode(), snapshot.encode());
  const std::vector<ledger::BlockHeader> headers{snapshot.header};
  EXPECT_EQ(codec::to_hex(encode_headers(headers)), "8158db" + header);
  EXPECT_EQ(must(decode_headers(encode_headers(headers))).at(0).encode(), headers[0].encode());
}

class CometSnapshots : public Comet {
 protected:
  static CometOptions options() {
    return {.snapshots = "snapshots", .snapshot_every = 4, .snapshot_chunk = 2000};
  }
  // A transfer to another chain, whose packet waits for a relay that never comes.
  Bytes crossing() {
    const AccountId payer = NodesForTest::account(nodes_.payer());
    const tx::Transaction body{
        .ledger = nodes_.ledger(),
        .chains = {NodesForTest::kChain},
        .account = payer,
        .client = system_env().random_id<ClientId>(),
        .valid_until = nodes_.now() + seconds(3600),
        .operations = {
            tx::Transfer{.to = {kMainChain, payer}, .asset = kEuro, .amount = Amount(1)}}};
    return must(proof::sign_statement(body, nodes_.ledger(), NodesForTest::signer(nodes_.payer())));
  }
  // The same block on all of these.
  FinalizeBlock decide(const std::vector<Bytes>& txs, const std::vector<CometForTest*>& nodes) {
    nodes_.wait(seconds(1));
    const auto block = nodes.front()->block(txs);
    for (CometForTest* const each : nodes) {
      each->follow(block);
      each->adapter().finish_snapshot();
    }
    return block;
  }
  // Eleven blocks: packets are on their way since the third, and there are snapshots of 4 and 8.
  void make_blocks(const std::vector<CometForTest*>& nodes) {
    for (std::size_t i = 1; i <= 11; ++i) {
      auto txs = transfers(i);
      if (i == 3 || i == 7) txs.push_back(crossing());
      decide(txs, nodes);
    }
  }
  static std::vector<abci::Snapshot> list(CometForTest& node) {
    return node.driver().snapshot.ask<ListSnapshotsAnswer>(ListSnapshots{}).snapshots;
  }
  static Bytes load(CometForTest& node, const abci::Snapshot& of, std::uint32_t chunk) {
    return node.driver()
        .snapshot.ask<LoadSnapshotChunkAnswer>(LoadSnapshotChunk{of.height, of.format, chunk})
        .chunk;
  }
  // What CometBFT's light client says of its block.
  Bytes app_hash_of(const abci::Snapshot& snapshot) const {
    const auto proof = giver_.application().stored_header(Height(snapshot.height)).proof;
    const auto header =
        must(proof::parse_statement<ledger::BlockHeader>(proof.signed_header, nodes_.ledger()));
    return to_bytes(header.body().hash(nodes_.ledger()).view());
  }
  Offer offer(CometForTest& to, const abci::Snapshot& snapshot, const Bytes& app_hash) const {
    return to.driver().snapshot.ask<OfferSnapshotAnswer>(OfferSnapshot{snapshot, app_hash}).result;
  }
  Offer offer(CometForTest& to, const abci::Snapshot& snapshot) const {
    return offer(to, snapshot, app_hash_of(snapshot));
  }
  static ApplySnapshotChunkAnswer apply(CometForTest& to, std::uint32_t index, const Bytes& chunk) {
    return to.driver().snapshot.ask<ApplySnapshotChunkAnswer>(
        ApplySnapshotChunk{index, chunk, "peer"});
  }
  Applied restore(CometForTest& to, const abci::Snapshot& snapshot) {
    EXPECT_EQ(offer(to, snapshot), Offer::accept);
    for (std::uint32_t i = 0; i < snapshot.chunks; ++i) {
      const auto answer = apply(to, i, load(giver_, snapshot, i));
      if (answer.result != Applied::accept) return answer.result;
    }
    return Applied::accept;
  }
  void expect_empty(CometForTest& node) const {
    EXPECT_EQ(node.info().last_block_height, 0);
    EXPECT_TRUE(node.info().last_block_app_hash.empty());
    EXPECT_EQ(node.application().store().tree().root(),
              must(chain::Application::open(nodes_.genesis(), NodesForTest::kChain,
                                            FolderForTest() / "chain",
                                            NodesForTest::signer(nodes_.accounting_key())))
                  ->store()
                  .tree()
                  .root());
  }

  CometForTest giver_{nodes_, folder_ / "giver", options()};
};

TEST_F(CometSnapshots, AreTheSameOnAllNodesAndTheLastTwoAreKept) {
  CometForTest other(nodes_, folder_ / "other", options());
  make_blocks({&giver_, &other});
  auto made = list(giver_);
  ASSERT_EQ(made.size(), 2U);
  EXPECT_EQ(made[0].height, 4U);
  EXPECT_EQ(made[1].height, 8U);
  EXPECT_EQ(list(other), made);
  for (const auto& each : made) {
    EXPECT_GT(each.chunks, 3U);
    EXPECT_LT(each.metadata.size(), 4'000'000U);
    for (std::uint32_t i = 0; i < each.chunks; ++i) {
      const Bytes chunk = load(giver_, each, i);
      EXPECT_FALSE(chunk.empty());
      EXPECT_LT(chunk.size(), 16'000'000U);
      EXPECT_EQ(load(other, each, i), chunk);
    }
    EXPECT_TRUE(load(giver_, each, each.chunks).empty());
  }
  decide({}, {&giver_, &other});
  EXPECT_EQ(list(giver_).front().height, 8U);
  EXPECT_EQ(list(giver_).back().height, 12U);
  EXPECT_TRUE(load(giver_, made[0], 0).empty()) << "it is gone";
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(giver_.folder() + "/snapshots/made"),
                          std::filesystem::directory_iterator()),
            2);
  made = list(giver_);
  giver_.open();
  EXPECT_EQ(list(giver_), made) << "also after a crash";
}

TEST_F(CometSnapshots, BeginANodeThatGoesOnToTheSameHashes) {
  make_blocks({&giver_});
  const auto snapshot = list(giver_).back();
  CometForTest fresh(nodes_, folder_ / "fresh", options());
  ASSERT_EQ(restore(fresh, snapshot), Applied::accept);
  const auto info = fresh.info();
  EXPECT_EQ(info.last_block_height, 8);
  EXPECT_EQ(info.last_block_app_hash, app_hash_of(snapshot));
  EXPECT_EQ(info.app_version, kCometAppVersion);
  // The blocks since.
  std::vector<FinalizeBlock> since;
  for (std::uint64_t height = 9; height <= 11; ++height) {
    const auto txs =
        must(decode_transactions(giver_.application().store().block(Height(height)).value()));
    const auto header = must(proof::parse_statement<ledger::BlockHeader>(
        giver_.application().stored_header(Height(height)).proof.signed_header, nodes_.ledger()));
    since.push_back({.txs = txs,
                     .hash = {1},
                     .height = static_cast<std::int64_t>(height),
                     .time = proof::comet_time(header.body().time)});
  }
  for (const auto& each : since) fresh.follow(each);
  EXPECT_EQ(fresh.application().tip(), giver_.application().tip());
  EXPECT_EQ(fresh.application().next_deadline(), giver_.application().next_deadline());
  fresh.open();
  EXPECT_EQ(fresh.application().tip(), giver_.application().tip());
  // It has what it needs for snapshots of its own, which are those of the others.
  decide(transfers(3), {&giver_, &fresh});
  ASSERT_EQ(list(fresh).size(), 1U);
  EXPECT_EQ(list(fresh).back(), list(giver_).back());
}

TEST_F(CometSnapshots, LeaveOlderBlocksUnknownAndTheirHeadersWhilePacketsAreOnTheirWay) {
  make_blocks({&giver_});
  CometForTest fresh(nodes_, folder_ / "fresh", options());
  ASSERT_EQ(restore(fresh, list(giver_).back()), Applied::accept);
  const auto& chain = fresh.application();
  const auto hash_of = [&](const StoredHeader& header) {
    return must(proof::parse_statement<ledger::BlockHeader>(header.proof.signed_header,
                                                            nodes_.ledger()))
        .body()
        .hash(nodes_.ledger());
  };
  for (std::uint64_t height = 1; height <= 8; ++height) {
    SCOPED_TRACE(height);
    const auto header = chain.find_header(Height(height));
    const bool is_kept = height >= 3;
    ASSERT_EQ(header.has_value(), is_kept);
    if (is_kept) {
      EXPECT_EQ(hash_of(*header), hash_of(giver_.application().stored_header(Height(height))));
    }
    EXPECT_FALSE(chain.receipts(Height(height)).has_value());
    EXPECT_EQ(chain.no_block(Height(height)).verdict, Verdict::block_pruned);
    EXPECT_EQ(fresh.driver()
                  .query.ask<QueryAnswer>(Query{{}, "/header", static_cast<std::int64_t>(height)})
                  .code,
              is_kept ? 0U : code(Verdict::unknown_block));
  }
  // What was decided before is known by its row, though its receipt is not here.
  const auto first =
      must(decode_transactions(giver_.application().store().block(Height(8)).value())).front();
  EXPECT_EQ(fresh.check(first), kDecidedBefore);
  fresh.application().keep_blocks(1);
  EXPECT_EQ(fresh.commit_of(transfers(1)), 3) << "whose packets are on their way";
}

TEST_F(CometSnapshots, ThatLieAreNotAcceptedAndSayHow) {
  make_blocks({&giver_});
  const auto honest = list(giver_).back();
  const Bytes app_hash = app_hash_of(honest);
  CometForTest fresh(nodes_, folder_ / "fresh", options());
  auto lie = honest;
  lie.format = 2;
  EXPECT_EQ(offer(fresh, lie), Offer::reject_format);
  lie = honest;
  lie.metadata.back() ^= 1;
  EXPECT_EQ(offer(fresh, lie), Offer::reject_sender) << "it has another hash";
  EXPECT_EQ(offer(fresh, honest, Bytes(32, 1)), Offer::reject_sender) << "of no block there is";
  EXPECT_EQ(offer(fresh, honest, {}), Offer::reject_sender);
  lie = honest;
  ++lie.chunks;
  EXPECT_EQ(offer(fresh, lie), Offer::reject_sender);
  lie = honest;
  ++lie.height;
  EXPECT_EQ(offer(fresh, lie, app_hash), Offer::reject_sender);
  const auto with = [&](const auto& alter) {
    auto metadata = must(CometSnapshot::decode(honest.metadata));
    alter(metadata);
    return metadata.offered();
  };
  const auto why = [&](const abci::Snapshot& offered) {
    const auto read = read_offered(offered, app_hash, nodes_.ledger(), NodesForTest::kChain);
    return read ? std::string("none")
                : format("{} {}", describe(read.error().verdict).name, read.error().where);
  };
  using C = CometSnapshot;
  EXPECT_EQ(why(honest), "none");
  EXPECT_EQ(why(with([](C& c) { c.state.ledger.writable()[0] ^= 1; })),
            "wrong_ledger state.ledger");
  EXPECT_EQ(why(with([](C& c) { c.state.chain = ChainId(0); })), "wrong_chain state.chain");
  EXPECT_EQ(why(with([](C& c) { c.header.count += 1; })), "bad_proof header");
  EXPECT_EQ(why(with([](C& c) { c.state.block.writable()[0] ^= 1; })), "bad_proof state.block");
  EXPECT_EQ(why(with([](C& c) { c.state.height = Height(7); })), "bad_proof height");
  EXPECT_EQ(why(with([](C& c) { c.state.state.writable()[0] ^= 1; })), "bad_proof state.state");
  EXPECT_EQ(why(with([](C& c) { c.state.chunks.clear(); })), "bad_proof chunks");
  EXPECT_EQ(offer(fresh, with([](C& c) { c.state.chain = ChainId(0); }), app_hash), Offer::reject);
  abci::Snapshot garbage{8, 1, 1, to_bytes(crypto::sha256(Bytes{1}).view()), {1}};
  EXPECT_EQ(offer(fresh, garbage, app_hash), Offer::reject);
  EXPECT_EQ(apply(fresh, 0, {1}).result, Applied::abort) << "none was accepted";
  expect_empty(fresh);
  EXPECT_EQ(restore(fresh, honest), Applied::accept);
}

TEST_F(CometSnapshots, AskAgainForAChunkThatIsAnotherAndRejectWhoSentIt) {
  make_blocks({&giver_});
  const auto snapshot = list(giver_).back();
  CometForTest fresh(nodes_, folder_ / "fresh", options());
  ASSERT_EQ(offer(fresh, snapshot), Offer::accept);
  for (std::uint32_t i = 0; i < snapshot.chunks; ++i) {
    const Bytes right = load(giver_, snapshot, i);
    Bytes wrong = right;
    wrong[wrong.size() / 2] ^= 1;
    for (const Bytes& each : {wrong, Bytes(), load(giver_, snapshot, (i + 1) % snapshot.chunks)}) {
      const auto again = apply(fresh, i, each);
      EXPECT_EQ(again.result, Applied::retry);
      EXPECT_EQ(again.refetch_chunks, std::vector{i});
      EXPECT_EQ(again.reject_senders, std::vector<std::string>{"peer"});
    }
    EXPECT_EQ(apply(fresh, i, right).result, Applied::accept);
    if (i + 1 < snapshot.chunks) {
      EXPECT_EQ(apply(fresh, i, right).result, Applied::accept) << "it is in";
    }
  }
  EXPECT_EQ(fresh.info().last_block_height, 8);
  // One that is ahead: from the first again.
  CometForTest another(nodes_, folder_ / "another", options());
  ASSERT_EQ(offer(another, snapshot), Offer::accept);
  EXPECT_EQ(apply(another, 1, load(giver_, snapshot, 1)).result, Applied::retry_snapshot);
  EXPECT_EQ(restore(another, snapshot), Applied::accept);
}

// Whose chunks are those that it promised, and whose state is not its block's.
TEST_F(CometSnapshots, OfAnotherStateAreRejectedAtTheEndAndTheChainStaysEmpty) {
  make_blocks({&giver_});
  const auto honest = list(giver_).back();
  std::vector<Bytes> chunks;
  for (std::uint32_t i = 0; i < honest.chunks; ++i) chunks.push_back(load(giver_, honest, i));
  CometForTest fresh(nodes_, folder_ / "fresh", options());
  const auto rows = must(CometSnapshot::decode(honest.metadata)).state.chunks.size();
  const auto restored = [&](const std::vector<Bytes>& with, const auto& alter) {
    auto metadata = must(CometSnapshot::decode(honest.metadata));
    for (std::size_t i = 0; i < rows; ++i) metadata.state.chunks[i] = crypto::sha256(with[i]);
    for (std::size_t i = rows; i < with.size(); ++i) {
      metadata.headers[i - rows] = crypto::sha256(with[i]);
    }
    alter(metadata);
    EXPECT_EQ(offer(fresh, metadata.offered(), app_hash_of(honest)), Offer::accept);
    Applied result = Applied::accept;
    for (std::uint32_t i = 0; i < metadata.chunks() && result == Applied::accept; ++i) {
      result = apply(fresh, i, with[i]).result;
    }
    return result;
  };
  const auto same = [](CometSnapshot&) {};
  auto lie = chunks;
  RowList altered = must(decode_chunk(lie[1]));
  altered.back().second.back() ^= 1;
  lie[1] = encode_chunk(altered);
  EXPECT_EQ(restored(lie, same), Applied::reject_snapshot);
  expect_empty(fresh);
  lie[1] = encode_chunk({{ledger::Slot(ledger::RowKind::outbox), {}}});
  EXPECT_EQ(restored(lie, same), Applied::reject_snapshot) << "a slot that no row has";
  lie = chunks;
  std::swap(lie[0], lie[1]);
  EXPECT_EQ(restored(lie, same), Applied::reject_snapshot) << "out of order";
  lie = chunks;
  lie[0] = Bytes{1};
  EXPECT_EQ(restored(lie, same), Applied::reject_snapshot);
  // Headers that do not hang together, or of too few blocks, or of more than it takes.
  lie = chunks;
  auto headers = must(decode_headers(lie[rows]));
  headers[1].count += 1;
  lie[rows] = encode_headers(headers);
  EXPECT_EQ(restored(lie, same), Applied::reject_snapshot);
  headers = must(decode_headers(chunks[rows]));
  headers.pop_back();
  lie[rows] = encode_headers(headers);
  EXPECT_EQ(restored(lie, same), Applied::reject_snapshot);
  EXPECT_EQ(restored(chunks, [](CometSnapshot& s) { s.headers.clear(); }),
            Applied::reject_snapshot);
  EXPECT_EQ(restored(chunks, [](CometSnapshot& s) { ++s.state.rows; }), Applied::reject_snapshot);
  expect_empty(fresh);
  fresh.open();
  expect_empty(fresh);
  EXPECT_EQ(restored(chunks, same), Applied::accept);
  EXPECT_EQ(fresh.info().last_block_height, 8);
}

TEST_F(CometSnapshots, HalfTakenInLeaveTheChainEmptyAndMayBeBegunAgain) {
  make_blocks({&giver_});
  const auto older = list(giver_).front();
  const auto newer = list(giver_).back();
  CometForTest fresh(nodes_, folder_ / "fresh", options());
  ASSERT_EQ(offer(fresh, newer), Offer::accept);
  EXPECT_EQ(apply(fresh, 0, load(giver_, newer, 0)).result, Applied::accept);
  fresh.open();
  expect_empty(fresh);
  EXPECT_EQ(apply(fresh, 1, load(giver_, newer, 1)).result, Applied::abort);
  ASSERT_EQ(offer(fresh, newer), Offer::accept);
  EXPECT_EQ(apply(fresh, 0, load(giver_, newer, 0)).result, Applied::accept);
  EXPECT_EQ(restore(fresh, older), Applied::accept) << "another takes its place";
  EXPECT_EQ(fresh.info().last_block_height, 4);
  // A crash before CometBFT has noted it: it begins once more, with any.
  fresh.open();
  EXPECT_EQ(restore(fresh, newer), Applied::accept);
  EXPECT_EQ(fresh.info().last_block_height, 8);
  EXPECT_EQ(restore(fresh, older), Applied::accept);
  EXPECT_EQ(fresh.info().last_block_app_hash, app_hash_of(older));
  EXPECT_FALSE(fresh.application().find_header(Height(8)).has_value());
  fresh.open();
  EXPECT_EQ(fresh.info().last_block_app_hash, app_hash_of(older));
}

TEST_F(CometSnapshots, AreForAChainWithoutBlocksOfItsOwn) {
  make_blocks({&giver_});
  EXPECT_EQ(offer(giver_, list(giver_).back()), Offer::abort);
  CometForTest begun(nodes_, folder_ / "begun", options());
  begun.decide({nodes_.transfer(1)});
  EXPECT_EQ(offer(begun, list(giver_).back()), Offer::abort);
  EXPECT_EQ(begun.info().last_block_height, 1);
}

// What CometBFT may forget, too: old blocks that are forgotten here, and none that somebody needs
// who begins with a snapshot from here.
TEST_F(CometSnapshots, HoldBackTheRetainHeight) {
  const auto decide_days_later = [&](CometForTest& node) {
    nodes_.wait(seconds(25 * 3600));
    const auto retained = node.commit_of({nodes_.transfer()});
    node.adapter().finish_snapshot();
    EXPECT_LE(retained, node.info().last_block_height);
    EXPECT_LE(retained, static_cast<std::int64_t>(node.application().store().kept_from().value()));
    return retained;
  };
  CometForTest plain(nodes_, folder_ / "plain");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(decide_days_later(plain), 0) << "it keeps all";
  plain.application().keep_blocks(2);
  EXPECT_EQ(decide_days_later(plain), 3);
  EXPECT_EQ(decide_days_later(plain), 4);
  EXPECT_EQ(plain.application().no_block(Height(3)).verdict, Verdict::block_pruned);

  // Packets that have not arrived are proven by CometBFT's votes.
  CometForTest sender(nodes_, folder_ / "sender");
  sender.application().keep_blocks(2);
  decide({}, {&sender});
  decide({crossing()}, {&sender});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(decide_days_later(sender), 2);

  giver_.application().keep_blocks(2);
  std::vector<std::int64_t> retained;
  for (int i = 0; i < 13; ++i) retained.push_back(decide_days_later(giver_));
  // The one of block 4 is being made when that is committed, as is the one of 12.
  EXPECT_EQ(retained,
            (std::vector<std::int64_t>{0, 0, 2, 3, 4, 4, 4, 4, 4, 4, 4, retained[11], 8}));
  EXPECT_EQ(giver_.application().store().kept_from(), Height(12));
  // Nothing is asked for again that may be gone.
  giver_.open();
  EXPECT_GE(giver_.info().last_block_height + 1, retained.back());
  CometForTest fresh(nodes_, folder_ / "fresh", options());
  EXPECT_EQ(restore(fresh, list(giver_).front()), Applied::accept);
  EXPECT_GE(fresh.info().last_block_height, retained.back());
}

// What is on a shelf is whole: the rest is what a crash left.
TEST_F(CometSnapshots, HalfMadeAreNotOffered) {
  make_blocks({&giver_});
  const std::string shelf = giver_.folder() + "/snapshots/made";
  std::filesystem::remove(shelf + "/4/comet.cbor");
  std::filesystem::create_directories(shelf + "/making");
  std::filesystem::rename(shelf + "/8", shelf + "/9");
  giver_.open();
  EXPECT_TRUE(list(giver_).empty());
  EXPECT_TRUE(std::filesystem::is_empty(shelf));
  decide({}, {&giver_});
  EXPECT_EQ(list(giver_).size(), 1U);
}

}  // namespace
}  // namespace intaglio::chain
