#include "codec/base64url.h"

namespace intaglio::codec {
namespace {

// RFC 4648: the two alphabets differ in the last two characters alone.
constexpr std::string_view kLettersAndDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
struct Alphabet {
  char c62;
  char c63;
};
constexpr Alphabet kUrl{'-', '_'};
constexpr Alphabet kStandard{'+', '/'};

char to_character(std::uint32_t value, Alphabet alphabet) {
  if (value < 62) return kLettersAndDigits[value];
  return value == 62 ? alphabet.c62 : alphabet.c63;
}

// 0 to 63, or -1.
int from_character(char c, Alphabet alphabet) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == alphabet.c62) return 62;
  if (c == alphabet.c63) return 63;
  return -1;
}

std::unexpected<Refusal> refuse_character(std::size_t i) {
  return refuse(Verdict::bad_encoding, "character " + std::to_string(i));
}

std::string encode(ByteView bytes, Alphabet alphabet) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  std::uint32_t bits = 0;
  int count = 0;
  for (const std::uint8_t byte : bytes) {
    bits = bits << 8 | byte;
    for (count += 8; count >= 6; count -= 6) {
      out += to_character(bits >> (count - 6) & 0x3F, alphabet);
    }
  }
  if (count > 0) out += to_character(bits << (6 - count) & 0x3F, alphabet);
  return out;
}

Result<Bytes> decode(std::string_view text, Alphabet alphabet) {
  Bytes out;
  out.reserve(text.size() * 3 / 4);
  std::uint32_t bits = 0;
  int count = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int value = from_character(text[i], alphabet);
    if (value < 0) return refuse_character(i);
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      out.push_back(static_cast<std::uint8_t>(bits >> count));
    }
  }
  // One character alone holds no byte; unused bits must be zero.
  if (text.size() % 4 == 1) return refuse_character(text.size());
  if ((bits & ((1U << count) - 1)) != 0) return refuse_character(text.size() - 1);
  return out;
}

}  // namespace

std::string to_base64url(ByteView bytes) { return encode(bytes, kUrl); }

Result<Bytes> from_base64url(std::string_view text) { return decode(text, kUrl); }

std::string to_base64(ByteView bytes) {
  std::string out = encode(bytes, kStandard);
  while (out.size() % 4 != 0) out += '=';
  return out;
}

Result<Bytes> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return refuse_character(text.size());
  if (text.ends_with("==")) return decode(text.substr(0, text.size() - 2), kStandard);
  if (text.ends_with('=')) return decode(text.substr(0, text.size() - 1), kStandard);
  return decode(text, kStandard);
}

Result<Bytes> from_wrapped_base64(std::string_view text) {
  std::string bare;
  bare.reserve(text.size());
  for (const char c : text) {
    if (c != '\n' && c != '\r' && c != ' ' && c != '\t') bare += c;
  }
  return from_base64(bare);
}

}  // namespace intaglio::codec
