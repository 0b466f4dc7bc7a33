// What the desks for foreign clients give out and refuse. The clients themselves, with their
// programs, are in tests/real_node.
#include <thread>

#include <gtest/gtest.h>

#include "base/result_for_test.h"
#include "pki/test_authority.h"
#include "service/moved_clock_for_test.h"
#include "service/node_for_test.h"

namespace intaglio::service {
namespace {

using pki::CertificateUsage;

Ticket ticket(std::string name, std::uint8_t application = 1) {
  Ticket out{std::move(name), {}};
  out.application.writable()[0] = application;
  return out;
}

class ClientDeskTest : public ::testing::Test {
 protected:
  // The row of a key on a chain.
  std::optional<ledger::KeyRow> row(const crypto::PublicKey& key, std::uint16_t chain = 1) {
    return node_->gateway().chain(ChainId(chain))->store().find<ledger::KeyRow>(key.hash());
  }
  AccountId own_account(element::SecureElement& key) {
    return AccountId::prefix_of(key.public_key().hash());
  }

  // What was shown in a handshake.
  Verified<pki::Certificate> shown(const pki::Certificate& certificate) {
    return must(pki::validate_path(
        certificate, {{node_->authority().issuing()}, {node_->authority().root()}, {}},
        {.at = system_env().now(), .usage = certificate.usage()}));
  }
  // By another key, that openssl makes, in the names of the certificate.
  Verified<pki::CertificationRequest> request_for(const pki::Certificate& certificate) {
    const FolderForTest folder;
    const auto ran = pki::run(format(
        "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout {} "
        "-subj /CN={}/serialNumber={} -addext subjectAltName=URI:{}{} -outform DER -out {}",
        folder / "key", certificate.subject().common_name, certificate.subject().serial_number,
        pki::kAccountUri, codec::to_text(*certificate.account()), folder / "csr"));
    EXPECT_EQ(ran.exit_code, 0) << ran.output;
    return must(pki::verify_certification_request(pki::read_bytes(folder / "csr")));
  }

  NodeForTest node_;
  std::unique_ptr<element::SecureElement> shop_ = element::make_passing_key();
  std::unique_ptr<element::SecureElement> next_ = element::make_passing_key();
  Login login_ = node_.login("shop", *shop_);
};

TEST_F(ClientDeskTest, ASecretIsForALoginThatMayHaveThatUsageAndForATime) {
  auto& desk = node_->client_desk();
  EXPECT_EQ(verdict_of(desk.expect("nobody", CertificateUsage::holder, seconds(60))),
            Verdict::unknown_login);
  EXPECT_EQ(verdict_of(desk.expect("shop", CertificateUsage::issuer, seconds(60))),
            Verdict::unknown_login);
  EXPECT_EQ(verdict_of(desk.expect("shop", CertificateUsage::holder, Duration())),
            Verdict::bad_value);
  EXPECT_EQ(verdict_of(desk.expect("shop", CertificateUsage::holder,
                                   Duration(ClientDesk::kLongestSecret.value() + 1))),
            Verdict::bad_value);

  const auto made = must(desk.expect("shop", CertificateUsage::holder, seconds(60)));
  EXPECT_EQ(made.secret.size(), 40U);
  EXPECT_TRUE(equal(must(desk.secret_of(made.reference)).reveal(), made.secret.reveal()));
  const auto other = must(desk.expect("shop", CertificateUsage::holder, seconds(60)));
  EXPECT_NE(other.reference, made.reference);
  EXPECT_FALSE(equal(other.secret.reveal(), made.secret.reveal()));
  EXPECT_EQ(verdict_of(desk.secret_of("0000000000000000")), Verdict::wrong_secret);
}

TEST_F(ClientDeskTest, ASecretIsGoodUntilItsTimeIsOver) {
  const FolderForTest folder;
  const auto records = must(store::RecordStore::open(folder / "records"));
  MovedClock clock;
  ClientDesk desk(*records, node_->authority(), Secret(Bytes(32, 7)), clock);
  const auto made = must(desk.expect("shop", CertificateUsage::holder, seconds(60)));
  clock.advance(Duration(59'999));
  EXPECT_TRUE(desk.secret_of(made.reference).has_value());
  clock.advance(Duration(1));
  EXPECT_EQ(verdict_of(desk.secret_of(made.reference)), Verdict::wrong_secret);
}

TEST_F(ClientDeskTest, ASecretIsTheSameAfterARestart) {
  const auto made =
      must(node_->client_desk().expect("shop", CertificateUsage::holder, seconds(60)));
  node_.reopen();
  EXPECT_TRUE(
      equal(must(node_->client_desk().secret_of(made.reference)).reveal(), made.secret.reveal()));
}

TEST_F(ClientDeskTest, ATicketBuysOneCertificate) {
  auto& authority = node_->authority();
  const CertificateWish wish{.login = "shop", .public_key = shop_->public_key()};
  const auto first = must(authority.issue_once(ticket("a"), wish));
  EXPECT_EQ(must(authority.issue_once(ticket("a"), wish)), first);
  EXPECT_EQ(verdict_of(authority.issue_once(ticket("a", 2), wish)), Verdict::challenge_spent);
  EXPECT_EQ(verdict_of(authority.issue_once(ticket("b"), wish)), Verdict::key_certified);
  EXPECT_EQ(authority.logged(authority.issuers().current(), first.serial())->key, first.key_hash());
  EXPECT_FALSE(authority.logged(authority.issuers().current(), SerialNumber{}));
  ASSERT_TRUE(row(shop_->public_key()));
}

TEST_F(ClientDeskTest, ManyAtOnceWithOneTicketGetOneCertificate) {
  std::vector<std::string> serials(6);
  std::vector<std::thread> clients;
  for (auto& serial : serials) {
    clients.emplace_back([&] {
      const auto issued = node_->authority().issue_once(
          ticket("a"), {.login = "shop", .public_key = shop_->public_key()});
      serial = issued ? codec::to_hex(issued->serial()) : to_string(issued.error());
    });
  }
  for (auto& client : clients) client.join();
  EXPECT_EQ(std::ranges::count(serials, serials.front()), 6) << serials.front();
  EXPECT_EQ(node_->authority().list().size(), 1U);
}

TEST_F(ClientDeskTest, ARenewalGivesTheAccountTheNewKeyAtOnce) {
  auto& authority = node_->authority();
  const auto first = must(node_.enrol(login_, CertificateUsage::holder, *shop_));
  const KeyHash old = first.key_hash();
  const auto renewed = must(authority.renew(old, ticket("r"), next_->public_key()));
  EXPECT_EQ(renewed.public_key(), next_->public_key());
  EXPECT_EQ(renewed.account(), first.account());
  EXPECT_EQ(must(authority.renew(old, ticket("r"), next_->public_key())), renewed) << "again";

  for (std::uint16_t chain = 0; chain < 3; ++chain) {
    EXPECT_EQ(row(shop_->public_key(), chain)->status, ledger::KeyStatus::revoked);
    const auto account = node_->gateway()
                             .chain(ChainId(chain))
                             ->store()
                             .find<ledger::AccountRow>(own_account(*shop_));
    EXPECT_EQ(account->key, renewed.key_hash());
  }
  const auto row_of_old = authority.logged(first);
  EXPECT_EQ(row_of_old->status, ledger::KeyStatus::revoked);
  EXPECT_EQ(row_of_old->reason, pki::RevocationReason::superseded);
  EXPECT_EQ(must(authority.find(renewed.key_hash())).renews, old);
  const auto third = element::make_passing_key();
  EXPECT_EQ(verdict_of(authority.renew(old, ticket("s"), third->public_key())),
            Verdict::certificate_revoked);
  EXPECT_EQ(verdict_of(authority.renew(renewed.key_hash(), ticket("t"), shop_->public_key())),
            Verdict::key_certified);
  EXPECT_EQ(verdict_of(authority.renew(KeyHash{}, ticket("u"), third->public_key())),
            Verdict::unknown_certificate);
}

TEST_F(ClientDeskTest, ADisplaysOldCertificateStaysBesideItsNewOne) {
  must(node_.enrol(login_, CertificateUsage::holder, *shop_));
  const auto till = element::make_passing_key();
  const auto login = node_.login("till", *till, {CertificateUsage::display}, own_account(*shop_));
  const auto first = must(node_->authority().issue_once(
      ticket("d"),
      {.login = login.name, .usage = CertificateUsage::display, .public_key = till->public_key()}));
  must(node_->authority().renew(first.key_hash(), ticket("r"), next_->public_key()));
  EXPECT_EQ(row(till->public_key())->status, ledger::KeyStatus::active);
  EXPECT_EQ(row(next_->public_key())->role, ledger::Role::display);
  EXPECT_EQ(node_->authority().logged(first)->status, ledger::KeyStatus::active);
}

TEST_F(ClientDeskTest, ASuspendedOneIsNotRenewedAndStandsInTheListUntilItGoesOn) {
  const auto first = must(node_.enrol(login_, CertificateUsage::holder, *shop_));
  auto& authority = node_->authority();
  must(authority.set_status(first.key_hash(), ledger::KeyStatus::suspended, {}));
  EXPECT_EQ(verdict_of(authority.renew(first.key_hash(), ticket("r"), next_->public_key())),
            Verdict::certificate_suspended);
  auto list = must(node_->status_desk().list());
  const std::uint64_t number = list.content().number;
  ASSERT_EQ(list.content().revoked.size(), 1U);
  EXPECT_EQ(list.content().revoked.front().reason, pki::RevocationReason::hold);
  must(authority.set_status(first.key_hash(), ledger::KeyStatus::active, {}));
  list = must(node_->status_desk().list());
  EXPECT_TRUE(list.content().revoked.empty());
  EXPECT_GT(list.content().number, number);
  must(authority.renew(first.key_hash(), ticket("r"), next_->public_key()));
}

// As a crash between the records and the chain leaves it.
TEST_F(ClientDeskTest, AnInterruptedRenewalDoesNotBringBackWhoWasRevokedMeanwhile) {
  const auto first = must(node_.enrol(login_, CertificateUsage::holder, *shop_));
  const auto renew = [&] {
    return node_->authority().renew(first.key_hash(), ticket("r"), next_->public_key());
  };
  node_->stop();
  EXPECT_FALSE(renew());
  node_.reopen();
  const auto revoked =
      node_->authority().set_status(first.key_hash(), ledger::KeyStatus::revoked, {});
  // The node finishes by itself what was interrupted, and then nobody was revoked meanwhile.
  if (!revoked) GTEST_SKIP() << "NOT RUN: the renewal was finished first";
  EXPECT_EQ(verdict_of(renew()), Verdict::certificate_revoked);
  EXPECT_FALSE(row(next_->public_key(), 0));
}

// Nobody gets a certificate that has no record, which the genesis' own keys have not.
TEST_F(ClientDeskTest, AKeyThatTheChainHasAlreadyIsNotCertified) {
  const auto treasury = node_.key("treasury");
  EXPECT_EQ(verdict_of(node_->authority().issue_once(
                ticket("t"), {.login = "shop", .public_key = treasury->public_key()})),
            Verdict::key_certified);
}

TEST_F(ClientDeskTest, WhoNeedsNoAccountStandsOnTheMainChainAlone) {
  const auto bank = node_.login("bank", *shop_, {CertificateUsage::bank});
  const auto certificate = must(node_->authority().issue_once(
      ticket("b"),
      {.login = bank.name, .usage = CertificateUsage::bank, .public_key = next_->public_key()}));
  EXPECT_FALSE(certificate.account());
  EXPECT_EQ(row(next_->public_key(), 0)->role, ledger::Role::member);
  EXPECT_FALSE(row(next_->public_key(), 1));
  EXPECT_EQ(node_->authority().logged(certificate)->status, ledger::KeyStatus::active);
}

TEST_F(ClientDeskTest, EveryCertificateIsLoggedFromTheAuthoritysOwnOn) {
  const auto& store = node_->gateway().chain(kMainChain)->store();
  const KeyHash root = node_->authority().root().key_hash();
  std::size_t count = 0;
  ledger::for_each_certificate(store, root, [&](const auto&, const ledger::CertificateRow& row) {
    EXPECT_TRUE(row.key == root || row.key == node_->authority().issuing().key_hash());
    ++count;
  });
  EXPECT_EQ(count, 2U) << "the root's and the issuing authority's";
  const auto logged = [&] {
    return node_->authority().logged_count(node_->authority().issuers().current()).logged;
  };
  const auto before = logged();
  const auto first = must(node_.enrol(login_, CertificateUsage::holder, *shop_));
  EXPECT_EQ(logged(), before + 1);
  EXPECT_EQ(node_->authority().logged(first)->key, first.key_hash());
}

TEST_F(ClientDeskTest, WhatACrashCameBetweenIsRecordedThoughNobodyAsksAgain) {
  node_->stop();  // no chain answers any more, as in a crash after the records were written
  const CertificateWish wish{.login = "shop", .public_key = next_->public_key()};
  EXPECT_EQ(verdict_of(node_->authority().issue_once(ticket("t"), wish)), Verdict::shutting_down);
  EXPECT_FALSE(row(next_->public_key(), 0));
  node_.reopen();
  while (!row(next_->public_key(), 0)) std::this_thread::yield();
  EXPECT_EQ(row(next_->public_key(), 0)->status, ledger::KeyStatus::active);
  const auto first = must(node_->authority().issue_once(ticket("t"), wish));
  EXPECT_TRUE(node_->authority().logged(first));
}

TEST_F(ClientDeskTest, WhoShowsACertificateIsEnrolledAgainForAnotherKeyOnce) {
  auto& desk = node_->client_desk();
  const auto first = must(node_.enrol(login_, CertificateUsage::holder, *shop_));
  const auto request = request_for(first);
  const auto renewed = must(desk.reenrol(shown(first), request));
  EXPECT_EQ(renewed.public_key(), request->public_key);
  EXPECT_EQ(renewed.account(), first.account());
  EXPECT_EQ(row(request->public_key)->status, ledger::KeyStatus::active);
  // Whose answer was lost shows what is superseded by now.
  EXPECT_EQ(verdict_of(desk.admit(first)), Verdict::certificate_revoked);
  EXPECT_EQ(must(desk.reenrol(shown(first), request)), renewed);
  EXPECT_EQ(verdict_of(desk.reenrol(shown(first), request_for(first))), Verdict::challenge_spent);
  EXPECT_EQ(verdict_of(desk.reenrol(shown(renewed), request)), Verdict::bad_value);

  ASSERT_TRUE(node_->authority().set_status(renewed.key_hash(), ledger::KeyStatus::revoked,
                                            pki::RevocationReason::key_compromise));
  EXPECT_EQ(verdict_of(desk.reenrol(shown(renewed), request_for(renewed))),
            Verdict::certificate_revoked);
}

TEST_F(ClientDeskTest, ACertificateThatIsNotInTheBooksIsNotRenewed) {
  const auto issuing = node_.key("issuing");
  const auto now = system_env().now();
  const auto beside = must(
      pki::build_certificate({.serial = pki::serial_from(system_env().random_id<pki::SerialBits>()),
                              .subject = {{}, "shop", codec::to_hex(shop_->public_key().hash())},
                              .validity = {now, now + seconds(3600)},
                              .public_key = shop_->public_key(),
                              .profile = CertificateUsage::holder,
                              .account = Address{ChainId(1), own_account(*shop_)}},
                             node_->authority().issuing(), element::signer_of(*issuing)));
  const auto reenrolled = [&] {
    return verdict_of(node_->client_desk().reenrol(shown(beside), request_for(beside)));
  };
  EXPECT_EQ(reenrolled(), Verdict::unknown_certificate);
  must(node_.enrol(login_, CertificateUsage::holder, *shop_));
  EXPECT_EQ(reenrolled(), Verdict::unknown_certificate) << "another of that key is";
}

TEST_F(ClientDeskTest, AListIsMadeAnewWhenAnotherIsRevokedAndItsNumberGrows) {
  const auto first = must(node_.enrol(login_, CertificateUsage::holder, *shop_));
  const std::uint64_t before = system_env().now().value();
  auto list = must(node_->status_desk().list());
  const std::uint64_t number = list.content().number;
  EXPECT_GE(number, before);
  EXPECT_TRUE(list.content().revoked.empty());
  EXPECT_EQ(must(node_->status_desk().list()).der(), list.der());
  ASSERT_TRUE(node_->authority().set_status(first.key_hash(), ledger::KeyStatus::revoked,
                                            pki::RevocationReason::privilege_withdrawn));
  list = must(node_->status_desk().list());
  const std::uint64_t next = list.content().number;
  EXPECT_GT(next, number);
  ASSERT_EQ(list.content().revoked.size(), 1U);
  EXPECT_EQ(list.content().revoked.front().serial, first.serial());
  EXPECT_EQ(list.content().revoked.front().reason, pki::RevocationReason::privilege_withdrawn);
  const auto verified = pki::verify_revocation_list(list, node_->authority().issuing());
  EXPECT_TRUE(verified.has_value());
  node_.reopen();
  EXPECT_GT(must(node_->status_desk().list()).content().number, next);
}

TEST_F(ClientDeskTest, AListsNumberDoesNotGoBackWhenOlderRecordsAreRestored) {
  const FolderForTest folder;
  MovedClock clock;
  const auto list_over = [&](const std::string& records) {
    const auto store = must(store::RecordStore::open(folder / records));
    StatusDesk desk(*store, node_->authority(), clock);
    return must(desk.list()).content().number;
  };
  const std::uint64_t first = list_over("lived");
  EXPECT_EQ(list_over("lived"), first + 1) << "within one millisecond";
  const std::uint64_t last = list_over("lived");
  clock.advance(Duration(10));
  // As a backup from before the first list has it.
  EXPECT_GT(list_over("older"), last);
}

TEST_F(ClientDeskTest, WhatIsNoQuestionIsAnsweredAsMalformed) {
  EXPECT_EQ(node_->status_desk().answer(as_bytes("no OCSP request")),
            pki::ocsp_failure(pki::OcspFailure::malformed_request));
}

}  // namespace
}  // namespace intaglio::service
