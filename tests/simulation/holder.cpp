#include <algorithm>

#include "simulation/world.h"

namespace intaglio::simulation {
namespace {

constexpr std::uint64_t kMost = 400;  // of what is paid at once

}  // namespace

void Holder::act() {
  std::vector<Deed> deeds;
  for (const Deed each : world().plan().deeds) {
    if (each < Deed::nonsense || (each == Deed::nonsense && dice().one_in(4))) {
      deeds.push_back(each);
    }
  }
  if (deeds.empty()) return;
  const Deed deed = dice().pick(deeds);
  if (deed == Deed::settle) return propose();
  if (deed == Deed::cancel) return cancel();
  const ChainId chain = any_chain();
  std::vector<tx::Operation> operations;
  if (deed == Deed::client_id_again) use_client_id_again();
  const std::size_t count = deed == Deed::linked ? dice().between(2, 4) : 1;
  for (std::size_t i = 0; i < count; ++i) {
    const auto kind = deed == Deed::linked || deed == Deed::client_id_again
                          ? dice().below(static_cast<std::uint64_t>(Deed::linked))
                          : static_cast<std::uint64_t>(deed);
    auto operation = make(static_cast<std::uint8_t>(kind), chain);
    if (operation) operations.push_back(*std::move(operation));
  }
  if (!operations.empty()) send({chain}, std::move(operations));
}

std::optional<tx::Operation> Holder::make(std::uint8_t deed, ChainId chain) {
  switch (static_cast<Deed>(deed)) {
    case Deed::transfer: return transfer(chain, chain);
    case Deed::transfer_across: return transfer(chain, any_chain());
    case Deed::refund: return refund(chain);
    case Deed::hold: return hold(chain);
    case Deed::capture: return close_hold(chain, true);
    case Deed::release: return close_hold(chain, false);
    default: return nonsense(chain);
  }
}

AccountId Holder::anybody() {
  if (dice().one_in(15)) return AccountId();  // nobody
  return dice().pick(world().people().all()).account;
}

AssetId Holder::any_asset(ChainId chain) {
  if (dice().one_in(40) || chain.value() >= world().model().chain_count()) return AssetId(1);
  const auto& assets = world().model().chain(chain).assets;
  auto it = assets.begin();
  std::advance(it, dice().below(assets.size()));
  return it->first;
}

// Mostly what there is enough of.
Amount Holder::some_of(ChainId chain, AssetId asset) {
  if (dice().one_in(20)) return Amount(dice().one_in(2) ? 0 : UINT64_MAX - dice().below(2));
  std::uint64_t free = 0;
  if (chain.value() < world().model().chain_count()) {
    const auto& balances = world().model().chain(chain).balances;
    const auto found = balances.find({person().account, asset});
    if (found != balances.end()) free = found->second.free();
  }
  const std::uint64_t most = dice().one_in(8) ? free + 50 : std::min(free, kMost);
  return Amount(dice().between(1, std::max<std::uint64_t>(most, 1)));
}

tx::Operation Holder::transfer(ChainId from, ChainId to) {
  const AssetId asset = any_asset(from);
  return tx::Transfer{
      .to = {to, anybody()},
      .asset = asset,
      .amount = some_of(from, asset),
      .memo = dice().one_in(4) ? std::optional<std::string>("thanks") : std::nullopt,
      .code = {},
      .code_text = {}};
}

std::optional<tx::Operation> Holder::refund(ChainId chain) {
  if (chain.value() >= world().model().chain_count()) return std::nullopt;
  std::vector<const std::pair<const OperationRef, ModelPayment>*> mine;
  for (const auto& each : world().model().chain(chain).payments) {
    if (each.second.payee == person().account || dice().one_in(50)) mine.push_back(&each);
  }
  if (mine.empty()) return std::nullopt;
  const auto& [ref, payment] = *dice().pick(mine);
  const std::uint64_t left = payment.amount - payment.refunded;
  return tx::Refund{ref, Amount(dice().between(1, left + (dice().one_in(5) ? 5 : 0) + 1))};
}

std::optional<tx::Operation> Holder::hold(ChainId chain) {
  const AssetId asset = any_asset(chain);
  const std::uint64_t longest = world().genesis().params.max_hold.value();
  return tx::Hold{.to = {chain, anybody()},
                  .asset = asset,
                  .amount = some_of(chain, asset),
                  .expires = clock().now() + Duration(dice().below(longest + longest / 10))};
}

std::optional<tx::Operation> Holder::close_hold(ChainId chain, bool captures) {
  if (chain.value() >= world().model().chain_count()) return std::nullopt;
  std::vector<const std::pair<const OperationRef, ModelHold>*> some;
  for (const auto& each : world().model().chain(chain).holds) {
    const bool is_mine = each.second.payee == person().account && each.second.is_open;
    if (is_mine || dice().one_in(20)) some.push_back(&each);
  }
  if (some.empty()) return std::nullopt;
  const auto& [ref, hold] = *dice().pick(some);
  if (!captures) return tx::Release{ref};
  const std::uint64_t left = hold.amount - hold.captured;
  return tx::Capture{ref, Amount(dice().between(1, left + (dice().one_in(5) ? 5 : 0) + 1)),
                     dice().one_in(3)};
}

// What no holder may do, or nobody at all.
tx::Operation Holder::nonsense(ChainId chain) {
  const AssetId asset = any_asset(chain);
  switch (dice().below(5)) {
    case 0: return tx::Issue{{chain, person().account}, asset, Amount(5), {}};
    case 1: return tx::Burn{asset, Amount(5), {}};
    case 2:
      return tx::SetKeyStatus{dice().pick(world().people().all()).key->public_key().hash(),
                              ledger::KeyStatus::suspended,
                              {}};
    case 3:
      return tx::Transfer{.to = {ChainId(77), person().account},
                          .asset = asset,
                          .amount = Amount(1),
                          .memo = {},
                          .code = {},
                          .code_text = {}};
    default: return tx::Refund{{}, Amount(1)};
  }
}

// Of one or two payers, who bring one or two assets from some chains, for somebody somewhere.
void Holder::propose() {
  ledger::Terms terms{.chain = any_chain(),
                      .deadline = clock().now() + Duration(dice().between(500, 40'000)),
                      .legs = {},
                      .deliveries = {},
                      .nonce = {},
                      .memo = {}};
  dice().fill(terms.nonce.writable());
  std::map<std::pair<Address, AssetId>, std::uint64_t> legs;
  std::map<std::pair<Address, AssetId>, std::uint64_t> deliveries;
  const std::size_t count = dice().between(1, 3);
  for (std::size_t i = 0; i < count; ++i) {
    const AccountId payer = dice().one_in(2) ? anybody() : person().account;
    const ChainId chain = any_chain();
    const AssetId asset = any_asset(chain);
    const std::uint64_t amount = dice().between(2, kMost / 2);
    legs[{{chain, payer}, asset}] += amount;
    // To one or two.
    const std::uint64_t part = dice().one_in(2) ? amount : amount / 2;
    deliveries[{{any_chain(), anybody()}, asset}] += part;
    if (part < amount) deliveries[{{any_chain(), anybody()}, asset}] += amount - part;
  }
  legs.try_emplace({{any_chain(), person().account}, world().genesis().assets.front().id}, 5);
  for (const auto& [key, amount] : legs) {
    terms.legs.push_back({key.first, key.second, Amount(amount)});
  }
  std::map<AssetId, std::uint64_t> missing;
  for (const auto& [key, amount] : legs) missing[key.second] += amount;
  for (const auto& [key, amount] : deliveries) missing[key.second] -= amount;
  for (const auto& [asset, amount] : missing) {
    if (amount != 0) deliveries[{{terms.chain, anybody()}, asset}] += amount;
  }
  for (const auto& [key, amount] : deliveries) {
    terms.deliveries.push_back({key.first, key.second, Amount(amount)});
  }
  std::set<AccountId> payers;
  for (const auto& leg : terms.legs) payers.insert(leg.payer.account);
  for (const AccountId& payer : payers) {
    world().send([&world = world(), payer, terms] {
      if (auto* who = world.holder(payer)) who->asked(terms);
    });
  }
}

void Holder::asked(const ledger::Terms& terms) {
  if (dice().one_in(8)) return;
  known_terms_.push_back(terms);
  std::vector<ChainId> chains;
  for (const auto& leg : terms.legs) {
    const bool is_mine = leg.payer.account == person().account;
    if (is_mine && std::ranges::find(chains, leg.payer.chain) == chains.end()) {
      chains.push_back(leg.payer.chain);
    }
  }
  if (chains.empty()) return;
  // All at once, or each by itself.
  if (dice().one_in(2)) return send(std::move(chains), {tx::Settle{terms}});
  for (const ChainId chain : chains) send({chain}, {tx::Settle{terms}});
}

void Holder::cancel() {
  if (known_terms_.empty()) return;
  const ledger::Terms& terms = dice().pick(known_terms_);
  if (dice().one_in(4)) return send({terms.chain}, {tx::CancelSettlement{terms}});
  send({dice().pick(terms.legs).payer.chain}, {tx::CancelSettlement{terms}});
}

}  // namespace intaglio::simulation
