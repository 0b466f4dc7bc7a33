#include "ledger/book.h"

#include "base/check.h"

namespace intaglio::ledger {

Amount spendable(const BalanceRow& balance) {
  // The law no_overdraft keeps these differences from going below zero.
  const auto posted = subtract(balance.credits_posted, balance.debits_posted);
  CHECK(posted.has_value());
  const auto left = subtract(*posted, balance.debits_pending);
  CHECK(left.has_value());
  return *left;
}

namespace {

// The payer's balance after the debit.
Result<BalanceRow> debit(const View& state, const EntryRow& entry, Source source) {
  auto balance = state.find<BalanceRow>({entry.payer, entry.asset}).value_or(BalanceRow{});
  if (source == Source::spendable) {
    if (spendable(balance) < entry.amount) return refuse(Verdict::insufficient_funds);
  } else {
    const auto pending = subtract(balance.debits_pending, entry.amount);
    CHECK(pending.has_value());
    balance.debits_pending = *pending;
  }
  const auto debits = add(balance.debits_posted, entry.amount);
  if (!debits) return refuse(Verdict::amount_overflow);
  balance.debits_posted = *debits;
  return balance;
}

Result<BalanceRow> credit(const View& state, const EntryRow& entry) {
  auto balance = state.find<BalanceRow>({entry.payee, entry.asset}).value_or(BalanceRow{});
  const auto credits = add(balance.credits_posted, entry.amount);
  if (!credits) return refuse(Verdict::amount_overflow);
  balance.credits_posted = *credits;
  return balance;
}

}  // namespace

Result<Entered> enter(const View& state, const OperationRef& ref, EntryRow entry, Source source,
                      Sink sink) {
  Entered out{.ref = ref, .entry = {}, .payer = {}, .payee = {}};
  if (source != Source::elsewhere) {
    ASSIGN(out.payer, debit(state, entry, source));
    entry.payer_previous = std::exchange(out.payer->last_entry, ref);
  }
  if (sink != Sink::elsewhere) {
    ASSIGN(out.payee, credit(state, entry));
    entry.payee_previous = std::exchange(out.payee->last_entry, ref);
  }
  out.entry = std::move(entry);
  return out;
}

void write(Stage& stage, const Entered& entered) {
  const EntryRow& entry = entered.entry;
  stage.add<EntryRow>(entered.ref, entry);
  if (entered.payer) stage.put<BalanceRow>({entry.payer, entry.asset}, *entered.payer);
  if (entered.payee) stage.put<BalanceRow>({entry.payee, entry.asset}, *entered.payee);
}

Result<void> give_back(Stage& stage, GivenBack what) {
  const auto refunded = add(what.paid.refunded, what.entry.amount);
  if (!refunded || *refunded > what.paid.amount) return refuse(Verdict::refund_too_large);
  what.entry.of = what.payment;
  ASSIGN(const auto entered, enter(stage, what.ref, std::move(what.entry), Source::elsewhere));
  what.paid.refunded = *refunded;
  if (what.verdict) what.paid.verdict = what.verdict;
  stage.put<EntryRow>(what.payment, what.paid);
  write(stage, entered);
  return {};
}

void issue(Stage& stage, const OperationRef& ref, const AccountId& payee, const Money& money,
           Millis time) {
  auto asset = stage.find<AssetRow>(money.asset);
  CHECK(asset.has_value());
  auto balance = stage.find<BalanceRow>({payee, money.asset}).value_or(BalanceRow{});
  const auto issued = add(asset->issued, money.amount);
  const auto credits = add(balance.credits_posted, money.amount);
  CHECK(issued && credits);
  asset->issued = *issued;
  balance.credits_posted = *credits;
  EntryRow entry{.kind = EntryKind::issue,
                 .payer = {},
                 .payee = payee,
                 .asset = money.asset,
                 .amount = money.amount,
                 .refunded = {},
                 .time = time,
                 .of = {},
                 .payer_previous = {},
                 .payee_previous = std::exchange(balance.last_entry, ref),
                 .memo = {},
                 .other_chain = {}};
  stage.add<EntryRow>(ref, entry);
  stage.put<AssetRow>(money.asset, *asset);
  stage.put<BalanceRow>({payee, money.asset}, balance);
}

Result<AssetRow> require_asset(const View& state, AssetId asset) {
  auto row = state.find<AssetRow>(asset);
  if (!row) return refuse(Verdict::unknown_asset, std::to_string(asset.value()));
  return *std::move(row);
}

Result<AccountRow> require_account(const View& state, const AccountId& account) {
  auto row = state.find<AccountRow>(account);
  if (!row) return refuse(Verdict::unknown_account, codec::to_hex(account));
  return *std::move(row);
}

Result<AccountRow> require_payee(const View& state, const AccountId& account) {
  ASSIGN(auto row, require_account(state, account));
  if (row.status == AccountStatus::frozen) {
    return refuse(Verdict::account_frozen, codec::to_hex(account));
  }
  return row;
}

}  // namespace intaglio::ledger
