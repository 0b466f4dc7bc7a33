#include "chain/application.h"

#include <gtest/gtest.h>

#include "base/folder_for_test.h"
#include "codec/hex.h"
#include "tx/world_for_test.h"

namespace intaglio::chain {
namespace {

// docs/reference/formats.md works these examples.
TEST(StoredBlock, HasItsFrozenBytes) {
  const std::vector<Bytes> transactions{{4}, {5, 6}};
  const Bytes blob = encode_transactions(transactions);
  EXPECT_EQ(codec::to_hex(blob), "824104420506");
  const auto decoded = decode_transactions(blob);
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(*decoded, transactions);
}

TEST(StoredBlock, HeaderHasItsFrozenBytes) {
  const StoredHeader header{{{1, 2, 3}, {}}, 3};
  EXPECT_EQ(codec::to_hex(codec::encode_record(header)), "a201a2014301020302800203");
}

std::unique_ptr<Application> open_for_test(tx::World& world, const std::string& folder) {
  auto opened = Application::open(world.genesis(), tx::World::kChain, folder, world.signer("node"));
  CHECK(opened.has_value());
  return *std::move(opened);
}

// Two linked payments, and what becomes of the chain's rows.
tx::VerifiedTransaction payments(tx::World& world, std::uint64_t cents) {
  return world.sign("alice",
                    world.transaction("alice", {world.pay("bob", cents), world.pay("bob", 1)}));
}
Finalized next_block(Application& application, const tx::VerifiedTransaction& transaction) {
  return application.finalize(tx::kStart, std::span(&transaction, 1));
}

Digest root_of_rows(const Application& application) {
  std::vector<ledger::StateLeaf> leaves;
  application.store().snapshot()->scan({}, [&](const ledger::Slot& slot, ByteView row) {
    leaves.push_back(ledger::state_leaf(slot, row));
    return true;
  });
  return ledger::StateTree::of(std::move(leaves)).root();
}

// It learns who signs for it in its first packets.
TEST(Application, OfAChainThatWasAddedMakesBlocksBeforeItKnowsItsNodes) {
  const FolderForTest folder;
  tx::World world;
  const ChainId added(world.genesis().chains);
  auto opened = Application::open(world.genesis(), added, folder / "chain", world.signer("node"));
  ASSERT_TRUE(opened.has_value());
  (*opened)->commit((*opened)->finalize(tx::kStart, {}));
  EXPECT_EQ((*opened)->tip().height, Height(1));
  EXPECT_EQ((*opened)->stored_header(Height(1)).consensus, 0);
}

TEST(ApplicationState, IsTheRootOfTheRowsInEveryBlock) {
  const FolderForTest folder;
  tx::World world;
  const auto application = open_for_test(world, folder / "chain");
  EXPECT_EQ(application->tip().state, root_of_rows(*application));
  for (std::uint64_t i = 1; i <= 20; ++i) {
    const Digest before = application->tip().state;
    const Finalized block = next_block(*application, payments(world, i));
    application->commit(block);
    EXPECT_EQ(block.header.state, root_of_rows(*application));
    EXPECT_EQ(application->tip().state, block.header.state);
    EXPECT_NE(block.header.state, before);
  }
}

TEST(ApplicationState, OfABlockThatIsNotKeptLeavesNothing) {
  const FolderForTest folder;
  tx::World world;
  const auto one = open_for_test(world, folder / "one");
  const auto other = open_for_test(world, folder / "other");
  const auto kept = payments(world, 2);
  const Digest thrown_away = next_block(*one, payments(world, 1)).header.state;
  const Finalized block = next_block(*one, kept);
  EXPECT_NE(block.header.state, thrown_away);
  EXPECT_EQ(next_block(*one, kept).header.state, block.header.state);
  one->commit(block);
  other->commit(next_block(*other, kept));
  EXPECT_EQ(one->tip(), other->tip());
}

// The verdict that a block at that time gives, and the one that is found by the id afterwards.
std::pair<Verdict, Verdict> verdicts_at(Application& application, Millis time,
                                        const tx::VerifiedTransaction& transaction) {
  const Finalized block = application.finalize(time, std::span(&transaction, 1));
  application.commit(block);
  const auto found = application.receipt(block.receipts.front().tx);
  return {*verdict_from_number(block.receipts.front().verdict),
          *verdict_from_number(found->verdict)};
}

TEST(ApplicationReceipt, OfWhatExpiredIsTheOneThatDecidedBeforeIfThereWasOne) {
  const FolderForTest folder;
  tx::World world;
  const auto application = open_for_test(world, folder / "chain");
  const Millis late = tx::kStart + seconds(26 * 3600);
  const auto decided = payments(world, 1);
  auto far = world.transaction("alice", {world.pay("bob", 1)});
  far.valid_until = tx::kStart + seconds(25 * 3600);
  const auto undecided = world.sign("alice", far);
  using Both = std::pair<Verdict, Verdict>;
  EXPECT_EQ(verdicts_at(*application, tx::kStart, decided),
            Both(Verdict::accepted, Verdict::accepted));
  EXPECT_EQ(verdicts_at(*application, tx::kStart, undecided),
            Both(Verdict::valid_too_long, Verdict::valid_too_long));
  EXPECT_EQ(verdicts_at(*application, late, decided), Both(Verdict::expired, Verdict::accepted));
  EXPECT_EQ(verdicts_at(*application, late, undecided), Both(Verdict::expired, Verdict::expired));
}

TEST(ApplicationReceipt, OfAnAccountAreWhatWasDecidedForGoodNewestFirst) {
  const FolderForTest folder;
  tx::World world({{"alice", 1000}, {"bob", 1000}, {"carol", 0}});
  const auto application = open_for_test(world, folder / "chain");
  const auto commit = [&](const std::vector<tx::VerifiedTransaction>& transactions) {
    application->commit(application->finalize(tx::kStart, transactions));
  };
  const auto pay = [&](const char* payer, std::uint64_t cents) {
    return world.sign(payer, world.transaction(payer, {world.pay("carol", cents)}));
  };
  const auto first = pay("alice", 1);
  const auto short_of = pay("alice", 1'000'000'000'000);
  auto far = world.transaction("alice", {world.pay("bob", 1)});
  far.valid_until = tx::kStart + seconds(50 * 3600);
  // Somebody else's transaction that names her account is none of hers.
  const auto foreign = world.sign("bob", world.transaction("alice", {world.pay("carol", 1)}));
  const auto last = pay("alice", 2);
  commit({first, pay("bob", 1), short_of});
  commit({first, world.sign("alice", far), foreign});  // again, and what is not decided
  commit({last});
  const AccountId alice = first->body.account;
  const auto ids = [&](const std::vector<tx::Receipt>& receipts) {
    std::vector<TxId> out;
    for (const auto& each : receipts) out.push_back(each.tx);
    return out;
  };
  const auto id = [](const tx::VerifiedTransaction& each) { return *TxId::from(each->id.view()); };
  const auto all = application->receipts_of(alice, {}, 10);
  EXPECT_EQ(ids(all), (std::vector{id(last), id(short_of), id(first)}));
  EXPECT_EQ(all[1].verdict, static_cast<std::uint16_t>(Verdict::insufficient_funds));
  EXPECT_EQ(ids(application->receipts_of(alice, store::Place{Height(1), 2}, 10)),
            std::vector{id(first)});
  EXPECT_EQ(ids(application->receipts_of(alice, {}, 1)), std::vector{id(last)});
}

TEST(ApplicationState, GoesOnAfterARestartAsIfThereWasNone) {
  const FolderForTest folder;
  tx::World world;
  auto stopped = open_for_test(world, folder / "stopped");
  const auto running = open_for_test(world, folder / "running");
  for (std::uint64_t i = 1; i <= 10; ++i) {
    const auto transaction = payments(world, i);
    stopped->commit(next_block(*stopped, transaction));
    running->commit(next_block(*running, transaction));
    stopped.reset();
    stopped = open_for_test(world, folder / "stopped");
    ASSERT_EQ(stopped->tip(), running->tip());
  }
}

// Ten blocks with a payment each, and an empty one that is made so much later that nothing of those
// can be asked for again.
class ApplicationPruning : public ::testing::Test {
 protected:
  ApplicationPruning() {
    application_->keep_blocks(3);
    for (std::uint64_t i = 1; i <= 10; ++i) commit({payments(world_, i)}, seconds(i));
  }
  void commit(const std::vector<tx::VerifiedTransaction>& transactions, Duration at) {
    const Finalized block = application_->finalize(tx::kStart + at, transactions);
    application_->commit(block);
    application_->prune(application_->tip().height);
    for (const auto& each : block.receipts) receipts_.push_back(each);
  }
  void reopen() {
    application_.reset();
    application_ = open_for_test(world_, folder_ / "chain");
    application_->keep_blocks(3);
  }

  static constexpr std::uint64_t kMuchLater = 25 * 3600;  // seconds
  FolderForTest folder_;
  tx::World world_;
  std::unique_ptr<Application> application_ = open_for_test(world_, folder_ / "chain");
  std::vector<tx::Receipt> receipts_;
};

TEST_F(ApplicationPruning, ForgetsAFewOldBlocksAtATimeAndNeverTheNewest) {
  EXPECT_EQ(application_->store().kept_from(), Height(1)) << "all of it may still be asked for";
  commit({}, seconds(kMuchLater));
  EXPECT_EQ(application_->store().kept_from(), Height(5));
  application_->prune(Height(7));
  EXPECT_EQ(application_->store().kept_from(), Height(7)) << "somebody needs the seventh";
  for (int i = 0; i < 3; ++i) application_->prune(application_->tip().height);
  EXPECT_EQ(application_->store().kept_from(), Height(9));
  reopen();
  EXPECT_EQ(application_->store().kept_from(), Height(9));
  for (std::uint64_t i = 9; i <= 11; ++i) EXPECT_TRUE(application_->receipts(Height(i)));
  EXPECT_TRUE(application_->store().block(Height(0))) << "the genesis stays";
  EXPECT_EQ(application_->tip().height, Height(11));
}

TEST_F(ApplicationPruning, LeavesHeadersAndSaysOfTheRestThatItWasForgotten) {
  const AccountId alice = world_.account("alice");
  commit({}, seconds(kMuchLater));
  commit({}, seconds(kMuchLater + 1));
  ASSERT_EQ(application_->store().kept_from(), Height(9));
  const tx::Receipt& old = receipts_[0];
  EXPECT_FALSE(application_->receipt(old.tx));
  EXPECT_FALSE(application_->transaction(old));
  EXPECT_FALSE(application_->receipts(Height(1)));
  EXPECT_TRUE(application_->is_forgotten(old.tx));
  EXPECT_FALSE(application_->is_forgotten(TxId()));
  EXPECT_EQ(application_->no_block(Height(8)), (Refusal{Verdict::block_pruned, "8"}));
  EXPECT_EQ(application_->no_block(Height(99)), (Refusal{Verdict::unknown_block, "99"}));
  EXPECT_EQ(application_->stored_header(Height(1)).consensus, 0);
  const tx::Receipt& kept = receipts_[9];
  EXPECT_TRUE(application_->receipt(kept.tx));
  EXPECT_TRUE(application_->transaction(kept));
  EXPECT_EQ(application_->receipts_of(alice, {}, 100).size(), 2U);
}

TEST_F(ApplicationPruning, LeavesAReceiptThatALaterBlockGave) {
  auto far = world_.transaction("alice", {world_.pay("bob", 1)});
  far.valid_until = tx::kStart + seconds(70 * 3600);
  const auto again = world_.sign("alice", far);
  commit({again}, seconds(20));
  commit({again}, seconds(kMuchLater));
  for (std::uint64_t i = 1; i <= 4; ++i) commit({}, seconds(kMuchLater + i));
  ASSERT_GT(application_->store().kept_from(), Height(11)) << "the first of them is forgotten";
  EXPECT_EQ(application_->receipt(*TxId::from(again->id.view())).value().height, Height(12));
}

TEST_F(ApplicationPruning, LeavesTheSameStateAsWithoutIt) {
  const auto other = open_for_test(world_, folder_ / "other");
  for (std::uint64_t i = 1; i <= 10; ++i) {
    const auto blob = application_->store().block(Height(i));
    const auto bytes = decode_transactions(blob.value()).value();
    auto parsed = proof::parse_statement<tx::Transaction>(bytes[0], application_->ledger());
    const auto verified =
        proof::verify_statement(*std::move(parsed), crypto::Verifier(world_.key("alice")));
    other->commit(other->finalize(tx::kStart + seconds(i), std::span(&*verified, 1)));
  }
  commit({}, seconds(kMuchLater));
  other->commit(other->finalize(tx::kStart + seconds(kMuchLater), {}));
  EXPECT_EQ(application_->tip(), other->tip());
  EXPECT_EQ(root_of_rows(*application_), application_->tip().state);
}

}  // namespace
}  // namespace intaglio::chain
