// Enrolment with a real node: elements, desk, authority and chains. The names follow the acceptance
// list of the capability.
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/node_for_test.h"

namespace intaglio::service {
namespace {

using pki::CertificateUsage;

class Enrolment : public ::testing::Test {
 protected:
  NodeForTest node_;
  std::unique_ptr<element::SecureElement> alice_ = element::make_passing_key();
  Login login_ = node_.login("alice", *alice_);
};

Bytes answer(const pki::ApplicationInformation& information, element::SecureElement& key) {
  return pki::encode_frame(*pki::sign_application(information, element::signer_of(key)));
}

TEST_F(Enrolment, EndsInACertificateForTheElementsKeyThatChainsToTheAuthority) {
  const auto certificate = node_.enrol(login_, CertificateUsage::holder, *alice_);
  ASSERT_TRUE(certificate.has_value()) << to_string(certificate.error());
  EXPECT_EQ(certificate->public_key(), alice_->public_key());
  const auto valid = pki::validate_path(
      *certificate, {{node_->authority().issuing()}, {node_->authority().root()}, {}},
      {.at = system_env().now(), .usage = CertificateUsage::holder});
  EXPECT_TRUE(valid.has_value()) << to_string(valid.error());
}

TEST_F(Enrolment, MakesTheKeysRowAppearOnEveryChain) {
  ASSERT_TRUE(node_.enrol(login_, CertificateUsage::holder, *alice_));
  for (std::uint16_t chain = 0; chain < 3; ++chain) {
    const auto& store = node_->gateway().chain(ChainId(chain))->store();
    const auto row = store.find<ledger::KeyRow>(alice_->public_key().hash());
    ASSERT_TRUE(row.has_value()) << chain;
    EXPECT_EQ(row->role, ledger::Role::holder);
  }
}

TEST_F(Enrolment, AnAlteredAnswerIsRefusedAndTheAuthorityIsNotCalled) {
  const auto information = node_->enrolment_desk().apply(login_, CertificateUsage::holder);
  ASSERT_TRUE(information.has_value());
  const Bytes frame = answer(*information, *alice_);
  for (std::size_t byte = 4; byte < frame.size(); byte += 7) {
    Bytes altered = frame;
    altered[byte] ^= 0x10;
    EXPECT_FALSE(node_->enrolment_desk().submit(login_, altered)) << byte;
  }
  auto other = *information;
  other.expires_at = other.expires_at + seconds(1);
  const auto signed_other = node_->enrolment_desk().submit(login_, answer(other, *alice_));
  EXPECT_EQ(signed_other.error().verdict, Verdict::no_possession);
  EXPECT_EQ(node_->enrolment_desk().authority_calls(), 0U);
  EXPECT_TRUE(node_->enrolment_desk().submit(login_, frame));
}

TEST_F(Enrolment, TheSameApplicationGetsTheSameCertificateAndAnyOtherIsSpent) {
  const auto information = node_->enrolment_desk().apply(login_, CertificateUsage::holder);
  const Bytes frame = answer(*information, *alice_);
  const auto first = node_->enrolment_desk().submit(login_, frame);
  ASSERT_TRUE(first.has_value()) << to_string(first.error());
  const auto again = node_->enrolment_desk().submit(login_, frame);
  ASSERT_TRUE(again.has_value()) << to_string(again.error());
  EXPECT_EQ(again->der(), first->der());
  const auto other_key = element::make_passing_key();
  const auto second = node_->enrolment_desk().submit(login_, answer(*information, *other_key));
  EXPECT_EQ(second.error().verdict, Verdict::challenge_spent);
}

TEST_F(Enrolment, AChallengeOfAnotherLoginIsRefused) {
  const auto bob = element::make_passing_key();
  const Login other = node_.login("bob", *bob);
  const auto information = node_->enrolment_desk().apply(login_, CertificateUsage::holder);
  const auto stolen = node_->enrolment_desk().submit(other, answer(*information, *bob));
  EXPECT_EQ(stolen.error().verdict, Verdict::challenge_foreign);
  auto invented = *information;
  invented.id = system_env().random_id<pki::ApplicationId>();
  EXPECT_EQ(node_->enrolment_desk().submit(login_, answer(invented, *alice_)).error().verdict,
            Verdict::challenge_unknown);
}

TEST_F(Enrolment, TheAuthorityChecksAgainstItsOwnCopyAndRefusesAServerThatShowsAnother) {
  pki::ApplicationInformation never_learnt;
  never_learnt.id = system_env().random_id<pki::ApplicationId>();
  never_learnt.issued_at = system_env().now();
  never_learnt.expires_at = never_learnt.issued_at + seconds(60);
  never_learnt.login = "alice";
  never_learnt.ledger = node_->gateway().ledger();
  const auto frame = pki::sign_application(never_learnt, element::signer_of(*alice_));
  // A desk that believes its own information, and an authority that was never told of it.
  const auto application = pki::verify_application(*frame, never_learnt, system_env().now());
  ASSERT_TRUE(application.has_value());
  const auto issued = node_->authority().issue(pki::request_for(*application));
  EXPECT_EQ(issued.error().verdict, Verdict::challenge_mismatch);
}

TEST_F(Enrolment, NobodyIsCertifiedForWhatTheirLoginMayNot) {
  EXPECT_EQ(node_->enrolment_desk().apply(login_, CertificateUsage::display).error().verdict,
            Verdict::unknown_login);
}

TEST_F(Enrolment, AKeyIsCertifiedOnce) {
  ASSERT_TRUE(node_.enrol(login_, CertificateUsage::holder, *alice_));
  EXPECT_EQ(node_.enrol(login_, CertificateUsage::holder, *alice_).error().verdict,
            Verdict::key_certified);
}

TEST_F(Enrolment, SurvivesARestartOfTheNode) {
  const auto certificate = node_.enrol(login_, CertificateUsage::holder, *alice_);
  ASSERT_TRUE(certificate.has_value());
  node_.reopen();
  const auto found = node_->authority().find(alice_->public_key().hash());
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->der, certificate->der());
}

TEST_F(Enrolment, TwoAnswersThatRaceForOneChallengeGetOneCertificate) {
  const auto information = node_->enrolment_desk().apply(login_, CertificateUsage::holder);
  const auto rival = element::make_passing_key();
  std::optional<Result<pki::Certificate>> one;
  std::optional<Result<pki::Certificate>> two;
  std::thread first(
      [&] { one = node_->enrolment_desk().submit(login_, answer(*information, *alice_)); });
  std::thread second(
      [&] { two = node_->enrolment_desk().submit(login_, answer(*information, *rival)); });
  first.join();
  second.join();
  EXPECT_NE(one->has_value(), two->has_value());
  const auto& refused = one->has_value() ? *two : *one;
  EXPECT_EQ(refused.error().verdict, Verdict::challenge_spent);
}

TEST_F(Enrolment, ASoftwareElementIsLabelledAsSimulated) {
  const auto certificate = node_.enrol(login_, CertificateUsage::holder, *alice_);
  ASSERT_TRUE(certificate.has_value());
  ASSERT_TRUE(certificate->capabilities().has_value());
  EXPECT_TRUE(certificate->capabilities()->simulated_element);
}

TEST_F(Enrolment, RevocationEndsTheKeyOnEveryChainForGood) {
  ASSERT_TRUE(node_.enrol(login_, CertificateUsage::holder, *alice_));
  const KeyHash key = alice_->public_key().hash();
  ASSERT_TRUE(node_->authority().revoke(key));
  for (std::uint16_t chain = 0; chain < 3; ++chain) {
    const auto& store = node_->gateway().chain(ChainId(chain))->store();
    EXPECT_EQ(store.find<ledger::KeyRow>(key)->status, ledger::KeyStatus::revoked);
  }
  EXPECT_EQ(node_->authority().revoke(key).error().verdict, Verdict::certificate_revoked);
  EXPECT_EQ(node_->authority().revoke(KeyHash{}).error().verdict, Verdict::unknown_certificate);
}

}  // namespace
}  // namespace intaglio::service
