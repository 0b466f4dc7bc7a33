// A chain that CometBFT orders, proven to another and to people by its validators' votes.
#include "chain/prover.h"

#include <gtest/gtest.h>

#include "base/folder_for_test.h"
#include "base/result_for_test.h"
#include "chain/ways.h"
#include "tx/network_for_test.h"

namespace intaglio::chain {
namespace {

using Powers = tx::Network::Powers;

// Chain 1; the main chain has a node that signs.
class VotedChain : public ::testing::Test {
 protected:
  VotedChain() {
    voted_->prove_by([this](Height at) -> Result<proof::LightBlock> {
      if (is_silent_) return refuse(Verdict::unreachable, "CometBFT");
      return light_block(at);
    });
  }

  std::unique_ptr<Application> open(std::uint16_t chain) {
    return must(Application::open(network_.genesis(), ChainId(chain),
                                  folder_ / ("chain-" + std::to_string(chain)),
                                  network_.people().signer("node")));
  }
  // The next block of a chain, a second later, and the verdict of its one transaction.
  std::string make(Application& chain, std::vector<tx::Operation> operations = {},
                   const std::string& by = "alice") {
    now_ = now_ + seconds(1);
    std::vector<tx::VerifiedTransaction> transactions;
    if (!operations.empty()) {
      transactions.push_back(network_.sign(by, chain.chain().value(), std::move(operations)));
    }
    const auto block = chain.finalize(now_, transactions);
    chain.commit(block);
    return block.receipts.empty() ? "" : tx::Network::text(block.receipts.front());
  }
  void wait(Duration time) {
    now_ = now_ + time;
    network_.wait(time);
  }
  // CometBFT's block of a height up to the last one here.
  Result<proof::LightBlock> light_block(Height at) const {
    if (at > voted_->tip().height) return refuse(Verdict::pending);
    const auto shown = shown_at(at);
    auto header = proof::CometForTest::header(at.value(), kOrdered, kOrdered);
    header.chain = ledger::comet_chain_id(network_.ledger(), ChainId(1));
    header.time = proof::comet_time(shown.time);
    header.app = to_bytes(shown.previous.view());
    return proof::CometForTest::commit(header, kOrdered, {{"ben", proof::CometVote::absent}});
  }
  ledger::BlockHeader shown_at(Height at) const {
    return must(proof::shown_header<ledger::BlockHeader>(voted_->stored_header(at).proof,
                                                         network_.ledger()))
        .header;
  }
  std::optional<tx::DeliverPackets> next(Cargo cargo = Cargo::packets) const {
    return next_delivery(*voted_, *main_, cargo, now_);
  }
  Prover prover() const { return {network_.genesis(), *main_, *voted_}; }
  ledger::Slot balance() {
    return ledger::BalanceRow::slot({network_.people().account("alice"), tx::kEuro});
  }
  std::uint64_t trusted_height() const {
    return main_->store().find<ledger::TrustRow>(ChainId(1))->height.value();
  }

  static inline const Powers kOrdered{{"ann", 40}, {"ben", 30}, {"cat", 20}, {"dan", 10}};
  static inline const Powers kPowers{{"cat", 20}, {"ann", 40}, {"dan", 10}, {"ben", 30}};

  FolderForTest folder_;
  tx::Network network_{2, tx::Network::Voting{{1, kPowers}}};
  Millis now_ = tx::kStart;
  bool is_silent_ = false;
  std::unique_ptr<Application> main_ = open(0);
  std::unique_ptr<Application> voted_ = open(1);
};

TEST_F(VotedChain, IsSignedByNobodyAndProvesTheStateBeforeItsLastBlock) {
  EXPECT_EQ(voted_->proven_state(), nullptr);
  make(*voted_);
  const auto stored = voted_->stored_header(Height(1)).proof;
  EXPECT_TRUE(stored.signed_header.empty());
  ASSERT_TRUE(stored.comet.has_value());
  EXPECT_EQ(voted_->proven_state()->tip().height, Height(0));
  EXPECT_EQ(make(*voted_, {network_.pay("bob", 1, 10)}), "accepted");
  EXPECT_EQ(voted_->proven_state()->tip().height, Height(1));
  EXPECT_EQ(voted_->tip().height, Height(2));
  EXPECT_EQ(voted_->proven_state()->tree().root(), shown_at(Height(1)).state);
  // Started again it has to make a block first.
  voted_.reset();
  voted_ = open(1);
  EXPECT_EQ(voted_->proven_state(), nullptr);
  EXPECT_EQ(voted_->light_block(Height(1)).error(), (Refusal{Verdict::unreachable, "CometBFT"}));
  make(*voted_);
  EXPECT_EQ(voted_->proven_state()->tip().height, Height(2));
  // Of a chain of nodes all of it can be proven.
  EXPECT_EQ(main_->proven_state()->tip().height, main_->tip().height);
}

TEST_F(VotedChain, SendsPacketsOnceTheirVotesAreThere) {
  ASSERT_EQ(make(*voted_, {network_.pay("bob", 0, 10)}), "accepted");
  EXPECT_FALSE(next().has_value());
  make(*voted_);
  is_silent_ = true;
  EXPECT_FALSE(next().has_value());
  is_silent_ = false;
  auto delivery = next();
  ASSERT_TRUE(delivery.has_value());
  EXPECT_EQ(make(*main_, {*delivery}, "node"), "accepted");
  EXPECT_EQ(trusted_height(), 2U);
  EXPECT_FALSE(next().has_value());
}

TEST_F(VotedChain, TellsByItsCursorWhatArrivedAndThatItIsThere) {
  ASSERT_EQ(make(*main_, {network_.pay("bob", 1, 10)}), "accepted");
  const auto there = next_delivery(*main_, *voted_, Cargo::packets, now_);
  ASSERT_TRUE(there.has_value());
  ASSERT_EQ(make(*voted_, {*there}, "node"), "accepted");
  make(*voted_);
  const auto back = next(Cargo::cursor);
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->cursor->received, 1U);
  EXPECT_EQ(make(*main_, {*back}, "node"), "accepted");
  EXPECT_EQ(trusted_height(), 2U);
  make(*voted_);
  EXPECT_FALSE(next(Cargo::cursor).has_value());
  // Before what is trusted is too old it is told again.
  wait(Duration(ledger::kTrustingPeriod.value() / 3));
  make(*voted_);
  make(*voted_);
  const auto again = next(Cargo::cursor);
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(make(*main_, {*again}, "node"), "accepted");
  EXPECT_EQ(trusted_height(), 5U);
  wait(ledger::kTrustingPeriod);
  make(*voted_);
  make(*voted_);
  EXPECT_FALSE(next(Cargo::cursor).has_value()) << "nobody there would believe it";
}

TEST_F(VotedChain, IsProvenToWhoeverHasTheGenesis) {
  ASSERT_EQ(make(*voted_, {network_.pay("bob", 1, 10)}), "accepted");
  make(*voted_);
  const auto check = [&](const tx::LedgerProof& proof) {
    tx::Trust trust(network_.genesis());
    return must(trust.check(must(tx::LedgerProof::decode(proof.encode()))));
  };
  auto row = must(prover().row(balance()));
  EXPECT_TRUE(row.signers.empty()) << "the main chain has made no block";
  EXPECT_EQ(check(row).row->row, voted_->proven_state()->get(balance()));
  EXPECT_TRUE(check(row).block.by_votes);
  const auto whole = must(prover().block(Height(1)));
  const tx::Trust trust(network_.genesis());
  const auto read = must(tx::WholeBlock::decode(whole.encode()));
  EXPECT_EQ(must(trust.check(read)).hash.view().size(), 32U);
  const auto receipt =
      must(codec::decode_record<tx::Receipt>(voted_->receipts(Height(1))->front()));
  EXPECT_EQ(check(must(prover().receipt(receipt))).receipt->tx, receipt.tx);
  // Of the last block there are no votes yet.
  EXPECT_FALSE(prover().final_block(Height(2)).has_value());
  // What the main chain trusts is the shorter way.
  make(*main_);
  row = must(prover().row(balance()));
  ASSERT_EQ(row.signers.size(), 1U);
  EXPECT_TRUE(row.signers[0].trust.has_value());
  EXPECT_TRUE(check(row).block.by_votes);
}

}  // namespace
}  // namespace intaglio::chain
