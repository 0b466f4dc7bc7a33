#include "codec/bech32m.h"

#include "base/check.h"

namespace intaglio::codec {
namespace {

constexpr std::string_view kCharset = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
constexpr std::size_t kCheckLength = 6;
constexpr std::uint32_t kBech32mConstant = 0x2bc830a3;  // what tells bech32m from bech32

// The BCH code's state, fed one group at a time.
class Checksum {
 public:
  void feed(std::uint8_t group) {
    constexpr std::array<std::uint32_t, 5> kGenerator{0x3b6a57b2, 0x26508e6d, 0x1ea119fa,
                                                      0x3d4233dd, 0x2a1462b3};
    const std::uint32_t top = state_ >> 25;
    state_ = (state_ & 0x1ffffff) << 5 ^ group;
    for (std::size_t i = 0; i < kGenerator.size(); ++i) {
      if ((top >> i & 1) != 0) state_ ^= kGenerator[i];
    }
  }

  // The high bits of every character, a zero, the low bits of every character.
  void feed_prefix(std::string_view prefix) {
    for (const char c : prefix) feed(static_cast<std::uint8_t>(c >> 5));
    feed(0);
    for (const char c : prefix) feed(static_cast<std::uint8_t>(c & 31));
  }

  std::uint32_t state() const { return state_; }

 private:
  std::uint32_t state_ = 1;
};

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
char to_lower(char c) { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; }

std::unexpected<Refusal> refuse_character(std::size_t i) {
  return refuse(Verdict::bad_encoding, "character " + std::to_string(i));
}

// The text in lower case; refuses mixed case and characters outside 33 to 126.
Result<std::string> to_one_case(std::string_view text) {
  const bool has_upper = std::ranges::any_of(text, is_upper);
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] < 33 || text[i] > 126) return refuse_character(i);
    if (has_upper && is_lower(text[i])) return refuse_character(i);
    out += to_lower(text[i]);
  }
  return out;
}

}  // namespace

std::string to_bech32m(std::string_view prefix, ByteView groups) {
  CHECK(!prefix.empty());
  CHECK(prefix.size() + 1 + groups.size() + kCheckLength <= kMaxBech32mText);
  CHECK(std::ranges::all_of(prefix, [](char c) { return c >= 33 && c <= 126 && !is_upper(c); }));
  std::string out;
  out.reserve(prefix.size() + 1 + groups.size() + kCheckLength);
  out += prefix;
  out += '1';
  Checksum checksum;
  checksum.feed_prefix(prefix);
  for (const std::uint8_t group : groups) {
    CHECK(group < 32);
    checksum.feed(group);
    out += kCharset[group];
  }
  for (std::size_t i = 0; i < kCheckLength; ++i) checksum.feed(0);
  const std::uint32_t check = checksum.state() ^ kBech32mConstant;
  for (std::size_t i = 0; i < kCheckLength; ++i) {
    out += kCharset[check >> 5 * (kCheckLength - 1 - i) & 31];
  }
  return out;
}

Result<Bech32m> from_bech32m(std::string_view text) {
  if (text.size() > kMaxBech32mText) return refuse(Verdict::too_large);
  ASSIGN(const auto lower, to_one_case(text));
  const std::size_t separator = lower.rfind('1');
  if (separator == std::string::npos || separator == 0) return refuse_character(0);
  if (lower.size() - separator - 1 < kCheckLength) return refuse_character(lower.size());
  Bech32m out;
  out.prefix = lower.substr(0, separator);
  out.groups.reserve(lower.size() - separator - 1);
  Checksum checksum;
  checksum.feed_prefix(out.prefix);
  for (std::size_t i = separator + 1; i < lower.size(); ++i) {
    const std::size_t value = kCharset.find(lower[i]);
    if (value == std::string_view::npos) return refuse_character(i);
    out.groups.push_back(static_cast<std::uint8_t>(value));
    checksum.feed(out.groups.back());
  }
  if (checksum.state() != kBech32mConstant) return refuse(Verdict::bad_checksum);
  out.groups.resize(out.groups.size() - kCheckLength);
  return out;
}

Bytes to_groups(ByteView bytes) {
  Bytes out;
  out.reserve((bytes.size() * 8 + 4) / 5);
  std::uint32_t bits = 0;
  int count = 0;
  for (const std::uint8_t byte : bytes) {
    bits = bits << 8 | byte;
    for (count += 8; count >= 5; count -= 5) {
      out.push_back(static_cast<std::uint8_t>(bits >> (count - 5) & 31));
    }
  }
  if (count > 0) out.push_back(static_cast<std::uint8_t>(bits << (5 - count) & 31));
  return out;
}

Result<Bytes> from_groups(ByteView groups) {
  Bytes out;
  out.reserve(groups.size() * 5 / 8);
  std::uint32_t bits = 0;
  int count = 0;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (groups[i] > 31) return refuse(Verdict::bad_encoding, "group " + std::to_string(i));
    bits = bits << 5 | groups[i];
    count += 5;
    if (count >= 8) {
      count -= 8;
      out.push_back(static_cast<std::uint8_t>(bits >> count));
    }
  }
  if (count >= 5 || (bits & ((1U << count) - 1)) != 0) {
    return refuse(Verdict::bad_encoding, "group " + std::to_string(groups.size() - 1));
  }
  return out;
}

}  // namespace intaglio::codec
