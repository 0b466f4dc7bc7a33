#include "tx/asset/asset.h"

#include <algorithm>

#include "ledger/book.h"
#include "tx/decision.h"
#include "tx/payment/payee.h"

namespace intaglio::tx {
namespace {

constexpr std::uint8_t kMaxScale = 18;  // more decimals than 64 bits hold

bool is_code(std::string_view text) {
  const auto fits = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
  return text.size() >= 3 && text.size() <= 8 && std::ranges::all_of(text, fits);
}

Result<void> check_form(Amount amount, const std::optional<std::string>& memo) {
  if (amount == Amount(0)) return refuse(Verdict::bad_value, "amount");
  if (memo && memo->size() > ledger::kMaxMemo) return refuse(Verdict::too_large, "memo");
  return {};
}

// Of an asset that the signer issues.
Result<ledger::AssetRow> require_own_asset(const ledger::View& state, const Origin& origin,
                                           AssetId asset, std::string_view operation) {
  if (origin.role != ledger::Role::issuer) {
    return refuse(Verdict::not_capable, std::string(operation));
  }
  ASSIGN(auto row, ledger::require_asset(state, asset));
  if (row.issuer != origin.account) return refuse(Verdict::not_signer, "asset");
  return row;
}

}  // namespace

Result<void> AddAsset::check() const {
  if (!is_code(code)) return refuse(Verdict::bad_value, "code");
  if (scale > kMaxScale) return refuse(Verdict::bad_value, "scale");
  if (smallest == Amount(0)) return refuse(Verdict::bad_value, "smallest");
  return {};
}

Result<void> AddAsset::apply(ledger::Stage& stage, const Block& block, const Origin& origin) const {
  TRY(check_decider(block, origin, kName));
  if (stage.find<ledger::AssetRow>(asset)) return refuse(Verdict::asset_exists, "asset");
  const auto key = stage.find<ledger::KeyRow>(issuer);
  if (!key) return refuse(Verdict::unknown_key, "issuer");
  TRY(ledger::check_standing(*key, "issuer"));
  if (key->role != ledger::Role::issuer) return refuse(Verdict::not_capable, "issuer");

  decide(stage, block, ledger::sub_chains(stage),
         ledger::KnownAsset{.asset = asset,
                            .code = code,
                            .scale = scale,
                            .smallest = smallest,
                            .issuer = AccountId::prefix_of(issuer)});
  return {};
}

Result<void> Issue::check() const { return check_form(amount, memo); }

Result<void> Issue::apply(ledger::Stage& stage, const Block& block, const Origin& origin) const {
  ASSIGN(auto row, require_own_asset(stage, origin, asset, kName));
  if (to.chain != block.chain) return refuse(Verdict::payee_on_other_chain, "to");
  const auto payee = ledger::require_payee(stage, to.account);
  if (!payee) return refuse(payee.error().verdict, "to");
  TRY(check_amount(stage, asset, amount));
  const auto issued = add(row.issued, amount);
  if (!issued) return refuse(Verdict::amount_overflow, "amount");
  auto entered = ledger::enter(stage, origin.self,
                               {.kind = ledger::EntryKind::issue,
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
                               ledger::Source::elsewhere);
  if (!entered) return refuse_within("amount", entered.error());

  row.issued = *issued;
  stage.put<ledger::AssetRow>(asset, row);
  ledger::write(stage, *entered);
  return {};
}

Result<void> Burn::check() const { return check_form(amount, memo); }

Result<void> Burn::apply(ledger::Stage& stage, const Block& block, const Origin& origin) const {
  ASSIGN(auto row, require_own_asset(stage, origin, asset, kName));
  TRY(check_amount(stage, asset, amount));
  const auto burned = add(row.burned, amount);
  if (!burned) return refuse(Verdict::amount_overflow, "amount");
  auto entered = ledger::enter(stage, origin.self,
                               {.kind = ledger::EntryKind::burn,
                                .payer = origin.account,
                                .payee = origin.account,
                                .asset = asset,
                                .amount = amount,
                                .refunded = {},
                                .time = block.time,
                                .of = {},
                                .payer_previous = {},
                                .payee_previous = {},
                                .memo = memo,
                                .other_chain = {}},
                               ledger::Source::spendable, ledger::Sink::elsewhere);
  if (!entered) return refuse_within("amount", entered.error());

  row.burned = *burned;
  stage.put<ledger::AssetRow>(asset, row);
  ledger::write(stage, *entered);
  return {};
}

}  // namespace intaglio::tx
