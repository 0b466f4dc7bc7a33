#include "http/request_target.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace intaglio::http {
namespace {

using Segments = std::vector<std::string>;
using Query = std::vector<Parameter>;

Refusal refusal_of(std::string_view text) {
  const auto target = parse_target(text);
  return target ? Refusal{Verdict::accepted, target->path} : target.error();
}

TEST(RequestTarget, IsSplitBeforeItIsDecoded) {
  const auto target = parse_target("/a%2Fb/%E2%82%AC/?x=1%262&y=a+b&z&%3D=%2B").value();
  EXPECT_EQ(target.path, "/a%2Fb/%E2%82%AC/");
  EXPECT_EQ(target.segments, (Segments{"a/b", "\u20ac", ""}));
  EXPECT_EQ(target.query, (Query{{"x", "1&2"}, {"y", "a b"}, {"z", ""}, {"=", "+"}}));
}

TEST(RequestTarget, TakesTheAbsoluteFormAndTheAsterisk) {
  EXPECT_EQ(parse_target("http://h:80/a?b=c").value().path, "/a");
  EXPECT_EQ(parse_target("HTTPS://h").value().path, "/");
  EXPECT_EQ(parse_target("http://h?b=c").value().query, (Query{{"b", "c"}}));
  EXPECT_EQ(parse_target("*").value().path, "*");
  EXPECT_TRUE(parse_target("*").value().segments.empty());
  EXPECT_EQ(parse_target("/").value().segments, Segments{""});
  EXPECT_EQ(parse_target("/a+b").value().segments, Segments{"a+b"});
}

TEST(RequestTarget, RefusesBrokenPercentSequences) {
  for (const auto* text : {"/%", "/%4", "/%4g", "/%g4", "/%%20", "/%u0041", "/% 41"}) {
    EXPECT_EQ(refusal_of(text), (Refusal{Verdict::bad_encoding, "path byte 1"})) << text;
  }
  EXPECT_EQ(refusal_of("/a?bc=1%2"), (Refusal{Verdict::bad_encoding, "query byte 4"}));
}

TEST(RequestTarget, RefusesControlCharactersAndWhatIsNoUtf8) {
  for (const auto* text : {"/%00", "/%0a", "/%0D", "/%1F", "/%7F", "/%FF", "/%C0%AF", "/%ED%A0%80",
                           "/\xE2\x82\xAC", "/a b", "/a\"b", "/<a>", "/a#b", "/a\\b", "/{a}"}) {
    EXPECT_EQ(refusal_of(text).verdict, Verdict::bad_encoding) << text;
  }
}

TEST(RequestTarget, RefusesDotSegmentsHoweverTheyAreWritten) {
  for (const auto* text : {"/..", "/a/../b", "/%2e%2e/x", "/.", "/a/%2E", "/.%2e/"}) {
    EXPECT_EQ(refusal_of(text).verdict, Verdict::bad_encoding) << text;
  }
  EXPECT_EQ(parse_target("/...").value().segments, Segments{"..."});
}

TEST(RequestTarget, RefusesOtherForms) {
  for (const auto* text : {"", "a", "host:443", "ftp://h/a", "?a=b", "**"}) {
    EXPECT_EQ(refusal_of(text), (Refusal{Verdict::bad_encoding, "path byte 0"})) << text;
  }
}

TEST(RequestTarget, RefusesAParameterThatStandsTwice) {
  EXPECT_EQ(refusal_of("/?a=1&b=2&%61=3"), (Refusal{Verdict::duplicate_field, "a"}));
}

TEST(RequestTarget, HasLimits) {
  EXPECT_TRUE(parse_target("/" + std::string(kMaxTargetBytes - 1, 'a')).has_value());
  EXPECT_EQ(refusal_of("/" + std::string(kMaxTargetBytes, 'a')).verdict, Verdict::too_large);
  std::string many = "/?";
  for (std::size_t i = 0; i < kMaxQueryParameters; ++i) many += std::to_string(i) + "&";
  EXPECT_TRUE(parse_target(many).has_value());
  EXPECT_EQ(refusal_of(many + "x").verdict, Verdict::too_large);
}

RC_GTEST_PROP(RequestTarget, DecodesWhatWasEncoded, (const std::vector<std::uint16_t>& letters)) {
  std::string text;
  for (const auto letter : letters) {
    const char c = static_cast<char>(0x20 + letter % 0x5F);
    text += letter % 7 == 0 ? std::string("\u00e9") : std::string(1, c);
  }
  RC_ASSERT(percent_decode(percent_encode(text)).value() == text);
  RC_ASSERT(percent_decode(percent_encode(text), true).value() == text);
}

}  // namespace
}  // namespace intaglio::http
