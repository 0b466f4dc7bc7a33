#include "tx/payment_code/redemption.h"

#include "crypto/es256.h"
#include "ledger/book.h"

namespace intaglio::tx {
namespace {

// The display's key as codes see it: known, a display's, not ended, valid at the block's time.
Result<ledger::KeyRow> require_display_key(const ledger::View& state, const Block& block,
                                           const KeyHash& display) {
  auto row = state.find<ledger::KeyRow>(display);
  if (!row || row->role != ledger::Role::display) {
    return refuse(Verdict::code_unknown_key, codec::to_hex(display));
  }
  if (row->status == ledger::KeyStatus::revoked) return refuse(Verdict::code_key_revoked);
  if (row->status == ledger::KeyStatus::suspended) return refuse(Verdict::code_key_suspended);
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

// The text, signed by the display's key.
Result<Verified<proof::PaymentCode>> verify_text(const ledger::View& state, const Block& block,
                                                 const KeyHash& display, std::string_view text) {
  ASSIGN(const auto key, require_display_key(state, block, display));
  ASSIGN(const auto parsed, proof::parse_payment_code(text, block.params.code_guid));
  return proof::verify_payment_code(parsed, crypto::Verifier(key.public_key));
}

Result<void> check_freshness(const Block& block, TimeStep step) {
  return proof::judge_freshness(step, block.time, block.params.code_step, block.params.code_window);
}

Result<void> check_binding(const ledger::View& state, const KeyHash& display,
                           const AccountId& payee, TimeStep step) {
  const auto bound = state.find<ledger::DisplayRow>(display);
  if (!bound || bound->account != payee || step < bound->from_step) {
    return refuse(Verdict::code_not_bound, codec::to_hex(payee));
  }
  return {};
}

Result<void> check_same_code(const proof::PaymentCode& code, const Redemption& redemption) {
  if (code.step == redemption.code.step && code.counter == redemption.code.counter) return {};
  return refuse(Verdict::bad_value, "text");
}

// What is paid, against what the code says.
Result<void> check_terms(const ledger::CodeRow& row, const Redemption& redemption) {
  if (row.payee != redemption.payee) return refuse(Verdict::code_wrong_payee);
  const bool amount_fits = !row.amount || *row.amount == redemption.money.amount;
  if (row.asset != redemption.money.asset || !amount_fits) {
    return refuse(Verdict::code_wrong_amount);
  }
  return {};
}

// The row of a code that nobody has claimed, as its own text or the payer's chain says.
Result<ledger::CodeRow> unclaimed_row(const ledger::View& state, const Block& block,
                                      const Redemption& redemption) {
  const KeyHash& display = redemption.code.display;
  if (redemption.judged) {
    TRY(check_binding(state, display, redemption.payee, redemption.code.step));
    return ledger::CodeRow{.payee = redemption.payee,
                           .asset = redemption.money.asset,
                           .amount = redemption.money.amount,
                           .claimant = {},
                           .claimed_until = {},
                           .payment = {}};
  }
  ASSIGN(const auto code, verify_code_text(state, block, display, *redemption.text));
  TRY(check_same_code(*code, redemption));
  return fresh_code_row(state, *code);
}

}  // namespace

Result<void> check_code_text(const ledger::View& state, const Block& block,
                             const Redemption& redemption) {
  CHECK(redemption.text.has_value());
  ASSIGN(const auto code, verify_text(state, block, redemption.code.display, *redemption.text));
  TRY(check_same_code(*code, redemption));
  TRY(check_freshness(block, code->step));
  ASSIGN(const auto row, fresh_code_row(state, *code));
  return check_terms(row, redemption);
}

Result<Verified<proof::PaymentCode>> verify_code_text(const ledger::View& state, const Block& block,
                                                      const KeyHash& display,
                                                      std::string_view text) {
  ASSIGN(auto code, verify_text(state, block, display, text));
  ASSIGN(const auto payee, code->payee());
  TRY(check_binding(state, display, payee.account, code->step));
  if (payee.chain != block.chain) return refuse(Verdict::payee_on_other_chain, "text");
  TRY(check_freshness(block, code->step));
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
  if (!claimed) {
    const bool may_go_without = redemption.judged || redemption.text.has_value();
    if (claimed.error().verdict != Verdict::code_unclaimed || !may_go_without) {
      return std::unexpected(claimed.error());
    }
    ASSIGN(row, unclaimed_row(state, block, redemption));
  }
  TRY(check_terms(*row, redemption));
  row->payment = redemption.payment;
  return *std::move(row);
}

}  // namespace intaglio::tx
