#include "ledger/book.h"
#include "tx/packet/packet.h"
#include "tx/payment/payee.h"
#include "tx/payment/payment.h"
#include "tx/payment_code/redemption.h"

namespace intaglio::tx {
namespace {

// To another chain: debits here, and a packet carries the money there.
Result<void> send(ledger::Stage& stage, const Block& block, const Origin& origin,
                  const Transfer& transfer) {
  TRY(ledger::require_account(stage, origin.account));
  const auto route = check_route(stage, block, {transfer.to.chain, origin.account});
  if (!route) return refuse_within("to", route.error());
  TRY(check_amount(stage, transfer.asset, transfer.amount));
  if (transfer.code_text) {
    const auto good = check_code_text(stage, block,
                                      {.code = *transfer.code,
                                       .text = transfer.code_text,
                                       .judged = false,
                                       .payer = origin.account,
                                       .payee = transfer.to.account,
                                       .money = {transfer.amount, transfer.asset},
                                       .payment = origin.self});
    if (!good) return refuse_within("code", good.error());
  }
  auto entered = ledger::enter(stage, origin.self,
                               {.kind = ledger::EntryKind::sent,
                                .payer = origin.account,
                                .payee = transfer.to.account,
                                .asset = transfer.asset,
                                .amount = transfer.amount,
                                .refunded = {},
                                .time = block.time,
                                .of = {},
                                .payer_previous = {},
                                .payee_previous = {},
                                .memo = transfer.memo,
                                .other_chain = transfer.to.chain},
                               ledger::Source::spendable, ledger::Sink::elsewhere);
  if (!entered) return refuse_within("amount", entered.error());

  ledger::write(stage, *entered);
  ledger::send_packet(stage, block.height, transfer.to.chain,
                      ledger::CreditPacket{.payment = origin.self,
                                           .from = origin.account,
                                           .to = transfer.to.account,
                                           .asset = transfer.asset,
                                           .amount = transfer.amount,
                                           .expires = origin.valid_until,
                                           .memo = transfer.memo,
                                           .code = transfer.code,
                                           .judged = transfer.code_text.has_value()});
  return {};
}

}  // namespace

Result<void> Transfer::check() const {
  if (amount == Amount(0)) return refuse(Verdict::bad_value, "amount");
  if (memo && memo->size() > ledger::kMaxMemo) return refuse(Verdict::too_large, "memo");
  if (code_text && !code) return refuse(Verdict::missing_field, "code");
  return {};
}

Result<void> Transfer::apply(ledger::Stage& stage, const Block& block, const Origin& origin) const {
  if (to.chain != block.chain) return send(stage, block, origin, *this);
  TRY(check_payee(stage, block, origin, to));
  TRY(check_amount(stage, asset, amount));
  std::optional<ledger::CodeRow> redeemed;
  if (code) {
    auto row = redeem_code(stage, block,
                           {.code = *code,
                            .text = code_text,
                            .judged = false,
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
                                .memo = memo,
                                .other_chain = {}},
                               ledger::Source::spendable);
  if (!entered) return refuse_within("amount", entered.error());

  ledger::write(stage, *entered);
  if (redeemed) stage.put<ledger::CodeRow>(*code, *redeemed);
  return {};
}

}  // namespace intaglio::tx
