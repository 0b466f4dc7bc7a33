#include "crypto/aead.h"

#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "codec/hex.h"
#include "codec/json.h"

namespace intaglio::crypto {
namespace {

Bytes member(const codec::Json& json, std::string_view name) {
  return codec::from_hex(json.text_at(name).value()).value();
}

Bytes joined(ByteView a, ByteView b, ByteView c) {
  Bytes out = to_bytes(a);
  append(out, b);
  append(out, c);
  return out;
}

TEST(Aead, OpensWycheproofsValidAesGcmVectorsAndNoOther) {
  const char* set = std::getenv("INTAGLIO_VECTORS");
  const std::string folder = set != nullptr ? set : "../shared/vectors";
  const std::string path = folder + "/wycheproof/aes_gcm_test.json";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "NOT RUN: no vectors at " << path;
  const Bytes file = system_env().read_file(path, 16 << 20).value();
  const auto json = codec::parse_json(as_text(file), {.bytes = 16 << 20, .depth = 16}).value();
  std::size_t opened = 0;
  std::size_t refused = 0;
  for (const auto& group : *json.find("testGroups")->items()) {
    // Ours is the form with a 96-bit nonce and the whole tag.
    if (group.uint_at("keySize").value() != 256 || group.uint_at("ivSize").value() != 96 ||
        group.uint_at("tagSize").value() != 128) {
      continue;
    }
    for (const auto& test : *group.find("tests")->items()) {
      SCOPED_TRACE(test.uint_at("tcId").value());
      const Secret key(member(test, "key"));
      const auto plaintext =
          open(key, member(test, "aad"),
               joined(member(test, "iv"), member(test, "ct"), member(test, "tag")));
      if (test.text_at("result").value() == "valid") {
        ASSERT_TRUE(plaintext.has_value());
        EXPECT_TRUE(equal(plaintext->reveal(), member(test, "msg")));
        ++opened;
      } else {
        EXPECT_FALSE(plaintext.has_value());
        ++refused;
      }
    }
  }
  RecordProperty("opened", std::to_string(opened));
  RecordProperty("refused", std::to_string(refused));
  EXPECT_GT(opened, 30u);
  EXPECT_GT(refused, 20u);
}

RC_GTEST_PROP(Aead, OpensWhatItSealedAndNothingAltered,
              (const Bytes& message, const Bytes& context)) {
  const Secret key(Bytes(kAeadKeySize, 9));
  Bytes sealed = seal(key, context, message, system_env());
  RC_ASSERT(sealed.size() == message.size() + kAeadOverhead);
  const auto opened = open(key, context, sealed);
  RC_ASSERT(opened.has_value());
  RC_ASSERT(equal(opened->reveal(), message));

  Bytes other_context = context;
  other_context.push_back(0);
  RC_ASSERT(!open(key, other_context, sealed).has_value());
  RC_ASSERT(!open(Secret(Bytes(kAeadKeySize, 8)), context, sealed).has_value());
  const auto place = *rc::gen::inRange<std::size_t>(0, sealed.size());
  RC_ASSERT(!open(key, context, ByteView(sealed).first(place)).has_value());
  sealed[place] ^= 1;
  RC_ASSERT(!open(key, context, sealed).has_value());
}

TEST(Aead, SealsTheSameMessageDifferentlyEachTime) {
  const Secret key(Bytes(kAeadKeySize, 9));
  EXPECT_NE(seal(key, {}, as_bytes("x"), system_env()), seal(key, {}, as_bytes("x"), system_env()));
}

}  // namespace
}  // namespace intaglio::crypto
