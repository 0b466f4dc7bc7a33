// How a ledger begins: its chains, rules, assets, first keys and first money. The SHA-256 of its
// encoding is the ledger's id, so everybody who knows the id knows the genesis.
#pragma once

#include <string>
#include <vector>

#include "ledger/nodes.h"
#include "ledger/stage.h"

namespace intaglio::ledger {

struct GenesisAsset {
  AssetId id;
  std::string code;
  std::uint8_t scale = 0;
  Amount smallest;
  std::optional<AccountId> issuer;
  static constexpr auto fields() {
    return std::tuple(field(1, "id", &GenesisAsset::id, "ISO 4217 number where there is one"),
                      field(2, "code", &GenesisAsset::code, "three letters"),
                      field(3, "scale", &GenesisAsset::scale, "decimal places"),
                      field(4, "smallest", &GenesisAsset::smallest, "smallest transfer"),
                      field(5, "issuer", &GenesisAsset::issuer, "of an issuer's key below"));
  }
};

// A certificate issued before the ledger began: the root's, the issuing authority's, a server's.
struct GenesisCertificate {
  CertificateId id;
  Millis valid_until;
  static constexpr auto fields() {
    return std::tuple(field(1, "id", &GenesisCertificate::id, "which"),
                      field(2, "valid_until", &GenesisCertificate::valid_until, "its notAfter"));
  }
};

// A key known from the start on every chain: the authority, the services, the first holder.
struct GenesisKey {
  crypto::PublicKey key;
  Role role = Role::holder;
  std::optional<GenesisCertificate> certificate = {};  // nothing: the genesis alone vouches for it
  static constexpr auto fields() {
    return std::tuple(field(1, "key", &GenesisKey::key, "the public key"),
                      field(2, "role", &GenesisKey::role, "what it may do"),
                      field(3, "certificate", &GenesisKey::certificate, "of that key"));
  }
};

struct GenesisMoney {
  ChainId chain;
  AccountId account;
  AssetId asset;
  Amount amount;
  static constexpr auto fields() {
    return std::tuple(field(1, "chain", &GenesisMoney::chain, "on which chain"),
                      field(2, "account", &GenesisMoney::account, "of a key above"),
                      field(3, "asset", &GenesisMoney::asset, "of which asset"),
                      field(4, "amount", &GenesisMoney::amount, "how much"));
  }
};

struct Genesis {
  std::string name;
  Millis time;
  std::uint16_t chains = 0;  // chain 0, the main chain, and chains - 1 sub-chains
  ParamsRow params;
  std::vector<GenesisAsset> assets;
  std::vector<GenesisKey> keys;
  std::vector<GenesisMoney> money;
  std::vector<NodesRow> nodes;  // of keys above, by chain: who signs for it

  static constexpr auto fields() {
    return std::tuple(field(1, "name", &Genesis::name, "for people"),
                      field(2, "time", &Genesis::time, "ms; no block is earlier"),
                      field(3, "chains", &Genesis::chains, "main chain and sub-chains"),
                      field(4, "params", &Genesis::params, "the rules of every chain"),
                      field(5, "assets", &Genesis::assets, "on every chain"),
                      field(6, "keys", &Genesis::keys, "known from the start, on every chain"),
                      field(7, "money", &Genesis::money, "issued at the start"),
                      field(8, "nodes", &Genesis::nodes, "by chain, who signs for it"));
  }
};

// The rules a ledger has unless its genesis says otherwise.
ParamsRow default_params();

LedgerId ledger_id(const Genesis& genesis);

// Of its canonical bytes, which are what the ledger's id is the hash of: what records refuse, and
// what check_genesis does.
Result<Genesis> genesis_from_bytes(ByteView bytes);
inline constexpr std::size_t kMaxGenesis = std::size_t{4} << 20;  // bytes

// `bad_setting` with the place: no chains, money on a chain or of an asset or for an account that
// there is not, a sum that does not fit; a key or a certificate that stands twice; a chain without
// nodes, with a key that is no node's, or with what check_nodes refuses.
Result<void> check_genesis(const Genesis& genesis);

// Writes one chain's first rows. The genesis must have passed check_genesis. A chain that the
// genesis does not have yet begins without money and without accounts, and learns the rest from the
// main chain.
void apply_genesis(Stage& stage, const Genesis& genesis, ChainId chain);

}  // namespace intaglio::ledger
