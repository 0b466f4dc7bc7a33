#include "chain/accounting_node.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "chain/nodes_for_test.h"

namespace intaglio::chain {
namespace {

using ledger::BlockHeader;

Proposal proposal_in(const std::optional<Message>& message) {
  CHECK(message.has_value());
  return std::get<Proposal>(*message);
}

// All blocks of a replica up to its tip are those of the accounting node.
std::string compare(const NodesForTest& nodes, const Application& one, const Application& other) {
  const Height height = std::min(one.tip().height, other.tip().height);
  if (height == Height(0)) return "";
  const auto hash = [&](const Application& of) {
    const auto parsed = proof::parse_statement<BlockHeader>(
        of.stored_header(height).proof.signed_header, nodes.ledger());
    return parsed->body().hash(nodes.ledger());
  };
  return hash(one) == hash(other) ? "" : "two blocks of height " + std::to_string(height.value());
}

TEST(AccountingNodeTest, ABlockIsFinalOnceAQuorumHasSigned) {
  for (std::size_t count = 0; count <= 3; ++count) {
    NodesForTest nodes(count);
    const std::size_t quorum = count == 0 ? 0 : count / 2 + 1;
    for (std::size_t i = 0; i < count; ++i) nodes.exchange(i);
    nodes.propose({nodes.transfer(5)});
    for (std::size_t i = 0; i < quorum; ++i) {
      EXPECT_FALSE(nodes.commit()) << i << " of " << count;
      nodes.exchange(i);
    }
    EXPECT_TRUE(nodes.receipts().empty());
    EXPECT_TRUE(nodes.commit());
    ASSERT_EQ(nodes.receipts().size(), 1U);
    const auto stored = nodes.application().stored_header(Height(1));
    EXPECT_EQ(stored.proof.cosignatures.size(), quorum);
    EXPECT_EQ(stored.consensus, count);
    const auto signers =
        must(ledger::block_signers(nodes.application().store(), NodesForTest::kChain));
    EXPECT_TRUE(
        proof::verify_finality<BlockHeader>(stored.proof, signers, nodes.ledger()).has_value());
  }
}

TEST(AccountingNodeTest, WithoutAQuorumItWaitsAndNothingIsLost) {
  NodesForTest nodes(3);
  nodes.talk();
  nodes.stop_consensus(1);
  nodes.stop_consensus(2);
  nodes.propose({nodes.transfer(5)});
  nodes.talk();
  EXPECT_FALSE(nodes.accounting().may_propose());
  EXPECT_TRUE(nodes.receipts().empty());
  // It asks again in a while, and has all it needs once one of them is back.
  EXPECT_FALSE(nodes.next(1));
  EXPECT_GT(nodes.accounting().due_in(nodes.clocks().steady)->count(), 0);
  nodes.open_consensus(1);
  nodes.wait(seconds(1));
  nodes.talk();
  EXPECT_EQ(nodes.receipts().size(), 1U);
  EXPECT_EQ(nodes.application().stored_header(Height(1)).proof.cosignatures.size(), 2U);
  // One that was away is told what it missed.
  nodes.open_consensus(2);
  nodes.wait(seconds(1));
  nodes.talk();
  EXPECT_EQ(nodes.consensus(2).application().tip(), nodes.application().tip());
}

TEST(AccountingNodeTest, OneThatWasAwayForLongIsToldEveryBlock) {
  NodesForTest nodes(3);
  nodes.talk();
  nodes.stop_consensus(2);
  for (int i = 0; i < 10; ++i) {
    nodes.propose({nodes.transfer(1)});
    nodes.talk();
    nodes.wait(seconds(1));
  }
  nodes.open_consensus(2);
  nodes.talk();
  EXPECT_EQ(nodes.consensus(2).application().tip(), nodes.application().tip());
  EXPECT_EQ(nodes.paid(nodes.consensus(2).application()), 10U);
}

// The crash matrix of docs/chain.md, a line a test: A is the accounting node, C a consensus node.
// In each the block that somebody may have signed is the one that becomes final, and clients find
// their receipt or may send again.
class CrashMatrix : public ::testing::Test {
 protected:
  CrashMatrix() {
    nodes_.talk();
    transaction_ = nodes_.transfer(5);
  }
  void propose() { nodes_.propose({transaction_}); }
  // Everybody has one block, that one, with the transaction in it once.
  void settle(Height height = Height(1)) {
    nodes_.wait(seconds(1));
    nodes_.talk();
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_EQ(nodes_.consensus(i).application().tip(), nodes_.application().tip()) << i;
      EXPECT_FALSE(nodes_.deliver(i, Greeting{}).fork) << i;
    }
    EXPECT_EQ(nodes_.application().tip().height, height);
    EXPECT_EQ(nodes_.paid(nodes_.application()), height == Height(0) ? 0U : 5U);
  }

  NodesForTest nodes_{3};
  Bytes transaction_;
};

TEST_F(CrashMatrix, A1BeforeTheProposalIsOnDisk) {
  nodes_.open_accounting();
  settle(Height(0));
  propose();  // the client sends again
  settle();
}

TEST_F(CrashMatrix, A2WhenItIsOnDiskAndNobodyHasSeenIt) {
  propose();
  nodes_.open_accounting();
  EXPECT_FALSE(nodes_.accounting().may_propose());
  settle();
}

TEST_F(CrashMatrix, A3WhenSomeHaveSignedAndItHasNotHeard) {
  propose();
  const auto proposal = proposal_in(nodes_.next(0));
  const auto signed_block = nodes_.deliver(0, proposal).signed_block;
  nodes_.open_accounting();
  settle();
  EXPECT_EQ(nodes_.application().tip().block, signed_block->block);
}

TEST_F(CrashMatrix, A4WhenAQuorumHasSignedAndItHasNotCommitted) {
  propose();
  for (std::size_t i = 0; i < 3; ++i) nodes_.exchange(i);
  nodes_.open_accounting();
  EXPECT_EQ(nodes_.application().tip().height, Height(0));
  settle();
}

TEST_F(CrashMatrix, A5WhenItHasCommittedAndToldNobody) {
  propose();
  for (std::size_t i = 0; i < 3; ++i) nodes_.exchange(i);
  const auto committed = nodes_.accounting().commit();
  ASSERT_TRUE(committed.has_value());
  nodes_.open_accounting();
  EXPECT_TRUE(nodes_.accounting().may_propose());
  const auto receipt = nodes_.application().receipt(committed->block.receipts[0].tx);
  EXPECT_TRUE(receipt.has_value());
  settle();
}

TEST_F(CrashMatrix, C1BeforeWhatItSignedIsOnDisk) {
  propose();
  const auto proposal = nodes_.next(0);
  nodes_.open_consensus(0);
  nodes_.lost(0);
  settle();
}

TEST_F(CrashMatrix, C2WhenItHasSignedAndNotAnswered) {
  propose();
  const auto standing = nodes_.deliver(0, proposal_in(nodes_.next(0)));
  nodes_.open_consensus(0);
  nodes_.lost(0);
  nodes_.wait(seconds(1));
  const auto again = nodes_.deliver(0, proposal_in(nodes_.next(0)));
  EXPECT_EQ(again.signed_block, standing.signed_block);
  nodes_.answered(0, again);
  settle();
}

TEST_F(CrashMatrix, C3WhenItHasAnsweredAndNotHeardThatTheBlockIsFinal) {
  propose();
  for (std::size_t i = 0; i < 2; ++i) nodes_.exchange(i);
  ASSERT_TRUE(nodes_.commit());
  nodes_.open_consensus(0);
  settle();
}

TEST_F(CrashMatrix, ACAllAtOnceAtEveryMoment) {
  // How many messages are delivered before everything stops.
  for (int moment = 0; moment < 9; ++moment) {
    NodesForTest nodes(3);
    nodes.talk();
    nodes.propose({nodes.transfer(5)});
    for (int i = 0; i < moment; ++i) {
      nodes.exchange(static_cast<std::size_t>(i) % 3);
      if (i >= 4) nodes.commit();
    }
    nodes.open_accounting();
    for (std::size_t i = 0; i < 3; ++i) nodes.open_consensus(i);
    nodes.wait(seconds(1));
    nodes.talk();
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_EQ(nodes.consensus(i).application().tip(), nodes.application().tip()) << moment;
      EXPECT_FALSE(nodes.deliver(i, Greeting{}).fork) << moment;
    }
    EXPECT_EQ(nodes.paid(nodes.application()), 5U) << moment;
  }
}

// A block that is too old for anybody's clock.
class StaleBlock : public CrashMatrix {
 protected:
  void sleep() { nodes_.wait(seconds(600)); }
};

TEST_F(StaleBlock, ThatNobodySignedIsMadeAnewOnceAllWhoMaySeeItSaySo) {
  propose();
  nodes_.open_accounting();
  sleep();
  for (std::size_t i = 0; i < 2; ++i) nodes_.exchange(i);
  EXPECT_FALSE(nodes_.next(0));  // the third may have signed
  nodes_.exchange(2);
  settle();
  const auto header = proof::parse_statement<BlockHeader>(
      nodes_.application().stored_header(Height(1)).proof.signed_header, nodes_.ledger());
  EXPECT_GT(header->body().time, kStart + seconds(600));
}

TEST_F(StaleBlock, WaitsForOneThatMayHaveSigned) {
  propose();
  const auto proposal = proposal_in(nodes_.next(2));
  nodes_.deliver(2, proposal);
  nodes_.stop_consensus(2);
  nodes_.open_accounting();
  sleep();
  nodes_.talk({0, 1});
  EXPECT_EQ(nodes_.application().tip().height, Height(0));
  nodes_.open_consensus(2);
  settle();  // it had, and vouches for it
}

TEST_F(StaleBlock, ThatOneHasSignedIsSignedByTheOthersToo) {
  propose();
  const auto signed_block = nodes_.deliver(1, proposal_in(nodes_.next(1))).signed_block;
  nodes_.open_accounting();
  nodes_.open_consensus(1);
  sleep();
  settle();
  EXPECT_EQ(nodes_.application().tip().block, signed_block->block);
}

TEST_F(StaleBlock, ThatWasNeverShownToANodeNeedNotWaitForIt) {
  nodes_.stop_consensus(2);
  nodes_.wait(seconds(1));
  propose();  // and finds out only now
  nodes_.talk();
  ASSERT_EQ(nodes_.application().tip().height, Height(1));
  nodes_.propose({nodes_.transfer(1)});
  nodes_.open_accounting();
  sleep();
  nodes_.talk();
  EXPECT_EQ(nodes_.application().tip().height, Height(2));
}

TEST_F(StaleBlock, WithoutARestartIsMadeAnewInALaterSession) {
  propose();
  const auto late = proposal_in(nodes_.next(0));  // under way for long
  sleep();
  nodes_.lost(0);
  nodes_.wait(seconds(1));
  nodes_.talk();
  EXPECT_EQ(nodes_.receipts().size(), 1U);  // who waited has waited for the new one
  nodes_.set_clock(0, kStart + seconds(1));
  EXPECT_FALSE(nodes_.deliver(0, late).signed_block);
  settle();
}

TEST_F(StaleBlock, ThatArrivesAfterItWasGivenUpIsNotSigned) {
  propose();
  const auto late = proposal_in(nodes_.next(0));
  nodes_.open_accounting();
  sleep();
  for (std::size_t i = 0; i < 3; ++i) nodes_.exchange(i);  // greetings, and it is given up
  nodes_.set_clock(0, kStart + seconds(1));                // to whose clock it is not old
  const auto standing = nodes_.deliver(0, late);
  EXPECT_EQ(standing.unwilling->verdict, static_cast<std::uint16_t>(Verdict::session_over));
  EXPECT_FALSE(standing.signed_block);
}

TEST(AccountingNodeTest, AnOldCopyOfItsFolderMakesNoBlock) {
  NodesForTest nodes(3);
  nodes.talk();
  nodes.propose({nodes.transfer(1)});
  nodes.talk();
  // The same nodes, and an accounting node that begins anew.
  FolderForTest empty;
  auto old = must(Application::open(nodes.genesis(), NodesForTest::kChain, empty / "old",
                                    NodesForTest::signer(nodes.accounting_key())));
  const std::vector<KeyHash> others{nodes.key(0), nodes.key(1), nodes.key(2)};
  AccountingNode restored(*old, others);
  EXPECT_TRUE(restored.may_propose());
  for (int round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < 3; ++i) {
      if (auto message = restored.next_for(others[i], nodes.clocks())) {
        restored.answered(others[i], nodes.deliver(i, *message), nodes.clocks());
      }
    }
  }
  EXPECT_FALSE(restored.may_propose());
}

// Whatever is lost, late, doubled or stopped: no two blocks of one height, no evidence against an
// honest node, and in the end everything that was proposed by somebody still there is final.
RC_GTEST_PROP(ConsensusProperty, OneBlockOfEachHeightWhateverHappens, ()) {
  const auto count = static_cast<std::size_t>(*rc::gen::inRange(1, 4));
  NodesForTest nodes(count);
  struct Late {
    std::size_t to;
    Message message;
  };
  std::vector<Late> late;
  const int steps = *rc::gen::inRange(1, 60);
  for (int i = 0; i < steps; ++i) {
    const auto to = static_cast<std::size_t>(*rc::gen::inRange<int>(0, static_cast<int>(count)));
    switch (*rc::gen::inRange(0, 12)) {
      case 0:
      case 1:
        if (nodes.accounting().may_propose()) nodes.propose({nodes.transfer(1)});
        break;
      case 2: nodes.open_accounting(); break;
      case 3: nodes.open_consensus(to); break;
      case 4: nodes.wait(Duration(*rc::gen::element<std::uint64_t>(1, 600, 7000))); break;
      case 5:  // the answer is lost, and the message comes once more some time
        if (const auto message = nodes.next(to)) {
          nodes.deliver(to, *message);
          late.push_back({to, *message});
          nodes.lost(to);
        }
        break;
      case 6:  // it is late
        if (const auto message = nodes.next(to)) {
          late.push_back({to, *message});
          nodes.lost(to);
        }
        break;
      case 7:
        if (!late.empty()) {
          const auto which = *rc::gen::inRange<std::size_t>(0, late.size());
          nodes.deliver(late[which].to, late[which].message);
        }
        break;
      case 8:
        nodes.set_clock(to, nodes.now() + Duration(*rc::gen::inRange<std::uint64_t>(0, 4000)));
        break;
      case 9: nodes.commit(); break;
      default: nodes.exchange(to);
    }
    for (std::size_t c = 0; c < count; ++c) {
      const Application& replica = nodes.consensus(c).application();
      RC_ASSERT(compare(nodes, nodes.application(), replica) == "");
      RC_ASSERT(replica.tip().height <= nodes.application().tip().height);
    }
  }
  for (std::size_t c = 0; c < count; ++c) nodes.set_clock(c, nodes.now());
  for (int i = 0; i < 20; ++i) {
    nodes.wait(seconds(1));
    nodes.talk();
  }
  RC_ASSERT(nodes.accounting().may_propose());
  for (std::size_t c = 0; c < count; ++c) {
    RC_ASSERT(nodes.consensus(c).application().tip() == nodes.application().tip());
    RC_ASSERT(!nodes.deliver(c, Greeting{}).fork);
  }
}

// Old blocks are kept for a consensus node that answers and is behind, and for no other.
class ForgottenBlocks : public ::testing::Test {
 protected:
  ForgottenBlocks() {
    nodes_.application().keep_blocks(2);
    for (std::size_t i = 0; i < 3; ++i) nodes_.exchange(i);  // greetings
    for (int i = 0; i < 6; ++i) make_block(seconds(1));
  }
  // By the first two.
  void make_block(Duration later) {
    nodes_.wait(later);
    nodes_.propose({nodes_.transfer()});
    nodes_.talk({0, 1});
    nodes_.accounting().prune();
  }
  Height kept_from() { return nodes_.application().store().kept_from(); }
  NodeReport report_of(std::size_t i) {
    for (const auto& each : nodes_.accounting().report()) {
      if (each.node == nodes_.key(i)) return each;
    }
    return {};
  }

  static constexpr Duration kMuchLater = seconds(25 * 3600);
  NodesForTest nodes_{3};
};

TEST_F(ForgottenBlocks, AreNoneThatANodeLacksWhichAnswers) {
  make_block(kMuchLater);
  make_block(seconds(1));
  EXPECT_EQ(kept_from(), Height(1));
  nodes_.talk();
  EXPECT_EQ(nodes_.consensus(2).application().tip(), nodes_.application().tip());
  make_block(seconds(1));
  EXPECT_EQ(kept_from(), Height(5));
}

TEST_F(ForgottenBlocks, LeaveANodeBehindThatWasAwayTooLongAndTheChainGoesOn) {
  nodes_.stop_consensus(2);
  nodes_.lost(2);
  make_block(kMuchLater);
  make_block(seconds(1));
  ASSERT_EQ(kept_from(), Height(7));
  nodes_.open_consensus(2);
  nodes_.wait(seconds(1));
  nodes_.talk();
  EXPECT_EQ(nodes_.consensus(2).application().tip().height, Height(0));
  EXPECT_TRUE(report_of(2).needs_snapshot);
  EXPECT_FALSE(report_of(1).needs_snapshot);
  const Height before = nodes_.application().tip().height;
  make_block(seconds(1));
  EXPECT_EQ(nodes_.application().tip().height, before.next());
  // It is asked again and again where it is, so that it is found when it is back from a snapshot.
  EXPECT_TRUE(nodes_.exchange(2));
  EXPECT_TRUE(nodes_.accounting().due_in(nodes_.clocks().steady).has_value());
}

}  // namespace
}  // namespace intaglio::chain
