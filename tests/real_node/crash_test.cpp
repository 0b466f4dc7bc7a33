// Kills the real binary with SIGKILL at random moments under load, again and again, and audits what
// is left: nothing that was receipted is lost, nothing is half done.
#include <atomic>
#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "cli/payment.h"
#include "crypto/sha256.h"
#include "real_node/real_node.h"

namespace intaglio::real_node {
namespace {

constexpr AssetId kEuro{978};
constexpr ChainId kChain{1};
constexpr std::uint64_t kStart = 1'000'000'000;
constexpr int kPeople = 4;
constexpr int kKills = 50;

struct Person {
  std::shared_ptr<crypto::SigningKey> key =
      std::make_shared<crypto::SigningKey>(crypto::SigningKey::generate());
  crypto::Signer signer() const {
    return {key->public_key(), [key = key](ByteView message) -> Result<crypto::Signature> {
              return key->sign(crypto::sha256(message));
            }};
  }
  AccountId account() const { return AccountId::prefix_of(key->public_key().hash()); }
};

// A transaction that was sent, and its receipt if one came back.
struct Sent {
  cli::SignedBytes transaction;
  int by;
  std::optional<tx::Receipt> receipt;
};

class CrashTest : public ::testing::Test {
 protected:
  CrashTest() {
    service::SetupOptions options;
    options.name = "crash";
    options.chains = 3;
    options.assets = {{kEuro, "EUR", 2, Amount(1)}};
    for (const Person& person : people_) {
      options.keys.push_back({person.key->public_key(), ledger::Role::holder});
      options.money.push_back({kChain, person.account(), kEuro, Amount(kStart)});
    }
    node_.emplace(options);
    const auto genesis = service::read_genesis(node_->folder(), system_env());
    ledger_ = ledger::ledger_id(*genesis);
  }

  // One payer pays two payees in one transaction: half of it would show.
  Result<cli::SignedBytes> make(int by, std::uint64_t amount) {
    std::vector<tx::Operation> linked;
    for (int next = 1; next <= 2; ++next) {
      const Person& payee = people_[static_cast<std::size_t>((by + next) % kPeople)];
      linked.emplace_back(
          tx::Transfer{.to = {kChain, payee.account()},
                       .asset = kEuro,
                       .amount = Amount(amount + static_cast<std::uint64_t>(next))});
    }
    const auto payer =
        cli::payer_on(kChain, ledger_, people_[static_cast<std::size_t>(by)].signer());
    return cli::sign_transaction(payer, std::move(linked), {.valid_for = seconds(3600)},
                                 system_env());
  }

  // Sends until the node is gone; every transaction is remembered before it is sent.
  void load(int by, std::vector<Sent>& into) {
    auto client = node_->client();
    for (std::uint64_t amount = 1; !gone_; ++amount) {
      auto transaction = make(by, amount % 90);
      ASSERT_TRUE(transaction.has_value());
      into.push_back({*std::move(transaction), by, std::nullopt});
      auto receipt = client.submit(into.back().transaction.bytes);
      if (receipt) into.back().receipt = *receipt;
    }
  }

  // What a transaction did, by the model: its payer's loss and its payees' gains.
  void apply(const Sent& sent) {
    for (const auto& operation : sent.transaction.body.operations) {
      const auto& transfer = std::get<tx::Transfer>(operation);
      for (std::size_t i = 0; i < people_.size(); ++i) {
        if (people_[i].account() == transfer.to.account) expected_[i] += transfer.amount.value();
      }
      expected_[static_cast<std::size_t>(sent.by)] -= transfer.amount.value();
    }
  }

  // After a restart: what was receipted is there as it was; what was not is whole or absent, and
  // sending it again makes it happen once.
  void audit(std::vector<Sent>& sent) {
    auto client = node_->client();
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

  // Once all that was sent is settled, everybody has what the model says.
  void check_balances() {
    auto client = node_->client();
    for (std::size_t i = 0; i < people_.size(); ++i) {
      const auto account = client.account({kChain, people_[i].account()}, people_[i].signer());
      ASSERT_TRUE(account.has_value()) << to_string(account.error());
      ASSERT_EQ(account->balances.size(), 1U);
      EXPECT_EQ(account->balances[0].spendable.value(), expected_[i]) << "person " << i;
    }
  }

  std::vector<Person> people_ = std::vector<Person>(kPeople);
  std::vector<std::uint64_t> expected_ = std::vector<std::uint64_t>(kPeople, kStart);
  std::optional<RealNode> node_;
  LedgerId ledger_;
  std::atomic<bool> gone_ = false;
  std::size_t receipted_ = 0;
  std::size_t unanswered_ = 0;
};

TEST_F(CrashTest, FiftyKillsUnderLoadLoseNothingReceiptedAndLeaveNothingHalfDone) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int kill = 0; kill < kKills; ++kill) {
    node_->start();
    gone_ = false;
    std::vector<std::vector<Sent>> sent(2);
    std::vector<std::thread> clients;
    for (int by = 0; by < 2; ++by) {
      clients.emplace_back([this, by, &sent] { load(by, sent[static_cast<std::size_t>(by)]); });
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20 + random() % 200));
    node_->kill();
    gone_ = true;
    for (auto& client : clients) client.join();

    node_->start();
    for (auto& each : sent) audit(each);
    check_balances();
    ASSERT_FALSE(HasFatalFailure());
    // Half of the audits end by a kill as well.
    if (kill % 2 == 0) {
      EXPECT_EQ(node_->stop(), 0);
    } else {
      node_->kill();
    }
  }
  std::printf("%d kills: %zu receipted and found again, %zu unanswered and settled once\n", kKills,
              receipted_, unanswered_);
  EXPECT_GT(receipted_, 0U);
}

}  // namespace
}  // namespace intaglio::real_node
