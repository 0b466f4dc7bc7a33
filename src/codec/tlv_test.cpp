#include "codec/tlv.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "codec/base64url.h"
#include "codec/hex.h"

namespace intaglio::codec {
namespace {

Bytes hex(std::string_view text) { return from_hex(text).value(); }

Refusal refusal_of(std::string_view text, TlvLimits limits = {}) {
  const Bytes input = hex(text);
  TlvReader in(input, limits);
  while (true) {
    const auto next = in.next();
    if (!next) return next.error();
  }
}

TEST(Tlv, GoldenBytes) {
  TlvWriter inner;
  inner.put(0x9F26, hex("0102")).put(0x84, {});
  TlvWriter out;
  out.put(0x61, inner.view()).put(0x53, Bytes(3, 0xAA));
  EXPECT_EQ(to_hex(out.view()),
            "61079f26020102840053"
            "03aaaaaa");

  const Bytes bytes = out.take();
  TlvReader in(bytes);
  const auto outer = in.next().value();
  EXPECT_EQ(outer.tag, 0x61);
  EXPECT_TRUE(outer.constructed());
  TlvReader inside(outer.value);
  EXPECT_EQ(to_hex(inside.expect(0x9F26).value()), "0102");
  EXPECT_TRUE(inside.expect(0x84).value().empty());
  EXPECT_TRUE(inside.finish().has_value());
  const auto last = in.next().value();
  EXPECT_EQ(last.tag, 0x53);
  EXPECT_FALSE(last.constructed());
  EXPECT_TRUE(in.at_end());
}

TEST(Tlv, LengthsAreShortest) {
  const std::pair<std::size_t, std::string_view> rows[] = {
      {0, "8400"},       {127, "847f"},       {128, "848180"},       {255, "8481ff"},
      {256, "84820100"}, {65535, "8482ffff"}, {65536, "8483010000"},
  };
  for (const auto& [size, head] : rows) {
    TlvWriter out;
    const Bytes written = out.put(0x84, Bytes(size, 1)).take();
    EXPECT_EQ(to_hex(ByteView(written).first(head.size() / 2)), head);
    TlvReader in(written, {.bytes = 1 << 20});
    EXPECT_EQ(in.next().value().value.size(), size);
    EXPECT_TRUE(in.finish().has_value());
  }
}

TEST(TlvReader, RefusesLongerLengthsThanNeeded) {
  const auto refusal = Refusal{Verdict::bad_encoding, "byte 1"};
  EXPECT_EQ(refusal_of("84810100"), refusal);
  EXPECT_EQ(refusal_of("84817f"), refusal);
  EXPECT_EQ(refusal_of("84820080"), refusal);
  EXPECT_EQ(refusal_of("848300ffff"), refusal);
  EXPECT_EQ(refusal_of("8480"), refusal);            // indefinite
  EXPECT_EQ(refusal_of("84850100000000"), refusal);  // five bytes
  EXPECT_EQ(refusal_of("84ff"), refusal);
}

TEST(TlvReader, RefusesTagsThatAreNone) {
  EXPECT_EQ(refusal_of("0000"), (Refusal{Verdict::bad_encoding, "byte 0"}));
  EXPECT_EQ(refusal_of("84009f0000"), (Refusal{Verdict::bad_encoding, "byte 2"}));
  EXPECT_EQ(refusal_of("9f810100"), (Refusal{Verdict::bad_encoding, "byte 0"}));  // three bytes
  for (const TlvTag tag :
       std::initializer_list<TlvTag>{0x00, 0x1F, 0x9F, 0x8400, 0x9F00, 0x9F80, 0x1F}) {
    EXPECT_FALSE(is_tlv_tag(tag)) << tag;
  }
  for (const TlvTag tag :
       std::initializer_list<TlvTag>{0x01, 0x84, 0x61, 0x9F26, 0x5F2D, 0x7F49, 0x1F01}) {
    EXPECT_TRUE(is_tlv_tag(tag)) << tag;
  }
}

TEST(TlvReader, RefusesAnInputThatEndsTooEarly) {
  EXPECT_EQ(refusal_of(""), (Refusal{Verdict::truncated, "byte 0"}));
  EXPECT_EQ(refusal_of("84"), (Refusal{Verdict::truncated, "byte 1"}));
  EXPECT_EQ(refusal_of("9f"), (Refusal{Verdict::truncated, "byte 0"}));
  EXPECT_EQ(refusal_of("840201"), (Refusal{Verdict::truncated, "byte 1"}));
  EXPECT_EQ(refusal_of("848201"), (Refusal{Verdict::truncated, "byte 1"}));
  EXPECT_EQ(refusal_of("8484ffffffff00"), (Refusal{Verdict::truncated, "byte 1"}));
  EXPECT_EQ(refusal_of("840100", {.bytes = 2}), (Refusal{Verdict::too_large, "byte 0"}));
}

TEST(TlvReader, ExpectsATagAndAnEnd) {
  const Bytes input = hex("84010a85010b");
  TlvReader in(input);
  EXPECT_EQ(to_hex(in.expect(0x84).value()), "0a");
  EXPECT_EQ(in.finish().error(), (Refusal{Verdict::trailing_bytes, "byte 3"}));
  EXPECT_EQ(in.expect(0x9F26).error(), (Refusal{Verdict::missing_field, "tag 9F26"}));
  TlvReader empty(ByteView{});
  EXPECT_EQ(empty.expect(0x84).error(), (Refusal{Verdict::missing_field, "tag 84"}));
}

// Reads everything, inside constructed values too, and writes it again.
Bytes rewrite(ByteView bytes) {
  TlvWriter out;
  for (TlvReader in(bytes); !in.at_end();) {
    const auto next = in.next().value();
    out.put(next.tag, next.constructed() ? rewrite(next.value) : to_bytes(next.value));
  }
  return out.take();
}

// The consumer-presented codes of the public samples; what a code may hold is not judged here.
TEST(TlvReader, ReadsPublicConsumerPresentedCodes) {
  const char* folder = std::getenv("INTAGLIO_VECTORS");
  const std::string path =
      std::string(folder != nullptr ? folder : "../shared/vectors") + "/emv/cpm.tsv";
  std::ifstream file(path);
  if (!file) GTEST_SKIP() << "no test vectors: " << path;
  std::size_t rows = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    SCOPED_TRACE(line.substr(0, 6));
    std::vector<std::string> columns;
    std::istringstream in(line);
    for (std::string column; std::getline(in, column, '\t');) columns.push_back(column);
    ASSERT_GE(columns.size(), 4U);
    const Bytes bytes = from_base64(columns[2]).value();
    EXPECT_EQ(bytes, hex(columns[3]));
    EXPECT_EQ(to_hex(rewrite(bytes)), to_hex(bytes));
    EXPECT_EQ(as_text(TlvReader(bytes).expect(0x85).value()), "CPV01");
    ++rows;
  }
  EXPECT_EQ(rows, 6U);
}

TlvTag any_tag() {
  return *rc::gen::suchThat(rc::gen::oneOf(rc::gen::inRange<TlvTag>(0, 0x100),
                                           rc::gen::map(rc::gen::inRange<TlvTag>(0, 0x800),
                                                        [](TlvTag n) -> TlvTag {
                                                          return static_cast<TlvTag>(
                                                              (n >> 8) << 13 | 0x1F00 | (n & 0xFF));
                                                        })),
                            is_tlv_tag);
}

RC_GTEST_PROP(TlvProperty, ReadingAfterWritingIsIdentity, ()) {
  std::vector<std::pair<TlvTag, Bytes>> items;
  for (int n = *rc::gen::inRange(0, 6); n > 0; --n) {
    items.emplace_back(any_tag(), Bytes(*rc::gen::inRange<std::size_t>(0, 400), 0x5A));
  }
  TlvWriter out;
  for (const auto& [tag, value] : items) out.put(tag, value);
  const Bytes written = out.take();
  TlvReader in(written);
  for (const auto& [tag, value] : items) {
    const auto next = in.next();
    RC_ASSERT(next.has_value());
    RC_ASSERT(next->tag == tag);
    RC_ASSERT(to_bytes(next->value) == value);
  }
  RC_ASSERT(in.finish().has_value());
}

}  // namespace
}  // namespace intaglio::codec
