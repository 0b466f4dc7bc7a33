// Writes DER (X.690 section 10), as much of it as certificates and what goes with them need.
// Certificates and lists OpenSSL reads, everything else der_reader.h. Every function returns one
// whole element; pure, any thread.
#pragma once

#include <initializer_list>

#include "base/ids.h"
#include "base/result.h"

namespace intaglio::pki::der {

inline constexpr std::uint8_t kBoolean = 0x01;
inline constexpr std::uint8_t kInteger = 0x02;
inline constexpr std::uint8_t kBitString = 0x03;
inline constexpr std::uint8_t kOctetString = 0x04;
inline constexpr std::uint8_t kObjectId = 0x06;
inline constexpr std::uint8_t kEnumerated = 0x0a;
inline constexpr std::uint8_t kUtf8String = 0x0c;
inline constexpr std::uint8_t kPrintableString = 0x13;
inline constexpr std::uint8_t kUtcTime = 0x17;
inline constexpr std::uint8_t kGeneralizedTime = 0x18;
inline constexpr std::uint8_t kSequence = 0x30;
inline constexpr std::uint8_t kSet = 0x31;
// A context tag around one element (constructed), or in place of its own tag (primitive).
constexpr std::uint8_t explicit_tag(unsigned n) { return static_cast<std::uint8_t>(0xa0 | n); }
constexpr std::uint8_t implicit_tag(unsigned n) { return static_cast<std::uint8_t>(0x80 | n); }

// The contents one after another, under one tag and the shortest length.
Bytes element(std::uint8_t tag, std::initializer_list<ByteView> contents);

inline Bytes sequence(std::initializer_list<ByteView> contents) {
  return element(kSequence, contents);
}

// A number that is not negative, from its big-endian bytes; leading zeros do not matter.
Bytes integer(ByteView big_endian);
Bytes integer(std::uint64_t value);

// TRUE. A FALSE that is the default is left out in DER, so nobody needs to write one.
Bytes boolean_true();

// The first bytes of a BIT STRING whose bits all count.
Bytes bit_string(ByteView content);

// A BIT STRING of named bits (KeyUsage): bit 0 is the highest of `bits`; trailing zeros are left
// out, as X.690 section 11.2.2 asks.
Bytes named_bits(std::uint16_t bits);

// UTCTime up to 2049, GeneralizedTime from 2050 (RFC 5280 section 4.1.2.5), whole seconds rounded
// down. `bad_value` after the year 9999.
Result<Bytes> time(Millis at);

// GeneralizedTime for every year, as OCSP and CMP have it; otherwise as time().
Result<Bytes> generalized_time(Millis at);

}  // namespace intaglio::pki::der
