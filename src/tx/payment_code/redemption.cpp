#include "tx/payment_code/redemption.h"

#include "crypto/es256.h"
#include "ledger/book.h"

namespace intaglio::tx {
namespace {

// The display's key as codes see it: known, a display's, not revoked, valid at the block's time.
Result<ledger::KeyRow> require_display_key(const ledger::View& state, const Block& block,
                                           const KeyHash& display) {
  auto row = state.find<ledger::KeyRow>(display);
  if (!row || row->role != ledger::Role::display) {
    return refuse(Verdict::code_unknown_key, codec::to_hex(display));
  }
  if (row->status == ledger::KeyStatus::revoked) return refuse(Verdict::code_key_revoked);
  if (block.time < row->valid_from || block.time > row->valid_until) {
    return refuse(Verdict::key_not_valid_now);
  }
  return *std::move(row);
}

// Whether the code is this payer's to pay at this block's time.
Result<void> check_claim(const ledger::CodeRow& row, const Block& block, const AccountId& payer) {
  if (row.payment) return refuse(Verdict::code_used);
  if (!row.claimant || block.time > row.claimed_until.value_or(Millis(0))) {
    return refuse(Verdict::code_unclaimed);
  }
  if (*row.claimant != payer) return refuse(Verdict::code_claimed);
  return {};
}

}  // namespace

Result<Verified<proof::PaymentCode>> verify_code_text(const ledger::View& state, const Block& block,
                                                      const KeyHash& display,
                                                      std::string_view text) {
  ASSIGN(const auto key, require_display_key(state, block, display));
  ASSIGN(const auto parsed, proof::parse_payment_code(text, block.params.code_guid));
  ASSIGN(auto code, proof::verify_payment_code(parsed, crypto::Verifier(key.public_key)));
  ASSIGN(const auto payee, code->payee());
  const auto bound = state.find<ledger::DisplayRow>(display);
  if (!bound || bound->account != payee.account || code->step < bound->from_step) {
    return refuse(Verdict::code_not_bound, codec::to_text(payee));
  }
  if (payee.chain != block.chain) return refuse(Verdict::payee_on_other_chain, "text");
  TRY(proof::judge_freshness(code->step, block.time, block.params.code_step,
                             block.params.code_window));
  return code;
}

Result<ledger::CodeRow> fresh_code_row(const ledger::View& state, const proof::PaymentCode& code) {
  ASSIGN(const auto payee, code.payee());
  ASSIGN(const auto asset, ledger::require_asset(state, code.currency));
  ASSIGN(const auto amount, code.minor_units(asset.scale));
  return ledger::CodeRow{.payee = payee.account,
                         .asset = code.currency,
                         .amount = amount,
                         .claimant = {},
                         .claimed_until = {},
                         .payment = {}};
}

Result<ledger::CodeRow> redeem_code(const ledger::View& state, const Block& block,
                                    const Redemption& redemption) {
  TRY(require_display_key(state, block, redemption.code.display));
  auto row = state.find<ledger::CodeRow>(redemption.code);
  Result<void> claimed = refuse(Verdict::code_unclaimed);
  if (row) claimed = check_claim(*row, block, redemption.payer);
  if (!claimed && (claimed.error().verdict != Verdict::code_unclaimed || !redemption.text)) {
    return std::unexpected(claimed.error());
  }
  if (!claimed) {
    // Nobody's claim stands: the text itself must be fresh now.
    ASSIGN(const auto code,
           verify_code_text(state, block, redemption.code.display, *redemption.text));
    if (code->step != redemption.code.step || code->counter != redemption.code.counter) {
      return refuse(Verdict::bad_value, "text");
    }
    ASSIGN(row, fresh_code_row(state, *code));
  }
  if (row->payee != redemption.payee) return refuse(Verdict::code_wrong_payee);
  const bool amount_fits = !row->amount || *row->amount == redemption.money.amount;
  if (row->asset != redemption.money.asset || !amount_fits) {
    return refuse(Verdict::code_wrong_amount);
  }
  row->payment = redemption.payment;
  return *std::move(row);
}

}  // namespace intaglio::tx
