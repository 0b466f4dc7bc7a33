#include "pki/der.h"

#include <chrono>

#include "base/format.h"

namespace intaglio::pki::der {

namespace {

Bytes big_endian(std::uint64_t value) {
  Bytes out(8);
  for (std::size_t i = 0; i < 8; ++i) out[i] = static_cast<std::uint8_t>(value >> (56 - 8 * i));
  return out;
}

// The value without its leading zero bytes.
ByteView shortest(ByteView value) {
  while (!value.empty() && value.front() == 0) value = value.subspan(1);
  return value;
}

struct WrittenTime {
  int year;
  std::string rest;  // month to seconds, and Z
};

Result<WrittenTime> write_time(Millis at) {
  constexpr std::uint64_t kEndOfYear9999 = 253402300800;  // seconds
  const std::uint64_t seconds = at.value() / 1000;
  if (seconds >= kEndOfYear9999) return refuse(Verdict::bad_value, "time after the year 9999");
  const std::chrono::sys_seconds moment{std::chrono::seconds(seconds)};
  const auto day = std::chrono::floor<std::chrono::days>(moment);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{moment - day};
  return WrittenTime{static_cast<int>(date.year()),
                     format("{:02}{:02}{:02}{:02}{:02}Z", static_cast<unsigned>(date.month()),
                            static_cast<unsigned>(date.day()), clock.hours().count(),
                            clock.minutes().count(), clock.seconds().count())};
}

Bytes generalized(const WrittenTime& written) {
  return element(kGeneralizedTime, {as_bytes(format("{:04}", written.year) + written.rest)});
}

}  // namespace

Bytes element(std::uint8_t tag, std::initializer_list<ByteView> contents) {
  std::size_t size = 0;
  for (const ByteView content : contents) size += content.size();
  Bytes out{tag};
  if (size < 0x80) {
    out.push_back(static_cast<std::uint8_t>(size));
  } else {
    const Bytes whole = big_endian(size);
    const ByteView length = shortest(whole);
    out.push_back(static_cast<std::uint8_t>(0x80 | length.size()));
    append(out, length);
  }
  out.reserve(out.size() + size);
  for (const ByteView content : contents) append(out, content);
  return out;
}

Bytes integer(ByteView big_endian) {
  const ByteView value = shortest(big_endian);
  const std::uint8_t zero[] = {0};
  const bool needs_zero = value.empty() || (value.front() & 0x80) != 0;
  return element(kInteger, {ByteView(zero, needs_zero ? 1 : 0), value});
}

Bytes integer(std::uint64_t value) { return integer(big_endian(value)); }

Bytes boolean_true() { return {kBoolean, 1, 0xff}; }

Bytes bit_string(ByteView content) {
  const std::uint8_t unused[] = {0};
  return element(kBitString, {unused, content});
}

Bytes named_bits(std::uint16_t bits) {
  if (bits == 0) return element(kBitString, {ByteView(Bytes{0})});
  unsigned unused = 0;
  while ((bits >> unused & 1) == 0) ++unused;
  Bytes content{static_cast<std::uint8_t>(unused % 8), static_cast<std::uint8_t>(bits >> 8)};
  if (unused < 8) content.push_back(static_cast<std::uint8_t>(bits));
  return element(kBitString, {content});
}

Result<Bytes> time(Millis at) {
  ASSIGN(const auto written, write_time(at));
  if (written.year < 2050) {
    return element(kUtcTime, {as_bytes(format("{:02}", written.year % 100) + written.rest)});
  }
  return generalized(written);
}

Result<Bytes> generalized_time(Millis at) {
  ASSIGN(const auto written, write_time(at));
  return generalized(written);
}

}  // namespace intaglio::pki::der
