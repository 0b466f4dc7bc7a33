// Chains behind a gateway over a folder of their own, and certified holders with money on each: for
// tests and benchmarks.
#pragma once

#include "base/folder_for_test.h"
#include "base/format.h"
#include "crypto/sha256.h"
#include "gateway/gateway.h"

namespace intaglio::gateway {

inline constexpr AssetId kEuro{978};

class LedgerForTest {
 public:
  LedgerForTest(std::uint16_t chains, std::size_t holders, std::uint64_t cents) {
    genesis_ = {.name = "test",
                .time = system_env().now(),
                .chains = chains,
                .params = ledger::default_params(),
                .assets = {{kEuro, "EUR", 2, Amount(1)}},
                .keys = {{node_.public_key(), ledger::Role::node}},
                .money = {},
                .nodes = {chains, {node_.public_key().hash(), {}, 0}}};
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
    std::vector<chain::Sequencer*> order;
    for (std::uint16_t i = 0; i < genesis_.chains; ++i) {
      auto opened = chain::Application::open(genesis_, ChainId(i),
                                             folder_ / ("chain-" + std::to_string(i)), node());
      CHECK(opened.has_value());
      applications_.push_back(*std::move(opened));
      sequencers_.push_back(
          std::make_unique<chain::Sequencer>(*applications_.back(), system_env()));
      order.push_back(sequencers_.back().get());
    }
    gateway_ = std::make_unique<Gateway>(id_, order, system_env(), options);
  }
  void start() {
    for (auto& each : sequencers_) each->start();
    gateway_->start();
  }
  void close() {
    if (gateway_) gateway_->stop();
    for (auto& each : sequencers_) each->stop();
    gateway_.reset();
    sequencers_.clear();
    applications_.clear();
  }

  Gateway& gateway() { return *gateway_; }
  chain::Sequencer& sequencer(std::uint16_t chain) { return *sequencers_.at(chain); }
  const ledger::Genesis& genesis() const { return genesis_; }
  const std::string& folder() const { return folder_.path(); }
  AccountId account(std::size_t i) const {
    return AccountId::prefix_of(keys_.at(i).public_key().hash());
  }
  crypto::Signer signer(std::size_t i) const {
    return {keys_.at(i).public_key(),
            [&key = keys_.at(i)](ByteView message) -> Result<crypto::Signature> {
              return key.sign(crypto::sha256(message));
            }};
  }

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
  crypto::Signer node() const {
    return {node_.public_key(), [this](ByteView message) -> Result<crypto::Signature> {
              return node_.sign(crypto::sha256(message));
            }};
  }

  FolderForTest folder_;
  crypto::SigningKey node_ = crypto::SigningKey::generate();
  std::vector<crypto::SigningKey> keys_;
  ledger::Genesis genesis_;
  LedgerId id_;
  std::vector<std::unique_ptr<chain::Application>> applications_;
  std::vector<std::unique_ptr<chain::Sequencer>> sequencers_;
  std::unique_ptr<Gateway> gateway_;
};

}  // namespace intaglio::gateway
