#include "crypto/es256.h"

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <sys/wait.h>

#include "base/env.h"
#include "base/folder_for_test.h"
#include "codec/base64url.h"
#include "codec/hex.h"
#include "codec/json.h"
#include "crypto/seeded_key_for_test.h"
#include "crypto/sha256.h"

namespace intaglio::crypto {
namespace {

// The order of P-256 and half of it, rounded down.
constexpr std::string_view kOrder =
    "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
constexpr std::string_view kHalfOrder =
    "7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8";
constexpr std::string_view kOne =
    "0000000000000000000000000000000000000000000000000000000000000001";

Bytes hex(std::string_view text) { return codec::from_hex(text).value(); }
Signature signature_of(std::string_view r, std::string_view s) {
  return *Signature::from(hex(std::string(r) + std::string(s)));
}
Secret passphrase(std::string text) { return Secret::take(text); }

std::string vectors(const std::string& name) {
  const char* set = std::getenv("INTAGLIO_VECTORS");
  return std::string(set != nullptr ? set : "../shared/vectors") + "/wycheproof/" + name;
}

codec::Json read_json(const std::string& path) {
  const Bytes file = system_env().read_file(path, 16 << 20).value();
  return codec::parse_json(as_text(file), {.bytes = 16 << 20, .depth = 16}).value();
}

// What came of one file of vectors.
struct Tally {
  std::size_t accepted = 0;
  std::size_t high_s = 0;  // valid elsewhere, and not our form until to_low_s
  std::size_t refused = 0;
};

// Every vector of the file; `decode` reads its signature field. What Wycheproof calls valid has to
// verify, with one exception that is ours: of the two forms (r, s) and (r, n - s), which every
// verifier accepts, our formats have only the one with the smaller s. A valid vector in the other
// form must be refused as it stands and verify once to_low_s is applied.
template <typename Decode>
Tally run_vectors(const std::string& path, Decode decode) {
  Tally tally;
  const codec::Json json = read_json(path);
  for (const auto& group : *json.find("testGroups")->items()) {
    const auto point = group.find("publicKey")->text_at("uncompressed").value();
    const Verifier verifier(PublicKey::parse(hex(point)).value());
    for (const auto& test : *group.find("tests")->items()) {
      SCOPED_TRACE(test.uint_at("tcId").value());
      const Digest digest = sha256(hex(test.text_at("msg").value()));
      const std::optional<Signature> signature = decode(hex(test.text_at("sig").value()));
      const bool as_is = signature && verifier.verify(digest, *signature);
      const bool in_low_s = signature && verifier.verify(digest, to_low_s(*signature));
      if (test.text_at("result").value() != "valid") {
        EXPECT_FALSE(as_is || in_low_s);
        ++tally.refused;
        continue;
      }
      EXPECT_TRUE(in_low_s);
      EXPECT_EQ(as_is, signature && in_canonical_form(*signature));
      as_is ? ++tally.accepted : ++tally.high_s;
    }
  }
  return tally;
}

TEST(Es256, AgreesWithWycheproofOnSignaturesOf64Bytes) {
  const std::string path = vectors("ecdsa_secp256r1_sha256_p1363_test.json");
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "NOT RUN: no vectors at " << path;
  const Tally tally = run_vectors(path, [](const Bytes& bytes) { return Signature::from(bytes); });
  RecordProperty("accepted", std::to_string(tally.accepted));
  RecordProperty("valid_with_high_s", std::to_string(tally.high_s));
  RecordProperty("refused", std::to_string(tally.refused));
  EXPECT_GE(tally.accepted + tally.high_s + tally.refused, 262u);
  EXPECT_GT(tally.high_s, 0u);
}

TEST(Es256, AgreesWithWycheproofOnSignaturesInDer) {
  const std::string path = vectors("ecdsa_secp256r1_sha256_test.json");
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "NOT RUN: no vectors at " << path;
  const Tally tally = run_vectors(path, [](const Bytes& bytes) -> std::optional<Signature> {
    const auto signature = signature_from_der(bytes);
    if (!signature) return std::nullopt;
    EXPECT_EQ(to_der(*signature), bytes);
    return *signature;
  });
  RecordProperty("accepted", std::to_string(tally.accepted));
  RecordProperty("valid_with_high_s", std::to_string(tally.high_s));
  RecordProperty("refused", std::to_string(tally.refused));
  EXPECT_GE(tally.accepted + tally.high_s + tally.refused, 484u);
  EXPECT_GT(tally.high_s, 0u);
}

TEST(PublicKey, IsAPointOnTheCurveInUncompressedForm) {
  const SigningKey key = SigningKey::generate();
  Bytes point = to_bytes(key.public_key().view());
  ASSERT_EQ(PublicKey::parse(point).value(), key.public_key());
  EXPECT_EQ(key.public_key().hash(), KeyHash(sha256(point).array()));

  const auto refused = [](ByteView bytes) {
    const auto parsed = PublicKey::parse(bytes);
    return !parsed && parsed.error().verdict == Verdict::bad_key;
  };
  EXPECT_TRUE(refused({}));
  EXPECT_TRUE(refused(ByteView(point).first(64)));
  EXPECT_TRUE(refused(Bytes(65, 0)));
  EXPECT_TRUE(refused(Bytes(1, 0)));  // the point at infinity in SEC 1
  for (const std::uint8_t form : Bytes{0x00, 0x02, 0x03, 0x06, 0x07}) {
    Bytes other = point;
    other[0] = form;
    EXPECT_TRUE(refused(other));
  }
  Bytes compressed(point.begin(), point.begin() + 33);
  compressed[0] = static_cast<std::uint8_t>(2 + (point[64] & 1));
  EXPECT_TRUE(refused(compressed));
  point[64] ^= 1;
  EXPECT_TRUE(refused(point));
}

// The generator, and points whose coordinates are p or more although equal to good ones mod p: with
// x = p + 5 written out (5 has a point on this curve).
TEST(PublicKey, RefusesACoordinateThatIsNotReduced) {
  const std::string y = "459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc";
  const std::string five = "0000000000000000000000000000000000000000000000000000000000000005";
  const std::string p_plus_five =
      "ffffffff00000001000000000000000000000001000000000000000000000004";
  EXPECT_TRUE(PublicKey::parse(hex("04" + five + y)).has_value());
  EXPECT_FALSE(PublicKey::parse(hex("04" + p_plus_five + y)).has_value());
  EXPECT_TRUE(
      PublicKey::parse(hex("046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
                           "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"))
          .has_value());
}

TEST(Es256, CanonicalFormIsRInRangeAndSNoMoreThanHalfTheOrder) {
  const std::string zero(64, '0');
  const std::string over_half = "7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a9";
  EXPECT_TRUE(in_canonical_form(signature_of(kOne, kOne)));
  EXPECT_TRUE(in_canonical_form(signature_of(kOne, kHalfOrder)));
  EXPECT_FALSE(in_canonical_form(signature_of(kOne, over_half)));
  EXPECT_FALSE(in_canonical_form(signature_of(kOne, kOrder)));
  EXPECT_FALSE(in_canonical_form(signature_of(kOne, zero)));
  EXPECT_FALSE(in_canonical_form(signature_of(zero, kOne)));
  EXPECT_FALSE(in_canonical_form(signature_of(kOrder, kOne)));
  EXPECT_EQ(to_low_s(signature_of(kOne, over_half)), signature_of(kOne, kHalfOrder));
  EXPECT_EQ(to_low_s(signature_of(kOne, kHalfOrder)), signature_of(kOne, kHalfOrder));
  EXPECT_EQ(to_low_s(signature_of(kOne, kOrder)), signature_of(kOne, kOrder));
}

TEST(Es256, WhatIsSignedVerifiesAndIsLowS) {
  const SigningKey key = SigningKey::generate();
  const Verifier verifier(key.public_key());
  EXPECT_EQ(verifier.key_hash(), key.public_key().hash());
  for (std::uint8_t i = 0; i < 64; ++i) {
    const Digest digest = sha256(Bytes(i, i));
    Signature signature = key.sign(digest);
    EXPECT_TRUE(in_canonical_form(signature));
    EXPECT_TRUE(verifier.verify(digest, signature));
    EXPECT_FALSE(verifier.verify(sha256(Bytes(i, 99)), signature) && i != 0);
    signature.writable()[i] ^= 0x10;
    EXPECT_FALSE(verifier.verify(digest, signature));
  }
}

TEST(Es256, ADefaultKeyVerifiesNothing) {
  const SigningKey key = SigningKey::generate();
  const Digest digest = sha256(as_bytes("m"));
  EXPECT_FALSE(Verifier(PublicKey()).verify(digest, key.sign(digest)));
  EXPECT_FALSE(Verifier(SigningKey::generate().public_key()).verify(digest, key.sign(digest)));
}

TEST(Es256, ThreadsMaySignAndVerifyWithOneKey) {
  const SigningKey key = SigningKey::generate();
  const Verifier verifier(key.public_key());
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (std::uint8_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (std::uint8_t i = 0; i < 50; ++i) {
        const Digest digest = sha256(Bytes{t, i});
        if (verifier.verify(digest, key.sign(digest))) ++good;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(good, 200);
}

RC_GTEST_PROP(Es256Der, IsTheSameSignatureBothWays, (const std::array<std::uint8_t, 64>& bytes)) {
  const Signature signature(bytes);
  const auto back = signature_from_der(to_der(signature));
  RC_ASSERT(back.has_value());
  RC_ASSERT(*back == signature);
  RC_ASSERT(to_low_s(to_low_s(signature)) == to_low_s(signature));
}

TEST(Es256Der, RefusesEveryOtherEncodingOfTheSameNumbers) {
  const auto verdict_of = [](std::string_view text) {
    const auto signature = signature_from_der(hex(text));
    return signature ? Verdict::accepted : signature.error().verdict;
  };
  EXPECT_EQ(verdict_of("3006020101020101"), Verdict::accepted);
  EXPECT_EQ(verdict_of(""), Verdict::bad_encoding);
  EXPECT_EQ(verdict_of("300602010102010100"), Verdict::bad_encoding);      // a byte more
  EXPECT_EQ(verdict_of("30060201010201"), Verdict::bad_encoding);          // a byte less
  EXPECT_EQ(verdict_of("308106020101020101"), Verdict::bad_encoding);      // a long length
  EXPECT_EQ(verdict_of("30800201010201010000"), Verdict::bad_encoding);    // BER's open end
  EXPECT_EQ(verdict_of("300702020001020101"), Verdict::bad_encoding);      // a zero too many
  EXPECT_EQ(verdict_of("3009020101020101020101"), Verdict::bad_encoding);  // three numbers
  EXPECT_EQ(verdict_of("30050200020101"), Verdict::bad_encoding);          // no digits
  EXPECT_EQ(verdict_of("3006030101020101"), Verdict::bad_encoding);        // a bit string
  EXPECT_EQ(verdict_of("3006020181020101"), Verdict::bad_signature_form);  // negative
  const std::string long_number = "0221" + ("01" + std::string(kOrder));
  EXPECT_EQ(verdict_of("3026" + long_number + "020101"), Verdict::bad_signature_form);
}

TEST(SigningKey, PemIsOpenedByItsPassphraseAlone) {
  const SigningKey key = SigningKey::generate();
  const Bytes pem = key.to_encrypted_pem(passphrase("correct"));
  EXPECT_TRUE(as_text(pem).starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"));
  const auto opened = SigningKey::from_encrypted_pem(pem, passphrase("correct"));
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(opened->public_key(), key.public_key());
  const Digest digest = sha256(as_bytes("m"));
  EXPECT_TRUE(Verifier(key.public_key()).verify(digest, opened->sign(digest)));

  const auto wrong = SigningKey::from_encrypted_pem(pem, passphrase("wrong"));
  ASSERT_FALSE(wrong.has_value());
  EXPECT_EQ(wrong.error().verdict, Verdict::element_locked);
}

TEST(SigningKey, PemSaysThatAPassphraseCostsAQuarterOfASecond) {
  const Bytes pem = SigningKey::generate().to_encrypted_pem(passphrase("correct"));
  const std::string_view text = as_text(pem);
  const std::size_t body = text.find('\n');
  // RFC 7914 section 7.1: n, block size, parallelization as INTEGERs.
  EXPECT_NE(
      codec::to_hex(codec::from_wrapped_base64(text.substr(body, text.rfind("\n-") - body)).value())
          .find("02024000"
                "020108"
                "020105"),
      std::string::npos);
}

TEST(SigningKey, RefusesWhatIsNoEncryptedKeyFile) {
  const auto verdict_of = [](std::string_view pem) {
    const auto key = SigningKey::from_encrypted_pem(as_bytes(pem), passphrase("x"));
    return key ? Verdict::accepted : key.error().verdict;
  };
  EXPECT_EQ(verdict_of(""), Verdict::bad_encoding);
  EXPECT_EQ(verdict_of("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"),
            Verdict::bad_encoding);
  // Old-style PEM encryption, for which OpenSSL would otherwise ask a passphrase on the terminal.
  EXPECT_EQ(verdict_of("-----BEGIN ENCRYPTED PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n"
                       "DEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\nAAAA\n"
                       "-----END ENCRYPTED PRIVATE KEY-----\n"),
            Verdict::bad_encoding);
  EXPECT_EQ(verdict_of(std::string(20'000, '-')), Verdict::too_large);
}

// Runs a shell command; its output.
std::string output_of(const std::string& command) {
  std::string out;
  FILE* const pipe = ::popen(command.c_str(), "r");
  char buffer[4096];
  for (std::size_t n = 0; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) {
    out.append(buffer, n);
  }
  const int status = ::pclose(pipe);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << command;
  return out;
}

TEST(SigningKey, PemIsReadByTheOpensslProgram) {
  if (std::system("openssl version >/dev/null 2>&1") != 0) {
    GTEST_SKIP() << "NOT RUN: no openssl program";
  }
  const FolderForTest folder;
  const SigningKey key = SigningKey::generate();
  const Bytes pem = key.to_encrypted_pem(passphrase("correct"));
  ASSERT_TRUE(system_env().write_file(folder / "key.pem", pem, 0600).has_value());
  const std::string der = output_of("openssl pkey -in " + folder / "key.pem" +
                                    " -passin pass:correct -pubout -outform DER");
  ASSERT_GE(der.size(), PublicKey::kSize);
  EXPECT_TRUE(equal(as_bytes(der).last(PublicKey::kSize), key.public_key().view()));
}

TEST(SigningKey, ReadsP256KeysOfTheOpensslProgramAndNoOther) {
  if (std::system("openssl version >/dev/null 2>&1") != 0) {
    GTEST_SKIP() << "NOT RUN: no openssl program";
  }
  const auto made = [](const std::string& options) {
    const std::string pem =
        output_of("openssl genpkey " + options + " -aes-256-cbc -pass pass:x 2>/dev/null");
    return SigningKey::from_encrypted_pem(as_bytes(pem), passphrase("x"));
  };
  EXPECT_TRUE(made("-algorithm EC -pkeyopt ec_paramgen_curve:P-256").has_value());
  const auto p384 = made("-algorithm EC -pkeyopt ec_paramgen_curve:P-384");
  ASSERT_FALSE(p384.has_value());
  EXPECT_EQ(p384.error().verdict, Verdict::bad_key);
  const auto ed25519 = made("-algorithm ED25519");
  ASSERT_FALSE(ed25519.has_value());
  EXPECT_EQ(ed25519.error().verdict, Verdict::bad_key);
}

// RFC 6979, A.2.5: P-256 with SHA-256.
const SeededKey& example_key() {
  static const SeededKey key = SeededKey::from_number(
      *Digest::from(*codec::from_hex("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f"
                                     "6721")));
  return key;
}

std::string signed_hex(std::string_view message) {
  return codec::to_hex(example_key().sign_as_is(sha256(as_bytes(message))));
}

TEST(SeededKey, SignsAsTheStandardsExamples) {
  EXPECT_EQ(codec::to_hex(example_key().public_key().view()),
            "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
            "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299");
  EXPECT_EQ(signed_hex("sample"),
            "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
            "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8");
  EXPECT_EQ(signed_hex("test"),
            "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367"
            "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083");
}

TEST(SeededKey, OfOneSeedIsOneKeyWhoseSignaturesVerify) {
  const auto key = SeededKey::of(as_bytes("a seed"));
  EXPECT_EQ(key.public_key(), SeededKey::of(as_bytes("a seed")).public_key());
  EXPECT_NE(key.public_key(), SeededKey::of(as_bytes("another")).public_key());
  const Verifier verifier(key.public_key());
  for (int i = 0; i < 20; ++i) {
    const Digest digest = sha256(as_bytes(std::to_string(i)));
    EXPECT_TRUE(verifier.verify(digest, key.sign(digest)));
    EXPECT_EQ(key.sign(digest), key.sign(digest));
  }
}

}  // namespace
}  // namespace intaglio::crypto
