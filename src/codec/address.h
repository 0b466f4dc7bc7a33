// The two forms of an address. Bytes: the chain number (two bytes, big-endian) and the account id
// (20 bytes). Text: those bytes in bech32m (BIP-350) with the prefix "itg", 46 characters. One
// address, one text: lower case only.
#pragma once

#include <string>

#include "base/ids.h"
#include "base/result.h"

namespace intaglio::codec {

inline constexpr std::size_t kAddressBytes = 2 + AccountId::kSize;

std::array<std::uint8_t, kAddressBytes> address_bytes(const Address& address);
Result<Address> address_from_bytes(ByteView bytes);  // `bad_value` for another length

std::string to_text(const Address& address);

// `bad_checksum` when a character was mistyped, `bad_value` for another prefix or length,
// `bad_encoding` for everything else that is not this text form.
Result<Address> address_from_text(std::string_view text);

}  // namespace intaglio::codec
