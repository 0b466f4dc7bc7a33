// Settlements as clients make them: agree on terms, pay one's legs, wait for the end. Apart from
// arguments and printing. One thread.
#pragma once

#include "cli/payment.h"
#include "cli/top_up.h"
#include "ledger/settlements.h"

namespace intaglio::cli {

// Legs and deliveries in the order that the ledger asks for.
ledger::Terms in_order(ledger::Terms terms);

// Terms by which the payer's money on several chains pays one payee, on the payee's chain.
struct Draw {
  AccountId payer;
  Address payee;
  AssetId asset;
  Millis deadline;
  std::optional<std::string> memo;
};
ledger::Terms draw_terms(const Draw& draw, std::span<const ChainAmount> parts, Env& env);

// What the payer has of an asset on each chain of the ledger where they have an account.
Result<std::vector<ChainAmount>> spendable_everywhere(NodeClient& node, const LedgerInfo& ledger,
                                                      const Payer& payer, AssetId asset);

// Signs the payer's legs once, for all their chains, and sends them. When one was refused the
// others are called back, and its refusal is given back: nothing was paid.
Result<Payment> pay_legs(NodeClient& node, const Payer& payer, const ledger::Terms& terms,
                         const PaymentOptions& options, Env& env, const OnSigned& on_signed = {});

// Cancels on the settlement's chain, or, where the payer's key is not known there, from the chain
// of a leg of theirs.
Result<Payment> cancel(NodeClient& node, const Payer& payer, const ledger::Terms& terms,
                       const PaymentOptions& options, Env& env, const OnSigned& on_signed = {});

// What GET /v1/settlements/{settlement} says once it is delivered or returned, or after a while.
Result<codec::Json> follow(NodeClient& node, const SettlementId& id);

}  // namespace intaglio::cli
