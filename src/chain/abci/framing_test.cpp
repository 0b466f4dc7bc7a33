#include "chain/abci/framing.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/result_for_test.h"

namespace intaglio::chain::abci {
namespace {

std::vector<Bytes> all_of(MessageReader& reader) {
  std::vector<Bytes> out;
  while (auto message = must(reader.next())) out.push_back(*std::move(message));
  return out;
}

TEST(Framing, IsALengthAndAMessage) {
  Bytes bytes;
  append_framed(bytes, {});
  append_framed(bytes, Bytes{7});
  append_framed(bytes, Bytes(300, 8));
  EXPECT_EQ(Bytes(bytes.begin(), bytes.begin() + 5), (Bytes{0, 1, 7, 0xac, 0x02}));
  MessageReader reader;
  reader.add(bytes);
  EXPECT_EQ(all_of(reader), (std::vector<Bytes>{{}, {7}, Bytes(300, 8)}));
  EXPECT_TRUE(reader.is_between());
}

TEST(Framing, MayComeByteByByte) {
  Bytes bytes;
  append_framed(bytes, Bytes(300, 8));
  append_framed(bytes, Bytes{7});
  MessageReader reader;
  std::vector<Bytes> got;
  for (const std::uint8_t each : bytes) {
    reader.add(Bytes{each});
    for (Bytes& message : all_of(reader)) got.push_back(std::move(message));
    EXPECT_EQ(reader.is_between(), got.size() == 2 || (got.size() == 1 && each == 8));
  }
  EXPECT_EQ(got, (std::vector<Bytes>{Bytes(300, 8), {7}}));
}

TEST(Framing, HasAnEnd) {
  MessageReader reader(1000);
  Bytes most;
  append_framed(most, Bytes(1000, 1));
  reader.add(most);
  EXPECT_EQ(all_of(reader).size(), 1U);
  reader.add(Bytes{0xe9, 0x07});
  EXPECT_EQ(reader.next().error(), (Refusal{Verdict::too_large, "1001"}));
  MessageReader huge;
  huge.add(Bytes{0x81, 0x80, 0x80, 0x40});
  EXPECT_EQ(huge.next().error(), (Refusal{Verdict::too_large, "134217729"}));
}

TEST(Framing, HasItsLengthInOneForm) {
  for (const Bytes& length :
       {Bytes{0x80, 0x00}, Bytes{0x81, 0x80, 0x00}, Bytes(10, 0xff), Bytes(11, 0x80)}) {
    MessageReader reader;
    reader.add(length);
    EXPECT_EQ(reader.next().error().verdict, Verdict::bad_encoding);
  }
}

RC_GTEST_PROP(FramingProperty, PiecesOfAnySizeGiveTheMessages,
              (const std::vector<Bytes>& messages)) {
  Bytes bytes;
  for (const Bytes& each : messages) append_framed(bytes, each);
  MessageReader reader;
  std::vector<Bytes> got;
  for (ByteView rest = bytes; !rest.empty();) {
    const auto size = *rc::gen::inRange<std::size_t>(1, rest.size() + 1);
    reader.add(rest.first(size));
    rest = rest.subspan(size);
    for (Bytes& message : all_of(reader)) got.push_back(std::move(message));
  }
  RC_ASSERT(got == messages);
  RC_ASSERT(reader.is_between());
}

}  // namespace
}  // namespace intaglio::chain::abci
