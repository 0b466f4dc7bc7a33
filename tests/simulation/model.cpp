#include "simulation/model.h"

#include <algorithm>

#include "base/format.h"

namespace intaglio::simulation {
namespace {

// The only time there is for receipts is whole minutes: they are needed until the one after the
// transaction's last.
Millis needed_until(Millis valid_until) {
  constexpr std::uint64_t kMinute = 60'000;
  return Millis((valid_until.value() / kMinute + 1) * kMinute);
}

// docs/chain.md: who did not sign for the account does not use up its client ids, and what may be
// tried again, or could never come in, is not decided.
bool uses_up_client_id(Verdict verdict) {
  switch (verdict) {
    case Verdict::unknown_key:
    case Verdict::not_signer:
    case Verdict::wrong_ledger:
    case Verdict::wrong_chain:
    case Verdict::expired:
    case Verdict::valid_too_long: return false;
    default: return describe(verdict).kind != VerdictKind::later;
  }
}

AccountId account_of(const crypto::PublicKey& key) { return AccountId::prefix_of(key.hash()); }

}  // namespace

Model::Model(const ledger::Genesis& genesis)
    : genesis_(genesis), ledger_(ledger::ledger_id(genesis)) {
  for (std::uint16_t i = 0; i < genesis.chains; ++i) add_chain(ChainId(i));
}

void Model::add_chain(ChainId id) {
  ModelChain chain;
  chain.id = id;
  chain.time = genesis_.time;
  chain.main_as_of = genesis_.time;
  for (const auto& asset : genesis_.assets) {
    chain.assets[asset.id] = {.code = asset.code,
                              .scale = asset.scale,
                              .smallest = asset.smallest.value(),
                              .issuer = asset.issuer};
  }
  const bool was_added = id.value() >= genesis_.chains;
  for (const auto& key : genesis_.keys) {
    const bool has_money = key.role == ledger::Role::holder || key.role == ledger::Role::issuer;
    if (was_added && has_money) continue;
    chain.keys[key.key.hash()] = {.public_key = key.key,
                                  .role = key.role,
                                  .status = ledger::KeyStatus::active,
                                  .valid_from = genesis_.time,
                                  .valid_until = Millis(UINT64_MAX),
                                  .certificate = {},
                                  .chains = {}};
    if (has_money) {
      chain.accounts[account_of(key.key)].key = key.key.hash();
    }
  }
  for (std::uint16_t i = 0; i < genesis_.chains; ++i) {
    chain.nodes[ChainId(i)] = genesis_.nodes[i];
  }
  for (const auto& money : genesis_.money) {
    if (money.chain != id) continue;
    chain.assets[money.asset].issued += money.amount.value();
    chain.balances[{money.account, money.asset}].in += money.amount.value();
  }
  chains_.push_back(std::move(chain));
}

void Model::fail(std::string what) {
  if (wrong_.empty()) wrong_ = std::move(what);
}

std::vector<Foretold> Model::run(const ModelBlock& block) {
  // Added at run time: it begins as its genesis says.
  while (block.chain.value() >= chains_.size()) add_chain(ChainId(chain_count()));
  ModelChain& chain = chains_[block.chain.value()];
  if (block.height != chain.height.next()) fail("a height that does not follow");
  if (block.time <= chain.time) fail("block time did not go forward");
  chain.height = block.height;
  chain.time = block.time;
  chain.times[block.height] = block.time;
  pass_deadlines(chain);

  std::vector<Foretold> out;
  std::map<AccountId, std::uint32_t> in_block;
  for (std::size_t i = 0; i < block.transactions.size(); ++i) {
    const tx::SignedTransaction& signed_tx = *block.transactions[i];
    const TxId id = *TxId::from(signed_tx.id.view());
    const auto known = chain.receipts.find({signed_tx.body.account, signed_tx.body.client});
    if (known != chain.receipts.end()) {
      const bool is_same = known->second.tx == id;
      out.push_back({.verdict = is_same ? known->second.verdict : Verdict::conflict,
                     .is_repeat = is_same,
                     .is_kept = is_same});
      continue;
    }
    const Verdict verdict = judge(chain, signed_tx, in_block, block.deliveries.at(i));
    const bool is_kept = uses_up_client_id(verdict);
    if (is_kept) {
      keep_receipt(chain, signed_tx, verdict);
      ++in_block[signed_tx.body.account];
    }
    out.push_back({.verdict = verdict, .is_repeat = false, .is_kept = is_kept});
  }
  // Counted after the block's transactions were judged.
  for (const auto& [account, count] : in_block) {
    const auto found = chain.accounts.find(account);
    if (found != chain.accounts.end()) found->second.live += count;
  }
  return out;
}

Verdict Model::judge(ModelChain& chain, const tx::SignedTransaction& signed_tx,
                     std::map<AccountId, std::uint32_t>& in_block,
                     std::optional<Verdict> delivery) {
  const tx::Transaction& body = signed_tx.body;
  if (const auto bad = judge_envelope(chain, body); bad != Verdict::accepted) return bad;
  if (const auto bad = judge_signer(chain, signed_tx); bad != Verdict::accepted) return bad;
  if (const auto bad = judge_operations(body); bad != Verdict::accepted) return bad;
  if (const auto account = chain.accounts.find(body.account); account != chain.accounts.end()) {
    const std::uint32_t here = in_block[body.account];
    if (here >= genesis_.params.max_in_block) return Verdict::account_busy;
    if (account->second.live + here >= genesis_.params.max_live) return Verdict::account_full;
  }
  // All happen or none: several are tried on a copy.
  std::optional<ModelChain> before;
  if (body.operations.size() > 1) before = chain;
  for (std::size_t i = 0; i < body.operations.size(); ++i) {
    const Step step{.chain = chain,
                    .time = chain.time,
                    .account = body.account,
                    .key = signed_tx.signer,
                    .role = chain.keys.at(signed_tx.signer).role,
                    .self = {*TxId::from(signed_tx.id.view()), static_cast<std::uint16_t>(i)},
                    .valid_until = body.valid_until,
                    .delivery = delivery};
    const Verdict verdict = std::visit(
        [&](const auto& operation) { return apply(step, operation); }, body.operations[i]);
    if (verdict == Verdict::accepted) continue;
    if (before) chain = *std::move(before);
    return verdict;
  }
  return Verdict::accepted;
}

Verdict Model::judge_envelope(const ModelChain& chain, const tx::Transaction& body) const {
  if (body.ledger != ledger_) return Verdict::wrong_ledger;
  if (std::ranges::find(body.chains, chain.id) == body.chains.end()) return Verdict::wrong_chain;
  if (body.valid_until < chain.time) return Verdict::expired;
  if (body.valid_until > chain.time + genesis_.params.max_validity) return Verdict::valid_too_long;
  return Verdict::accepted;
}

Verdict Model::judge_operations(const tx::Transaction& body) const {
  if (body.operations.size() > genesis_.params.max_operations) return Verdict::too_large;
  // Their form was judged at the door, or nobody would have it.
  if (const auto form = body.check(); !form) return form.error().verdict;
  return Verdict::accepted;
}

Verdict Model::judge_signer(const ModelChain& chain, const tx::SignedTransaction& signed_tx) const {
  const auto key = chain.keys.find(signed_tx.signer);
  if (key == chain.keys.end()) return Verdict::unknown_key;
  const auto account = chain.accounts.find(signed_tx.body.account);
  const bool has_account = account != chain.accounts.end();
  const bool signs = has_account ? account->second.key == signed_tx.signer
                                 : AccountId::prefix_of(signed_tx.signer) == signed_tx.body.account;
  if (!signs) return Verdict::not_signer;
  if (key->second.status == ledger::KeyStatus::revoked) return Verdict::key_revoked;
  if (key->second.status == ledger::KeyStatus::suspended) return Verdict::key_suspended;
  if (chain.time < key->second.valid_from || chain.time > key->second.valid_until) {
    return Verdict::key_not_valid_now;
  }
  if (has_account && account->second.is_frozen) return Verdict::account_frozen;
  const bool is_stale = chain.id != kMainChain && key->second.role != ledger::Role::node &&
                        chain.main_as_of + genesis_.params.control_max_age < chain.time;
  return is_stale ? Verdict::control_stale : Verdict::accepted;
}

void Model::keep_receipt(ModelChain& chain, const tx::SignedTransaction& signed_tx,
                         Verdict verdict) {
  const ClientKey key{signed_tx.body.account, signed_tx.body.client};
  chain.receipts[key] = {*TxId::from(signed_tx.id.view()), verdict};
  chain.forgotten[needed_until(signed_tx.body.valid_until)].push_back(key);
}

// In the order in which they fall due; of one moment holds, then receipts, then settlements.
void Model::pass_deadlines(ModelChain& chain) {
  while (true) {
    Millis first(UINT64_MAX);
    const auto look = [&](const auto& by_time) {
      if (!by_time.empty()) first = std::min(first, by_time.begin()->first);
    };
    look(chain.expiring);
    look(chain.forgotten);
    look(chain.deadlines);
    if (first >= chain.time) return;
    if (const auto holds = chain.expiring.extract(first)) {
      for (const OperationRef& each : holds.mapped()) close_hold(chain, each);
    }
    if (const auto receipts = chain.forgotten.extract(first)) {
      for (const ClientKey& each : receipts.mapped()) {
        chain.receipts.erase(each);
        const auto account = chain.accounts.find(each.first);
        if (account != chain.accounts.end() && account->second.live > 0) --account->second.live;
      }
    }
    if (const auto settlements = chain.deadlines.extract(first)) {
      for (const SettlementId& each : settlements.mapped()) pass_settlement(chain, each);
    }
  }
}

std::uint64_t Model::in_flight() const {
  std::uint64_t count = 0;
  for (const ModelChain& from : chains_) {
    for (const auto& [to, stream] : from.out) {
      const bool is_open = to.value() < chains_.size();
      const auto& next_in = is_open ? chains_[to.value()].next_in : from.next_in;
      const auto taken = is_open ? next_in.find(from.id) : next_in.end();
      count += stream.sent.size() - (taken == next_in.end() ? 0 : taken->second);
    }
  }
  return count;
}

std::uint64_t Model::open_settlements() const {
  std::uint64_t count = 0;
  for (const ModelChain& chain : chains_) {
    for (const auto& each : chain.settlements) {
      count += each.second.state == ModelSettlement::State::open ? 1 : 0;
    }
  }
  return count;
}

std::map<AssetId, std::int64_t> Model::surplus() const {
  std::map<AssetId, std::int64_t> out;
  const auto count = [&](AssetId asset, std::uint64_t amount, bool is_there) {
    out[asset] += is_there ? static_cast<std::int64_t>(amount) : -static_cast<std::int64_t>(amount);
  };
  for (const ModelChain& chain : chains_) {
    for (const auto& [asset, row] : chain.assets) {
      count(asset, row.issued, false);
      count(asset, row.burned, true);
    }
    for (const auto& [key, balance] : chain.balances) {
      count(key.second, balance.in, true);
      count(key.second, balance.out, false);
    }
    for (const auto& [asset, amount] : chain.suspense) count(asset, amount, true);
    for (const auto& each : chain.settlements) {
      if (each.second.state != ModelSettlement::State::open) continue;
      for (const std::size_t leg : each.second.arrived) {
        const auto& money = each.second.terms.legs[leg];
        count(money.asset, money.amount.value(), true);
      }
    }
    for (const auto& [to, stream] : chain.out) {
      std::uint64_t taken = 0;
      if (to.value() < chains_.size()) {
        const auto& next_in = chains_[to.value()].next_in;
        const auto found = next_in.find(chain.id);
        if (found != next_in.end()) taken = found->second;
      }
      for (std::uint64_t i = taken; i < stream.sent.size(); ++i) {
        const auto money = ledger::money_of(stream.sent[i]);
        if (money) count(money->asset, money->amount.value(), true);
      }
    }
  }
  return out;
}

}  // namespace intaglio::simulation
