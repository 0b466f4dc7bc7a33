#include "codec/cbor.h"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <rapidcheck/gtest.h>

#include "codec/cbor_copy.h"
#include "codec/hex.h"
#include "codec/utf8.h"

namespace intaglio::codec {
namespace {

Bytes hex(std::string_view text) { return from_hex(text).value(); }

// What becomes of an input that should be one item and nothing more.
Result<std::string> read_whole(std::string_view text) { return cbor_diagnostic(hex(text)); }

Refusal refusal_of(std::string_view text, CborLimits limits = {}) {
  const auto result = cbor_diagnostic(hex(text), limits);
  if (result) return {Verdict::accepted, *result};
  return result.error();
}

struct AppendixRow {
  std::string_view hex;
  std::string_view diagnostic;  // empty for a value that is not deterministic, or not ours
};

// RFC 8949 appendix A, in its order.
constexpr AppendixRow kAppendixA[] = {
    {"00", "0"},
    {"01", "1"},
    {"0a", "10"},
    {"17", "23"},
    {"1818", "24"},
    {"1819", "25"},
    {"1864", "100"},
    {"1903e8", "1000"},
    {"1a000f4240", "1000000"},
    {"1b000000e8d4a51000", "1000000000000"},
    {"1bffffffffffffffff", "18446744073709551615"},
    {"c249010000000000000000", "2(h'010000000000000000')"},
    {"3bffffffffffffffff", ""},
    {"c349010000000000000000", "3(h'010000000000000000')"},
    {"20", "-1"},
    {"29", "-10"},
    {"3863", "-100"},
    {"3903e7", "-1000"},
    {"f90000", ""},
    {"f98000", ""},
    {"f93c00", ""},
    {"fb3ff199999999999a", ""},
    {"f93e00", ""},
    {"f97bff", ""},
    {"fa47c35000", ""},
    {"fa7f7fffff", ""},
    {"fb7e37e43c8800759c", ""},
    {"f90001", ""},
    {"f90400", ""},
    {"f9c400", ""},
    {"fbc010666666666666", ""},
    {"f97c00", ""},
    {"f97e00", ""},
    {"f9fc00", ""},
    {"fa7f800000", ""},
    {"fa7fc00000", ""},
    {"faff800000", ""},
    {"fb7ff0000000000000", ""},
    {"fb7ff8000000000000", ""},
    {"fbfff0000000000000", ""},
    {"f4", "false"},
    {"f5", "true"},
    {"f6", "null"},
    {"f7", ""},
    {"f0", ""},
    {"f8ff", ""},
    {"c074323031332d30332d32315432303a30343a30305a", "0(\"2013-03-21T20:04:00Z\")"},
    {"c11a514b67b0", "1(1363896240)"},
    {"c1fb41d452d9e8200000", ""},
    {"d74401020304", "23(h'01020304')"},
    {"d818456449455446", "24(h'6449455446')"},
    {"d82076687474703a2f2f7777772e6578616d706c652e636f6d", "32(\"http://www.example.com\")"},
    {"40", "h''"},
    {"4401020304", "h'01020304'"},
    {"60", "\"\""},
    {"6161", "\"a\""},
    {"6449455446", "\"IETF\""},
    {"62225c", "\"\\\"\\\\\""},
    {"62c3bc", "\"\u00fc\""},
    {"63e6b0b4", "\"\u6c34\""},
    {"64f0908591", "\"\U00010151\""},
    {"80", "[]"},
    {"83010203", "[1, 2, 3]"},
    {"8301820203820405", "[1, [2, 3], [4, 5]]"},
    {"98190102030405060708090a0b0c0d0e0f101112131415161718181819",
     "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25]"},
    {"a0", "{}"},
    {"a201020304", "{1: 2, 3: 4}"},
    {"a26161016162820203", "{\"a\": 1, \"b\": [2, 3]}"},
    {"826161a161626163", "[\"a\", {\"b\": \"c\"}]"},
    {"a56161614161626142616361436164614461656145",
     "{\"a\": \"A\", \"b\": \"B\", \"c\": \"C\", \"d\": \"D\", \"e\": \"E\"}"},
    {"5f42010243030405ff", ""},
    {"7f657374726561646d696e67ff", ""},
    {"9fff", ""},
    {"9f018202039f0405ffff", ""},
    {"9f01820203820405ff", ""},
    {"83018202039f0405ff", ""},
    {"83019f0203ff820405", ""},
    {"9f0102030405060708090a0b0c0d0e0f101112131415161718181819ff", ""},
    {"bf61610161629f0203ffff", ""},
    {"826161bf61626163ff", ""},
    {"bf6346756ef563416d7421ff", ""},
};

TEST(Cbor, ReadsTheDeterministicValuesOfTheStandardAndWritesThemAlike) {
  std::size_t read = 0;
  for (const auto& row : kAppendixA) {
    if (row.diagnostic.empty()) continue;
    SCOPED_TRACE(row.hex);
    EXPECT_EQ(read_whole(row.hex).value_or("refused"), row.diagnostic);
    const Bytes input = hex(row.hex);
    CborReader in(input);
    CborWriter out;
    ASSERT_TRUE(copy_item(in, out).has_value());
    EXPECT_EQ(to_hex(out.take()), row.hex);
    ++read;
  }
  EXPECT_EQ(read, 43U);
}

TEST(Cbor, RefusesTheOtherValuesOfTheStandard) {
  std::size_t refused = 0;
  for (const auto& row : kAppendixA) {
    if (!row.diagnostic.empty()) continue;
    SCOPED_TRACE(row.hex);
    // One is an integer, only below ours; the rest have forms that we do not have.
    const bool is_integer = row.hex.starts_with("3b");
    EXPECT_EQ(refusal_of(row.hex).verdict, is_integer ? Verdict::bad_value : Verdict::bad_encoding);
    ++refused;
  }
  EXPECT_EQ(refused, 38U);
}

TEST(CborReader, NamesTheByteOfAFormItDoesNotTake) {
  EXPECT_EQ(refusal_of("83018202039f0405ff"), (Refusal{Verdict::bad_encoding, "byte 5"}));
  EXPECT_EQ(refusal_of("c1fb41d452d9e8200000"), (Refusal{Verdict::bad_encoding, "byte 1"}));
}

TEST(CborReader, RefusesALengthThatIsNotShortest) {
  for (const auto* input : {"1800", "1817", "1900ff", "1a0000ffff", "1b00000000ffffffff", "3817",
                            "580161", "780161", "98020102", "b8010203", "d81700"}) {
    EXPECT_EQ(refusal_of(input), (Refusal{Verdict::bad_encoding, "byte 0"})) << input;
  }
}

TEST(CborReader, RefusesReservedHeads) {
  for (const auto* input :
       {"1c", "1d", "1e", "1f", "3f", "5c", "7d", "9e", "bc", "df", "f814", "fc", "ff", "e0"}) {
    EXPECT_EQ(refusal_of(input).verdict, Verdict::bad_encoding) << input;
  }
}

TEST(CborReader, ReadsMapKeysInTheOrderOfTheStandardsExample) {
  // RFC 8949 section 4.2.1: 10, 100, -1, "z", "aa", [100], [-1], false.
  const std::string_view keys[] = {"0a", "1864", "20", "617a", "626161", "811864", "8120", "f4"};
  std::string map = "a8";
  for (const auto key : keys) map += std::string(key) + "00";
  EXPECT_EQ(read_whole(map).value_or("refused"),
            "{10: 0, 100: 0, -1: 0, \"z\": 0, \"aa\": 0, [100]: 0, [-1]: 0, false: 0}");
  for (std::size_t i = 0; i + 1 < std::size(keys); ++i) {
    const auto swapped = "a2" + std::string(keys[i + 1]) + "00" + std::string(keys[i]) + "00";
    EXPECT_EQ(refusal_of(swapped).verdict, Verdict::bad_encoding) << swapped;
  }
}

TEST(CborReader, RefusesMapKeysOutOfOrder) {
  EXPECT_EQ(refusal_of("a203000100"), (Refusal{Verdict::bad_encoding, "byte 3"}));
  EXPECT_EQ(refusal_of("a261620061610a"), (Refusal{Verdict::bad_encoding, "byte 4"}));
  // The order is judged in each map by itself.
  EXPECT_EQ(read_whole("a201a1050002a10400").value_or("refused"), "{1: {5: 0}, 2: {4: 0}}");
}

TEST(CborReader, RefusesAMapKeyThatStandsTwice) {
  EXPECT_EQ(refusal_of("a201000100"), (Refusal{Verdict::duplicate_field, "byte 3"}));
  EXPECT_EQ(refusal_of("81a2616100616101"), (Refusal{Verdict::duplicate_field, "byte 5"}));
  EXPECT_EQ(refusal_of("a28201020082010200").verdict, Verdict::duplicate_field);
}

TEST(CborReader, KnowsAtOnceThatACountCannotBeMet) {
  for (const auto* input : {"994000", "9903e8", "b903e8", "8301", "a101", "c1", "82820101"}) {
    EXPECT_EQ(refusal_of(input).verdict, Verdict::truncated) << input;
  }
  for (const auto* input : {"9bffffffffffffffff", "bbffffffffffffffff", "9a00010000"}) {
    EXPECT_EQ(refusal_of(input), (Refusal{Verdict::too_large, "byte 0"})) << input;
  }
  EXPECT_EQ(refusal_of("5bffffffffffffffff"), (Refusal{Verdict::truncated, "byte 0"}));
  EXPECT_EQ(refusal_of("7bffffffffffffffff"), (Refusal{Verdict::truncated, "byte 0"}));
}

TEST(CborReader, RefusesEveryBeginningOfAValue) {
  const std::string whole = "a5010a0243aabbcc03656d65726368048201f505d8184103";
  ASSERT_TRUE(read_whole(whole).has_value()) << to_string(read_whole(whole).error());
  for (std::size_t length = 0; length < whole.size(); length += 2) {
    EXPECT_EQ(refusal_of(whole.substr(0, length)).verdict, Verdict::truncated) << length;
  }
}

TEST(CborReader, RefusesBytesAfterTheValue) {
  EXPECT_EQ(refusal_of("0000"), (Refusal{Verdict::trailing_bytes, "byte 1"}));
}

TEST(CborReader, RefusesTextThatIsNotUtf8) {
  EXPECT_EQ(refusal_of("6361ff62"), (Refusal{Verdict::bad_encoding, "byte 2"}));
  EXPECT_EQ(refusal_of("62c080"), (Refusal{Verdict::bad_encoding, "byte 1"}));
  EXPECT_EQ(refusal_of("63eda080"), (Refusal{Verdict::bad_encoding, "byte 1"}));
}

TEST(CborReader, KeepsItsLimits) {
  const auto nested = [](std::size_t depth) {
    std::string out;
    for (std::size_t i = 0; i < depth; ++i) out += i % 3 == 0 ? "81" : i % 3 == 1 ? "a100" : "c1";
    return out + "00";
  };
  EXPECT_TRUE(read_whole(nested(kMaxCborDepth)).has_value());
  EXPECT_EQ(refusal_of(nested(kMaxCborDepth + 1)).verdict, Verdict::too_large);
  EXPECT_EQ(refusal_of(nested(4), {.depth = 3}).verdict, Verdict::too_large);
  EXPECT_EQ(refusal_of("83000000", {.items = 2}).verdict, Verdict::too_large);
  EXPECT_EQ(refusal_of("83000000", {.bytes = 3}).verdict, Verdict::too_large);
  EXPECT_TRUE(cbor_diagnostic(hex("83000000"), {.bytes = 4, .depth = 1, .items = 3}).has_value());
}

TEST(CborReader, RefusesAValueOfAnotherType) {
  const auto bad_value = Refusal{Verdict::bad_value, "byte 0"};
  const Bytes text = hex("6161");
  EXPECT_EQ(CborReader(text).uint().error(), bad_value);
  EXPECT_EQ(CborReader(text).integer().error(), bad_value);
  EXPECT_EQ(CborReader(text).bytes().error(), bad_value);
  EXPECT_EQ(CborReader(text).array().error(), bad_value);
  EXPECT_EQ(CborReader(text).map().error(), bad_value);
  EXPECT_EQ(CborReader(text).tag().error(), bad_value);
  EXPECT_EQ(CborReader(text).boolean().error(), bad_value);
  EXPECT_EQ(CborReader(text).null().error(), bad_value);
  EXPECT_EQ(CborReader(hex("4161")).text().error(), bad_value);
  EXPECT_EQ(CborReader(hex("f6")).boolean().error(), bad_value);
  EXPECT_EQ(CborReader(hex("f4")).null().error(), bad_value);
  EXPECT_EQ(CborReader(hex("20")).uint().error(), bad_value);
  EXPECT_EQ(CborReader(hex("1b8000000000000000")).integer().error(), bad_value);
}

TEST(CborReader, IsNotFinishedInsideAnOpenList) {
  const Bytes input = hex("820102");
  CborReader in(input);
  ASSERT_EQ(in.array().value(), 2U);
  ASSERT_EQ(in.uint().value(), 1U);
  EXPECT_EQ(in.finish().error(), (Refusal{Verdict::truncated, "byte 2"}));
  ASSERT_EQ(in.uint().value(), 2U);
  EXPECT_TRUE(in.finish().has_value());
  EXPECT_EQ(in.uint().error().verdict, Verdict::truncated);
}

TEST(CborReader, GivesTheEncodingOfOneItemAmongOthers) {
  const Bytes input = hex("8301a1028103d818410a");
  CborReader in(input);
  ASSERT_EQ(in.array().value(), 3U);
  EXPECT_EQ(to_hex(in.item().value()), "01");
  EXPECT_EQ(to_hex(in.item().value()), "a1028103");
  EXPECT_EQ(to_hex(in.item().value()), "d818410a");
  EXPECT_TRUE(in.finish().has_value());
}

TEST(CborReader, ReadsSeveralItemsInARow) {
  const Bytes input = hex("01a061618000");
  CborReader in(input);
  EXPECT_EQ(in.uint().value(), 1U);
  EXPECT_EQ(in.map().value(), 0U);
  EXPECT_EQ(in.text().value(), "a");
  EXPECT_EQ(in.array().value(), 0U);
  EXPECT_EQ(in.peek().value(), CborType::uint);
  EXPECT_EQ(in.uint().value(), 0U);
  EXPECT_TRUE(in.finish().has_value());
}

TEST(CborWriter, WritesPastItsOwnRoomWithoutLosingAByte) {
  for (std::size_t size = 240; size < 280; ++size) {
    CborWriter out;
    out.array(3).bytes(Bytes(size, 0xAB)).uint(7).text("end");
    EXPECT_EQ(out.view().size(), size + (size < 256 ? 8 : 9));
    const Bytes written = out.take();
    CborReader in(written);
    ASSERT_EQ(in.array().value(), 3U);
    EXPECT_EQ(in.bytes().value().size(), size);
    EXPECT_EQ(in.uint().value(), 7U);
    EXPECT_EQ(in.text().value(), "end");
    EXPECT_TRUE(in.finish().has_value());
    EXPECT_TRUE(out.view().empty());
  }
}

TEST(CborWriterDeathTest, StopsWhenWeWroteAWrongCountOrOrder) {
  EXPECT_DEATH(CborWriter().array(2).uint(1).take(), "must hold");
  EXPECT_DEATH(CborWriter().map(2).uint(2).null().uint(1).null().take(), "must hold");
  EXPECT_DEATH(CborWriter().map(2).uint(1).null().uint(1).null().take(), "must hold");
  EXPECT_DEATH(CborWriter().text("\xFF").take(), "must hold");
}

// A value of any kind: of a list the items, of a map keys and values in turn, of a tag its content.
struct Item {
  CborType type;
  std::uint64_t number = 0;  // uint, tag number, boolean, or -1 - value of a negative
  std::string string{};
  std::vector<Item> items{};
  bool operator==(const Item&) const = default;
};

void write_item(CborWriter& out, const Item& item) {
  switch (item.type) {
    case CborType::uint: out.uint(item.number); break;
    case CborType::negative: out.integer(-1 - static_cast<std::int64_t>(item.number)); break;
    case CborType::bytes: out.bytes(as_bytes(item.string)); break;
    case CborType::text: out.text(item.string); break;
    case CborType::array: out.array(item.items.size()); break;
    case CborType::map: out.map(item.items.size() / 2); break;
    case CborType::tag: out.tag(item.number); break;
    case CborType::boolean: out.boolean(item.number != 0); break;
    case CborType::null: out.null(); break;
  }
  for (const auto& inside : item.items) write_item(out, inside);
}

Bytes encode(const Item& item) {
  CborWriter out;
  write_item(out, item);
  return out.take();
}

Item read_item(CborReader& in) {
  Item out{in.peek().value()};
  std::size_t inside = 0;
  switch (out.type) {
    case CborType::uint: out.number = in.uint().value(); break;
    case CborType::negative:
      out.number = static_cast<std::uint64_t>(-1 - in.integer().value());
      break;
    case CborType::bytes: out.string = as_text(in.bytes().value()); break;
    case CborType::text: out.string = in.text().value(); break;
    case CborType::array: inside = in.array().value(); break;
    case CborType::map: inside = 2 * in.map().value(); break;
    case CborType::tag:
      out.number = in.tag().value();
      inside = 1;
      break;
    case CborType::boolean: out.number = in.boolean().value() ? 1 : 0; break;
    case CborType::null: in.null().value(); break;
  }
  for (std::size_t i = 0; i < inside; ++i) out.items.push_back(read_item(in));
  return out;
}

std::uint64_t any_number() {
  // Around the places where heads grow, and anywhere.
  const auto edge =
      *rc::gen::element<std::uint64_t>(0, 23, 0xFF, 0xFFFF, 0xFFFFFFFF, INT64_MAX - 3);
  return *rc::gen::oneOf(rc::gen::arbitrary<std::uint64_t>(),
                         rc::gen::inRange<std::uint64_t>(edge, edge + 3));
}

std::string any_text() {
  std::string out;
  for (const auto c : *rc::gen::container<std::vector<std::uint32_t>>(rc::gen::oneOf(
           rc::gen::inRange<std::uint32_t>(0, 0x80), rc::gen::inRange<std::uint32_t>(0x80, 0xD800),
           rc::gen::inRange<std::uint32_t>(0xE000, 0x110000)))) {
    append_utf8(out, c);
  }
  return out;
}

enum class Kinds { all, of_peer };  // of_peer: text keys, no tags

Item any_item(std::size_t depth, Kinds kinds);

Item any_map(std::size_t depth, Kinds kinds) {
  std::map<Bytes, Item> keys;  // by encoding: sorted and unique
  for (auto count = *rc::gen::inRange(0, 5); count > 0; --count) {
    Item key{CborType::text, 0, any_text()};
    if (kinds == Kinds::all) key = any_item(depth, kinds);
    keys.emplace(encode(key), key);
  }
  Item out{CborType::map};
  for (const auto& [encoded, key] : keys) {
    out.items.push_back(key);
    out.items.push_back(any_item(depth, kinds));
  }
  return out;
}

Item any_item(std::size_t depth, Kinds kinds) {
  Item out{*rc::gen::element(CborType::uint, CborType::negative, CborType::bytes, CborType::text,
                             CborType::boolean, CborType::null, CborType::array, CborType::map,
                             CborType::tag)};
  const bool is_leaf = depth == 0 || (out.type == CborType::tag && kinds == Kinds::of_peer);
  if (is_leaf &&
      (out.type == CborType::array || out.type == CborType::map || out.type == CborType::tag)) {
    return {CborType::null};
  }
  switch (out.type) {
    case CborType::uint: out.number = any_number(); break;
    case CborType::negative: out.number = any_number() >> 1; break;
    case CborType::bytes: out.string = *rc::gen::arbitrary<std::string>(); break;
    case CborType::text: out.string = any_text(); break;
    case CborType::array:
      for (auto n = *rc::gen::inRange(0, 5); n > 0; --n) {
        out.items.push_back(any_item(depth - 1, kinds));
      }
      break;
    case CborType::map: return any_map(depth - 1, kinds);
    case CborType::tag:
      out.number = any_number();
      out.items.push_back(any_item(depth - 1, kinds));
      break;
    case CborType::boolean: out.number = *rc::gen::inRange(0U, 2U); break;
    case CborType::null: break;
  }
  return out;
}

RC_GTEST_PROP(CborProperty, DecodingAfterEncodingIsIdentity, ()) {
  const Item item = any_item(4, Kinds::all);
  const Bytes encoded = encode(item);
  CborReader in(encoded);
  RC_ASSERT(read_item(in) == item);
  RC_ASSERT(in.finish().has_value());
}

RC_GTEST_PROP(CborProperty, WhatIsReadIsWrittenBackToTheSameBytes, ()) {
  Bytes input = encode(any_item(4, Kinds::all));
  // Most changes are refused; one that is not has to be another deterministic encoding.
  const auto at = *rc::gen::inRange<std::size_t>(0, input.size());
  input[at] = *rc::gen::arbitrary<std::uint8_t>();
  CborReader in(input);
  CborWriter out;
  if (!copy_item(in, out)) return;
  RC_ASSERT(out.view().size() == in.offset());
  RC_ASSERT(equal(out.view(), ByteView(input).first(in.offset())));
}

// The item as a value of the other library, which knows text keys and no tags: `bad_value` for an
// item it cannot hold.
Result<nlohmann::json> peer_value(CborReader& in) {
  ASSIGN(const auto type, in.peek());
  switch (type) {
    case CborType::uint: {
      ASSIGN(const auto value, in.uint());
      return nlohmann::json(value);
    }
    case CborType::negative: {
      ASSIGN(const auto value, in.integer());
      return nlohmann::json(value);
    }
    case CborType::bytes: {
      ASSIGN(const auto value, in.bytes());
      return nlohmann::json::binary(to_bytes(value));
    }
    case CborType::text: {
      ASSIGN(const auto value, in.text());
      return nlohmann::json(std::string(value));
    }
    case CborType::array: {
      ASSIGN(const auto count, in.array());
      auto out = nlohmann::json::array();
      for (std::size_t i = 0; i < count; ++i) {
        ASSIGN(auto item, peer_value(in));
        out.push_back(std::move(item));
      }
      return out;
    }
    case CborType::map: {
      ASSIGN(const auto count, in.map());
      auto out = nlohmann::json::object();
      for (std::size_t i = 0; i < count; ++i) {
        ASSIGN(const auto key, in.text());
        ASSIGN(auto item, peer_value(in));
        out[std::string(key)] = std::move(item);
      }
      return out;
    }
    case CborType::boolean: {
      ASSIGN(const auto value, in.boolean());
      return nlohmann::json(value);
    }
    case CborType::null: {
      TRY(in.null());
      return nlohmann::json();
    }
    case CborType::tag: break;
  }
  return refuse(Verdict::bad_value);
}

RC_GTEST_PROP(CborProperty, TheOtherLibraryReadsTheSameValues, ()) {
  const Bytes encoded = encode(any_item(4, Kinds::of_peer));
  CborReader in(encoded);
  const auto ours = peer_value(in);
  RC_ASSERT(ours.has_value());
  RC_ASSERT(*ours == nlohmann::json::from_cbor(encoded));
}

TEST(CborDiagnostic, IsTheNotationOfTheStandard) {
  EXPECT_EQ(read_whole("d28443a10126a044aabbccdd40").value_or("refused"),
            "18([h'a10126', {}, h'aabbccdd', h''])");
  EXPECT_EQ(read_whole("a2016161f5f6").value_or("refused"), "{1: \"a\", true: null}");
}

}  // namespace
}  // namespace intaglio::codec
