#include "ledger/book.h"
#include "tx/payment/payment.h"

namespace intaglio::tx {

Result<void> Refund::check() const {
  if (amount == Amount(0)) return refuse(Verdict::bad_value, "amount");
  return {};
}

Result<void> Refund::apply(ledger::Stage& stage, const Block& block, const Origin& origin) const {
  auto paid = stage.find<ledger::EntryRow>(payment);
  if (!paid || paid->kind == ledger::EntryKind::refund || paid->kind == ledger::EntryKind::issue) {
    return refuse(Verdict::unknown_payment, "payment");
  }
  if (paid->payee != origin.account) return refuse(Verdict::not_signer, "payment");
  const auto refunded = add(paid->refunded, amount);
  if (!refunded || *refunded > paid->amount) return refuse(Verdict::refund_too_large, "amount");
  auto entered = ledger::enter(stage, origin.self,
                               {.kind = ledger::EntryKind::refund,
                                .payer = paid->payee,
                                .payee = paid->payer,
                                .asset = paid->asset,
                                .amount = amount,
                                .refunded = {},
                                .time = block.time,
                                .of = payment,
                                .payer_previous = {},
                                .payee_previous = {},
                                .memo = {}},
                               ledger::Source::spendable);
  if (!entered) return refuse_within("amount", entered.error());

  paid->refunded = *refunded;
  stage.put<ledger::EntryRow>(payment, *paid);
  ledger::write(stage, *entered);
  return {};
}

}  // namespace intaglio::tx
