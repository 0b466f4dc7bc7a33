#include "codec/emv_text.h"

#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "codec/utf8.h"

namespace intaglio::codec {
namespace {

// A code of ours with both signature templates, made and checked outside this program.
constexpr std::string_view kSigned =
    "00020101021226340012example.test0114ACC4F2K9Q7D3M1520458145303978540512.505802EE5913KOHVIK "
    "TUULIK6007TALLINN62310515INV2026112300420708POS0001780630012example.test010110211oQ0cMIvQa0I03"
    "091195895400410000000013781630012example.test0143bGmK6SXK-fJUkqKIeUyhn3pdx9LyUlmCZXwxDsGoNkz82"
    "630012example.test0143lpYa-ajMuyqGpdhaK9BRKUfZVj5UGeyprNlBkUgqirw6304E7BE";

Refusal refusal_of(std::string_view text, EmvLimits limits = {}) {
  const auto code = parse_emv_text(text, limits);
  if (code) return {Verdict::accepted, {}};
  return code.error();
}

// The text with 63 and the right CRC behind it.
std::string sealed(std::string text) {
  text += "6304";
  std::string digits = "0000";
  auto crc = emv_crc(text);
  for (std::size_t i = 4; i > 0; --i, crc = static_cast<std::uint16_t>(crc >> 4)) {
    digits[i - 1] = "0123456789ABCDEF"[crc & 15];
  }
  return text + digits;
}

TEST(EmvText, CrcMeetsItsCheckValue) { EXPECT_EQ(emv_crc("123456789"), 0x29B1); }

TEST(EmvText, ReadsASignedCode) {
  const auto code = parse_emv_text(kSigned).value();
  EXPECT_TRUE(check_emv_mandatory(code).has_value());
  EXPECT_EQ(code.objects().value(54).value(), "12.50");
  EXPECT_EQ(code.objects().find(80)->id, 80U);
  EXPECT_EQ(code.objects().find(99), nullptr);
  EXPECT_EQ(code.objects().value(99).error(), (Refusal{Verdict::missing_field, "99"}));
  const auto header = code.template_at(80).value();
  EXPECT_EQ(header.value(4).value(), "0000000137");
  EXPECT_EQ(header.value(2).value(), "oQ0cMIvQa0I");
  EXPECT_EQ(code.template_at(83).error().verdict, Verdict::missing_field);
  EXPECT_EQ(code.template_at(59).error(), (Refusal{Verdict::bad_encoding, "59.byte 0"}));
}

TEST(EmvText, GivesTheTextBeforeATemplate) {
  const auto code = parse_emv_text(kSigned).value();
  const auto before = code.before(81).value();
  EXPECT_TRUE(before.ends_with("04100000000137")) << before;
  EXPECT_TRUE(kSigned.substr(before.size()).starts_with("81630012example.test"));
  EXPECT_EQ(code.before(0), "");
  EXPECT_EQ(code.before(83), std::nullopt);
}

TEST(EmvWriter, WritesTheSignedCodeAgain) {
  const auto code = parse_emv_text(kSigned).value();
  EmvWriter out;
  for (const auto& object : code.objects().all()) {
    if (object.id == 81) {
      EXPECT_EQ(out.view(), code.before(81).value());
    }
    if (object.id == 63) continue;
    if (object.id < 80) {
      out.put(object.id, object.value);
    } else {
      EmvWriter inside;
      const auto objects = code.template_at(object.id).value();
      for (const auto& sub : objects.all()) inside.put(sub.id, sub.value);
      out.put(object.id, inside);
    }
  }
  EXPECT_EQ(out.finish().value(), kSigned);
}

TEST(EmvWriter, GoldenText) {
  EmvWriter account;
  account.put(0, "org.intaglio").put(1, "itg1zg6qqqgzqvzq2ps8pqys5zcvp58q7yq3zgfsg409ns");
  EmvWriter out;
  out.put(0, "01").put(1, "12").put(26, account).put(52, "5814").put(53, "978").put(54, "12.50");
  out.put(58, "EE").put(59, "Kohvik T\u00fc\u00fcri").put(60, "Tallinn");
  EXPECT_EQ(out.finish().value(),
            "00020101021226660012org.intaglio0146itg1zg6qqqgzqvzq2ps8pqys5zcvp58q7yq3zgfsg409ns"
            "520458145303978540512.505802EE5912Kohvik T\u00fc\u00fcri6007Tallinn630428E1");
}

TEST(EmvText, ReadsTheCrcInEitherCase) {
  std::string lower(kSigned);
  lower.replace(lower.size() - 4, 4, "e7be");
  EXPECT_TRUE(parse_emv_text(lower).has_value());
}

TEST(EmvText, ACrcMayBeginWithZeros) {
  // Codes until one with two zeros is found: they are written, and read as written.
  for (int i = 0; i < 10000; ++i) {
    EmvWriter out;
    const auto text = out.put(0, "01").put(60, std::to_string(i)).finish().value();
    if (!text.substr(text.size() - 4).starts_with("00")) continue;
    EXPECT_TRUE(parse_emv_text(text).has_value()) << text;
    std::string other = text;
    other[text.size() - 4] = '1';
    EXPECT_EQ(refusal_of(other).verdict, Verdict::bad_checksum);
    return;
  }
  FAIL() << "no CRC with leading zeros among 10000";
}

TEST(EmvText, RefusesEveryChangedCharacterOfTheSignedCode) {
  for (std::size_t i = 0; i < kSigned.size(); ++i) {
    std::string changed(kSigned);
    changed[i] = changed[i] == 'Q' ? 'R' : 'Q';
    EXPECT_NE(refusal_of(changed).verdict, Verdict::accepted) << i;
  }
}

TEST(EmvText, LengthsCountCharacters) {
  // Two characters of three bytes, one of four.
  const auto text = sealed("0002010102125903\u6c34\u6c34\U00010151");
  EXPECT_EQ(parse_emv_text(text).value().objects().value(59).value(), "\u6c34\u6c34\U00010151");
  EXPECT_EQ(refusal_of(sealed("0002015909\u6c34\u6c34")).verdict, Verdict::bad_encoding);
}

TEST(EmvText, RefusesWhatBreaksTheRules) {
  const auto is = [](const std::string& text, Verdict verdict, std::string where) {
    EXPECT_EQ(refusal_of(text), (Refusal{verdict, std::move(where)})) << text;
  };
  is("", Verdict::missing_field, "00");
  is("000201", Verdict::missing_field, "63");
  is(sealed("010211"), Verdict::missing_field, "00");
  is(sealed("010211000201"), Verdict::bad_encoding, "byte 0");
  is(sealed("000202"), Verdict::bad_version, "00");
  is(sealed("000201") + "5802EE", Verdict::trailing_bytes, "byte 14");
  is(sealed("000201") + "0", Verdict::bad_encoding, "byte 14");
  is("0002016304", Verdict::truncated, "byte 6");
  is("0002016304"
     "12",
     Verdict::truncated, "byte 6");
  is("0002016303"
     "123",
     Verdict::bad_checksum, "63");
  is("0002016304"
     "12X4",
     Verdict::bad_checksum, "63");
  is("0002016304"
     "-123",
     Verdict::bad_checksum, "63");
  is(sealed("000201"
            "A10101"),
     Verdict::bad_encoding, "byte 6");
  is(sealed("000201"
            "58002"),
     Verdict::bad_encoding, "byte 8");
  is(sealed("000201"
            "58+1a"),
     Verdict::bad_encoding, "byte 8");
  is("000201"
     "58",
     Verdict::bad_encoding, "byte 8");
  is(sealed("000201"
            "5802EE"
            "5802EE"),
     Verdict::duplicate_field, "58");
  is(sealed("000201"
            "5902A\n"),
     Verdict::bad_encoding, "byte 11");
  is(sealed("000201"
            "5901\xFF"),
     Verdict::bad_encoding, "byte 10");
}

TEST(EmvText, KeepsItsLimit) {
  std::string text = "000201";
  for (const auto* id : {"80", "81", "82", "83"}) text += id + ("99" + std::string(99, 'x'));
  text += "8476";
  for (int i = 0; i < 76; ++i) text += "\u00fc";
  const auto longest = sealed(text + "8502xx");
  ASSERT_EQ(utf8_length(longest), 512U);
  EXPECT_TRUE(parse_emv_text(longest).has_value()) << to_string(refusal_of(longest));
  EXPECT_EQ(refusal_of(sealed(text + "8503xxx")).verdict, Verdict::too_large);
  EXPECT_EQ(refusal_of(longest, {.characters = 511}).verdict, Verdict::too_large);
  EXPECT_EQ(refusal_of(std::string(3000, '0')).verdict, Verdict::too_large);
}

TEST(EmvWriter, KeepsTheFirstRefusal) {
  const auto refusal = [](const EmvWriter& out) { return out.finish().error(); };
  const auto begun = [] { return EmvWriter().put(0, "01"); };
  EXPECT_EQ(refusal(EmvWriter()), (Refusal{Verdict::bad_version, "00"}));
  EXPECT_EQ(refusal(EmvWriter().put(58, "EE")), (Refusal{Verdict::bad_version, "00"}));
  EXPECT_EQ(refusal(begun().put(59, "").put(60, "\n")), (Refusal{Verdict::bad_value, "59"}));
  EXPECT_EQ(refusal(begun().put(60, "a\n")), (Refusal{Verdict::bad_encoding, "60.byte 1"}));
  EXPECT_EQ(refusal(begun().put(60, "\xC0")), (Refusal{Verdict::bad_encoding, "60.byte 0"}));
  EXPECT_EQ(refusal(begun().put(80, std::string(100, 'x'))), (Refusal{Verdict::too_large, "80"}));
  EXPECT_EQ(refusal(begun().put(100, "x")), (Refusal{Verdict::bad_value, "100"}));
  EXPECT_EQ(refusal(begun().put(60, "x").put(60, "y")), (Refusal{Verdict::duplicate_field, "60"}));
  EXPECT_EQ(refusal(begun().put(63, "x")), (Refusal{Verdict::duplicate_field, "63"}));
  EXPECT_EQ(refusal(begun().put(26, EmvWriter().put(1, ""))),
            (Refusal{Verdict::bad_value, "26.01"}));
  EXPECT_EQ(begun().finish({.characters = 13}).error().verdict, Verdict::too_large);
  EXPECT_EQ(begun().finish({.characters = 14}).value(), sealed("000201"));
}

TEST(EmvText, NamesTheMandatoryObjectThatIsMissing) {
  const std::pair<std::string, std::string> objects[] = {
      {"02 to 51", "5103abc"}, {"52", "52045814"}, {"53", "5303978"},
      {"58", "5802EE"},        {"59", "5901x"},    {"60", "6001y"}};
  std::string whole = "000201";
  for (const auto& [name, object] : objects) whole += object;
  const auto check = [](const std::string& text) {
    return check_emv_mandatory(parse_emv_text(text).value());
  };
  EXPECT_TRUE(check(sealed(whole)).has_value());
  for (const auto& [name, object] : objects) {
    std::string without = whole;
    without.erase(without.find(object), object.size());
    EXPECT_EQ(check(sealed(without)).error(), (Refusal{Verdict::missing_field, name}));
  }
}

TEST(EmvAmount, ReadsWhatTheStandardAllows) {
  EXPECT_EQ(emv_amount("98.73", 2).value(), Amount(9873));
  EXPECT_EQ(emv_amount("98", 2).value(), Amount(9800));
  EXPECT_EQ(emv_amount("98.", 2).value(), Amount(9800));
  EXPECT_EQ(emv_amount("98.7", 2).value(), Amount(9870));
  EXPECT_EQ(emv_amount("0.05", 2).value(), Amount(5));
  EXPECT_EQ(emv_amount("0", 2).value(), Amount(0));
  EXPECT_EQ(emv_amount("98.", 0).value(), Amount(98));
  EXPECT_EQ(emv_amount("9999999999999", 2).value(), Amount(999999999999900));
  EXPECT_EQ(emv_amount("1.234", 3).value(), Amount(1234));
}

TEST(EmvAmount, RefusesEverythingElse) {
  for (const auto* text : {"", ".", ".5", "1,5", "1.234", "1.2.3", "1..", "-1", "+1", " 1", "1 ",
                           "1e2", "12345678901234", "\u0661"}) {
    EXPECT_EQ(emv_amount(text, 2).error().verdict, Verdict::bad_value) << text;
  }
  EXPECT_FALSE(emv_amount("98.7", 0).has_value());
  EXPECT_FALSE(emv_amount("9999999999999", 12).has_value());  // beyond 64 bits
  EXPECT_FALSE(emv_amount("1", 13).has_value());
}

TEST(EmvAmount, WritesEveryDecimalOfTheScale) {
  EXPECT_EQ(emv_amount_text(Amount(1250), 2).value(), "12.50");
  EXPECT_EQ(emv_amount_text(Amount(5), 2).value(), "0.05");
  EXPECT_EQ(emv_amount_text(Amount(0), 2).value(), "0.00");
  EXPECT_EQ(emv_amount_text(Amount(1250), 0).value(), "1250");
  EXPECT_EQ(emv_amount_text(Amount(999999999999), 2).value(), "9999999999.99");
  EXPECT_EQ(emv_amount_text(Amount(1000000000000), 2).error().verdict, Verdict::too_large);
}

std::vector<std::string> columns_of(const std::string& line) {
  std::vector<std::string> out;
  std::istringstream in(line);
  for (std::string column; std::getline(in, column, '\t');) out.push_back(column);
  return out;
}

TEST(EmvText, MeetsTheVerdictsOfThePublicSamples) {
  const char* folder = std::getenv("INTAGLIO_VECTORS");
  const std::string path =
      std::string(folder != nullptr ? folder : "../shared/vectors") + "/emv/mpm.tsv";
  std::ifstream file(path);
  if (!file) GTEST_SKIP() << "no test vectors: " << path;
  const std::map<std::string, Refusal> expected{
      {"accept", {Verdict::accepted, {}}},
      {"reject:crc", {Verdict::bad_checksum, {}}},
      {"reject:no-crc", {Verdict::missing_field, {}}},
      {"reject:truncated", {Verdict::truncated, {}}},
      {"reject:bad-length", {Verdict::bad_encoding, {}}},
      {"reject:bad-tag", {Verdict::bad_encoding, {}}},
      {"reject:duplicate-tag", {Verdict::duplicate_field, {}}},
  };
  std::size_t accepted = 0;
  std::size_t refused = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    const auto row = columns_of(line);
    ASSERT_EQ(row.size(), 11U) << line;
    const std::string& text = row[10];
    SCOPED_TRACE(row[0] + " " + row[3]);
    EXPECT_EQ(std::to_string(utf8_length(text)), row[6]);
    EXPECT_EQ(std::to_string(text.size()), row[7]);
    if (row[5] != "-") {
      const auto covered = text.size() - (row[4] == "-" ? 0 : 4);
      EXPECT_EQ(emv_crc(text.substr(0, covered)), std::stoul(row[5], nullptr, 16));
    }
    EXPECT_EQ(refusal_of(text).verdict, expected.at(row[3]).verdict);
    if (row[3] != "accept") {
      ++refused;
      continue;
    }
    ++accepted;
    const auto mandatory = check_emv_mandatory(parse_emv_text(text).value());
    EXPECT_EQ(mandatory ? "-" : mandatory.error().where, row[8]);
  }
  EXPECT_EQ(accepted, 12U);
  EXPECT_EQ(refused, 8U);
}

RC_GTEST_PROP(EmvTextProperty, ReadingAfterWritingIsIdentity, ()) {
  const auto ids = *rc::gen::unique<std::vector<unsigned>>(
      rc::gen::suchThat(rc::gen::inRange(1U, 100U), [](unsigned id) { return id != 63; }));
  EmvWriter out;
  out.put(0, "01");
  std::vector<std::pair<unsigned, std::string>> values{{0, "01"}};
  for (const unsigned id : ids) {
    std::string value;
    for (auto n = *rc::gen::inRange(1, 100); n > 0; --n) {
      append_utf8(value, *rc::gen::oneOf(rc::gen::inRange<std::uint32_t>(0x20, 0x7F),
                                         rc::gen::inRange<std::uint32_t>(0x80, 0xD800),
                                         rc::gen::inRange<std::uint32_t>(0xE000, 0x110000)));
    }
    out.put(id, value);
    values.emplace_back(id, value);
  }
  const EmvLimits limits{.characters = 100000};
  const auto text = out.finish(limits);
  RC_ASSERT(text.has_value());
  const auto code = parse_emv_text(*text, limits);
  RC_ASSERT(code.has_value());
  const auto& all = code->objects().all();
  RC_ASSERT(all.size() == values.size() + 1);
  for (std::size_t i = 0; i < values.size(); ++i) {
    RC_ASSERT(all[i].id == values[i].first);
    RC_ASSERT(all[i].value == values[i].second);
  }
}

RC_GTEST_PROP(EmvAmountProperty, ReadingAfterWritingIsIdentity, ()) {
  const Amount amount(*rc::gen::arbitrary<std::uint64_t>() >> *rc::gen::inRange(0, 64));
  const auto scale = *rc::gen::inRange(0U, 5U);
  const auto text = emv_amount_text(amount, scale);
  if (!text) return;
  RC_ASSERT(emv_amount(*text, scale).value() == amount);
}

}  // namespace
}  // namespace intaglio::codec
