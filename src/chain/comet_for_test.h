// A node of a chain that CometBFT orders, for tests: the chain behind ABCI, and CometBFT's side in
// the test's hands. Beside it is the same chain in the embedded mode (nodes_for_test.h), which
// signs its transactions too.
#pragma once

#include "chain/abci/driver_for_test.h"
#include "chain/abci/server.h"
#include "chain/comet_adapter.h"
#include "chain/nodes_for_test.h"

namespace intaglio::chain {

class CometForTest {
 public:
  // `folder` is the node's; its options say below which name in it snapshots are, if they are.
  CometForTest(const NodesForTest& nodes, std::string folder, CometOptions options = {})
      : nodes_(nodes), folder_(std::move(folder)), options_(std::move(options)) {
    if (!options_.snapshots.empty()) options_.snapshots = folder_ + '/' + options_.snapshots;
    open();
  }

  // What a crash leaves of it, running again.
  void open() {
    driver_.reset();
    server_.reset();
    adapter_.reset();
    application_.reset();
    application_ = must(Application::open(nodes_.genesis(), NodesForTest::kChain,
                                          folder_ + "/chain", NodesForTest::signer(key_)));
    adapter_ = must(CometAdapter::open(*application_, options_));
    server_ = must(abci::Server::start("unix://" + folder_ + "/abci", *adapter_));
    driver_.emplace(server_->address());
  }

  Application& application() const { return *application_; }
  CometAdapter& adapter() const { return *adapter_; }
  abci::DriverForTest& driver() { return *driver_; }
  const std::string& address() const { return server_->address(); }
  const std::string& folder() const { return folder_; }
  std::uint64_t height() const { return application_->tip().height.value(); }
  Bytes app_hash() const { return to_bytes(application_->tip().block.view()); }

  // The next one.
  abci::FinalizeBlock block(const std::vector<Bytes>& txs) const {
    return {.txs = txs,
            .hash = {1},
            .height = static_cast<std::int64_t>(height() + 1),
            .time = proof::comet_time(nodes_.now())};
  }
  abci::FinalizeBlockAnswer finalize(const abci::FinalizeBlock& block) {
    return driver_->consensus.ask<abci::FinalizeBlockAnswer>(block);
  }
  std::int64_t commit() {
    return driver_->consensus.ask<abci::CommitAnswer>(abci::Commit{}).retain_height;
  }
  abci::FinalizeBlockAnswer follow(const abci::FinalizeBlock& block) {
    auto answer = finalize(block);
    commit();
    return answer;
  }
  abci::FinalizeBlockAnswer decide(const std::vector<Bytes>& txs) { return follow(block(txs)); }
  // What may be forgotten once the next block is there.
  std::int64_t commit_of(const std::vector<Bytes>& txs) {
    finalize(block(txs));
    return commit();
  }
  abci::Status process(const std::vector<Bytes>& txs) {
    const auto next = block(txs);
    return driver_->consensus
        .ask<abci::ProcessProposalAnswer>(
            abci::ProcessProposal{txs, {1}, next.height, next.time, {}, {}})
        .status;
  }
  std::uint32_t check(const Bytes& tx, bool is_recheck = false) {
    return driver_->mempool.ask<abci::CheckTxAnswer>(abci::CheckTx{tx, is_recheck}).code;
  }
  abci::InfoAnswer info() { return driver_->query.ask<abci::InfoAnswer>(abci::Info{}); }
  // Its first words, or "none" when the answer is another.
  std::string exception(const abci::Request& request) {
    const abci::Response answer = driver_->consensus.call(request);
    // Of what is no exception call() has taken the flush's answer too.
    if (!std::holds_alternative<abci::Exception>(answer)) return "none";
    EXPECT_TRUE(driver_->consensus.receive() == abci::Response(abci::FlushAnswer{}));
    const std::string error = std::get<abci::Exception>(answer).error;
    return error.substr(0, error.find(':'));
  }

 private:
  const NodesForTest& nodes_;
  const std::string folder_;
  CometOptions options_;
  crypto::SigningKey key_ = crypto::SigningKey::generate();  // every node has its own
  std::unique_ptr<Application> application_;
  std::unique_ptr<CometAdapter> adapter_;
  std::unique_ptr<abci::Server> server_;
  std::optional<abci::DriverForTest> driver_;
};

// One such node, and the embedded chain beside it.
class Comet : public ::testing::Test {
 protected:
  // What the embedded chain has after the same blocks.
  Bytes embedded_hash() { return to_bytes(nodes_.application().tip().block.view()); }
  // The same block in the embedded mode.
  void embed(const std::vector<Bytes>& txs) {
    nodes_.propose(txs);
    EXPECT_TRUE(nodes_.commit());
  }
  std::vector<Bytes> transfers(std::size_t count) {
    std::vector<Bytes> out;
    for (std::size_t i = 1; i <= count; ++i) out.push_back(nodes_.transfer(i));
    return out;
  }
  static Bytes broken(Bytes tx) {
    tx.back() ^= 1;
    return tx;
  }
  static std::uint32_t code(Verdict verdict) { return static_cast<std::uint32_t>(verdict); }

  FolderForTest folder_;
  NodesForTest nodes_{0};
  CometForTest comet_{nodes_, folder_.path()};
};

}  // namespace intaglio::chain
