#include "proof/payment_code.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/format.h"
#include "codec/base64url.h"
#include "codec/emv_text.h"
#include "proof/signing_for_test.h"

namespace intaglio::proof {
namespace {

constexpr std::string_view kOurGuid = "org.intaglio";

PaymentCode golden_code() {
  PaymentCode code;
  code.account = codec::to_text(
      {ChainId(1), *AccountId::from(hex("a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3"))});
  code.currency = AssetId(978);
  code.amount = "12.50";
  code.category = "5814";
  code.country = "EE";
  code.merchant = "KOHVIK TUULIK";
  code.city = "TALLINN";
  code.reference = "INV2026112300420";
  code.terminal = "POS00017";
  code.key = KeyId::prefix_of(golden_key().hash());
  code.step = TimeStep(119589540);
  code.counter = 137;
  code.security = *SecurityValue::from(hex("0102030405060708"));
  return code;
}

constexpr std::string_view kGoldenInformation =
    "00020101021226660012org."
    "intaglio0146itg1qqq6pgdz5wj2tf484z5642av4kh2lv93k2esqsvl5s52045814530397"
    "8540512.505802EE5913KOHVIK "
    "TUULIK6007TALLINN62320516INV20261123004200708POS0001780780012org.inta"
    "glio010110211gjFq1sZZi3U0309119589540041000000001370811AQIDBAUGBwg";
constexpr std::string_view kGoldenSignature =
    "51e2a962a2a4fb32fc1a51bf26e5bfa45821f1c7ea0267651aefa66251197a20"
    "5cee7ddefedf80a63a8de3058a50a80dc3df7ef5bc685d5324688962fac7c78a";
const std::string kGoldenText =
    std::string(kGoldenInformation) +
    "81630012org.intaglio0143UeKpYqKk-zL8GlG_JuW_pFgh8cfqAmdlGu-mYlEZeiB"
    "82630012org.intaglio0143c7n3e_t-ApjqN4wWKUKgNw99-9bxoXVMkaIli-sfHig6304DF7C";

// The worked example of the profile, made elsewhere: another GUID, an account that is no address,
// another name of the key, no security value, and a signature in the form that ours does not write.
constexpr std::string_view kForeignGuid = "example.test";
constexpr std::string_view kForeignText =
    "00020101021226340012example.test0114ACC4F2K9Q7D3M1520458145303978540512.505802EE5913KOHVIK "
    "TUULI"
    "K6007TALLINN62310515INV2026112300420708POS0001780630012example."
    "test010110211oQ0cMIvQa0I030911958"
    "95400410000000013781630012example.test0143bGmK6SXK-"
    "fJUkqKIeUyhn3pdx9LyUlmCZXwxDsGoNkz82630012exa"
    "mple.test0143lpYa-ajMuyqGpdhaK9BRKUfZVj5UGeyprNlBkUgqirw6304E7BE";

crypto::PublicKey foreign_key() {
  Bytes point{4};
  append(point, must(codec::from_base64url("fspDz4491LVxYnmEdSe-VeAf3B-81nqdPQp_Lz9fcUg")));
  append(point, must(codec::from_base64url("svGt72RiofSX6DqSVyEZ2G8jXatbZGVzll7vA9PYxz8")));
  return must(crypto::PublicKey::parse(point));
}

// `text` with one change and the CRC made right again: what somebody would do who wants the change
// to pass.
std::string changed(std::string_view text, std::string_view what, std::string_view with) {
  std::string out(text);
  const auto at = out.find(what);
  if (at == std::string::npos) {
    ADD_FAILURE() << what;
    return out;
  }
  out.replace(at, what.size(), with);
  out.resize(out.size() - 4);
  return out + format("{:04X}", codec::emv_crc(out));
}

Result<Verified<PaymentCode>> check(std::string_view text, std::string_view guid,
                                    const crypto::PublicKey& key) {
  ASSIGN(const auto parsed, parse_payment_code(text, guid));
  return verify_payment_code(parsed, crypto::Verifier(key));
}

// What the golden text is refused with after a change.
Refusal refusal_with(std::string_view what, std::string_view with) {
  const auto checked = check(changed(kGoldenText, what, with), kOurGuid, golden_key());
  return checked ? Refusal{Verdict::accepted, ""} : checked.error();
}

// docs/reference/formats.md works this example; another implementation (Python) signed it.
TEST(PaymentCode, TextIsFrozen) {
  const auto information = must(code_information(golden_code(), kOurGuid));
  EXPECT_EQ(information, kGoldenInformation);
  const auto signature = *crypto::Signature::from(hex(kGoldenSignature));
  EXPECT_EQ(must(assemble_code(information, signature, kOurGuid)), kGoldenText);
  EXPECT_EQ(as_text(code_to_be_signed("00")), std::string_view("PAY-MPM1\0"
                                                               "00",
                                                               11));

  const auto verified = must(check(kGoldenText, kOurGuid, golden_key()));
  EXPECT_EQ(*verified, golden_code());
  EXPECT_EQ(must(verified->payee()).chain, ChainId(1));
  EXPECT_EQ(must(verified->minor_units(2)), Amount(1250));
}

// Whether the key signed the text. Its template names the key by the hash of its
// SubjectPublicKeyInfo, which is another than ours, so our own check goes no further than the name.
bool foreign_signature_is_good(const UnverifiedPaymentCode& code) {
  EXPECT_EQ(verdict_of(verify_payment_code(code, crypto::Verifier(foreign_key()))),
            Verdict::code_bad_signature);
  return crypto::Verifier(foreign_key()).verify(code.digest(), code.signature());
}

TEST(PaymentCode, TheProfilesWorkedExampleVerifies) {
  const auto parsed = must(parse_payment_code(kForeignText, kForeignGuid));
  EXPECT_TRUE(foreign_signature_is_good(parsed));
  const PaymentCode& code = parsed.code();
  EXPECT_EQ(code.account, "ACC4F2K9Q7D3M1");
  EXPECT_EQ(verdict_of(code.payee()), Verdict::code_not_ours);
  EXPECT_EQ(must(code.minor_units(2)), Amount(1250));
  EXPECT_EQ(code.step, TimeStep(119589540));
  EXPECT_EQ(code.counter, 137u);
  EXPECT_EQ(code.reference, "INV202611230042");
  EXPECT_EQ(code.security, std::nullopt);
}

TEST(PaymentCode, TheWorkedExampleWithAnotherAmountIsRefused) {
  const auto altered = changed(kForeignText, "540512.50", "540592.50");
  EXPECT_FALSE(foreign_signature_is_good(must(parse_payment_code(altered, kForeignGuid))));
  // Without a new CRC it does not even read.
  std::string careless(kForeignText);
  careless.replace(careless.find("12.50"), 5, "92.50");
  EXPECT_EQ(verdict_of(parse_payment_code(careless, kForeignGuid)), Verdict::bad_checksum);
}

TEST(PaymentCode, Acceptance9Line6AnAlteredAccountIsRefused) {
  PaymentCode other = golden_code();
  other.account = codec::to_text({ChainId(1), {}});
  EXPECT_EQ(refusal_with(golden_code().account, other.account).verdict,
            Verdict::code_bad_signature);
}

TEST(PaymentCode, Acceptance9Line6ACodeOfAnotherKeyIsRefused) {
  const auto thief = crypto::SigningKey::generate();
  const auto information = must(code_information(golden_code(), kOurGuid));
  const auto forged = must(assemble_code(
      information, thief.sign(crypto::sha256(code_to_be_signed(information))), kOurGuid));
  // It names the display's key and was signed by another; and the display's own with another's
  // name.
  EXPECT_EQ(verdict_of(check(forged, kOurGuid, golden_key())), Verdict::code_bad_signature);
  EXPECT_EQ(verdict_of(check(forged, kOurGuid, thief.public_key())), Verdict::code_bad_signature);
  EXPECT_EQ(verdict_of(check(kGoldenText, kOurGuid, thief.public_key())),
            Verdict::code_bad_signature);
}

TEST(PaymentCode, EveryBitOfItCounts) {
  for_each_flipped_bit(kGoldenText, [](const std::string& bad, std::size_t at) {
    // The digits of the CRC are read in upper and lower case; they are no part of what is signed.
    const bool crc_case = at >= kGoldenText.size() - 4 && bad[at] >= 'a' && bad[at] <= 'f';
    EXPECT_EQ(check(bad, kOurGuid, golden_key()).has_value(), crc_case) << "byte " << at;
  });
}

// Whoever alters a code makes its CRC right again. The numbers of the signature's templates alone
// may be others, and then it is still the same code.
TEST(PaymentCode, NoBitFlippedMakesAnotherCodeWhateverItsCrc) {
  const auto unsealed = std::string_view(kGoldenText).substr(0, kGoldenText.size() - 4);
  const std::size_t signature_at = kGoldenText.find("81630012");
  std::size_t taken = 0;
  for_each_flipped_bit(unsealed, [&](const std::string& flipped, std::size_t at) {
    const auto checked =
        check(flipped + format("{:04X}", codec::emv_crc(flipped)), kOurGuid, golden_key());
    if (!checked) return;
    ++taken;
    EXPECT_TRUE(at == signature_at + 1 || at == signature_at || at == signature_at + 67 ||
                at == signature_at + 68)
        << "byte " << at;
    EXPECT_EQ(**checked, golden_code()) << "byte " << at;
  });
  EXPECT_GT(taken, 0u);
}

TEST(PaymentCode, InTheOtherFormOfItsSignatureIsTheSameCode) {
  const auto signature = *crypto::Signature::from(hex(kGoldenSignature));
  const auto other = must(assemble_code(kGoldenInformation, other_form(signature), kOurGuid));
  EXPECT_NE(other, kGoldenText);
  const auto one = must(parse_payment_code(kGoldenText, kOurGuid));
  const auto two = must(parse_payment_code(other, kOurGuid));
  EXPECT_EQ(two.code(), one.code());
  EXPECT_EQ(two.digest(), one.digest());
  EXPECT_EQ(two.signature(), one.signature());
  EXPECT_EQ(verdict_of(verify_payment_code(two, crypto::Verifier(golden_key()))),
            Verdict::accepted);
}

TEST(PaymentCode, NothingMayStandBehindTheSignature) {
  EXPECT_EQ(check(kGoldenText + "640201", kOurGuid, golden_key()).error(),
            (Refusal{Verdict::trailing_bytes, "byte 400"}));
  EXPECT_EQ(refusal_with("6304",
                         "54031.0"
                         "6304")
                .verdict,
            Verdict::duplicate_field);
  EXPECT_EQ(refusal_with("6304", "5502016304"), (Refusal{Verdict::bad_encoding, "behind 81"}));
  EXPECT_EQ(refusal_with("81630012", "65020181630012").verdict, Verdict::code_bad_signature);
  EXPECT_EQ(refusal_with("82630012", "55020182630012"),
            (Refusal{Verdict::bad_encoding, "behind 81"}));
}

TEST(PaymentCode, OurTemplatesStandOnceAndWhole) {
  const std::string header = "0012org.intaglio01011";
  EXPECT_EQ(refusal_with("6304", "8321" + header + "6304"),
            (Refusal{Verdict::duplicate_field, "83"}));
  EXPECT_EQ(refusal_with("5204", "2721" + header + "5204"),
            (Refusal{Verdict::duplicate_field, "27"}));
  const std::string second = kGoldenText.substr(kGoldenText.find("82630012"), 67);
  EXPECT_EQ(refusal_with(second, ""), (Refusal{Verdict::missing_field, "82"}));
  // Found by their GUID alone: by another name there is none.
  EXPECT_EQ(verdict_of(parse_payment_code(kGoldenText, "com.intaglio")), Verdict::code_not_ours);
  EXPECT_EQ(verdict_of(parse_payment_code(kGoldenText, "")), Verdict::code_not_ours);
  EXPECT_EQ(refusal_with("26660012org.intaglio", "26660012com.intaglio"),
            (Refusal{Verdict::code_not_ours, "26 to 51"}));
}

TEST(PaymentCode, NeedsBothHalvesBehindItsHeader) {
  const std::size_t halves = kGoldenText.find("81630012");
  const std::string first = kGoldenText.substr(halves, 67);
  const std::string second = kGoldenText.substr(halves + 67, 67);
  EXPECT_EQ(refusal_with(first, ""), (Refusal{Verdict::missing_field, "82"}));
  EXPECT_EQ(refusal_with(first + second, ""), (Refusal{Verdict::missing_field, "82"}));
  EXPECT_EQ(refusal_with(first + second, first + first), (Refusal{Verdict::duplicate_field, "81"}));
  // In another order the halves make no signature; before the header they sign nothing.
  EXPECT_EQ(refusal_with(first + second, second + first),
            (Refusal{Verdict::bad_encoding, "82.01.character 85"}));
  const std::string header = kGoldenText.substr(halves - 82, 82);
  EXPECT_EQ(refusal_with(header + first + second, first + second + header),
            (Refusal{Verdict::bad_version, "81.01"}));
  EXPECT_EQ(refusal_with(header + first + second, first + header + second),
            (Refusal{Verdict::bad_version, "81.01"}));
}

TEST(PaymentCode, RefusesHalvesOfAnotherLengthOrAlphabet) {
  // One character moved from the second half to the first.
  EXPECT_EQ(refusal_with("81630012org.intaglio0143UeKpYqKk-zL8GlG_JuW_pFgh8cfqAmdlGu-mYlEZeiB"
                         "82630012org.intaglio0143c7",
                         "81640012org.intaglio0144UeKpYqKk-zL8GlG_JuW_pFgh8cfqAmdlGu-mYlEZeiBc"
                         "82620012org.intaglio01427"),
            (Refusal{Verdict::bad_value, "81.01"}));
  // The last character holds two bits of the signature; the others must be zero.
  EXPECT_EQ(refusal_with("sfHig", "sfHih").verdict, Verdict::bad_encoding);
  EXPECT_EQ(refusal_with("sfHig", "sfHi=").verdict, Verdict::bad_encoding);
  EXPECT_EQ(refusal_with("sfHig", "sfHi/").verdict, Verdict::bad_encoding);
}

// A reader that looks less closely might take it for ours.
TEST(PaymentCode, RefusesATemplateThatBeginsAsOursAndCannotBeRead) {
  EXPECT_EQ(refusal_with("6304", "83180012org.intaglio0x6304"),
            (Refusal{Verdict::bad_encoding, "83.byte 16"}));
  EXPECT_EQ(refusal_with("5204", "27200012org.intaglio01995204"),
            (Refusal{Verdict::truncated, "27.byte 16"}));
}

TEST(PaymentCode, RefusesFeesAndTipsWhichWouldChangeTheAmount) {
  for (const std::string fee : {"550202", "56041.00", "57022."}) {
    EXPECT_EQ(refusal_with("5802EE", fee + "5802EE"),
              (Refusal{Verdict::unknown_field, fee.substr(0, 2)}));
  }
}

TEST(PaymentCode, IsNotAssembledFromWhatHoldsASignatureOrCrcAlready) {
  const auto signature = *crypto::Signature::from(hex(kGoldenSignature));
  const auto assembled = [&](const std::string& information) {
    const auto text = assemble_code(information, signature, kOurGuid);
    return text ? Refusal{Verdict::accepted, ""} : text.error();
  };
  const std::string good(kGoldenInformation);
  EXPECT_EQ(assembled(good), (Refusal{Verdict::accepted, ""}));
  EXPECT_EQ(assembled(good + "8101a"), (Refusal{Verdict::duplicate_field, "81"}));
  EXPECT_EQ(assembled(good + "8201a"), (Refusal{Verdict::duplicate_field, "82"}));
  EXPECT_EQ(assembled(good + "6304ABCD"), (Refusal{Verdict::duplicate_field, "63"}));
  EXPECT_EQ(assembled(good.substr(6)), (Refusal{Verdict::bad_version, "00"}));
  const std::string long_object = "99" + std::string(99, 'a');
  EXPECT_EQ(assembled(good + "9"), (Refusal{Verdict::bad_encoding, "byte 258"}));
  EXPECT_EQ(assembled(good + "70" + long_object + "71" + long_object).verdict, Verdict::too_large);
}

// Somebody else's templates may take 80 first, and stand between EMVCo's objects.
TEST(PaymentCode, IsFoundByGuidWhateverItsNumbers) {
  const auto key = crypto::SigningKey::generate();
  PaymentCode code = golden_code();
  code.key = KeyId::prefix_of(key.public_key().hash());
  std::string text = must(code_information(code, kOurGuid));
  text.replace(text.rfind("80780012"), 2, "91");
  text.insert(text.rfind("91780012"),
              "8010"
              "0006br.pix"
              "9904"
              "abcd");
  const auto characters =
      codec::to_base64url(key.sign(crypto::sha256(code_to_be_signed(text))).view());
  text += "93630012org.intaglio0143" + characters.substr(0, 43);
  text += "92630012org.intaglio0143" + characters.substr(43) + "6304";
  text += format("{:04X}", codec::emv_crc(text));
  EXPECT_EQ(*must(check(text, kOurGuid, key.public_key())), code);
}

TEST(PaymentCode, RefusesAnotherFormInsideOurTemplates) {
  EXPECT_EQ(refusal_with("org.intaglio01011", "org.intaglio01012"),
            (Refusal{Verdict::bad_version, "80.01"}));
  EXPECT_EQ(refusal_with("0811AQIDBAUGBwg", "0711AQIDBAUGBwg"),
            (Refusal{Verdict::unknown_field, "80.07"}));
  EXPECT_EQ(refusal_with("0309119589540", "0309019589540"), (Refusal{Verdict::bad_value, "80.03"}));
  EXPECT_EQ(refusal_with("0309119589540", "0309-19589540"), (Refusal{Verdict::bad_value, "80.03"}));
  EXPECT_EQ(refusal_with("04100000000137", "04104294967296"),
            (Refusal{Verdict::bad_value, "80.04"}));
  EXPECT_EQ(refusal_with("0211gjFq1sZZi3U", "0211gjFq1sZZi3V").verdict, Verdict::bad_encoding);
  EXPECT_EQ(refusal_with("0211gjFq1sZZi3U", "0611gjFq1sZZi3U").verdict, Verdict::unknown_field);
  EXPECT_EQ(refusal_with("itg1qqq6p", "it\t1qqq6p").verdict, Verdict::bad_encoding);
  EXPECT_EQ(refusal_with("0143UeKp", "0243UeKp"), (Refusal{Verdict::unknown_field, "81.02"}));
  EXPECT_EQ(refusal_with("UeKpYqKk-zL8GlG_JuW_pFgh8cfqAmdlGu-mYlEZeiB",
                         "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
            (Refusal{Verdict::bad_signature_form, "81.01"}));
}

TEST(PaymentCode, RefusesAnotherFormOfEmvcosObjects) {
  EXPECT_EQ(refusal_with("52045814", "52045a14"), (Refusal{Verdict::bad_value, "52"}));
  EXPECT_EQ(refusal_with("5303978", "5303EUR"), (Refusal{Verdict::bad_value, "53"}));
  EXPECT_EQ(refusal_with("5303978", "530297"), (Refusal{Verdict::bad_value, "53"}));
  EXPECT_EQ(refusal_with("12.50", "12,50"), (Refusal{Verdict::bad_value, "54"}));
  EXPECT_EQ(refusal_with("12.50", ".1250"), (Refusal{Verdict::bad_value, "54"}));
  EXPECT_EQ(refusal_with("12.50", "1.2.5"), (Refusal{Verdict::bad_value, "54"}));
  EXPECT_EQ(refusal_with("5802EE", "5802ee"), (Refusal{Verdict::bad_value, "58"}));
  EXPECT_EQ(refusal_with("6007TALLINN", "6016TALLINN-TALLINN-"),
            (Refusal{Verdict::bad_value, "60"}));
  EXPECT_EQ(refusal_with("6007TALLINN", ""), (Refusal{Verdict::missing_field, "60"}));
  EXPECT_EQ(refusal_with("0708POS00017", "0709POS00017").verdict, Verdict::truncated);
}

TEST(PaymentCode, WritesNothingThatItWouldNotRead) {
  const auto where = [](auto change) {
    PaymentCode code = golden_code();
    change(code);
    const auto information = code_information(code, kOurGuid);
    return information ? std::string() : information.error().where;
  };
  EXPECT_EQ(where([](auto& c) { c.account.clear(); }), "26.01");
  EXPECT_EQ(where([](auto& c) { c.account = std::string(80, 'a'); }), "26");
  EXPECT_EQ(where([](auto& c) { c.category = "581"; }), "52");
  EXPECT_EQ(where([](auto& c) { c.currency = AssetId(1000); }), "53");
  EXPECT_EQ(where([](auto& c) { c.amount = ""; }), "54");
  EXPECT_EQ(where([](auto& c) { c.amount = "12345678901.50"; }), "54");
  EXPECT_EQ(where([](auto& c) { c.country = "EST"; }), "58");
  EXPECT_EQ(where([](auto& c) { c.merchant = std::string(26, 'm'); }), "59");
  EXPECT_EQ(where([](auto& c) { c.merchant = "\xff"; }), "59");
  EXPECT_EQ(where([](auto& c) { c.city.clear(); }), "60");
  EXPECT_EQ(where([](auto& c) { c.reference = std::string(26, 'r'); }), "62");
  EXPECT_EQ(where([](auto& c) { c.terminal = ""; }), "62.07");
  EXPECT_EQ(where([](auto&) {}), "");
  EXPECT_EQ(verdict_of(code_information(golden_code(), std::string(33, 'g'))), Verdict::bad_value);
  EXPECT_EQ(verdict_of(code_information(golden_code(), "")), Verdict::bad_value);
}

TEST(PaymentCode, TheAmountIsReadByTheAssetsScale) {
  PaymentCode code = golden_code();
  EXPECT_EQ(must(code.minor_units(3)), Amount(12500));
  EXPECT_EQ(code.minor_units(1).error(), (Refusal{Verdict::bad_value, "54"}));
  code.amount.reset();
  EXPECT_EQ(must(code.minor_units(2)), std::nullopt);
}

TEST(PaymentCode, Acceptance9Line5APhotographedCodeIsStaleAfterItsWindow) {
  const auto verified = must(check(kGoldenText, kOurGuid, golden_key()));
  const auto judge = [&](Millis now) {
    return verdict_of(judge_freshness(verified->step, now, seconds(15), 1));
  };
  const Millis shown(119589540ULL * 15'000);
  EXPECT_EQ(judge(shown), Verdict::accepted);
  EXPECT_EQ(judge(shown + Duration(29'999)), Verdict::accepted);
  EXPECT_EQ(judge(shown + seconds(30)), Verdict::code_stale);
  EXPECT_EQ(judge(shown + seconds(86'400)), Verdict::code_stale);
}

TEST(PaymentCode, Acceptance9Line5IsFreshInItsStepAndAWindowBesideIt) {
  const Duration step = seconds(15);
  const TimeStep mine(119589540);
  const auto at = [&](std::uint64_t ms) {
    return verdict_of(judge_freshness(mine, Millis(ms), step, 1));
  };
  const std::uint64_t begin = mine.value() * 15'000;
  EXPECT_EQ(time_step(Millis(begin), step), mine);
  EXPECT_EQ(time_step(Millis(begin - 1), step).next(), mine);
  EXPECT_EQ(at(begin - 15'001), Verdict::code_stale);
  EXPECT_EQ(at(begin - 15'000), Verdict::accepted);
  EXPECT_EQ(at(begin + 29'999), Verdict::accepted);
  EXPECT_EQ(at(begin + 30'000), Verdict::code_stale);
  EXPECT_EQ(verdict_of(judge_freshness(TimeStep(UINT64_MAX), Millis(begin), step, 1)),
            Verdict::code_stale);
  const auto at_width = [&](std::uint64_t ms, unsigned window) {
    return verdict_of(judge_freshness(mine, Millis(ms), step, window));
  };
  EXPECT_EQ(at_width(begin, 0), Verdict::accepted);
  EXPECT_EQ(at_width(begin - 1, 0), Verdict::code_stale);
  EXPECT_EQ(at_width(begin + 15'000, 0), Verdict::code_stale);
  EXPECT_EQ(at_width(begin + 4 * 15'000 - 1, 3), Verdict::accepted);
  EXPECT_EQ(at_width(begin + 4 * 15'000, 3), Verdict::code_stale);
  // Near time zero a window reaches before it.
  EXPECT_EQ(verdict_of(judge_freshness(TimeStep(0), Millis(0), step, 1)), Verdict::accepted);
  EXPECT_EQ(verdict_of(judge_freshness(TimeStep(2), Millis(0), step, 1)), Verdict::code_stale);
}

rc::Gen<std::string> text_of(std::size_t max) {
  return rc::gen::withSize([max](int) {
    return rc::gen::mapcat(rc::gen::inRange<std::size_t>(1, max + 1), [](std::size_t length) {
      return rc::gen::map(
          rc::gen::container<std::vector<std::string>>(
              length, rc::gen::element<std::string>("a", "Z", "0", " ", "~", "\xc3\xa4",
                                                    "\xe6\x9d\xb1", "\xf0\x9f\x98\x80")),
          [](const std::vector<std::string>& characters) {
            std::string out;
            for (const auto& c : characters) out += c;
            return out;
          });
    });
  });
}

RC_GTEST_PROP(PaymentCode, WhatIsWrittenIsReadAndVerified, ()) {
  static const auto key = crypto::SigningKey::generate();
  const auto coin = [] { return *rc::gen::arbitrary<bool>(); };
  PaymentCode code;
  code.account = *text_of(75);
  code.currency = AssetId(*rc::gen::inRange(0u, 1000u));
  code.category = format("{:04}", *rc::gen::inRange(0, 10000));
  code.country = "DE";
  code.merchant = *text_of(25);
  code.city = *text_of(15);
  if (coin()) code.amount = format("{}.{:02}", *rc::gen::arbitrary<std::uint32_t>(), 7);
  if (coin()) code.reference = *text_of(25);
  if (coin()) code.terminal = *text_of(25);
  code.key = KeyId::prefix_of(key.public_key().hash());
  code.step = TimeStep(*rc::gen::arbitrary<std::uint64_t>());
  code.counter = *rc::gen::arbitrary<std::uint32_t>();
  if (coin()) code.security = *SecurityValue::from(Bytes(8, *rc::gen::arbitrary<std::uint8_t>()));

  const auto information = must(code_information(code, kOurGuid));
  const auto text = must(assemble_code(
      information, key.sign(crypto::sha256(code_to_be_signed(information))), kOurGuid));
  RC_ASSERT(*must(check(text, kOurGuid, key.public_key())) == code);
  RC_ASSERT(text.starts_with(information));
}

// Whatever else stands in it, and in whatever order.
RC_GTEST_PROP(PaymentCode, WhatIsSignedStandsInTheCodeByteForByte, ()) {
  static const auto signature = *crypto::Signature::from(hex(kGoldenSignature));
  auto ids = *rc::gen::unique<std::vector<unsigned>>(rc::gen::inRange(1u, 100u));
  std::erase_if(ids, [](unsigned id) { return id == 63 || id == 81 || id == 82; });
  if (ids.size() > 8) ids.resize(8);
  codec::EmvWriter information;
  information.put(0, "01");
  for (const unsigned id : ids) information.put(id, *text_of(30));
  const auto text = must(assemble_code(information.view(), signature, kOurGuid));
  RC_ASSERT(text.starts_with(information.view()));
  RC_ASSERT(codec::parse_emv_text(text).has_value());
}

}  // namespace
}  // namespace intaglio::proof
