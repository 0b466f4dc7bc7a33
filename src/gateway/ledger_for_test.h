// Chains behind a gateway over a folder of their own, each with consensus nodes if wished, and
// certified holders with money on each: for tests and benchmarks.
#pragma once

#include <map>

#include "base/folder_for_test.h"
#include "base/format.h"
#include "chain/consensus_thread.h"
#include "crypto/sha256.h"
#include "gateway/gateway.h"

namespace intaglio::gateway {

inline constexpr AssetId kEuro{978};

class LedgerForTest {
 public:
  LedgerForTest(std::uint16_t chains, std::size_t holders, std::uint64_t cents,
                std::size_t consensus = 0) {
    genesis_ = {.name = "test",
                .time = system_env().now(),
                .chains = chains,
                .params = ledger::default_params(),
                .assets = {{kEuro, "EUR", 2, Amount(1)}},
                .keys = {{node_.public_key(), ledger::Role::node}},
                .money = {},
                .nodes = {}};
    ledger::NodesRow nodes{node_.public_key().hash(), {}, 0};
    for (std::size_t i = 0; i < consensus; ++i) {
      consensus_keys_.push_back(crypto::SigningKey::generate());
      genesis_.keys.push_back({consensus_keys_[i].public_key(), ledger::Role::node});
      nodes.consensus.push_back(consensus_keys_[i].public_key().hash());
    }
    if (consensus > 0) nodes.quorum = static_cast<std::uint8_t>(consensus / 2 + 1);
    genesis_.nodes.assign(chains, nodes);
    for (std::size_t i = 0; i < holders; ++i) {
      keys_.push_back(crypto::SigningKey::generate());
      genesis_.keys.push_back({keys_[i].public_key(), ledger::Role::holder});
      for (std::uint16_t chain = 0; cents > 0 && chain < chains; ++chain) {
        genesis_.money.push_back({ChainId(chain), account(i), kEuro, Amount(cents)});
      }
    }
    id_ = ledger::ledger_id(genesis_);
    open();
  }
  ~LedgerForTest() { close(); }

  void open(GatewayOptions options = {}) {
    for (std::uint16_t i = 0; i < genesis_.chains; ++i) {
      auto opened = chain::Application::open(genesis_, ChainId(i), chain_folder("chain", i),
                                             signer_of(node_));
      CHECK(opened.has_value());
      applications_.push_back(*std::move(opened));
      sequencers_.push_back(std::make_unique<chain::Sequencer>(
          *applications_.back(), system_env(),
          // All that a benchmark submits at once.
          chain::MempoolOptions{.max_waiting = 100'000}, open_consensus(ChainId(i))));
    }
    open_gateway(options);
  }
  // Another node of a chain hears what the gateway brings there, from the next gateway on.
  void listen(std::uint16_t chain, std::function<void(Bytes)> node) {
    listeners_[chain].push_back(std::move(node));
  }
  // The gateway is gone, and another one, not started yet, takes its place; the chains go on.
  void replace_gateway() {
    gateway_.reset();
    open_gateway({});
  }
  void start() {
    for (auto& each : consensus_) each.thread->start();
    for (auto& each : sequencers_) each->start();
    gateway_->start();
  }
  void close() {
    if (gateway_) gateway_->stop();
    for (auto& each : sequencers_) each->stop();
    for (auto& each : consensus_) each.thread->stop();
    gateway_.reset();
    sequencers_.clear();
    consensus_.clear();
    applications_.clear();
  }

  Gateway& gateway() { return *gateway_; }
  chain::Sequencer& sequencer(std::uint16_t chain) { return *sequencers_.at(chain); }
  // The replicas of a chain's consensus nodes.
  std::vector<const chain::Application*> replicas(std::uint16_t chain) const {
    std::vector<const chain::Application*> out;
    for (const auto& each : consensus_) {
      if (each.chain == ChainId(chain)) out.push_back(&each.node->application());
    }
    return out;
  }
  const ledger::Genesis& genesis() const { return genesis_; }
  const std::string& folder() const { return folder_.path(); }
  AccountId account(std::size_t i) const {
    return AccountId::prefix_of(keys_.at(i).public_key().hash());
  }
  crypto::Signer signer(std::size_t i) const { return signer_of(keys_.at(i)); }

  // Holder `from` pays `count` others one cent each, linked in one transaction.
  Bytes transfer(std::size_t from, std::uint16_t chain, std::size_t count = 1,
                 const ClientId& client = system_env().random_id<ClientId>()) const {
    tx::Transaction body = this->body(from, chain);
    body.client = client;
    for (std::size_t i = 1; i <= count; ++i) {
      body.operations.emplace_back(
          tx::Transfer{.to = {ChainId(chain), account((from + i) % keys_.size())},
                       .asset = kEuro,
                       .amount = Amount(1)});
    }
    return sign(from, body);
  }
  // A transaction of that holder's that says nothing yet.
  tx::Transaction body(std::size_t from, std::uint16_t chain) const {
    return {.ledger = id_,
            .chains = {ChainId(chain)},
            .account = account(from),
            .client = system_env().random_id<ClientId>(),
            .valid_until = system_env().now() + seconds(3600),
            .operations = {}};
  }
  Bytes sign(std::size_t from, const tx::Transaction& body) const {
    auto bytes = proof::sign_statement(body, body.ledger, signer(from));
    CHECK(bytes.has_value());
    return *std::move(bytes);
  }

  ledger::BalanceRow balance(std::size_t holder, std::uint16_t chain) const {
    return applications_.at(chain)
        ->store()
        .find<ledger::BalanceRow>({account(holder), kEuro})
        .value_or(ledger::BalanceRow{});
  }

 private:
  static crypto::Signer signer_of(const crypto::SigningKey& key) {
    return {key.public_key(), [&key](ByteView message) -> Result<crypto::Signature> {
              return key.sign(crypto::sha256(message));
            }};
  }
  void open_gateway(GatewayOptions options) {
    std::vector<Gateway::Nodes> chains;
    for (auto& each : sequencers_) {
      chains.push_back({each.get(), listeners_[static_cast<std::uint16_t>(chains.size())]});
    }
    for (auto& each : consensus_) {
      chains[each.chain.value()].consensus.emplace_back(
          [thread = each.thread.get()](Bytes transaction) {
            thread->hear(std::move(transaction));
          });
    }
    gateway_ = std::make_unique<Gateway>(id_, std::move(chains), system_env(), options);
  }
  std::string chain_folder(std::string_view name, std::uint16_t chain) const {
    return folder_ / format("{}-{}", name, chain);
  }
  std::vector<chain::OtherNode> open_consensus(ChainId chain) {
    std::vector<chain::OtherNode> out;
    for (const auto& key : consensus_keys_) {
      const std::string name = format("consensus-{}", out.size());
      auto opened = chain::ConsensusNode::open(genesis_, chain, chain_folder(name, chain.value()),
                                               signer_of(key));
      CHECK(opened.has_value());
      auto thread = std::make_unique<chain::ConsensusThread>(**opened, system_env());
      out.push_back({key.public_key().hash(),
                     [thread = thread.get()](chain::Message message, chain::OtherNode::Done done) {
                       thread->ask(std::move(message), std::move(done));
                     }});
      consensus_.push_back({chain, *std::move(opened), std::move(thread)});
    }
    return out;
  }

  struct Consensus {
    ChainId chain;
    std::unique_ptr<chain::ConsensusNode> node;
    std::unique_ptr<chain::ConsensusThread> thread;
  };

  FolderForTest folder_;
  crypto::SigningKey node_ = crypto::SigningKey::generate();
  std::vector<crypto::SigningKey> keys_;
  std::vector<crypto::SigningKey> consensus_keys_;
  ledger::Genesis genesis_;
  LedgerId id_;
  std::vector<std::unique_ptr<chain::Application>> applications_;
  std::vector<Consensus> consensus_;
  std::map<std::uint16_t, std::vector<std::function<void(Bytes)>>> listeners_;
  std::vector<std::unique_ptr<chain::Sequencer>> sequencers_;
  std::unique_ptr<Gateway> gateway_;
};

}  // namespace intaglio::gateway
