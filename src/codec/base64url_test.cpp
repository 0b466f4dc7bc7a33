#include "codec/base64url.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace intaglio::codec {
namespace {

// RFC 4648 section 10.
constexpr std::pair<std::string_view, std::string_view> kStandardRows[] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
};

TEST(Base64, MeetsTheValuesOfTheStandard) {
  for (const auto& [plain, padded] : kStandardRows) {
    EXPECT_EQ(to_base64(as_bytes(plain)), padded);
    EXPECT_EQ(as_text(from_base64(padded).value()), plain);
    const std::string bare(padded.substr(0, padded.find('=')));
    EXPECT_EQ(to_base64url(as_bytes(plain)), bare);
    EXPECT_EQ(as_text(from_base64url(bare).value()), plain);
  }
}

TEST(Base64, TheTwoAlphabetsDifferInTwoCharacters) {
  const Bytes bytes{0xFB, 0xEF, 0xFF};
  EXPECT_EQ(to_base64url(bytes), "--__");
  EXPECT_EQ(to_base64(bytes), "++//");
  EXPECT_FALSE(from_base64url("++//").has_value());
  EXPECT_FALSE(from_base64("--__").has_value());
}

TEST(Base64url, RefusesAnythingButTheOneForm) {
  const auto refusal = [](std::string_view text) { return from_base64url(text).error(); };
  EXPECT_EQ(refusal("Zg=="), (Refusal{Verdict::bad_encoding, "character 2"}));
  EXPECT_EQ(refusal("Zm9v\n"), (Refusal{Verdict::bad_encoding, "character 4"}));
  EXPECT_EQ(refusal("Z"), (Refusal{Verdict::bad_encoding, "character 1"}));
  EXPECT_EQ(refusal("Zm9vZ"), (Refusal{Verdict::bad_encoding, "character 5"}));
  EXPECT_EQ(refusal("Zh"), (Refusal{Verdict::bad_encoding, "character 1"}));   // an unused bit
  EXPECT_EQ(refusal("Zm9"), (Refusal{Verdict::bad_encoding, "character 2"}));  // likewise
}

TEST(Base64, RefusesWrongPadding) {
  for (const auto* text : {"Zg", "Zg=", "Zg===", "=", "==", "====", "Z===", "Zg==Zg==", "Zh=="}) {
    EXPECT_FALSE(from_base64(text).has_value()) << text;
  }
}

TEST(Base64, LinesMayBeWrappedWhereThatIsAsked) {
  EXPECT_EQ(as_text(from_wrapped_base64("Zm9v\r\nYmFy\n").value()), "foobar");
  EXPECT_EQ(as_text(from_wrapped_base64(" Z m9v\tYg\n==").value()), "foob");
  EXPECT_EQ(from_wrapped_base64(" \n").value(), Bytes{});
  EXPECT_FALSE(from_wrapped_base64("Zm9v\v").has_value());
  EXPECT_FALSE(from_wrapped_base64("Zm9\n").has_value());
}

RC_GTEST_PROP(Base64Property, DecodingAfterEncodingIsIdentity, (const Bytes& bytes)) {
  RC_ASSERT(from_base64url(to_base64url(bytes)).value() == bytes);
  RC_ASSERT(from_base64(to_base64(bytes)).value() == bytes);
}

RC_GTEST_PROP(Base64Property, OneValueHasOneText, ()) {
  const auto text = *rc::gen::container<std::string>(rc::gen::elementOf(std::string("AZgh9-_=+")));
  if (const auto bytes = from_base64url(text)) RC_ASSERT(to_base64url(*bytes) == text);
  if (const auto bytes = from_base64(text)) RC_ASSERT(to_base64(*bytes) == text);
}

}  // namespace
}  // namespace intaglio::codec
