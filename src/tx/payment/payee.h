// What every payment asks of its payee and its amount.
#pragma once

#include "tx/transactor.h"

namespace intaglio::tx {

// payee_on_other_chain, same_account, unknown_account, account_frozen, at "to".
Result<void> check_payee(const ledger::View& state, const Block& block, const Origin& origin,
                         const Address& to);

// unknown_asset, below_smallest.
Result<void> check_amount(const ledger::View& state, AssetId asset, Amount amount);

}  // namespace intaglio::tx
