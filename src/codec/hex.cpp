#include "codec/hex.h"

namespace intaglio::codec {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

// 0 to 15, or -1.
int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string to_hex(ByteView bytes) {
  std::string out(2 * bytes.size(), '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    out[2 * i] = kDigits[bytes[i] >> 4];
    out[2 * i + 1] = kDigits[bytes[i] & 0x0F];
  }
  return out;
}

Result<Bytes> from_hex(std::string_view text) {
  Bytes out;
  out.reserve(text.size() / 2);
  int high = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int value = digit_value(text[i]);
    if (value < 0) return refuse(Verdict::bad_encoding, "character " + std::to_string(i));
    if (i % 2 == 0) {
      high = value;
    } else {
      out.push_back(static_cast<std::uint8_t>(high << 4 | value));
    }
  }
  if (text.size() % 2 != 0) {
    return refuse(Verdict::bad_encoding, "character " + std::to_string(text.size()));
  }
  return out;
}

}  // namespace intaglio::codec
