// Paying a code: it must be this payer's to pay, fresh or claimed, of a display that is still
// certified and bound to the payee, for the amount it states, and not paid before. From another
// chain, the payer's chain judges the text where there is no claim, and the payee's chain the rest.
#pragma once

#include "base/amount.h"
#include "proof/payment_code.h"
#include "tx/transactor.h"

namespace intaglio::tx {

struct Redemption {
  ledger::CodeRow::Key code;
  std::optional<std::string> text;  // needed when there is no claim to go by
  bool judged = false;              // check_code_text() was, on the payer's chain
  AccountId payer;
  AccountId payee;
  Money money;
  ledger::OperationRef payment;
};

// The code's row as it will stand once paid; the caller writes it. In this order: code_unknown_key,
// code_key_revoked, code_used, code_claimed, code_unclaimed (or what verify_code_text says of the
// text), code_wrong_payee, code_wrong_amount.
Result<ledger::CodeRow> redeem_code(const ledger::View& state, const Block& block,
                                    const Redemption& redemption);

// On the payer's chain, for a payee on another one: the text is of this code, signed by the
// display's key, fresh at this block's time, and for this payee and money. Nothing of the payee's
// chain is known here: whether the display is bound to the payee and the code unpaid is judged
// there.
Result<void> check_code_text(const ledger::View& state, const Block& block,
                             const Redemption& redemption);

// A code's text as this chain sees it at this block's time: signed by that display's key, which is
// active, bound to the account it names, and fresh.
Result<Verified<proof::PaymentCode>> verify_code_text(const ledger::View& state, const Block& block,
                                                      const KeyHash& display,
                                                      std::string_view text);

// The row of a code that nobody has claimed or paid yet.
Result<ledger::CodeRow> fresh_code_row(const ledger::View& state, const proof::PaymentCode& code);

}  // namespace intaglio::tx
