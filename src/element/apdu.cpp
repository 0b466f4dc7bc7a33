#include "element/apdu.h"

#include "base/check.h"
#include "base/format.h"

namespace intaglio::element {
namespace {

constexpr std::size_t kHeader = 4;
constexpr std::uint16_t kAll = 256;  // what an expected length of 00 means

}  // namespace

Bytes encode_command(const CommandApdu& command) {
  CHECK(command.data.size() <= kMaxCommandData);
  Bytes out{command.cla, command.ins, command.p1, command.p2};
  if (!command.data.empty()) {
    out.push_back(static_cast<std::uint8_t>(command.data.size()));
    append(out, command.data);
  }
  if (command.expected) {
    CHECK(*command.expected >= 1 && *command.expected <= kAll);
    out.push_back(static_cast<std::uint8_t>(*command.expected));
  }
  return out;
}

Result<CommandApdu> parse_command(ByteView bytes) {
  if (bytes.size() < kHeader) return refuse(Verdict::truncated, "header");
  CommandApdu out{
      .cla = bytes[0], .ins = bytes[1], .p1 = bytes[2], .p2 = bytes[3], .data = {}, .expected = {}};
  if (out.cla == 0xff) return refuse(Verdict::bad_value, "cla");
  if ((out.ins & 0xf0) == 0x60 || (out.ins & 0xf0) == 0x90)
    return refuse(Verdict::bad_value, "ins");
  ByteView rest = bytes.subspan(kHeader);
  if (rest.size() > 1) {
    const std::size_t length = rest[0];
    if (length == 0) return refuse(Verdict::too_large, "an extended length");
    if (rest.size() - 1 < length) return refuse(Verdict::truncated, "data");
    out.data = to_bytes(rest.subspan(1, length));
    rest = rest.subspan(1 + length);
  }
  if (rest.size() > 1) {
    return refuse(Verdict::trailing_bytes, format("byte {}", bytes.size() - rest.size() + 1));
  }
  if (!rest.empty()) out.expected = rest[0] == 0 ? kAll : rest[0];
  return out;
}

StatusWord status_of(Verdict verdict) {
  const auto number = static_cast<unsigned>(verdict);
  CHECK(number < 0x1000);
  return static_cast<StatusWord>(status_word::kDone + number);
}

Verdict verdict_of(StatusWord status) {
  if ((status & 0xff00U) == status_word::kMore) return Verdict::accepted;
  switch (status) {
    case status_word::kWrongLength: return Verdict::too_large;
    case status_word::kBadData: return Verdict::bad_encoding;
    case status_word::kUnknownApplet: return Verdict::unknown_element;
    default: break;
  }
  if (status < status_word::kDone) return Verdict::element_out_of_turn;
  return verdict_from_number(status - status_word::kDone).value_or(Verdict::element_out_of_turn);
}

Bytes encode_response(const ResponseApdu& response) {
  CHECK(response.data.size() <= kMaxResponseData);
  Bytes out = response.data;
  out.push_back(static_cast<std::uint8_t>(response.status >> 8));
  out.push_back(static_cast<std::uint8_t>(response.status));
  return out;
}

Result<ResponseApdu> parse_response(ByteView bytes) {
  if (bytes.size() < 2) return refuse(Verdict::truncated, "status");
  if (bytes.size() > kMaxResponse) return refuse(Verdict::too_large, "response");
  const std::size_t data = bytes.size() - 2;
  const auto status = static_cast<StatusWord>(bytes[data] << 8 | bytes[data + 1]);
  const unsigned kind = status >> 12;
  if ((kind != 6 && kind != 9) || status >> 8 == 0x60) return refuse(Verdict::bad_value, "status");
  return ResponseApdu{to_bytes(bytes.first(data)), status};
}

}  // namespace intaglio::element
