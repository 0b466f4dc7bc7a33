// Clients that load a real node with payments and remember every one of them, and the audit
// afterwards: what was receipted is there as it was, what was not is whole or absent, and everybody
// has what the model says.
#pragma once

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "cli/payment.h"
#include "crypto/sha256.h"
#include "real_node/real_node.h"

namespace intaglio::real_node {

class Load {
 public:
  static constexpr AssetId kEuro{978};
  static constexpr ChainId kChain{1};
  static constexpr std::uint64_t kStart = 1'000'000'000;
  static constexpr std::size_t kPeople = 4;

  // A transaction that was sent, and its receipt if one came back.
  struct Sent {
    cli::SignedBytes transaction;
    std::size_t by;
    std::optional<tx::Receipt> receipt;
  };

  // A ledger of three chains on which these people have money.
  service::SetupOptions options() const {
    service::SetupOptions options;
    options.name = "load";
    options.chains = 3;
    options.assets = {{kEuro, "EUR", 2, Amount(1)}};
    for (const auto& key : keys_) {
      options.keys.push_back({key.public_key(), ledger::Role::holder});
      options.money.push_back({kChain, account(key), kEuro, Amount(kStart)});
    }
    return options;
  }
  // Of the node's folder.
  void learn_ledger(const std::string& folder) {
    ledger_ = ledger::ledger_id(*service::read_genesis(folder, system_env()));
  }

  // One payer pays two payees in one transaction: half of it would show.
  cli::SignedBytes make(std::size_t by, std::uint64_t amount) const {
    std::vector<tx::Operation> linked;
    for (std::size_t next = 1; next <= 2; ++next) {
      linked.emplace_back(tx::Transfer{.to = {kChain, account(keys_[(by + next) % kPeople])},
                                       .asset = kEuro,
                                       .amount = Amount(amount + next)});
    }
    auto made = cli::sign_transaction(cli::payer_on(kChain, ledger_, signer(by)), std::move(linked),
                                      {.valid_for = seconds(3600)}, system_env());
    CHECK(made.has_value());
    return *std::move(made);
  }

  // One person pays another on another chain.
  cli::SignedBytes make_across(std::size_t by, std::size_t to, ChainId chain, std::uint64_t amount,
                               ChainId from = kChain) const {
    auto made = cli::sign_transaction(
        cli::payer_on(from, ledger_, signer(by)),
        {tx::Transfer{.to = {chain, account(keys_[to])}, .asset = kEuro, .amount = Amount(amount)}},
        {.valid_for = seconds(3600)}, system_env());
    CHECK(made.has_value());
    return *std::move(made);
  }
  // What a person has on a chain, as the node says.
  template <typename Node>
  std::uint64_t spendable(const Node& node, std::size_t person, ChainId chain) const {
    auto client = node.client();
    const auto shown = client.account({chain, account(keys_[person])}, signer(person));
    return shown && !shown->balances.empty() ? shown->balances[0].spendable.value() : 0;
  }

  // Sends until `gone`, from anything with a client; every transaction is remembered before it is
  // sent.
  template <typename Node>
  void send_until(const std::atomic<bool>& gone, const Node& node, std::size_t by,
                  std::vector<Sent>& into) const {
    auto client = node.client();
    for (std::uint64_t amount = 1; !gone; ++amount) {
      into.push_back({make(by, amount % 90), by, std::nullopt});
      auto receipt = client.submit(into.back().transaction.bytes);
      if (receipt) into.back().receipt = *receipt;
      // Nobody is there: enough of these are remembered without haste.
      if (!receipt && !gone) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }

  // After a restart. What was not receipted is sent again, and happens once.
  template <typename Node>
  void audit(const Node& node, std::vector<Sent>& sent) {
    auto client = node.client();
    for (Sent& each : sent) {
      const auto found = client.transaction(*TxId::from(each.transaction.id.view()));
      if (each.receipt) {
        ++receipted_;
        ASSERT_TRUE(found.has_value()) << "lost " << codec::to_hex(each.transaction.id);
        EXPECT_EQ(found->receipt.height, each.receipt->height);
        EXPECT_EQ(found->receipt.index, each.receipt->index);
      } else {
        ++unanswered_;
        const auto again = client.submit(each.transaction.bytes);
        ASSERT_TRUE(again.has_value()) << to_string(again.error());
        if (found) {
          EXPECT_EQ(again->height, found->receipt.height);
        }
      }
      apply(each);
    }
  }

  // Once all that was sent is settled.
  template <typename Node>
  void check_balances(const Node& node) const {
    auto client = node.client();
    for (std::size_t i = 0; i < kPeople; ++i) {
      const auto shown = client.account({kChain, account(keys_[i])}, signer(i));
      ASSERT_TRUE(shown.has_value()) << to_string(shown.error());
      ASSERT_EQ(shown->balances.size(), 1U);
      EXPECT_EQ(shown->balances[0].spendable.value(), expected_[i]) << "person " << i;
    }
  }

  std::size_t receipted() const { return receipted_; }
  std::size_t unanswered() const { return unanswered_; }

 private:
  static AccountId account(const crypto::SigningKey& key) {
    return AccountId::prefix_of(key.public_key().hash());
  }
  crypto::Signer signer(std::size_t i) const {
    return {keys_[i].public_key(),
            [&key = keys_[i]](ByteView message) -> Result<crypto::Signature> {
              return key.sign(crypto::sha256(message));
            }};
  }
  static std::vector<crypto::SigningKey> make_keys() {
    std::vector<crypto::SigningKey> out;
    for (std::size_t i = 0; i < kPeople; ++i) out.push_back(crypto::SigningKey::generate());
    return out;
  }
  // What a transaction did, by the model: its payer's loss and its payees' gains.
  void apply(const Sent& sent) {
    for (const auto& operation : sent.transaction.body.operations) {
      const auto& transfer = std::get<tx::Transfer>(operation);
      for (std::size_t i = 0; i < kPeople; ++i) {
        if (account(keys_[i]) == transfer.to.account) expected_[i] += transfer.amount.value();
      }
      expected_[sent.by] -= transfer.amount.value();
    }
  }

  const std::vector<crypto::SigningKey> keys_ = make_keys();
  std::vector<std::uint64_t> expected_ = std::vector<std::uint64_t>(kPeople, kStart);
  LedgerId ledger_;
  std::size_t receipted_ = 0;
  std::size_t unanswered_ = 0;
};

}  // namespace intaglio::real_node
