// What a certificate is for, and what its holder may do. The authority signs both; nobody grants
// itself anything.
#pragma once

#include <string_view>
#include <vector>

#include "base/amount.h"
#include "base/result.h"
#include "codec/record.h"

namespace intaglio::pki {

// What a certificate is for. It becomes the certificate's key usage and extended key usage. The
// numbers are signed and stored: append-only, 1 to 127.
enum class CertificateUsage : std::uint8_t {
  display = 1,           // signs payment codes
  terminal = 2,          // takes payments and sends them to the payer's bank
  instrument = 3,        // the card, phone or vehicle that pays
  bank = 4,              // answers for payers' accounts
  member = 5,            // takes part in supervised records
  supervisor = 6,        // reads and confirms supervised records
  node = 7,              // runs chains
  holder = 8,            // a person's account key
  meeting_provider = 9,  // issues meeting tokens
  issuer = 10,           // issues assets and stones' papers
};

// What may be done with a key. Numbers as above: append-only.
enum class Function : std::uint8_t {
  pay = 1,
  refund = 2,
  reversal = 3,
  hold = 4,
  cashback = 5,
  verify_person = 6,
  issue_code = 7,
};

// The largest amount of one operation in one asset.
struct Ceiling {
  AssetId asset;
  Amount largest;
  bool operator==(const Ceiling&) const = default;
  static constexpr auto fields() {
    return std::tuple(codec::field(1, "asset", &Ceiling::asset, "the asset's number"),
                      codec::field(2, "largest", &Ceiling::largest, "in minor units, inclusive"));
  }
};

// The content of a certificate's capabilities extension. Functions ascend by number and ceilings by
// asset, each named once, so that equal capabilities have equal bytes.
struct Capabilities {
  CertificateUsage role = CertificateUsage::holder;  // the certificate's usage
  std::vector<Function> functions;
  std::vector<Ceiling> ceilings;  // an asset without one may not be moved under this certificate
  bool simulated_element = true;  // only software guards the key
  bool operator==(const Capabilities&) const = default;
  static constexpr auto fields() {
    return std::tuple(
        codec::field(1, "role", &Capabilities::role, "the certificate's usage"),
        codec::field(2, "functions", &Capabilities::functions, "what the key may do, ascending"),
        codec::field(3, "ceilings", &Capabilities::ceilings, "largest amounts, by asset ascending"),
        codec::field(4, "simulated_element", &Capabilities::simulated_element,
                     "true when only software guards the key"));
  }
};

// Any thread. `bad_value` when a list does not ascend.
Result<void> check(const Capabilities& capabilities);

// Deterministic CBOR. decode refuses what check() refuses.
Bytes encode_capabilities(const Capabilities& capabilities);
Result<Capabilities> decode_capabilities(ByteView bytes);

bool allows(const Capabilities& capabilities, Function function);
// The function, and the amount not above the asset's ceiling.
bool allows(const Capabilities& capabilities, Function function, const Money& money);

}  // namespace intaglio::pki

namespace intaglio::codec {

template <>
struct EnumNames<pki::CertificateUsage> {
  static constexpr std::pair<pki::CertificateUsage, std::string_view> kNames[] = {
      {pki::CertificateUsage::display, "display"},
      {pki::CertificateUsage::terminal, "terminal"},
      {pki::CertificateUsage::instrument, "instrument"},
      {pki::CertificateUsage::bank, "bank"},
      {pki::CertificateUsage::member, "member"},
      {pki::CertificateUsage::supervisor, "supervisor"},
      {pki::CertificateUsage::node, "node"},
      {pki::CertificateUsage::holder, "holder"},
      {pki::CertificateUsage::meeting_provider, "meeting_provider"},
      {pki::CertificateUsage::issuer, "issuer"},
  };
};

template <>
struct EnumNames<pki::Function> {
  static constexpr std::pair<pki::Function, std::string_view> kNames[] = {
      {pki::Function::pay, "pay"},
      {pki::Function::refund, "refund"},
      {pki::Function::reversal, "reversal"},
      {pki::Function::hold, "hold"},
      {pki::Function::cashback, "cashback"},
      {pki::Function::verify_person, "verify_person"},
      {pki::Function::issue_code, "issue_code"},
  };
};

}  // namespace intaglio::codec
