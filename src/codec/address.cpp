#include "codec/address.h"

#include "codec/bech32m.h"

namespace intaglio::codec {
namespace {

constexpr std::string_view kPrefix = "itg";

}  // namespace

std::array<std::uint8_t, kAddressBytes> address_bytes(const Address& address) {
  std::array<std::uint8_t, kAddressBytes> out;
  out[0] = static_cast<std::uint8_t>(address.chain.value() >> 8);
  out[1] = static_cast<std::uint8_t>(address.chain.value());
  std::ranges::copy(address.account.view(), out.begin() + 2);
  return out;
}

Result<Address> address_from_bytes(ByteView bytes) {
  if (bytes.size() != kAddressBytes) return refuse(Verdict::bad_value, "length");
  return Address{ChainId(static_cast<std::uint16_t>(bytes[0] << 8 | bytes[1])),
                 *AccountId::from(bytes.subspan(2))};
}

std::string to_text(const Address& address) {
  return to_bech32m(kPrefix, to_groups(address_bytes(address)));
}

Result<Address> address_from_text(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] >= 'A' && text[i] <= 'Z') {
      return refuse(Verdict::bad_encoding, "character " + std::to_string(i));
    }
  }
  ASSIGN(const auto parts, from_bech32m(text));
  if (parts.prefix != kPrefix) return refuse(Verdict::bad_value, "prefix");
  ASSIGN(const auto bytes, from_groups(parts.groups));
  return address_from_bytes(bytes);
}

}  // namespace intaglio::codec
