#include "cli/settlement_texts.h"

#include <algorithm>

#include "cli/sending.h"
#include "cli/texts.h"

namespace intaglio::cli {
namespace {

using codec::Json;

std::string money_of(const LedgerInfo& ledger, AssetId asset, Amount amount) {
  const auto known = ledger.asset(asset);
  if (known) return money_text({amount, asset}, *known);
  return format("{} of asset {}", amount.value(), asset.value());
}

std::string words(std::string_view state) {
  std::string out(state);
  std::ranges::replace(out, '_', ' ');
  return out;
}

}  // namespace

void say_terms(Output& output, const LedgerInfo& ledger, const ledger::Terms& terms) {
  output.say("settlement {}", codec::to_hex(ledger::settlement_id(terms)));
  output.say("  on chain {}, until {}", terms.chain.value(), time_text(terms.deadline));
  for (const auto& leg : terms.legs) {
    output.say("  pays in   {:>14}  {} on chain {}", money_of(ledger, leg.asset, leg.amount),
               codec::to_text(leg.payer), leg.payer.chain.value());
  }
  for (const auto& each : terms.deliveries) {
    output.say("  is paid   {:>14}  {} on chain {}", money_of(ledger, each.asset, each.amount),
               codec::to_text(each.to), each.to.chain.value());
  }
  if (terms.memo) output.say("  memo      {}", *terms.memo);
}

Result<void> say_standing(Output& output, const LedgerInfo& ledger, const Json& standing) {
  ASSIGN(const auto id, standing.text_at("settlement"));
  ASSIGN(const auto state, standing.text_at("state"));
  const auto why = standing.text_at("verdict");
  output.say("settlement {}", id);
  output.say("  {}{}", words(state), why ? ": " + *why : "");
  const Json* legs = standing.find("legs");
  if (legs == nullptr || legs->items() == nullptr) {
    return refuse(Verdict::bad_value, "the node's answer");
  }
  for (const auto& leg : *legs->items()) {
    ASSIGN(const auto asset, leg.uint_at("asset"));
    ASSIGN(const auto digits, leg.text_at("amount"));
    ASSIGN(const auto amount, codec::uint_from_json(codec::Json(digits)));
    ASSIGN(const auto payer, leg.text_at("payer"));
    ASSIGN(const auto leg_state, leg.text_at("state"));
    output.say("  {:<16} {:>14}  {}", words(leg_state),
               money_of(ledger, AssetId(static_cast<std::uint32_t>(asset)), Amount(amount)), payer);
  }
  return {};
}

}  // namespace intaglio::cli
