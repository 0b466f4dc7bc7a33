// What goes to a card and comes back: command and response APDUs of ISO/IEC 7816-4 in their short
// form, which carries 255 bytes there and 256 back. More goes in several: commands chained by bit 5
// of CLA (section 5.3.3), answers fetched with GET RESPONSE while the status says 61XX (5.3.4).
// Extended lengths are not spoken.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace intaglio::element {

inline constexpr std::size_t kMaxCommandData = 255;   // bytes
inline constexpr std::size_t kMaxResponseData = 256;  // bytes
inline constexpr std::size_t kMaxCommand = 4 + 1 + kMaxCommandData + 1;
inline constexpr std::size_t kMaxResponse = kMaxResponseData + 2;

// More of this command follows in the next one.
inline constexpr std::uint8_t kChainingBit = 0x10;

struct CommandApdu {
  std::uint8_t cla = 0;
  std::uint8_t ins = 0;
  std::uint8_t p1 = 0;
  std::uint8_t p2 = 0;
  Bytes data;                             // at most kMaxCommandData
  std::optional<std::uint16_t> expected;  // how much the answer may hold, 1 to 256; none: nothing
  bool operator==(const CommandApdu&) const = default;
};

// Cases 1 to 4 of section 5.1. More data, or another `expected`, is our bug.
Bytes encode_command(const CommandApdu& command);

// `truncated` or `trailing_bytes` when the lengths do not come out, `too_large` for an extended
// length, `bad_value` for CLA FF and for INS 6X and 9X, which are no commands (section 5.4.2).
Result<CommandApdu> parse_command(ByteView bytes);

// The two bytes at the end of a response. Those of section 5.6 that we give or are given; and for
// what the element itself judged 9000 + the verdict's number, of which 9000 itself is `accepted`
// (words 9XXX are each application's own).
using StatusWord = std::uint16_t;
namespace status_word {
inline constexpr StatusWord kDone = 0x9000;
inline constexpr StatusWord kMore = 0x6100;           // and how much in the last byte; 00: 256
inline constexpr StatusWord kWrongLength = 0x6700;    // of the command, or of what was chained
inline constexpr StatusWord kNoChaining = 0x6884;     // this command is not taken in pieces
inline constexpr StatusWord kOutOfTurn = 0x6985;      // conditions of use not satisfied
inline constexpr StatusWord kBadData = 0x6A80;        // the data field is not what it should be
inline constexpr StatusWord kUnknownApplet = 0x6A82;  // no application of this name
inline constexpr StatusWord kBadParameters = 0x6A86;  // P1 and P2
inline constexpr StatusWord kUnknownInstruction = 0x6D00;
inline constexpr StatusWord kUnknownClass = 0x6E00;
}  // namespace status_word

StatusWord status_of(Verdict verdict);

// What a status means to who asked: the element's own verdict; `too_large`, `bad_encoding`,
// `unknown_element` for 6700, 6A80, 6A82; `element_out_of_turn` for 6985, 6D00, 6E00, 6A86, 6884
// and whatever else. 61XX is `accepted`: it has more to give.
Verdict verdict_of(StatusWord status);

struct ResponseApdu {
  Bytes data;  // at most kMaxResponseData
  StatusWord status = status_word::kDone;
  bool operator==(const ResponseApdu&) const = default;
};

Bytes encode_response(const ResponseApdu& response);

// `truncated`, `too_large`, and `bad_value` for a status that is neither 6XXX nor 9XXX.
Result<ResponseApdu> parse_response(ByteView bytes);

}  // namespace intaglio::element
