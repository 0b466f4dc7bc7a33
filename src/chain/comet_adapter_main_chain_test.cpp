// What is decided on the main chain and concerns CometBFT: keys, and who votes.
#include <algorithm>

#include <gtest/gtest.h>

#include "chain/comet_for_test.h"

namespace intaglio::chain {
namespace {

using namespace abci;
using ledger::Validator;

// A main chain with validators, called as the server calls it.
class CometMainChain : public ::testing::Test {
 protected:
  static constexpr std::size_t kNodes = 5;

  CometMainChain() {
    genesis_ = {.name = "test",
                .time = kStart,
                .chains = 1,
                .params = ledger::default_params(),
                .assets = {{kEuro, "EUR", 2, Amount(1)}},
                .keys = {{authority_.public_key(), ledger::Role::authority},
                         {holder_.public_key(), ledger::Role::holder}},
                .money = {},
                .nodes = {}};
    for (std::size_t i = 0; i < kNodes; ++i) {
      nodes_.push_back(crypto::SigningKey::generate());
      genesis_.keys.push_back({nodes_[i].public_key(), ledger::Role::node});
    }
    genesis_.nodes = {row({{0, 10}, {1, 20}, {2, 30}})};
    open();
  }
  void open() {
    ledger_ = ledger::ledger_id(genesis_);
    adapter_.reset();
    application_.reset();
    application_ = must(chain::Application::open(genesis_, kMainChain, folder_ / "chain",
                                                 NodesForTest::signer(nodes_[0])));
    adapter_ = must(CometAdapter::open(
        *application_,
        {.snapshots = folder_ / "snapshots", .snapshot_every = 2, .asks_comet = true}));
  }

  // Of each node there is one key by which it votes.
  static crypto::Ed25519Key vote_key(std::size_t node) {
    crypto::Ed25519Key out;
    out.writable()[0] = static_cast<std::uint8_t>(node + 1);
    return out;
  }
  ledger::NodesRow row(const std::map<std::size_t, std::uint64_t>& powers) const {
    std::vector<Validator> validators;
    for (const auto& [node, power] : powers) {
      validators.push_back({nodes_[node].public_key().hash(), vote_key(node), power});
    }
    std::ranges::sort(validators, {}, &Validator::node);
    return {nodes_[0].public_key().hash(), {}, 0, validators};
  }
  Bytes sign(const crypto::SigningKey& key, tx::Operation operation) const {
    const tx::Transaction body{.ledger = ledger_,
                               .chains = {kMainChain},
                               .account = NodesForTest::account(key),
                               .client = system_env().random_id<ClientId>(),
                               .valid_until = kStart + seconds(3600),
                               .operations = {std::move(operation)}};
    return must(proof::sign_statement(body, ledger_, NodesForTest::signer(key)));
  }
  Bytes set_nodes(const std::map<std::size_t, std::uint64_t>& powers) const {
    const auto named = row(powers);
    return sign(authority_, tx::SetNodes{kMainChain, named.accounting, named.consensus,
                                         named.quorum, named.validators});
  }
  FinalizeBlock block(std::vector<Bytes> txs) const {
    return {.txs = std::move(txs),
            .hash = {},
            .height = static_cast<std::int64_t>(application_->tip().height.next().value()),
            .time = proof::comet_time(kStart)};
  }
  FinalizeBlockAnswer decide(std::vector<Bytes> txs) {
    auto answer = must(adapter_->finalize_block(block(std::move(txs))));
    must(adapter_->commit({}));
    return answer;
  }
  // By node, without order.
  static std::map<std::size_t, std::int64_t> powers(const FinalizeBlockAnswer& answer) {
    std::map<std::size_t, std::int64_t> out;
    for (const auto& each : answer.validator_updates) {
      EXPECT_TRUE(out.emplace(each.key.array()[0] - 1, each.power).second) << "once each";
    }
    return out;
  }
  std::string init(const std::vector<ValidatorUpdate>& validators) {
    const auto answer = adapter_->init_chain(InitChain{{}, "chain", validators, {}, 1});
    if (!answer) return to_string(answer.error());
    EXPECT_TRUE(answer->validators.empty()) << "those of CometBFT's genesis";
    return "none";
  }

  FolderForTest folder_;
  const crypto::SigningKey authority_ = crypto::SigningKey::generate();
  const crypto::SigningKey holder_ = crypto::SigningKey::generate();
  std::vector<crypto::SigningKey> nodes_;
  ledger::Genesis genesis_;
  LedgerId ledger_;
  std::unique_ptr<chain::Application> application_;
  std::unique_ptr<CometAdapter> adapter_;
};

TEST_F(CometMainChain, BeginsWithTheLedgersValidatorsAlone) {
  using Power = std::int64_t;
  const auto with = [&](const std::map<std::size_t, Power>& powers) {
    std::vector<ValidatorUpdate> validators;
    for (const auto& [node, power] : powers) validators.push_back({vote_key(node), power});
    std::ranges::reverse(validators);  // their order says nothing
    return init(validators);
  };
  const auto refused = [](std::size_t node, Power comets, Power ours) {
    return "bad_setting at validators: " + codec::to_hex(vote_key(node)) + " has the power " +
           std::to_string(comets) + " in CometBFT's genesis and " + std::to_string(ours) +
           " in the ledger's: a setting in the configuration is wrong";
  };
  EXPECT_EQ(with({{0, 10}, {1, 20}, {2, 30}}), "none");
  EXPECT_EQ(with({{0, 10}, {1, 21}, {2, 30}}), refused(1, 21, 20));
  EXPECT_EQ(with({{0, 10}, {1, 20}}), refused(2, 0, 30));
  EXPECT_EQ(with({{0, 10}, {1, 20}, {2, 30}, {3, 5}}), refused(3, 5, 0));
  EXPECT_EQ(with({{0, 10}, {1, 20}, {2, -30}}), refused(2, 0, 30));
  EXPECT_EQ(with({{0, 10}, {1, 20}, {2, 30}}), "none");
}

TEST_F(CometMainChain, TellsCometWhatABlockChangedOfWhoVotes) {
  using Powers = std::map<std::size_t, std::int64_t>;
  EXPECT_TRUE(decide({}).validator_updates.empty());
  // One leaves, one has another power, one comes.
  EXPECT_EQ(powers(decide({set_nodes({{0, 10}, {2, 31}, {3, 5}})})),
            (Powers{{1, 0}, {2, 31}, {3, 5}}));
  EXPECT_TRUE(decide({}).validator_updates.empty()) << "once";
  EXPECT_TRUE(decide({set_nodes({{0, 10}, {2, 31}, {3, 5}})}).validator_updates.empty())
      << "nothing is another";
  // What stands at the end of the block counts.
  EXPECT_EQ(powers(decide({set_nodes({{0, 10}, {4, 1}}), set_nodes({{0, 10}, {2, 31}, {1, 2}})})),
            (Powers{{1, 2}, {3, 0}}));
  // What is not decided tells nothing.
  const auto refused = decide({set_nodes({})});
  EXPECT_NE(refused.tx_results.at(0).code, 0U);
  EXPECT_TRUE(refused.validator_updates.empty());
  const auto other = block({set_nodes({{0, 1}})});
  EXPECT_EQ(powers(must(adapter_->finalize_block(other))), (Powers{{0, 1}, {1, 0}, {2, 0}}));
  // After a crash the same block says the same.
  open();
  EXPECT_EQ(powers(must(adapter_->finalize_block(other))), (Powers{{0, 1}, {1, 0}, {2, 0}}));
  EXPECT_EQ(powers(must(adapter_->finalize_block(block({set_nodes({{1, 2}})})))),
            (Powers{{0, 0}, {2, 0}}));
  must(adapter_->commit({}));
  EXPECT_EQ(application_->nodes(), row({{1, 2}}));
}

// Beside the block that says it, in the same write, so that nobody who goes on misses it.
TEST_F(CometMainChain, NotesWhichBlocksHaveEvidence) {
  const auto noted = [&] { return application_->store().notes(kDoubleVoteNote); };
  auto decided = block({});
  decided.misbehaviour = {{Misbehaviour::Kind::light_client_attack, {}, 1, 1, {}, 60}};
  must(adapter_->finalize_block(decided));
  must(adapter_->commit({}));
  EXPECT_TRUE(noted().empty());
  decided = block({});
  decided.misbehaviour = {{Misbehaviour::Kind::light_client_attack, {}, 1, 1, {}, 60},
                          {Misbehaviour::Kind::duplicate_vote, proof::comet_address(vote_key(1)),
                           20, 1, proof::comet_time(kStart), 60}};
  must(adapter_->finalize_block(decided));
  EXPECT_TRUE(noted().empty());
  open();
  must(adapter_->finalize_block(decided));
  must(adapter_->commit({}));
  open();
  decide({});
  ASSERT_EQ(noted().size(), 1U);
  EXPECT_EQ(height_of_note(noted().front()), Height(2));
}

TEST_F(CometMainChain, NotesWhichHeadersLeadOverAChangeOfWhoVotes) {
  decide({});
  EXPECT_TRUE(application_->light_blocks().wanted().empty());
  decide({set_nodes({{0, 10}, {2, 31}})});
  open();
  EXPECT_EQ(application_->light_blocks().wanted(), (std::vector{Height(3), Height(4)}));
}

// What is to be asked of CometBFT it may not forget.
TEST_F(CometMainChain, HoldsBackWhatCometIsStillAskedFor) {
  application_->keep_blocks(1);
  const auto decide_days_later = [&](std::vector<Misbehaviour> misbehaviour = {}) {
    auto next = block({});
    next.time = proof::comet_time(kStart + Duration(25 * 3600 * 1000 * std::uint64_t(next.height)));
    next.misbehaviour = std::move(misbehaviour);
    must(adapter_->finalize_block(next));
    const auto retained = must(adapter_->commit({})).retain_height;
    adapter_->finish_snapshot();
    return retained;
  };
  adapter_ = must(CometAdapter::open(*application_, {.asks_comet = true}));
  decide_days_later();
  decide_days_later({{.kind = Misbehaviour::Kind::duplicate_vote}});
  for (int i = 0; i < 4; ++i) EXPECT_LE(decide_days_later(), 2);
  EXPECT_EQ(decide_days_later(), 2);
  application_->erase_note(application_->store().notes(kDoubleVoteNote).front());
  EXPECT_GT(decide_days_later(), 2);
}

// One that goes back to an older snapshot does not know the keys that came after it.
TEST_F(CometMainChain, ANodeThatBeginsAgainWithAnOlderSnapshotForgetsWhatItVerified) {
  const auto late = crypto::SigningKey::generate();
  decide({});
  decide({});
  adapter_->finish_snapshot();
  decide({sign(authority_, tx::RegisterKey{.key = late.public_key(),
                                           .role = ledger::Role::holder,
                                           .valid_from = kStart,
                                           .valid_until = kStart + seconds(100'000),
                                           .certificate = {},
                                           .account = {},
                                           .chains = {}})});
  decide({});
  adapter_->finish_snapshot();
  const auto snapshots = must(adapter_->list_snapshots({})).snapshots;
  ASSERT_EQ(snapshots.size(), 2U);
  const auto fresh = must(chain::Application::open(genesis_, kMainChain, folder_ / "fresh",
                                                   NodesForTest::signer(nodes_[1])));
  const auto adapter = must(CometAdapter::open(*fresh, {.snapshots = folder_ / "fresh-snapshots"}));
  const auto begin_with = [&](std::uint64_t height) {
    const auto snapshot = std::ranges::find(snapshots, height, &abci::Snapshot::height);
    ASSERT_NE(snapshot, snapshots.end());
    const auto header = must(proof::shown_header<ledger::BlockHeader>(
        application_->stored_header(Height(height)).proof, ledger_));
    const Bytes app_hash = to_bytes(header.header.hash(ledger_).view());
    ASSERT_EQ(must(adapter->offer_snapshot({*snapshot, app_hash})).result, Offer::accept);
    for (std::uint32_t i = 0; i < snapshot->chunks; ++i) {
      const auto chunk = must(adapter_->load_snapshot_chunk({height, 1, i})).chunk;
      ASSERT_EQ(must(adapter->apply_snapshot_chunk({i, chunk, "peer"})).result, Applied::accept);
    }
  };
  const Bytes transfer =
      sign(late, tx::Transfer{.to = {kMainChain, NodesForTest::account(nodes_[0])},
                              .asset = kEuro,
                              .amount = Amount(1)});
  begin_with(4);
  EXPECT_EQ(must(adapter->check_tx({transfer, false})).code, 0U);
  begin_with(2);
  EXPECT_EQ(must(adapter->check_tx({transfer, false})).code,
            static_cast<std::uint32_t>(Verdict::unknown_key));
  EXPECT_EQ(must(adapter->process_proposal({{transfer}, {}, 3, {}, {}, {}})).status,
            Status::reject);
}

// Nobody signs for such a chain: its headers are proven by votes, wherever they come from.
TEST_F(CometMainChain, ANodeThatBeginsWithASnapshotSignsNoHeader) {
  for (std::uint64_t i = 0; i < 4; ++i) {
    decide({set_nodes({{0, 10 + i}})});
    adapter_->finish_snapshot();
  }
  const auto snapshot = must(adapter_->list_snapshots({})).snapshots.back();
  ASSERT_EQ(snapshot.height, 4U);
  const auto fresh = must(chain::Application::open(genesis_, kMainChain, folder_ / "fresh",
                                                   NodesForTest::signer(nodes_[1])));
  const auto adapter = must(CometAdapter::open(*fresh, {.snapshots = folder_ / "fresh-snapshots"}));
  const Bytes app_hash = to_bytes(application_->tip().block.view());
  ASSERT_EQ(must(adapter->offer_snapshot({snapshot, app_hash})).result, Offer::accept);
  for (std::uint32_t i = 0; i < snapshot.chunks; ++i) {
    const auto chunk = must(adapter_->load_snapshot_chunk({4, 1, i})).chunk;
    EXPECT_EQ(must(adapter->apply_snapshot_chunk({i, chunk, "peer"})).result, Applied::accept);
  }
  EXPECT_EQ(fresh->tip(), application_->tip());
  const auto header = fresh->stored_header(Height(4)).proof;
  EXPECT_EQ(header, application_->stored_header(Height(4)).proof);
  EXPECT_TRUE(header.comet.has_value());
  // Who votes is what the snapshot says, and changes from there.
  EXPECT_EQ(fresh->nodes(), row({{0, 13}}));
  const auto next = block({set_nodes({{0, 13}, {1, 5}})});
  EXPECT_EQ(must(adapter->finalize_block(next)), must(adapter_->finalize_block(next)));
  must(adapter->commit({}));
  must(adapter_->commit({}));
  EXPECT_EQ(fresh->tip(), application_->tip());
}

// What is remembered of a transaction is its signature. Whether its key may sign is the block's to
// say.
TEST_F(CometMainChain, AKeyThatIsRevokedBetweenTheCheckAndTheBlockSignsNothing) {
  const Bytes transfer =
      sign(holder_, tx::Transfer{.to = {kMainChain, NodesForTest::account(nodes_[0])},
                                 .asset = kEuro,
                                 .amount = Amount(1)});
  EXPECT_EQ(must(adapter_->check_tx({transfer, false})).code, 0U);
  const Bytes revocation = sign(
      authority_, tx::SetKeyStatus{holder_.public_key().hash(), ledger::KeyStatus::revoked, {}});
  EXPECT_EQ(decide({revocation}).tx_results.at(0).code, 0U);
  EXPECT_EQ(must(adapter_->check_tx({transfer, true})).code, 0U) << "it is for the block to say";
  EXPECT_EQ(must(adapter_->process_proposal({{transfer}, {}, 2, {}, {}, {}})).status,
            Status::accept);
  EXPECT_EQ(decide({transfer}).tx_results.at(0).code,
            static_cast<std::uint32_t>(Verdict::key_revoked));
  EXPECT_EQ(adapter_->verifications(), 2U);
}

}  // namespace
}  // namespace intaglio::chain
