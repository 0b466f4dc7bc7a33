#include "ledger/book.h"
#include "ledger/streams.h"
#include "tx/payment/payment.h"

namespace intaglio::tx {
namespace {

// What was paid to an account here, and is no refund itself.
bool is_refundable(const ledger::EntryRow& entry) {
  switch (entry.kind) {
    case ledger::EntryKind::transfer:
    case ledger::EntryKind::capture: return true;
    case ledger::EntryKind::received: return !entry.of;
    case ledger::EntryKind::delivery: return entry.of.has_value();  // all from one payer
    case ledger::EntryKind::refund:
    case ledger::EntryKind::issue:
    case ledger::EntryKind::burn:
    case ledger::EntryKind::leg:
    case ledger::EntryKind::sent: return false;
  }
  return false;
}

}  // namespace

Result<void> Refund::check() const {
  if (amount == Amount(0)) return refuse(Verdict::bad_value, "amount");
  return {};
}

Result<void> Refund::apply(ledger::Stage& stage, const Block& block, const Origin& origin) const {
  auto paid = stage.find<ledger::EntryRow>(payment);
  if (!paid || !is_refundable(*paid)) {
    return refuse(Verdict::unknown_payment, "payment");
  }
  if (paid->payee != origin.account) return refuse(Verdict::not_signer, "payment");
  // A settlement may pay its own payer, and one balance is not both sides of an entry.
  const auto elsewhere = paid->other_chain;
  if (!elsewhere && paid->payer == origin.account) return refuse(Verdict::same_account, "payment");
  const auto refunded = add(paid->refunded, amount);
  if (!refunded || *refunded > paid->amount) return refuse(Verdict::refund_too_large, "amount");
  // Of a delivery the payer may have paid from other chains alone.
  if (!elsewhere) TRY(ledger::require_account(stage, paid->payer));
  auto entered = ledger::enter(
      stage, origin.self,
      {.kind = elsewhere ? ledger::EntryKind::sent : ledger::EntryKind::refund,
       .payer = paid->payee,
       .payee = paid->payer,
       .asset = paid->asset,
       .amount = amount,
       .refunded = {},
       .time = block.time,
       .of = payment,
       .payer_previous = {},
       .payee_previous = {},
       .memo = {},
       .other_chain = elsewhere},
      ledger::Source::spendable, elsewhere ? ledger::Sink::elsewhere : ledger::Sink::here);
  if (!entered) return refuse_within("amount", entered.error());

  paid->refunded = *refunded;
  stage.put<ledger::EntryRow>(payment, *paid);
  ledger::write(stage, *entered);
  if (elsewhere) {
    ledger::send_packet(stage, block.height, *elsewhere,
                        ledger::RefundPacket{.payment = payment,
                                             .from = paid->payee,
                                             .to = paid->payer,
                                             .asset = paid->asset,
                                             .amount = amount,
                                             .verdict = {}});
  }
  return {};
}

}  // namespace intaglio::tx
