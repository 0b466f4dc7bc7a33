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
  VotedChain() { prove(); }
  void prove() {
    voted_->prove_by([this](Height at) -> Result<proof::LightBlock> {
      ++asked_;
      if (is_silent_) return refuse(Verdict::unreachable, "CometBFT");
      if (at < oldest_) return refuse(Verdict::unknown_block, std::to_string(at.value()));
      return light_block(at);
    });
  }

  // As after a restart.
  void reopen() {
    voted_.reset();
    voted_ = open(1);
    prove();
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
    auto block = chain.finalize(now_, transactions);
    // As the adapter does when others vote from the block after the next on.
    if (notes_ && &chain == voted_.get() && voting_.contains(block.header.height.value() + 2)) {
      block.notes = LightBlocks::wanted_after(block.header.height);
    }
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
    const Powers& voters = this->voters(at);
    auto header = proof::CometForTest::header(at.value(), voters, this->voters(at.next()));
    header.chain = ledger::comet_chain_id(network_.ledger(), ChainId(1));
    header.time = proof::comet_time(shown.time);
    header.app = to_bytes(shown.previous.view());
    return proof::CometForTest::commit(header, voters, {{"ben", proof::CometVote::absent}});
  }
  const Powers& voters(Height at) const {
    return std::prev(voting_.upper_bound(at.value()))->second;
  }
  ledger::BlockHeader shown_at(Height at) const {
    return must(proof::shown_header<ledger::BlockHeader>(voted_->stored_header(at).proof,
                                                         network_.ledger()))
        .header;
  }
  std::optional<tx::DeliverPackets> next(Cargo cargo = Cargo::packets) const {
    return must(next_delivery(*voted_, *main_, cargo, now_));
  }
  // Whether the newest balance is proven to whoever has the genesis alone.
  std::string shown() {
    const auto proof = prover().row(balance());
    if (!proof) return std::string(describe(proof.error().verdict).name);
    tx::Trust trust(network_.genesis());
    const auto proven = trust.check(must(tx::LedgerProof::decode(proof->encode())));
    if (!proven) return to_string(proven.error());
    return proven->block.by_votes ? "by votes" : "signed";
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
  static inline const Powers kOthers{{"eve", 10}, {"fay", 10}, {"gil", 10}};

  FolderForTest folder_;
  tx::Network network_{2, tx::Network::Voting{{1, kPowers}}};
  Millis now_ = tx::kStart;
  bool is_silent_ = false;
  bool notes_ = true;
  Height oldest_{1};  // that CometBFT has
  std::size_t asked_ = 0;
  std::map<std::uint64_t, Powers> voting_{{0, kOrdered}};  // by the first height
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
  // It says what it waits for.
  EXPECT_EQ(next_delivery(*voted_, *main_, Cargo::packets, now_).error(),
            (Refusal{Verdict::unreachable, "block 1 of chain 1.CometBFT"}));
  is_silent_ = false;
  auto delivery = next();
  ASSERT_TRUE(delivery.has_value());
  EXPECT_EQ(make(*main_, {*delivery}, "node"), "accepted");
  EXPECT_EQ(trusted_height(), 2U);
  EXPECT_FALSE(next().has_value());
}

TEST_F(VotedChain, TellsByItsCursorWhatArrivedAndThatItIsThere) {
  ASSERT_EQ(make(*main_, {network_.pay("bob", 1, 10)}), "accepted");
  const auto there = must(next_delivery(*main_, *voted_, Cargo::packets, now_));
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
  EXPECT_EQ(verdict_of(next_delivery(*voted_, *main_, Cargo::cursor, now_)), Verdict::expired)
      << "nobody there would believe it";
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

// What leads over a change of validators is kept beside the chain, since CometBFT forgets.
TEST_F(VotedChain, IsProvenOverEachChangeOfItsValidatorsThoughCometForgot) {
  voting_ = {{0, kOrdered}, {4, kOthers}, {5, kOrdered}, {9, kOthers}};
  ASSERT_EQ(make(*voted_, {network_.pay("bob", 0, 10)}), "accepted");
  make(*voted_);
  const std::vector<Height> wanted{Height(3), Height(4)};
  EXPECT_EQ(voted_->light_blocks().wanted(), wanted) << "it is durable with the block";
  is_silent_ = true;
  make(*voted_);
  make(*voted_);
  EXPECT_EQ(verdict_of(voted_->light_blocks().fetch(voted_->tip().height)), Verdict::unreachable);
  reopen();
  is_silent_ = false;
  for (int i = 0; i < 8; ++i) {
    make(*voted_);
    ASSERT_TRUE(voted_->light_blocks().fetch(voted_->tip().height).has_value());
  }
  EXPECT_TRUE(voted_->light_blocks().wanted().empty());
  EXPECT_EQ(voted_->light_blocks().kept(),
            (std::vector{Height(3), Height(4), Height(5), Height(8), Height(9)}));
  oldest_ = voted_->tip().height;
  reopen();
  make(*voted_);
  EXPECT_EQ(shown(), "by votes");
  // And to the other chain, which has heard nothing yet, where CometBFT has what the group is in.
  oldest_ = Height(2);
  const auto delivery = next();
  ASSERT_TRUE(delivery.has_value());
  EXPECT_EQ(make(*main_, {*delivery}, "node"), "accepted");
}

TEST_F(VotedChain, WithoutTheHeadersOfAChangeIsNotProvenOnceCometForgot) {
  notes_ = false;
  voting_ = {{0, kOrdered}, {4, kOthers}};
  for (int i = 0; i < 8; ++i) make(*voted_);
  oldest_ = Height(6);
  EXPECT_EQ(shown(), "unknown_block");
  // One that CometBFT forgot before it was asked is wanted no longer.
  notes_ = true;
  voting_[11] = kOrdered;
  for (int i = 0; i < 6; ++i) make(*voted_);
  EXPECT_EQ(voted_->light_blocks().wanted().size(), 2U);
  oldest_ = Height(12);
  EXPECT_TRUE(voted_->light_blocks().fetch(voted_->tip().height).has_value());
  EXPECT_TRUE(voted_->light_blocks().wanted().empty());
  EXPECT_TRUE(voted_->light_blocks().kept().empty());
}

// Backwards no step leads over a change of all validators.
TEST_F(VotedChain, WhatStandsBeforeAChangeOfAllIsProvenFromTheGenesis) {
  voting_ = {{0, kOrdered}, {4, kOthers}};
  ASSERT_EQ(make(*voted_, {network_.pay("bob", 1, 10)}), "accepted");
  for (int i = 0; i < 5; ++i) make(*voted_);
  ASSERT_EQ(make(*voted_, {network_.pay("bob", 0, 10)}), "accepted");
  make(*voted_);
  const auto delivery = next();
  ASSERT_TRUE(delivery.has_value());
  ASSERT_EQ(make(*main_, {*delivery}, "node"), "accepted");
  make(*main_);
  make(*voted_);
  make(*voted_);
  ASSERT_GT(trusted_height(), 5U);
  const auto receipt =
      must(codec::decode_record<tx::Receipt>(voted_->receipts(Height(1))->front()));
  const auto proof = prover().receipt(receipt);
  ASSERT_TRUE(proof.has_value()) << to_string(proof.error());
  tx::Trust trust(network_.genesis());
  const auto checked = trust.check(must(tx::LedgerProof::decode(proof->encode())));
  ASSERT_TRUE(checked.has_value()) << to_string(checked.error());
  EXPECT_EQ(checked->receipt->tx, receipt.tx);
}

// As on a node that had blocks before it kept such headers.
TEST_F(VotedChain, KeepsTheStepsThatWereFoundFromTheGenesis) {
  notes_ = false;
  voting_ = {{0, kOrdered}, {4, kOthers}};
  for (int i = 0; i < 10; ++i) make(*voted_);
  EXPECT_EQ(shown(), "by votes");
  EXPECT_FALSE(voted_->light_blocks().kept().empty());
  oldest_ = voted_->tip().height;
  reopen();
  make(*voted_);
  EXPECT_EQ(shown(), "by votes");
}

TEST_F(VotedChain, AsksCometOnceForABlock) {
  make(*voted_);
  make(*voted_);
  EXPECT_EQ(shown(), "by votes");
  const std::size_t before = asked_;
  EXPECT_EQ(shown(), "by votes");
  EXPECT_EQ(asked_, before);
}

// What CometBFT says is checked before it is kept for good.
TEST_F(VotedChain, KeepsNoHeaderThatItsValidatorsDidNotCommit) {
  voting_ = {{0, kOrdered}, {4, kOthers}};
  for (int i = 0; i < 6; ++i) make(*voted_);
  voted_->prove_by([this](Height at) -> Result<proof::LightBlock> {
    auto out = must(light_block(at));
    out.commit.signatures.front().signature.writable()[0] ^= 1;
    return out;
  });
  EXPECT_EQ(verdict_of(voted_->light_blocks().fetch(voted_->tip().height)), Verdict::bad_signature);
  voted_->prove_by([this](Height at) { return light_block(at.next()); });
  EXPECT_EQ(verdict_of(voted_->light_blocks().fetch(voted_->tip().height)), Verdict::bad_value);
  EXPECT_TRUE(voted_->light_blocks().kept().empty());
  prove();
  EXPECT_TRUE(voted_->light_blocks().fetch(voted_->tip().height).has_value());
  EXPECT_EQ(voted_->light_blocks().kept().size(), 2U);
}

}  // namespace
}  // namespace intaglio::chain
