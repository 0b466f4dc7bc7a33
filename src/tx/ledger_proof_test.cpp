#include "tx/ledger_proof.h"

#include <gtest/gtest.h>

#include "base/result_for_test.h"
#include "tx/network/network.h"
#include "tx/network_for_test.h"

namespace intaglio::tx {
namespace {

using ledger::BalanceRow;
using ledger::KeyRow;
using ledger::NodesRow;

ledger::RowProof row_of(const ChainForTest& chain, const ledger::Slot& slot) {
  return ledger::prove_row(chain.tree(), slot, chain.state().get(slot));
}
LedgerProof proof_of(const ChainForTest& chain, const ledger::Slot& slot) {
  return {
      .signers = {}, .block = chain.headers().back(), .row = row_of(chain, slot), .receipt = {}};
}

// "" when it is proven, else the verdict and where.
template <typename Proof>
std::string refused(Trust& trust, const Proof& proof) {
  const auto checked = trust.check(proof);
  if (checked) return "";
  return std::string(describe(checked.error().verdict).name) + " " + checked.error().where;
}
std::string refused(const ledger::Genesis& genesis, const LedgerProof& proof) {
  Trust trust(genesis);
  return refused(trust, proof);
}

class Proving : public ::testing::Test {
 protected:
  AccountId account(const std::string& name) { return network_.people().account(name); }
  ledger::Slot balance(const std::string& name, AssetId asset = kEuro) {
    return BalanceRow::slot({account(name), asset});
  }
  // Three payments of alice's on chain 1 and nothing of bob's that he has not yet.
  void pay() {
    std::vector<VerifiedTransaction> transactions;
    for (const std::uint64_t cents : {10U, 20U, 5000U}) {
      transactions.push_back(network_.sign("alice", 1, {network_.pay("bob", 1, cents)}));
    }
    receipts_ = network_.run(1, transactions);
  }
  LedgerProof receipt_proof(std::size_t index) {
    const auto& chain = network_.chain(1);
    const auto leaves = ChainForTest::leaves_of(chain.receipts());
    return {.signers = {},
            .block = chain.headers().back(),
            .row = {},
            .receipt = ReceiptProof{receipts_.at(index), crypto::merkle_path(leaves, index)}};
  }

  Network network_{2};
  std::vector<Receipt> receipts_;
};

TEST_F(Proving, ABalanceAndItsBlockByTheGenesisAlone) {
  pay();
  Trust trust(network_.genesis());
  const auto proven = must(trust.check(proof_of(network_.chain(1), balance("alice"))));
  EXPECT_EQ(proven.row->slot, balance("alice"));
  const auto row = must(codec::decode_record<BalanceRow>(*proven.row->row));
  EXPECT_EQ(row.debits_posted, Amount(30));
  EXPECT_EQ(proven.block.header.chain, ChainId(1));
  EXPECT_EQ(proven.block.header.height, Height(1));
  EXPECT_EQ(proven.block.header.time, network_.now());
  EXPECT_EQ(proven.block.accounting, network_.people().key("node").hash());
  EXPECT_EQ(proven.block.consensus, 0U);
  EXPECT_EQ(trust.named_by(ChainId(1)), std::nullopt);
}

TEST_F(Proving, ThatThereIsNoBalanceNorAccount) {
  pay();
  Trust trust(network_.genesis());
  const auto& chain = network_.chain(1);
  const auto nothing = must(trust.check(proof_of(chain, balance("erin"))));
  EXPECT_EQ(nothing.row->slot, balance("erin"));
  EXPECT_EQ(nothing.row->row, std::nullopt);
  const auto nobody = ledger::AccountRow::slot(account("stranger"));
  EXPECT_EQ(must(trust.check(proof_of(chain, nobody))).row->row, std::nullopt);
  // Of what is there it cannot be said.
  auto hidden = proof_of(chain, balance("alice"));
  hidden.row->row.reset();
  EXPECT_EQ(refused(trust, hidden), "bad_proof row.row");
}

TEST_F(Proving, AReceiptInItsBlock) {
  pay();
  Trust trust(network_.genesis());
  for (std::size_t i = 0; i < receipts_.size(); ++i) {
    const auto proven = must(trust.check(receipt_proof(i)));
    EXPECT_EQ(proven.receipt->tx, receipts_[i].tx);
    EXPECT_EQ(proven.receipt->accepted(), i < 2);
  }
  const auto altered = [&](const std::function<void(LedgerProof&)>& alter) {
    auto proof = receipt_proof(2);
    alter(proof);
    return refused(trust, proof);
  };
  EXPECT_EQ(altered([](LedgerProof& it) { it.receipt->receipt.verdict = 0; }), "bad_proof receipt");
  EXPECT_EQ(altered([](LedgerProof& it) { it.receipt->receipt.index = 1; }), "bad_proof receipt");
  EXPECT_EQ(altered([](LedgerProof& it) { it.receipt->receipt.height = Height(2); }),
            "bad_proof receipt");
  EXPECT_EQ(altered([](LedgerProof& it) { it.receipt->receipt.chain = ChainId(0); }),
            "bad_proof receipt");
  EXPECT_EQ(altered([](LedgerProof& it) { it.receipt->path.pop_back(); }), "bad_proof receipt");
  EXPECT_EQ(altered([](LedgerProof& it) { it.receipt.reset(); }), "missing_field row");
}

// Each byte of a proof counts, whatever it proves.
TEST_F(Proving, WithAnyByteFlippedIsRefused) {
  pay();
  for (const auto& proof : {proof_of(network_.chain(1), balance("alice")), receipt_proof(1)}) {
    const Bytes encoded = proof.encode();
    std::size_t decoded_at_all = 0;
    for (std::size_t i = 0; i < encoded.size(); ++i) {
      Bytes flipped = encoded;
      flipped[i] ^= 1;
      const auto decoded = LedgerProof::decode(flipped);
      if (!decoded) continue;
      ++decoded_at_all;
      EXPECT_NE(refused(network_.genesis(), *decoded), "") << i;
    }
    EXPECT_GT(decoded_at_all, encoded.size() / 2);
  }
}

TEST_F(Proving, WithAnotherGenesisIsRefused) {
  pay();
  const auto proof = proof_of(network_.chain(1), balance("alice"));
  auto same_node = network_.genesis();
  same_node.name = "another";
  EXPECT_EQ(refused(same_node, proof), "bad_signature block");
  const Network other(2);
  EXPECT_EQ(refused(other.genesis(), proof), "unproven_signer block");
  auto shorter = network_.genesis();
  shorter.chains = 1;
  shorter.money.clear();
  shorter.nodes.resize(1);
  EXPECT_EQ(refused(shorter, proof), "unknown_chain block.header.chain");
}

TEST_F(Proving, ABlockWithAllThatIsInIt) {
  pay();
  Trust trust(network_.genesis());
  const auto& chain = network_.chain(1);
  const WholeBlock block{chain.headers().back(), chain.transactions(), chain.receipts()};
  const auto decoded = must(WholeBlock::decode(block.encode()));
  EXPECT_EQ(must(trust.check(decoded)).header.count, 3U);
  const auto altered = [&](const std::function<void(WholeBlock&)>& alter) {
    auto other = block;
    alter(other);
    return refused(trust, other);
  };
  EXPECT_EQ(altered([](WholeBlock& it) { it.transactions.pop_back(); }), "bad_proof transactions");
  EXPECT_EQ(altered([](WholeBlock& it) { it.transactions[0].back() ^= 1; }),
            "bad_proof transactions");
  EXPECT_EQ(altered([](WholeBlock& it) { std::swap(it.receipts[0], it.receipts[1]); }),
            "bad_proof receipts");
  EXPECT_EQ(altered([](WholeBlock& it) { it.proof.signed_header.back() ^= 1; }),
            "bad_signature proof");
}

TEST(ProvingByAQuorum, OfConsensusNodesNeedsIt) {
  Network network(2, 1000, params_for_test(), 3);
  ASSERT_EQ(network.run("alice", 1, {network.pay("bob", 1, 10)}), "accepted");
  const auto slot = BalanceRow::slot({network.people().account("bob"), kEuro});
  auto proof = proof_of(network.chain(1), slot);
  Trust trust(network.genesis());
  auto proven = must(trust.check(proof));
  EXPECT_EQ(proven.block.cosigned, 3U);
  EXPECT_EQ(proven.block.consensus, 3U);
  proof.block.cosignatures.pop_back();
  EXPECT_EQ(must(trust.check(proof)).block.cosigned, 2U);
  proof.block.cosignatures.pop_back();
  EXPECT_EQ(refused(trust, proof), "not_final block");
}

// Nodes that were named after the genesis, by the main chain.
class ProvingSigners : public Proving {
 protected:
  ProvingSigners() {
    for (const auto* name : {"second", "third"}) {
      EXPECT_EQ(network_.run(
                    "authority", 0,
                    {RegisterKey{.key = network_.people().key(name),
                                 .role = ledger::Role::node,
                                 .valid_from = kStart,
                                 .valid_until = kStart + seconds(100'000),
                                 .certificate = certificate_for_test(network_.people().key(name)),
                                 .account = {},
                                 .chains = {}}}),
                "accepted");
    }
  }
  KeyHash hash(const std::string& who) { return network_.people().key(who).hash(); }
  void name_for(std::uint16_t chain, const std::string& accounting) {
    ASSERT_EQ(network_.run("authority", 0, {SetNodes{ChainId(chain), hash(accounting), {}, 0}}),
              "accepted");
  }
  // The same block, as another node signs it.
  proof::FinalityProof signed_by(const std::string& who, const proof::FinalityProof& block) {
    const auto parsed =
        must(proof::parse_statement<ledger::BlockHeader>(block.signed_header, network_.ledger()));
    return {must(proof::sign_statement(parsed.body(), network_.ledger(),
                                       network_.people().signer(who))),
            {}};
  }
  SignersProof signers_of(std::uint16_t chain, const std::string& accounting) {
    const auto& main_chain = network_.chain(0);
    return {.block = main_chain.headers().back(),
            .nodes = row_of(main_chain, NodesRow::slot(ChainId(chain))),
            .keys = {row_of(main_chain, KeyRow::slot(hash(accounting)))}};
  }
};

TEST_F(ProvingSigners, WhoTheMainChainNamedAreFollowed) {
  name_for(1, "second");
  pay();
  auto proof = proof_of(network_.chain(1), balance("alice"));
  proof.block = signed_by("second", proof.block);
  EXPECT_EQ(refused(network_.genesis(), proof), "unproven_signer block");
  proof.signers = {signers_of(1, "second")};
  Trust trust(network_.genesis());
  const auto proven = must(trust.check(must(LedgerProof::decode(proof.encode()))));
  EXPECT_EQ(proven.block.accounting, hash("second"));
  EXPECT_EQ(trust.named_by(ChainId(1))->header.height, Height(3));
  // Who signed before does not any more.
  EXPECT_EQ(refused(trust, proof_of(network_.chain(1), balance("alice"))), "unproven_signer block");
}

TEST_F(ProvingSigners, AHandOverOfTheMainChainIsFollowedStepByStep) {
  name_for(0, "second");
  const SignersProof handed_over = signers_of(0, "second");  // signed by the node before
  name_for(1, "third");
  SignersProof later = signers_of(1, "third");
  later.block = signed_by("second", later.block);
  pay();
  auto proof = proof_of(network_.chain(1), balance("alice"));
  proof.block = signed_by("third", proof.block);
  proof.signers = {later};
  EXPECT_EQ(refused(network_.genesis(), proof), "unproven_signer signers[0].block");
  proof.signers = {handed_over, later};
  EXPECT_EQ(refused(network_.genesis(), proof), "");
  proof.signers = {later, handed_over};
  EXPECT_EQ(refused(network_.genesis(), proof), "unproven_signer signers[0].block");
}

TEST_F(ProvingSigners, AreShownByRightRowsOfTheMainChainAlone) {
  name_for(1, "second");
  pay();
  auto proof = proof_of(network_.chain(1), balance("alice"));
  proof.block = signed_by("second", proof.block);
  const auto with = [&](const std::function<void(SignersProof&)>& alter) {
    SignersProof signers = signers_of(1, "second");
    alter(signers);
    proof.signers = {signers};
    return refused(network_.genesis(), proof);
  };
  EXPECT_EQ(with([](SignersProof&) {}), "");
  const auto& main_chain = network_.chain(0);
  EXPECT_EQ(with([&](SignersProof& it) { it.block = network_.chain(1).headers().back(); }),
            "wrong_chain signers[0].block");
  EXPECT_EQ(with([&](SignersProof& it) { it.nodes = it.keys[0]; }),
            "bad_value signers[0].nodes.slot");
  EXPECT_EQ(with([&](SignersProof& it) { it.keys = {it.nodes}; }),
            "bad_value signers[0].keys[0].slot");
  EXPECT_EQ(
      with([&](SignersProof& it) { it.nodes = row_of(main_chain, NodesRow::slot(ChainId(9))); }),
      "bad_value signers[0].nodes.slot");
  EXPECT_EQ(with([](SignersProof& it) { it.keys[0].row->back() ^= 1; }),
            "bad_proof signers[0].keys[0].row");
  EXPECT_EQ(with([](SignersProof& it) { it.keys.clear(); }), "unknown_key block.header.chain");
}

// Of chain 1, which CometBFT orders.
class ProvingVotes : public ::testing::Test {
 protected:
  static inline const Network::Powers kFour{{"ann", 10}, {"ben", 10}, {"cat", 10}, {"dan", 10}};
  static inline const Network::Powers kOthers{{"eve", 10}, {"fay", 10}, {"gil", 10}};

  const ChainForTest& chain() const { return network_.chain(1); }
  ledger::Slot balance() {
    return ledger::BalanceRow::slot({network_.people().account("bob"), kEuro});
  }
  // Of bob's balance as of the newest block that can be proven, from that trust on.
  LedgerProof proof_from(const ledger::TrustRow& trust) {
    const Height height = chain().proven_height();
    const auto id = ledger::comet_chain_id(network_.ledger(), ChainId(1));
    LedgerProof out;
    out.block = chain().header(height);
    out.block.comet->steps =
        must(proof::find_steps(ledger::comet_trust(trust, id, {}).header, height.next(),
                               [&](Height at) { return chain().light_block(at); }));
    ledger::ChangeSet all;
    for (const auto& [slot, row] : chain().proven_state().rows()) all[slot] = {{}, row};
    out.row = ledger::prove_row(ledger::StateTree().with(all), balance(),
                                chain().proven_state().get(balance()));
    return out;
  }
  ledger::TrustRow first() const { return ledger::first_trust(network_.genesis().nodes[1]); }
  // What the main chain says by now.
  SignersProof named() {
    const auto& main_chain = network_.chain(0);
    return {.block = main_chain.headers().back(),
            .nodes = row_of(main_chain, NodesRow::slot(ChainId(1))),
            .keys = {row_of(main_chain, KeyRow::slot(network_.people().key("node").hash()))},
            .trust = row_of(main_chain, ledger::TrustRow::slot(ChainId(1)))};
  }
  void pay() {
    ASSERT_EQ(network_.run("alice", 1, {network_.pay("bob", 1, 5)}), "accepted");
    network_.run(1, {});
  }
  Network network_{2, Network::Voting{{1, kFour}}};
};

TEST_F(ProvingVotes, LeadFromTheGenesisHoweverOldItIs) {
  network_.wait(seconds(300UL * 24 * 3600));
  pay();
  const auto proof = proof_from(first());
  Trust trust(network_.genesis());
  const auto proven = must(trust.check(must(LedgerProof::decode(proof.encode()))));
  EXPECT_TRUE(proven.block.by_votes);
  EXPECT_EQ(proven.block.header.height, Height(1));
  EXPECT_EQ(proven.row->row, chain().state().get(balance()));
  auto wrong = proof;
  wrong.row->row->back() ^= 1;
  EXPECT_EQ(refused(network_.genesis(), wrong), "bad_proof row.row");
  wrong = proof;
  wrong.block.comet->steps.clear();
  EXPECT_EQ(refused(network_.genesis(), wrong), "bad_proof block.comet.header");
  wrong = proof;
  wrong.block.comet.reset();
  wrong.block.signed_header = network_.chain(0).sign({.chain = ChainId(1)}).signed_header;
  EXPECT_EQ(refused(network_.genesis(), wrong), "missing_field block.comet");
}

TEST_F(ProvingVotes, LeadFromWhatTheMainChainTrusts) {
  network_.begin_voting(1, kOthers, 8);
  ASSERT_EQ(network_.run("alice", 1, {network_.pay("bob", 0, 5)}), "accepted");
  for (int i = 0; i < 12; ++i) network_.run(1, {});
  ASSERT_EQ(network_.relay_cursor(1, 0, network_.now()), "nothing");
  ASSERT_EQ(network_.relay(1, 0), "accepted");
  ASSERT_EQ(network_.relay_cursor(1, 0, network_.now()), "accepted");
  pay();
  const auto trusted = network_.state(0).find<ledger::TrustRow>(ChainId(1)).value();
  ASSERT_GT(trusted.height, Height(8));
  auto proof = proof_from(trusted);
  EXPECT_EQ(proof.block.comet->steps.size(), 1U);
  EXPECT_EQ(refused(network_.genesis(), proof),
            "bad_proof block.comet.steps[0].trusted_validators");
  proof.signers = {named()};
  Trust trust(network_.genesis());
  EXPECT_TRUE(must(trust.check(proof)).block.by_votes);
  EXPECT_TRUE(trust.named_by(ChainId(1)).has_value());
  // All the way from the genesis is known all the same.
  EXPECT_EQ(must(trust.block(proof_from(first()).block)).header.height, chain().proven_height());
  proof.signers[0].trust.reset();
  EXPECT_EQ(refused(network_.genesis(), proof), "missing_field signers[0].trust");
  proof.signers[0].trust = proof.signers[0].nodes;
  EXPECT_EQ(refused(network_.genesis(), proof), "bad_value signers[0].trust.slot");
}

// docs/reference/formats.md works these examples.
TEST(LedgerProofBytes, AreFrozen) {
  const LedgerProof row{.signers = {},
                        .block = {{1, 2, 3}, {}},
                        .row = ledger::RowProof{{4}, Bytes{5}, {6}, {7}},
                        .receipt = {}};
  EXPECT_EQ(codec::to_hex(row.encode()), "a3018002a20143010203028003a4014104024105034106044107");
  const LedgerProof receipt{
      .signers = {SignersProof{{{1}, {}}, {{2}, {}, {}, {}}, {{{3}, Bytes{4}, {}, {}}}}},
      .block = {{5}, {}},
      .row = {},
      .receipt = ReceiptProof{{}, {}}};
  EXPECT_EQ(codec::to_hex(receipt.encode()),
            "a30181a301a2014101028002a3014102034004400381a40141030241040340044002a2014105028004a201"
            "a6015820" +
                std::string(64, '0') + "020003000400050006000280");
  EXPECT_EQ(codec::to_hex(WholeBlock{{{1, 2, 3}, {}}, {{4}, {5, 6}}, {{7}}}.encode()),
            "8348a201430102030280824104420506814107");
}

}  // namespace
}  // namespace intaglio::tx
