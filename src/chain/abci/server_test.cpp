#include "chain/abci/server.h"

#include <latch>

#include <gtest/gtest.h>

#include "base/folder_for_test.h"
#include "chain/abci/driver_for_test.h"

namespace intaglio::chain::abci {
namespace {

// Answers with what it was asked, and can be held in the middle of a call.
class Recorder : public Application {
 public:
  // The next such call says that it is there, and goes on when it is let go.
  struct Hold {
    std::latch is_inside{1};
    std::latch may_go{1};
  };
  void hold_finalize(Hold& hold) { hold_ = &hold; }
  int most_at_once() const { return most_at_once_; }
  int executed() const { return executed_; }

  Result<InfoAnswer> info(const Info& request) override {
    return InfoAnswer{.data = request.version, .version = "test", .last_block_app_hash = {}};
  }
  Result<QueryAnswer> query(const Query& request) override {
    return QueryAnswer{.log = request.path, .key = {}, .value = request.data};
  }
  Result<CheckTxAnswer> check_tx(const CheckTx& request) override {
    return CheckTxAnswer{.code = request.is_recheck ? 1U : 0U, .data = request.tx};
  }
  Result<InitChainAnswer> init_chain(const InitChain& request) override {
    return InitChainAnswer{request.validators, as_hash(request.chain_id)};
  }
  Result<PrepareProposalAnswer> prepare_proposal(const PrepareProposal& request) override {
    return PrepareProposalAnswer{request.txs};
  }
  Result<ProcessProposalAnswer> process_proposal(const ProcessProposal&) override {
    return ProcessProposalAnswer{Status::accept};
  }
  Result<ExtendVoteAnswer> extend_vote(const ExtendVote& request) override {
    return ExtendVoteAnswer{request.hash};
  }
  Result<VerifyVoteExtensionAnswer> verify_vote_extension(const VerifyVoteExtension&) override {
    return VerifyVoteExtensionAnswer{Status::accept};
  }
  Result<FinalizeBlockAnswer> finalize_block(const FinalizeBlock& request) override {
    const int now = ++inside_;
    if (now > most_at_once_) most_at_once_ = now;
    if (Hold* const hold = hold_.exchange(nullptr)) {
      hold->is_inside.count_down();
      hold->may_go.wait();
    }
    ++executed_;
    --inside_;
    if (request.height < 1) return refuse(Verdict::block_gap, "height");
    return FinalizeBlockAnswer{{}, {}, request.hash};
  }
  Result<CommitAnswer> commit(const Commit&) override { return CommitAnswer{3}; }
  Result<ListSnapshotsAnswer> list_snapshots(const ListSnapshots&) override {
    return ListSnapshotsAnswer{};
  }
  Result<OfferSnapshotAnswer> offer_snapshot(const OfferSnapshot&) override {
    return OfferSnapshotAnswer{Offer::reject_format};
  }
  Result<LoadSnapshotChunkAnswer> load_snapshot_chunk(const LoadSnapshotChunk&) override {
    return LoadSnapshotChunkAnswer{{4}};
  }
  Result<ApplySnapshotChunkAnswer> apply_snapshot_chunk(const ApplySnapshotChunk&) override {
    return ApplySnapshotChunkAnswer{Applied::retry, {}, {}};
  }

 private:
  static Bytes as_hash(const std::string& text) { return to_bytes(as_bytes(text)); }
  std::atomic<Hold*> hold_ = nullptr;
  std::atomic<int> inside_ = 0;
  std::atomic<int> most_at_once_ = 0;
  std::atomic<int> executed_ = 0;
};

// On both kinds of address.
class AbciServer : public ::testing::TestWithParam<bool> {
 protected:
  void start(const ServerOptions& options = {}) {
    server_ = must(Server::start(GetParam() ? "unix://" + (folder_ / "abci") : "tcp://127.0.0.1:0",
                                 application_, options));
  }
  ChannelForTest connect() const { return ChannelForTest(server_->address()); }
  static Request tx(std::uint32_t number, std::size_t size = 4) {
    Bytes bytes(size);
    for (std::size_t i = 0; i < 4; ++i) bytes[i] = static_cast<std::uint8_t>(number >> (8 * i));
    return CheckTx{bytes, false};
  }
  static Response answer_to(const Request& request) {
    return CheckTxAnswer{.data = std::get<CheckTx>(request).tx};
  }
  static FinalizeBlock block(std::uint8_t number) { return {.hash = {number}, .height = number}; }

  FolderForTest folder_;
  Recorder application_;
  std::unique_ptr<Server> server_;
};

std::string name_of(const ::testing::TestParamInfo<bool>& kind) {
  return kind.param ? "SocketFile" : "Port";
}
INSTANTIATE_TEST_SUITE_P(Addresses, AbciServer, ::testing::Bool(), name_of);

TEST_P(AbciServer, AnswersEveryCallOnAnyConnection) {
  start();
  DriverForTest driver(server_->address());
  for (ChannelForTest* const each :
       {&driver.query, &driver.snapshot, &driver.mempool, &driver.consensus}) {
    EXPECT_EQ(each->ask<EchoAnswer>(Echo{"hello"}).message, "hello");
    EXPECT_EQ(each->ask<InfoAnswer>(Info{.version = "0.38", .abci_version = ""}).data, "0.38");
    EXPECT_EQ(each->ask<InitChainAnswer>(InitChain{.chain_id = "c", .app_state = {}}).app_hash,
              Bytes{'c'});
    EXPECT_EQ(each->ask<QueryAnswer>(Query{{1}, "/path"}).log, "/path");
    EXPECT_EQ(each->ask<CheckTxAnswer>(CheckTx{{1}, true}).code, 1U);
    EXPECT_EQ(each->ask<PrepareProposalAnswer>(PrepareProposal{.txs = {{1}}}).txs.size(), 1U);
    EXPECT_EQ(each->ask<ProcessProposalAnswer>(ProcessProposal{}).status, Status::accept);
    EXPECT_EQ(each->ask<ExtendVoteAnswer>(ExtendVote{.hash = {5}}).vote_extension, Bytes{5});
    EXPECT_EQ(each->ask<VerifyVoteExtensionAnswer>(VerifyVoteExtension{}).status, Status::accept);
    EXPECT_EQ(each->ask<FinalizeBlockAnswer>(block(7)).app_hash, Bytes{7});
    EXPECT_EQ(each->ask<CommitAnswer>(Commit{}).retain_height, 3);
    EXPECT_TRUE(each->ask<ListSnapshotsAnswer>(ListSnapshots{}).snapshots.empty());
    EXPECT_EQ(each->ask<OfferSnapshotAnswer>(OfferSnapshot{}).result, Offer::reject_format);
    EXPECT_EQ(each->ask<LoadSnapshotChunkAnswer>(LoadSnapshotChunk{}).chunk, Bytes{4});
    EXPECT_EQ(each->ask<ApplySnapshotChunkAnswer>(ApplySnapshotChunk{}).result, Applied::retry);
  }
  EXPECT_EQ(server_->connections(), 4U);
}

TEST_P(AbciServer, AnswersWhatWasSentAheadInItsOrder) {
  start();
  auto channel = connect();
  for (std::uint32_t i = 0; i < 256; ++i) channel.put(tx(i));
  channel.flush();
  for (std::uint32_t i = 0; i < 256; ++i) EXPECT_TRUE(channel.receive() == answer_to(tx(i))) << i;
  EXPECT_TRUE(channel.receive() == Response(FlushAnswer{}));
  EXPECT_EQ(channel.outstanding(), 0U);
}

TEST_P(AbciServer, AnswersAFlushBehindEverythingBeforeIt) {
  start();
  auto channel = connect();
  channel.flush();
  channel.put(Echo{"a"});
  channel.flush();
  channel.flush();
  channel.put(tx(1));
  channel.put(Echo{"b"});
  channel.flush();
  for (const Response& each : {Response(FlushAnswer{}), Response(EchoAnswer{"a"}),
                               Response(FlushAnswer{}), Response(FlushAnswer{}), answer_to(tx(1)),
                               Response(EchoAnswer{"b"}), Response(FlushAnswer{})}) {
    EXPECT_TRUE(channel.receive() == each);
  }
}

TEST_P(AbciServer, WaitsForNoFlush) {
  start();
  auto channel = connect();
  channel.put(Echo{"a"});
  channel.write_in_pieces(1000);
  EXPECT_TRUE(channel.receive() == Response(EchoAnswer{"a"}));
}

TEST_P(AbciServer, ReadsFramesInPiecesOfAnySize) {
  start();
  auto channel = connect();
  for (const std::size_t size : {1U, 2U, 3U, 7U, 64U}) {
    for (std::uint32_t i = 0; i < 20; ++i) channel.put(tx(i, 4 + i * 13));
    channel.write_in_pieces(size);
    for (std::uint32_t i = 0; i < 20; ++i) {
      EXPECT_TRUE(channel.receive() == answer_to(tx(i, 4 + i * 13)));
    }
  }
}

TEST_P(AbciServer, TakesALargeMessageAndRefusesOneThatIsLarger) {
  start({.max_message = (std::size_t{8} << 20) + 16});
  auto channel = connect();
  const Request large = tx(1, std::size_t{8} << 20);
  EXPECT_TRUE(channel.call(large) == answer_to(large));
  channel.put(tx(1, (std::size_t{8} << 20) + 20));
  channel.write_in_pieces(std::size_t{64} << 10);  // as much as the server takes
  const auto answer = channel.receive();
  ASSERT_TRUE(answer && std::holds_alternative<Exception>(*answer));
  EXPECT_TRUE(std::get<Exception>(*answer).error.starts_with("too_large"));
  EXPECT_FALSE(channel.receive().has_value());
  auto other = connect();
  EXPECT_EQ(other.ask<EchoAnswer>(Echo{"still here"}).message, "still here");
}

TEST_P(AbciServer, EndsAConnectionWhoseFramesCannotBeTold) {
  start();
  for (const Bytes& bytes : {Bytes{0x80, 0x00}, Bytes(10, 0xff), Bytes{2, 0xff, 0xff},
                             Bytes{0xff, 0xff, 0xff, 0xff, 0x07}}) {
    auto channel = connect();
    channel.put(tx(1));
    channel.write_in_pieces(1000);
    channel.expect(Echo{});
    channel.write(bytes);
    EXPECT_TRUE(channel.receive() == answer_to(tx(1)));
    const auto answer = channel.receive();
    ASSERT_TRUE(answer.has_value());
    EXPECT_TRUE(std::holds_alternative<Exception>(*answer));
    EXPECT_FALSE(channel.receive().has_value());
  }
}

TEST_P(AbciServer, AnswersAnUnknownRequestWithAnExceptionAndGoesOn) {
  start();
  auto channel = connect();
  const Bytes insert_tx{3, 0xaa, 0x01, 0x00};  // 21, of v0.39
  channel.write(insert_tx);
  channel.expect(Echo{});
  channel.put(Echo{"a"});
  channel.flush();
  const auto answer = channel.receive();
  ASSERT_TRUE(answer && std::holds_alternative<Exception>(*answer));
  EXPECT_TRUE(std::get<Exception>(*answer).error.starts_with("unknown_field"));
  EXPECT_TRUE(channel.receive() == Response(EchoAnswer{"a"}));
}

TEST_P(AbciServer, AnswersWhatTheApplicationRefusesWithAnException) {
  start();
  auto channel = connect();
  const Response answer = channel.call(block(0));
  ASSERT_TRUE(std::holds_alternative<Exception>(answer));
  EXPECT_TRUE(std::get<Exception>(answer).error.starts_with("block_gap at height"));
  EXPECT_TRUE(channel.receive() == Response(FlushAnswer{}));
}

TEST_P(AbciServer, AnswersAllThatCameBeforeAHalfIsClosed) {
  start();
  auto channel = connect();
  for (std::uint32_t i = 0; i < 50; ++i) channel.put(tx(i));
  channel.write_in_pieces(1000);
  channel.half_close();
  for (std::uint32_t i = 0; i < 50; ++i) EXPECT_TRUE(channel.receive() == answer_to(tx(i)));
  EXPECT_FALSE(channel.receive().has_value()) << "the other half is closed then";
}

TEST_P(AbciServer, ServesWhoConnectsAgain) {
  start();
  for (std::uint32_t round = 0; round < 5; ++round) {
    DriverForTest driver(server_->address());
    EXPECT_TRUE(driver.mempool.call(tx(round)) == answer_to(tx(round)));
    EXPECT_EQ(driver.consensus.ask<CommitAnswer>(Commit{}).retain_height, 3);
    // Gone in the middle of a message, with answers that nobody reads.
    driver.query.put(Echo{"unread"});
    driver.query.write_in_pieces(1000);
    driver.snapshot.write(Bytes{0x20, 0x0a});
  }
}

TEST_P(AbciServer, LetsTheOtherConnectionsGoOnWhileABlockIsExecuted) {
  start();
  DriverForTest driver(server_->address());
  Recorder::Hold hold;
  application_.hold_finalize(hold);
  driver.consensus.put(block(1));
  driver.consensus.flush();
  hold.is_inside.wait();
  EXPECT_TRUE(driver.mempool.call(tx(1)) == answer_to(tx(1)));
  EXPECT_EQ(driver.query.ask<QueryAnswer>(Query{{}, "/p"}).log, "/p");
  EXPECT_TRUE(driver.snapshot.ask<ListSnapshotsAnswer>(ListSnapshots{}).snapshots.empty());
  hold.may_go.count_down();
  EXPECT_TRUE(driver.consensus.receive() == Response(FinalizeBlockAnswer{{}, {}, {1}}));
}

TEST_P(AbciServer, NeverCallsConsensusTwiceAtOnce) {
  start();
  auto one = connect();
  auto other = connect();
  Recorder::Hold hold;
  application_.hold_finalize(hold);
  one.put(block(1));
  one.flush();
  hold.is_inside.wait();
  for (std::uint8_t i = 2; i < 100; ++i) other.put(block(i));
  other.flush();
  hold.may_go.count_down();
  EXPECT_TRUE(one.receive() == Response(FinalizeBlockAnswer{{}, {}, {1}}));
  for (std::uint8_t i = 2; i < 100; ++i) {
    EXPECT_TRUE(other.receive() == Response(FinalizeBlockAnswer{{}, {}, {i}}));
  }
  EXPECT_EQ(application_.most_at_once(), 1);
}

TEST_P(AbciServer, LetsWhoSendsFasterThanItReadsWait) {
  start({.requests = {4, 10'000}, .answers = {4, 10'000}});
  auto channel = connect();
  constexpr std::uint32_t kMany = 2000;
  Bytes requests;
  for (std::uint32_t i = 0; i < kMany; ++i) {
    append_framed(requests, encode_request(tx(i, 2000)));
    channel.expect(tx(i, 2000));
  }
  std::thread writer([&] { EXPECT_TRUE(channel.write(requests)); });
  for (std::uint32_t i = 0; i < kMany; ++i) {
    EXPECT_TRUE(channel.receive() == answer_to(tx(i, 2000))) << i;
  }
  writer.join();
}

TEST_P(AbciServer, FinishesTheCallThatItIsInAndBeginsNoOtherWhenItStops) {
  start();
  auto channel = connect();
  Recorder::Hold hold;
  application_.hold_finalize(hold);
  for (std::uint8_t i = 1; i < 10; ++i) channel.put(block(i));
  channel.flush();
  hold.is_inside.wait();
  std::thread stopping([&] { server_->stop(); });
  // Its end is seen here before the call may go on.
  EXPECT_FALSE(channel.receive().has_value());
  hold.may_go.count_down();
  stopping.join();
  EXPECT_EQ(application_.executed(), 1);
  EXPECT_EQ(server_->connections(), 0U);
}

TEST_P(AbciServer, MayBeStartedAgainOnItsAddress) {
  start();
  const std::string address = server_->address();
  auto channel = connect();
  EXPECT_EQ(channel.ask<EchoAnswer>(Echo{"a"}).message, "a");
  server_.reset();
  EXPECT_FALSE(channel.receive().has_value());
  server_ = must(Server::start(address, application_));
  EXPECT_EQ(connect().ask<EchoAnswer>(Echo{"b"}).message, "b");
}

TEST(BoundedQueue, TakesOneThatIsTooHeavyWhenItIsAlone) {
  BoundedQueue<int> queue({2, 10});
  EXPECT_TRUE(queue.push(1, 100));
  EXPECT_EQ(queue.try_pop(), 1);
  EXPECT_TRUE(queue.push(2, 5));
  EXPECT_TRUE(queue.push(3, 5));
  queue.close();
  EXPECT_FALSE(queue.push(4, 0));
  EXPECT_EQ(queue.pop(), 2);
  EXPECT_EQ(queue.pop(), 3);
  EXPECT_EQ(queue.pop(), std::nullopt);
  BoundedQueue<int> left({2, 10});
  EXPECT_TRUE(left.push(1, 1));
  left.abandon();
  EXPECT_EQ(left.pop(), std::nullopt);
}

}  // namespace
}  // namespace intaglio::chain::abci
