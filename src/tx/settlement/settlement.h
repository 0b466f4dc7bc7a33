// Settlements, as their payers see them: pay one's legs under terms that all have agreed on, or
// cancel. The same signed bytes go to every chain on which the signer has a leg.
#pragma once

#include "ledger/settlements.h"
#include "tx/transactor.h"

namespace intaglio::tx {

using codec::field;

// Pays the signer's legs on this chain. Elsewhere the same bytes pay the others.
struct Settle {
  static constexpr std::uint64_t kType = 6;
  static constexpr std::string_view kName = "settle";
  static constexpr std::string_view kDoc = "pays the signer's legs of a settlement";
  static constexpr bool kOnEachChain = true;  // may speak to several chains at once

  ledger::Terms terms;

  static constexpr auto fields() {
    return std::tuple(field(1, "terms", &Settle::terms, "what all its payers sign"));
  }
  Result<void> check() const;
  Result<void> apply(ledger::Stage& stage, const Block& block, const Origin& origin) const;
};

// Ends a settlement that is not delivered yet: what came goes back, and so does what still comes.
// Any of its payers may, on the settlement's chain or on the chain of a leg of theirs.
struct CancelSettlement {
  static constexpr std::uint64_t kType = 7;
  static constexpr std::string_view kName = "cancel_settlement";
  static constexpr std::string_view kDoc = "ends a settlement that is not delivered yet";

  ledger::Terms terms;

  static constexpr auto fields() {
    return std::tuple(field(1, "terms", &CancelSettlement::terms, "the settlement's"));
  }
  Result<void> check() const;
  Result<void> apply(ledger::Stage& stage, const Block& block, const Origin& origin) const;
};

}  // namespace intaglio::tx
