#include "tx/payment/payee.h"

#include "ledger/book.h"

namespace intaglio::tx {

Result<void> check_payee(const ledger::View& state, const Block& block, const Origin& origin,
                         const Address& to) {
  TRY(ledger::require_account(state, origin.account));
  if (to.chain != block.chain) return refuse(Verdict::payee_on_other_chain, "to");
  if (to.account == origin.account) return refuse(Verdict::same_account, "to");
  const auto payee = ledger::require_payee(state, to.account);
  if (!payee) return refuse(payee.error().verdict, "to");
  return {};
}

Result<void> check_amount(const ledger::View& state, AssetId asset, Amount amount) {
  ASSIGN(const auto row, ledger::require_asset(state, asset));
  if (amount < row.smallest) return refuse(Verdict::below_smallest, "amount");
  return {};
}

}  // namespace intaglio::tx
