// Double entry: every movement of money is one entry in two balances. Nothing else changes what a
// balance has posted.
#pragma once

#include "base/result.h"
#include "ledger/rows.h"
#include "ledger/stage.h"

namespace intaglio::ledger {

// What an account may still spend or hold: credited less debited less held.
Amount spendable(const BalanceRow& balance);

// Where a debit comes from; elsewhere: from another chain, so no balance here is debited.
enum class Source { spendable, held, elsewhere };
// Where a credit goes; elsewhere: to another chain, so no balance here is credited.
enum class Sink { here, elsewhere };

// A movement that was checked and not written yet.
struct Entered {
  OperationRef ref;
  EntryRow entry;
  std::optional<BalanceRow> payer;
  std::optional<BalanceRow> payee;
};

// Checks that `entry` (its kind, parties, asset, amount, time; the rest is filled in here) can be
// made, and prepares it: insufficient_funds, amount_overflow. Writes nothing.
Result<Entered> enter(const View& state, const OperationRef& ref, EntryRow entry, Source source,
                      Sink sink = Sink::here);
void write(Stage& stage, const Entered& entered);

// Money of a payment that comes back to its payer, by an entry of its own, here where the payer is.
struct GivenBack {
  OperationRef payment;                  // whose money it is
  EntryRow paid;                         // its entry
  OperationRef ref;                      // of the new entry
  EntryRow entry;                        // kind, parties, asset, amount, time, other chain
  std::optional<std::uint16_t> verdict;  // why
};
// Writes the entry and marks the payment: refund_too_large, amount_overflow; then nothing is
// written.
Result<void> give_back(Stage& stage, GivenBack what);

// Money out of nothing, for genesis: raises what was issued and credits `payee`.
void issue(Stage& stage, const OperationRef& ref, const AccountId& payee, const Money& money,
           Millis time);

// `unknown_asset` unless this chain has it.
Result<AssetRow> require_asset(const View& state, AssetId asset);
// `unknown_account` unless the account is on this chain.
Result<AccountRow> require_account(const View& state, const AccountId& account);
// The same, and it may be paid: `account_frozen`.
Result<AccountRow> require_payee(const View& state, const AccountId& account);

}  // namespace intaglio::ledger
