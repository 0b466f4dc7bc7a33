#include "ledger/book.h"
#include "ledger/deadlines.h"
#include "tx/payment/payee.h"
#include "tx/payment/payment.h"

namespace intaglio::tx {
namespace {

// Gives `amount` of the payer's held money back to what they may spend, and closes the hold.
void close_hold(ledger::Stage& stage, const OperationRef& ref, ledger::HoldRow hold) {
  const ledger::BalanceRow::Key slot{hold.payer, hold.asset};
  auto balance = stage.find<ledger::BalanceRow>(slot);
  auto payer = stage.find<ledger::AccountRow>(hold.payer);
  CHECK(balance && payer && payer->open_holds > 0);
  const auto left = subtract(hold.amount, hold.captured);
  CHECK(left.has_value());
  const auto pending = subtract(balance->debits_pending, *left);
  CHECK(pending.has_value());
  ledger::erase_deadline(stage, {hold.expires, ledger::RowKind::hold, ref});
  balance->debits_pending = *pending;
  hold.state = ledger::HoldState::closed;
  --payer->open_holds;
  stage.put<ledger::BalanceRow>(slot, *balance);
  stage.put<ledger::HoldRow>(ref, hold);
  stage.put<ledger::AccountRow>(hold.payer, *payer);
}

Result<ledger::HoldRow> require_open_hold(const ledger::View& state, const OperationRef& ref) {
  auto hold = state.find<ledger::HoldRow>(ref);
  if (!hold) return refuse(Verdict::unknown_hold, "hold");
  if (hold->state != ledger::HoldState::open) return refuse(Verdict::hold_closed, "hold");
  return *std::move(hold);
}

}  // namespace

Result<void> Hold::check() const {
  if (amount == Amount(0)) return refuse(Verdict::bad_value, "amount");
  return {};
}

Result<void> Hold::apply(ledger::Stage& stage, const Block& block, const Origin& origin) const {
  TRY(check_payee(stage, block, origin, to));
  TRY(check_amount(stage, asset, amount));
  if (expires <= block.time || expires > block.time + block.params.max_hold) {
    return refuse(Verdict::bad_value, "expires");
  }
  auto payer = *stage.find<ledger::AccountRow>(origin.account);
  if (payer.open_holds >= block.params.max_open_holds) {
    return refuse(Verdict::too_many_holds, std::to_string(payer.open_holds));
  }
  const ledger::BalanceRow::Key slot{origin.account, asset};
  auto balance = stage.find<ledger::BalanceRow>(slot).value_or(ledger::BalanceRow{});
  if (ledger::spendable(balance) < amount) return refuse(Verdict::insufficient_funds, "amount");

  // Fits: what is pending never exceeds what was credited.
  balance.debits_pending = *add(balance.debits_pending, amount);
  ++payer.open_holds;
  stage.put<ledger::BalanceRow>(slot, balance);
  stage.put<ledger::AccountRow>(origin.account, payer);
  stage.put<ledger::HoldRow>(origin.self, {.payer = origin.account,
                                           .payee = to.account,
                                           .asset = asset,
                                           .amount = amount,
                                           .captured = {},
                                           .expires = expires,
                                           .state = ledger::HoldState::open});
  ledger::put_deadline(stage, {expires, ledger::RowKind::hold, origin.self});
  return {};
}

Result<void> Capture::check() const {
  if (amount == Amount(0)) return refuse(Verdict::bad_value, "amount");
  return {};
}

Result<void> Capture::apply(ledger::Stage& stage, const Block& block, const Origin& origin) const {
  ASSIGN(auto held, require_open_hold(stage, hold));
  if (held.payee != origin.account) return refuse(Verdict::not_signer, "hold");
  if (block.time > held.expires) return refuse(Verdict::hold_closed, "hold");
  if (!ledger::require_payee(stage, held.payer)) return refuse(Verdict::account_frozen, "hold");
  const auto captured = add(held.captured, amount);
  if (!captured || *captured > held.amount) return refuse(Verdict::capture_too_large, "amount");
  auto entered = ledger::enter(stage, origin.self,
                               {.kind = ledger::EntryKind::capture,
                                .payer = held.payer,
                                .payee = held.payee,
                                .asset = held.asset,
                                .amount = amount,
                                .refunded = {},
                                .time = block.time,
                                .of = hold,
                                .payer_previous = {},
                                .payee_previous = {},
                                .memo = {},
                                .other_chain = {}},
                               ledger::Source::held);
  if (!entered) return refuse_within("amount", entered.error());

  ledger::write(stage, *entered);
  held.captured = *captured;
  stage.put<ledger::HoldRow>(hold, held);
  if (last || held.captured == held.amount) close_hold(stage, hold, held);
  return {};
}

Result<void> Release::check() const { return {}; }

Result<void> Release::apply(ledger::Stage& stage, const Block&, const Origin& origin) const {
  ASSIGN(const auto held, require_open_hold(stage, hold));
  if (held.payee != origin.account) return refuse(Verdict::not_signer, "hold");

  close_hold(stage, hold, held);
  return {};
}

void expire_hold(ledger::Stage& stage, const OperationRef& hold) {
  const auto held = stage.find<ledger::HoldRow>(hold);
  CHECK(held && held->state == ledger::HoldState::open);
  close_hold(stage, hold, *held);
}

}  // namespace intaglio::tx
