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

// What a payment is for, by ISO 18245: 0 to 9999, written with four digits.
using MerchantCategory = StrongInt<struct MerchantCategoryTag, std::uint16_t>;

inline constexpr std::size_t kMaxCapabilityItems = 32;  // of each list below
inline constexpr std::size_t kMaxCell = 12;             // characters of a geohash

// The content of a certificate's capabilities extension. Functions ascend by number, ceilings by
// asset, categories by number, places by their bytes, each named once, so that equal capabilities
// have equal bytes. What is left out does not bound: it is not the same as an empty list, which
// nobody may write. The one exception is `offline`: without it nothing may be taken offline.
struct Capabilities {
  CertificateUsage role = CertificateUsage::holder;  // the certificate's usage
  std::vector<Function> functions;
  std::vector<Ceiling> ceilings;  // an asset without one may not be moved under this certificate
  bool simulated_element = true;  // only software guards the key
  std::optional<std::vector<MerchantCategory>> categories = {};  // what payments may be for
  std::optional<std::vector<Ceiling>> offline = {};  // largest amounts taken without asking anybody
  // Cells of the earth as geohashes (letters and digits, no a, i, l, o): a cell holds every cell
  // whose name begins with its own.
  std::optional<std::vector<std::string>> places = {};
  std::optional<Millis> expires_at = {};  // the first moment without them, if the certificate lasts
                                          // longer
  bool operator==(const Capabilities&) const = default;
  static constexpr auto fields() {
    using T = Capabilities;
    return std::tuple(
        codec::field(1, "role", &T::role, "the certificate's usage"),
        codec::field(2, "functions", &T::functions, "what the key may do, ascending"),
        codec::field(3, "ceilings", &T::ceilings, "largest amounts, by asset ascending"),
        codec::field(4, "simulated_element", &T::simulated_element,
                     "true when only software guards the key"),
        codec::field(5, "categories", &T::categories, "merchant categories, ascending"),
        codec::field(6, "offline", &T::offline, "largest offline amounts, by asset ascending"),
        codec::field(7, "places", &T::places, "geohash cells, ascending"),
        codec::field(8, "expires_at", &T::expires_at, "in ms since 1970, exclusive"));
  }
};

// Any thread. `bad_value` when a list does not ascend, is empty where it could be left out, or
// holds what is no category or no cell; `too_large` when one has more than kMaxCapabilityItems.
Result<void> check(const Capabilities& capabilities);

// Deterministic CBOR. decode refuses what check() refuses.
Bytes encode_capabilities(const Capabilities& capabilities);
Result<Capabilities> decode_capabilities(ByteView bytes);

bool allows(const Capabilities& capabilities, Function function);
// The function, and the amount not above the asset's ceiling.
bool allows(const Capabilities& capabilities, Function function, const Money& money);

// One thing that somebody does under a certificate, with what is known about it.
struct CapabilityUse {
  Function function = Function::pay;
  std::optional<Money> money = {};
  std::optional<MerchantCategory> category = {};
  std::optional<std::string> place = {};  // a cell as small as it is known
  bool offline = false;
  Millis at;
};

// `not_capable`, with the bound that is not met in `where`. A bound about which the use says
// nothing is not met: who is bound to a place must say where they are.
Result<void> permit(const Capabilities& capabilities, const CapabilityUse& use);

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
