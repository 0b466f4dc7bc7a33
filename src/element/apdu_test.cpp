#include "element/apdu.h"

#include <gtest/gtest.h>

#include "base/result_for_test.h"
#include "codec/hex.h"

namespace intaglio::element {
namespace {

Bytes unhex(std::string_view text) { return must(codec::from_hex(text)); }

Verdict verdict_of_command(std::string_view hex) {
  const auto command = parse_command(unhex(hex));
  return command ? Verdict::accepted : command.error().verdict;
}

// ISO/IEC 7816-4 section 5.1, the four cases of a short command.
TEST(CommandApdu, HasFourCases) {
  const CommandApdu bare{.cla = 0x80, .ins = 0xca, .p1 = 1, .p2 = 2, .data = {}, .expected = {}};
  EXPECT_EQ(codec::to_hex(encode_command(bare)), "80ca0102");
  CommandApdu asking = bare;
  asking.expected = 256;
  EXPECT_EQ(codec::to_hex(encode_command(asking)), "80ca010200");
  CommandApdu telling = bare;
  telling.data = {0xaa, 0xbb};
  EXPECT_EQ(codec::to_hex(encode_command(telling)), "80ca010202aabb");
  CommandApdu both = telling;
  both.expected = 9;
  EXPECT_EQ(codec::to_hex(encode_command(both)), "80ca010202aabb09");
  for (const auto& each : {bare, asking, telling, both}) {
    EXPECT_EQ(must(parse_command(encode_command(each))), each);
  }
}

TEST(CommandApdu, CarriesAtMost255Bytes) {
  CommandApdu full{.cla = 0x80, .ins = 0x40, .data = Bytes(255, 7), .expected = 256};
  const Bytes bytes = encode_command(full);
  EXPECT_EQ(bytes.size(), kMaxCommand);
  EXPECT_EQ(must(parse_command(bytes)), full);
  full.data.push_back(7);
  EXPECT_DEATH(encode_command(full), "kMaxCommandData");
  // An extended length: 00 and two bytes more.
  Bytes extended = unhex("80400000000100");
  extended.resize(extended.size() + 256);
  const auto refused = parse_command(extended);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().verdict, Verdict::too_large);
}

TEST(CommandApdu, IsTakenOnlyWhole) {
  EXPECT_EQ(verdict_of_command(""), Verdict::truncated);
  EXPECT_EQ(verdict_of_command("80ca01"), Verdict::truncated);
  EXPECT_EQ(verdict_of_command("80ca010203aabb"), Verdict::truncated);
  EXPECT_EQ(verdict_of_command("80ca010202aabb0000"), Verdict::trailing_bytes);
  EXPECT_EQ(verdict_of_command("ffca0102"), Verdict::bad_value);
  EXPECT_EQ(verdict_of_command("80610102"), Verdict::bad_value);
  EXPECT_EQ(verdict_of_command("80900102"), Verdict::bad_value);
}

TEST(ResponseApdu, IsDataAndAStatus) {
  const ResponseApdu response{.data = {1, 2, 3}, .status = 0x6109};
  EXPECT_EQ(codec::to_hex(encode_response(response)), "0102036109");
  EXPECT_EQ(must(parse_response(encode_response(response))), response);
  EXPECT_EQ(must(parse_response(unhex("9000"))), ResponseApdu());
  EXPECT_EQ(parse_response(unhex("90")).error().verdict, Verdict::truncated);
  EXPECT_EQ(parse_response(unhex("8000")).error().verdict, Verdict::bad_value);
  EXPECT_EQ(parse_response(unhex("6000")).error().verdict, Verdict::bad_value);
  EXPECT_EQ(parse_response(Bytes(kMaxResponse + 1, 0x90)).error().verdict, Verdict::too_large);
  EXPECT_DEATH(encode_response({.data = Bytes(257)}), "kMaxResponseData");
}

TEST(StatusWord, SaysEveryVerdictOfTheElementExactly) {
  for (const VerdictRow& row : verdicts()) {
    EXPECT_EQ(verdict_of(status_of(row.verdict)), row.verdict) << row.name;
  }
  EXPECT_EQ(status_of(Verdict::accepted), 0x9000);
}

TEST(StatusWord, OfTheStandardIsAVerdictToo) {
  EXPECT_EQ(verdict_of(0x6109), Verdict::accepted);
  EXPECT_EQ(verdict_of(0x6700), Verdict::too_large);
  EXPECT_EQ(verdict_of(0x6A80), Verdict::bad_encoding);
  EXPECT_EQ(verdict_of(0x6A82), Verdict::unknown_element);
  for (const unsigned word : {0x6884U, 0x6985U, 0x6A86U, 0x6D00U, 0x6E00U, 0x6F00U, 0x9FFFU}) {
    EXPECT_EQ(verdict_of(static_cast<StatusWord>(word)), Verdict::element_out_of_turn) << word;
  }
}

}  // namespace
}  // namespace intaglio::element
