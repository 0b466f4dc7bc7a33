#include "tx/settlement/settlement.h"

#include <algorithm>

#include "base/format.h"
#include "ledger/book.h"
#include "tx/packet/packet.h"
#include "tx/payment/payee.h"
#include "tx/settlement/escrow.h"

namespace intaglio::tx {
namespace {

using ledger::Leg;
using ledger::Terms;

// The signer's legs on this chain.
std::vector<std::size_t> own_legs(const Terms& terms, const Address& payer) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < terms.legs.size(); ++i) {
    if (terms.legs[i].payer == payer) out.push_back(i);
  }
  return out;
}

// Who it goes to when it goes to one, else the payer again.
AccountId counterparty(const Terms& terms, const Leg& leg) {
  std::optional<AccountId> found;
  for (const auto& delivery : terms.deliveries) {
    if (delivery.asset != leg.asset) continue;
    if (found && *found != delivery.to.account) return leg.payer.account;
    found = delivery.to.account;
  }
  return found.value_or(leg.payer.account);
}

// The debit of one leg, prepared.
Result<ledger::Entered> enter_leg(const ledger::View& state, const Block& block, const Terms& terms,
                                  std::size_t place) {
  const Leg& leg = terms.legs[place];
  const auto ref = ledger::leg_ref(ledger::settlement_id(terms), place);
  if (state.find<ledger::EntryRow>(ref)) return refuse(Verdict::leg_paid);
  TRY(check_amount(state, leg.asset, leg.amount));
  auto entered = ledger::enter(
      state, ref,
      {.kind = ledger::EntryKind::leg,
       .payer = leg.payer.account,
       .payee = counterparty(terms, leg),
       .asset = leg.asset,
       .amount = leg.amount,
       .refunded = {},
       .time = block.time,
       .of = {},
       .payer_previous = {},
       .payee_previous = {},
       .memo = terms.memo,
       .other_chain = terms.chain == block.chain ? std::nullopt : std::optional(terms.chain)},
      ledger::Source::spendable, ledger::Sink::elsewhere);
  if (!entered) return refuse_within("amount", entered.error());
  return entered;
}

// What can be judged here of a settlement that meets elsewhere.
Result<void> check_elsewhere(const ledger::View& state, const Block& block, const Terms& terms,
                             const ledger::Sending& sending) {
  if (terms.deadline < block.time) return refuse(Verdict::expired, "terms.deadline");
  if (terms.deadline > block.time + block.params.max_settlement) {
    return refuse(Verdict::bad_value, "terms.deadline");
  }
  const auto route = check_route(state, block, sending);
  return route ? Result<void>() : refuse_within("terms.chain", route.error());
}

Result<void> check_own_terms(const Terms& terms) {
  const auto checked = ledger::check_terms(terms);
  return checked ? Result<void>() : refuse_within("terms", checked.error());
}

}  // namespace

Result<void> Settle::check() const { return check_own_terms(terms); }

Result<void> Settle::apply(ledger::Stage& stage, const Block& block, const Origin& origin) const {
  TRY(ledger::require_account(stage, origin.account));
  const auto legs = own_legs(terms, {block.chain, origin.account});
  if (legs.empty()) return refuse(Verdict::no_leg, "terms.legs");
  const bool meets_here = terms.chain == block.chain;
  LegBits bits = 0;
  for (const std::size_t leg : legs) bits |= static_cast<LegBits>(1U << leg);
  std::optional<ledger::SettlementRow> row;
  if (meets_here) {
    ASSIGN(row, check_escrow(stage, block, terms, bits));
  } else {
    TRY(check_elsewhere(stage, block, terms, {terms.chain, origin.account, legs.size()}));
  }
  // Each of another asset, so none sees what the one before changes.
  std::vector<ledger::Entered> entries;
  for (const std::size_t leg : legs) {
    auto entered = enter_leg(stage, block, terms, leg);
    if (!entered) return refuse_within(format("terms.legs[{}]", leg), entered.error());
    entries.push_back(*std::move(entered));
  }

  for (const auto& entered : entries) ledger::write(stage, entered);
  if (meets_here) {
    add_legs(stage, block, *std::move(row), bits);
  } else {
    for (const std::size_t leg : legs) {
      ledger::send_packet(stage, block.height, terms.chain,
                          ledger::LegPacket{terms, static_cast<std::uint16_t>(leg)});
    }
  }
  return {};
}

Result<void> CancelSettlement::check() const { return check_own_terms(terms); }

Result<void> CancelSettlement::apply(ledger::Stage& stage, const Block& block,
                                     const Origin& origin) const {
  const bool meets_here = terms.chain == block.chain;
  const bool is_payer = std::ranges::any_of(terms.legs, [&](const Leg& leg) {
    return leg.payer.account == origin.account && (meets_here || leg.payer.chain == block.chain);
  });
  if (!is_payer) return refuse(Verdict::no_leg, "terms.legs");
  if (meets_here) {
    TRY(check_cancel(stage, block, terms));
    cancel(stage, block, terms);
    return {};
  }
  TRY(check_elsewhere(stage, block, terms, {terms.chain, origin.account}));
  ledger::send_packet(stage, block.height, terms.chain,
                      ledger::CancelPacket{terms, origin.account});
  return {};
}

}  // namespace intaglio::tx
