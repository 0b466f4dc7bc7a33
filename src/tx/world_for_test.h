// A small world for tests: named people with real keys, one chain on the bare executor.
#pragma once

#include <map>

#include "base/env.h"
#include "crypto/es256.h"
#include "crypto/sha256.h"
#include "ledger/genesis.h"
#include "ledger/memory_state.h"
#include "tx/executor.h"

namespace intaglio::tx {

inline constexpr AssetId kEuro{978};
inline constexpr Millis kStart{1'800'000'000'000};

// The rules of a ledger whose chains never wait for the main chain, so that a test may let days
// pass.
inline ledger::ParamsRow params_for_test() {
  auto params = ledger::default_params();
  params.control_max_age = seconds(365UL * 24 * 3600);
  return params;
}

// Of a key's certificate, as an authority that never uses a serial number twice makes them.
inline ledger::CertificateId certificate_for_test(const crypto::PublicKey& key) {
  const KeyHash hash = key.hash();
  return {.issuer = {},
          .serial = *SerialNumber::from(hash.view().first(SerialNumber::kSize)),
          .hash = crypto::sha256(hash.view())};
}

class World {
 public:
  // Holders named in `funded` start with that many cents each on chain 1; no transfer is of less
  // than `smallest`.
  explicit World(const std::map<std::string, std::uint64_t>& funded = {{"alice", 1000}, {"bob", 0}},
                 Amount smallest = Amount(1)) {
    genesis_.name = "test";
    genesis_.time = kStart;
    genesis_.chains = 3;
    genesis_.params = params_for_test();
    genesis_.assets = {{kEuro, "EUR", 2, smallest}};
    genesis_.keys = {{key("authority"), ledger::Role::authority},
                     {key("service"), ledger::Role::service},
                     {key("node"), ledger::Role::node}};
    genesis_.nodes.assign(genesis_.chains, {key("node").hash(), {}, 0});
    for (const auto& [name, cents] : funded) {
      genesis_.keys.push_back({key(name), ledger::Role::holder});
      if (cents > 0) genesis_.money.push_back({kChain, account(name), kEuro, Amount(cents)});
    }
    ledger_ = ledger::ledger_id(genesis_);
    const ledger::EmptyView nothing;
    ledger::Stage stage(&nothing);
    ledger::apply_genesis(stage, genesis_, kChain);
    state_.apply(stage.changes());
  }

  static constexpr ChainId kChain{1};

  const crypto::SigningKey& signing_key(const std::string& name) {
    auto found = keys_.find(name);
    if (found == keys_.end()) {
      found = keys_.emplace(name, crypto::SigningKey::generate()).first;
    }
    return found->second;
  }
  const crypto::PublicKey& key(const std::string& name) { return signing_key(name).public_key(); }
  AccountId account(const std::string& name) { return AccountId::prefix_of(key(name).hash()); }
  Address address(const std::string& name) { return account_on(name, kChain.value()); }
  Address account_on(const std::string& name, std::uint16_t chain) {
    return {ChainId(chain), account(name)};
  }
  crypto::Signer signer(const std::string& name) {
    const auto& signing = signing_key(name);
    return {signing.public_key(), [&signing](ByteView message) -> Result<crypto::Signature> {
              return signing.sign(crypto::sha256(message));
            }};
  }

  Transaction transaction(const std::string& by, std::vector<Operation> operations) {
    return {.ledger = ledger_,
            .chains = {kChain},
            .account = account(by),
            .client = system_env().random_id<ClientId>(),
            .valid_until = now_ + seconds(60),
            .operations = std::move(operations)};
  }

  VerifiedTransaction sign(const std::string& by, const Transaction& body) {
    const auto bytes = proof::sign_statement(body, ledger_, signer(by));
    CHECK(bytes.has_value());
    auto parsed = proof::parse_statement<Transaction>(*bytes, ledger_);
    CHECK(parsed.has_value());
    auto verified = proof::verify_statement(*std::move(parsed), crypto::Verifier(key(by)));
    CHECK(verified.has_value());
    return *std::move(verified);
  }

  // Executes one block a second later and keeps what it changed.
  std::vector<Receipt> run(std::span<const VerifiedTransaction> transactions) {
    now_ = now_ + seconds(1);
    height_ = height_.next();
    auto executed = execute_block(state_, ledger_, {kChain, height_, now_}, transactions);
    state_.apply(executed.changes);
    return executed.receipts;
  }
  Receipt run(const VerifiedTransaction& transaction) {
    return run(std::span(&transaction, 1)).front();
  }
  // Signs and runs: "accepted", or the verdict's name with its place.
  std::string run(const std::string& by, std::vector<Operation> operations) {
    last_ = run(sign(by, transaction(by, std::move(operations))));
    const auto verdict = verdict_from_number(last_.verdict);
    const std::string name(describe(*verdict).name);
    return last_.where ? name + " " + *last_.where : name;
  }

  // As if the main chain had decided it and a packet had brought it here.
  void take_over(const ledger::Decision auto& decision) {
    ledger::Stage stage(&state_);
    ledger::take_over(stage, decision);
    state_.apply(stage.changes());
  }

  ledger::BalanceRow balance(const std::string& name) {
    return state_.find<ledger::BalanceRow>({account(name), kEuro}).value_or(ledger::BalanceRow{});
  }
  std::uint64_t spendable(const std::string& name) {
    const auto row = balance(name);
    return row.credits_posted.value() - row.debits_posted.value() - row.debits_pending.value();
  }

  Operation pay(const std::string& to, std::uint64_t cents) {
    return Transfer{.to = address(to),
                    .asset = kEuro,
                    .amount = Amount(cents),
                    .memo = {},
                    .code = {},
                    .code_text = {}};
  }

  const Receipt& last() const { return last_; }
  ledger::OperationRef last_operation(std::uint16_t index = 0) const { return {last_.tx, index}; }
  ledger::MemoryState& state() { return state_; }
  const LedgerId& ledger() const { return ledger_; }
  const ledger::Genesis& genesis() const { return genesis_; }
  Millis now() const { return now_; }
  void wait(Duration time) { now_ = now_ + time; }

 private:
  std::map<std::string, crypto::SigningKey> keys_;
  ledger::Genesis genesis_;
  LedgerId ledger_;
  ledger::MemoryState state_;
  Millis now_ = kStart;
  Height height_;
  Receipt last_;
};

}  // namespace intaglio::tx
