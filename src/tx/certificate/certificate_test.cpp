#include "tx/certificate/certificate.h"

#include <gtest/gtest.h>

#include "base/ids_for_test.h"
#include "ledger/certificates.h"
#include "tx/network_for_test.h"

namespace intaglio::tx {
namespace {

constexpr std::uint16_t kMain = 0;
constexpr std::uint16_t kAll[] = {0, 1, 2};

SetKeyStatus revocation(const KeyHash& key) { return {key, ledger::KeyStatus::revoked, {}}; }

// Three chains; the authority decides on the main chain.
class Keys : public ::testing::Test {
 protected:
  RegisterKey registration(const std::string& who, ledger::Role role = ledger::Role::holder) {
    return {.key = people_.key(who),
            .role = role,
            .valid_from = kStart,
            .valid_until = kStart + seconds(1000),
            .certificate = certificate_for_test(people_.key(who)),
            .account = {},
            .chains = {}};
  }
  ReplaceKey replacement(const std::string& whose, const std::string& by) {
    return {.account = people_.account(whose),
            .key = people_.key(by),
            .valid_from = kStart,
            .valid_until = kStart + seconds(1000),
            .certificate = certificate_for_test(people_.key(by))};
  }
  std::string decide(const Operation& operation, const std::string& by = "authority",
                     std::uint16_t chain = kMain) {
    return network_.run(by, chain, {operation});
  }
  // Decided and known everywhere.
  void decided(const Operation& operation) {
    ASSERT_EQ(decide(operation), "accepted");
    network_.relay_all();
  }
  std::string pay(const std::string& from, const std::string& to, std::uint16_t chain = 1) {
    return network_.run(from, chain, {network_.pay(to, chain, 5)});
  }
  template <ledger::Row R>
  std::optional<R> row(std::uint16_t chain, const typename R::Key& key) {
    return network_.state(chain).find<R>(key);
  }

  Network network_{3};
  World& people_ = network_.people();
};

TEST_F(Keys, ARegisteredHolderHasAnAccountOnEveryChain) {
  ASSERT_EQ(decide(registration("dora")), "accepted");
  EXPECT_EQ(pay("alice", "dora", kMain), "accepted");
  EXPECT_EQ(pay("alice", "dora"), "unknown_account operations[0].to") << "not heard of it yet";
  network_.relay_all();
  for (const std::uint16_t chain : kAll) {
    EXPECT_EQ(pay("alice", "dora", chain), "accepted");
    EXPECT_EQ(pay("dora", "alice", chain), "accepted");
  }
}

TEST_F(Keys, AreRegisteredOnTheChainsNamed) {
  auto dora = registration("dora");
  dora.chains = std::vector{ChainId(2)};
  decided(dora);
  EXPECT_EQ(pay("alice", "dora", 1), "unknown_account operations[0].to");
  EXPECT_EQ(pay("alice", "dora", 2), "accepted");
  EXPECT_FALSE(network_.state(0).find<ledger::OutStreamRow>(ChainId(1)));

  auto other = registration("erik");
  for (const auto& [chains, verdict] : std::vector<std::pair<std::vector<ChainId>, std::string>>{
           {{ChainId(1), ChainId(3)}, "unknown_chain operations[0].chains[1]"},
           {{ChainId(0)}, "unknown_chain operations[0].chains[0]"},
           {{ChainId(1), ChainId(1)}, "bad_value operations[0].chains"},
           {{ChainId(2), ChainId(1)}, "bad_value operations[0].chains"}}) {
    other.chains = chains;
    EXPECT_EQ(decide(other), verdict);
  }
}

TEST_F(Keys, AreForTheAuthorityToDecideOnTheMainChain) {
  EXPECT_EQ(decide(registration("dora"), "alice"), "not_capable operations[0].register_key");
  EXPECT_EQ(decide(registration("dora"), "service"), "not_capable operations[0].register_key");
  EXPECT_EQ(decide(registration("dora"), "authority", 1),
            "main_chain_only operations[0].register_key");
  const auto end = revocation(people_.key("alice").hash());
  EXPECT_EQ(decide(end, "bob"), "not_capable operations[0].set_key_status");
  EXPECT_EQ(decide(end, "authority", 1), "main_chain_only operations[0].set_key_status");
  const SetAccountStatus freeze{people_.account("alice"), ledger::AccountStatus::frozen};
  EXPECT_EQ(decide(freeze, "bob"), "not_capable operations[0].set_account_status");
  EXPECT_EQ(decide(replacement("alice", "x"), "bob"), "not_capable operations[0].replace_key");
  const ExtendKey extension{people_.key("alice").hash(), people_.account("alice"), {ChainId(1)}};
  EXPECT_EQ(decide(extension, "bob"), "not_capable operations[0].extend_key");
}

TEST_F(Keys, MakeNoSecondAuthorityAndAreRegisteredOnce) {
  EXPECT_EQ(decide(registration("dora", ledger::Role::authority)), "bad_value operations[0].role");
  EXPECT_EQ(decide(registration("alice")), "key_exists operations[0].key");
}

TEST_F(Keys, BindADisplayToAnAccountThatExists) {
  auto display = registration("till", ledger::Role::display);
  EXPECT_EQ(decide(display), "missing_field operations[0].account");
  display.account = people_.account("nobody");
  EXPECT_EQ(decide(display), "unknown_account operations[0].account");
  display.account = people_.account("bob");
  display.chains = std::vector{ChainId(1)};
  decided(display);
  const auto key = people_.key("till").hash();
  EXPECT_EQ(row<ledger::DisplayRow>(1, key)->account, people_.account("bob"));
  EXPECT_FALSE(row<ledger::DisplayRow>(2, key));
}

TEST_F(Keys, AreJudgedByBlockTime) {
  auto late = registration("dora");
  late.valid_from = kStart + seconds(100);
  decided(late);
  ASSERT_EQ(pay("alice", "dora"), "accepted");
  EXPECT_EQ(pay("dora", "alice"), "key_not_valid_now");
  network_.wait(seconds(100));
  EXPECT_EQ(pay("dora", "alice"), "accepted");
  network_.wait(seconds(1000));
  EXPECT_EQ(pay("dora", "alice"), "key_not_valid_now");
}

TEST_F(Keys, ARevokedOneEndsForGoodOnEveryChainThatHearsOfIt) {
  const auto end = revocation(people_.key("alice").hash());
  ASSERT_EQ(decide(end), "accepted");
  EXPECT_EQ(pay("alice", "bob", kMain), "key_revoked");
  EXPECT_EQ(pay("alice", "bob", 1), "accepted") << "judged by what this chain knows";
  network_.relay_all();
  EXPECT_EQ(pay("alice", "bob", 1), "key_revoked");
  EXPECT_EQ(pay("alice", "bob", 2), "key_revoked");
  EXPECT_EQ(decide(end), "key_revoked operations[0].key");
  EXPECT_EQ(decide(revocation(people_.key("nobody").hash())), "unknown_key operations[0].key");
  EXPECT_EQ(decide(revocation(people_.key("authority").hash())), "not_capable operations[0].key");
}

TEST_F(Keys, ASuspendedOneWaitsUntilItGoesOn) {
  const KeyHash alice = people_.key("alice").hash();
  const SetKeyStatus suspend{alice, ledger::KeyStatus::suspended, {}};
  decided(suspend);
  for (const std::uint16_t chain : kAll) EXPECT_EQ(pay("alice", "bob", chain), "key_suspended");
  EXPECT_EQ(pay("bob", "alice", 1), "insufficient_funds operations[0].amount")
      << "the account is paid as ever";
  EXPECT_EQ(decide(ExtendKey{alice, people_.account("alice"), {ChainId(1)}}),
            "key_suspended operations[0].key");
  EXPECT_EQ(decide(suspend), "accepted") << "again";
  EXPECT_EQ(decide(replacement("alice", "new")), "key_suspended operations[0].account");
  decided(SetKeyStatus{alice, ledger::KeyStatus::active, {}});
  for (const std::uint16_t chain : kAll) EXPECT_EQ(pay("alice", "bob", chain), "accepted");

  decided(suspend);
  decided(revocation(alice));
  EXPECT_EQ(pay("alice", "bob", 1), "key_revoked");
  EXPECT_EQ(decide(SetKeyStatus{alice, ledger::KeyStatus::active, {}}),
            "key_revoked operations[0].key");
}

TEST_F(Keys, AReasonIsOfARevocationAlone) {
  using pki::RevocationReason;
  const KeyHash alice = people_.key("alice").hash();
  const auto set = [&](ledger::KeyStatus status, RevocationReason reason) {
    return decide(SetKeyStatus{alice, status, reason});
  };
  const std::string refused = "bad_value operations[0].reason";
  EXPECT_EQ(set(ledger::KeyStatus::suspended, RevocationReason::superseded), refused);
  EXPECT_EQ(set(ledger::KeyStatus::active, RevocationReason::superseded), refused);
  EXPECT_EQ(set(ledger::KeyStatus::revoked, RevocationReason::hold), refused);
  EXPECT_EQ(set(ledger::KeyStatus::revoked, RevocationReason::key_compromise), "accepted");
}

// The record of certificates on the main chain.
class CertificateLog : public Keys {
 protected:
  std::optional<ledger::CertificateRow> logged(const std::string& whose, std::uint16_t chain = 0) {
    return ledger::find_certificate(network_.state(chain),
                                    certificate_for_test(people_.key(whose)));
  }
  ledger::IssuerRow counted() {
    return row<ledger::IssuerRow>(kMain, KeyHash{}).value_or(ledger::IssuerRow{});
  }
};

TEST_F(CertificateLog, HasEveryCertificateAndWhatBecameOfItOnTheMainChain) {
  const auto dora = registration("dora");
  decided(dora);
  const auto first = logged("dora");
  ASSERT_TRUE(first);
  EXPECT_EQ(first->hash, dora.certificate.hash);
  EXPECT_EQ(first->key, people_.key("dora").hash());
  EXPECT_EQ(first->valid_until, dora.valid_until);
  EXPECT_EQ(first->status, ledger::KeyStatus::active);
  EXPECT_FALSE(logged("dora", 1)) << "other chains have the key alone";
  EXPECT_FALSE(logged("erik"));

  network_.wait(seconds(10));
  const KeyHash key = people_.key("dora").hash();
  decided(SetKeyStatus{key, ledger::KeyStatus::suspended, {}});
  const auto suspended = logged("dora");
  EXPECT_EQ(suspended->status, ledger::KeyStatus::suspended);
  EXPECT_GT(suspended->since, first->since);
  EXPECT_EQ(suspended->logged, first->logged);
  decided(SetKeyStatus{key, ledger::KeyStatus::suspended, {}});
  EXPECT_EQ(logged("dora")->since, suspended->since) << "nothing changed";
  decided(SetKeyStatus{key, ledger::KeyStatus::revoked, pki::RevocationReason::key_compromise});
  EXPECT_EQ(logged("dora")->reason, pki::RevocationReason::key_compromise);
  EXPECT_EQ(counted().logged, 1U);
  EXPECT_EQ(counted().changes, 2U);
}

TEST_F(CertificateLog, TakesASerialNumberOfAnIssuerOnce) {
  decided(registration("dora"));
  auto erik = registration("erik");
  erik.certificate.serial = registration("dora").certificate.serial;
  EXPECT_EQ(decide(erik), "serial_exists operations[0].certificate.serial");
  auto replaced = replacement("alice", "new");
  replaced.certificate.serial = registration("dora").certificate.serial;
  EXPECT_EQ(decide(replaced), "serial_exists operations[0].certificate.serial");
  EXPECT_EQ(pay("alice", "bob", kMain), "accepted") << "nothing was replaced";
  EXPECT_EQ(counted().logged, 1U);
  erik.certificate.issuer = filled<KeyHash>(0x11);
  EXPECT_EQ(decide(erik), "accepted") << "another issuer's number";
}

TEST_F(CertificateLog, SaysThatAReplacedCertificateIsSuperseded) {
  decided(registration("dora"));
  decided(replacement("dora", "new"));
  EXPECT_EQ(logged("dora")->status, ledger::KeyStatus::revoked);
  EXPECT_EQ(logged("dora")->reason, pki::RevocationReason::superseded);
  EXPECT_EQ(logged("new")->status, ledger::KeyStatus::active);
}

TEST_F(CertificateLog, KeepsWhyAKeyWasRevokedBeforeItWasReplaced) {
  decided(registration("dora"));
  decided(SetKeyStatus{people_.key("dora").hash(), ledger::KeyStatus::revoked,
                       pki::RevocationReason::key_compromise});
  decided(replacement("dora", "new"));
  EXPECT_EQ(logged("dora")->reason, pki::RevocationReason::key_compromise);
}

TEST_F(CertificateLog, ListsAnIssuersBySerialNumber) {
  decided(registration("dora"));
  decided(registration("erik"));
  auto other = registration("frida");
  other.certificate.issuer = filled<KeyHash>(0x11);
  decided(other);
  std::vector<KeyHash> found;
  ledger::for_each_certificate(network_.state(kMain), KeyHash{},
                               [&](const SerialNumber& serial, const ledger::CertificateRow& row) {
                                 EXPECT_EQ(serial.view()[0], row.key.view()[0]);
                                 found.push_back(row.key);
                               });
  EXPECT_EQ(found.size(), 2U);
  EXPECT_TRUE(std::ranges::is_sorted(found));
}

TEST_F(Keys, ARevocationGoesToTheChainsThatKnowTheKeyAlone) {
  auto dora = registration("dora");
  dora.chains = std::vector{ChainId(2)};
  decided(dora);
  decided(revocation(people_.key("dora").hash()));
  EXPECT_FALSE(network_.state(0).find<ledger::OutStreamRow>(ChainId(1)));
  EXPECT_EQ(row<ledger::KeyRow>(2, people_.key("dora").hash())->status, ledger::KeyStatus::revoked);
}

TEST_F(Keys, AnExtendedOneIsKnownToMoreChainsAndRevokedThereToo) {
  auto dora = registration("dora");
  dora.chains = std::vector{ChainId(2)};
  decided(dora);
  const auto key = people_.key("dora").hash();
  const auto account = people_.account("dora");
  EXPECT_EQ(decide(ExtendKey{key, account, {}}), "missing_field operations[0].chains");
  EXPECT_EQ(decide(ExtendKey{key, account, {ChainId(7)}}), "unknown_chain operations[0].chains[0]");
  EXPECT_EQ(decide(ExtendKey{key, people_.account("bob"), {ChainId(1)}}),
            "not_signer operations[0].account");
  EXPECT_EQ(decide(ExtendKey{key, people_.account("nobody"), {ChainId(1)}}),
            "unknown_account operations[0].account");
  EXPECT_EQ(decide(ExtendKey{people_.key("authority").hash(), account, {ChainId(1)}}),
            "not_capable operations[0].key");
  decided(ExtendKey{key, account, {ChainId(1)}});
  EXPECT_EQ(pay("alice", "dora", 1), "accepted");
  decided(revocation(key));
  EXPECT_EQ(pay("dora", "alice", 1), "key_revoked");
  EXPECT_EQ(decide(ExtendKey{key, account, {ChainId(1)}}), "key_revoked operations[0].key");
}

TEST_F(Keys, AReplacedOneLeavesTheAccountItsMoney) {
  EXPECT_EQ(decide(replacement("nobody", "new")), "unknown_account operations[0].account");
  EXPECT_EQ(decide(replacement("alice", "bob")), "key_exists operations[0].key");
  decided(replacement("alice", "new"));
  EXPECT_EQ(pay("alice", "bob"), "not_signer account");
  // The new key signs for alice's account, whose id stays.
  const auto by_new_key = [&](std::uint16_t chain) {
    Transaction body = people_.transaction("new", {network_.pay("bob", chain, 5)});
    body.account = people_.account("alice");
    return network_.run_as("new", chain, body);
  };
  for (const std::uint16_t chain : kAll) EXPECT_EQ(by_new_key(chain), "accepted");
  EXPECT_EQ(network_.spendable("alice", 1), 995U);
  decided(revocation(people_.key("new").hash()));
  EXPECT_EQ(by_new_key(1), "key_revoked");
}

TEST_F(Keys, AFrozenAccountNeitherPaysNorIsPaidButGetsItsOwnBack) {
  ASSERT_EQ(network_.run("alice", 1, {network_.pay("nobody", 2, 100)}), "accepted");
  ASSERT_EQ(
      network_.run("alice", 1,
                   {Hold{people_.account_on("bob", 1), kEuro, Amount(50), kStart + seconds(500)}}),
      "accepted");
  const auto hold = network_.last_operation();
  const SetAccountStatus freeze{people_.account("alice"), ledger::AccountStatus::frozen};
  ASSERT_EQ(decide(freeze), "accepted");
  EXPECT_EQ(pay("alice", "bob", kMain), "account_frozen account");
  network_.relay_all();
  EXPECT_EQ(pay("alice", "bob"), "account_frozen account");
  EXPECT_EQ(pay("bob", "alice"), "account_frozen operations[0].to");
  EXPECT_EQ(network_.run("bob", 1, {Capture{hold, Amount(50), false}}),
            "account_frozen operations[0].hold");
  EXPECT_EQ(network_.spendable("alice", 1), 950U) << "the refund of what nobody could be given";

  decided(SetAccountStatus{people_.account("alice"), ledger::AccountStatus::active});
  EXPECT_EQ(pay("alice", "bob"), "accepted");
  EXPECT_EQ(network_.run("bob", 1, {Capture{hold, Amount(50), false}}), "accepted");
  EXPECT_EQ(decide(SetAccountStatus{people_.account("nobody"), ledger::AccountStatus::frozen}),
            "unknown_account operations[0].account");
}

TEST_F(Keys, AnAccountIsFrozenAlsoWhereItIsKnownLater) {
  auto dora = registration("dora");
  dora.chains = std::vector{ChainId(2)};
  decided(dora);
  const AccountId account = people_.account("dora");
  decided(SetAccountStatus{account, ledger::AccountStatus::frozen});
  decided(ExtendKey{people_.key("dora").hash(), account, {ChainId(1)}});
  EXPECT_EQ(pay("alice", "dora", 1), "account_frozen operations[0].to");
  decided(SetAccountStatus{account, ledger::AccountStatus::active});
  EXPECT_EQ(pay("alice", "dora", 1), "accepted");
}

TEST_F(Keys, MoneyForAnAccountThatIsFrozenThereComesBack) {
  ASSERT_EQ(network_.run("alice", 1, {network_.pay("bob", 2, 100)}), "accepted");
  const SetAccountStatus freeze{people_.account("bob"), ledger::AccountStatus::frozen};
  ASSERT_EQ(decide(freeze), "accepted");
  network_.relay(0, 2);
  network_.relay_all();
  EXPECT_EQ(network_.spendable("bob", 2), 0U);
  EXPECT_EQ(network_.spendable("alice", 1), 1000U);
}

// A right is judged by what this chain knows of the main chain, which must not be too old.
TEST(ControlAge, AChainThatHasNotHeardFromTheMainChainWaits) {
  Network network(2, 1000, ledger::default_params());
  const auto pay = [&](std::uint16_t chain) {
    return network.run("alice", chain, {network.pay("bob", chain, 1)});
  };
  EXPECT_EQ(pay(1), "accepted");
  network.wait(seconds(601));
  EXPECT_EQ(pay(1), "control_stale");
  EXPECT_EQ(pay(0), "accepted");
  EXPECT_EQ(network.beat(1), "accepted");
  EXPECT_EQ(pay(1), "accepted");
}

// A relay that keeps a decision back cannot make the chain believe that there was none.
TEST(ControlAge, IsNotRenewedWhileADecisionIsMissing) {
  Network network(2, 1000, ledger::default_params());
  ASSERT_EQ(network.run("authority", 0, {revocation(network.people().key("alice").hash())}),
            "accepted");
  network.wait(seconds(601));
  EXPECT_EQ(network.beat(1), "nothing");
  const auto kept_back = network.next(0, 1).value();
  auto cursor = network.relay_cursor(0, 1, kStart + seconds(10'000));
  EXPECT_EQ(cursor, "nothing");
  EXPECT_EQ(network.run("alice", 1, {network.pay("bob", 1, 1)}), "control_stale");
  EXPECT_EQ(network.run("node", 1, {kept_back}), "accepted");
  EXPECT_EQ(network.beat(1), "accepted");
  EXPECT_EQ(network.run("alice", 1, {network.pay("bob", 1, 1)}), "key_revoked");
}

}  // namespace
}  // namespace intaglio::tx
