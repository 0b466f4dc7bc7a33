#include "codec/protobuf.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "codec/hex.h"

namespace intaglio::codec {
namespace {

Bytes hex(std::string_view text) { return from_hex(text).value(); }

// The examples of protobuf.dev/programming-guides/encoding.
TEST(ProtobufWriter, WritesThePublishedExamples) {
  EXPECT_EQ(to_hex(ProtobufWriter().uint(1, 150).view()), "089601");
  EXPECT_EQ(to_hex(ProtobufWriter().bytes(2, as_bytes("testing")).view()), "120774657374696e67");
  EXPECT_EQ(to_hex(ProtobufWriter().message(3, hex("089601")).view()), "1a03089601");
  EXPECT_EQ(to_hex(ProtobufWriter().integer(1, -2).view()), "08feffffffffffffffff01");
  EXPECT_EQ(to_hex(ProtobufWriter().sfixed64(2, -2).view()), "11feffffffffffffff");
}

TEST(ProtobufWriter, LeavesOutDefaultsButNotAnEmptyMessage) {
  ProtobufWriter out;
  out.uint(1, 0).integer(2, 0).sfixed64(3, 0).bytes(4, {}).message(5, {});
  EXPECT_EQ(to_hex(out.view()), "2a00");
}

TEST(ProtobufReader, GivesWhatIsAskedForInOrderAndDefaultsForTheRest) {
  const Bytes input = hex("0896011a0774657374696e6722002a0022022a00");
  ProtobufReader in(input);
  EXPECT_EQ(in.uint(1).value(), 150U);
  EXPECT_EQ(in.uint(2).value(), 0U);
  EXPECT_EQ(as_text(in.bytes(3).value()), "testing");
  EXPECT_TRUE(in.next_is(4).value());
  EXPECT_TRUE(in.message(4).value().value().empty());
  EXPECT_FALSE(in.next_is(4).value());
  EXPECT_FALSE(in.message(4).value().has_value());
  EXPECT_TRUE(in.message(5).value().has_value());
  EXPECT_EQ(in.finish().error(), (Refusal{Verdict::unknown_field, "4"})) << "it came too late";
}

TEST(ProtobufReader, RefusesOtherFormsOfTheSameMessage) {
  const auto uint = [](std::string_view text) {
    const Bytes input = hex(text);
    return ProtobufReader(input).uint(1).error();
  };
  EXPECT_EQ(uint("0800"), (Refusal{Verdict::bad_encoding, "byte 2"})) << "the default";
  EXPECT_EQ(uint("088100"), (Refusal{Verdict::bad_encoding, "byte 1"})) << "not the shortest";
  EXPECT_EQ(uint("88009601"), (Refusal{Verdict::bad_encoding, "byte 0"}));
  EXPECT_EQ(uint("0a0101"), (Refusal{Verdict::bad_encoding, "byte 0"})) << "another type";
  EXPECT_EQ(uint("08ffffffffffffffffff02"), (Refusal{Verdict::bad_encoding, "byte 1"}));
  EXPECT_EQ(uint("08ffffffffffffffffffff01"), (Refusal{Verdict::bad_encoding, "byte 1"}));
  EXPECT_EQ(uint("0001"), (Refusal{Verdict::bad_encoding, "byte 0"})) << "field 0";
  const Bytes empty = hex("0a00");
  EXPECT_EQ(ProtobufReader(empty).bytes(1).error(), (Refusal{Verdict::bad_encoding, "byte 2"}));
}

TEST(ProtobufReader, RefusesWhatIsCutOff) {
  const Bytes input = hex("0a0774657374696e67");
  for (std::size_t size = 1; size < input.size(); ++size) {
    EXPECT_EQ(ProtobufReader(ByteView(input).first(size)).bytes(1).error().verdict,
              Verdict::truncated)
        << size;
  }
  const Bytes long_ago = hex("0affffffffffffffffff01");
  EXPECT_EQ(ProtobufReader(long_ago).bytes(1).error().verdict, Verdict::truncated);
}

TEST(ProtobufVarint, HasAllOf64BitsAndOneFormEach) {
  for (const std::uint64_t value : {std::uint64_t{0}, std::uint64_t{127}, std::uint64_t{128},
                                    std::uint64_t{1} << 63, UINT64_MAX}) {
    Bytes bytes;
    append_varint(bytes, value);
    ByteView rest = bytes;
    EXPECT_EQ(take_varint(rest).value(), value);
    EXPECT_TRUE(rest.empty());
    ByteView cut = ByteView(bytes).first(bytes.size() - 1);
    EXPECT_EQ(take_varint(cut).value(), std::nullopt);
  }
}

RC_GTEST_PROP(ProtobufProperty, ReadingAfterWritingIsIdentity,
              (std::uint64_t number, std::int64_t other, const Bytes& bytes,
               const std::vector<Bytes>& messages)) {
  ProtobufWriter out;
  out.uint(1, number).integer(3, other).bytes(20, bytes);
  for (const Bytes& each : messages) out.message(536870911, each);
  const Bytes written = out.take();
  ProtobufReader in(written);
  RC_ASSERT(in.uint(1).value() == number);
  RC_ASSERT(in.integer(3).value() == other);
  RC_ASSERT(equal(in.bytes(20).value(), bytes));
  for (const Bytes& each : messages) RC_ASSERT(equal(**in.message(536870911), each));
  RC_ASSERT(in.finish().has_value());
}

}  // namespace
}  // namespace intaglio::codec
