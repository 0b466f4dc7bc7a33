#include "chain/snapshot.h"

#include <filesystem>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/format.h"
#include "chain/nodes_for_test.h"
#include "codec/hex.h"

namespace intaglio::chain {
namespace {

// docs/reference/formats.md works these examples.
TEST(SnapshotFormat, HasItsFrozenBytes) {
  const Snapshot snapshot{.ledger = {},
                          .chain = ChainId(1),
                          .height = Height(7),
                          .block = {},
                          .state = {},
                          .rows = 2,
                          .chunks = {Digest()}};
  const std::string zeros = "5820" + std::string(64, '0');
  EXPECT_EQ(codec::to_hex(snapshot.encode()),
            "a701" + zeros + "0201030704" + zeros + "05" + zeros + "0602" + "0781" + zeros);
  EXPECT_EQ(must(Snapshot::decode(snapshot.encode())), snapshot);
  const SnapshotProof proof{{}, {{{1, 2, 3}, {}}, 3}, {}};
  EXPECT_EQ(codec::to_hex(proof.encode()), "a3018002a201a20143010203028002030380");
}

TEST(SnapshotFormat, ChunksHaveTheirFrozenBytesAndOneOrder) {
  const ledger::Slot first = ledger::AssetRow::slot(AssetId(978));
  const RowList rows = {{first, {0xA0}}, {first.next(), {}}};
  const Bytes encoded = encode_chunk(rows);
  EXPECT_EQ(codec::to_hex(encoded),
            "8282"
            "4502000003d2"
            "41a0"
            "82"
            "4602000003d200"
            "40");
  EXPECT_EQ(must(decode_chunk(encoded)), rows);
  const auto refused = [](const RowList& wrong) {
    return to_string(decode_chunk(encode_chunk(wrong)).error());
  };
  EXPECT_TRUE(refused({rows[1], rows[0]}).starts_with("bad_value at [1]"));
  EXPECT_TRUE(refused({rows[0], rows[0]}).starts_with("bad_value at [1]"));
  EXPECT_EQ(decode_chunk(must(codec::from_hex("81824041a0"))).error().verdict, Verdict::bad_value)
      << "no slot is empty";
}

class SnapshotTest : public ::testing::Test {
 protected:
  // A block with as many transfers, final on all nodes that run.
  static void make_block(NodesForTest& nodes, std::size_t transfers, Duration later = seconds(1)) {
    nodes.wait(later);
    std::vector<Bytes> transactions;
    for (std::size_t i = 0; i < transfers; ++i) transactions.push_back(nodes.transfer(i + 1));
    nodes.propose(transactions);
    nodes.talk();
  }
  static Snapshot make(const NodesForTest& nodes, const Application& chain,
                       const std::string& folder, std::size_t chunk_rows = 2000) {
    std::filesystem::create_directories(folder);
    return must(make_snapshot(Prover(nodes.genesis(), chain, chain), chain, folder, system_env(),
                              chunk_rows));
  }
  static Bytes file(const std::string& path) {
    return must(system_env().read_file(path, std::size_t{16} << 20));
  }
  static void write(const std::string& path, const Bytes& bytes) {
    ASSERT_TRUE(system_env().write_file(path, bytes, 0644));
  }
  static std::unique_ptr<Application> open(const NodesForTest& nodes, const std::string& folder) {
    return must(Application::open(nodes.genesis(), NodesForTest::kChain, folder,
                                  NodesForTest::signer(nodes.accounting_key())));
  }
  FolderForTest folder_;
};

TEST_F(SnapshotTest, IsTheSameWhoeverMakesIt) {
  NodesForTest nodes(3);
  for (std::size_t i = 1; i <= 5; ++i) make_block(nodes, 4 * i);
  const auto one = make(nodes, nodes.application(), folder_ / "one");
  const auto other = make(nodes, nodes.consensus(1).application(), folder_ / "other");
  EXPECT_EQ(one, other);
  ASSERT_GT(one.chunks.size(), 2U);
  EXPECT_EQ(file(folder_ / "one/snapshot.cbor"), file(folder_ / "other/snapshot.cbor"));
  for (std::size_t i = 0; i < one.chunks.size(); ++i) {
    const std::string name = "/rows-" + std::to_string(i);
    EXPECT_EQ(file(folder_ / "one" + name), file(folder_ / "other" + name));
  }
  EXPECT_EQ(one.rows, nodes.application().store().tree().rows());
  EXPECT_EQ(one.block, nodes.application().tip().block);
}

RC_GTEST_FIXTURE_PROP(SnapshotTest, GoesOnWithTheSameBlocksToTheSameRoots, ()) {
  const FolderForTest folder;
  NodesForTest nodes(0);
  const auto before = *rc::gen::inRange<std::size_t>(1, 6);
  const auto after = *rc::gen::inRange<std::size_t>(1, 5);
  for (std::size_t i = 0; i < before; ++i) {
    make_block(nodes, *rc::gen::inRange<std::size_t>(0, 12), seconds(20));
  }
  const auto chunk_rows = *rc::gen::element<std::size_t>(1, 500, 5000, kChunkRows);
  make(nodes, nodes.application(), folder / "snapshot", chunk_rows);
  must(load_snapshot(nodes.genesis(), folder / "snapshot", folder / "chain", system_env()));
  const auto loaded = open(nodes, folder / "chain");
  RC_ASSERT(loaded->tip() == nodes.application().tip());
  RC_ASSERT(loaded->next_deadline() == nodes.application().next_deadline());
  const Door door(*loaded, 10);
  for (std::size_t i = 0; i < after; ++i) {
    make_block(nodes, *rc::gen::inRange<std::size_t>(0, 12), seconds(3600));
    const Height height = nodes.application().tip().height;
    std::vector<tx::VerifiedTransaction> transactions;
    for (const Bytes& each :
         must(decode_transactions(*nodes.application().store().block(height)))) {
      transactions.push_back(must(door.verify(each)));
    }
    loaded->commit(loaded->finalize(nodes.application().tip().time, transactions));
    RC_ASSERT(loaded->tip() == nodes.application().tip());
  }
}

TEST_F(SnapshotTest, WithALieInItIsRefusedWithItsPlace) {
  NodesForTest nodes(3);
  make_block(nodes, 20);
  const std::string made = folder_ / "snapshot";
  const Snapshot honest = make(nodes, nodes.application(), made);
  ASSERT_GT(honest.chunks.size(), 1U);
  const Bytes chunk = file(made + "/rows-1");
  const Bytes proof = file(made + "/proof.cbor");
  const auto refused = [&] {
    const auto loaded = load_snapshot(nodes.genesis(), made, folder_ / "chain", system_env());
    if (loaded) return std::string("loaded");
    EXPECT_FALSE(std::filesystem::exists(folder_ / "chain"));
    return format("{} {}", describe(loaded.error().verdict).name, loaded.error().where);
  };
  const auto with = [&](const auto& alter) {
    Snapshot lie = honest;
    alter(lie);
    write(made + "/snapshot.cbor", lie.encode());
    std::string said = refused();
    write(made + "/snapshot.cbor", honest.encode());
    return said;
  };
  EXPECT_EQ(with([](Snapshot& s) { s.ledger.writable()[0] ^= 1; }), "wrong_ledger ledger");
  EXPECT_EQ(with([](Snapshot& s) { s.chain = ChainId(0); }), "bad_proof chain");
  EXPECT_EQ(with([](Snapshot& s) { s.height = s.height.next(); }), "bad_proof height");
  EXPECT_EQ(with([](Snapshot& s) { s.block.writable()[0] ^= 1; }), "bad_proof block");
  EXPECT_EQ(with([](Snapshot& s) { s.state.writable()[0] ^= 1; }), "bad_proof state");
  EXPECT_EQ(with([](Snapshot& s) { ++s.rows; }), "bad_proof rows");
  EXPECT_EQ(with([](Snapshot& s) { std::swap(s.chunks[0], s.chunks[1]); }), "bad_proof rows-0");
  // Whose hashes are right and whose rows are not.
  RowList rows = must(decode_chunk(chunk));
  rows.back().second.back() ^= 1;
  const Bytes altered = encode_chunk(rows);
  write(made + "/rows-1", altered);
  EXPECT_EQ(refused(), "bad_proof rows-1");
  EXPECT_EQ(with([&](Snapshot& s) { s.chunks[1] = crypto::sha256(altered); }), "bad_proof state");
  rows.pop_back();
  const Bytes shorter = encode_chunk(rows);
  write(made + "/rows-1", shorter);
  EXPECT_EQ(with([&](Snapshot& s) {
              s.chunks[1] = crypto::sha256(shorter);
              --s.rows;
            }),
            "bad_proof state");
  // A slot that no row has.
  rows = {{ledger::Slot(ledger::RowKind::outbox), {}}};
  const Bytes no_slot = encode_chunk(rows);
  write(made + "/rows-1", no_slot);
  EXPECT_NE(with([&](Snapshot& s) { s.chunks[1] = crypto::sha256(no_slot); }), "loaded");
  write(made + "/rows-1", file(made + "/rows-0"));
  EXPECT_EQ(with([](Snapshot& s) { s.chunks[1] = s.chunks[0]; }), "bad_value rows-1");
  write(made + "/rows-1", chunk);
  // A block that no quorum signed, or somebody else.
  SnapshotProof lie = must(SnapshotProof::decode(proof));
  lie.header.proof.cosignatures.clear();
  write(made + "/proof.cbor", lie.encode());
  EXPECT_EQ(refused(), "not_final header");
  lie = must(SnapshotProof::decode(proof));
  lie.header.proof.signed_header.back() ^= 1;
  write(made + "/proof.cbor", lie.encode());
  EXPECT_TRUE(refused().starts_with("bad_signature header")) << refused();
  lie = must(SnapshotProof::decode(proof));
  lie.outboxes.push_back(lie.header);
  write(made + "/proof.cbor", lie.encode());
  EXPECT_EQ(refused(), "bad_proof outboxes[0]");
  write(made + "/proof.cbor", proof);
  EXPECT_EQ(refused(), "loaded") << "as it was made it is right";
}

TEST_F(SnapshotTest, HalfLoadedLeavesWhatWasThereAndDoesNotOpen) {
  NodesForTest nodes(3);
  make_block(nodes, 20);
  const std::string made = folder_ / "snapshot";
  make(nodes, nodes.application(), made);
  make_block(nodes, 1);
  const store::Tip before = nodes.consensus(2).application().tip();
  nodes.stop_consensus(2);
  const std::string place = nodes.folder() / "consensus-2";
  std::filesystem::remove(made + "/rows-1");
  EXPECT_EQ(load_snapshot(nodes.genesis(), made, place, system_env()).error().verdict,
            Verdict::file_failed);
  const auto half = store::ChainStore::open(place + ".beginning");
  ASSERT_FALSE(half.has_value());
  EXPECT_EQ(half.error().verdict, Verdict::storage_failed);
  nodes.open_consensus(2);
  EXPECT_EQ(nodes.consensus(2).application().tip(), before);
  // And nothing is loaded into a store that is in use.
  make(nodes, nodes.application(), made);
  EXPECT_EQ(load_snapshot(nodes.genesis(), made, place, system_env()).error().verdict,
            Verdict::folder_taken);
}

// The fast start: it lacks blocks that nobody has any more.
TEST_F(SnapshotTest, StartsAConsensusNodeThatWasAwayTooLongAndItCatchesUp) {
  NodesForTest nodes(3);
  make_block(nodes, 3);
  const Message first = FinalBlock{nodes.application().stored_header(Height(1)).proof, {}};
  nodes.stop_consensus(2);
  nodes.application().keep_blocks(2);
  make_block(nodes, 3);
  make_block(nodes, 2, seconds(25 * 3600));
  make_block(nodes, 1);
  nodes.accounting().prune();
  ASSERT_EQ(nodes.application().store().kept_from(), Height(3));
  const auto made = make(nodes, nodes.consensus(0).application(), folder_ / "snapshot");
  for (int i = 0; i < 3; ++i) make_block(nodes, 2);  // and the chain goes on

  const std::string place = nodes.folder() / "consensus-2";
  must(load_snapshot(nodes.genesis(), folder_ / "snapshot", place, system_env()));
  nodes.open_consensus(2);
  ASSERT_EQ(nodes.consensus(2).application().tip().block, made.block);
  nodes.wait(seconds(1));
  nodes.talk();
  EXPECT_EQ(nodes.consensus(2).application().tip(), nodes.application().tip());
  EXPECT_EQ(nodes.paid(nodes.consensus(2).application()), nodes.paid(nodes.application()));
  // From now on it signs like the others: with one of those away too there is a quorum.
  nodes.stop_consensus(0);
  make_block(nodes, 1);
  EXPECT_EQ(nodes.consensus(2).application().tip(), nodes.application().tip());
  EXPECT_FALSE(nodes.accounting().is_open());
  // What is older than its state it cannot compare, and says so.
  const Standing standing = nodes.deliver(2, first);
  ASSERT_TRUE(standing.unwilling.has_value());
  EXPECT_EQ(standing.unwilling->verdict, static_cast<std::uint16_t>(Verdict::block_pruned));
}

// What a node signed it must not forget, or it could sign another block of that height.
TEST_F(SnapshotTest, LeavesANodeItsWord) {
  NodesForTest nodes(3);
  make_block(nodes, 1);
  make(nodes, nodes.application(), folder_ / "snapshot");
  nodes.wait(seconds(1));
  nodes.propose({nodes.transfer()});
  ASSERT_TRUE(nodes.exchange(2));  // it signs, and nobody else has yet
  const Standing before = nodes.deliver(2, Greeting{});
  ASSERT_TRUE(before.signed_block.has_value());
  nodes.stop_consensus(2);
  must(load_snapshot(nodes.genesis(), folder_ / "snapshot", nodes.folder() / "consensus-2",
                     system_env()));
  nodes.open_consensus(2);
  const Standing after = nodes.deliver(2, Greeting{});
  EXPECT_EQ(after.signed_block, before.signed_block);
  EXPECT_EQ(after.session, before.session);
}

TEST_F(SnapshotTest, OfTheGenesisThereIsNone) {
  NodesForTest nodes(0);
  std::filesystem::create_directories(folder_ / "snapshot");
  const Application& chain = nodes.application();
  EXPECT_EQ(make_snapshot(Prover(nodes.genesis(), chain, chain), chain, folder_ / "snapshot",
                          system_env())
                .error()
                .verdict,
            Verdict::unknown_block);
}

}  // namespace
}  // namespace intaglio::chain
