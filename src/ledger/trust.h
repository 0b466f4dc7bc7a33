// What a chain trusts of another that CometBFT orders: a header of it, from which its validators'
// votes lead to later ones (proof/light_client.h). CometBFT's header h + 1 carries, as its
// application's hash, the hash of our block h.
#pragma once

#include "ledger/nodes.h"
#include "proof/comet_finality.h"

namespace intaglio::ledger {

// One row for every other chain that CometBFT orders. It only ever goes forward.
struct TrustRow {
  using Key = ChainId;
  static constexpr RowKind kKind = RowKind::trust;
  static Slot slot(Key chain) { return Slot(kKind).put(chain.value()); }

  // Of CometBFT's header. Height 0: nothing but who commits the first block is known.
  Height height;
  std::uint64_t seconds = 0;  // since 1970
  std::uint32_t nanos = 0;
  Digest hash;
  Digest app;              // the hash of our block before it
  Digest next_validators;  // of who commits the block after it
  bool operator==(const TrustRow&) const = default;

  static constexpr auto fields() {
    return std::tuple(
        field(1, "height", &TrustRow::height, "CometBFT's; 0: none of its headers is known yet"),
        field(2, "seconds", &TrustRow::seconds, "of its time, since 1970"),
        field(3, "nanos", &TrustRow::nanos, "nanoseconds of it"),
        field(4, "hash", &TrustRow::hash, "of the header"),
        field(5, "app", &TrustRow::app, "hash of our block before it"),
        field(6, "next_validators", &TrustRow::next_validators,
              "CometBFT's hash of who commits the next block"));
  }
};

// How long after a header's time its validators are believed. CometBFT's advice is: well below the
// time in which they answer for what they sign. Ours answer as long as their nodes' keys are
// certified; two weeks is for how long a validator that left, or a thief of its key, can be of use
// against a chain that hears nothing, and for how long all relays may be away. They bring a header
// anew in a third of it.
inline constexpr Duration kTrustingPeriod = seconds(14 * 24 * 3600);

// What is trusted of a chain, as a light client begins with it at a block's time. Who commits the
// first block stands in the genesis or was decided, and is believed until the chain is heard of.
proof::CometTrust comet_trust(const TrustRow& row, const std::string& comet_chain, Millis now);
// Nothing when it is not later than what the row says.
std::optional<TrustRow> later_trust(const TrustRow& row, const proof::TrustedHeader& header);
// Whether nothing can be proven by it any more but what it proves itself.
bool is_trust_expired(const TrustRow& row, Millis now);

// The id that CometBFT knows the chain by: "intaglio-", 16 hex digits of the ledger's id, "-" and
// the chain's number.
std::string comet_chain_id(const LedgerId& ledger, ChainId chain);

// As CometBFT has them, which orders them by power, the most first, and those with the same by
// address. There are some (NodesRow::by_comet).
proof::CometValidatorSet comet_validators(const NodesRow& nodes);

// What is trusted of a chain that has made no block yet: who commits its first. Earlier than any
// block, whatever time CometBFT's own genesis has.
TrustRow first_trust(const NodesRow& nodes);

}  // namespace intaglio::ledger
