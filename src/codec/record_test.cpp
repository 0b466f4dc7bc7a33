#include "codec/record.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "codec/utf8.h"

namespace intaglio::codec {

enum class Colour : std::uint8_t { red = 1, green = 2 };

template <>
struct EnumNames<Colour> {
  static constexpr std::pair<Colour, std::string_view> kNames[] = {{Colour::red, "red"},
                                                                   {Colour::green, "green"}};
};

namespace {

struct Inner {
  Height height;
  std::optional<std::uint32_t> count;
  static constexpr auto fields() {
    return std::tuple(field(1, "height", &Inner::height, "a height"),
                      field(4, "count", &Inner::count, "a count"));
  }
  bool operator==(const Inner&) const = default;
};

// One field of every type there is.
struct Sample {
  Amount amount;
  ChainId chain;
  std::uint8_t octet = 0;
  std::uint64_t number = 0;
  bool flag = false;
  ClientId id;
  Bytes bytes;
  std::string text;
  Address address;
  Colour colour = Colour::red;
  Inner inner;
  std::vector<std::uint16_t> numbers;
  std::vector<Inner> inners;
  std::optional<std::string> note;
  std::optional<Inner> last;
  static constexpr auto fields() {
    return std::tuple(
        field(1, "amount", &Sample::amount, "money"), field(2, "chain", &Sample::chain, "a chain"),
        field(3, "octet", &Sample::octet, "a small number"),
        field(4, "number", &Sample::number, "a number"),
        field(5, "flag", &Sample::flag, "yes or no"), field(6, "id", &Sample::id, "an id"),
        field(7, "bytes", &Sample::bytes, "some bytes"),
        field(8, "text", &Sample::text, "some text"),
        field(9, "address", &Sample::address, "where"),
        field(10, "colour", &Sample::colour, "which"),
        field(11, "inner", &Sample::inner, "a record"),
        field(12, "numbers", &Sample::numbers, "some numbers"),
        field(13, "inners", &Sample::inners, "some records"),
        field(24, "note", &Sample::note, "for people"),
        field(300, "last", &Sample::last, "perhaps a record"));
  }
  bool operator==(const Sample&) const = default;
};

Sample sample() {
  Sample out;
  out.amount = Amount(1250);
  out.chain = ChainId(7);
  out.octet = 255;
  out.number = UINT64_MAX;
  out.flag = true;
  out.id = id_from_hex<ClientId>("000102030405060708090a0b0c0d0e0f").value();
  out.bytes = {0xAB, 0xCD};
  out.text = "T\u00fcri";
  out.address = {ChainId(0x1234), AccountId()};
  out.colour = Colour::green;
  out.inner = {Height(9), std::nullopt};
  out.numbers = {1, 1000};
  out.inners = {{Height(1), 2}, {Height(3), std::nullopt}};
  out.note = "n";
  return out;
}

Bytes hex(std::string_view text) { return from_hex(text).value(); }

Refusal refusal_of(std::string_view text) {
  const auto record = decode_record<Inner>(hex(text));
  return record ? Refusal{Verdict::accepted, {}} : record.error();
}

TEST(Record, GoldenBytes) {
  EXPECT_EQ(to_hex(encode_record(sample())),
            "ae"                                    // map of 14 pairs
            "011904e2"                              // amount 1250
            "0207"                                  // chain 7
            "0318ff"                                // octet 255
            "041bffffffffffffffff"                  // number 2^64 - 1
            "05f5"                                  // flag true
            "0650000102030405060708090a0b0c0d0e0f"  // id
            "0742abcd"                              // bytes
            "086554c3bc7269"                        // text
            "0956"                                  // address: 22 bytes
            "12340000000000000000000000000000000000000000"
            "0a02"                  // colour green
            "0ba10109"              // inner {1: 9}
            "0c82011903e8"          // numbers [1, 1000]
            "0d82a201010402a10103"  // inners [{1: 1, 4: 2}, {1: 3}]
            "1818616e");            // note; last is left out
  EXPECT_EQ(decode_record<Sample>(encode_record(sample())).value(), sample());
}

TEST(Record, IsAnObjectByNamesInJson) {
  const Json json = record_to_json(sample());
  EXPECT_EQ(json.dump(),
            R"({"amount":"1250","chain":7,"octet":255,"number":"18446744073709551615","flag":true,)"
            R"("id":"000102030405060708090a0b0c0d0e0f","bytes":"abcd","text":"Türi",)"
            R"("address":"itg1zg6qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqfldssq","colour":"green",)"
            R"("inner":{"height":9},"numbers":[1,1000],"inners":[{"height":1,"count":2},)"
            R"({"height":3}],"note":"n"})");
  EXPECT_EQ(record_from_json<Sample>(json).value(), sample());
}

TEST(Record, ReadsTextWhereAPersonTypes) {
  const auto json = parse_json(R"({"height":"12","count":"3"})").value();
  EXPECT_EQ(record_from_json<Inner>(json).value(), (Inner{Height(12), 3}));
}

TEST(Record, RefusesBytesThatDoNotFitIt) {
  EXPECT_EQ(refusal_of("a10109"), (Refusal{Verdict::accepted, {}}));
  EXPECT_EQ(refusal_of("a0"), (Refusal{Verdict::missing_field, "height"}));
  EXPECT_EQ(refusal_of("a10401"), (Refusal{Verdict::missing_field, "height"}));
  EXPECT_EQ(refusal_of("a20000"
                       "0109"),
            (Refusal{Verdict::unknown_field, "0"}));
  EXPECT_EQ(refusal_of("a20109"
                       "0200"),
            (Refusal{Verdict::unknown_field, "2"}));
  EXPECT_EQ(refusal_of("a20109"
                       "0500"),
            (Refusal{Verdict::unknown_field, "5"}));
  EXPECT_EQ(refusal_of("a20109"
                       "0109")
                .verdict,
            Verdict::duplicate_field);
  EXPECT_EQ(refusal_of("a20401"
                       "0109")
                .verdict,
            Verdict::missing_field);
  EXPECT_EQ(refusal_of("a2010904"
                       "1b0000000100000000"),
            (Refusal{Verdict::bad_value, "count"}));
  EXPECT_EQ(refusal_of("a1016161"), (Refusal{Verdict::bad_value, "height.byte 2"}));
  EXPECT_EQ(refusal_of("a1616109"), (Refusal{Verdict::bad_value, "byte 1"}));
  EXPECT_EQ(refusal_of("a1010900"), (Refusal{Verdict::trailing_bytes, "byte 3"}));
  EXPECT_EQ(refusal_of("80"), (Refusal{Verdict::bad_value, "byte 0"}));
}

TEST(Record, NamesThePlaceInsideListsAndRecords) {
  auto json = record_to_json(sample());
  json.set("inners", Json().push(record_to_json(Inner{})).push(Json::object({{"height", "x"}})));
  EXPECT_EQ(record_from_json<Sample>(json).error(),
            (Refusal{Verdict::bad_value, "inners[1].height"}));
  json.set("inners", Json().push(Json::object()));
  EXPECT_EQ(record_from_json<Sample>(json).error(),
            (Refusal{Verdict::missing_field, "inners[0].height"}));
}

TEST(Record, RefusesJsonThatDoesNotFitIt) {
  const auto refusal = [](std::string name, Json value) {
    auto json = record_to_json(sample());
    json.set(std::move(name), std::move(value));
    return record_from_json<Sample>(json).error();
  };
  EXPECT_EQ(refusal("other", 1), (Refusal{Verdict::unknown_field, "other"}));
  EXPECT_EQ(refusal("octet", 256), (Refusal{Verdict::bad_value, "octet"}));
  EXPECT_EQ(refusal("octet", -1), (Refusal{Verdict::bad_value, "octet"}));
  EXPECT_EQ(refusal("amount", "1.5"), (Refusal{Verdict::bad_value, "amount"}));
  EXPECT_EQ(refusal("flag", "maybe"), (Refusal{Verdict::bad_value, "flag"}));
  EXPECT_EQ(refusal("id", "00"), (Refusal{Verdict::bad_value, "id.length"}));
  EXPECT_EQ(refusal("bytes", "0g"), (Refusal{Verdict::bad_encoding, "bytes.character 1"}));
  EXPECT_EQ(refusal("text", "\xFF"), (Refusal{Verdict::bad_encoding, "text.byte 0"}));
  EXPECT_EQ(refusal("text", std::string(513, 'x')), (Refusal{Verdict::too_large, "text"}));
  EXPECT_EQ(refusal("colour", "blue"), (Refusal{Verdict::bad_value, "colour.blue"}));
  EXPECT_EQ(refusal("numbers", "1"), (Refusal{Verdict::bad_value, "numbers"}));
  EXPECT_EQ(refusal("address", "itg1").verdict, Verdict::bad_encoding);
}

TEST(Record, RefusesListsAndTextsPastTheirLimit) {
  CborWriter list;
  list.array(kMaxItemsField + 1);
  for (std::size_t i = 0; i <= kMaxItemsField; ++i) list.uint(0);
  const Bytes items = list.take();
  CborReader in(items);
  EXPECT_EQ(FieldType<std::vector<std::uint16_t>>::read(in).error().verdict, Verdict::too_large);
  CborWriter text;
  const Bytes letters = text.text(std::string(kMaxTextField + 1, 'x')).take();
  CborReader other(letters);
  EXPECT_EQ(FieldType<std::string>::read(other).error().verdict, Verdict::too_large);
}

TEST(Record, DescribesItsFields) {
  const auto docs = field_docs<Inner>();
  ASSERT_EQ(docs.size(), 2U);
  EXPECT_EQ(docs[0].name, "height");
  EXPECT_TRUE(docs[0].required);
  EXPECT_EQ(docs[1].key, 4U);
  EXPECT_EQ(docs[1].type, "integer");
  EXPECT_FALSE(docs[1].required);
}

Inner any_inner() {
  Inner out{Height(*rc::gen::arbitrary<std::uint64_t>()), std::nullopt};
  if (*rc::gen::arbitrary<bool>()) out.count = *rc::gen::arbitrary<std::uint32_t>();
  return out;
}

std::string any_text() {
  std::string out;
  for (auto n = *rc::gen::inRange(0, 40); n > 0; --n) {
    append_utf8(out, *rc::gen::inRange<std::uint32_t>(0, 0xD800));
  }
  return out;
}

Sample any_sample() {
  Sample out;
  out.amount = Amount(*rc::gen::arbitrary<std::uint64_t>());
  out.chain = ChainId(*rc::gen::arbitrary<std::uint16_t>());
  out.octet = *rc::gen::arbitrary<std::uint8_t>();
  out.number = *rc::gen::arbitrary<std::uint64_t>();
  out.flag = *rc::gen::arbitrary<bool>();
  for (auto& byte : out.id.writable()) byte = *rc::gen::arbitrary<std::uint8_t>();
  out.bytes = *rc::gen::arbitrary<Bytes>();
  out.text = any_text();
  out.address.chain = ChainId(*rc::gen::arbitrary<std::uint16_t>());
  for (auto& byte : out.address.account.writable()) byte = *rc::gen::arbitrary<std::uint8_t>();
  out.colour = *rc::gen::element(Colour::red, Colour::green);
  out.inner = any_inner();
  out.numbers = *rc::gen::arbitrary<std::vector<std::uint16_t>>();
  for (auto n = *rc::gen::inRange(0, 4); n > 0; --n) out.inners.push_back(any_inner());
  if (*rc::gen::arbitrary<bool>()) out.note = any_text();
  if (*rc::gen::arbitrary<bool>()) out.last = any_inner();
  return out;
}

RC_GTEST_PROP(RecordProperty, DecodingAfterEncodingIsIdentity, ()) {
  const Sample record = any_sample();
  RC_ASSERT(decode_record<Sample>(encode_record(record)).value() == record);
}

RC_GTEST_PROP(RecordProperty, JsonIsReadBackToTheSameRecord, ()) {
  const Sample record = any_sample();
  const auto json = parse_json(record_to_json(record).dump(), {.bytes = SIZE_MAX});
  RC_ASSERT(json.has_value());
  RC_ASSERT(record_from_json<Sample>(*json).value() == record);
}

}  // namespace
}  // namespace intaglio::codec
