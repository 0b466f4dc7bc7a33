#include "cli/settlement.h"

#include <algorithm>
#include <chrono>
#include <thread>

namespace intaglio::cli {

using ledger::Delivery;
using ledger::Leg;
using ledger::Terms;

Terms in_order(Terms terms) {
  std::ranges::sort(terms.legs, {},
                    [](const Leg& each) { return std::pair(each.payer, each.asset); });
  std::ranges::sort(terms.deliveries, {},
                    [](const Delivery& each) { return std::pair(each.to, each.asset); });
  return terms;
}

Terms draw_terms(const Draw& draw, std::span<const ChainAmount> parts, Env& env) {
  Terms terms{.chain = draw.payee.chain,
              .deadline = draw.deadline,
              .legs = {},
              .deliveries = {},
              .nonce = env.random_id<ledger::SettlementNonce>(),
              .memo = draw.memo};
  Amount sum;
  for (const ChainAmount& part : parts) {
    terms.legs.push_back({{part.chain, draw.payer}, draw.asset, part.amount});
    sum = add(sum, part.amount).value();
  }
  terms.deliveries.push_back({draw.payee, draw.asset, sum});
  return in_order(std::move(terms));
}

Result<std::vector<ChainAmount>> spendable_everywhere(NodeClient& node, const LedgerInfo& ledger,
                                                      const Payer& payer, AssetId asset) {
  std::vector<ChainAmount> out;
  for (std::uint16_t i = 0; i < ledger.chains; ++i) {
    const auto account = node.account({ChainId(i), payer.address.account}, payer.signer);
    if (!account) {
      if (account.error().verdict == Verdict::unknown_account) continue;
      return std::unexpected(account.error());
    }
    const auto balance = std::ranges::find(account->balances, asset, &Balance::asset);
    if (balance != account->balances.end()) out.push_back({ChainId(i), balance->spendable});
  }
  return out;
}

Result<Payment> pay_legs(NodeClient& node, const Payer& payer, const Terms& terms,
                         const PaymentOptions& options, Env& env, const OnSigned& on_signed) {
  auto paid = send_operations(node, payer, {tx::Settle{terms}}, options, env, on_signed);
  if (paid || options.dry_run) return paid;
  // `later` decides nothing, and what was refused before it came to a chain paid nothing.
  if (describe(paid.error().verdict).kind != VerdictKind::later) {
    PaymentOptions again = options;
    again.idempotency_key.reset();
    (void)cancel(node, payer, terms, again, env);  // or else the deadline does it
  }
  return paid;
}

Result<Payment> cancel(NodeClient& node, const Payer& payer, const Terms& terms,
                       const PaymentOptions& options, Env& env, const OnSigned& on_signed) {
  const auto from = [&](ChainId chain) {
    return send_operations(node, payer_on(chain, payer.ledger, payer.signer),
                           {tx::CancelSettlement{terms}}, options, env, on_signed);
  };
  auto cancelled = from(terms.chain);
  if (cancelled || cancelled.error().verdict != Verdict::unknown_key) return cancelled;
  const auto own = std::ranges::find(terms.legs, payer.address.account,
                                     [](const Leg& leg) { return leg.payer.account; });
  return own == terms.legs.end() ? cancelled : from(own->payer.chain);
}

Result<codec::Json> follow(NodeClient& node, const SettlementId& id) {
  constexpr std::chrono::seconds kPatience{10};
  constexpr std::chrono::milliseconds kPause{20};
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (true) {
    ASSIGN(auto standing, node.settlement(id));
    ASSIGN(const auto state, standing.text_at("state"));
    const bool has_ended = state == "delivered" || state == "returned";
    if (has_ended || std::chrono::steady_clock::now() >= deadline) return standing;
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace intaglio::cli
