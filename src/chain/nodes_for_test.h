// The nodes of one chain for tests, in one thread: an accounting node and consensus nodes, each
// over a folder of its own, a clock for each, and every message in the test's hands. Stopping one
// and opening it again is a crash: whatever it wrote is on disk by then.
#pragma once

#include "base/env.h"
#include "base/folder_for_test.h"
#include "base/result_for_test.h"
#include "chain/accounting_node.h"
#include "chain/consensus_node.h"
#include "crypto/sha256.h"

namespace intaglio::chain {

inline constexpr AssetId kEuro{978};
inline constexpr Millis kStart{1'800'000'000'000};

class NodesForTest {
 public:
  static constexpr ChainId kChain{1};

  explicit NodesForTest(std::size_t consensus) {
    genesis_ = {.name = "test",
                .time = kStart,
                .chains = 2,
                .params = ledger::default_params(),
                .assets = {{kEuro, "EUR", 2, Amount(1)}},
                .keys = {{accounting_key_.public_key(), ledger::Role::node},
                         {payer_.public_key(), ledger::Role::holder},
                         {payee_.public_key(), ledger::Role::holder}},
                .money = {{kChain, account(payer_), kEuro, Amount(1'000'000)}},
                .nodes = {}};
    genesis_.params.control_max_age = seconds(365UL * 24 * 3600);
    ledger::NodesRow nodes{accounting_key_.public_key().hash(), {}, 0};
    for (std::size_t i = 0; i < consensus; ++i) {
      keys_.push_back(crypto::SigningKey::generate());
      genesis_.keys.push_back({keys_[i].public_key(), ledger::Role::node});
      nodes.consensus.push_back(key(i));
    }
    nodes.quorum = static_cast<std::uint8_t>(consensus / 2 + (consensus > 0 ? 1 : 0));
    genesis_.nodes = {nodes, nodes};
    ledger_ = ledger::ledger_id(genesis_);
    consensus_.resize(consensus);
    clocks_.resize(consensus, kStart);
    for (std::size_t i = 0; i < consensus; ++i) open_consensus(i);
    open_accounting();
  }

  // What a crash leaves of it, running again.
  void open_accounting() {
    accounting_.reset();
    application_.reset();
    application_ =
        must(Application::open(genesis_, kChain, folder_ / "accounting", signer(accounting_key_)));
    std::vector<KeyHash> others;
    for (std::size_t i = 0; i < keys_.size(); ++i) others.push_back(key(i));
    accounting_ = std::make_unique<AccountingNode>(*application_, others);
  }
  void open_consensus(std::size_t i) {
    consensus_[i].reset();
    consensus_[i] = must(ConsensusNode::open(
        genesis_, kChain, folder_ / ("consensus-" + std::to_string(i)), signer(keys_[i])));
  }
  void stop_consensus(std::size_t i) { consensus_[i].reset(); }

  // The next message for a node, as if it were lost unless it is delivered.
  std::optional<Message> next(std::size_t i) { return accounting_->next_for(key(i), clocks()); }
  // A node's answer to a message, whoever sent it.
  Standing deliver(std::size_t i, const Message& message) {
    // Every message goes over the wire.
    const auto read = must(decode_message(encode_message(message)));
    return must(decode_standing(encode_standing(consensus_[i]->answer(read, clocks_[i]))));
  }
  void answered(std::size_t i, const Standing& standing) {
    accounting_->answered(key(i), standing, clocks());
  }
  void lost(std::size_t i) { accounting_->failed(key(i), clocks()); }
  // One message and its answer. False when there is none.
  bool exchange(std::size_t i) {
    const auto message = next(i);
    if (!message) return false;
    if (consensus_[i]) {
      answered(i, deliver(i, *message));
    } else {
      lost(i);
    }
    return true;
  }
  // Everything that there is to say between these, and the blocks that come of it.
  void talk(const std::vector<std::size_t>& nodes) {
    for (bool said = true; said;) {
      said = commit();
      for (const std::size_t i : nodes) said = exchange(i) || said;
    }
  }
  void talk() {
    std::vector<std::size_t> all(keys_.size());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
    talk(all);
  }

  // Makes a block of the transactions; their receipts are remembered.
  void propose(const std::vector<Bytes>& transactions) {
    Batch batch;
    const Door door(*application_, 10);
    for (const Bytes& each : transactions) {
      batch.transactions.push_back(must(door.admit(each, now_)));
      batch.waiting.emplace_back([this](Result<tx::Receipt> receipt) {
        if (receipt) receipts_.push_back(*std::move(receipt));
      });
    }
    accounting_->propose(std::move(batch), now_);
  }
  bool commit() {
    auto committed = accounting_->commit();
    if (!committed) return false;
    committed->batch.answer(committed->block.receipts);
    return true;
  }

  // The payer pays the payee.
  Bytes transfer(std::uint64_t cents = 1, ChainId chain = kChain) {
    const tx::Transaction body{
        .ledger = ledger_,
        .chains = {chain},
        .account = account(payer_),
        .client = system_env().random_id<ClientId>(),
        .valid_until = now_ + seconds(3600),
        .operations = {
            tx::Transfer{.to = {chain, account(payee_)}, .asset = kEuro, .amount = Amount(cents)}}};
    return must(proof::sign_statement(body, ledger_, signer(payer_)));
  }
  std::uint64_t paid(const Application& application) const {
    const auto row = application.store().find<ledger::BalanceRow>({account(payee_), kEuro});
    return row ? row->credits_posted.value() : 0;
  }

  // All clocks, or the accounting node's alone.
  void wait(Duration time) {
    now_ = now_ + time;
    for (Millis& each : clocks_) each = each + time;
    steady_ += std::chrono::milliseconds(time.value());
  }
  void set_clock(std::size_t i, Millis time) { clocks_[i] = time; }
  Clocks clocks() const { return {steady_, now_}; }
  Millis now() const { return now_; }

  KeyHash key(std::size_t i) const { return keys_[i].public_key().hash(); }
  static crypto::Signer signer(const crypto::SigningKey& key) {
    return {key.public_key(), [&key](ByteView message) -> Result<crypto::Signature> {
              return key.sign(crypto::sha256(message));
            }};
  }
  static AccountId account(const crypto::SigningKey& key) {
    return AccountId::prefix_of(key.public_key().hash());
  }
  const crypto::SigningKey& accounting_key() const { return accounting_key_; }
  const crypto::SigningKey& consensus_key(std::size_t i) const { return keys_[i]; }
  const crypto::SigningKey& payer() const { return payer_; }
  Application& application() { return *application_; }
  AccountingNode& accounting() { return *accounting_; }
  ConsensusNode& consensus(std::size_t i) { return *consensus_[i]; }
  bool runs(std::size_t i) const { return consensus_[i] != nullptr; }
  std::size_t size() const { return keys_.size(); }
  const LedgerId& ledger() const { return ledger_; }
  const ledger::Genesis& genesis() const { return genesis_; }
  const std::vector<tx::Receipt>& receipts() const { return receipts_; }
  const FolderForTest& folder() const { return folder_; }

 private:
  FolderForTest folder_;
  crypto::SigningKey accounting_key_ = crypto::SigningKey::generate();
  crypto::SigningKey payer_ = crypto::SigningKey::generate();
  crypto::SigningKey payee_ = crypto::SigningKey::generate();
  std::deque<crypto::SigningKey> keys_;
  ledger::Genesis genesis_;
  LedgerId ledger_;
  std::unique_ptr<Application> application_;
  std::unique_ptr<AccountingNode> accounting_;
  std::vector<std::unique_ptr<ConsensusNode>> consensus_;
  Millis now_ = kStart + seconds(1);
  std::vector<Millis> clocks_;
  SteadyTime steady_{std::chrono::hours(1)};
  std::vector<tx::Receipt> receipts_;
};

}  // namespace intaglio::chain
