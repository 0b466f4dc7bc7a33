#include "simulation/model.h"

namespace intaglio::simulation {
namespace {

using Kind = ModelPayment::Kind;

bool has_account(const ModelChain& chain, const AccountId& account) {
  return chain.accounts.contains(account);
}

std::uint64_t free_of(const ModelChain& chain, const AccountId& account, AssetId asset) {
  const auto found = chain.balances.find({account, asset});
  return found == chain.balances.end() ? 0 : found->second.free();
}

}  // namespace

Verdict judge_payee(const ModelChain& chain, const AccountId& account) {
  const auto found = chain.accounts.find(account);
  if (found == chain.accounts.end()) return Verdict::unknown_account;
  return found->second.is_frozen ? Verdict::account_frozen : Verdict::accepted;
}

Verdict judge_amount(const ModelChain& chain, AssetId asset, std::uint64_t amount) {
  const auto found = chain.assets.find(asset);
  if (found == chain.assets.end()) return Verdict::unknown_asset;
  return amount < found->second.smallest ? Verdict::below_smallest : Verdict::accepted;
}

bool Model::credit(ModelChain& chain, const AccountId& account, AssetId asset,
                   std::uint64_t amount) {
  ModelBalance& balance = chain.balances[{account, asset}];
  if (balance.in + amount < amount) return false;
  balance.in += amount;
  return true;
}

Verdict Model::apply(const Step& step, const tx::Transfer& operation) {
  ModelChain& chain = step.chain;
  const std::uint64_t amount = operation.amount.value();
  const bool crosses = operation.to.chain != chain.id;
  if (!has_account(chain, step.account)) return Verdict::unknown_account;
  if (crosses) {
    const auto way = judge_way(chain, operation.to.chain, step.account, 1);
    if (way != Verdict::accepted) return way;
  } else {
    if (operation.to.account == step.account) return Verdict::same_account;
    const auto payee = judge_payee(chain, operation.to.account);
    if (payee != Verdict::accepted) return payee;
  }
  const auto fits = judge_amount(chain, operation.asset, amount);
  if (fits != Verdict::accepted) return fits;
  if (free_of(chain, step.account, operation.asset) < amount) return Verdict::insufficient_funds;
  if (!crosses && !credit(chain, operation.to.account, operation.asset, amount)) {
    return Verdict::amount_overflow;
  }
  chain.balances[{step.account, operation.asset}].out += amount;
  chain.payments[step.self] = {.kind = crosses ? Kind::sent : Kind::refundable,
                               .payer = step.account,
                               .payee = operation.to.account,
                               .asset = operation.asset,
                               .amount = amount,
                               .other = crosses ? std::optional(operation.to.chain) : std::nullopt};
  if (crosses) {
    send(chain, operation.to.chain,
         ledger::CreditPacket{.payment = step.self,
                              .from = step.account,
                              .to = operation.to.account,
                              .asset = operation.asset,
                              .amount = operation.amount,
                              .expires = step.valid_until,
                              .memo = operation.memo,
                              .code = {},
                              .judged = false});
  }
  return Verdict::accepted;
}

Verdict Model::apply(const Step& step, const tx::Refund& operation) {
  ModelChain& chain = step.chain;
  const std::uint64_t amount = operation.amount.value();
  const auto paid = chain.payments.find(operation.payment);
  if (paid == chain.payments.end() || paid->second.kind != Kind::refundable) {
    return Verdict::unknown_payment;
  }
  ModelPayment& payment = paid->second;
  if (payment.payee != step.account) return Verdict::not_signer;
  if (!payment.other && payment.payer == step.account) return Verdict::same_account;
  if (amount > payment.amount - payment.refunded) return Verdict::refund_too_large;
  if (!payment.other && !has_account(chain, payment.payer)) return Verdict::unknown_account;
  if (free_of(chain, step.account, payment.asset) < amount) return Verdict::insufficient_funds;
  if (!payment.other && !credit(chain, payment.payer, payment.asset, amount)) {
    return Verdict::amount_overflow;
  }
  chain.balances[{step.account, payment.asset}].out += amount;
  payment.refunded += amount;
  const ModelPayment of = payment;
  chain.payments[step.self] = {.kind = Kind::final,
                               .payer = of.payee,
                               .payee = of.payer,
                               .asset = of.asset,
                               .amount = amount,
                               .other = of.other};
  if (of.other) {
    send(chain, *of.other,
         ledger::RefundPacket{.payment = operation.payment,
                              .from = of.payee,
                              .to = of.payer,
                              .asset = of.asset,
                              .amount = operation.amount,
                              .verdict = {}});
  }
  return Verdict::accepted;
}

Verdict Model::apply(const Step& step, const tx::Hold& operation) {
  ModelChain& chain = step.chain;
  const std::uint64_t amount = operation.amount.value();
  if (!has_account(chain, step.account)) return Verdict::unknown_account;
  if (operation.to.chain != chain.id) return Verdict::payee_on_other_chain;
  if (operation.to.account == step.account) return Verdict::same_account;
  const auto payee = judge_payee(chain, operation.to.account);
  if (payee != Verdict::accepted) return payee;
  const auto fits = judge_amount(chain, operation.asset, amount);
  if (fits != Verdict::accepted) return fits;
  if (operation.expires <= step.time || operation.expires > step.time + genesis_.params.max_hold) {
    return Verdict::bad_value;
  }
  ModelAccount& payer = chain.accounts.at(step.account);
  if (payer.holds >= genesis_.params.max_open_holds) return Verdict::too_many_holds;
  if (free_of(chain, step.account, operation.asset) < amount) return Verdict::insufficient_funds;
  chain.balances[{step.account, operation.asset}].held += amount;
  ++payer.holds;
  chain.holds[step.self] = {.payer = step.account,
                            .payee = operation.to.account,
                            .asset = operation.asset,
                            .amount = amount,
                            .expires = operation.expires};
  chain.expiring[operation.expires].insert(step.self);
  return Verdict::accepted;
}

void Model::close_hold(ModelChain& chain, const OperationRef& ref) {
  ModelHold& hold = chain.holds.at(ref);
  chain.balances[{hold.payer, hold.asset}].held -= hold.amount - hold.captured;
  --chain.accounts.at(hold.payer).holds;
  hold.is_open = false;
  const auto due = chain.expiring.find(hold.expires);
  if (due == chain.expiring.end()) return;  // it is what is being done
  due->second.erase(ref);
  if (due->second.empty()) chain.expiring.erase(due);
}

Verdict Model::apply(const Step& step, const tx::Capture& operation) {
  ModelChain& chain = step.chain;
  const std::uint64_t amount = operation.amount.value();
  const auto found = chain.holds.find(operation.hold);
  if (found == chain.holds.end()) return Verdict::unknown_hold;
  ModelHold& hold = found->second;
  if (!hold.is_open) return Verdict::hold_closed;
  if (hold.payee != step.account) return Verdict::not_signer;
  if (step.time > hold.expires) return Verdict::hold_closed;
  if (judge_payee(chain, hold.payer) != Verdict::accepted) return Verdict::account_frozen;
  if (amount > hold.amount - hold.captured) return Verdict::capture_too_large;
  if (!credit(chain, hold.payee, hold.asset, amount)) return Verdict::amount_overflow;
  ModelBalance& payer = chain.balances[{hold.payer, hold.asset}];
  payer.held -= amount;
  payer.out += amount;
  hold.captured += amount;
  chain.payments[step.self] = {.kind = Kind::refundable,
                               .payer = hold.payer,
                               .payee = hold.payee,
                               .asset = hold.asset,
                               .amount = amount,
                               .other = {}};
  if (operation.last || hold.captured == hold.amount) close_hold(chain, operation.hold);
  return Verdict::accepted;
}

Verdict Model::apply(const Step& step, const tx::Release& operation) {
  const auto found = step.chain.holds.find(operation.hold);
  if (found == step.chain.holds.end()) return Verdict::unknown_hold;
  if (!found->second.is_open) return Verdict::hold_closed;
  if (found->second.payee != step.account) return Verdict::not_signer;
  close_hold(step.chain, operation.hold);
  return Verdict::accepted;
}

Verdict Model::apply(const Step& step, const tx::Issue& operation) {
  ModelChain& chain = step.chain;
  const std::uint64_t amount = operation.amount.value();
  if (step.role != ledger::Role::issuer) return Verdict::not_capable;
  const auto asset = chain.assets.find(operation.asset);
  if (asset == chain.assets.end()) return Verdict::unknown_asset;
  if (asset->second.issuer != step.account) return Verdict::not_signer;
  if (operation.to.chain != chain.id) return Verdict::payee_on_other_chain;
  const auto payee = judge_payee(chain, operation.to.account);
  if (payee != Verdict::accepted) return payee;
  const auto fits = judge_amount(chain, operation.asset, amount);
  if (fits != Verdict::accepted) return fits;
  if (asset->second.issued + amount < amount) return Verdict::amount_overflow;
  if (!credit(chain, operation.to.account, operation.asset, amount)) {
    return Verdict::amount_overflow;
  }
  asset->second.issued += amount;
  chain.payments[step.self] = {.kind = Kind::final, .amount = amount, .other = {}};
  return Verdict::accepted;
}

Verdict Model::apply(const Step& step, const tx::Burn& operation) {
  ModelChain& chain = step.chain;
  const std::uint64_t amount = operation.amount.value();
  if (step.role != ledger::Role::issuer) return Verdict::not_capable;
  const auto asset = chain.assets.find(operation.asset);
  if (asset == chain.assets.end()) return Verdict::unknown_asset;
  if (asset->second.issuer != step.account) return Verdict::not_signer;
  const auto fits = judge_amount(chain, operation.asset, amount);
  if (fits != Verdict::accepted) return fits;
  if (free_of(chain, step.account, operation.asset) < amount) return Verdict::insufficient_funds;
  chain.balances[{step.account, operation.asset}].out += amount;
  asset->second.burned += amount;
  chain.payments[step.self] = {.kind = Kind::final, .amount = amount, .other = {}};
  return Verdict::accepted;
}

}  // namespace intaglio::simulation
