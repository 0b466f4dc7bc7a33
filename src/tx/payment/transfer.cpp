#include "ledger/book.h"
#include "tx/payment/payee.h"
#include "tx/payment/payment.h"
#include "tx/payment_code/redemption.h"

namespace intaglio::tx {

Result<void> Transfer::check() const {
  if (amount == Amount(0)) return refuse(Verdict::bad_value, "amount");
  if (memo && memo->size() > 140) return refuse(Verdict::too_large, "memo");
  if (code_text && !code) return refuse(Verdict::missing_field, "code");
  return {};
}

Result<void> Transfer::apply(ledger::Stage& stage, const Block& block, const Origin& origin) const {
  TRY(check_payee(stage, block, origin, to));
  TRY(check_amount(stage, asset, amount));
  std::optional<ledger::CodeRow> redeemed;
  if (code) {
    auto row = redeem_code(stage, block,
                           {.code = *code,
                            .text = code_text,
                            .payer = origin.account,
                            .payee = to.account,
                            .money = {amount, asset},
                            .payment = origin.self});
    if (!row) return refuse_within("code", row.error());
    redeemed = *std::move(row);
  }
  auto entered = ledger::enter(stage, origin.self,
                               {.kind = ledger::EntryKind::transfer,
                                .payer = origin.account,
                                .payee = to.account,
                                .asset = asset,
                                .amount = amount,
                                .refunded = {},
                                .time = block.time,
                                .of = {},
                                .payer_previous = {},
                                .payee_previous = {},
                                .memo = memo},
                               ledger::Source::spendable);
  if (!entered) return refuse_within("amount", entered.error());

  ledger::write(stage, *entered);
  if (redeemed) stage.put<ledger::CodeRow>(*code, *redeemed);
  return {};
}

}  // namespace intaglio::tx
