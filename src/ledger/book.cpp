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

Result<Entered> enter(const View& state, const OperationRef& ref, EntryRow entry, Source source) {
  Entered out{.ref = ref,
              .entry = {},
              .payer = state.find<BalanceRow>({entry.payer, entry.asset}).value_or(BalanceRow{}),
              .payee = state.find<BalanceRow>({entry.payee, entry.asset}).value_or(BalanceRow{})};
  if (source == Source::spendable) {
    if (spendable(out.payer) < entry.amount) return refuse(Verdict::insufficient_funds);
  } else {
    const auto pending = subtract(out.payer.debits_pending, entry.amount);
    CHECK(pending.has_value());
    out.payer.debits_pending = *pending;
  }
  const auto debits = add(out.payer.debits_posted, entry.amount);
  const auto credits = add(out.payee.credits_posted, entry.amount);
  if (!debits || !credits) return refuse(Verdict::amount_overflow);
  out.payer.debits_posted = *debits;
  out.payee.credits_posted = *credits;
  entry.payer_previous = std::exchange(out.payer.last_entry, ref);
  entry.payee_previous = std::exchange(out.payee.last_entry, ref);
  out.entry = std::move(entry);
  return out;
}

void write(Stage& stage, const Entered& entered) {
  const EntryRow& entry = entered.entry;
  stage.put<EntryRow>(entered.ref, entry);
  stage.put<BalanceRow>({entry.payer, entry.asset}, entered.payer);
  stage.put<BalanceRow>({entry.payee, entry.asset}, entered.payee);
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
                 .memo = {}};
  stage.put<EntryRow>(ref, entry);
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

}  // namespace intaglio::ledger
