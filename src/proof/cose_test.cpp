#include "proof/cose.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <optional>

#include <gtest/gtest.h>

#include "base/env.h"
#include "codec/base64url.h"
#include "codec/cbor.h"
#include "codec/json.h"
#include "proof/signing_for_test.h"

namespace intaglio::proof {
namespace {

constexpr std::size_t kLimit = 1024;

// A COSE_Sign1 of our form, taken apart so that each part can be made wrong.
struct Parts {
  std::uint64_t tag = 18;
  Bytes header =
      hex("a2012604582082316ad6c6598b75d1a8b9fa3bcd2dc704af4de47e6acbfde9b1a89b305fdf45");
  Bytes unprotected = hex("a0");
  Bytes payload = hex("4101");
  Bytes signature =
      hex("51e2a962a2a4fb32fc1a51bf26e5bfa45821f1c7ea0267651aefa66251197a20"
          "5cee7ddefedf80a63a8de3058a50a80dc3df7ef5bc685d5324688962fac7c78a");

  Bytes encode() const {
    codec::CborWriter out;
    out.tag(tag).array(4).bytes(header);
    out.encoded(unprotected).encoded(payload).bytes(signature);
    return out.take();
  }
};

Verdict verdict_with(const std::function<void(Parts&)>& change) {
  Parts parts;
  change(parts);
  return verdict_of(parse_sign1(parts.encode(), kLimit));
}

TEST(Cose, TakesTheOneForm) {
  const Bytes bytes = Parts().encode();
  const auto sign1 = must(parse_sign1(bytes, kLimit));
  EXPECT_EQ(sign1.key, golden_key().hash());
  EXPECT_EQ(codec::to_hex(sign1.payload), "01");
  EXPECT_EQ(assemble_sign1(sign1.key, sign1.payload, sign1.signature), bytes);
}

TEST(Cose, RefusesAnotherTagAndNone) {
  EXPECT_EQ(verdict_with([](Parts& p) { p.tag = 98; }), Verdict::bad_value);
  const Bytes bytes = Parts().encode();
  EXPECT_EQ(verdict_of(parse_sign1(ByteView(bytes).subspan(1), kLimit)), Verdict::bad_value);
}

TEST(Cose, RefusesEveryOtherProtectedHeader) {
  const auto header = [](std::string_view text) {
    return verdict_with([&](Parts& p) { p.header = hex(text); });
  };
  const std::string key(64, '4');
  EXPECT_EQ(header(""), Verdict::truncated);
  EXPECT_EQ(header("a0"), Verdict::truncated);
  EXPECT_EQ(header("a10126"), Verdict::bad_value);                    // no key
  EXPECT_EQ(header("a2012604420102"), Verdict::bad_value);            // a short key id
  EXPECT_EQ(header("a2013822045820" + key), Verdict::bad_algorithm);  // ES384
  EXPECT_EQ(header("a201260f5820" + key), Verdict::bad_value);        // another header
  EXPECT_EQ(header("a3012604582044" + key.substr(2) + "0500"), Verdict::bad_value);  // one more
  EXPECT_EQ(header("a20126045820" + key + "00"), Verdict::trailing_bytes);
  EXPECT_EQ(header("a2045820" + key + "0126"), Verdict::bad_value);  // not in order
  EXPECT_EQ(header("a2012604590020" + key), Verdict::bad_encoding);  // not shortest
}

TEST(Cose, RefusesUnprotectedHeadersAndADetachedPayload) {
  EXPECT_EQ(verdict_with([](Parts& p) {
              p.unprotected =
                  hex("a10442"
                      "3131");
            }),
            Verdict::unknown_field);
  EXPECT_EQ(verdict_with([](Parts& p) { p.payload = hex("f6"); }), Verdict::bad_value);
}

TEST(Cose, RefusesASignatureOutOfRangeOrNotLowS) {
  const auto signature = [](const Bytes& bytes) {
    return verdict_with([&](Parts& p) { p.signature = bytes; });
  };
  const Bytes good = Parts().signature;
  EXPECT_EQ(signature(to_bytes(ByteView(good).first(63))), Verdict::bad_signature_form);
  EXPECT_EQ(signature(Bytes(64, 0)), Verdict::bad_signature_form);
  const auto twin = other_form(*crypto::Signature::from(good));
  EXPECT_EQ(signature(to_bytes(twin.view())), Verdict::bad_signature_form);
}

TEST(Cose, RefusesWhatIsTooLongCutOffOrFollowed) {
  const Bytes bytes = Parts().encode();
  EXPECT_EQ(verdict_of(parse_sign1(bytes, bytes.size())), Verdict::accepted);
  EXPECT_EQ(verdict_of(parse_sign1(bytes, bytes.size() - 1)), Verdict::too_large);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(parse_sign1(ByteView(bytes).first(size), kLimit)) << size;
  }
  Bytes more = bytes;
  more.push_back(0xf6);
  EXPECT_EQ(verdict_of(parse_sign1(more, kLimit)), Verdict::trailing_bytes);
}

// From here on: the public examples. They carry the key id unprotected, which our form does not, so
// they are read by a reader of their own; what they check is our Sig_structure and ES256.

std::string vectors() {
  const char* set = std::getenv("INTAGLIO_VECTORS");
  return std::string(set != nullptr ? set : "../shared/vectors") + "/cose/";
}

struct ForeignSign1 {
  ByteView header;
  ByteView payload;
  ByteView signature;
};

Result<std::int64_t> algorithm_in(ByteView header) {
  codec::CborReader in(header);
  ASSIGN(const auto pairs, in.map());
  if (pairs == 0) return refuse(Verdict::missing_field);
  ASSIGN(const auto label, in.integer());
  if (label != 1) return refuse(Verdict::missing_field);
  return in.integer();
}

// Any COSE_Sign1, tagged or not, whose algorithm is ES256 in either header.
Result<ForeignSign1> parse_foreign(ByteView bytes) {
  codec::CborReader in(bytes);
  ASSIGN(const auto next, in.peek());
  if (next == codec::CborType::tag) {
    ASSIGN(const auto tag, in.tag());
    if (tag != 18) return refuse(Verdict::bad_value, "tag");
  }
  ASSIGN(const auto parts, in.array());
  if (parts != 4) return refuse(Verdict::bad_value, "array");
  ForeignSign1 out;
  ASSIGN(out.header, in.bytes());
  ASSIGN(const auto unprotected, in.item());
  ASSIGN(out.payload, in.bytes());
  ASSIGN(out.signature, in.bytes());
  TRY(in.finish());
  auto algorithm = algorithm_in(out.header);
  if (!algorithm) algorithm = algorithm_in(unprotected);
  if (!algorithm || *algorithm != -7) return refuse(Verdict::bad_algorithm);
  // An empty map may be written as no bytes at all, and is signed so (RFC 9052 section 4.4).
  if (codec::to_hex(out.header) == "a0") out.header = {};
  return out;
}

Bytes coordinate(const codec::Json& key, const std::string& name) {
  if (const auto* found = key.find(name + "_hex")) return hex(*found->text());
  return must(codec::from_base64url(must(key.text_at(name))));
}

struct Example {
  bool must_fail = false;
  crypto::PublicKey key;
  Bytes external;
  Bytes message;
  std::optional<Bytes> to_be_signed;
};

Example read_example(const std::string& name) {
  const Bytes file = must(system_env().read_file(vectors() + name, 1 << 16));
  const auto json = must(codec::parse_json(as_text(file)));
  Example out;
  const auto* fail = json.find("fail");
  out.must_fail = fail != nullptr && *fail->boolean();
  const auto& sign0 = *json.find("input")->find("sign0");
  Bytes point{4};
  append(point, coordinate(*sign0.find("key"), "x"));
  append(point, coordinate(*sign0.find("key"), "y"));
  out.key = must(crypto::PublicKey::parse(point));
  if (const auto* external = sign0.find("external")) out.external = hex(*external->text());
  out.message = hex(must(json.find("output")->text_at("cbor")));
  const auto* steps = json.find("intermediates");
  const auto* expected = steps != nullptr ? steps->find("ToBeSign_hex") : nullptr;
  if (expected != nullptr) out.to_be_signed = hex(*expected->text());
  return out;
}

Result<void> verify_foreign(const Example& example) {
  ASSIGN(const auto parts, parse_foreign(example.message));
  const Bytes signed_bytes = sig_structure(parts.header, example.external, parts.payload);
  if (!example.must_fail && example.to_be_signed) {
    EXPECT_EQ(codec::to_hex(signed_bytes), codec::to_hex(*example.to_be_signed));
  }
  const auto signature = crypto::Signature::from(parts.signature);
  if (!signature) return refuse(Verdict::bad_signature_form);
  if (!crypto::Verifier(example.key)
           .verify(crypto::sha256(signed_bytes), crypto::to_low_s(*signature))) {
    return refuse(Verdict::bad_signature);
  }
  return {};
}

// Every COSE_Sign1 with ES256 that the folders have.
std::vector<std::string> es256_sign1_examples() {
  std::vector<std::string> out;
  for (const std::string folder : {"sign1-tests/", "ecdsa-examples/", "RFC8152/", "CWT/"}) {
    for (const auto& entry : std::filesystem::directory_iterator(vectors() + folder)) {
      if (entry.path().extension() != ".json") continue;
      const std::string name = folder + entry.path().filename().string();
      const Bytes file = must(system_env().read_file(vectors() + name, 1 << 16));
      const auto json = must(codec::parse_json(as_text(file)));
      const auto* sign0 = json.find("input")->find("sign0");
      const auto* algorithm = sign0 != nullptr ? sign0->find("alg") : nullptr;
      if (algorithm != nullptr && *algorithm->text() == "ES256") out.push_back(name);
    }
  }
  return out;
}

TEST(CoseExamples, Es256Sign1VerifiesAndTheWrongOnesFail) {
  if (!std::filesystem::exists(vectors())) GTEST_SKIP() << "no vectors at " << vectors();
  int verified = 0;
  int failed = 0;
  for (const auto& name : es256_sign1_examples()) {
    SCOPED_TRACE(name);
    const Example example = read_example(name);
    const bool good = verify_foreign(example).has_value();
    EXPECT_EQ(good, !example.must_fail);
    ++(good ? verified : failed);
    // None of them is a statement of ours, whatever its signature.
    EXPECT_FALSE(parse_sign1(example.message, kLimit));
  }
  std::printf("COSE_Sign1 with ES256: %d verify, %d must fail and do\n", verified, failed);
  EXPECT_EQ(verified, 6);
  EXPECT_EQ(failed, 6);
}

}  // namespace
}  // namespace intaglio::proof
