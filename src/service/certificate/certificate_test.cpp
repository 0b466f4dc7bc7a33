// Enrolment with a real node: elements, desk, authority and chains. The names follow the acceptance
// list of the capability.
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/result_for_test.h"
#include "element/genuine_for_test.h"
#include "service/node_for_test.h"

namespace intaglio::service {
namespace {

using pki::CertificateUsage;
using pki::EnrolmentProfile;

// One list of tests for the two profiles.
class Enrolment : public ::testing::TestWithParam<EnrolmentProfile> {
 protected:
  Result<pki::ApplicationInformation> apply(bool simulated = true) {
    return node_->enrolment_desk().apply(login_, {CertificateUsage::holder, GetParam(), simulated});
  }
  Result<pki::Certificate> enrol(const Login& login, element::SecureElement& key) {
    return node_.enrol(login, CertificateUsage::holder, key, GetParam());
  }
  Result<pki::Certificate> submit(const Login& login, const pki::ApplicationInformation& to,
                                  ByteView bytes) {
    return node_->enrolment_desk().submit(login, to.id, bytes);
  }
  // What an enrolment's certificate says of its element.
  bool says_simulated(const Login& login, element::SecureElement& key) {
    const auto certificate = enrol(login, key);
    CHECK(certificate.has_value() && certificate->capabilities().has_value());
    return certificate->capabilities()->simulated_element;
  }

  NodeForTest node_;
  std::unique_ptr<element::SecureElement> alice_ = element::make_passing_key();
  Login login_ = node_.login("alice", *alice_);
};
INSTANTIATE_TEST_SUITE_P(Profiles, Enrolment,
                         ::testing::Values(EnrolmentProfile::compact, EnrolmentProfile::framed),
                         [](const auto& each) {
                           return std::string(codec::enum_name(each.param));
                         });

Bytes answer(const pki::ApplicationInformation& information, element::SecureElement& key) {
  return must(NodeForTest::answer(information, key));
}

TEST_P(Enrolment, EndsInACertificateForTheElementsKeyThatChainsToTheAuthority) {
  const auto certificate = enrol(login_, *alice_);
  ASSERT_TRUE(certificate.has_value()) << to_string(certificate.error());
  EXPECT_EQ(certificate->public_key(), alice_->public_key());
  const auto valid = pki::validate_path(
      *certificate, {{node_->authority().issuing()}, {node_->authority().root()}, {}},
      {.at = system_env().now(), .usage = CertificateUsage::holder});
  EXPECT_TRUE(valid.has_value()) << to_string(valid.error());
}

TEST_P(Enrolment, MakesTheKeysRowAppearOnEveryChain) {
  ASSERT_TRUE(enrol(login_, *alice_));
  for (std::uint16_t chain = 0; chain < 3; ++chain) {
    const auto& store = node_->gateway().chain(ChainId(chain))->store();
    const auto row = store.find<ledger::KeyRow>(alice_->public_key().hash());
    ASSERT_TRUE(row.has_value()) << chain;
    EXPECT_EQ(row->role, ledger::Role::holder);
  }
}

TEST_P(Enrolment, AnAlteredAnswerIsRefusedAndTheAuthorityIsNotCalled) {
  const auto information = apply();
  ASSERT_TRUE(information.has_value());
  const Bytes frame = answer(*information, *alice_);
  for (std::size_t byte = 0; byte < frame.size(); ++byte) {
    Bytes altered = frame;
    altered[byte] ^= 0x10;
    EXPECT_FALSE(submit(login_, *information, altered)) << byte;
  }
  auto other = *information;
  other.expires_at = other.expires_at + seconds(1);
  const auto signed_other = submit(login_, other, answer(other, *alice_));
  EXPECT_EQ(signed_other.error().verdict, Verdict::no_possession);
  EXPECT_EQ(node_->enrolment_desk().authority_calls(), 0U);
  EXPECT_TRUE(submit(login_, *information, frame));
}

TEST_P(Enrolment, TheSameApplicationGetsTheSameCertificateAndAnyOtherIsSpent) {
  const auto information = apply();
  const Bytes frame = answer(*information, *alice_);
  const auto first = submit(login_, *information, frame);
  ASSERT_TRUE(first.has_value()) << to_string(first.error());
  const auto again = submit(login_, *information, frame);
  ASSERT_TRUE(again.has_value()) << to_string(again.error());
  EXPECT_EQ(again->der(), first->der());
  const auto other_key = element::make_passing_key();
  const auto second = submit(login_, *information, answer(*information, *other_key));
  EXPECT_EQ(second.error().verdict, Verdict::challenge_spent);
}

TEST_P(Enrolment, AChallengeOfAnotherLoginIsRefused) {
  const auto bob = element::make_passing_key();
  const Login other = node_.login("bob", *bob);
  const auto information = apply();
  const auto stolen = submit(other, *information, answer(*information, *bob));
  EXPECT_EQ(stolen.error().verdict, Verdict::challenge_foreign);
  auto invented = *information;
  invented.id = system_env().random_id<pki::ApplicationId>();
  EXPECT_EQ(submit(login_, invented, answer(invented, *alice_)).error().verdict,
            Verdict::challenge_unknown);
}

TEST_P(Enrolment, TheAuthorityChecksAgainstItsOwnCopyAndRefusesAServerThatShowsAnother) {
  pki::ApplicationInformation never_learnt;
  never_learnt.id = system_env().random_id<pki::ApplicationId>();
  never_learnt.issued_at = system_env().now();
  never_learnt.expires_at = never_learnt.issued_at + seconds(60);
  never_learnt.login = "alice";
  never_learnt.ledger = node_->gateway().ledger();
  never_learnt.profile = GetParam();
  const auto frame = pki::decode_answer(answer(never_learnt, *alice_), GetParam());
  // A desk that believes its own information, and an authority that was never told of it.
  const auto application = pki::verify_application(*frame, never_learnt, system_env().now());
  ASSERT_TRUE(application.has_value());
  const auto issued = node_->authority().issue(pki::request_for(*application));
  EXPECT_EQ(issued.error().verdict, Verdict::challenge_mismatch);
}

TEST_P(Enrolment, NobodyIsCertifiedForWhatTheirLoginMayNot) {
  EXPECT_EQ(node_->enrolment_desk()
                .apply(login_, {CertificateUsage::display, GetParam()})
                .error()
                .verdict,
            Verdict::unknown_login);
}

TEST_P(Enrolment, AKeyIsCertifiedOnce) {
  ASSERT_TRUE(enrol(login_, *alice_));
  EXPECT_EQ(enrol(login_, *alice_).error().verdict, Verdict::key_certified);
}

TEST_P(Enrolment, SurvivesARestartOfTheNode) {
  const auto certificate = enrol(login_, *alice_);
  ASSERT_TRUE(certificate.has_value());
  node_.reopen();
  const auto found = node_->authority().find(alice_->public_key().hash());
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->der, certificate->der());
}

TEST_P(Enrolment, TwoAnswersThatRaceForOneChallengeGetOneCertificate) {
  const auto information = apply();
  const auto rival = element::make_passing_key();
  std::optional<Result<pki::Certificate>> one;
  std::optional<Result<pki::Certificate>> two;
  std::thread first([&] { one = submit(login_, *information, answer(*information, *alice_)); });
  std::thread second([&] { two = submit(login_, *information, answer(*information, *rival)); });
  first.join();
  second.join();
  EXPECT_NE(one->has_value(), two->has_value());
  const auto& refused = one->has_value() ? *two : *one;
  EXPECT_EQ(refused.error().verdict, Verdict::challenge_spent);
}

TEST_P(Enrolment, ASoftwareElementIsLabelledAsSimulated) {
  const auto certificate = enrol(login_, *alice_);
  ASSERT_TRUE(certificate.has_value());
  ASSERT_TRUE(certificate->capabilities().has_value());
  EXPECT_TRUE(certificate->capabilities()->simulated_element);
}

TEST_P(Enrolment, OnlyAVouchedForLoginGetsACertificateThatDeniesSimulation) {
  element::GenuineForTest genuine;
  EXPECT_TRUE(says_simulated(login_, genuine));
  login_.genuine_elements = true;
  ASSERT_TRUE(node_->authority().register_login(login_));
  EXPECT_TRUE(says_simulated(login_, *alice_));  // what is simulated stays so
  element::GenuineForTest another;
  EXPECT_FALSE(says_simulated(login_, another));
}

TEST_P(Enrolment, AClaimToBeGenuineIsNeitherSignedByASimulatedElementNorPutIntoItsAnswer) {
  login_.genuine_elements = true;
  ASSERT_TRUE(node_->authority().register_login(login_));
  const auto claimed = apply(false);
  ASSERT_TRUE(claimed.has_value());
  EXPECT_EQ(NodeForTest::answer(*claimed, *alice_).error().verdict, Verdict::element_simulated);
  auto honest = *claimed;
  honest.simulated_element = true;
  EXPECT_EQ(submit(login_, *claimed, answer(honest, *alice_)).error().verdict,
            Verdict::no_possession);
}

TEST_P(Enrolment, AnAnswerInTheOtherProfileIsRefused) {
  const auto information = apply();
  auto other = *information;
  other.profile =
      GetParam() == EnrolmentProfile::framed ? EnrolmentProfile::compact : EnrolmentProfile::framed;
  const auto refused = submit(login_, *information, answer(other, *alice_));
  EXPECT_EQ(refused.error(), (Refusal{Verdict::challenge_mismatch, "profile"}));
  EXPECT_EQ(node_->enrolment_desk().authority_calls(), 0U);
  EXPECT_TRUE(submit(login_, *information, answer(*information, *alice_)));
}

// The log of the server, in the order of the capability.
TEST_P(Enrolment, TheDesksOwnVerificationIsLoggedBeforeTheAuthorityIsCalled) {
  const auto information = apply();
  const Bytes good = answer(*information, *alice_);
  Bytes altered = good;
  altered[100] ^= 1;
  const auto log_of = [&](const Bytes& bytes) {
    ::testing::internal::CaptureStderr();
    static_cast<void>(submit(login_, *information, bytes));
    return ::testing::internal::GetCapturedStderr();
  };
  const std::string here = "enrolment " + codec::to_hex(information->id) + ": ";
  const std::string refused = log_of(altered);
  EXPECT_NE(refused.find(here + "refused by the desk"), std::string::npos) << refused;
  EXPECT_EQ(refused.find("authority"), std::string::npos) << refused;
  const std::string taken = log_of(good);
  const auto verified = taken.find(here + "signature and identifier verified by the desk");
  const auto called = taken.find(here + "the authority is asked");
  ASSERT_NE(verified, std::string::npos) << taken;
  ASSERT_NE(called, std::string::npos) << taken;
  EXPECT_LT(verified, called);
}

TEST_P(Enrolment, RevocationEndsTheKeyOnEveryChainForGood) {
  ASSERT_TRUE(enrol(login_, *alice_));
  const KeyHash key = alice_->public_key().hash();
  ASSERT_TRUE(node_->authority().set_status(key, ledger::KeyStatus::revoked,
                                            pki::RevocationReason::key_compromise));
  for (std::uint16_t chain = 0; chain < 3; ++chain) {
    const auto& store = node_->gateway().chain(ChainId(chain))->store();
    EXPECT_EQ(store.find<ledger::KeyRow>(key)->status, ledger::KeyStatus::revoked);
  }
  EXPECT_EQ(node_->authority()
                .set_status(key, ledger::KeyStatus::revoked, pki::RevocationReason::key_compromise)
                .error()
                .verdict,
            Verdict::certificate_revoked);
  EXPECT_EQ(
      node_->authority()
          .set_status(KeyHash{}, ledger::KeyStatus::revoked, pki::RevocationReason::key_compromise)
          .error()
          .verdict,
      Verdict::unknown_certificate);
}

}  // namespace
}  // namespace intaglio::service
