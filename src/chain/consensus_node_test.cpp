#include "chain/consensus_node.h"

#include <gtest/gtest.h>

#include "chain/nodes_for_test.h"
#include "crypto/merkle.h"

namespace intaglio::chain {
namespace {

using ledger::BlockHeader;

std::string text(const Standing& standing) {
  if (!standing.unwilling) return "";
  const std::string name(describe(*verdict_from_number(standing.unwilling->verdict)).name);
  return standing.unwilling->where.empty() ? name : name + " " + standing.unwilling->where;
}

// An accounting node that can be made to lie: its next proposal is altered before it is delivered.
class ConsensusNodeTest : public ::testing::Test {
 protected:
  ConsensusNodeTest() {
    for (std::size_t i = 0; i < 3; ++i) nodes_.exchange(i);  // greetings
  }

  // What the accounting node proposes to the first node for a block of these.
  Proposal propose(const std::vector<Bytes>& transactions) {
    nodes_.propose(transactions);
    return std::get<Proposal>(nodes_.next(0).value());
  }
  BlockHeader header_of(const Proposal& proposal) const {
    return must(proof::parse_statement<BlockHeader>(proposal.signed_header, nodes_.ledger()))
        .body();
  }
  Proposal with_header(Proposal proposal, const BlockHeader& header) const {
    proposal.signed_header = must(proof::sign_statement(
        header, nodes_.ledger(), NodesForTest::signer(nodes_.accounting_key())));
    return proposal;
  }
  Proposal with_transactions(Proposal proposal, const std::vector<Bytes>& transactions) const {
    BlockHeader header = header_of(proposal);
    std::vector<Digest> leaves;
    for (const Bytes& each : transactions) leaves.push_back(crypto::merkle_leaf(each));
    header.transactions = crypto::merkle_root(leaves);
    header.count = static_cast<std::uint32_t>(transactions.size());
    proposal.body.encoded = encode_transactions(transactions);
    return with_header(std::move(proposal), header);
  }
  template <typename Alter>
  std::string refused(const Proposal& proposal, const Alter& alter) {
    BlockHeader header = header_of(proposal);
    alter(header);
    return text(nodes_.deliver(0, with_header(proposal, header)));
  }

  NodesForTest nodes_{3};
};

TEST_F(ConsensusNodeTest, SignsABlockThatItFoundRightAndHasItOnceItIsFinal) {
  const auto proposal = propose({nodes_.transfer(5), nodes_.transfer(7)});
  const auto standing = nodes_.deliver(0, proposal);
  EXPECT_EQ(text(standing), "");
  EXPECT_EQ(standing.height, Height(0));
  ASSERT_TRUE(standing.signed_block.has_value());
  const auto cosigned = proof::cosigned_block(header_of(proposal), nodes_.ledger());
  EXPECT_EQ(standing.signed_block->block, cosigned.block);
  EXPECT_TRUE(proof::verify_cosignature(standing.signed_block->cosignature, cosigned,
                                        nodes_.ledger(),
                                        crypto::Verifier(nodes_.consensus_key(0).public_key())));
  // Asked again it says the same.
  EXPECT_EQ(nodes_.deliver(0, proposal), standing);
  nodes_.answered(0, standing);
  nodes_.talk();
  for (std::size_t i = 0; i < 3; ++i) {
    const Application& replica = nodes_.consensus(i).application();
    EXPECT_EQ(replica.tip(), nodes_.application().tip());
    EXPECT_EQ(nodes_.paid(replica), 12U);
  }
}

// Acceptance 9: what is in the block was not what the payer signed and the gateway sent.
TEST_F(ConsensusNodeTest, RejectsABlockWhoseTransactionDiffersFromWhatItWasSent) {
  const Bytes sent = nodes_.transfer(5);
  nodes_.consensus(0).hear(sent, nodes_.now());
  while (nodes_.consensus(0).verify_ahead(nodes_.now())) {
  }
  const auto honest = propose({sent});
  Bytes altered = sent;
  altered[altered.size() - 67] ^= 1;  // the last byte of the payload: the amount
  EXPECT_EQ(text(nodes_.deliver(0, with_transactions(honest, {altered}))),
            "block_differs transactions[0]: bad_signature");
  EXPECT_EQ(text(nodes_.deliver(0, with_transactions(honest, {sent, altered}))),
            "block_differs transactions[1]: bad_signature");
  EXPECT_EQ(text(nodes_.deliver(0, with_transactions(honest, {Bytes{1, 2}}))),
            "block_differs transactions[0]: bad_value");
  // And what it refused it has not signed.
  EXPECT_FALSE(nodes_.deliver(0, with_transactions(honest, {altered})).signed_block);
  EXPECT_EQ(text(nodes_.deliver(0, honest)), "");
}

TEST_F(ConsensusNodeTest, SignsAlsoWhatItHasNotSeenWhenItsPayerSignedIt) {
  const Bytes heard = nodes_.transfer(5);
  nodes_.consensus(0).hear(heard, nodes_.now());
  EXPECT_TRUE(nodes_.consensus(0).verify_ahead(nodes_.now()));
  EXPECT_FALSE(nodes_.consensus(0).verify_ahead(nodes_.now()));
  nodes_.consensus(1).hear(heard, nodes_.now());  // and has had no time to verify it
  const auto proposal = propose({heard, nodes_.transfer(7)});
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_TRUE(nodes_.deliver(i, proposal).signed_block.has_value()) << i;
  }
}

TEST_F(ConsensusNodeTest, RejectsABlockWhoseRootsAreNotWhatItsExecutionGives) {
  const auto honest = propose({nodes_.transfer(5)});
  const auto flip = [](Digest& digest) { digest.writable()[7] ^= 1; };
  EXPECT_EQ(refused(honest, [&](auto& h) { flip(h.receipts); }), "block_differs receipts");
  EXPECT_EQ(refused(honest, [&](auto& h) { flip(h.state); }), "block_differs state");
  EXPECT_EQ(refused(honest, [&](auto& h) { flip(h.outbox); }), "block_differs outbox");
  EXPECT_EQ(refused(honest, [&](auto& h) { flip(h.cursors); }), "block_differs cursors");
  EXPECT_EQ(refused(honest, [&](auto& h) { flip(h.transactions); }), "block_differs transactions");
  EXPECT_EQ(refused(honest, [&](auto& h) { h.count = 2; }), "block_differs count");
  EXPECT_EQ(refused(honest, [&](auto& h) { flip(h.previous); }), "block_gap previous");
  EXPECT_EQ(refused(honest, [&](auto& h) { h.height = Height(2); }), "block_gap height");
  EXPECT_EQ(refused(honest, [&](auto& h) { h.height = Height(0); }), "block_forked height");
  EXPECT_EQ(refused(honest, [&](auto& h) { h.chain = ChainId(0); }), "wrong_chain");
  auto broken = honest;
  broken.body.encoded.pop_back();
  EXPECT_EQ(text(nodes_.deliver(0, broken)).substr(0, 14), "truncated body");
  broken = honest;
  broken.signed_header.back() ^= 1;
  EXPECT_EQ(text(nodes_.deliver(0, broken)), "bad_signature");
  broken.signed_header = must(proof::sign_statement(header_of(honest), nodes_.ledger(),
                                                    NodesForTest::signer(nodes_.consensus_key(1))));
  EXPECT_EQ(text(nodes_.deliver(0, broken)), "not_signer");
  EXPECT_EQ(text(nodes_.deliver(0, honest)), "");
}

TEST_F(ConsensusNodeTest, RejectsABlockWhoseTimeIsTooFarFromItsClock) {
  const auto proposal = propose({nodes_.transfer(5)});
  const Millis time = header_of(proposal).time;
  nodes_.set_clock(0, Millis(time.value() - kMaxSkew.value() - 1));
  EXPECT_EQ(text(nodes_.deliver(0, proposal)), "block_time ahead");
  nodes_.set_clock(0, time + kMaxSkew + Duration(1));
  EXPECT_EQ(text(nodes_.deliver(0, proposal)), "block_time behind");
  nodes_.set_clock(0, time + kMaxSkew);
  EXPECT_EQ(text(nodes_.deliver(0, proposal)), "");
  nodes_.set_clock(1, Millis(time.value() - kMaxSkew.value()));
  EXPECT_EQ(text(nodes_.deliver(1, proposal)), "");
}

TEST_F(ConsensusNodeTest, BelievesThatABlockIsOldWhenAnotherNodeSignedItInTime) {
  const auto proposal = propose({nodes_.transfer(5)});
  const auto signed_block = nodes_.deliver(1, proposal).signed_block;
  nodes_.set_clock(0, header_of(proposal).time + seconds(3600));
  auto vouched = proposal;
  vouched.vouchers = {signed_block->cosignature};
  vouched.vouchers[0].signature = {};
  EXPECT_EQ(text(nodes_.deliver(0, vouched)), "block_time behind");
  // The accounting node cannot vouch for itself.
  const auto cosigned = proof::cosigned_block(header_of(proposal), nodes_.ledger());
  vouched.vouchers = {must(
      proof::cosign(cosigned, nodes_.ledger(), NodesForTest::signer(nodes_.accounting_key())))};
  EXPECT_EQ(text(nodes_.deliver(0, vouched)), "block_time behind");
  vouched.vouchers = {signed_block->cosignature};
  EXPECT_EQ(text(nodes_.deliver(0, vouched)), "");
  // No one vouches for the future.
  nodes_.set_clock(2, kStart);
  nodes_.set_clock(2, Millis(header_of(proposal).time.value() - kMaxSkew.value() - 1));
  EXPECT_EQ(text(nodes_.deliver(2, vouched)), "block_time ahead");
}

TEST_F(ConsensusNodeTest, SignsOneBlockOfAHeightAndKeepsTheSecondAsEvidence) {
  const auto first = propose({nodes_.transfer(5)});
  const auto standing = nodes_.deliver(0, first);
  BlockHeader other = header_of(first);
  other.time = other.time + Duration(1);
  const auto second = with_header(first, other);
  const auto refused = nodes_.deliver(0, second);
  EXPECT_EQ(text(refused), "block_forked height");
  EXPECT_EQ(refused.signed_block, standing.signed_block);
  ASSERT_TRUE(refused.fork.has_value());

  nodes_.open_consensus(0);  // after a crash it knows what it signed, and what it saw
  EXPECT_EQ(text(nodes_.deliver(0, second)), "block_forked height");
  const auto again = nodes_.deliver(0, first);
  EXPECT_EQ(text(again), "");
  EXPECT_EQ(again.signed_block, standing.signed_block);
  EXPECT_EQ(again.fork, refused.fork);

  // Anybody can check it.
  const crypto::Verifier accounting(nodes_.accounting_key().public_key());
  const auto verified =
      must(proof::verify_fork<BlockHeader>(*again.fork, accounting, nodes_.ledger()));
  EXPECT_EQ(verified->first.height, Height(1));
  EXPECT_NE(verified->first.time, verified->second.time);
}

TEST_F(ConsensusNodeTest, KeepsAlsoAnotherBlockThanOneThatIsFinal) {
  const auto first = propose({nodes_.transfer(5)});
  nodes_.answered(0, nodes_.deliver(0, first));
  nodes_.talk();
  BlockHeader other = header_of(first);
  other.time = other.time + Duration(1);
  EXPECT_EQ(text(nodes_.deliver(2, with_header(first, other))), "block_forked height");
  EXPECT_TRUE(nodes_.deliver(2, first).fork.has_value());
  EXPECT_EQ(text(nodes_.deliver(2, first)), "");
}

TEST_F(ConsensusNodeTest, ReadsAForkOnlyWhenItIsOne) {
  const auto first = propose({nodes_.transfer(5)});
  const auto header = header_of(first);
  const auto signed_header = [&](const auto& alter) {
    BlockHeader altered = header;
    alter(altered);
    return with_header(first, altered).signed_header;
  };
  const Bytes second = signed_header([](auto& h) { h.count = 9; });
  const crypto::Verifier accounting(nodes_.accounting_key().public_key());
  const auto check = [&](const Bytes& a, const Bytes& b) {
    const auto fork = proof::verify_fork<BlockHeader>({a, b}, accounting, nodes_.ledger());
    return fork ? Refusal{Verdict::accepted, ""} : fork.error();
  };
  EXPECT_EQ(check(first.signed_header, second).verdict, Verdict::accepted);
  EXPECT_EQ(check(first.signed_header, signed_header([](auto&) {})).verdict, Verdict::bad_proof);
  EXPECT_EQ(check(signed_header([](auto& h) { h.height = Height(2); }), second).verdict,
            Verdict::bad_proof);
  EXPECT_EQ(check(signed_header([](auto& h) { h.chain = ChainId(0); }), second).verdict,
            Verdict::bad_proof);
  Bytes forged = second;
  forged.back() ^= 1;
  EXPECT_EQ(check(first.signed_header, forged), (Refusal{Verdict::bad_signature, "second"}));
}

TEST_F(ConsensusNodeTest, IsOverruledByAQuorum) {
  // The accounting node shows one block to the first node and another one to the two others.
  const auto first = propose({nodes_.transfer(5)});
  EXPECT_EQ(text(nodes_.deliver(0, first)), "");
  NodesForTest& nodes = nodes_;
  BlockHeader other = header_of(first);
  other.time = other.time + Duration(1);
  const auto executed_later = [&] {
    const Door door(nodes.application(), 10);
    const auto bytes = must(decode_transactions(first.body.encoded));
    const std::vector<tx::VerifiedTransaction> transactions{must(door.verify(bytes[0]))};
    return nodes.application().finalize(other.time, transactions).header;
  }();
  const auto second = with_header(first, executed_later);
  FinalBlock final{{second.signed_header, {}}, second.body};
  for (std::size_t i = 1; i < 3; ++i) {
    const auto standing = nodes.deliver(i, second);
    ASSERT_EQ(text(standing), "");
    final.proof.cosignatures.push_back(standing.signed_block->cosignature);
  }
  std::ranges::sort(final.proof.cosignatures, {}, &proof::Cosignature::node);
  const auto standing = nodes.deliver(0, final);
  EXPECT_EQ(text(standing), "");
  EXPECT_EQ(standing.height, Height(1));
  EXPECT_EQ(standing.block, executed_later.hash(nodes.ledger()));
  EXPECT_FALSE(standing.signed_block);
  EXPECT_TRUE(standing.fork);
}

TEST_F(ConsensusNodeTest, TakesNoBlockForFinalThatIsNot) {
  const auto proposal = propose({nodes_.transfer(5)});
  std::vector<proof::Cosignature> cosignatures;
  for (std::size_t i = 0; i < 2; ++i) {
    cosignatures.push_back(nodes_.deliver(i, proposal).signed_block->cosignature);
  }
  std::ranges::sort(cosignatures, {}, &proof::Cosignature::node);
  const FinalBlock good{{proposal.signed_header, cosignatures}, proposal.body};
  auto bad = good;
  bad.proof.cosignatures.pop_back();
  EXPECT_EQ(text(nodes_.deliver(2, bad)), "not_final");
  bad = good;
  bad.body.reset();
  EXPECT_EQ(text(nodes_.deliver(2, bad)), "missing_field body");
  bad = good;
  bad.body = BlockBody{encode_transactions(std::vector<Bytes>{nodes_.transfer(6)})};
  EXPECT_EQ(text(nodes_.deliver(2, bad)), "block_differs transactions");
  EXPECT_EQ(nodes_.deliver(2, bad).height, Height(0));
  EXPECT_EQ(text(nodes_.deliver(2, good)), "");
  EXPECT_EQ(nodes_.deliver(2, good).height, Height(1));
  EXPECT_EQ(text(nodes_.deliver(2, good)), "");  // it knows that
}

TEST_F(ConsensusNodeTest, SignsNothingOfASessionThatIsOver) {
  const auto proposal = propose({nodes_.transfer(5)});
  const auto start = [&](std::uint64_t session, const crypto::SigningKey& key) {
    return Greeting{must(proof::sign_statement(SessionStart{NodesForTest::kChain, session},
                                               nodes_.ledger(), NodesForTest::signer(key)))};
  };
  EXPECT_EQ(text(nodes_.deliver(0, start(9, nodes_.consensus_key(1)))), "not_signer");
  EXPECT_EQ(text(nodes_.deliver(0, start(9, nodes_.accounting_key()))), "");
  EXPECT_EQ(text(nodes_.deliver(0, start(9, nodes_.accounting_key()))), "");
  EXPECT_EQ(text(nodes_.deliver(0, start(8, nodes_.accounting_key()))), "session_over");
  EXPECT_EQ(text(nodes_.deliver(0, proposal)), "session_over");
  nodes_.open_consensus(0);
  EXPECT_EQ(text(nodes_.deliver(0, proposal)), "session_over");
  EXPECT_EQ(nodes_.deliver(0, proposal).session, 9U);
}

// Acceptance 8, at a consensus node: whatever a gateway forwards, it believes no gateway.
TEST_F(ConsensusNodeTest, BelievesNoGateway) {
  const Door door(nodes_.consensus(0).application(), 10);
  const Millis now = nodes_.now();
  const auto verdict = [&](ByteView bytes, Millis at) { return verdict_of(door.admit(bytes, at)); };
  const Bytes good = nodes_.transfer(5);
  EXPECT_EQ(verdict(good, now), Verdict::accepted);
  EXPECT_EQ(verdict(good, now + seconds(3600) + kMaxSkew + Duration(1)), Verdict::expired);
  Bytes forged = good;
  forged.back() ^= 1;
  EXPECT_EQ(verdict(forged, now), Verdict::bad_signature);
  EXPECT_EQ(verdict(nodes_.transfer(5, ChainId(0)), now), Verdict::wrong_chain);
  const NodesForTest others(1);
  NodesForTest elsewhere(1);
  EXPECT_EQ(verdict(elsewhere.transfer(5), now), Verdict::wrong_ledger);
  EXPECT_EQ(verdict(Bytes(100, 0), now), Verdict::bad_value);
  // A replayed one is one transaction: the block has one receipt for it, which moves the money
  // once.
  nodes_.propose({good, good});
  nodes_.talk();
  EXPECT_EQ(nodes_.paid(nodes_.consensus(0).application()), 5U);
  ASSERT_EQ(nodes_.receipts().size(), 2U);
  EXPECT_EQ(nodes_.receipts()[0].index, nodes_.receipts()[1].index);
}

TEST_F(ConsensusNodeTest, CountsWhatItWasSentAndNoBlockHas) {
  const Bytes proposed = nodes_.transfer(5);
  const Bytes left_out = nodes_.transfer(6);
  Bytes forged = left_out;
  forged.back() ^= 1;
  for (const Bytes& each : {proposed, left_out, forged}) {
    nodes_.consensus(0).hear(each, nodes_.now());
  }
  while (nodes_.consensus(0).verify_ahead(nodes_.now())) {
  }
  nodes_.propose({proposed});
  nodes_.talk();
  nodes_.wait(seconds(12));
  nodes_.propose({});
  nodes_.talk();
  const auto asked = [&] { return nodes_.deliver(0, Greeting{}).overlooked; };
  EXPECT_EQ(asked(), 1U);
  nodes_.propose({left_out});
  nodes_.talk();
  EXPECT_EQ(asked(), 0U);
}

}  // namespace
}  // namespace intaglio::chain
