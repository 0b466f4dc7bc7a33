#include <algorithm>

#include "simulation/model.h"

namespace intaglio::simulation {
namespace {

using State = ModelSettlement::State;

std::set<AccountId> payers_of(const ledger::Terms& terms, const std::set<std::size_t>& legs) {
  std::set<AccountId> out;
  for (const std::size_t leg : legs) out.insert(terms.legs[leg].payer.account);
  return out;
}

Verdict judge_deliveries(const ModelChain& chain, const ledger::Terms& terms) {
  for (const auto& delivery : terms.deliveries) {
    if (!chain.nodes.contains(delivery.to.chain)) return Verdict::unknown_chain;
    const auto payee = judge_payee(chain, delivery.to.account);
    if (payee != Verdict::accepted) return payee;
    if (!chain.assets.contains(delivery.asset)) return Verdict::unknown_asset;
  }
  return Verdict::accepted;
}

// Of whom all of an asset comes, if of one.
std::optional<AccountId> sole_payer(const ledger::Terms& terms, AssetId asset) {
  std::set<AccountId> payers;
  for (const auto& leg : terms.legs) {
    if (leg.asset == asset) payers.insert(leg.payer.account);
  }
  return payers.size() == 1 ? std::optional(*payers.begin()) : std::nullopt;
}

ModelPayment payment_of(const ledger::Leg& leg, const ledger::Terms& terms) {
  return {.kind = ModelPayment::Kind::leg,
          .payer = leg.payer.account,
          .payee = {},
          .asset = leg.asset,
          .amount = leg.amount.value(),
          .other = terms.chain == leg.payer.chain ? std::nullopt : std::optional(terms.chain)};
}

}  // namespace

Verdict Model::judge_elsewhere(const ModelChain& chain, const ledger::Terms& terms,
                               const AccountId& account, std::size_t packets) const {
  if (terms.deadline < chain.time) return Verdict::expired;
  if (terms.deadline > chain.time + genesis_.params.max_settlement) return Verdict::bad_value;
  return judge_way(chain, terms.chain, account, packets);
}

Verdict Model::judge_escrow(const ModelChain& chain, const ledger::Terms& terms,
                            const std::set<std::size_t>& legs) const {
  if (terms.deadline < chain.time) return Verdict::expired;
  const auto known = chain.settlements.find(ledger::settlement_id(terms));
  std::set<std::size_t> arrived;
  if (known == chain.settlements.end()) {
    if (terms.deadline > chain.time + genesis_.params.max_settlement) return Verdict::bad_value;
    const auto payable = judge_deliveries(chain, terms);
    if (payable != Verdict::accepted) return payable;
  } else {
    if (known->second.state != State::open) return Verdict::settlement_closed;
    arrived = known->second.arrived;
  }
  for (const std::size_t leg : legs) {
    if (arrived.contains(leg)) return Verdict::leg_paid;
  }
  const auto before = payers_of(terms, arrived);
  for (const AccountId& payer : payers_of(terms, legs)) {
    if (before.contains(payer)) continue;
    const auto account = chain.accounts.find(payer);
    if (account == chain.accounts.end()) return Verdict::unknown_account;
    if (account->second.settlements >= genesis_.params.max_open_settlements) {
      return Verdict::too_many_settlements;
    }
  }
  return Verdict::accepted;
}

Verdict Model::apply(const Step& step, const tx::Settle& operation) {
  ModelChain& chain = step.chain;
  const ledger::Terms& terms = operation.terms;
  if (!chain.accounts.contains(step.account)) return Verdict::unknown_account;
  std::set<std::size_t> legs;
  for (std::size_t i = 0; i < terms.legs.size(); ++i) {
    if (terms.legs[i].payer == Address{chain.id, step.account}) legs.insert(i);
  }
  if (legs.empty()) return Verdict::no_leg;
  const bool meets_here = terms.chain == chain.id;
  const auto allowed = meets_here ? judge_escrow(chain, terms, legs)
                                  : judge_elsewhere(chain, terms, step.account, legs.size());
  if (allowed != Verdict::accepted) return allowed;
  const SettlementId id = ledger::settlement_id(terms);
  for (const std::size_t i : legs) {
    const ledger::Leg& leg = terms.legs[i];
    if (chain.payments.contains(ledger::leg_ref(id, i))) return Verdict::leg_paid;
    const auto fits = judge_amount(chain, leg.asset, leg.amount.value());
    if (fits != Verdict::accepted) return fits;
    const auto balance = chain.balances.find({step.account, leg.asset});
    const std::uint64_t free = balance == chain.balances.end() ? 0 : balance->second.free();
    if (free < leg.amount.value()) return Verdict::insufficient_funds;
  }
  for (const std::size_t i : legs) {
    const ledger::Leg& leg = terms.legs[i];
    chain.balances[{step.account, leg.asset}].out += leg.amount.value();
    chain.payments[ledger::leg_ref(id, i)] = payment_of(leg, terms);
  }
  if (meets_here) {
    add_legs(chain, terms, legs);
  } else {
    for (const std::size_t i : legs) {
      send(chain, terms.chain, ledger::LegPacket{terms, static_cast<std::uint16_t>(i)});
    }
  }
  return Verdict::accepted;
}

void Model::add_legs(ModelChain& chain, const ledger::Terms& terms,
                     const std::set<std::size_t>& legs) {
  const SettlementId id = ledger::settlement_id(terms);
  const auto [found, is_new] =
      chain.settlements.try_emplace(id, ModelSettlement{.terms = terms, .arrived = {}});
  ModelSettlement& settlement = found->second;
  if (is_new) chain.deadlines[terms.deadline].insert(id);
  const auto before = payers_of(terms, settlement.arrived);
  for (const AccountId& payer : payers_of(terms, legs)) {
    if (!before.contains(payer)) ++chain.accounts.at(payer).settlements;
  }
  settlement.arrived.insert(legs.begin(), legs.end());
  if (settlement.arrived.size() < terms.legs.size()) return;
  Verdict why = Verdict::accepted;
  if (!deliver(chain, id, terms, why)) return return_all(chain, terms, why);
  for (const AccountId& payer : payers_of(terms, settlement.arrived)) {
    --chain.accounts.at(payer).settlements;
  }
  settlement.state = State::delivered;
}

// To all or to nobody.
bool Model::deliver(ModelChain& chain, const SettlementId& id, const ledger::Terms& terms,
                    Verdict& why) {
  why = judge_deliveries(chain, terms);
  if (why != Verdict::accepted) return false;
  for (std::size_t i = 0; i < terms.deliveries.size(); ++i) {
    const ledger::Delivery& delivery = terms.deliveries[i];
    const AccountId& payee = delivery.to.account;
    if (!credit(chain, payee, delivery.asset, delivery.amount.value())) {
      fail("sums this large are not simulated");
      return true;
    }
    const auto payer = sole_payer(terms, delivery.asset);
    chain.payments[ledger::delivery_ref(id, i)] = {
        .kind = payer ? ModelPayment::Kind::refundable : ModelPayment::Kind::final,
        .payer = payer.value_or(AccountId()),
        .payee = payee,
        .asset = delivery.asset,
        .amount = delivery.amount.value(),
        .other = {}};
    if (delivery.to.chain == chain.id) continue;
    chain.balances[{payee, delivery.asset}].out += delivery.amount.value();
    const auto onward = ledger::onward_ref(id, i);
    chain.payments[onward] = {.kind = ModelPayment::Kind::sent,
                              .payer = payee,
                              .payee = payee,
                              .asset = delivery.asset,
                              .amount = delivery.amount.value(),
                              .other = delivery.to.chain};
    send(chain, delivery.to.chain,
         ledger::CreditPacket{.payment = onward,
                              .from = payee,
                              .to = payee,
                              .asset = delivery.asset,
                              .amount = delivery.amount,
                              .expires = Millis(UINT64_MAX),
                              .memo = terms.memo,
                              .code = {},
                              .judged = false});
  }
  return true;
}

void Model::receive_leg(ModelChain& chain, ChainId from, const ledger::LegPacket& packet) {
  const Verdict verdict = judge_escrow(chain, packet.terms, {packet.leg});
  if (verdict == Verdict::accepted) return add_legs(chain, packet.terms, {packet.leg});
  const ledger::Leg& leg = packet.terms.legs.at(packet.leg);
  send(chain, from,
       ledger::RefundPacket{
           .payment = ledger::leg_ref(ledger::settlement_id(packet.terms), packet.leg),
           .from = leg.payer.account,
           .to = leg.payer.account,
           .asset = leg.asset,
           .amount = leg.amount,
           .verdict = static_cast<std::uint16_t>(verdict)});
}

Verdict Model::judge_cancel(const ModelChain& chain, const ledger::Terms& terms) const {
  if (terms.deadline < chain.time) return Verdict::expired;
  if (terms.deadline > chain.time + genesis_.params.max_settlement) return Verdict::bad_value;
  const auto known = chain.settlements.find(ledger::settlement_id(terms));
  const bool is_closed = known != chain.settlements.end() && known->second.state != State::open;
  return is_closed ? Verdict::settlement_closed : Verdict::accepted;
}

Verdict Model::apply(const Step& step, const tx::CancelSettlement& operation) {
  ModelChain& chain = step.chain;
  const ledger::Terms& terms = operation.terms;
  const bool meets_here = terms.chain == chain.id;
  const bool is_payer = std::ranges::any_of(terms.legs, [&](const ledger::Leg& leg) {
    return leg.payer.account == step.account && (meets_here || leg.payer.chain == chain.id);
  });
  if (!is_payer) return Verdict::no_leg;
  const auto allowed =
      meets_here ? judge_cancel(chain, terms) : judge_elsewhere(chain, terms, step.account, 1);
  if (allowed != Verdict::accepted) return allowed;
  if (meets_here) {
    return_all(chain, terms, Verdict::settlement_cancelled);
  } else {
    send(chain, terms.chain, ledger::CancelPacket{terms, step.account});
  }
  return Verdict::accepted;
}

// Also of one that nobody paid into yet: what comes later goes back.
void Model::return_all(ModelChain& chain, const ledger::Terms& terms, Verdict why) {
  const SettlementId id = ledger::settlement_id(terms);
  const auto [found, is_new] =
      chain.settlements.try_emplace(id, ModelSettlement{.terms = terms, .arrived = {}});
  ModelSettlement& settlement = found->second;
  if (is_new) chain.deadlines[terms.deadline].insert(id);
  for (const std::size_t i : settlement.arrived) {
    const ledger::Leg& leg = terms.legs[i];
    const auto payment = ledger::leg_ref(id, i);
    if (leg.payer.chain == chain.id) {
      if (!give_back(chain, payment, leg.payer.account, leg.amount.value())) {
        chain.suspense[leg.asset] += leg.amount.value();
      }
      continue;
    }
    send(chain, leg.payer.chain,
         ledger::RefundPacket{.payment = payment,
                              .from = leg.payer.account,
                              .to = leg.payer.account,
                              .asset = leg.asset,
                              .amount = leg.amount,
                              .verdict = static_cast<std::uint16_t>(why)});
  }
  for (const AccountId& payer : payers_of(terms, settlement.arrived)) {
    --chain.accounts.at(payer).settlements;
  }
  settlement.state = State::returned;
}

void Model::pass_settlement(ModelChain& chain, const SettlementId& id) {
  const auto found = chain.settlements.find(id);
  if (found == chain.settlements.end()) return fail("the deadline of no settlement");
  const ledger::Terms terms = found->second.terms;
  const Millis forgotten = terms.deadline + genesis_.params.max_validity;
  const bool is_open = found->second.state == State::open;
  if (forgotten < chain.time && !is_open) {
    chain.settlements.erase(found);
    return;
  }
  chain.deadlines[forgotten].insert(id);
  if (is_open) return_all(chain, terms, Verdict::expired);
}

}  // namespace intaglio::simulation
