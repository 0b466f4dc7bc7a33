#include "pki/enrolment.h"

#include <iostream>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/folder_for_test.h"
#include "codec/tlv.h"
#include "pki/enrolment_answer.h"
#include "pki/object_ids.h"
#include "pki/test_authority.h"

namespace intaglio::pki {
namespace {

constexpr std::string_view kGoldenInformation =
    "aa0150000102030405060708090a0b0c0d0e0f0265502d32353603654553323536041b0000019b76daa80005"
    "1b0000019b76e3cfc00669636f756e7465722d310701085820202122232425262728292a2b2c2d2e2f303132"
    "333435363738393a3b3c3d3e3f09010af5";
constexpr std::string_view kGoldenCompact =
    "e18197c14104d903619fd1361d7eee0c2d37b0c1a3f4a1add428fadaab58fcf7ab8d68790ecb0aa20d54975f"
    "5952a6f8ae59eb9b740f646029a7b695c943c13af8d8eb762bc8c210000102030405060708090a0b0c0d0e0f"
    "c340048ac6144db7746df0b55655558d216b6bd6340db2eb24688ac4442b357191643553a5f9374ecbc5e8e4"
    "f4f19001f10f311528ac1e1e3db382442919a5ffd657";
constexpr std::string_view kGoldenRequest =
    "a401584104d903619fd1361d7eee0c2d37b0c1a3f4a1add428fadaab58fcf7ab8d68790ecb0aa20d54975f59"
    "52a6f8ae59eb9b740f646029a7b695c943c13af8d8eb762bc802a20150000102030405060708090a0b0c0d0e"
    "0f025840048ac6144db7746df0b55655558d216b6bd6340db2eb24688ac4442b357191643553a5f9374ecbc5"
    "e8e4f4f19001f10f311528ac1e1e3db382442919a5ffd6570369636f756e7465722d310401";
// Over the same information, but for the framed profile and with simulated_element false.
constexpr std::string_view kGoldenFramed =
    "e2820105c14104d903619fd1361d7eee0c2d37b0c1a3f4a1add428fadaab58fcf7ab8d68790ecb0aa20d5497"
    "5f5952a6f8ae59eb9b740f646029a7b695c943c13af8d8eb762bc8c210000102030405060708090a0b0c0d0e"
    "0fc34082a86fc897e5cd8e95c9c18b0dcb778ae93fbf35a42502d0728bc2d3143447b83484b8366422c232c5"
    "72d7dcd737063ac83846404b6e03d3eb5591c25e307958c06c00000000000000000000000000000000000000"
    "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
    "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
    "00";

Bytes unhex(std::string_view text) { return must(codec::from_hex(text)); }

ApplicationInformation golden_information() {
  ApplicationInformation out;
  for (std::size_t i = 0; i < 16; ++i) out.id.writable()[i] = static_cast<std::uint8_t>(i);
  for (std::size_t i = 0; i < 32; ++i) {
    out.ledger.writable()[i] = static_cast<std::uint8_t>(0x20 + i);
  }
  out.issued_at = kNow;
  out.expires_at = kNow + seconds(600);
  out.login = "counter-1";
  out.usage = CertificateUsage::display;
  return out;
}

ApplicationInformation golden_framed_information() {
  ApplicationInformation out = golden_information();
  out.profile = EnrolmentProfile::framed;
  out.simulated_element = false;
  return out;
}

// Decoded and checked: whatever a hostile client can send ends here.
Verdict judge(ByteView bytes, const ApplicationInformation& information, Millis now = kNow) {
  const auto answer = decode_answer(bytes, information.profile);
  if (!answer) return answer.error().verdict;
  const auto application = verify_application(*answer, information, now);
  return application ? Verdict::accepted : application.error().verdict;
}

Verdict judge_request(const CertificateRequest& request, const ApplicationInformation& own_copy,
                      Millis now = kNow) {
  const auto application = verify_request(request, own_copy, now);
  return application ? Verdict::accepted : application.error().verdict;
}

using Fields = std::vector<std::pair<codec::TlvTag, Bytes>>;

struct Answer {
  explicit Answer(EnrolmentProfile profile = EnrolmentProfile::compact) {
    information.profile = profile;
    answer = must(sign_application(information, signer, true));
    bytes = encode(answer);
    key = to_bytes(answer.public_key.view());
    id = to_bytes(answer.id.view());
    signature = to_bytes(answer.signature.view());
    if (is_framed()) filling.emplace_back(0xc0, Bytes(108));
  }

  bool is_framed() const { return information.profile == EnrolmentProfile::framed; }
  Bytes encode(const EnrolmentAnswer& other) const {
    return is_framed() ? encode_framed(other) : encode_compact(other);
  }
  // An answer of any tags and values, in the order given.
  Bytes of(const Fields& fields) const {
    codec::TlvWriter content;
    for (const auto& [tag, value] : fields) content.put(tag, value);
    return codec::TlvWriter().put(is_framed() ? 0xe2 : 0xe1, content.view()).take();
  }
  // The same, and what comes after the fields in this profile.
  Bytes filled(Fields fields) const {
    fields.insert(fields.end(), filling.begin(), filling.end());
    return of(fields);
  }
  Verdict decoded(ByteView other) const {
    return verdict_of(is_framed() ? decode_framed(other) : decode_compact(other));
  }

  ApplicationInformation information = golden_information();
  crypto::Signer signer = make_signer();
  EnrolmentAnswer answer;
  Bytes bytes;
  Bytes key;
  Bytes id;
  Bytes signature;
  Fields filling;
};

// One list of tests for the two profiles.
class EnrolmentFrame : public testing::TestWithParam<EnrolmentProfile> {
 protected:
  const Answer answer_{GetParam()};
};
class Enrolment : public EnrolmentFrame {};

std::string profile_name(const testing::TestParamInfo<EnrolmentProfile>& profile) {
  return std::string(codec::enum_name(profile.param));
}
constexpr EnrolmentProfile kProfiles[] = {EnrolmentProfile::compact, EnrolmentProfile::framed};
INSTANTIATE_TEST_SUITE_P(Profiles, EnrolmentFrame, testing::ValuesIn(kProfiles), profile_name);
INSTANTIATE_TEST_SUITE_P(Profiles, Enrolment, testing::ValuesIn(kProfiles), profile_name);

TEST(EnrolmentGolden, TheSignedMessageIsThePurposeAndTheInformation) {
  const Bytes message = application_message(golden_information());
  EXPECT_EQ(as_text(ByteView(message).first(15)), "INTAGLIO-ENROL1");
  EXPECT_EQ(message[15], 0);
  EXPECT_EQ(codec::to_hex(ByteView(message).subspan(16)), kGoldenInformation);
}

TEST(EnrolmentGolden, AnswersMadeElsewhereAreReadVerifiedAndWrittenAgain) {
  const Bytes compact = unhex(kGoldenCompact);
  EXPECT_EQ(compact.size(), kCompactAnswer);
  EXPECT_EQ(judge(compact, golden_information()), Verdict::accepted);
  EXPECT_EQ(codec::to_hex(encode_compact(must(decode_compact(compact)))), kGoldenCompact);

  const Bytes framed = unhex(kGoldenFramed);
  EXPECT_EQ(framed.size(), kFramedAnswer);
  EXPECT_EQ(judge(framed, golden_framed_information()), Verdict::accepted);
  EXPECT_EQ(codec::to_hex(encode_framed(must(decode_framed(framed)))), kGoldenFramed);
}

TEST(EnrolmentGolden, TheRequestToTheAuthority) {
  const auto answer = must(decode_compact(unhex(kGoldenCompact)));
  const auto application = must(verify_application(answer, golden_information(), kNow));
  EXPECT_EQ(codec::to_hex(codec::encode_record(request_for(application))), kGoldenRequest);
}

TEST_P(EnrolmentFrame, IsTakenOnlyWholeAndAlone) {
  for (std::size_t size = 0; size < answer_.bytes.size(); ++size) {
    EXPECT_EQ(answer_.decoded(ByteView(answer_.bytes).first(size)), Verdict::truncated) << size;
  }
  Bytes longer = answer_.bytes;
  longer.push_back(0);
  EXPECT_EQ(answer_.decoded(longer), Verdict::trailing_bytes);
  EXPECT_EQ(answer_.decoded(Bytes(kMaxAnswer + 1)), Verdict::too_large);
}

TEST_P(EnrolmentFrame, HasOneEncoding) {
  Bytes long_form = answer_.bytes;  // a byte of zeros more in the length: 82 00 97, 83 00 01 05
  long_form[1] += 1;
  long_form.insert(long_form.begin() + 2, 0);
  EXPECT_EQ(answer_.decoded(long_form), Verdict::bad_encoding);
  Bytes indefinite = answer_.bytes;
  indefinite[1] = 0x80;
  EXPECT_EQ(answer_.decoded(indefinite), Verdict::bad_encoding);
  EXPECT_EQ(answer_.decoded(answer_.filled(
                {{0xc2, answer_.id}, {0xc1, answer_.key}, {0xc3, answer_.signature}})),
            Verdict::bad_encoding);
  Fields padding_first = answer_.filling;
  padding_first.insert(padding_first.end(),
                       {{0xc1, answer_.key}, {0xc2, answer_.id}, {0xc3, answer_.signature}});
  if (answer_.is_framed()) {
    EXPECT_EQ(answer_.decoded(answer_.of(padding_first)), Verdict::bad_encoding);
  }
  crypto::Signature high = answer_.answer.signature;
  high.writable()[32] = 0xff;  // s above half the order
  EXPECT_EQ(answer_.decoded(answer_.filled(
                {{0xc1, answer_.key}, {0xc2, answer_.id}, {0xc3, to_bytes(high.view())}})),
            Verdict::bad_signature_form);
}

// Acceptance, enrolment line 9 (together with the fuzz target `enrolment`).
TEST_P(EnrolmentFrame, RefusesMissingDuplicateUnknownAndOverlongFields) {
  EXPECT_EQ(answer_.decoded(answer_.filled(
                {{0xc1, answer_.key}, {0xc2, answer_.id}, {0xc3, answer_.signature}})),
            Verdict::accepted);
  EXPECT_EQ(answer_.decoded(answer_.filled({{0xc1, answer_.key}, {0xc3, answer_.signature}})),
            Verdict::missing_field);
  EXPECT_EQ(answer_.decoded(answer_.of({})), Verdict::missing_field);
  EXPECT_EQ(answer_.decoded(answer_.filled({{0xc1, answer_.key},
                                            {0xc2, answer_.id},
                                            {0xc2, answer_.id},
                                            {0xc3, answer_.signature}})),
            Verdict::duplicate_field);
  EXPECT_EQ(answer_.decoded(answer_.filled(
                {{0xc1, answer_.key}, {0xc2, answer_.id}, {0xc3, answer_.signature}, {0xc4, {}}})),
            Verdict::unknown_field);
  EXPECT_EQ(answer_.decoded(codec::TlvWriter().put(0xe3, Bytes{}).take()), Verdict::unknown_field);
  Bytes long_id = answer_.id;
  long_id.push_back(0);
  EXPECT_EQ(answer_.decoded(
                answer_.filled({{0xc1, answer_.key}, {0xc2, long_id}, {0xc3, answer_.signature}})),
            Verdict::bad_value);
  EXPECT_EQ(
      answer_.decoded(answer_.filled({{0xc1, answer_.key}, {0xc2, {}}, {0xc3, answer_.signature}})),
      Verdict::bad_value);
  Bytes off_curve = answer_.key;
  off_curve[64] ^= 1;
  EXPECT_EQ(answer_.decoded(
                answer_.filled({{0xc1, off_curve}, {0xc2, answer_.id}, {0xc3, answer_.signature}})),
            Verdict::bad_key);
}

TEST_P(EnrolmentFrame, IsNotTakenForTheOtherProfile) {
  ApplicationInformation other = answer_.information;
  other.profile = answer_.is_framed() ? EnrolmentProfile::compact : EnrolmentProfile::framed;
  const auto refused = decode_answer(answer_.bytes, other.profile);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error(), (Refusal{Verdict::challenge_mismatch, "profile"}));
  // Packed anew by somebody on the way: the element signed which profile it answers in.
  const Bytes repacked =
      answer_.is_framed() ? encode_compact(answer_.answer) : encode_framed(answer_.answer);
  EXPECT_EQ(judge(repacked, answer_.information), Verdict::challenge_mismatch);
  EXPECT_EQ(judge(repacked, other), Verdict::no_possession);
}

RC_GTEST_PROP(EnrolmentDecoding, WhatIsDecodedEncodesToTheSameBytes,
              (bool framed, std::size_t place, std::uint8_t value)) {
  static const Answer compact(EnrolmentProfile::compact);
  static const Answer padded(EnrolmentProfile::framed);
  const Answer& a = framed ? padded : compact;
  Bytes bytes = a.bytes;
  bytes[place % bytes.size()] = value;
  const auto answer = framed ? decode_framed(bytes) : decode_compact(bytes);
  if (answer) RC_ASSERT(a.encode(*answer) == bytes);
}

// Acceptance, framed enrolment line 3.
TEST(EnrolmentFramed, IsExactly265BytesEveryTimeAnd264And266AreRefused) {
  for (int i = 0; i < 50; ++i) {
    const Answer a(EnrolmentProfile::framed);
    EXPECT_EQ(a.bytes.size(), 265u);
    EXPECT_EQ(a.decoded(a.bytes), Verdict::accepted);
  }
  const Answer a(EnrolmentProfile::framed);
  Bytes cut = a.bytes;
  cut.pop_back();
  EXPECT_EQ(a.decoded(cut), Verdict::truncated);
  Bytes longer = a.bytes;
  longer.push_back(0);
  EXPECT_EQ(a.decoded(longer), Verdict::trailing_bytes);
  // The same with all lengths put right.
  for (const std::size_t padding : {107u, 109u}) {
    const Bytes other =
        a.of({{0xc1, a.key}, {0xc2, a.id}, {0xc3, a.signature}, {0xc0, Bytes(padding)}});
    EXPECT_EQ(other.size(), kFramedAnswer + padding - 108);
    EXPECT_EQ(a.decoded(other), Verdict::bad_value) << padding;
  }
}

// Acceptance, framed enrolment line 4.
TEST(EnrolmentFramed, PaddingIsZerosAndThereIsOneEncodingOfOneContent) {
  const Answer a(EnrolmentProfile::framed);
  for (std::size_t i = a.bytes.size() - 108; i < a.bytes.size(); ++i) {
    Bytes other = a.bytes;
    other[i] = 1;
    const auto refused = decode_framed(other);
    ASSERT_FALSE(refused.has_value()) << i;
    EXPECT_EQ(refused.error(), (Refusal{Verdict::bad_value, "answer.padding: not zeros"}));
  }
  const Fields content{{0xc1, a.key}, {0xc2, a.id}, {0xc3, a.signature}};
  EXPECT_EQ(a.decoded(a.of(content)), Verdict::missing_field);
  // In two pieces, and in tags of two bytes.
  Fields split = content;
  split.insert(split.end(), {{0xc0, Bytes(53)}, {0xc0, Bytes(53)}});
  EXPECT_EQ(a.of(split).size(), kFramedAnswer);
  EXPECT_EQ(a.decoded(a.of(split)), Verdict::bad_value);
  Fields two_bytes = content;
  two_bytes.emplace_back(0xdf01, Bytes(107));
  EXPECT_EQ(a.of(two_bytes).size(), kFramedAnswer);
  EXPECT_EQ(a.decoded(a.of(two_bytes)), Verdict::unknown_field);
}

// The other layouts that come to 265 bytes, with a real key of 1,024 bits: never issued, never
// taken.
TEST(EnrolmentFramed, TheRsaLayoutsOf265BytesAreRefused) {
  const FolderForTest scratch;
  const std::string key = scratch / "rsa.pem";
  ASSERT_EQ(run("openssl genrsa -traditional -out " + key + " 1024").exit_code, 0);
  const std::string text = run("openssl rsa -noout -modulus -in " + key).output;
  const std::string modulus = text.substr(text.find('=') + 1, 256);
  const std::string message =
      write_file(scratch, "message", application_message(golden_framed_information()));
  const std::string signature = scratch / "signature";
  ASSERT_EQ(
      run("openssl dgst -sha256 -sign " + key + " -out " + signature + " " + message).exit_code, 0);

  // Modulus, exponent and signature, each with a tag and a length of one byte.
  Bytes raw = unhex("c180" + modulus + "c203010001c380");
  append(raw, read_bytes(signature));
  ASSERT_EQ(raw.size(), kFramedAnswer);
  EXPECT_EQ(verdict_of(decode_framed(raw)), Verdict::bad_encoding);
  // A key of 2,048 bits alone, in BER.
  const Bytes alone = unhex("81820100" + modulus + modulus + "8203010001");
  ASSERT_EQ(alone.size(), kFramedAnswer);
  EXPECT_EQ(verdict_of(decode_framed(alone)), Verdict::unknown_field);
  // The first modulus in a frame of ours.
  const Answer a(EnrolmentProfile::framed);
  EXPECT_EQ(a.decoded(a.of({{0xc1, unhex(modulus)}, {0xc2, a.id}, {0xc3, read_bytes(signature)}})),
            Verdict::bad_value);
}

// Acceptance, enrolment line 3.
TEST_P(Enrolment, NoPkcs10StructureIsMadeOnTheTerminal) {
  const Bytes request = codec::encode_record(
      request_for(must(verify_application(answer_.answer, answer_.information, kNow))));
  const FolderForTest scratch;
  for (const Bytes& bytes : {answer_.bytes, request}) {
    // A PKCS#10 is a SEQUENCE that names its algorithms by object identifiers. Nothing of that is
    // there.
    EXPECT_NE(bytes[0], 0x30);
    const auto contains = [&](ByteView part) { return !std::ranges::search(bytes, part).empty(); };
    EXPECT_TRUE(contains(answer_.key));
    EXPECT_FALSE(contains(object_ids::kEcPublicKey));
    EXPECT_FALSE(contains(object_ids::kP256));
    EXPECT_FALSE(contains(object_ids::kEcdsaWithSha256));
    const std::string file = write_file(scratch, "application", bytes);
    EXPECT_NE(run("openssl req -noout -inform DER -in " + file).exit_code, 0);
    EXPECT_NE(run("openssl asn1parse -inform DER -in " + file + " | grep -q SEQUENCE").exit_code,
              0);
  }
}

// Acceptance, enrolment line 4: what is refused here never reaches the authority, because only a
// Verified<Application> can be asked for.
TEST_P(Enrolment, ASignatureOverAnotherIdentifierIsRefused) {
  ApplicationInformation other = answer_.information;
  other.id.writable()[0] ^= 1;
  EXPECT_EQ(judge(answer_.bytes, other), Verdict::challenge_mismatch);
  EnrolmentAnswer renamed = answer_.answer;  // the identifier put right by hand
  renamed.id = other.id;
  EXPECT_EQ(judge(answer_.encode(renamed), other), Verdict::no_possession);
}

TEST_P(Enrolment, EveryFlippedBitOfTheFrameIsRefused) {
  ASSERT_EQ(judge(answer_.bytes, answer_.information), Verdict::accepted);
  for (std::size_t bit = 0; bit < answer_.bytes.size() * 8; ++bit) {
    Bytes flipped = answer_.bytes;
    flipped[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    EXPECT_NE(judge(flipped, answer_.information), Verdict::accepted) << "bit " << bit;
  }
}

TEST_P(Enrolment, TheSignatureBindsEveryFieldOfTheInformation) {
  const auto refused = [&](auto change) {
    ApplicationInformation other = answer_.information;
    change(other);
    return judge(answer_.bytes, other);
  };
  EXPECT_EQ(refused([](auto& i) { i.issued_at = i.issued_at.next(); }), Verdict::no_possession);
  EXPECT_EQ(refused([](auto& i) { i.expires_at = i.expires_at.next(); }), Verdict::no_possession);
  EXPECT_EQ(refused([](auto& i) { i.login = "counter-2"; }), Verdict::no_possession);
  EXPECT_EQ(refused([](auto& i) { i.usage = CertificateUsage::bank; }), Verdict::no_possession);
  EXPECT_EQ(refused([](auto& i) { i.ledger.writable()[31] ^= 1; }), Verdict::no_possession);
  EXPECT_EQ(refused([](auto& i) { i.simulated_element = false; }), Verdict::no_possession);
}

TEST_P(Enrolment, ExpiresAtItsLastMoment) {
  EXPECT_EQ(
      judge(answer_.bytes, answer_.information, Millis(answer_.information.expires_at.value() - 1)),
      Verdict::accepted);
  EXPECT_EQ(judge(answer_.bytes, answer_.information, answer_.information.expires_at),
            Verdict::challenge_expired);
}

// Acceptance, enrolment line 8: refused on both sides, and replaced by neither.
TEST_P(Enrolment, AnUnsupportedOrWeakAlgorithmIsRefused) {
  for (const std::string algorithm : {"P-384", "RSA-1024", "secp256k1", "p-256", "P-256 ", ""}) {
    ApplicationInformation information = answer_.information;
    information.key_algorithm = algorithm;
    EXPECT_EQ(judge(answer_.bytes, information), Verdict::bad_algorithm) << algorithm;
    const auto answer = answer_challenge(information, answer_.signer, true);
    ASSERT_FALSE(answer.has_value()) << algorithm;
    EXPECT_EQ(answer.error(), (Refusal{Verdict::bad_algorithm, "key_algorithm"}));
  }
  for (const std::string algorithm : {"ES384", "RS1", "none", "es256", ""}) {
    ApplicationInformation information = answer_.information;
    information.signature_algorithm = algorithm;
    const auto answer = answer_challenge(information, answer_.signer, true);
    ASSERT_FALSE(answer.has_value()) << algorithm;
    EXPECT_EQ(answer.error(), (Refusal{Verdict::bad_algorithm, "signature_algorithm"}));
  }
}

TEST_P(Enrolment, OnlySoftwareNeverSignsThatMoreGuardsItsKey) {
  ApplicationInformation information = answer_.information;
  information.simulated_element = false;
  const auto refused = answer_challenge(information, answer_.signer, true);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().verdict, Verdict::element_simulated);
  // A genuine one signs either: nobody gains by being called less.
  EXPECT_EQ(judge(must(answer_challenge(information, answer_.signer, false)), information),
            Verdict::accepted);
  EXPECT_EQ(judge(must(answer_challenge(answer_.information, answer_.signer, false)),
                  answer_.information),
            Verdict::accepted);
}

TEST(ApplicationInformation, ALoginOrTimesThatCannotBeAreRefused) {
  ApplicationInformation information = golden_information();
  information.login.clear();
  EXPECT_EQ(check(information).error().where, "login");
  information.login = std::string(kMaxLogin + 1, 'a');
  EXPECT_EQ(check(information).error().where, "login");
  information = golden_information();
  information.expires_at = information.issued_at;
  EXPECT_EQ(check(information).error().where, "expires_at");
}

// Acceptance, enrolment line 7, first half.
TEST(EnrolmentRequest, ExactlyFourItemsGoToTheAuthority) {
  const auto docs = codec::field_docs<CertificateRequest>();
  ASSERT_EQ(docs.size(), 4u);
  EXPECT_EQ(docs[0].name, "public_key");
  EXPECT_EQ(docs[1].name, "terminal_signature");
  EXPECT_EQ(docs[2].name, "login");
  EXPECT_EQ(docs[3].name, "usage");
}

TEST_P(Enrolment, TheAuthorityJudgesByItsOwnCopy) {
  const CertificateRequest request =
      request_for(must(verify_application(answer_.answer, answer_.information, kNow)));
  EXPECT_EQ(judge_request(request, answer_.information), Verdict::accepted);
  EXPECT_EQ(judge_request(request, answer_.information, answer_.information.expires_at),
            Verdict::challenge_expired);

  CertificateRequest changed = request;
  changed.login = "counter-2";
  EXPECT_EQ(judge_request(changed, answer_.information), Verdict::challenge_foreign);
  changed = request;
  changed.usage = CertificateUsage::bank;
  EXPECT_EQ(judge_request(changed, answer_.information), Verdict::challenge_mismatch);
  changed = request;
  changed.terminal_signature.id.writable()[3] ^= 4;
  EXPECT_EQ(judge_request(changed, answer_.information), Verdict::challenge_mismatch);
  changed = request;
  changed.public_key = make_signer().key;
  EXPECT_EQ(judge_request(changed, answer_.information), Verdict::no_possession);

  ApplicationInformation own_copy = answer_.information;  // the desk gave the client another one
  own_copy.issued_at = own_copy.issued_at.next();
  EXPECT_EQ(judge_request(request, own_copy), Verdict::no_possession);
}

// Acceptance, enrolment line 10.
TEST(EnrolmentSize, TheCompactAnswerIsSmallerThanTheEquivalentPkcs10) {
  const Answer compact(EnrolmentProfile::compact);
  const Answer framed(EnrolmentProfile::framed);
  const FolderForTest scratch;
  const std::string csr = scratch / "csr";
  const Ran ran =
      run("openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout " +
          scratch / "key" + " -subj /CN=" + compact.information.login +
          "/serialNumber=" + codec::to_hex(compact.information.id) + " -outform DER -out " + csr);
  ASSERT_EQ(ran.exit_code, 0) << ran.output;
  const std::size_t pkcs10 = read_bytes(csr).size();
  std::cout << "compact answer " << compact.bytes.size() << " bytes, framed answer "
            << framed.bytes.size() << " bytes, equivalent PKCS#10 " << pkcs10 << " bytes\n";
  RecordProperty("compact_answer_bytes", static_cast<int>(compact.bytes.size()));
  RecordProperty("framed_answer_bytes", static_cast<int>(framed.bytes.size()));
  RecordProperty("pkcs10_bytes", static_cast<int>(pkcs10));
  EXPECT_EQ(compact.bytes.size(), kCompactAnswer);
  EXPECT_EQ(framed.bytes.size(), kFramedAnswer);
  EXPECT_LT(compact.bytes.size(), pkcs10);
}

TEST(ApplicationInformation, RoundTripsAndRefusesWhatIsNotOurs) {
  const Bytes bytes = codec::encode_record(golden_information());
  EXPECT_EQ(must(codec::decode_record<ApplicationInformation>(bytes)), golden_information());
  Bytes unknown_usage = bytes;
  unknown_usage[bytes.size() - 40] = 11;  // the usage's number
  const auto refused = codec::decode_record<ApplicationInformation>(unknown_usage);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error(), (Refusal{Verdict::bad_value, "usage"}));
  Bytes unknown_profile = bytes;
  unknown_profile[bytes.size() - 3] = 3;
  const auto other = codec::decode_record<ApplicationInformation>(unknown_profile);
  ASSERT_FALSE(other.has_value());
  EXPECT_EQ(other.error(), (Refusal{Verdict::bad_value, "profile"}));
}

}  // namespace
}  // namespace intaglio::pki
