#include "codec/utf8.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace intaglio::codec {
namespace {

TEST(Utf8, FindsTheFirstBrokenSequence) {
  EXPECT_EQ(utf8_error(""), std::nullopt);
  EXPECT_EQ(utf8_error("a long line of plain ASCII"), std::nullopt);
  EXPECT_EQ(utf8_error("\u00fc \u6c34 \U00010151 \U0010FFFF \uD7FF \uE000"), std::nullopt);
  EXPECT_EQ(utf8_error("\x80"), 0U);            // a continuation alone
  EXPECT_EQ(utf8_error("12345678\xC3"), 8U);    // cut off
  EXPECT_EQ(utf8_error("a\xE6\xB0"), 1U);       // cut off
  EXPECT_EQ(utf8_error("a\xF0\x90\x85x"), 1U);  // cut off
  EXPECT_EQ(utf8_error("\xC0\xAF"), 0U);        // long forms
  EXPECT_EQ(utf8_error("\xC1\xBF"), 0U);
  EXPECT_EQ(utf8_error("\xE0\x9F\xBF"), 0U);
  EXPECT_EQ(utf8_error("\xF0\x8F\xBF\xBF"), 0U);
  EXPECT_EQ(utf8_error("\xED\xA0\x80"), 0U);      // a surrogate
  EXPECT_EQ(utf8_error("\xF4\x90\x80\x80"), 0U);  // above U+10FFFF
  EXPECT_EQ(utf8_error("\xF5\x80\x80\x80"), 0U);
  EXPECT_EQ(utf8_error("12345678\u00fc12345678\xFF"), 18U);
}

TEST(Utf8, CountsCodePoints) {
  EXPECT_EQ(utf8_length("a\u00fc\u6c34\U00010151"), 4U);
  EXPECT_EQ(utf8_prefix("a\u00fc\u6c34\U00010151", 0), 0U);
  EXPECT_EQ(utf8_prefix("a\u00fc\u6c34\U00010151", 3), 6U);
  EXPECT_EQ(utf8_prefix("a\u00fc\u6c34\U00010151", 4), 10U);
  EXPECT_EQ(utf8_prefix("a\u00fc\u6c34\U00010151", 5), std::nullopt);
}

RC_GTEST_PROP(Utf8Property, EveryCodePointIsOneSequence, ()) {
  const auto code_point = *rc::gen::oneOf(rc::gen::inRange<std::uint32_t>(0, 0xD800),
                                          rc::gen::inRange<std::uint32_t>(0xE000, 0x110000));
  std::string text;
  append_utf8(text, code_point);
  RC_ASSERT(!utf8_error(text).has_value());
  RC_ASSERT(utf8_length(text) == 1U);
  // No shorter part of it is a sequence.
  if (text.size() > 1) RC_ASSERT(utf8_error(text.substr(0, text.size() - 1)) == 0U);
}

}  // namespace
}  // namespace intaglio::codec
