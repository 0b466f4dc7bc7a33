// Four eyes with a real node: who applies waits, officers decide, and nobody grants itself.
#include "service/certificate/approvals.h"

#include <thread>

#include <gtest/gtest.h>

#include "base/ids_for_test.h"
#include "base/result_for_test.h"
#include "codec/hex.h"
#include "element/fake_env.h"
#include "proof/signing_for_test.h"
#include "service/node_for_test.h"

namespace intaglio::service {
namespace {

using pki::CertificateUsage;
using pki::Function;

constexpr auto kApprove = ApprovalDecision::approve;
constexpr auto kRefuse = ApprovalDecision::refuse;

std::vector<ApprovalRule> holders_need(std::uint8_t officers) {
  return {{CertificateUsage::holder, officers}};
}

// docs/reference/formats.md works these examples.

IntendedCertificate golden_intention() {
  const auto key = proof::golden_key();
  return {.ticket = "t",
          .application = filled<Digest>(0x11),
          .login = "counter-1",
          .usage = CertificateUsage::holder,
          .public_key = key,
          .account = filled<AccountId>(0x44),
          .capabilities = {.role = CertificateUsage::holder,
                           .functions = {Function::pay},
                           .ceilings = {}},
          .validity = seconds(3600)};
}

TEST(ServiceRecords, WhatIsIntendedHasItsFrozenBytesAndDigest) {
  EXPECT_EQ(codec::to_hex(codec::encode_record(golden_intention())),
            "a80161740258201111111111111111111111111111111111111111111111111111111111111111"
            "0369636f756e7465722d310408"
            "055841" +
                codec::to_hex(proof::golden_key().view()) +
                "06544444444444444444444444444444444444444444"
                "07a4010802810103800"
                "4f5081a0036ee80");
  EXPECT_EQ(codec::to_hex(digest_of(golden_intention())),
            "f22a93dfa973d9d88bc439d2c46e1c323dc1d343b431af2110db763dc64f113e");
}

TEST(ServiceRecords, AnAwaitedApplicationHasItsFrozenBytes) {
  const auto key = proof::golden_key();
  const AwaitedApplication application{
      .ticket = "t",
      .application = filled<Digest>(0x11),
      .login = "counter-1",
      .usage = CertificateUsage::holder,
      .public_key = key,
      .came_at = Millis(1000),
      .lapses_at = Millis(2000),
      .digests = {filled<Digest>(0x22)},
      .decisions = {{"anna", filled<KeyHash>(0x33), filled<Digest>(0x22), kApprove, Millis(1500)}},
      .renews = filled<KeyHash>(0x55),
      .certified = filled<Digest>(0x22)};
  EXPECT_EQ(codec::to_hex(codec::encode_record(application)),
            "ac0161740258201111111111111111111111111111111111111111111111111111111111111111"
            "0369636f756e7465722d310408"
            "055841" +
                codec::to_hex(key.view()) +
                "06f5071903e8081907d0"
                "098158202222222222222222222222222222222222222222222222222222222222222222"
                "0a81a50164616e6e61"
                "0258203333333333333333333333333333333333333333333333333333333333333333"
                "0358202222222222222222222222222222222222222222222222222222222222222222"
                "0401051905dc"
                "0b58205555555555555555555555555555555555555555555555555555555555555555"
                "0c58202222222222222222222222222222222222222222222222222222222222222222");
}

TEST(ServiceRecords, ALoginSaysLastWhetherItApprovesAndWhoApprovesIt) {
  const auto key = proof::golden_key();
  Login login{"counter-1", key.hash(), key, {CertificateUsage::issuer}, {}};
  const std::string before = codec::to_hex(codec::encode_record(login)).substr(2);
  login.officer = true;
  login.approvals = {{{CertificateUsage::issuer, 2}}};
  EXPECT_EQ(codec::to_hex(codec::encode_record(login)), "a7" + before + "09f5" + "0a81a2010a0202");
}

class FourEyes : public ::testing::Test {
 protected:
  struct Person {
    std::string name;
    std::unique_ptr<element::SecureElement> key = element::make_passing_key();
    KeyHash hash() const { return key->public_key().hash(); }
  };

  Login officer(const Person& person, bool still = true) {
    Login login{.name = person.name,
                .key = person.hash(),
                .public_key = person.key->public_key(),
                .usages = {},
                .account = {}};
    if (still) login.officer = true;
    EXPECT_TRUE(authority().register_login(login));
    return login;
  }
  Login applicant(std::uint8_t officers) {
    Login login{.name = shop_.name,
                .key = shop_.hash(),
                .public_key = shop_.key->public_key(),
                .usages = {CertificateUsage::holder, CertificateUsage::issuer},
                .account = {},
                .approvals = holders_need(officers)};
    EXPECT_TRUE(authority().register_login(login));
    return login;
  }
  virtual Authority& authority() { return node_->authority(); }
  virtual EnrolmentDesk& desk() { return node_->enrolment_desk(); }

  // An application of the shop's for a key, which can be handed in again and again.
  struct Application {
    pki::ApplicationInformation information;
    Bytes answer;
  };
  Application apply(element::SecureElement& key) {
    const auto information =
        must(desk().apply(must(authority().login_named(shop_.name)), {CertificateUsage::holder}));
    return {information, must(NodeForTest::answer(information, key))};
  }
  Result<pki::Certificate> hand_in(const Application& application) {
    return desk().submit(must(authority().login_named(shop_.name)), application.information.id,
                         application.answer);
  }
  static std::string said(const Result<pki::Certificate>& result) {
    return result ? "a certificate" : to_string(result.error());
  }
  // "1 of 2": how many have approved what waits.
  std::string count(const Application& application) {
    const auto result = hand_in(application);
    if (verdict_of(result) != Verdict::approval_pending) return said(result);
    const std::string& where = result.error().where;
    EXPECT_EQ(where.substr(0, 64), codec::to_hex(only().digest));
    return where.substr(66, where.find(" officers") - 66);
  }
  // The one thing that waits.
  Approval only() {
    auto all = must(authority().waiting());
    EXPECT_EQ(all.size(), 1U);
    CHECK(!all.empty());
    return all.front();
  }
  Verdict decide(const Person& by, const Digest& digest, ApprovalDecision decision = kApprove) {
    return verdict_of(authority().decide(by.hash(), digest, decision));
  }

  NodeForTest node_;
  Person shop_{"shop"};
  Person anna_{"anna"};
  Person boris_{"boris"};
};

TEST_F(FourEyes, AnApplicationWaitsUntilEnoughOfficersHaveApprovedIt) {
  applicant(2);
  officer(anna_);
  officer(boris_);
  const auto application = apply(*shop_.key);
  EXPECT_EQ(count(application), "0 of 2");
  const Digest digest = only().digest;
  const IntendedCertificate intended = only().intended;
  EXPECT_EQ(intended.public_key, shop_.key->public_key());
  EXPECT_TRUE(authority().list().empty());
  EXPECT_EQ(decide(anna_, digest), Verdict::accepted);
  EXPECT_EQ(count(application), "1 of 2");
  EXPECT_EQ(decide(boris_, digest), Verdict::accepted);
  EXPECT_EQ(only().approved_by, (std::vector<std::string>{"anna", "boris"}));
  EXPECT_TRUE(authority().list().empty()) << "whoever applied has to ask for it";

  const auto issued = must(hand_in(application));
  EXPECT_EQ(issued.public_key(), shop_.key->public_key());
  EXPECT_EQ(issued.capabilities(), intended.capabilities);
  EXPECT_TRUE(must(authority().waiting()).empty());
  EXPECT_EQ(must(hand_in(application)), issued);
  EXPECT_EQ(authority().list().size(), 1U);
  EXPECT_EQ(decide(anna_, digest), Verdict::key_certified) << "it is done";
  const auto row = node_->gateway().chain(ChainId(1))->store().find<ledger::KeyRow>(shop_.hash());
  EXPECT_TRUE(row.has_value());
}

TEST_F(FourEyes, OnlyTheUsageThatAsksForItWaits) {
  applicant(1);
  const auto information = must(
      desk().apply(must(authority().login_named(shop_.name)), {.usage = CertificateUsage::issuer}));
  EXPECT_TRUE(desk().submit(must(authority().login_named(shop_.name)), information.id,
                            must(NodeForTest::answer(information, *shop_.key))));
}

TEST_F(FourEyes, AnotherAnswerUnderWhatWaitsIsSpent) {
  applicant(1);
  const auto application = apply(*shop_.key);
  EXPECT_EQ(count(application), "0 of 1");
  const auto rival = element::make_passing_key();
  const Application other{application.information,
                          must(NodeForTest::answer(application.information, *rival))};
  EXPECT_EQ(verdict_of(hand_in(other)), Verdict::challenge_spent);
  officer(anna_);
  EXPECT_EQ(decide(anna_, only().digest), Verdict::accepted);
  EXPECT_EQ(verdict_of(hand_in(other)), Verdict::challenge_spent);
  EXPECT_TRUE(hand_in(application));
  EXPECT_EQ(verdict_of(hand_in(other)), Verdict::challenge_spent);
}

TEST_F(FourEyes, OneOfficerCountsOnceUnderWhateverName) {
  applicant(2);
  Login anna = officer(anna_);
  const auto application = apply(*shop_.key);
  EXPECT_EQ(count(application), "0 of 2");
  const Digest digest = only().digest;
  EXPECT_EQ(decide(anna_, digest), Verdict::accepted);
  EXPECT_EQ(decide(anna_, digest), Verdict::accepted) << "said again";
  EXPECT_EQ(count(application), "1 of 2");
  anna.name = "anna at home";
  ASSERT_TRUE(authority().register_login(anna));
  EXPECT_EQ(decide(anna_, digest), Verdict::accepted);
  EXPECT_EQ(count(application), "1 of 2");
}

TEST_F(FourEyes, NobodyGrantsItself) {
  Login shop = applicant(1);
  shop.officer = true;
  ASSERT_TRUE(authority().register_login(shop));
  const auto application = apply(*anna_.key);
  EXPECT_EQ(count(application), "0 of 1");
  const Digest digest = only().digest;
  EXPECT_EQ(decide(shop_, digest), Verdict::own_application);
  // Nor by another name, nor who holds the key that is to be certified.
  Login same = shop;
  same.name = "shop at home";
  ASSERT_TRUE(authority().register_login(same));
  EXPECT_EQ(decide(shop_, digest), Verdict::own_application);
  officer(anna_);
  EXPECT_EQ(decide(anna_, digest), Verdict::own_application);
  EXPECT_EQ(decide(anna_, digest, kRefuse), Verdict::own_application);
  EXPECT_EQ(count(application), "0 of 1");
}

TEST_F(FourEyes, WhoIsNoOfficerIsNotHeardAndWhoIsNoneAnyMoreDoesNotCount) {
  applicant(1);
  const auto application = apply(*shop_.key);
  EXPECT_EQ(count(application), "0 of 1");
  const Digest digest = only().digest;
  EXPECT_EQ(decide(anna_, digest), Verdict::unknown_login);
  officer(anna_, false);
  EXPECT_EQ(decide(anna_, digest), Verdict::not_signer);
  officer(anna_);
  EXPECT_EQ(decide(anna_, digest), Verdict::accepted);
  EXPECT_EQ(only().approved_by.size(), 1U);
  officer(anna_, false);
  EXPECT_EQ(only().approved_by.size(), 0U);
  EXPECT_EQ(count(application), "0 of 1");
  officer(anna_);
  EXPECT_TRUE(hand_in(application)) << "an officer again, whose word still stands";
}

TEST_F(FourEyes, ARefusalIsFinal) {
  applicant(2);
  officer(anna_);
  officer(boris_);
  const auto application = apply(*shop_.key);
  EXPECT_EQ(count(application), "0 of 2");
  const Digest digest = only().digest;
  EXPECT_EQ(decide(anna_, digest), Verdict::accepted);
  EXPECT_EQ(decide(anna_, digest, kRefuse), Verdict::accepted) << "a second thought";
  EXPECT_TRUE(must(authority().waiting()).empty());
  EXPECT_EQ(decide(boris_, digest), Verdict::approval_refused);
  EXPECT_EQ(verdict_of(hand_in(application)), Verdict::approval_refused);
  officer(anna_, false);
  EXPECT_EQ(verdict_of(hand_in(application)), Verdict::approval_refused);
  Login shop = must(authority().login_named(shop_.name));
  shop.approvals = {};
  ASSERT_TRUE(authority().register_login(shop));
  EXPECT_EQ(verdict_of(hand_in(application)), Verdict::approval_refused);
  EXPECT_TRUE(hand_in(apply(*shop_.key))) << "another application";
}

TEST_F(FourEyes, AnApprovalIsOfExactlyWhatIsCertified) {
  Login shop = applicant(1);
  officer(anna_);
  officer(boris_);
  const auto application = apply(*shop_.key);
  EXPECT_EQ(count(application), "0 of 1");
  const Digest first = only().digest;
  EXPECT_EQ(decide(anna_, first), Verdict::accepted);
  shop.grants = {{{.usage = CertificateUsage::holder,
                   .functions = {Function::pay},
                   .ceilings = {{AssetId(978), Amount(5)}}}}};
  ASSERT_TRUE(authority().register_login(shop));
  const Digest second = only().digest;
  EXPECT_NE(second, first);
  EXPECT_EQ(decide(boris_, first), Verdict::approval_outdated);
  EXPECT_EQ(count(application), "0 of 1") << "of the new digest";
  EXPECT_EQ(decide(boris_, first), Verdict::approval_outdated);
  shop.validity = seconds(3600);
  ASSERT_TRUE(authority().register_login(shop));
  const Digest third = only().digest;
  EXPECT_EQ(decide(boris_, second), Verdict::approval_outdated);
  EXPECT_EQ(decide(boris_, filled<Digest>(9)), Verdict::unknown_approval);
  EXPECT_EQ(decide(boris_, third), Verdict::accepted);
  const auto issued = must(hand_in(application));
  EXPECT_EQ(issued.capabilities()->functions, std::vector{Function::pay});
  EXPECT_EQ(elapsed(issued.validity().not_before, issued.validity().not_after), seconds(3600));
}

TEST_F(FourEyes, WhatALoginMayNotHaveAnyMoreIsNotWaitedFor) {
  Login shop = applicant(1);
  officer(anna_);
  const auto application = apply(*shop_.key);
  EXPECT_EQ(count(application), "0 of 1");
  const Digest digest = only().digest;
  shop.usages = {CertificateUsage::issuer};
  shop.approvals = {};
  ASSERT_TRUE(authority().register_login(shop));
  EXPECT_TRUE(must(authority().waiting()).empty());
  EXPECT_EQ(decide(anna_, digest), Verdict::approval_outdated);
  EXPECT_EQ(verdict_of(hand_in(application)), Verdict::unknown_login);
}

TEST_F(FourEyes, ALoginThatNeedsNobodyAnyMoreWaitsNoLonger) {
  Login shop = applicant(3);
  const auto application = apply(*shop_.key);
  EXPECT_EQ(count(application), "0 of 3");
  shop.approvals = {};
  ASSERT_TRUE(authority().register_login(shop));
  EXPECT_TRUE(hand_in(application));
}

TEST_F(FourEyes, WhatWaitsAndWhatWasSaidOutlastARestart) {
  applicant(2);
  officer(anna_);
  officer(boris_);
  const auto application = apply(*shop_.key);
  EXPECT_EQ(count(application), "0 of 2");
  EXPECT_EQ(decide(anna_, only().digest), Verdict::accepted);
  node_.reopen();
  EXPECT_EQ(count(application), "1 of 2");
  EXPECT_EQ(decide(boris_, only().digest), Verdict::accepted);
  // Between the last approval and the certificate nothing is lost, and after it nothing twice.
  node_.reopen();
  const auto issued = must(hand_in(application));
  node_.reopen();
  EXPECT_EQ(must(hand_in(application)), issued);
  EXPECT_EQ(authority().list().size(), 1U);
}

TEST_F(FourEyes, OfficersWhoDecideAtOnceAllCountAndOneCertificateIsIssued) {
  applicant(3);
  std::vector<Person> officers;
  for (int i = 0; i < 6; ++i) {
    officers.push_back({"officer " + std::to_string(i)});
    officer(officers.back());
  }
  const auto application = apply(*shop_.key);
  EXPECT_EQ(count(application), "0 of 3");
  const Digest digest = only().digest;
  std::vector<std::string> got(officers.size());
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < officers.size(); ++i) {
    threads.emplace_back([&, i] {
      static_cast<void>(authority().decide(officers[i].hash(), digest, kApprove));
      const auto result = hand_in(application);
      got[i] = result ? codec::to_hex(result->serial()) : "waits";
    });
  }
  for (auto& thread : threads) thread.join();
  const auto issued = must(hand_in(application));
  EXPECT_EQ(
      std::ranges::count(got, codec::to_hex(issued.serial())) + std::ranges::count(got, "waits"),
      6);
  EXPECT_LE(std::ranges::count(got, "waits"), 2) << "the third approval was enough";
  EXPECT_EQ(authority().list().size(), 1U);
}

TEST_F(FourEyes, ARenewalWaitsToo) {
  applicant(1);
  officer(anna_);
  const auto application = apply(*shop_.key);
  EXPECT_EQ(count(application), "0 of 1");
  EXPECT_EQ(decide(anna_, only().digest), Verdict::accepted);
  const auto first = must(hand_in(application));
  const auto next = element::make_passing_key();
  const auto renew = [&] {
    return authority().renew(first.key_hash(), {"renewal-1", filled<Digest>(1)},
                             next->public_key());
  };
  EXPECT_EQ(verdict_of(renew()), Verdict::approval_pending);
  EXPECT_EQ(only().intended.renews, first.key_hash());
  EXPECT_TRUE(authority().check_standing(first)) << "it is good until then";
  EXPECT_EQ(decide(anna_, only().digest), Verdict::accepted);
  const auto renewed = must(renew());
  EXPECT_EQ(renewed.account(), first.account());
  EXPECT_EQ(must(renew()), renewed);
  EXPECT_EQ(verdict_of(authority().check_standing(first)), Verdict::certificate_revoked);
}

TEST_F(FourEyes, ALoginFillsOnlyItsShare) {
  applicant(1);
  for (std::size_t i = 0; i < kMostAwaited; ++i) {
    EXPECT_EQ(verdict_of(hand_in(apply(*shop_.key))), Verdict::approval_pending);
  }
  EXPECT_EQ(verdict_of(hand_in(apply(*shop_.key))), Verdict::too_many_requests);
  officer(anna_);
  EXPECT_EQ(decide(anna_, must(authority().waiting())[0].digest, kRefuse), Verdict::accepted);
  EXPECT_EQ(verdict_of(hand_in(apply(*shop_.key))), Verdict::approval_pending);
}

TEST_F(FourEyes, RulesThatNobodyCouldKeepAreRefusedWithTheirPlace) {
  Login shop = applicant(1);
  const auto refusal_of = [&](std::vector<ApprovalRule> rules) {
    shop.approvals = std::move(rules);
    const auto result = authority().register_login(shop);
    return result ? "registered" : to_string(result.error()).substr(0, 36);
  };
  EXPECT_TRUE(refusal_of({}).starts_with("bad_value at approvals"));
  EXPECT_TRUE(
      refusal_of({{CertificateUsage::display, 1}}).starts_with("bad_value at approvals[0].usage"));
  EXPECT_TRUE(refusal_of({{CertificateUsage::issuer, 1}, {CertificateUsage::issuer, 1}})
                  .starts_with("bad_value at approvals[0].usage"));
  EXPECT_TRUE(refusal_of({{CertificateUsage::issuer, 0}})
                  .starts_with("bad_value at approvals[0].officers"));
  EXPECT_TRUE(refusal_of({{CertificateUsage::issuer, 3}, {CertificateUsage::holder, 4}})
                  .starts_with("bad_value at approvals[1].officers"));
}

// The same with an authority whose clock is moved.
class FourEyesInTime : public FourEyes {
 protected:
  Authority& authority() override { return *authority_; }
  EnrolmentDesk& desk() override { return *desk_; }

  element::FakeEnv clock_{system_env().now()};
  FolderForTest folder_;
  std::unique_ptr<store::RecordStore> records_ = must(store::RecordStore::open(folder_ / "r"));
  std::unique_ptr<element::SecureElement> operator_ = node_.key("authority");
  Sender sender_{node_->gateway(), element::signer_of(*operator_), system_env()};
  std::unique_ptr<Authority> authority_ =
      std::make_unique<Authority>(*records_, node_->authority().issuers(), sender_, clock_);
  std::unique_ptr<EnrolmentDesk> desk_ =
      std::make_unique<EnrolmentDesk>(*records_, *authority_, node_->gateway().ledger(), clock_);
};

constexpr Duration kDay = seconds(24 * 3600);
constexpr Duration kWeek = seconds(7 * 24 * 3600);

TEST_F(FourEyesInTime, TheChallengesTimeIsForTheFirstTimeItIsHandedIn) {
  applicant(1);
  officer(anna_);
  const auto late = apply(*shop_.key);
  const auto application = apply(*shop_.key);
  EXPECT_EQ(count(application), "0 of 1");
  clock_.advance(kDay);
  EXPECT_EQ(verdict_of(hand_in(late)), Verdict::challenge_expired);
  EXPECT_EQ(count(application), "0 of 1");
  const auto rival = element::make_passing_key();
  EXPECT_EQ(verdict_of(hand_in({application.information,
                                must(NodeForTest::answer(application.information, *rival))})),
            Verdict::challenge_spent);
  EXPECT_EQ(decide(anna_, only().digest), Verdict::accepted);
  clock_.advance(Duration(kWeek.value() - kDay.value() - 1));
  const auto issued = must(hand_in(application));
  EXPECT_EQ(issued.validity().not_before.value() / 1000, clock_.now().value() / 1000)
      << "it begins when it is issued";
  clock_.advance(kWeek);
  EXPECT_EQ(must(hand_in(application)), issued) << "whatever was lost on the way";
}

TEST_F(FourEyesInTime, WhatNobodyApprovedInTimeLapses) {
  applicant(1);
  officer(anna_);
  const auto application = apply(*shop_.key);
  EXPECT_EQ(count(application), "0 of 1");
  const Digest digest = only().digest;
  EXPECT_EQ(decide(anna_, digest), Verdict::accepted);
  clock_.advance(kWeek);
  EXPECT_TRUE(must(authority().waiting()).empty());
  EXPECT_EQ(decide(anna_, digest), Verdict::approval_lapsed);
  EXPECT_EQ(verdict_of(hand_in(application)), Verdict::approval_lapsed);
  EXPECT_EQ(count(apply(*shop_.key)), "0 of 1") << "another application";
}

TEST_F(FourEyesInTime, ASecretLastsAsLongAsWhatWaitsUnderIt) {
  applicant(1);
  officer(anna_);
  ClientDesk clients(*records_, *authority_, Secret(Bytes(32, 7)), clock_);
  const auto used = must(clients.expect("shop", CertificateUsage::holder, seconds(60)));
  const auto unused = must(clients.expect("shop", CertificateUsage::holder, seconds(60)));
  const Ticket ticket{"secret-" + used.reference, filled<Digest>(1)};
  const CertificateWish wish{.login = "shop", .public_key = shop_.key->public_key()};
  EXPECT_EQ(verdict_of(authority().issue_once(ticket, wish)), Verdict::approval_pending);
  clock_.advance(kDay);
  EXPECT_EQ(verdict_of(clients.secret_of(unused.reference)), Verdict::wrong_secret);
  EXPECT_TRUE(clients.secret_of(used.reference));
  EXPECT_EQ(verdict_of(authority().issue_once({ticket.name, filled<Digest>(2)}, wish)),
            Verdict::challenge_spent);
  EXPECT_EQ(decide(anna_, only().digest), Verdict::accepted);
  EXPECT_TRUE(authority().issue_once(ticket, wish));
}

TEST_F(FourEyesInTime, ARenewalThatLapsedMayBeAskedForAgainAndARefusedOneNot) {
  applicant(1);
  officer(anna_);
  const auto application = apply(*shop_.key);
  EXPECT_EQ(count(application), "0 of 1");
  EXPECT_EQ(decide(anna_, only().digest), Verdict::accepted);
  const KeyHash old = must(hand_in(application)).key_hash();
  const auto next = element::make_passing_key();
  const auto renew = [&](std::uint8_t said) {
    return verdict_of(
        authority().renew(old, {"renewal-1", filled<Digest>(said)}, next->public_key()));
  };
  EXPECT_EQ(renew(1), Verdict::approval_pending);
  EXPECT_EQ(renew(2), Verdict::challenge_spent);
  EXPECT_EQ(decide(anna_, only().digest), Verdict::accepted);
  clock_.advance(kWeek);
  EXPECT_EQ(renew(2), Verdict::approval_pending) << "and nobody has approved this one";
  EXPECT_EQ(renew(1), Verdict::challenge_spent);
  EXPECT_EQ(decide(anna_, only().digest, kRefuse), Verdict::accepted);
  EXPECT_EQ(renew(2), Verdict::approval_refused);
  clock_.advance(kWeek);
  EXPECT_EQ(renew(2), Verdict::approval_refused);
  EXPECT_EQ(renew(3), Verdict::challenge_spent);
}

}  // namespace
}  // namespace intaglio::service
