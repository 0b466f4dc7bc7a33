#include <algorithm>

#include "simulation/model.h"

namespace intaglio::simulation {
namespace {

using ledger::KeyRow;
using ledger::KeyStatus;
using ledger::Role;

// The authority decides, on the main chain.
Verdict judge_decider(Role role, ChainId chain) {
  if (role != Role::authority) return Verdict::not_capable;
  return chain == kMainChain ? Verdict::accepted : Verdict::main_chain_only;
}

Verdict judge_chains(const ModelChain& main, const std::vector<ChainId>& chains) {
  for (const ChainId each : chains) {
    if (each == kMainChain || !main.nodes.contains(each)) return Verdict::unknown_chain;
  }
  return Verdict::accepted;
}

Verdict judge_standing(const KeyRow& key) {
  if (key.status == KeyStatus::revoked) return Verdict::key_revoked;
  return key.status == KeyStatus::suspended ? Verdict::key_suspended : Verdict::accepted;
}

Verdict judge_known(const ModelChain& main, const KeyHash& key) {
  const auto found = main.keys.find(key);
  if (found == main.keys.end()) return Verdict::unknown_key;
  return judge_standing(found->second);
}

bool has_money(Role role) { return role == Role::holder || role == Role::issuer; }

KeyRow for_others(KeyRow row) {
  row.chains.reset();
  return row;
}

void add_key(ModelChain& chain, const KeyRow& key) {
  chain.keys.try_emplace(key.public_key.hash(), key);
}

void set_key(ModelChain& chain, const KeyHash& key, KeyStatus status) {
  const auto found = chain.keys.find(key);
  if (found == chain.keys.end() || found->second.status == KeyStatus::revoked) return;
  found->second.status = status;
}

ModelChain::SerialKey serial_of(const KeyRow& key) {
  return {key.certificate->issuer, key.certificate->serial};
}

void log_certificate(ModelChain& main, const KeyRow& key) {
  main.certificates[serial_of(key)] = {.hash = key.certificate->hash,
                                       .key = key.public_key.hash(),
                                       .valid_until = key.valid_until,
                                       .logged = main.time,
                                       .status = KeyStatus::active,
                                       .since = main.time,
                                       .reason = {}};
  ++main.issuers[key.certificate->issuer].logged;
}

void mark_certificate(ModelChain& main, const KeyRow& key, KeyStatus status,
                      std::optional<pki::RevocationReason> reason) {
  if (!key.certificate) return;
  ledger::CertificateRow& row = main.certificates.at(serial_of(key));
  if (row.status == KeyStatus::revoked || row.status == status) return;
  row.status = status;
  row.since = main.time;
  row.reason = reason;
  ++main.issuers[key.certificate->issuer].changes;
}

}  // namespace

std::vector<ChainId> Model::concerned(const ModelChain& main, const KeyRow& key) const {
  if (key.chains) return *key.chains;
  std::vector<ChainId> out;
  for (const auto& each : main.nodes) {
    if (each.first != kMainChain) out.push_back(each.first);
  }
  return out;
}

void Model::decide(ModelChain& main, const std::vector<ChainId>& to,
                   const ledger::Packet& decision) {
  for (const ChainId each : to) send(main, each, decision);
}

// On the main chain as it decides, elsewhere as it arrives.
void Model::learn(ModelChain& chain, const ledger::Packet& decision) {
  if (const auto* known = std::get_if<ledger::KnownKey>(&decision)) {
    add_key(chain, known->key);
    if (known->account && has_money(known->key.role)) {
      chain.accounts.try_emplace(*known->account,
                                 ModelAccount{.key = known->key.public_key.hash()});
    }
  } else if (const auto* of_key = std::get_if<ledger::KeyStanding>(&decision)) {
    set_key(chain, of_key->key, of_key->status);
  } else if (const auto* replaced = std::get_if<ledger::ReplacedKey>(&decision)) {
    const auto account = chain.accounts.find(replaced->account);
    const KeyHash key = replaced->key.public_key.hash();
    if (account == chain.accounts.end() || account->second.key == key) return;
    set_key(chain, account->second.key, KeyStatus::revoked);
    add_key(chain, replaced->key);
    account->second.key = key;
  } else if (const auto* standing = std::get_if<ledger::AccountStanding>(&decision)) {
    const auto account = chain.accounts.find(standing->account);
    if (account == chain.accounts.end()) return;
    account->second.is_frozen = standing->status == ledger::AccountStatus::frozen;
  } else if (const auto* nodes = std::get_if<ledger::ChainNodes>(&decision)) {
    add_key(chain, nodes->accounting);
    ledger::NodesRow row{nodes->accounting.public_key.hash(), {}, nodes->quorum};
    for (const KeyRow& each : nodes->consensus) {
      add_key(chain, each);
      row.consensus.push_back(each.public_key.hash());
    }
    chain.nodes[nodes->chain] = row;
  } else if (const auto* asset = std::get_if<ledger::KnownAsset>(&decision)) {
    chain.assets.try_emplace(asset->asset, ModelAsset{.code = asset->code,
                                                      .scale = asset->scale,
                                                      .smallest = asset->smallest.value(),
                                                      .issuer = asset->issuer});
  }
}

Verdict Model::apply(const Step& step, const tx::RegisterKey& operation) {
  ModelChain& main = step.chain;
  const auto allowed = judge_decider(step.role, main.id);
  if (allowed != Verdict::accepted) return allowed;
  const KeyHash hash = operation.key.hash();
  const AccountId own = AccountId::prefix_of(hash);
  if (main.keys.contains(hash)) return Verdict::key_exists;
  if (operation.role == Role::display) {
    fail("displays are not simulated");
    return Verdict::internal;
  }
  if (operation.chains) {
    const auto there = judge_chains(main, *operation.chains);
    if (there != Verdict::accepted) return there;
  }
  const KeyRow row{.public_key = operation.key,
                   .role = operation.role,
                   .status = KeyStatus::active,
                   .valid_from = operation.valid_from,
                   .valid_until = operation.valid_until,
                   .certificate = operation.certificate,
                   .chains = operation.chains};
  if (main.certificates.contains(serial_of(row))) return Verdict::serial_exists;
  log_certificate(main, row);
  const auto account = has_money(row.role) ? std::optional(own) : std::nullopt;
  learn(main, ledger::KnownKey{row, account});
  decide(main, concerned(main, row), ledger::KnownKey{for_others(row), account});
  return Verdict::accepted;
}

Verdict Model::apply(const Step& step, const tx::SetKeyStatus& operation) {
  ModelChain& main = step.chain;
  const auto allowed = judge_decider(step.role, main.id);
  if (allowed != Verdict::accepted) return allowed;
  const auto found = main.keys.find(operation.key);
  if (found == main.keys.end()) return Verdict::unknown_key;
  const KeyRow row = found->second;
  if (row.status == KeyStatus::revoked) return Verdict::key_revoked;
  if (row.role == Role::authority) return Verdict::not_capable;
  mark_certificate(main, row, operation.status, operation.reason);
  const ledger::KeyStanding standing{operation.key, operation.status};
  learn(main, standing);
  decide(main, concerned(main, row), standing);
  return Verdict::accepted;
}

Verdict Model::apply(const Step& step, const tx::ExtendKey& operation) {
  ModelChain& main = step.chain;
  const auto allowed = judge_decider(step.role, main.id);
  if (allowed != Verdict::accepted) return allowed;
  const auto known = judge_known(main, operation.key);
  if (known != Verdict::accepted) return known;
  KeyRow& row = main.keys.at(operation.key);
  if (row.role == Role::authority) return Verdict::not_capable;
  const auto account = main.accounts.find(operation.account);
  if (account == main.accounts.end()) return Verdict::unknown_account;
  if (account->second.key != operation.key) return Verdict::not_signer;
  const auto there = judge_chains(main, operation.chains);
  if (there != Verdict::accepted) return there;
  decide(main, operation.chains, ledger::KnownKey{for_others(row), operation.account});
  if (account->second.is_frozen) {
    decide(main, operation.chains,
           ledger::AccountStanding{operation.account, ledger::AccountStatus::frozen});
  }
  if (row.chains) {
    std::set<ChainId> all(row.chains->begin(), row.chains->end());
    all.insert(operation.chains.begin(), operation.chains.end());
    row.chains = std::vector(all.begin(), all.end());
  }
  return Verdict::accepted;
}

Verdict Model::apply(const Step& step, const tx::ReplaceKey& operation) {
  ModelChain& main = step.chain;
  const auto allowed = judge_decider(step.role, main.id);
  if (allowed != Verdict::accepted) return allowed;
  const auto account = main.accounts.find(operation.account);
  if (account == main.accounts.end()) return Verdict::unknown_account;
  if (main.keys.contains(operation.key.hash())) return Verdict::key_exists;
  const KeyRow before = main.keys.at(account->second.key);
  if (before.status == KeyStatus::suspended) return Verdict::key_suspended;
  const KeyRow row{.public_key = operation.key,
                   .role = before.role,
                   .status = KeyStatus::active,
                   .valid_from = operation.valid_from,
                   .valid_until = operation.valid_until,
                   .certificate = operation.certificate,
                   .chains = before.chains};
  if (main.certificates.contains(serial_of(row))) return Verdict::serial_exists;
  log_certificate(main, row);
  mark_certificate(main, before, KeyStatus::revoked, pki::RevocationReason::superseded);
  learn(main, ledger::ReplacedKey{operation.account, row});
  decide(main, concerned(main, before), ledger::ReplacedKey{operation.account, for_others(row)});
  return Verdict::accepted;
}

Verdict Model::apply(const Step& step, const tx::SetAccountStatus& operation) {
  ModelChain& main = step.chain;
  const auto allowed = judge_decider(step.role, main.id);
  if (allowed != Verdict::accepted) return allowed;
  const auto account = main.accounts.find(operation.account);
  if (account == main.accounts.end()) return Verdict::unknown_account;
  const ledger::AccountStanding standing{operation.account, operation.status};
  learn(main, standing);
  decide(main, concerned(main, main.keys.at(account->second.key)), standing);
  return Verdict::accepted;
}

Verdict Model::apply(const Step& step, const tx::AddChain& operation) {
  ModelChain& main = step.chain;
  const auto allowed = judge_decider(step.role, main.id);
  if (allowed != Verdict::accepted) return allowed;
  if (!operation.consensus.empty()) fail("consensus nodes of a new chain are not simulated");
  const auto known = judge_known(main, operation.accounting);
  if (known != Verdict::accepted) return known;
  const KeyRow row = for_others(main.keys.at(operation.accounting));
  if (row.role != Role::node) return Verdict::not_capable;
  const std::vector<ChainId> others = concerned(main, row);
  const ChainId added(static_cast<std::uint16_t>(others.size() + 1));
  learn(main, ledger::ChainNodes{added, row, {}, 0});
  decide(main, others, ledger::ChainNodes{added, row, {}, 0});
  // The new one is told who signs for each, itself included.
  for (const auto& [chain, nodes] : main.nodes) {
    ledger::ChainNodes told{chain, for_others(main.keys.at(nodes.accounting)), {}, nodes.quorum};
    for (const KeyHash& each : nodes.consensus) {
      told.consensus.push_back(for_others(main.keys.at(each)));
    }
    send(main, added, told);
  }
  for (const auto& [asset, row_of_it] : main.assets) {
    if (!row_of_it.issuer) continue;
    send(main, added,
         ledger::KnownAsset{.asset = asset,
                            .code = row_of_it.code,
                            .scale = row_of_it.scale,
                            .smallest = Amount(row_of_it.smallest),
                            .issuer = *row_of_it.issuer});
  }
  return Verdict::accepted;
}

Verdict Model::apply(const Step& step, const tx::AddAsset& operation) {
  ModelChain& main = step.chain;
  const auto allowed = judge_decider(step.role, main.id);
  if (allowed != Verdict::accepted) return allowed;
  if (main.assets.contains(operation.asset)) return Verdict::asset_exists;
  const auto known = judge_known(main, operation.issuer);
  if (known != Verdict::accepted) return known;
  const KeyRow row = main.keys.at(operation.issuer);
  if (row.role != Role::issuer) return Verdict::not_capable;
  const ledger::KnownAsset asset{.asset = operation.asset,
                                 .code = operation.code,
                                 .scale = operation.scale,
                                 .smallest = operation.smallest,
                                 .issuer = AccountId::prefix_of(operation.issuer)};
  learn(main, asset);
  decide(main, concerned(main, for_others(row)), asset);
  return Verdict::accepted;
}

}  // namespace intaglio::simulation
