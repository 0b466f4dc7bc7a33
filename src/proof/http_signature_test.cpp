#include "proof/http_signature.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "codec/base64url.h"
#include "proof/signing_for_test.h"

namespace intaglio::proof {
namespace {

constexpr Millis kNow(1'793'836'800'000);
constexpr std::string_view kParams =
    R"(("@method" "@target-uri" "content-digest");created=1793836800)"
    R"(;nonce="AAECAwQFBgcICQoLDA0ODw";alg="ecdsa-p256-sha256")"
    R"(;keyid="82316ad6c6598b75d1a8b9fa3bcd2dc704af4de47e6acbfde9b1a89b305fdf45")";
constexpr std::string_view kUri = "https://127.0.0.1:8443/v1/enrolments?wait=1";

HttpRequestView example() { return {"POST", kUri, as_bytes(R"({"usage":"display"})")}; }
HttpNonce nonce() { return *HttpNonce::from(hex("000102030405060708090a0b0c0d0e0f")); }

// The example request, signed by the golden key.
HttpSignatureFields golden_fields() {
  return {
      "sha-256=:vJ2Y+QDLHCcK4DLK4EY+5Famo1u+4CVk+f7AfRjMHgQ=:", "intaglio=" + std::string(kParams),
      "intaglio=:Ui35GYr3CBu3LIIUcZ3Vey3q+xUs7U8xPGvRPwuEXZId2lyJq32mLj0zA2agK3/"
      "lN6jijPHSD5+HTIZBX2lmgQ==:"};
}

crypto::Signature signature_in(std::string_view field, std::size_t head) {
  const auto text = field.substr(head, field.size() - head - 1);
  return *crypto::Signature::from(codec::from_base64(text).value());
}

std::string outcome_of(const HttpSignatureFields& fields, const HttpRequestView& request,
                       const crypto::Verifier& verifier, Millis now = kNow) {
  const auto parsed = parse_request_signature(fields, request);
  if (!parsed) {
    return std::string(describe(parsed.error().verdict).name) + " " + parsed.error().where;
  }
  const auto verified = verify_request_signature(*parsed, verifier, now);
  return verified ? "accepted" : std::string(describe(verified.error().verdict).name);
}

// The example with another Signature-Input, looked at before any signature.
std::string outcome_of_input(std::string input) {
  HttpSignatureFields fields = golden_fields();
  fields.signature_input = std::move(input);
  return outcome_of(fields, example(), crypto::Verifier(golden_key()));
}

std::string with(std::string_view from, std::string_view to) {
  std::string out = golden_fields().signature_input;
  const auto at = out.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return out.replace(at, from.size(), to);
}

// RFC 9421 B.2.4: other components than ours, so the base and the signature alone.
TEST(HttpSignature, ReadsTheExampleOfTheRfc) {
  const HttpComponent components[] = {
      {"@status", "200"},
      {"content-type", "application/json"},
      {"content-digest",
       "sha-512=:"
       "mEWXIS7MaLRuGgxOBdODa3xqM1XdEvxoYhvlCFJ41QJgJc4GTsPp29l5oGX69wWdXymyU0rjJuahq4l5aGg"
       "fLQ==:"},
      {"content-length", "23"}};
  const std::string base = http_signature_base(
      components,
      R"(("@status" "content-type" "content-digest" "content-length");created=1618884473)"
      R"(;keyid="test-key-ecc-p256")");
  // The SubjectPublicKeyInfo of test-key-ecc-p256 (B.1.3) ends in its point.
  const Bytes key = codec::from_base64(
                        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqIVYZVLCrPZHGHjP17CTW0/+D9Lfw0EkjqF7xB"
                        "4FivAxzic30tMM4GF+hR6Dxh71Z50VGGdldkkDXZCnTNnoXQ==")
                        .value();
  const crypto::Verifier verifier(crypto::PublicKey::parse(ByteView(key).last(65)).value());
  const auto signature = signature_in(
      "sig-b24=:wNmSUAhwb5LxtOtOpNa6W5xj067m5hFrj0XQ4fvpaCLx0NKocgPquLgyahnzDnDAUy5eCdlYUEkLIj+32oi"
      "asw==:",
      9);
  EXPECT_TRUE(verifier.verify(crypto::sha256(as_bytes(base)), crypto::to_low_s(signature)));
  EXPECT_FALSE(verifier.verify(crypto::sha256(as_bytes(base + "\n")), crypto::to_low_s(signature)));
}

// docs/reference/formats.md works this example.
TEST(HttpSignature, FieldsAreFrozen) {
  const HttpSignatureFields golden = golden_fields();
  const auto signer = golden_signer(signature_in(golden.signature, 10));
  // Milliseconds are not on the wire.
  const auto made = sign_http_request(example(), kNow + Duration(999), nonce(), signer).value();
  EXPECT_EQ(made.content_digest, golden.content_digest);
  EXPECT_EQ(made.signature_input, golden.signature_input);
  EXPECT_EQ(made.signature, golden.signature);

  const auto parsed = parse_request_signature(golden, example()).value();
  const RequestSignature said{golden_key().hash(), kNow, nonce()};
  EXPECT_EQ(parsed.said(), said);
  const auto verified = verify_request_signature(parsed, crypto::Verifier(golden_key()), kNow);
  ASSERT_TRUE(verified.has_value());
  EXPECT_EQ(**verified, said);
}

TEST(HttpSignature, OfARequestWithoutContentHasTheDigestOfNoBytes) {
  const auto key = crypto::SigningKey::generate();
  const auto signer = signer_of(key);
  const HttpRequestView request{"GET", kUri, {}};
  const auto fields = sign_http_request(request, kNow, nonce(), signer).value();
  EXPECT_EQ(fields.content_digest, "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:");
  EXPECT_EQ(outcome_of(fields, request, crypto::Verifier(signer.key)), "accepted");
}

RC_GTEST_PROP(HttpSignature, WhatIsSignedIsReadAndVerifies,
              (const std::string& body, std::uint32_t created)) {
  static const auto key = crypto::SigningKey::generate();
  const auto signer = signer_of(key);
  static const crypto::Verifier verifier(signer.key);
  HttpNonce random;
  for (auto& byte : random.writable()) byte = *rc::gen::arbitrary<std::uint8_t>();
  const HttpRequestView request{"PUT", kUri, as_bytes(body)};
  const Millis at(created * 1000ULL);
  const auto fields = sign_http_request(request, at, random, signer).value();
  const auto parsed = parse_request_signature(fields, request);
  RC_ASSERT(parsed.has_value());
  RC_ASSERT((parsed->said() == RequestSignature{signer.key.hash(), at, random}));
  RC_ASSERT(verify_request_signature(*parsed, verifier, at).has_value());
}

TEST(HttpSignature, RefusesARequestWithAnyBitFlipped) {
  const crypto::Verifier verifier(golden_key());
  const HttpSignatureFields good = golden_fields();
  const auto expect_refused = [&](const HttpSignatureFields& fields, const HttpRequestView& request,
                                  std::size_t at) {
    EXPECT_NE(outcome_of(fields, request, verifier), "accepted") << "byte " << at;
  };
  for (auto field : {&HttpSignatureFields::content_digest, &HttpSignatureFields::signature_input,
                     &HttpSignatureFields::signature}) {
    for_each_flipped_bit(good.*field, [&](const std::string& flipped, std::size_t at) {
      HttpSignatureFields fields = good;
      fields.*field = flipped;
      expect_refused(fields, example(), at);
    });
  }
  for (auto part : {&HttpRequestView::method, &HttpRequestView::target_uri}) {
    for_each_flipped_bit(example().*part, [&](const std::string& flipped, std::size_t at) {
      HttpRequestView request = example();
      request.*part = flipped;
      expect_refused(good, request, at);
    });
  }
  for_each_flipped_bit(as_text(example().body), [&](const std::string& flipped, std::size_t at) {
    expect_refused(good, {"POST", kUri, as_bytes(flipped)}, at);
  });
}

TEST(HttpSignature, BelongsToItsKeyAlone) {
  const crypto::Verifier other(crypto::SigningKey::generate().public_key());
  EXPECT_EQ(outcome_of(golden_fields(), example(), other), "request_altered");
  // Nor does it help to name the other key.
  const std::string renamed =
      with(codec::to_hex(golden_key().hash()), codec::to_hex(other.key_hash()));
  HttpSignatureFields fields = golden_fields();
  fields.signature_input = renamed;
  EXPECT_EQ(outcome_of(fields, example(), other), "request_altered");
}

TEST(HttpSignature, IsTakenFromFiveSecondsAheadToOneMinuteOld) {
  const crypto::Verifier verifier(golden_key());
  const auto at = [&](std::int64_t offset) {
    const auto now = static_cast<std::int64_t>(kNow.value()) + offset;
    return outcome_of(golden_fields(), example(), verifier,
                      Millis(static_cast<std::uint64_t>(now)));
  };
  EXPECT_EQ(at(-5'001), "request_stale");
  EXPECT_EQ(at(-5'000), "accepted");
  EXPECT_EQ(at(60'000), "accepted");
  EXPECT_EQ(at(60'001), "request_stale");
}

// Other people's software: its own order, and a signature that need not be low-s.
TEST(HttpSignature, TakesAnyOrderAndEitherFormOfASignature) {
  const auto key = crypto::SigningKey::generate();
  const auto signer = signer_of(key);
  HttpSignatureFields fields = golden_fields();
  const std::string params = R"(("content-digest" "@target-uri" "@method");keyid=")" +
                             codec::to_hex(signer.key.hash()) +
                             R"(";alg="ecdsa-p256-sha256";created=1793836800)"
                             R"(;nonce="AAECAwQFBgcICQoLDA0ODw")";
  const HttpComponent components[] = {
      {"content-digest", fields.content_digest}, {"@target-uri", kUri}, {"@method", "POST"}};
  const auto signature = signer.sign(as_bytes(http_signature_base(components, params))).value();
  fields.signature_input = "intaglio=" + params;
  for (const auto& form : {signature, other_form(signature)}) {
    fields.signature = "intaglio=:" + codec::to_base64(form.view()) + ":";
    EXPECT_EQ(outcome_of(fields, example(), crypto::Verifier(signer.key)), "accepted");
  }
}

TEST(HttpSignature, RefusesARequestThatCoversLess) {
  const auto unsigned_at = [](std::string_view where) {
    return "request_unsigned " + std::string(where);
  };
  for (auto field : {&HttpSignatureFields::content_digest, &HttpSignatureFields::signature_input,
                     &HttpSignatureFields::signature}) {
    HttpSignatureFields fields = golden_fields();
    (fields.*field).clear();
    EXPECT_TRUE(outcome_of(fields, example(), crypto::Verifier(golden_key()))
                    .starts_with("request_unsigned "));
  }
  EXPECT_EQ(outcome_of_input(with(R"("@method" )", "")), unsigned_at("signature-input.@method"));
  EXPECT_EQ(outcome_of_input(with(R"( "@target-uri")", "")),
            unsigned_at("signature-input.@target-uri"));
  EXPECT_EQ(outcome_of_input(with(R"( "content-digest")", "")),
            unsigned_at("signature-input.content-digest"));
  EXPECT_EQ(outcome_of_input("sig1=" + std::string(kParams)), unsigned_at("signature-input.sig1"));
}

TEST(HttpSignature, RefusesOtherComponentsAndParameters) {
  const auto expect = [](const std::string& input, std::string_view outcome) {
    EXPECT_EQ(outcome_of_input(input), outcome) << input;
  };
  expect(with(R"("@method")", R"("@method" "date")"), "unknown_field signature-input.date");
  expect(with(R"("@method")", R"("@method";req)"), "bad_encoding signature-input.byte 19");
  expect(with(R"("@method")", R"("@method" "@method")"), "duplicate_field signature-input.@method");
  expect(with(";created=1793836800", ""), "missing_field signature-input.created");
  expect(with(R"(;nonce="AAECAwQFBgcICQoLDA0ODw")", ""), "missing_field signature-input.nonce");
  expect(with(R"(;alg="ecdsa-p256-sha256")", ""), "missing_field signature-input.alg");
  expect(with("ecdsa-p256-sha256", "ed25519"), "bad_algorithm signature-input.alg");
  expect(with(";created", ";created=1;created"), "duplicate_field signature-input.created");
  expect(with(";nonce", R"(;nonce="a";nonce)"), "duplicate_field signature-input.nonce");
  expect(with(";nonce", R"(;expires=1793836900;nonce)"), "unknown_field signature-input.expires");
  expect(with("d6c6", "D6C6"), "bad_value signature-input.keyid");
  expect(with("d6c6", "g6c6"), "bad_value signature-input.keyid");
  expect(with("keyid=\"82", "keyid=\""), "bad_value signature-input.keyid");
  // 15 bytes, 17 bytes, unused bits set, another alphabet.
  expect(with("DA0ODw", "DA0O"), "bad_value signature-input.nonce");
  expect(with("DA0ODw", "DA0ODxA"), "bad_value signature-input.nonce");
  expect(with("DA0ODw", "DA0ODx"), "bad_value signature-input.nonce");
  expect(with("AAEC", "AA+C"), "bad_value signature-input.nonce");
}

// RFC 8941 lets senders write one value in several ways; the base has its one serialisation.
TEST(HttpSignature, RefusesEveryOtherWayOfWritingAField) {
  const auto expect = [](const std::string& input, std::size_t byte) {
    EXPECT_EQ(outcome_of_input(input), "bad_encoding signature-input.byte " + std::to_string(byte))
        << input;
  };
  expect(" " + golden_fields().signature_input, 0);
  expect(golden_fields().signature_input + " ", golden_fields().signature_input.size());
  expect(golden_fields().signature_input + ", sig1=()", golden_fields().signature_input.size());
  expect(with("intaglio=", "intaglio ="), 8);
  expect(with("(", "( "), 10);
  expect(with(R"(" ")", R"("  ")"), 20);
  expect(with(";created", "; created"), 52);
  expect(with("=1793836800", "=01793836800"), 71);
  expect(with("=1793836800", "=-1793836800"), 60);
  expect(with("=1793836800", "=1793836800.0"), 70);
  expect(with("=1793836800", "=1793836800000000"), 76);
  expect(with("=1793836800", ""), 59);
  expect(with("@method", "@m\\ethod"), 13);
  expect("intaglio", 8);
  expect("intaglio=(", 10);
}

TEST(HttpSignature, RefusesOtherDigestsAndSignatures) {
  const auto outcome = [](auto field, std::string value) {
    HttpSignatureFields fields = golden_fields();
    fields.*field = std::move(value);
    return outcome_of(fields, example(), crypto::Verifier(golden_key()));
  };
  const auto digest = &HttpSignatureFields::content_digest;
  EXPECT_EQ(outcome(digest, "sha-512=:AAAA:"), "bad_algorithm content-digest");
  EXPECT_EQ(outcome(digest, "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:"),
            "request_altered content-digest");
  EXPECT_EQ(outcome(digest, golden_fields().content_digest + ", sha-512=:AAAA:"),
            "request_altered content-digest");
  const auto signature = &HttpSignatureFields::signature;
  const auto of_bytes = [](const Bytes& bytes) {
    return "intaglio=:" + codec::to_base64(bytes) + ":";
  };
  EXPECT_EQ(outcome(signature, "intaglio=:"), "bad_encoding signature");
  EXPECT_EQ(outcome(signature, "intaglio=::"), "bad_signature_form signature");
  EXPECT_EQ(outcome(signature, "sig1=:AAAA:"), "bad_encoding signature");
  EXPECT_EQ(outcome(signature, golden_fields().signature + ", sig1=:AAAA:"),
            "bad_encoding signature");
  EXPECT_EQ(outcome(signature, of_bytes(Bytes(63, 1))), "bad_signature_form signature");
  EXPECT_EQ(outcome(signature, of_bytes(Bytes(64, 0))), "bad_signature_form signature");
  EXPECT_EQ(outcome(signature, of_bytes(Bytes(64, 0xff))), "bad_signature_form signature");
  EXPECT_EQ(outcome(signature, std::string(1025, 'a')), "too_large signature");
}

// A line break in one of these would put a line of its own into the signature base.
TEST(HttpSignature, RefusesAMethodOrTargetThatIsNoneOfARequest) {
  const auto key = crypto::SigningKey::generate();
  const auto signer = signer_of(key);
  const auto refused = [&](std::string_view method, std::string_view uri) {
    const HttpRequestView request{method, uri, {}};
    const auto made = sign_http_request(request, kNow, nonce(), signer);
    const auto parsed = parse_request_signature(golden_fields(), request);
    EXPECT_FALSE(made.has_value());
    EXPECT_FALSE(parsed.has_value());
    if (made || parsed) return std::string();
    EXPECT_EQ(made.error(), parsed.error());
    return std::string(describe(made.error().verdict).name) + " " + made.error().where;
  };
  EXPECT_EQ(refused("", kUri), "bad_encoding method");
  EXPECT_EQ(refused("GET\n", kUri), "bad_encoding method");
  EXPECT_EQ(refused(std::string(33, 'A'), kUri), "too_large method");
  EXPECT_EQ(refused("GET", ""), "bad_encoding target-uri");
  EXPECT_EQ(refused("GET", "https://a/\n\"@method\": PUT"), "bad_encoding target-uri");
  EXPECT_EQ(refused("GET", "https://a/\xc3\xbc"), "bad_encoding target-uri");
  EXPECT_EQ(refused("GET", std::string(8193, 'a')), "too_large target-uri");
}

TEST(HttpSignature, SaysWhatTheSignerRefuses) {
  const crypto::Signer locked{golden_key(), [](ByteView) -> Result<crypto::Signature> {
                                return refuse(Verdict::element_locked);
                              }};
  const auto made = sign_http_request(example(), kNow, nonce(), locked);
  ASSERT_FALSE(made.has_value());
  EXPECT_EQ(made.error().verdict, Verdict::element_locked);
}

}  // namespace
}  // namespace intaglio::proof
