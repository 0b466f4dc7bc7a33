// Settlements: several legs, all or none. Their terms say who pays in, who is paid out, on which
// chain it all meets and until when; the terms' hash is the settlement's id. Each payer signs the
// exact terms. On the chain where they meet, the settlement's chain, one row says which legs are
// there; what they brought is in escrow until it is delivered or goes back.
#pragma once

#include <span>

#include "ledger/rows.h"
#include "ledger/stage.h"

namespace intaglio::ledger {

// Money that a payer brings in, from the chain of their address.
struct Leg {
  Address payer;
  AssetId asset;
  Amount amount;
  static constexpr auto fields() {
    return std::tuple(field(1, "payer", &Leg::payer, "the payer's address, on the leg's chain"),
                      field(2, "asset", &Leg::asset, "of which asset"),
                      field(3, "amount", &Leg::amount, "how much"));
  }
  bool operator==(const Leg&) const = default;
};

// Money that a beneficiary gets: into their account on the settlement's chain, and from there to
// the address' own chain when that is another.
struct Delivery {
  Address to;
  AssetId asset;
  Amount amount;
  static constexpr auto fields() {
    return std::tuple(field(1, "to", &Delivery::to, "the beneficiary's address"),
                      field(2, "asset", &Delivery::asset, "of which asset"),
                      field(3, "amount", &Delivery::amount, "how much"));
  }
  bool operator==(const Delivery&) const = default;
};

using SettlementNonce = FixedBytes<struct SettlementNonceTag, 16>;

struct Terms {
  ChainId chain;                     // where the legs meet
  Millis deadline;                   // the last block time of that chain they are good for
  std::vector<Leg> legs;             // ascending by payer and asset, each pair once
  std::vector<Delivery> deliveries;  // ascending by address and asset, each pair once
  SettlementNonce nonce;             // at random: equal terms are then two settlements
  std::optional<std::string> memo;

  static constexpr std::size_t kMaxLegs = 16;
  static constexpr std::size_t kMaxDeliveries = 16;

  static constexpr auto fields() {
    return std::tuple(
        field(1, "chain", &Terms::chain, "where the legs meet"),
        field(2, "deadline", &Terms::deadline, "last block time of that chain to be complete"),
        field(3, "legs", &Terms::legs, "who pays in, ascending by payer and asset"),
        field(4, "deliveries", &Terms::deliveries, "who is paid out, ascending by to and asset"),
        field(5, "nonce", &Terms::nonce, "16 bytes at random"),
        field(6, "memo", &Terms::memo, "for people, at most 140 bytes"));
  }
  bool operator==(const Terms&) const = default;
};

SettlementId settlement_id(const Terms& terms);

// What can be said without any state, at "legs…" or "deliveries…": `missing_field`, `too_large`,
// `bad_value` (an amount of nothing, lists out of order, an asset of which not the same is paid in
// as out), `amount_overflow`.
Result<void> check_terms(const Terms& terms);

enum class SettlementState : std::uint8_t { open = 1, delivered = 2, returned = 3 };

// On the settlement's chain. Closed, it is a tombstone: what arrives late goes back. It is
// forgotten when nothing can arrive in time any more, some while after the deadline.
struct SettlementRow {
  using Key = SettlementId;
  static constexpr RowKind kKind = RowKind::settlement;
  static Slot slot(const Key& id) { return Slot(kKind).put(id.view()); }

  Terms terms;
  std::uint16_t arrived = 0;  // bit i: leg i did; it is in escrow while this is open
  SettlementState state = SettlementState::open;
  std::optional<std::uint16_t> verdict;  // why it was returned
  Millis time;                           // of the last change

  bool has(std::size_t leg) const { return (arrived >> leg & 1U) != 0; }
  bool is_complete() const { return arrived == (std::uint32_t{1} << terms.legs.size()) - 1; }

  static constexpr auto fields() {
    return std::tuple(
        field(1, "terms", &SettlementRow::terms, "as its payers signed them"),
        field(2, "arrived", &SettlementRow::arrived, "a bit for each leg, the first is 1"),
        field(3, "state", &SettlementRow::state, "open, delivered or returned"),
        field(4, "verdict", &SettlementRow::verdict, "why it was returned"),
        field(5, "time", &SettlementRow::time, "block time of the last change"));
  }
};

// The entries that a settlement makes: none of them is of a transaction of their chain, so they
// are named after the settlement.
OperationRef leg_ref(const SettlementId& id, std::size_t leg);
OperationRef delivery_ref(const SettlementId& id, std::size_t delivery);
OperationRef returned_ref(const SettlementId& id, std::size_t leg);
OperationRef onward_ref(const SettlementId& id, std::size_t delivery);

// Whose leg it is when all of an asset comes from one payer; the first such leg.
std::optional<std::size_t> sole_leg(const Terms& terms, AssetId asset);

}  // namespace intaglio::ledger

template <>
struct intaglio::codec::EnumNames<intaglio::ledger::SettlementState> {
  using SettlementState = intaglio::ledger::SettlementState;
  static constexpr std::pair<SettlementState, std::string_view> kNames[] = {
      {SettlementState::open, "open"},
      {SettlementState::delivered, "delivered"},
      {SettlementState::returned, "returned"}};
};
