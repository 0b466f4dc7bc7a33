#include "codec/utf8.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "base/check.h"

namespace intaglio::codec {
namespace {

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// The length of the sequence at the start of `text`, which is not empty; 0 when it is broken.
// The bounds on the second byte are RFC 3629's table: they keep out long forms and surrogates.
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  if (first < 0xC2 || first > 0xF4) return 0;
  const std::size_t length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (text.size() < length) return 0;
  const unsigned char low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  const unsigned char high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  if (byte(1) < low || byte(1) > high) return 0;
  if (!std::ranges::all_of(text.substr(2, length - 2), is_continuation)) return 0;
  return length;
}

}  // namespace

std::optional<std::size_t> utf8_error(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    // Nearly all text is ASCII: eight bytes at a time.
    std::uint64_t eight = 0;
    if (text.size() - at >= sizeof eight) {
      std::memcpy(&eight, text.data() + at, sizeof eight);
      if ((eight & 0x8080808080808080U) == 0) {
        at += sizeof eight;
        continue;
      }
    }
    const std::size_t length = sequence_length(text.substr(at));
    if (length == 0) return at;
    at += length;
  }
  return std::nullopt;
}

std::size_t utf8_length(std::string_view text) {
  return text.size() - static_cast<std::size_t>(std::ranges::count_if(text, is_continuation));
}

std::optional<std::size_t> utf8_prefix(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  for (; count > 0; --count) {
    if (at == text.size()) return std::nullopt;
    ++at;
    while (at < text.size() && is_continuation(text[at])) ++at;
  }
  return at;
}

void append_utf8(std::string& to, char32_t code_point) {
  CHECK(code_point < 0x110000 && (code_point < 0xD800 || code_point > 0xDFFF));
  const auto put = [&](char32_t bits) { to += static_cast<char>(bits); };
  if (code_point < 0x80) return put(code_point);
  if (code_point < 0x800) {
    put(0xC0 | code_point >> 6);
  } else {
    if (code_point < 0x10000) {
      put(0xE0 | code_point >> 12);
    } else {
      put(0xF0 | code_point >> 18);
      put(0x80 | (code_point >> 12 & 0x3F));
    }
    put(0x80 | (code_point >> 6 & 0x3F));
  }
  put(0x80 | (code_point & 0x3F));
}

}  // namespace intaglio::codec
