#include "pki/enrolment.h"

#include <iostream>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/folder_for_test.h"
#include "codec/tlv.h"
#include "pki/object_ids.h"
#include "pki/test_authority.h"

namespace intaglio::pki {
namespace {

constexpr std::string_view kGoldenInformation =
    "a80150000102030405060708090a0b0c0d0e0f0265502d32353603654553323536041b0000019b76daa80005"
    "1b0000019b76e3cfc00669636f756e7465722d310701085820202122232425262728292a2b2c2d2e2f303132"
    "333435363738393a3b3c3d3e3f";
constexpr std::string_view kGoldenFrame =
    "e18197c14104d903619fd1361d7eee0c2d37b0c1a3f4a1add428fadaab58fcf7ab8d68790ecb0aa20d54975f"
    "5952a6f8ae59eb9b740f646029a7b695c943c13af8d8eb762bc8c210000102030405060708090a0b0c0d0e0f"
    "c3404adc5626fd8594d9c8f011ec39457fce5950a170a15ce13d74d9c1173c2443864634e995655205f0b818"
    "cdf9f77a5dbf41ceaa6ef577fadfd5909ebf2c666643";
constexpr std::string_view kGoldenRequest =
    "a401584104d903619fd1361d7eee0c2d37b0c1a3f4a1add428fadaab58fcf7ab8d68790ecb0aa20d54975f59"
    "52a6f8ae59eb9b740f646029a7b695c943c13af8d8eb762bc802a20150000102030405060708090a0b0c0d0e"
    "0f0258404adc5626fd8594d9c8f011ec39457fce5950a170a15ce13d74d9c1173c2443864634e995655205f0"
    "b818cdf9f77a5dbf41ceaa6ef577fadfd5909ebf2c6666430369636f756e7465722d310401";

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

Verdict verdict_of_frame(ByteView bytes) {
  const auto frame = decode_frame(bytes);
  return frame ? Verdict::accepted : frame.error().verdict;
}

// Decoded and checked: whatever a hostile client can send ends here.
Verdict judge(ByteView bytes, const ApplicationInformation& information, Millis now = kNow) {
  const auto frame = decode_frame(bytes);
  if (!frame) return frame.error().verdict;
  const auto application = verify_application(*frame, information, now);
  return application ? Verdict::accepted : application.error().verdict;
}

Verdict judge_request(const CertificateRequest& request, const ApplicationInformation& own_copy,
                      Millis now = kNow) {
  const auto application = verify_request(request, own_copy, now);
  return application ? Verdict::accepted : application.error().verdict;
}

// A frame of any tags and values, in the order given.
Bytes frame_of(std::initializer_list<std::pair<codec::TlvTag, Bytes>> fields) {
  codec::TlvWriter content;
  for (const auto& [tag, value] : fields) content.put(tag, value);
  return codec::TlvWriter().put(0xe1, content.view()).take();
}

struct Answer {
  ApplicationInformation information = golden_information();
  crypto::Signer signer = make_signer();
  CompactFrame frame = must(sign_application(information, signer));
  Bytes bytes = encode_frame(frame);
  Bytes key = to_bytes(frame.public_key.view());
  Bytes id = to_bytes(frame.id.view());
  Bytes signature = to_bytes(frame.signature.view());
};

TEST(EnrolmentGolden, TheSignedMessageIsThePurposeAndTheInformation) {
  const Bytes message = application_message(golden_information());
  EXPECT_EQ(as_text(ByteView(message).first(15)), "INTAGLIO-ENROL1");
  EXPECT_EQ(message[15], 0);
  EXPECT_EQ(codec::to_hex(ByteView(message).subspan(16)), kGoldenInformation);
}

TEST(EnrolmentGolden, AFrameMadeElsewhereIsReadVerifiedAndWrittenAgain) {
  const Bytes bytes = unhex(kGoldenFrame);
  EXPECT_EQ(bytes.size(), 154u);
  EXPECT_EQ(judge(bytes, golden_information()), Verdict::accepted);
  EXPECT_EQ(codec::to_hex(encode_frame(must(decode_frame(bytes)))), kGoldenFrame);
}

TEST(EnrolmentGolden, TheRequestToTheAuthority) {
  const auto frame = must(decode_frame(unhex(kGoldenFrame)));
  const auto application = must(verify_application(frame, golden_information(), kNow));
  EXPECT_EQ(codec::to_hex(codec::encode_record(request_for(application))), kGoldenRequest);
}

TEST(EnrolmentFrame, IsTakenOnlyWholeAndAlone) {
  const Answer answer;
  for (std::size_t size = 0; size < answer.bytes.size(); ++size) {
    EXPECT_EQ(verdict_of_frame(ByteView(answer.bytes).first(size)), Verdict::truncated) << size;
  }
  Bytes longer = answer.bytes;
  longer.push_back(0);
  EXPECT_EQ(verdict_of_frame(longer), Verdict::trailing_bytes);
  EXPECT_EQ(verdict_of_frame(Bytes(kMaxFrame + 1)), Verdict::too_large);
}

TEST(EnrolmentFrame, HasOneEncoding) {
  const Answer a;
  Bytes long_form = a.bytes;  // 82 00 97 in place of 81 97
  long_form[1] = 0x82;
  long_form.insert(long_form.begin() + 2, 0);
  EXPECT_EQ(verdict_of_frame(long_form), Verdict::bad_encoding);
  Bytes indefinite = a.bytes;
  indefinite[1] = 0x80;
  EXPECT_EQ(verdict_of_frame(indefinite), Verdict::bad_encoding);
  EXPECT_EQ(verdict_of_frame(frame_of({{0xc2, a.id}, {0xc1, a.key}, {0xc3, a.signature}})),
            Verdict::bad_encoding);
  crypto::Signature high = a.frame.signature;
  high.writable()[32] = 0xff;  // s above half the order
  EXPECT_EQ(
      verdict_of_frame(frame_of({{0xc1, a.key}, {0xc2, a.id}, {0xc3, to_bytes(high.view())}})),
      Verdict::bad_signature_form);
}

// Acceptance, enrolment line 9 (together with the fuzz target `enrolment`).
TEST(EnrolmentFrame, RefusesMissingDuplicateUnknownAndOverlongFields) {
  const Answer a;
  EXPECT_EQ(verdict_of_frame(frame_of({{0xc1, a.key}, {0xc2, a.id}, {0xc3, a.signature}})),
            Verdict::accepted);
  EXPECT_EQ(verdict_of_frame(frame_of({{0xc1, a.key}, {0xc3, a.signature}})),
            Verdict::missing_field);
  EXPECT_EQ(verdict_of_frame(frame_of({})), Verdict::missing_field);
  EXPECT_EQ(
      verdict_of_frame(frame_of({{0xc1, a.key}, {0xc2, a.id}, {0xc2, a.id}, {0xc3, a.signature}})),
      Verdict::duplicate_field);
  EXPECT_EQ(
      verdict_of_frame(frame_of({{0xc1, a.key}, {0xc2, a.id}, {0xc3, a.signature}, {0xc4, {}}})),
      Verdict::unknown_field);
  EXPECT_EQ(verdict_of_frame(codec::TlvWriter().put(0xe2, Bytes{}).take()), Verdict::unknown_field);
  Bytes long_id = a.id;
  long_id.push_back(0);
  EXPECT_EQ(verdict_of_frame(frame_of({{0xc1, a.key}, {0xc2, long_id}, {0xc3, a.signature}})),
            Verdict::bad_value);
  EXPECT_EQ(verdict_of_frame(frame_of({{0xc1, a.key}, {0xc2, {}}, {0xc3, a.signature}})),
            Verdict::bad_value);
  Bytes off_curve = a.key;
  off_curve[64] ^= 1;
  EXPECT_EQ(verdict_of_frame(frame_of({{0xc1, off_curve}, {0xc2, a.id}, {0xc3, a.signature}})),
            Verdict::bad_key);
}

RC_GTEST_PROP(EnrolmentFrame, WhatIsDecodedEncodesToTheSameBytes,
              (std::size_t place, std::uint8_t value)) {
  static const Answer answer;
  Bytes bytes = answer.bytes;
  bytes[place % bytes.size()] = value;
  const auto frame = decode_frame(bytes);
  if (frame) RC_ASSERT(encode_frame(*frame) == bytes);
}

// Acceptance, enrolment line 3.
TEST(Enrolment, NoPkcs10StructureIsMadeOnTheTerminal) {
  const Answer a;
  const Bytes request =
      codec::encode_record(request_for(must(verify_application(a.frame, a.information, kNow))));
  const FolderForTest scratch;
  for (const Bytes& bytes : {a.bytes, request}) {
    // A PKCS#10 is a SEQUENCE that names its algorithms by object identifiers. Nothing of that is
    // there.
    EXPECT_NE(bytes[0], 0x30);
    const auto contains = [&](ByteView part) { return !std::ranges::search(bytes, part).empty(); };
    EXPECT_TRUE(contains(a.key));
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
TEST(Enrolment, ASignatureOverAnotherIdentifierIsRefused) {
  const Answer a;
  ApplicationInformation other = a.information;
  other.id.writable()[0] ^= 1;
  EXPECT_EQ(judge(a.bytes, other), Verdict::challenge_mismatch);
  CompactFrame renamed = a.frame;  // the identifier put right by hand
  renamed.id = other.id;
  EXPECT_EQ(judge(encode_frame(renamed), other), Verdict::no_possession);
}

TEST(Enrolment, EveryFlippedBitOfTheFrameIsRefused) {
  const Answer a;
  ASSERT_EQ(judge(a.bytes, a.information), Verdict::accepted);
  for (std::size_t bit = 0; bit < a.bytes.size() * 8; ++bit) {
    Bytes flipped = a.bytes;
    flipped[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    EXPECT_NE(judge(flipped, a.information), Verdict::accepted) << "bit " << bit;
  }
}

TEST(Enrolment, TheSignatureBindsEveryFieldOfTheInformation) {
  const Answer a;
  const auto refused = [&](auto change) {
    ApplicationInformation other = a.information;
    change(other);
    return judge(a.bytes, other);
  };
  EXPECT_EQ(refused([](auto& i) { i.issued_at = i.issued_at.next(); }), Verdict::no_possession);
  EXPECT_EQ(refused([](auto& i) { i.expires_at = i.expires_at.next(); }), Verdict::no_possession);
  EXPECT_EQ(refused([](auto& i) { i.login = "counter-2"; }), Verdict::no_possession);
  EXPECT_EQ(refused([](auto& i) { i.usage = CertificateUsage::bank; }), Verdict::no_possession);
  EXPECT_EQ(refused([](auto& i) { i.ledger.writable()[31] ^= 1; }), Verdict::no_possession);
}

TEST(Enrolment, ExpiresAtItsLastMoment) {
  const Answer a;
  EXPECT_EQ(judge(a.bytes, a.information, Millis(a.information.expires_at.value() - 1)),
            Verdict::accepted);
  EXPECT_EQ(judge(a.bytes, a.information, a.information.expires_at), Verdict::challenge_expired);
}

// Acceptance, enrolment line 8: refused on both sides, and replaced by neither.
TEST(Enrolment, AnUnsupportedOrWeakAlgorithmIsRefused) {
  const crypto::Signer signer = make_signer();
  for (const std::string algorithm : {"P-384", "RSA-1024", "secp256k1", "p-256", "P-256 ", ""}) {
    ApplicationInformation information = golden_information();
    const Bytes bytes = encode_frame(must(sign_application(information, signer)));
    information.key_algorithm = algorithm;
    EXPECT_EQ(judge(bytes, information), Verdict::bad_algorithm) << algorithm;
    const auto frame = sign_application(information, signer);
    ASSERT_FALSE(frame.has_value()) << algorithm;
    EXPECT_EQ(frame.error(), (Refusal{Verdict::bad_algorithm, "key_algorithm"}));
  }
  for (const std::string algorithm : {"ES384", "RS1", "none", "es256", ""}) {
    ApplicationInformation information = golden_information();
    information.signature_algorithm = algorithm;
    const auto frame = sign_application(information, signer);
    ASSERT_FALSE(frame.has_value()) << algorithm;
    EXPECT_EQ(frame.error(), (Refusal{Verdict::bad_algorithm, "signature_algorithm"}));
  }
}

TEST(Enrolment, ALoginOrTimesThatCannotBeAreRefused) {
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
TEST(Enrolment, ExactlyFourItemsGoToTheAuthority) {
  const auto docs = codec::field_docs<CertificateRequest>();
  ASSERT_EQ(docs.size(), 4u);
  EXPECT_EQ(docs[0].name, "public_key");
  EXPECT_EQ(docs[1].name, "terminal_signature");
  EXPECT_EQ(docs[2].name, "login");
  EXPECT_EQ(docs[3].name, "usage");
}

TEST(Enrolment, TheAuthorityJudgesByItsOwnCopy) {
  const Answer a;
  const CertificateRequest request =
      request_for(must(verify_application(a.frame, a.information, kNow)));
  EXPECT_EQ(judge_request(request, a.information), Verdict::accepted);
  EXPECT_EQ(judge_request(request, a.information, a.information.expires_at),
            Verdict::challenge_expired);

  CertificateRequest changed = request;
  changed.login = "counter-2";
  EXPECT_EQ(judge_request(changed, a.information), Verdict::challenge_foreign);
  changed = request;
  changed.usage = CertificateUsage::bank;
  EXPECT_EQ(judge_request(changed, a.information), Verdict::challenge_mismatch);
  changed = request;
  changed.terminal_signature.id.writable()[3] ^= 4;
  EXPECT_EQ(judge_request(changed, a.information), Verdict::challenge_mismatch);
  changed = request;
  changed.public_key = make_signer().key;
  EXPECT_EQ(judge_request(changed, a.information), Verdict::no_possession);

  ApplicationInformation own_copy = a.information;  // the desk gave the client another one
  own_copy.issued_at = own_copy.issued_at.next();
  EXPECT_EQ(judge_request(request, own_copy), Verdict::no_possession);
}

// Acceptance, enrolment line 10.
TEST(Enrolment, TheFrameIsSmallerThanTheEquivalentPkcs10) {
  const Answer a;
  const FolderForTest scratch;
  const std::string csr = scratch / "csr";
  const Ran ran =
      run("openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout " +
          scratch / "key" + " -subj /CN=" + a.information.login +
          "/serialNumber=" + codec::to_hex(a.information.id) + " -outform DER -out " + csr);
  ASSERT_EQ(ran.exit_code, 0) << ran.output;
  const std::size_t pkcs10 = read_bytes(csr).size();
  std::cout << "compact frame " << a.bytes.size() << " bytes, equivalent PKCS#10 " << pkcs10
            << " bytes\n";
  RecordProperty("compact_frame_bytes", static_cast<int>(a.bytes.size()));
  RecordProperty("pkcs10_bytes", static_cast<int>(pkcs10));
  EXPECT_EQ(a.bytes.size(), 154u);
  EXPECT_LT(a.bytes.size(), pkcs10);
}

TEST(ApplicationInformation, RoundTripsAndRefusesWhatIsNotOurs) {
  const Bytes bytes = codec::encode_record(golden_information());
  EXPECT_EQ(must(codec::decode_record<ApplicationInformation>(bytes)), golden_information());
  Bytes unknown_usage = bytes;
  unknown_usage[bytes.size() - 36] = 11;  // the usage's number
  const auto refused = codec::decode_record<ApplicationInformation>(unknown_usage);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error(), (Refusal{Verdict::bad_value, "usage"}));
}

}  // namespace
}  // namespace intaglio::pki
