// The display's processor with a real element, under a clock that moves when it is told to. The
// acceptance lines are those of the payment code capability; what the server does with a code is
// tested with the server.
#include "service/payment_code/display.h"

#include <set>

#include <gtest/gtest.h>

#include "base/result_for_test.h"
#include "element/fake_env.h"
#include "pki/test_authority.h"
#include "proof/statement.h"
#include "symbol/reader.h"
#include "symbol/render.h"

namespace intaglio::service {
namespace {

constexpr std::string_view kGuid = "org.intaglio";
constexpr Duration kStep = seconds(15);

Address account(std::uint8_t number) {
  return {ChainId(1), *AccountId::from(Bytes(AccountId::kSize, number))};
}

Merchant kohvik() {
  return {.name = "Kohvik Tuulik",
          .city = "Tallinn",
          .category = "5814",
          .country = "EE",
          .currency = AssetId(978),
          .terminal = "POS1"};
}

// A display on a counter; its server's secret and its authority are here too.
class CounterDisplay : public testing::Test {
 public:
  CounterDisplay() {
    applet = must(element::PaymentCodeApplet::create({"soft:display.key"}, passphrase(),
                                                     {authority.root, server.key, ledger}, env));
    display.emplace(must(Display::make(*applet, kohvik(), {.amount = "12.50"}, env)));
  }

  static Secret passphrase() { return Secret(to_bytes(as_bytes("passphrase"))); }
  KeyHash key() const { return applet->public_key().hash(); }
  Secret security_key(const Address& payee, std::uint32_t epoch) const {
    return proof::derive_security_key(server_secret, {payee, key(), epoch});
  }

  void bind(const Address& payee, std::uint32_t epoch) {
    const Secret secret = security_key(payee, epoch);
    const proof::DisplayBinding binding{
        key(), payee, epoch, proof::security_key_check(secret), kStep, std::string(kGuid)};
    const Bytes statement = must(proof::sign_statement(binding, ledger, server));
    ASSERT_TRUE(applet->bind(statement, Secret(to_bytes(secret.reveal()))));
  }

  void certify() {
    const auto certificate = authority.issue(
        pki::content_for({applet->public_key(), {}}, "Counter 1", pki::CertificateUsage::display));
    const Bytes intermediates[] = {authority.issuing.der()};
    ASSERT_TRUE(applet->install_certificate(certificate.der(), intermediates));
  }

  void bind_and_certify() {
    bind(account(1), 1);
    certify();
  }

  proof::RefreshNotification scan(std::uint64_t counter, std::uint32_t epoch = 1) const {
    return proof::make_notification(security_key(account(1), epoch), counter);
  }

  const std::string& shown_text() const { return display->shown()->text; }

  // Runs the display as its loop does, for that long, and counts the codes of each reason.
  std::map<CodeReason, int> run_for(Duration time) {
    std::map<CodeReason, int> changes;
    const Millis end = env.now() + time;
    while (true) {
      if (must(display->update()) && display->shown()) ++changes[display->shown()->reason];
      const Millis next = must(display->next_change());
      if (next > end) break;
      env.advance(elapsed(env.now(), next));
    }
    env.advance(elapsed(env.now(), end));
    return changes;
  }

  // At the very beginning of a step.
  element::FakeEnv env{Millis(pki::kNow.value() + 3'600'000)};
  pki::TestAuthority authority;
  crypto::Signer server = pki::make_signer();
  LedgerId ledger = *LedgerId::from(Bytes(32, 0x44));
  Secret server_secret{Bytes(32, 0x11)};
  std::unique_ptr<element::PaymentCodeApplet> applet;
  std::optional<Display> display;
};

TEST_F(CounterDisplay, ThePictureReadByAnotherLibraryVerifiesUnderTheElementsCertificate) {
  bind_and_certify();
  ASSERT_TRUE(must(display->update()));
  const auto texts = must(symbol::read_symbols(must(symbol::to_png(display->shown()->symbol, 4))));
  ASSERT_EQ(texts, std::vector<std::string>{shown_text()});

  const auto status = must(applet->status());
  const auto certificate = must(pki::Certificate::parse(*status.certificate));
  const pki::PathMaterial material{{authority.issuing}, {authority.root}, {}};
  ASSERT_TRUE(pki::validate_path(certificate, material,
                                 {.at = env.now(), .usage = pki::CertificateUsage::display}));
  const auto parsed = must(proof::parse_payment_code(texts.front(), kGuid));
  const auto verified =
      must(proof::verify_payment_code(parsed, crypto::Verifier(certificate.public_key())));
  EXPECT_EQ(must(verified->payee()), account(1));
  EXPECT_EQ(verified->amount, "12.50");
  EXPECT_EQ(verified->merchant, "Kohvik Tuulik");
  EXPECT_TRUE(proof::judge_freshness(verified->step, env.now(), kStep, 0));
}

TEST_F(CounterDisplay, BeforeTheCertificateNothingIsEverShown) {
  EXPECT_EQ(verdict_of(display->update()), Verdict::element_unbound);
  bind(account(1), 1);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(verdict_of(display->update()), Verdict::element_not_certified);
    EXPECT_EQ(verdict_of(display->refresh(scan(static_cast<std::uint64_t>(i) + 1))),
              Verdict::element_not_certified);
    EXPECT_FALSE(display->shown());
    env.advance(kStep);
  }
  certify();
  ASSERT_TRUE(must(display->update()));
  EXPECT_EQ(display->shown()->data.counter, 1U) << "what was not signed used up no release";
}

TEST_F(CounterDisplay, AScanIsAnsweredWithAnotherCodeInTheSameStep) {
  bind_and_certify();
  ASSERT_TRUE(must(display->update()));
  const ShownCode first = *display->shown();
  ASSERT_TRUE(must(display->refresh(scan(1))));
  const ShownCode& second = *display->shown();
  EXPECT_NE(second.text, first.text);
  EXPECT_EQ(second.reason, CodeReason::scanned);
  EXPECT_EQ(second.data.step, first.data.step);
  EXPECT_GT(second.data.counter, first.data.counter);
}

TEST_F(CounterDisplay, ANotificationThatItHadBeforeChangesNothing) {
  bind_and_certify();
  ASSERT_TRUE(must(display->update()));
  ASSERT_TRUE(must(display->refresh(scan(5))));
  const std::string shown = shown_text();
  EXPECT_FALSE(must(display->refresh(scan(5))));
  EXPECT_FALSE(must(display->refresh(scan(4))));
  EXPECT_EQ(shown_text(), shown);
}

TEST_F(CounterDisplay, AForgedNotificationChangesNothing) {
  bind_and_certify();
  ASSERT_TRUE(must(display->update()));
  const std::string shown = shown_text();
  auto forged = scan(1);
  forged.mac.writable()[0] ^= 1;
  EXPECT_EQ(verdict_of(display->refresh(forged)), Verdict::notification_forged);
  EXPECT_EQ(shown_text(), shown);
}

TEST_F(CounterDisplay, WithoutAScanTheCodeChangesOnceEveryStep) {
  bind_and_certify();
  std::set<std::string> texts;
  for (int i = 0; i < 8; ++i) {
    ASSERT_TRUE(must(display->update()));
    EXPECT_EQ(display->shown()->reason, i == 0 ? CodeReason::first : CodeReason::step);
    texts.insert(shown_text());
    EXPECT_FALSE(must(display->update())) << "once a step";
    const Millis next = must(display->next_change());
    EXPECT_EQ(elapsed(env.now(), next), kStep);
    env.advance(kStep);
  }
  EXPECT_EQ(texts.size(), 8U);
}

TEST_F(CounterDisplay, ACodeIsShownForOneStepAtMostWhenEveryNotificationIsLost) {
  bind_and_certify();
  EXPECT_EQ(must(display->longest_shown()), kStep);
  env.advance(seconds(4));
  const auto changes = run_for(seconds(300));
  EXPECT_EQ(changes.at(CodeReason::first), 1);
  EXPECT_EQ(changes.at(CodeReason::step), 20);
  EXPECT_EQ(changes.count(CodeReason::scanned), 0U);
}

TEST_F(CounterDisplay, AStepThatAnEarlierRunShowedStaysDarkUntilTheNext) {
  bind_and_certify();
  ASSERT_TRUE(must(display->update()));
  display.emplace(must(Display::make(*applet, kohvik(), {}, env)));
  EXPECT_FALSE(must(display->update()));
  EXPECT_FALSE(display->shown());
  env.advance(kStep);
  EXPECT_TRUE(must(display->update()));
  EXPECT_TRUE(display->shown());
}

TEST_F(CounterDisplay, AClockThatGoesBackLeavesNoOldCodeOnTheScreen) {
  bind_and_certify();
  env.advance(kStep);
  ASSERT_TRUE(must(display->update()));
  element::FakeEnv earlier(Millis(env.now().value() - kStep.value()));
  earlier.files() = env.files();
  auto same_applet =
      must(element::PaymentCodeApplet::open({"soft:display.key"}, passphrase(), earlier));
  auto slow = must(Display::make(*same_applet, kohvik(), {}, earlier));
  EXPECT_FALSE(must(slow.update()));
  EXPECT_FALSE(slow.shown());
}

TEST_F(CounterDisplay, ANewBindingShowsItsOwnAccountAtOnce) {
  bind_and_certify();
  ASSERT_TRUE(must(display->update()));
  bind(account(2), 2);
  ASSERT_TRUE(must(display->update()));
  EXPECT_EQ(display->shown()->data.account, account(2));
  EXPECT_EQ(display->shown()->reason, CodeReason::first);
  EXPECT_EQ(verdict_of(display->refresh(scan(1))), Verdict::notification_forged)
      << "of the binding before";
}

TEST_F(CounterDisplay, GoesDarkWhenTheServerIsNotHeardFromForTooLong) {
  bind_and_certify();
  display.emplace(must(Display::make(*applet, kohvik(), {}, env, {.offline_limit = seconds(60)})));
  run_for(seconds(59));
  EXPECT_TRUE(display->shown());
  env.advance(seconds(1));
  EXPECT_TRUE(must(display->update())) << "the screen changed: to dark";
  EXPECT_FALSE(display->shown());
  display->heard_from_server();
  EXPECT_TRUE(must(display->update()));
  EXPECT_TRUE(display->shown());
}

TEST_F(CounterDisplay, ANotificationCountsAsHearingFromTheServer) {
  bind_and_certify();
  display.emplace(must(Display::make(*applet, kohvik(), {}, env, {.offline_limit = seconds(60)})));
  run_for(seconds(50));
  ASSERT_TRUE(must(display->refresh(scan(1))));
  run_for(seconds(50));
  EXPECT_TRUE(display->shown());
}

TEST_F(CounterDisplay, GoesDarkWhenTheElementCannotStoreWhatItGivesOut) {
  bind_and_certify();
  ASSERT_TRUE(must(display->update()));
  env.advance(kStep);
  env.fill_disk();
  EXPECT_EQ(verdict_of(display->update()), Verdict::file_failed);
  EXPECT_FALSE(display->shown());
}

TEST_F(CounterDisplay, WhatNoCodeCanSayIsRefusedBeforeTheElementGivesAnythingOut) {
  Merchant merchant = kohvik();
  merchant.name = std::string(26, 'x');
  EXPECT_EQ(verdict_of(Display::make(*applet, merchant, {}, env)), Verdict::bad_value);
  merchant = kohvik();
  merchant.country = "Estonia";
  EXPECT_EQ(verdict_of(Display::make(*applet, merchant, {}, env)), Verdict::bad_value);
  EXPECT_EQ(verdict_of(Display::make(*applet, kohvik(), {.amount = "12,50"}, env)),
            Verdict::bad_value);
  EXPECT_TRUE(Display::make(*applet, kohvik(),
                            {.amount = "9999999999.99", .reference = std::string(25, 'r')}, env));
}

}  // namespace
}  // namespace intaglio::service
