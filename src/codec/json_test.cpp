#include "codec/json.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace intaglio::codec {
namespace {

Refusal refusal_of(std::string_view text, JsonLimits limits = {}) {
  const auto value = parse_json(text, limits);
  if (value) return {Verdict::accepted, value->dump()};
  return value.error();
}

TEST(Json, KeepsMembersInTheOrderTheyWereWritten) {
  const auto value = parse_json(R"( {"b":1 , "a":[true,null,"x",-5], "c":{}} )").value();
  EXPECT_EQ(value.dump(), R"({"b":1,"a":[true,null,"x",-5],"c":{}})");
  EXPECT_EQ(value.pretty(),
            "{\n  \"b\": 1,\n  \"a\": [\n    true,\n    null,\n    \"x\",\n    -5\n  ],\n"
            "  \"c\": {}\n}");
}

TEST(Json, BuildsAndFindsMembers) {
  Json value;
  value.set("a", 1).set("b", Json().push("x").push(false)).set("a", "again");
  EXPECT_EQ(value.dump(), R"({"a":"again","b":["x",false]})");
  EXPECT_EQ(value.text_at("a").value(), "again");
  EXPECT_EQ(value.text_at("b").error(), (Refusal{Verdict::bad_value, "b"}));
  EXPECT_EQ(value.text_at("c").error(), (Refusal{Verdict::missing_field, "c"}));
  EXPECT_EQ(value.find("b")->items()->size(), 2U);
  EXPECT_EQ(Json(5).find("b"), nullptr);
}

TEST(Json, ReadsUnsignedIntegersAsNumbersAndAsDigits) {
  const auto value = parse_json(R"({"n":7,"d":"18446744073709551615","m":-1,"t":"1x"})").value();
  EXPECT_EQ(value.uint_at("n").value(), 7U);
  EXPECT_EQ(value.uint_at("d").value(), UINT64_MAX);
  EXPECT_EQ(value.uint_at("m").error(), (Refusal{Verdict::bad_value, "m"}));
  EXPECT_EQ(value.uint_at("t").error(), (Refusal{Verdict::bad_value, "t"}));
  EXPECT_EQ(value.uint_at("x").error(), (Refusal{Verdict::missing_field, "x"}));
  for (const auto* text : {"", "-1", "+1", " 1", "1 ", "18446744073709551616", "0x1", "1.0"}) {
    EXPECT_EQ(uint_from_digits(text), std::nullopt) << text;
  }
}

TEST(Json, NoIntegerIsLostOnTheWay) {
  EXPECT_EQ(Json(INT64_MIN).dump(), "-9223372036854775808");
  EXPECT_EQ(Json(INT64_MAX).dump(), "9223372036854775807");
  // Above the integers of JSON here: its digits, which uint_at() reads.
  EXPECT_EQ(Json(UINT64_MAX).dump(), R"("18446744073709551615")");
}

TEST(JsonParser, RefusesNumbersThatAreNotSigned64BitIntegers) {
  for (const auto* text : {"1.0", "1e2", "-0.5", "9223372036854775808", "-9223372036854775809",
                           "18446744073709551616", "1e999", "-1E400"}) {
    EXPECT_EQ(refusal_of(text).verdict, Verdict::bad_value) << text;
  }
  EXPECT_EQ(refusal_of(R"({"a": 1.5})"), (Refusal{Verdict::bad_value, "byte 8"}));
  EXPECT_EQ(parse_json("-9223372036854775808").value(), Json(INT64_MIN));
  EXPECT_EQ(parse_json("9223372036854775807").value(), Json(INT64_MAX));
}

TEST(JsonParser, RefusesAMemberThatStandsTwice) {
  EXPECT_EQ(refusal_of(R"({"a":1,"b":2,"a":3})"),
            (Refusal{Verdict::duplicate_field, "byte 18, a"}));
  EXPECT_EQ(refusal_of(R"([{"a":{"b":1,"\u0062":2}}])").verdict, Verdict::duplicate_field);
  EXPECT_TRUE(parse_json(R"({"a":{"a":1},"b":{"a":2}})").has_value());
}

TEST(JsonParser, NamesTheByteAtWhichReadingStopped) {
  EXPECT_EQ(refusal_of("[1,]"), (Refusal{Verdict::bad_encoding, "byte 3"}));
  EXPECT_EQ(refusal_of("{\"a\" 1}"), (Refusal{Verdict::bad_encoding, "byte 5"}));
  EXPECT_EQ(refusal_of(""), (Refusal{Verdict::bad_encoding, "byte 0"}));
  EXPECT_EQ(refusal_of("[1"), (Refusal{Verdict::bad_encoding, "byte 2"}));
  EXPECT_EQ(refusal_of("[1.5"), (Refusal{Verdict::bad_value, "byte 3"}));
}

TEST(JsonParser, RefusesWhatIsNoJson) {
  const std::string zero_inside("1\0 2", 4);
  const std::string zero_at_end("1\0", 2);
  const std::string_view texts[] = {"{",
                                    "[1",
                                    "\"a",
                                    "nul",
                                    "01",
                                    "+1",
                                    "'a'",
                                    "{a:1}",
                                    "[1] 2",
                                    "// c\n1",
                                    "NaN",
                                    "Infinity",
                                    "\"\t\"",
                                    "\"\\x\"",
                                    "\xEF\xBB\xBF"
                                    "1",
                                    "\"\xFF\"",
                                    "\"\\ud800\"",
                                    "\"\xED\xA0\x80\"",
                                    "1,",
                                    "[1 2]",
                                    zero_inside,
                                    zero_at_end};
  for (const auto text : texts) {
    EXPECT_EQ(refusal_of(text).verdict, Verdict::bad_encoding) << text;
  }
}

TEST(JsonParser, KnowsTooDeepBeforeItBuildsIt) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_TRUE(parse_json(nested(16)).has_value());
  EXPECT_EQ(refusal_of(nested(17)), (Refusal{Verdict::too_large, "byte 16"}));
  EXPECT_EQ(refusal_of(std::string(60000, '[')), (Refusal{Verdict::too_large, "byte 16"}));
  EXPECT_EQ(refusal_of(R"({"a":{"b":{}}})", {.depth = 2}).verdict, Verdict::too_large);
  EXPECT_EQ(refusal_of("12345", {.bytes = 4}).verdict, Verdict::too_large);
  EXPECT_EQ(refusal_of("1234", {.bytes = 4}).verdict, Verdict::accepted);
}

TEST(JsonParser, ReadsEscapes) {
  EXPECT_EQ(*parse_json(R"("\"\\\/\b\f\n\r\t\u00fc\ud800\udd51\u0000")").value().text(),
            std::string("\"\\/\b\f\n\r\t\u00fc\U00010151\0", 15));
}

TEST(Json, WritesAnyTextAsWellFormedJson) {
  EXPECT_EQ(Json("a\"\\\n\x01\x7F\u6c34").dump(), "\"a\\\"\\\\\\n\\u0001\\u007f\u6c34\"");
  EXPECT_EQ(Json("a\xFF\xC3z\xE6\xB0").dump(), "\"a\uFFFD\uFFFDz\uFFFD\uFFFD\"");
}

Json any_json(int depth) {
  switch (*rc::gen::inRange(0, depth > 0 ? 6 : 4)) {
    case 0: return {};
    case 1: return *rc::gen::arbitrary<bool>();
    case 2: return *rc::gen::arbitrary<std::int64_t>();
    case 3: return *rc::gen::container<std::string>(rc::gen::inRange<char>(0, 127));
    case 4: {
      Json out = Json::array();
      for (int n = *rc::gen::inRange(0, 5); n > 0; --n) out.push(any_json(depth - 1));
      return out;
    }
    default: {
      Json out = Json::object();
      for (int n = *rc::gen::inRange(0, 5); n > 0; --n) {
        out.set(*rc::gen::container<std::string>(rc::gen::inRange<char>(0, 127)),
                any_json(depth - 1));
      }
      return out;
    }
  }
}

RC_GTEST_PROP(JsonProperty, ReadingAfterWritingIsIdentity, ()) {
  const Json value = any_json(4);
  RC_ASSERT(parse_json(value.dump(), {.bytes = SIZE_MAX}).value() == value);
  RC_ASSERT(parse_json(value.pretty(), {.bytes = SIZE_MAX}).value() == value);
}

}  // namespace
}  // namespace intaglio::codec
