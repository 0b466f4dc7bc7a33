#include "ledger/genesis.h"

#include <map>
#include <set>

#include "base/check.h"
#include "base/format.h"
#include "crypto/sha256.h"
#include "ledger/book.h"
#include "ledger/certificates.h"
#include "ledger/streams.h"
#include "ledger/trust.h"

namespace intaglio::ledger {
namespace {

AccountId account_of(const crypto::PublicKey& key) { return AccountId::prefix_of(key.hash()); }

KeyRow row_of(const GenesisKey& key, Millis time) {
  const auto& certificate = key.certificate;
  return {.public_key = key.key,
          .role = key.role,
          .status = KeyStatus::active,
          .valid_from = time,
          .valid_until = certificate ? certificate->valid_until : Millis(UINT64_MAX),
          .certificate = certificate ? std::optional(certificate->id) : std::nullopt,
          .chains = key.role == Role::member ? std::optional<std::vector<ChainId>>(std::in_place)
                                             : std::nullopt};
}

bool has_account(const Genesis& genesis, const AccountId& account) {
  for (const auto& key : genesis.keys) {
    if (opens_account(key.role) && account_of(key.key) == account) return true;
  }
  return false;
}

bool is_issuer(const Genesis& genesis, const AccountId& account) {
  return std::ranges::any_of(genesis.keys, [&](const GenesisKey& each) {
    return each.role == Role::issuer && account_of(each.key) == account;
  });
}

bool has_asset(const Genesis& genesis, AssetId asset) {
  return std::ranges::find(genesis.assets, asset, &GenesisAsset::id) != genesis.assets.end();
}

bool is_node(const Genesis& genesis, const KeyHash& hash) {
  return std::ranges::any_of(genesis.keys, [&](const GenesisKey& each) {
    return each.role == Role::node && each.key.hash() == hash;
  });
}

Result<void> check_nodes_of(const Genesis& genesis, std::size_t chain) {
  const NodesRow& nodes = genesis.nodes[chain];
  const auto at = [chain](std::string_view name) { return format("nodes[{}].{}", chain, name); };
  if (const auto checked = check_nodes(nodes); !checked) {
    return refuse(Verdict::bad_setting, at(checked.error().where));
  }
  if (!is_node(genesis, nodes.accounting)) return refuse(Verdict::bad_setting, at("accounting"));
  for (std::size_t i = 0; i < nodes.consensus.size(); ++i) {
    if (!is_node(genesis, nodes.consensus[i])) {
      return refuse(Verdict::bad_setting, at(format("consensus[{}]", i)));
    }
  }
  for (std::size_t i = 0; nodes.by_comet() && i < nodes.validators->size(); ++i) {
    if (!is_node(genesis, nodes.validators->at(i).node)) {
      return refuse(Verdict::bad_setting, at(format("validators[{}].node", i)));
    }
  }
  return {};
}

}  // namespace

ParamsRow default_params() {
  return {.max_validity = seconds(24 * 3600),
          .max_operations = 64,
          .max_open_holds = 64,
          .max_hold = seconds(30 * 24 * 3600),
          .code_step = seconds(15),
          .code_window = 1,
          .claim_time = seconds(120),
          .code_guid = "org.intaglio",
          .max_in_flight = 4096,
          .control_max_age = seconds(600),
          .max_settlement = seconds(30 * 24 * 3600),
          .max_open_settlements = 256,
          .max_packets = 1024,
          .max_live = 1'000'000,
          .max_in_block = 1000};
}

LedgerId ledger_id(const Genesis& genesis) {
  return *LedgerId::from(crypto::sha256(codec::encode_record(genesis)).view());
}

Result<Genesis> genesis_from_bytes(ByteView bytes) {
  ASSIGN(auto genesis, codec::decode_record<Genesis>(bytes, {.bytes = kMaxGenesis}));
  TRY(check_genesis(genesis));
  return genesis;
}

Result<void> check_genesis(const Genesis& genesis) {
  if (genesis.chains == 0) return refuse(Verdict::bad_setting, "chains");
  if (genesis.params.max_operations == 0) {
    return refuse(Verdict::bad_setting, "params.max_operations");
  }
  if (genesis.params.code_step == Duration(0)) {
    return refuse(Verdict::bad_setting, "params.code_step");
  }
  if (genesis.params.control_max_age == Duration(0)) {
    return refuse(Verdict::bad_setting, "params.control_max_age");
  }
  for (std::size_t i = 0; i < genesis.assets.size(); ++i) {
    const auto& issuer = genesis.assets[i].issuer;
    if (issuer && !is_issuer(genesis, *issuer)) {
      return refuse(Verdict::bad_setting, format("assets[{}].issuer", i));
    }
  }
  std::set<KeyHash> keys;
  std::set<std::pair<KeyHash, SerialNumber>> certificates;
  for (std::size_t i = 0; i < genesis.keys.size(); ++i) {
    const GenesisKey& each = genesis.keys[i];
    if (!keys.insert(each.key.hash()).second) {
      return refuse(Verdict::bad_setting, format("keys[{}].key", i));
    }
    if (!each.certificate) continue;
    const CertificateId& id = each.certificate->id;
    if (!certificates.insert({id.issuer, id.serial}).second) {
      return refuse(Verdict::bad_setting, format("keys[{}].certificate", i));
    }
  }
  if (genesis.nodes.size() != genesis.chains) return refuse(Verdict::bad_setting, "nodes");
  for (std::size_t i = 0; i < genesis.nodes.size(); ++i) TRY(check_nodes_of(genesis, i));
  std::map<std::pair<ChainId, AssetId>, Amount> sums;
  for (std::size_t i = 0; i < genesis.money.size(); ++i) {
    const GenesisMoney& money = genesis.money[i];
    const auto at = [i](std::string_view name) { return format("money[{}].{}", i, name); };
    if (money.chain.value() >= genesis.chains) return refuse(Verdict::bad_setting, at("chain"));
    if (!has_asset(genesis, money.asset)) return refuse(Verdict::bad_setting, at("asset"));
    if (!has_account(genesis, money.account)) return refuse(Verdict::bad_setting, at("account"));
    Amount& sum = sums[{money.chain, money.asset}];
    const auto grown = add(sum, money.amount);
    if (!grown) return refuse(Verdict::bad_setting, at("amount"));
    sum = *grown;
  }
  return {};
}

void apply_genesis(Stage& stage, const Genesis& genesis, ChainId chain) {
  stage.put<ParamsRow>({}, genesis.params);
  for (const auto& asset : genesis.assets) {
    stage.put<AssetRow>(asset.id, {.code = asset.code,
                                   .scale = asset.scale,
                                   .smallest = asset.smallest,
                                   .issued = {},
                                   .burned = {},
                                   .issuer = asset.issuer});
  }
  // Of whom an account is, much may have been decided before a chain was added.
  const bool was_added = chain.value() >= genesis.chains;
  for (const auto& key : genesis.keys) {
    if (was_added && opens_account(key.role)) continue;
    if (key.role == Role::member && chain != kMainChain) continue;
    const KeyRow row = row_of(key, genesis.time);
    stage.put<KeyRow>(key.key.hash(), row);
    if (row.certificate && chain == kMainChain) {
      CHECK(log_certificate(stage, row, genesis.time).has_value());  // check_genesis
    }
    if (opens_account(key.role)) {
      stage.put<AccountRow>(account_of(key.key), {.key = key.key.hash()});
    }
  }
  for (std::uint16_t i = 0; i < genesis.chains; ++i) {
    const NodesRow& nodes = genesis.nodes[i];
    stage.put<NodesRow>(ChainId(i), nodes);
    if (nodes.by_comet() && ChainId(i) != chain) {
      stage.put<TrustRow>(ChainId(i), first_trust(nodes));
    }
  }
  if (chain != kMainChain) stage.put<InStreamRow>(kMainChain, {.next = 0, .as_of = genesis.time});
  const TxId origin = *TxId::from(ledger_id(genesis).view());
  for (std::size_t i = 0; i < genesis.money.size(); ++i) {
    const GenesisMoney& money = genesis.money[i];
    if (money.chain != chain) continue;
    issue(stage, {origin, static_cast<std::uint16_t>(i)}, money.account,
          {money.amount, money.asset}, genesis.time);
  }
}

}  // namespace intaglio::ledger
