#include "chain/comet_ordering.h"

#include <future>

#include <gtest/gtest.h>

#include "chain/abci/driver_for_test.h"
#include "chain/nodes_for_test.h"
#include "chain/pack.h"

namespace intaglio::chain {
namespace {

using namespace abci;

using Answer = Result<CheckTxAnswer>;

// A chain whose CometBFT the test is: it says what becomes of what is handed in, and makes blocks.
class CometOrderingTest : public ::testing::Test {
 public:
  ~CometOrderingTest() override { let_go(); }

 protected:
  void open(CometOrderingOptions options = {}) {
    application_ =
        must(chain::Application::open(nodes_.genesis(), NodesForTest::kChain, folder_ / "chain",
                                      NodesForTest::signer(nodes_.accounting_key())));
    options.address = "unix://" + (folder_ / "abci");
    ordering_ = must(CometOrdering::open(
        *application_, system_env(),
        {.broadcast = [this](ByteView transaction) { return broadcast(transaction); },
         .light_block = [](Height) { return refuse(Verdict::unknown_block); },
         .double_votes = [this](Height height) { return double_votes(height); }},
        options));
    driver_.emplace("unix://" + (folder_ / "abci"));
  }

  using Receipt = std::future<Result<tx::Receipt>>;
  Receipt submit(const Bytes& transaction) {
    const auto promise = std::make_shared<std::promise<Result<tx::Receipt>>>();
    const Door door(*application_, 10);
    EXPECT_TRUE(ordering_
                    ->submit(must(door.verify(transaction)),
                             [promise](Result<tx::Receipt> receipt) {
                               promise->set_value(std::move(receipt));
                             })
                    .has_value());
    return promise->get_future();
  }

  // What was handed in `count` times or more by now.
  std::vector<Bytes> handed_in(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return handed_in_.size() >= count; });
    return handed_in_;
  }
  // From now on nothing that is handed in is answered until let_go().
  void hold() {
    const std::lock_guard lock(mutex_);
    holding_ = true;
  }
  void let_go() {
    {
      const std::lock_guard lock(mutex_);
      holding_ = false;
    }
    changed_.notify_all();
  }
  // What is said of the next ones, in order; after these, that the mempool took it.
  void answer_next(Answer answer) {
    const std::lock_guard lock(mutex_);
    answers_.push_back(std::move(answer));
  }

  void make_block(const std::vector<Bytes>& transactions) {
    const auto height = static_cast<std::int64_t>(application_->tip().height.next().value());
    driver_->consensus.ask<FinalizeBlockAnswer>(
        FinalizeBlock{.txs = transactions,
                      .hash = {1},
                      .height = height,
                      .time = proof::comet_time(nodes_.now())});
    driver_->consensus.ask<CommitAnswer>(Commit{});
  }

  void make_block_with_evidence() {
    const auto height = application_->tip().height.next();
    {
      const std::lock_guard lock(mutex_);
      evidence_[height] = {kVotes};
    }
    driver_->consensus.ask<FinalizeBlockAnswer>(
        FinalizeBlock{.txs = {},
                      .hash = {1},
                      .height = static_cast<std::int64_t>(height.value()),
                      .time = proof::comet_time(nodes_.now()),
                      .misbehaviour = {{.kind = Misbehaviour::Kind::duplicate_vote}}});
    driver_->consensus.ask<CommitAnswer>(Commit{});
  }
  void close() {
    driver_.reset();
    ordering_.reset();
    application_.reset();
  }

  static inline const proof::DoubleVote kVotes{.first = {1}, .second = {2}};
  FolderForTest folder_;
  NodesForTest nodes_{0};
  std::unique_ptr<chain::Application> application_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Bytes> handed_in_;
  std::deque<Answer> answers_;
  bool holding_ = false;
  std::unique_ptr<CometOrdering> ordering_;
  std::optional<DriverForTest> driver_;

  std::map<Height, std::vector<proof::DoubleVote>> evidence_;  // of blocks

 private:
  Result<std::vector<proof::DoubleVote>> double_votes(Height height) {
    const std::lock_guard lock(mutex_);
    return evidence_[height];
  }
  Answer broadcast(ByteView transaction) {
    std::unique_lock lock(mutex_);
    handed_in_.push_back(to_bytes(transaction));
    changed_.notify_all();
    changed_.wait(lock, [this] { return !holding_; });
    if (answers_.empty()) return CheckTxAnswer{};
    Answer out = std::move(answers_.front());
    answers_.pop_front();
    return out;
  }
};

CheckTxAnswer refused(Verdict verdict) {
  return {.code = static_cast<std::uint32_t>(verdict), .data = {}};
}

TEST_F(CometOrderingTest, WhoHandsATransactionInGetsItsReceiptFromTheBlockThatHasIt) {
  open();
  ordering_->start();
  const Bytes good = nodes_.transfer(1);
  auto receipt = submit(good);
  EXPECT_EQ(handed_in(1), std::vector<Bytes>{good});
  EXPECT_EQ(ordering_->waiting(), 1U);
  make_block({good});
  const auto got = receipt.get();
  ASSERT_TRUE(got.has_value());
  EXPECT_TRUE(got->accepted());
  EXPECT_EQ(got->height, Height(1));
  EXPECT_EQ(ordering_->waiting(), 0U);
}

TEST_F(CometOrderingTest, WhoListensHearsOfABlockBeforeItsReceiptsAreGivenOut) {
  open();
  std::atomic<std::size_t> heard = 0;
  ordering_->on_block([&](const Finalized& block) { heard += block.receipts.size(); });
  ordering_->start();
  const Bytes good = nodes_.transfer(1);
  auto receipt = submit(good);
  make_block({good, nodes_.transfer(2)});
  EXPECT_TRUE(receipt.get().has_value());
  EXPECT_EQ(heard, 2U);
}

TEST_F(CometOrderingTest, WhatWaitsWhileOneIsHandedInGoesAsOnePack) {
  open({.senders = 1});
  hold();
  ordering_->start();
  auto first = submit(nodes_.transfer(1));
  handed_in(1);
  std::vector<Bytes> more;
  std::vector<Receipt> receipts;
  for (std::uint64_t i = 2; i < 40; ++i) {
    more.push_back(nodes_.transfer(i));
    receipts.push_back(submit(more.back()));
  }
  let_go();
  const auto all = handed_in(2);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(must(unpack(all[1])), more);
  make_block(all);
  EXPECT_TRUE(first.get().has_value());
  for (std::size_t i = 0; i < receipts.size(); ++i) {
    EXPECT_EQ(receipts[i].get()->index, i + 1) << "each has its own";
  }
}

TEST_F(CometOrderingTest, APackFollowsTheOneBeforeAfterAWhile) {
  open({.gather = std::chrono::hours(1)});
  ordering_->start();
  std::vector<Bytes> all{nodes_.transfer(1)};
  std::vector<Receipt> receipts;
  receipts.push_back(submit(all[0]));
  EXPECT_EQ(handed_in(1), all) << "what comes alone does not wait";
  for (std::uint64_t i = 2; i < 5; ++i) {
    all.push_back(nodes_.transfer(i));
    receipts.push_back(submit(all.back()));
  }
  make_block(all);
  for (auto& each : receipts) EXPECT_TRUE(each.get().has_value());
  EXPECT_EQ(handed_in(1).size(), 1U) << "the others were gathered until then";
}

// The code that a node gives a pack is its first member's.
TEST_F(CometOrderingTest, OfAPackThatIsRefusedTheLastThatWaitsIsHandedInToo) {
  open();
  const Bytes decided = nodes_.transfer(1);
  const Bytes good = nodes_.transfer(2);
  auto one = submit(decided);
  auto other = submit(good);
  hold();
  ordering_->start();
  handed_in(1);
  make_block({decided});
  EXPECT_TRUE(one.get().has_value());
  answer_next(CheckTxAnswer{.code = kDecidedBefore, .data = {}});
  let_go();
  EXPECT_EQ(handed_in(2)[1], good);
  make_block({good});
  EXPECT_TRUE(other.get().has_value());
}

TEST_F(CometOrderingTest, OfAPackThatIsRefusedEachIsHandedInForItself) {
  open({.senders = 1});
  hold();
  ordering_->start();
  const auto first = submit(nodes_.transfer(1));
  EXPECT_TRUE(first.valid());
  handed_in(1);
  const Bytes bad = nodes_.transfer(2);
  const Bytes good = nodes_.transfer(3);
  auto refusal = submit(bad);
  auto receipt = submit(good);
  answer_next(CheckTxAnswer{});
  answer_next(refused(Verdict::conflict));
  answer_next(refused(Verdict::conflict));
  let_go();
  const auto all = handed_in(4);
  EXPECT_EQ(all[2], bad);
  EXPECT_EQ(all[3], good);
  EXPECT_EQ(verdict_of(refusal.get()), Verdict::conflict);
  make_block({good});
  EXPECT_TRUE(receipt.get().has_value());
  EXPECT_EQ(ordering_->waiting(), 1U);
}

TEST_F(CometOrderingTest, WhatANodeDidNotTakeIsHandedInAgain) {
  open({.pause = std::chrono::milliseconds(1)});
  answer_next(refuse(Verdict::unreachable));
  answer_next(refuse(Verdict::busy));
  ordering_->start();
  const Bytes good = nodes_.transfer(1);
  auto receipt = submit(good);
  EXPECT_EQ(handed_in(3), (std::vector<Bytes>{good, good, good}));
  make_block({good});
  EXPECT_TRUE(receipt.get().has_value());
}

// A mempool forgets when its process ends.
TEST_F(CometOrderingTest, WhatNoBlockHasIsHandedInAgain) {
  open({.again = std::chrono::milliseconds(1)});
  ordering_->start();
  const Bytes good = nodes_.transfer(1);
  auto receipt = submit(good);
  EXPECT_EQ(handed_in(3).front(), good);
  make_block({good});
  EXPECT_TRUE(receipt.get().has_value());
}

TEST_F(CometOrderingTest, WhatWasDecidedHasItsFirstReceiptAtOnce) {
  open();
  ordering_->start();
  const Bytes good = nodes_.transfer(1);
  make_block({good});
  const auto again = submit(good).get();
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->height, Height(1));
}

TEST_F(CometOrderingTest, TheSameTransactionTwiceHasOneReceiptForBoth) {
  open();
  ordering_->start();
  const Bytes good = nodes_.transfer(1);
  auto one = submit(good);
  auto other = submit(good);
  EXPECT_EQ(ordering_->waiting(), 1U);
  handed_in(1);
  make_block({good});
  EXPECT_EQ(one.get()->index, 0U);
  EXPECT_EQ(other.get()->index, 0U);
}

TEST_F(CometOrderingTest, WhatNoBlockCanHaveAnyMoreIsExpired) {
  open();
  ordering_->start();
  auto receipt = submit(nodes_.transfer(1));
  handed_in(1);
  nodes_.wait(seconds(3600));
  make_block({});
  EXPECT_EQ(ordering_->waiting(), 1U) << "it may still come into a block of its last millisecond";
  nodes_.wait(seconds(2));
  make_block({});
  EXPECT_EQ(verdict_of(receipt.get()), Verdict::expired);
}

TEST_F(CometOrderingTest, NoBlockIsFinalHereBeforeItStarts) {
  open();
  std::atomic<bool> has_heard = false;
  ordering_->on_block([&](const Finalized&) { has_heard = true; });
  std::thread comet([&] { make_block({}); });
  while (application_->tip().height == Height(0)) std::this_thread::yield();
  EXPECT_FALSE(has_heard);
  ordering_->start();
  comet.join();
  EXPECT_TRUE(has_heard);
}

TEST_F(CometOrderingTest, WhoStillWaitsWhenItStopsIsTold) {
  open();
  ordering_->start();
  auto receipt = submit(nodes_.transfer(1));
  handed_in(1);
  ordering_->stop();
  EXPECT_EQ(verdict_of(receipt.get()), Verdict::shutting_down);
  const Door door(*application_, 10);
  EXPECT_EQ(verdict_of(ordering_->submit(must(door.verify(nodes_.transfer(1))),
                                         [](const Result<tx::Receipt>&) { FAIL(); })),
            Verdict::shutting_down);
}

TEST_F(CometOrderingTest, ShowsWhatABlockHasEvidenceOf) {
  open();
  std::promise<proof::DoubleVote> shown;
  ordering_->on_double_vote(
      [&](const proof::DoubleVote& votes, const auto& /*settled*/) { shown.set_value(votes); });
  ordering_->start();
  make_block_with_evidence();
  EXPECT_EQ(shown.get_future().get(), kVotes);
}

// Until the main chain has decided on it, also when the process ended meanwhile.
TEST_F(CometOrderingTest, ShowsEvidenceAgainUntilItIsSettled) {
  const CometOrderingOptions quick{.again = std::chrono::milliseconds(1)};
  std::optional<std::promise<void>> done;
  std::atomic<int> shown = 0;
  // The first that it is told of when it runs anew is the one that counts.
  const auto listen = [&](bool is_settled) {
    done.emplace();
    shown = 0;
    ordering_->on_double_vote([&, is_settled](const proof::DoubleVote& votes, const auto& settled) {
      EXPECT_EQ(votes, kVotes);
      settled(is_settled && shown == 2);
      if (++shown == 3) done->set_value();
    });
    ordering_->start();
  };
  open(quick);
  listen(false);
  make_block_with_evidence();
  done->get_future().get();
  close();

  open(quick);
  listen(true);
  done->get_future().get();
  while (!application_->store().notes(kDoubleVoteNote).empty()) std::this_thread::yield();
  EXPECT_EQ(shown, 3);
  close();
  open(quick);
  EXPECT_TRUE(application_->store().notes(kDoubleVoteNote).empty());
}

// So that whoever trusts those who voted first can be shown who votes now.
TEST_F(CometOrderingTest, AsksForTheHeadersThatAreToBeKept) {
  open({.again = std::chrono::milliseconds(1)});
  ordering_->start();
  make_block({});
  for (const auto& [name, note] : LightBlocks::wanted_after(Height(1))) {
    application_->put_note(name, note);
  }
  // CometBFT has neither any more.
  while (!application_->light_blocks().wanted().empty()) {
    make_block({});
    std::this_thread::yield();
  }
  EXPECT_TRUE(application_->light_blocks().kept().empty());
}

TEST_F(CometOrderingTest, TakesNoMoreThanMayWait) {
  open({.max_waiting = 1});
  ordering_->start();
  auto receipt = submit(nodes_.transfer(1));
  const Door door(*application_, 10);
  EXPECT_EQ(verdict_of(ordering_->submit(must(door.verify(nodes_.transfer(1))),
                                         [](const Result<tx::Receipt>&) { FAIL(); })),
            Verdict::busy);
  ordering_->stop();
  EXPECT_FALSE(receipt.get().has_value());
}

}  // namespace
}  // namespace intaglio::chain
