// What the counter display's element does and refuses. The acceptance lines are those of the
// payment code capability, as far as they are the element's; the server's part is tested with the
// server.
#include "element/payment_code_applet.h"

#include <set>

#include <gtest/gtest.h>

#include "base/result_for_test.h"
#include "codec/emv_text.h"
#include "crypto/sha256.h"
#include "element/elements_for_test.h"
#include "element/fake_env.h"
#include "element/secure_element.h"
#include "pki/enrolment.h"
#include "pki/test_authority.h"
#include "proof/payment_code.h"
#include "proof/statement.h"

namespace intaglio::element {
namespace {

constexpr std::string_view kGuid = "org.intaglio";
constexpr Duration kStep = seconds(15);

Secret copy_of(const Secret& secret) { return Secret(to_bytes(secret.reveal())); }

Address account(std::uint8_t number) {
  return {ChainId(1), *AccountId::from(Bytes(AccountId::kSize, number))};
}

// A display on a counter, its server and its authority.
class DisplayElement : public testing::Test {
 public:
  static constexpr std::string_view kPassphrase = "passphrase";

  DisplayElement() { applet = must(create("soft:display.key")); }

  static Secret passphrase() { return Secret(to_bytes(as_bytes(kPassphrase))); }

  Result<std::unique_ptr<PaymentCodeApplet>> create(const std::string& uri) {
    return PaymentCodeApplet::create({uri}, passphrase(), {authority.root, server.key, ledger},
                                     env);
  }

  // Switched off and on again.
  void restart() {
    applet.reset();
    applet = must(PaymentCodeApplet::open({"soft:display.key"}, passphrase(), env));
  }

  KeyHash display() const { return applet->public_key().hash(); }
  TimeStep step_now() { return proof::time_step(env.now(), kStep); }

  Secret security_key(const Address& payee, std::uint32_t epoch) const {
    return proof::derive_security_key(server_secret, {payee, display(), epoch});
  }

  proof::DisplayBinding binding(const Address& payee, std::uint32_t epoch) const {
    return {display(), payee,
            epoch,     proof::security_key_check(security_key(payee, epoch)),
            kStep,     std::string(kGuid)};
  }

  Result<void> bind(const Address& payee, std::uint32_t epoch) {
    const Bytes statement = must(proof::sign_statement(binding(payee, epoch), ledger, server));
    return applet->bind(statement, security_key(payee, epoch));
  }

  pki::Certificate certificate_for(const crypto::PublicKey& key,
                                   pki::CertificateUsage usage) const {
    return authority.issue(pki::content_for({key, {}}, "Counter 1", usage));
  }

  Result<void> install(const pki::Certificate& certificate) {
    const Bytes intermediates[] = {authority.issuing.der()};
    return applet->install_certificate(certificate.der(), intermediates);
  }

  Result<void> certify() {
    return install(certificate_for(applet->public_key(), pki::CertificateUsage::display));
  }

  // The notification of a scan, as the server of this binding sends it.
  Result<void> scan(const Address& payee, std::uint32_t epoch, std::uint64_t counter) {
    return applet->notify(proof::make_notification(security_key(payee, epoch), counter));
  }

  // What the display's processor makes of released data.
  proof::PaymentCode code_of(const proof::SecurityData& data) const {
    proof::PaymentCode code;
    code.account = codec::to_text(data.account);
    code.currency = AssetId(978);
    code.category = "5814";
    code.country = "EE";
    code.merchant = "KOHVIK TUULIK";
    code.city = "TALLINN";
    code.key = proof::KeyId::prefix_of(display());
    code.step = data.step;
    code.counter = data.counter;
    code.security = data.value;
    return code;
  }
  std::string information(const proof::PaymentCode& code) const {
    return must(proof::code_information(code, kGuid));
  }
  Result<crypto::Signature> sign(const std::string& text) {
    return applet->sign_code(as_bytes(text));
  }
  Result<crypto::Signature> sign(const proof::SecurityData& data) {
    return sign(information(code_of(data)));
  }

  FakeEnv env{pki::kNow + seconds(3600)};
  pki::TestAuthority authority;
  crypto::Signer server = pki::make_signer();
  LedgerId ledger = *LedgerId::from(Bytes(32, 0x44));
  Secret server_secret{Bytes(32, 0x11)};
  std::unique_ptr<PaymentCodeApplet> applet;
};

TEST_F(DisplayElement, ACodeThatItSignedVerifiesUnderItsKey) {
  ASSERT_TRUE(bind(account(1), 1) && certify());
  const auto data = must(applet->release(step_now()));
  const std::string text = information(code_of(data));
  const std::string code = must(proof::assemble_code(text, must(sign(text)), kGuid));
  const auto parsed = must(proof::parse_payment_code(code, kGuid));
  const auto verified =
      must(proof::verify_payment_code(parsed, crypto::Verifier(applet->public_key())));
  EXPECT_EQ(*verified, code_of(data));
  EXPECT_EQ(data.value,
            proof::security_value(security_key(account(1), 1), data.step, data.counter));
}

TEST_F(DisplayElement, Acceptance9Line2BeforeTheCertificateNoCodeIsSigned) {
  ASSERT_TRUE(bind(account(1), 1).has_value());
  const auto data = must(applet->release(step_now()));
  EXPECT_EQ(verdict_of(sign(data)), Verdict::element_not_certified);

  // Nor by a certificate that is another key's, is for something else or leads nowhere.
  const auto display_usage = pki::CertificateUsage::display;
  EXPECT_EQ(verdict_of(install(certificate_for(pki::make_signer().key, display_usage))),
            Verdict::element_not_certified);
  EXPECT_EQ(
      verdict_of(install(certificate_for(applet->public_key(), pki::CertificateUsage::holder))),
      Verdict::not_capable);
  const pki::TestAuthority stranger;
  const auto foreign =
      stranger.issue(pki::content_for({applet->public_key(), {}}, "Counter 1", display_usage));
  const Bytes chain[] = {stranger.issuing.der(), stranger.root.der()};
  EXPECT_EQ(verdict_of(applet->install_certificate(foreign.der(), chain)), Verdict::path_invalid);
  EXPECT_EQ(verdict_of(applet->install_certificate(as_bytes("no certificate"), {})),
            Verdict::bad_encoding);
  EXPECT_EQ(verdict_of(sign(data)), Verdict::element_not_certified);

  ASSERT_TRUE(certify().has_value());
  EXPECT_EQ(verdict_of(sign(data)), Verdict::accepted);
}

TEST_F(DisplayElement, Acceptance9Line3AScanMakesTheNextCodeDifferWithinTheStep) {
  ASSERT_TRUE(bind(account(1), 1) && certify());
  const auto first = must(applet->release(step_now()));
  ASSERT_TRUE(sign(first).has_value());
  ASSERT_TRUE(scan(account(1), 1, 1).has_value());
  const auto second = must(applet->release(step_now()));
  EXPECT_EQ(second.step, first.step);
  EXPECT_EQ(second.counter, first.counter + 1);
  EXPECT_NE(second.value, first.value);
  EXPECT_EQ(verdict_of(sign(first)), Verdict::security_data_mismatch);
  EXPECT_EQ(verdict_of(sign(second)), Verdict::accepted);
}

TEST_F(DisplayElement, Acceptance9Line4WithNoScanTheCodeChangesAtTheInterval) {
  ASSERT_TRUE(bind(account(1), 1) && certify());
  std::set<std::string> codes;
  for (int i = 0; i < 20; ++i) {
    const auto data = must(applet->release(step_now()));
    codes.insert(information(code_of(data)));
    ASSERT_TRUE(sign(data).has_value());
    EXPECT_EQ(verdict_of(applet->release(step_now())), Verdict::security_data_held);
    env.advance(kStep);
  }
  EXPECT_EQ(codes.size(), 20u);
}

TEST_F(DisplayElement, Acceptance9Line7SecurityDataIsReleasedOnNotificationOrIntervalAlone) {
  EXPECT_EQ(verdict_of(applet->release(step_now())), Verdict::element_unbound);
  ASSERT_TRUE(bind(account(1), 1).has_value());
  const TimeStep step = step_now();
  ASSERT_TRUE(applet->release(step).has_value());
  const auto held = [&](TimeStep at) {
    return verdict_of(applet->release(at)) == Verdict::security_data_held;
  };
  EXPECT_TRUE(held(step));
  EXPECT_TRUE(held(step.next())) << "a step that has not begun";
  EXPECT_TRUE(held(TimeStep(step.value() - 1)));
  restart();
  EXPECT_TRUE(held(step)) << "switching off and on is no notification";

  // One notification, one release; and only the server's own, each once.
  ASSERT_TRUE(scan(account(1), 1, 10).has_value());
  EXPECT_EQ(verdict_of(scan(account(1), 1, 10)), Verdict::notification_forged);
  EXPECT_EQ(verdict_of(scan(account(1), 1, 9)), Verdict::notification_forged);
  EXPECT_TRUE(held(TimeStep(step.value() - 1)));
  EXPECT_TRUE(applet->release(step).has_value());
  EXPECT_TRUE(held(step));
  EXPECT_EQ(verdict_of(applet->notify({11, {}})), Verdict::notification_forged);
  auto altered = proof::make_notification(security_key(account(1), 1), 11);
  altered.counter = 12;
  EXPECT_EQ(verdict_of(applet->notify(altered)), Verdict::notification_forged);
  EXPECT_TRUE(held(step));
  env.advance(kStep);
  EXPECT_TRUE(applet->release(step.next()).has_value());
}

TEST_F(DisplayElement, Acceptance9Line7SecurityDataChangesWithTheBoundAccount) {
  ASSERT_TRUE(bind(account(1), 1).has_value());
  const auto before = must(applet->release(step_now()));
  ASSERT_TRUE(bind(account(2), 2).has_value());
  const auto after = must(applet->release(step_now()));
  EXPECT_EQ(before.account, account(1));
  EXPECT_EQ(after.account, account(2));
  // The same step and counter would have another value too.
  EXPECT_NE(proof::security_value(security_key(account(1), 1), after.step, after.counter),
            after.value);
}

TEST_F(DisplayElement, Acceptance9Line8RefusesAForeignAccount) {
  ASSERT_TRUE(bind(account(1), 1) && certify());
  const auto data = must(applet->release(step_now()));
  const auto verdict_with = [&](auto change) {
    proof::PaymentCode code = code_of(data);
    change(code);
    return verdict_of(sign(information(code)));
  };
  EXPECT_EQ(verdict_with([](auto& code) { code.account = codec::to_text(account(2)); }),
            Verdict::element_foreign_account);
  EXPECT_EQ(verdict_with([](auto& code) {
              code.account = codec::to_text({ChainId(2), account(1).account});
            }),
            Verdict::element_foreign_account);
  EXPECT_EQ(verdict_with([](auto& code) { code.account += "x"; }),
            Verdict::element_foreign_account);

  // Nor beside the bound one: another merchant account, of ours or of any scheme.
  const std::string good = information(code_of(data));
  const std::string version = "000201";
  ASSERT_TRUE(good.starts_with(version));
  for (const std::string other : {"27080012org.", "02164000123456789012", "51040201"}) {
    const std::string text = version + other + good.substr(version.size());
    EXPECT_EQ(verdict_of(sign(text)), Verdict::element_foreign_account) << other;
  }
  codec::EmvWriter ours;
  ours.put(0, kGuid).put(1, codec::to_text(account(2)));
  codec::EmvWriter second;
  second.put(0, "01").put(27, ours);
  EXPECT_EQ(verdict_of(sign(std::string(second.view()) + good.substr(version.size()))),
            Verdict::element_foreign_account);
  EXPECT_EQ(verdict_of(sign(good)), Verdict::accepted) << "a refusal uses nothing up";
}

TEST_F(DisplayElement, Acceptance9Line9RebindingVoidsWhatTheOldBindingReleased) {
  ASSERT_TRUE(bind(account(1), 1) && certify());
  const auto old = must(applet->release(step_now()));
  ASSERT_TRUE(scan(account(1), 1, 1).has_value());
  ASSERT_TRUE(bind(account(2), 2).has_value());
  EXPECT_EQ(verdict_of(sign(old)), Verdict::security_data_mismatch);
  EXPECT_EQ(verdict_of(scan(account(1), 1, 2)), Verdict::notification_forged);

  const auto data = must(applet->release(step_now()));
  EXPECT_GT(data.counter, old.counter);
  EXPECT_EQ(verdict_of(applet->release(step_now())), Verdict::security_data_held)
      << "the old binding's scan is void";
  EXPECT_EQ(verdict_of(sign(old)), Verdict::element_foreign_account);
  EXPECT_EQ(verdict_of(sign(data)), Verdict::accepted);
  EXPECT_TRUE(scan(account(2), 2, 2).has_value());
}

TEST_F(DisplayElement, Acceptance9Line9OnlyTheServerRebindsAndNeverBack) {
  ASSERT_TRUE(bind(account(1), 5).has_value());
  const auto key = security_key(account(2), 6);
  const auto statement_by = [&](const crypto::Signer& signer, const LedgerId& on,
                                const proof::DisplayBinding& body) {
    return must(proof::sign_statement(body, on, signer));
  };
  const auto good = binding(account(2), 6);
  EXPECT_EQ(verdict_of(applet->bind(statement_by(pki::make_signer(), ledger, good), copy_of(key))),
            Verdict::bad_signature);
  EXPECT_EQ(verdict_of(applet->bind(statement_by(server, LedgerId(), good), copy_of(key))),
            Verdict::bad_signature);
  EXPECT_EQ(verdict_of(applet->bind(statement_by(server, ledger, good), Secret(Bytes(32, 9)))),
            Verdict::bad_value);
  EXPECT_EQ(verdict_of(applet->bind(statement_by(server, ledger, good), Secret())),
            Verdict::bad_value);
  auto other = good;
  other.display = pki::make_signer().key.hash();
  EXPECT_EQ(verdict_of(applet->bind(statement_by(server, ledger, other), copy_of(key))),
            Verdict::unknown_display);
  EXPECT_EQ(verdict_of(bind(account(2), 5)), Verdict::bad_value);
  EXPECT_EQ(verdict_of(bind(account(2), 4)), Verdict::bad_value);
  EXPECT_EQ(must(applet->status()).binding->account, account(1));

  // The same binding again, as after a lost answer, is no rebinding.
  const auto data = must(applet->release(step_now()));
  EXPECT_EQ(verdict_of(bind(account(1), 5)), Verdict::accepted);
  ASSERT_TRUE(certify().has_value());
  EXPECT_EQ(verdict_of(sign(data)), Verdict::accepted);
  EXPECT_EQ(verdict_of(bind(account(2), 6)), Verdict::accepted);
  EXPECT_EQ(must(applet->status()).binding->account, account(2));
}

// The bound: one time step, here 15 s. A code that was scanned and whose notification was lost is
// replaced when the next step begins, however the scan lies in the step.
TEST_F(DisplayElement, Acceptance9Line11WithoutNotificationsACodeIsShownForOneStepAtMost) {
  ASSERT_TRUE(bind(account(1), 1) && certify());
  const Duration tick = Duration(500);
  Millis shown_since = env.now();
  auto shown = must(applet->release(step_now()));
  Duration longest;
  for (int i = 0; i < 240; ++i) {
    env.advance(tick);
    const auto next = applet->release(step_now());
    if (next) {
      EXPECT_NE(*next, shown);
      longest = std::max(longest, elapsed(shown_since, env.now()));
      shown_since = env.now();
      shown = *next;
    }
  }
  EXPECT_EQ(longest, kStep);
  EXPECT_LE(elapsed(shown_since, env.now()), kStep);
}

TEST_F(DisplayElement, SignsEachReleaseOnce) {
  ASSERT_TRUE(bind(account(1), 1) && certify());
  const auto data = must(applet->release(step_now()));
  ASSERT_TRUE(sign(data).has_value());
  EXPECT_EQ(verdict_of(sign(data)), Verdict::security_data_mismatch);
  restart();
  EXPECT_EQ(verdict_of(sign(data)), Verdict::security_data_mismatch);
}

TEST_F(DisplayElement, SignsOnlyTheDataItReleasedLast) {
  ASSERT_TRUE(bind(account(1), 1) && certify());
  EXPECT_EQ(verdict_of(sign(proof::SecurityData{account(1), step_now(), 1, {}})),
            Verdict::security_data_mismatch);
  const auto data = must(applet->release(step_now()));
  const auto refused = [&](auto change) {
    proof::PaymentCode code = code_of(data);
    change(code);
    return verdict_of(sign(information(code))) == Verdict::security_data_mismatch;
  };
  EXPECT_TRUE(refused([](auto& code) { code.step = code.step.next(); }));
  EXPECT_TRUE(refused([](auto& code) { ++code.counter; }));
  EXPECT_TRUE(refused([](auto& code) { code.security->writable()[0] ^= 1; }));
  EXPECT_TRUE(refused([](auto& code) { code.security.reset(); }));
  EXPECT_TRUE(refused([](auto& code) { code.key.writable()[0] ^= 1; }));
  EXPECT_EQ(verdict_of(sign(data)), Verdict::accepted);
}

TEST_F(DisplayElement, SignsNothingThatIsNotCodeInformation) {
  ASSERT_TRUE(bind(account(1), 1) && certify());
  const auto data = must(applet->release(step_now()));
  const std::string good = information(code_of(data));
  EXPECT_EQ(verdict_of(sign("")), Verdict::missing_field);
  EXPECT_EQ(verdict_of(sign("pay 100 to bob")), Verdict::bad_encoding);
  EXPECT_EQ(verdict_of(sign(good.substr(0, good.size() - 1))), Verdict::truncated);
  EXPECT_EQ(verdict_of(sign(good.substr(6))), Verdict::missing_field) << "no 00";
  EXPECT_EQ(verdict_of(sign("000202" + good.substr(6))), Verdict::bad_version);
  EXPECT_EQ(verdict_of(sign(good + "63041234")), Verdict::unknown_field);
  EXPECT_EQ(verdict_of(sign(good + "8104abcd")), Verdict::unknown_field);
  EXPECT_EQ(verdict_of(sign(good + "8204abcd")), Verdict::unknown_field);
  EXPECT_EQ(verdict_of(sign(std::string(4000, '1'))), Verdict::too_large);
  codec::EmvWriter again;
  again.put(0, kGuid).put(1, "1");
  codec::EmvWriter outer;
  outer.put(83, again);
  EXPECT_EQ(verdict_of(sign(good + std::string(outer.view()))), Verdict::duplicate_field);
  const Bytes statement = must(proof::sign_statement(binding(account(1), 1), ledger, server));
  EXPECT_FALSE(applet->sign_code(statement).has_value());
  EXPECT_EQ(verdict_of(sign(good)), Verdict::accepted);
}

TEST_F(DisplayElement, EnrolsForADisplaysCertificateAndNoOther) {
  pki::ApplicationInformation information;
  information.id = *pki::ApplicationId::from(Bytes(16, 7));
  information.issued_at = env.now();
  information.expires_at = env.now() + seconds(600);
  information.login = "shop";
  information.usage = pki::CertificateUsage::display;
  information.ledger = ledger;
  for (const auto profile : {pki::EnrolmentProfile::compact, pki::EnrolmentProfile::framed}) {
    information.profile = profile;
    const Bytes bytes = must(applet->enrol(codec::encode_record(information)));
    const auto answer = must(pki::decode_answer(bytes, profile));
    EXPECT_EQ(answer.public_key, applet->public_key());
    EXPECT_TRUE(pki::verify_application(answer, information, env.now()).has_value());
  }

  auto other = information;
  other.usage = pki::CertificateUsage::holder;
  EXPECT_EQ(verdict_of(applet->enrol(codec::encode_record(other))), Verdict::not_capable);
  other = information;
  other.ledger = LedgerId();
  EXPECT_EQ(verdict_of(applet->enrol(codec::encode_record(other))), Verdict::wrong_ledger);
  other = information;
  other.signature_algorithm = "none";
  EXPECT_EQ(verdict_of(applet->enrol(codec::encode_record(other))), Verdict::bad_algorithm);
  other = information;
  other.simulated_element = false;
  EXPECT_EQ(verdict_of(applet->enrol(codec::encode_record(other))), Verdict::element_simulated);
  EXPECT_FALSE(applet->enrol(as_bytes("sign this")).has_value());
}

TEST_F(DisplayElement, CountersSurviveARestart) {
  ASSERT_TRUE(bind(account(1), 1) && certify());
  ASSERT_TRUE(scan(account(1), 1, 100).has_value());
  const auto before = must(applet->release(step_now()));
  restart();
  EXPECT_EQ(verdict_of(sign(before)), Verdict::accepted);
  EXPECT_EQ(verdict_of(scan(account(1), 1, 100)), Verdict::notification_forged);
  ASSERT_TRUE(scan(account(1), 1, 101).has_value());
  restart();
  EXPECT_EQ(must(applet->release(step_now())).counter, before.counter + 1);
  EXPECT_EQ(must(applet->status()).notifications, 101u);
}

TEST_F(DisplayElement, GivesNothingOutThatItCouldNotWriteDown) {
  ASSERT_TRUE(bind(account(1), 1) && certify());
  const auto data = must(applet->release(step_now()));
  const Bytes state = env.files().at("display.key.applet").content;
  env.fill_disk();
  EXPECT_EQ(verdict_of(sign(data)), Verdict::file_failed);
  env.advance(kStep);
  EXPECT_EQ(verdict_of(applet->release(step_now())), Verdict::file_failed);
  EXPECT_EQ(verdict_of(scan(account(1), 1, 1)), Verdict::file_failed);
  EXPECT_EQ(env.files().at("display.key.applet").content, state);
}

TEST_F(DisplayElement, KeepsItsFilesToItself) {
  ASSERT_TRUE(bind(account(1), 1).has_value());
  EXPECT_EQ(env.files().at("display.key").mode, 0600u);
  EXPECT_EQ(env.files().at("display.key.applet").mode, 0600u);
  EXPECT_EQ(env.files().size(), 2u);
  const auto wrong =
      PaymentCodeApplet::open({"soft:display.key"}, Secret(to_bytes(as_bytes("wrong"))), env);
  EXPECT_EQ(verdict_of(wrong), Verdict::element_locked);
  EXPECT_EQ(verdict_of(PaymentCodeApplet::open({"soft:none"}, passphrase(), env)),
            Verdict::unknown_element);
  EXPECT_EQ(verdict_of(create("soft:display.key")), Verdict::element_taken);

  // Another applet's memory is nothing to this one, and an altered one neither.
  ASSERT_TRUE(create("soft:other.key").has_value());
  const Bytes own = env.files().at("display.key.applet").content;
  env.files().at("display.key.applet").content = env.files().at("other.key.applet").content;
  EXPECT_EQ(verdict_of(applet->status()), Verdict::bad_encoding);
  env.files().at("display.key.applet").content = own;
  env.files().at("display.key.applet").content.back() ^= 1;
  EXPECT_EQ(verdict_of(applet->release(step_now())), Verdict::bad_encoding);
}

TEST_F(DisplayElement, ItsKeyCannotBeOpenedToSignAnything) {
  EXPECT_EQ(verdict_of(open_key("soft:display.key", passphrase(), env)), Verdict::unknown_element);
}

// The same applet, whose key is in a token or a TPM.
class ElementOfADisplay : public DisplayElement {
 public:
  std::unique_ptr<PaymentCodeApplet> make(const AppletPlace& place, const Secret& secret) {
    return must(
        PaymentCodeApplet::create(place, secret, {authority.root, server.key, ledger}, env));
  }
  void expect_a_code_from(std::unique_ptr<PaymentCodeApplet> other) {
    applet = std::move(other);
    EXPECT_FALSE(applet->simulated());
    ASSERT_TRUE(bind(account(1), 1) && certify());
    const auto data = must(applet->release(TimeStep(1)));
    const std::string text = information(code_of(data));
    const std::string code = must(proof::assemble_code(text, must(sign(text)), kGuid));
    const auto parsed = must(proof::parse_payment_code(code, kGuid));
    EXPECT_TRUE(proof::verify_payment_code(parsed, crypto::Verifier(applet->public_key())));
  }
};

TEST_F(ElementOfADisplay, IsATokenWhoseKeySignsNothingElse) {
  const TokenForTest token;
  const Secret pin = TokenForTest::pin();
  const AppletPlace place{token.uri("till.applet"), "displays"};
  expect_a_code_from(make(place, pin));
  const std::string memory = "displays/" + codec::to_hex(display().view().first(8)) + ".applet";
  EXPECT_TRUE(env.files().contains(memory));
  applet = must(PaymentCodeApplet::open(place, pin, env));
  EXPECT_EQ(must(applet->status()).binding->account, account(1));
  applet.reset();

  EXPECT_EQ(verdict_of(open_key(place.uri, pin, env)), Verdict::unknown_element);
  EXPECT_EQ(verdict_of(create_key(token.uri("b.applet"), pin, env)), Verdict::unknown_element);
  EXPECT_EQ(verdict_of(PaymentCodeApplet::create({token.uri("b"), "displays"}, pin,
                                                 {authority.root, server.key, ledger}, env)),
            Verdict::unknown_element);
}

TEST_F(ElementOfADisplay, IsATpmWhoseKeySignsNothingElse) {
  const TpmForTest tpm;
  const Secret secret = TpmForTest::passphrase();
  const AppletPlace place{tpm.uri("till")};
  expect_a_code_from(make(place, secret));
  EXPECT_TRUE(env.files().contains(tpm.folder() + "/till.applet"));
  applet = must(PaymentCodeApplet::open(place, secret, env));
  EXPECT_EQ(verdict_of(open_key(place.uri, secret, env)), Verdict::unknown_element);
  EXPECT_EQ(verdict_of(
                PaymentCodeApplet::open({"tpm:handle=0x81000001?tcti=" + tpm.tcti()}, secret, env)),
            Verdict::unknown_element);
}

}  // namespace
}  // namespace intaglio::element
