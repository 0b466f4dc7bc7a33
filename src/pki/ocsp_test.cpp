#include "pki/ocsp.h"

#include <gtest/gtest.h>

#include "pki/der_reader.h"
#include "pki/object_ids.h"
#include "pki/test_authority.h"

namespace intaglio::pki {
namespace {

// A certificate, the authority's files beside it, and the openssl program that asks and judges.
// Its answers must be of the real time, since that program takes no other for them.
struct Asked {
  FolderForTest folder;
  TestAuthority authority;
  Certificate leaf = authority.issue(CertificateUsage::holder);
  Millis now = system_env().now();

  explicit Asked(const std::string& options = {}) {
    write_file(folder, "root", as_bytes(authority.root.to_pem()));
    write_file(folder, "issuing", as_bytes(authority.issuing.to_pem()));
    write_file(folder, "leaf", as_bytes(leaf.to_pem()));
    const Ran ran = run("cd " + folder.path() + " && openssl ocsp " + options +
                        " -issuer issuing -cert leaf -reqout request");
    EXPECT_EQ(ran.exit_code, 0) << ran.output;
  }

  OcspRequest request() const { return must(parse_ocsp_request(read_bytes(folder / "request"))); }

  OcspResponseContent content(OcspStatus status) const {
    const OcspRequest asked = request();
    EXPECT_EQ(asked.questions.size(), 1U);
    return {{{asked.questions.at(0), status}}, now, now, now + kDay, asked.nonce};
  }

  // What the program says of an answer. It trusts the root alone, at the certificates' time. It
  // asks its own question again, or takes the one in the file and then compares the nonces too.
  Ran judge(ByteView response, const std::string& question = "-issuer issuing -cert leaf") const {
    write_file(folder, "response", response);
    return run("cd " + folder.path() + " && openssl ocsp -no_nonce " + question +
               " -respin response -CAfile root -verify_other issuing -attime " +
               std::to_string(kNow.value() / 1000));
  }
};

TEST(Ocsp, AQuestionOfTheOpensslProgramNamesIssuerAndSerial) {
  for (const char* hash : {"", "-sha256"}) {
    const Asked asked(hash);
    const OcspRequest request = asked.request();
    ASSERT_EQ(request.questions.size(), 1U);
    EXPECT_EQ(request.questions[0].serial, asked.leaf.serial());
    EXPECT_TRUE(is_about(request.questions[0], asked.authority.issuing)) << hash;
    EXPECT_FALSE(is_about(request.questions[0], asked.authority.root)) << hash;
    EXPECT_EQ(request.nonce.size(), 16U);
  }
  EXPECT_TRUE(Asked("-no_nonce").request().nonce.empty());
}

TEST(Ocsp, TheOpensslProgramTakesEachStatusFromTheAuthorityItself) {
  const Asked asked;
  const auto said = [&](OcspStatus status) {
    return asked.judge(must(build_ocsp_response(asked.content(status), asked.authority.issuing,
                                                asked.authority.issuing_signer)));
  };
  const Ran good = said(OcspGood{});
  EXPECT_TRUE(good.says("Response verify OK") && good.says("leaf: good")) << good.output;
  EXPECT_FALSE(good.says("WARNING")) << good.output;  // about times or a nonce
  const Ran unknown = said(OcspUnknown{});
  EXPECT_TRUE(unknown.says("Response verify OK") && unknown.says("leaf: unknown"))
      << unknown.output;
  const Ran revoked = said(OcspRevoked{kNow, RevocationReason::key_compromise});
  EXPECT_TRUE(revoked.says("Response verify OK") && revoked.says("leaf: revoked") &&
              revoked.says("Reason: keyCompromise") && revoked.says("Jan  1 00:00:00 2026 GMT"))
      << revoked.output;
  const Ran plain = said(OcspRevoked{kNow});
  EXPECT_TRUE(plain.says("leaf: revoked") && !plain.says("Reason")) << plain.output;
}

TEST(Ocsp, TheOpensslProgramTakesACertifiedRespondersAnswer) {
  const Asked asked("-sha256");
  const crypto::Signer signer = make_signer();
  const Certificate responder =
      asked.authority.issue(content_for(signer, "responder", OcspResponder{}));
  const Ran ran =
      asked.judge(must(build_ocsp_response(asked.content(OcspGood{}), responder, signer)),
                  "-sha256 -issuer issuing -cert leaf");
  EXPECT_TRUE(ran.says("Response verify OK") && ran.says("leaf: good")) << ran.output;
}

TEST(Ocsp, TheOpensslProgramRefusesAnAnswerByACertificateThatIsNoResponders) {
  const Asked asked;
  const crypto::Signer signer = make_signer();
  const Certificate holder =
      asked.authority.issue(content_for(signer, "holder", CertificateUsage::holder));
  const Ran ran = asked.judge(must(build_ocsp_response(asked.content(OcspGood{}), holder, signer)));
  EXPECT_FALSE(ran.says("Response verify OK")) << ran.output;
}

TEST(Ocsp, TheOpensslProgramRefusesAForgedAnAlteredAndAnExpiredAnswer) {
  const Asked asked;
  const crypto::Signer forger{asked.authority.issuing_signer.key, make_signer().sign};
  const Ran forged = asked.judge(
      must(build_ocsp_response(asked.content(OcspGood{}), asked.authority.issuing, forger)));
  EXPECT_FALSE(forged.says("Response verify OK")) << forged.output;

  OcspResponseContent old = asked.content(OcspGood{});
  old.this_update = Millis(asked.now.value() - 2 * kDay.value());
  old.next_update = Millis(asked.now.value() - kDay.value());
  const Ran expired = asked.judge(
      must(build_ocsp_response(old, asked.authority.issuing, asked.authority.issuing_signer)));
  EXPECT_TRUE(expired.says("status expired")) << expired.output;
}

TEST(Ocsp, TheOpensslProgramFindsItsNonceInTheAnswerAndMissesAnyOther) {
  const Asked asked;
  const auto said = [&](const OcspResponseContent& content) {
    return asked.judge(
        must(build_ocsp_response(content, asked.authority.issuing, asked.authority.issuing_signer)),
        "-reqin request");
  };
  const Ran same = said(asked.content(OcspGood{}));
  EXPECT_TRUE(same.says("Response verify OK") && !same.says("once")) << same.output;
  OcspResponseContent other = asked.content(OcspGood{});
  other.nonce.assign(16, 7);
  EXPECT_TRUE(said(other).says("Nonce Verify error"));
  other.nonce.clear();
  EXPECT_TRUE(said(other).says("no nonce in response"));
}

TEST(Ocsp, TheOpensslProgramReadsEveryFailure) {
  const Asked asked;
  constexpr std::pair<OcspFailure, std::string_view> kFailures[] = {
      {OcspFailure::malformed_request, "malformedrequest"},
      {OcspFailure::internal_error, "internalerror"},
      {OcspFailure::try_later, "trylater"},
      {OcspFailure::unauthorized, "unauthorized"},
  };
  for (const auto& [failure, name] : kFailures) {
    EXPECT_TRUE(asked.judge(ocsp_failure(failure)).says(name)) << name;
  }
  EXPECT_EQ(ocsp_failure_for(Verdict::bad_encoding), OcspFailure::malformed_request);
  EXPECT_EQ(ocsp_failure_for(Verdict::busy), OcspFailure::try_later);
  EXPECT_EQ(ocsp_failure_for(Verdict::storage_failed), OcspFailure::internal_error);
  EXPECT_EQ(ocsp_failure_for(Verdict::unknown_certificate), OcspFailure::unauthorized);
}

TEST(Ocsp, AnAnswerThatCannotBeRightIsNotBuilt) {
  const Asked asked;
  const auto built = [&](const OcspResponseContent& content, const crypto::Signer& signer) {
    return verdict_of(build_ocsp_response(content, asked.authority.issuing, signer));
  };
  const auto& signer = asked.authority.issuing_signer;
  OcspResponseContent none = asked.content(OcspGood{});
  none.answers.clear();
  EXPECT_EQ(built(none, signer), Verdict::bad_value);
  OcspResponseContent backwards = asked.content(OcspGood{});
  backwards.next_update = backwards.this_update;
  EXPECT_EQ(built(backwards, signer), Verdict::bad_value);
  EXPECT_EQ(built(asked.content(OcspGood{}), make_signer()), Verdict::bad_value);
}

// A request over these questions, each the whole CertID, and an optional nonce.
Bytes request_of(const std::vector<Bytes>& ids, ByteView nonce = {}) {
  Bytes list;
  for (const Bytes& id : ids) append(list, der::sequence({id}));
  Bytes extensions;
  if (!nonce.empty()) {
    const Bytes each = der::sequence(
        {der::element(der::kObjectId, {object_ids::kOcspNonce}),
         der::element(der::kOctetString, {der::element(der::kOctetString, {nonce})})});
    extensions = der::element(der::explicit_tag(2), {der::sequence({each})});
  }
  return der::sequence({der::sequence({der::sequence({list}), extensions})});
}

TEST(Ocsp, ARequestIsBounded) {
  const Bytes id = Asked().request().questions[0].encoding;
  const auto parsed = [](const Bytes& der) { return verdict_of(parse_ocsp_request(der)); };
  EXPECT_EQ(parsed(request_of(std::vector<Bytes>(kMaxOcspQuestions, id))), Verdict::accepted);
  EXPECT_EQ(parsed(request_of(std::vector<Bytes>(kMaxOcspQuestions + 1, id))), Verdict::too_large);
  EXPECT_EQ(parsed(request_of({})), Verdict::missing_field);
  EXPECT_EQ(parsed(request_of({id}, Bytes(kMaxOcspNonce, 1))), Verdict::accepted);
  EXPECT_EQ(parsed(request_of({id}, Bytes(kMaxOcspNonce + 1, 1))), Verdict::too_large);
  EXPECT_EQ(parsed(Bytes(kMaxOcspRequest + 1)), Verdict::too_large);
  const Bytes whole = request_of({id}, Bytes(16, 1));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(parse_ocsp_request(ByteView(whole).first(size)).has_value());
  }
}

TEST(Ocsp, ASignedRequestIsTakenLikeAnyOther) {
  const Asked asked;
  const Ran ran = run("cd " + asked.folder.path() +
                      " && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "
                      "-subj /CN=asker -keyout k -out c && openssl ocsp -issuer issuing -cert leaf "
                      "-signer c -signkey k -reqout request");
  ASSERT_EQ(ran.exit_code, 0) << ran.output;
  EXPECT_EQ(asked.request().questions.at(0).serial, asked.leaf.serial());
}

constexpr std::string_view kGoldenResponse =
    "308201150a0100a082010e3082010a06092b06010505073001010481fc3081f93081dfa12b30293111300f06"
    "0355040a0c08496e7461676c696f3114301206035504030c0b476f6c64656e20726f6f74180f323032363031"
    "30313030303030305a307a3078303a300906052b0e03021a05000414397c81a4190429788bdbfbed335288be"
    "cb68c0e204143cc99ba301c84fadb8fac91d96300b121fc7862b020107a116180f3230323630313031303030"
    "3030305aa0030a0101180f32303236303130313030303030305aa011180f3230323630313032303030303030"
    "5aa1233021301f06092b060105050730010204120410fadb2c4273a769088a9dcdfae64e8f03300a06082a86"
    "48ce3d0403020309003006020101020101";

TEST(OcspGolden, AnAnswerByTheGoldenRootToAQuestionMadeElsewhere) {
  const OcspRequest request = must(parse_ocsp_request(read_bytes("tests/corpus/ocsp/nonce.der")));
  const Certificate root =
      must(Certificate::parse(read_bytes("tests/corpus/certificate/root.der")));
  ASSERT_TRUE(is_about(request.questions.at(0), root));
  const crypto::Signer signer{root.public_key(), [](ByteView) -> Result<crypto::Signature> {
                                crypto::Signature fixed;
                                fixed.writable()[31] = fixed.writable()[63] = 1;
                                return fixed;
                              }};
  const OcspRevoked revoked{kNow, RevocationReason::key_compromise};
  const Bytes response = must(build_ocsp_response(
      {{{request.questions[0], revoked}}, kNow, kNow, kNow + kDay, request.nonce}, root, signer));
  EXPECT_EQ(codec::to_hex(response), kGoldenResponse);
}

TEST(OcspGolden, AFailureIsFiveBytes) {
  EXPECT_EQ(codec::to_hex(ocsp_failure(OcspFailure::try_later)), "30030a0103");
}

}  // namespace
}  // namespace intaglio::pki
