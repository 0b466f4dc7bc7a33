// The numbers and hashes that name things. Each is its own type: none converts to another.
#pragma once

#include "base/bytes.h"

namespace intaglio {

// An integer with a meaning. Only what a name needs: comparison and its value.
template <typename Tag, typename Int>
class StrongInt {
 public:
  using Value = Int;
  constexpr StrongInt() = default;
  constexpr explicit StrongInt(Int value) : value_(value) {}
  constexpr Int value() const { return value_; }
  constexpr StrongInt next() const { return StrongInt(static_cast<Int>(value_ + 1)); }
  auto operator<=>(const StrongInt&) const = default;

 private:
  Int value_ = 0;
};

using ChainId = StrongInt<struct ChainIdTag, std::uint16_t>;  // 0 is the main chain
using Height = StrongInt<struct HeightTag, std::uint64_t>;    // 1 is the first block after genesis
using AssetId = StrongInt<struct AssetIdTag, std::uint32_t>;
using TimeStep = StrongInt<struct TimeStepTag, std::uint64_t>;  // unix seconds / step length

inline constexpr ChainId kMainChain{0};

// Milliseconds since 1970-01-01 UTC. On a chain always block time, never a clock's.
using Millis = StrongInt<struct MillisTag, std::uint64_t>;

// A length of time in milliseconds; added to a time it saturates instead of wrapping.
using Duration = StrongInt<struct DurationTag, std::uint64_t>;
constexpr Millis operator+(Millis t, Duration d) {
  const std::uint64_t sum = t.value() + d.value();
  return Millis(sum < t.value() ? UINT64_MAX : sum);
}
// Time from `earlier` to `later`; zero when it is the other way round.
constexpr Duration elapsed(Millis earlier, Millis later) {
  return Duration(later > earlier ? later.value() - earlier.value() : 0);
}
constexpr Duration seconds(std::uint64_t n) { return Duration(n * 1000); }

// Of an X.509 certificate, unique an issuer: big-endian, filled up with zeros on the left. RFC 5280
// (section 4.1.2.2) allows no more than 20 bytes.
using SerialNumber = FixedBytes<struct SerialNumberTag, 20>;
using KeyHash = FixedBytes<struct KeyHashTag, 32>;      // SHA-256 of a 65-byte P-256 point
using AccountId = FixedBytes<struct AccountIdTag, 20>;  // first 20 bytes of its first key's KeyHash
using LedgerId = FixedBytes<struct LedgerIdTag, 32>;    // SHA-256 of the genesis document
using TxId = FixedBytes<struct TxIdTag, 32>;            // SHA-256 of the COSE Sig_structure
using ClientId = FixedBytes<struct ClientIdTag, 16>;    // chosen by the client, unique an account
using BlockHash = FixedBytes<struct BlockHashTag, 32>;
using SettlementId = FixedBytes<struct SettlementIdTag, 32>;  // SHA-256 of its terms

// Where money lives: an account on a chain. Text form: codec/address.h.
struct Address {
  ChainId chain;
  AccountId account;
  auto operator<=>(const Address&) const = default;
};

}  // namespace intaglio
