#include "service/setup.h"

#include <filesystem>

#include "base/format.h"
#include "element/secure_element.h"
#include "ledger/certificates.h"
#include "pki/path.h"
#include "service/certificate/ceremony.h"
#include "service/keys.h"

namespace intaglio::service {
namespace {

constexpr std::size_t kMaxPem = 64 * 1024;
constexpr Duration kTenYears(kYear.value() * 10);

Result<void> make_folders(const std::string& folder) {
  for (const auto* below : {"", "/keys", "/authority", "/tls"}) TRY(make_folder(folder + below));
  return {};
}

// What set-up makes first is the node's key: a folder without one is not an unfinished one.
Result<void> check_no_root(const std::string& folder) {
  const std::string path = folder + "/authority/root.pem";
  if (has_key(folder, "node") || !std::filesystem::exists(path)) return {};
  return refuse(Verdict::file_failed, path + " (a root's folder)");
}

// What an earlier call certified, by keys that this one replaces.
void remove_unfinished(const std::string& folder) {
  std::vector<std::string> folders = {folder};
  for (std::size_t i = 1; i <= proof::kMaxConsensusNodes; ++i) {
    folders.push_back(consensus_folder(folder, i));
  }
  for (const std::string& each : folders) {
    for (const auto* file : {"/authority/root.pem", "/authority/issuing.pem",
                             "/authority/issuing.csr", "/authority/cmp.pem", "/tls/peer.pem"}) {
      std::error_code ignored;
      std::filesystem::remove(each + file, ignored);
    }
  }
}

// The consensus nodes, a folder for each that is all such a node needs; their keys.
Result<std::vector<crypto::PublicKey>> make_consensus(const std::string& folder,
                                                      const SetupOptions& options,
                                                      const Secret& passphrase, Env& env) {
  if (options.consensus > proof::kMaxConsensusNodes) {
    return refuse(Verdict::bad_setting, "consensus");
  }
  std::vector<crypto::PublicKey> out;
  for (std::size_t i = 1; i <= options.consensus; ++i) {
    const std::string below = consensus_folder(folder, i);
    TRY(make_folders(below));
    // A file: the folder is one that can be moved to another machine.
    ASSIGN(const auto key, make_key(below, "node", {}, passphrase, env));
    out.push_back(key->public_key());
  }
  return out;
}

Result<void> write_root(const std::string& folder, const SetupOptions& options,
                        const pki::Certificate& root, Env& env) {
  std::vector<std::string> folders = {folder};
  for (std::size_t i = 1; i <= options.consensus; ++i) {
    folders.push_back(consensus_folder(folder, i));
  }
  for (const std::string& each : folders) {
    TRY(env.write_file(each + "/authority/root.pem", as_bytes(root.to_pem()), 0644));
  }
  return {};
}

// The issuing key, and what there is to certify with it, in a folder whose other keys are there:
// with a root of its own, or a request to the one that is elsewhere.
Result<void> make_authority(const std::string& folder, const SetupOptions& options,
                            const Secret& passphrase, Env& env) {
  ASSIGN(const auto key, make_first_issuer(folder, options.key_place, passphrase, env));
  if (options.root) {
    TRY(write_root(folder, options, *options.root, env));
    TRY(write_first_request(folder, options.name, *key, env));
    return {};
  }
  ASSIGN(const auto root_key, make_key(folder, "root", options.key_place, passphrase, env));
  const auto signer = element::signer_of(*root_key);
  ASSIGN(const auto root,
         pki::build_self_signed(authority_content(options.name, "root", root_key->public_key(),
                                                  pki::RootAuthority{}, kTenYears, env),
                                signer));
  ASSIGN(const auto issuing,
         pki::build_certificate(authority_content(options.name, "issuing", key->public_key(),
                                                  pki::IssuingAuthority{}, kTenYears, env),
                                root, signer));
  TRY(write_root(folder, options, root, env));
  return install_first_issuer(folder, options.name, issuing, *key, passphrase, env);
}

// The keys that a node makes for itself.
struct OwnKeys {
  crypto::PublicKey authority;
  crypto::PublicKey desk;
  crypto::PublicKey treasury;
  crypto::PublicKey node;
  std::vector<crypto::PublicKey> consensus;
};

// What was certified before the ledger begins, which its main chain records at once.
Result<void> add_certified(ledger::Genesis& genesis, const std::string& folder, Env& env) {
  ASSIGN(const auto certificates, own_certificates(folder, env));
  for (const pki::Certificate& each : certificates) {
    const auto issuer = std::ranges::find_if(
        certificates, [&](const auto& other) { return pki::names_issuer(each, other); });
    CHECK(issuer != certificates.end());
    genesis.keys.push_back({.key = each.public_key(),
                            .role = ledger::Role::member,
                            .certificate = {{.id = ledger::certificate_id(each, issuer->key_hash()),
                                             .valid_until = each.validity().not_after}}});
  }
  return {};
}

std::vector<ledger::Validator> validators_of(const SetupOptions& options,
                                             const crypto::PublicKey& own, std::uint16_t chain) {
  std::vector<ledger::Validator> out;
  for (const SetupValidator& each : options.validators) {
    const crypto::PublicKey& node = out.empty() ? own : each.node;
    out.push_back({.node = node.hash(), .key = each.keys.at(chain), .power = 1});
  }
  std::ranges::sort(out, {}, &ledger::Validator::node);
  return out;
}

ledger::Genesis make_genesis(const SetupOptions& options, const OwnKeys& own, Env& env) {
  ledger::Genesis genesis{.name = options.name,
                          .time = env.now(),
                          .chains = options.chains,
                          .params = options.params,
                          .assets = options.assets,
                          .keys = {{own.authority, ledger::Role::authority},
                                   {own.desk, ledger::Role::service},
                                   {own.treasury, ledger::Role::holder},
                                   {own.node, ledger::Role::node}},
                          .money = options.money,
                          .nodes = {}};
  ledger::NodesRow nodes{.accounting = own.node.hash(), .consensus = {}, .quorum = 0};
  for (const crypto::PublicKey& each : own.consensus) {
    genesis.keys.push_back({each, ledger::Role::node});
    nodes.consensus.push_back(each.hash());
  }
  const std::size_t count = nodes.consensus.size();
  if (count > 0) nodes.quorum = static_cast<std::uint8_t>(count / 2 + 1);
  for (std::size_t i = 1; i < options.validators.size(); ++i) {
    genesis.keys.push_back({options.validators[i].node, ledger::Role::node});
  }
  genesis.nodes.assign(options.chains, nodes);
  if (!options.validators.empty()) {
    for (std::uint16_t chain = 0; chain < options.chains; ++chain) {
      genesis.nodes[chain].validators = validators_of(options, own.node, chain);
    }
  }
  genesis.keys.insert(genesis.keys.end(), options.keys.begin(), options.keys.end());
  for (std::uint16_t chain = 0; chain < options.chains; ++chain) {
    for (const Money& money : options.treasury) {
      genesis.money.push_back(
          {ChainId(chain), AccountId::prefix_of(own.treasury.hash()), money.asset, money.amount});
    }
  }
  return genesis;
}

}  // namespace

Result<void> create_data_folder(const std::string& folder, const SetupOptions& options,
                                const Secret& passphrase, Env& env) {
  const std::string genesis_path = folder + "/genesis.cbor";
  if (std::filesystem::exists(genesis_path)) {
    return refuse(Verdict::file_failed, genesis_path + " (is there already)");
  }
  TRY(check_no_root(folder));
  remove_unfinished(folder);
  TRY(make_folders(folder));
  ASSIGN(const auto node, make_key(folder, "node", options.key_place, passphrase, env));
  ASSIGN(auto consensus, make_consensus(folder, options, passphrase, env));
  TRY(make_tls(folder, options.name, options.host_names, passphrase, env));
  TRY(make_authority(folder, options, passphrase, env));
  ASSIGN(const auto authority, make_key(folder, "authority", options.key_place, passphrase, env));
  ASSIGN(const auto desk, make_key(folder, "service", options.key_place, passphrase, env));
  ASSIGN(const auto treasury, make_key(folder, "treasury", options.key_place, passphrase, env));
  TRY(create_desk_secret(folder, kDisplayDesk, passphrase, env));
  TRY(create_desk_secret(folder, kClientDesk, passphrase, env));
  auto genesis = make_genesis(options,
                              {.authority = authority->public_key(),
                               .desk = desk->public_key(),
                               .treasury = treasury->public_key(),
                               .node = node->public_key(),
                               .consensus = std::move(consensus)},
                              env);
  TRY(add_certified(genesis, folder, env));
  TRY(ledger::check_genesis(genesis));
  const Bytes encoded = codec::encode_record(genesis);
  for (std::size_t i = 1; i <= options.consensus; ++i) {
    TRY(env.write_file(consensus_folder(folder, i) + "/genesis.cbor", encoded, 0644));
  }
  // Last: a folder with a genesis is whole.
  return env.write_file(genesis_path, encoded, 0644);
}

Result<NodeTls> read_node_tls(const std::string& folder, Env& env) {
  ASSIGN(const auto name, newest_peer(folder, env));
  ASSIGN(const auto certificate, env.read_file(format("{}/tls/{}.pem", folder, name), kMaxPem));
  ASSIGN(auto key, env.read_file(key_path(folder, name), kMaxPem));
  ASSIGN(const auto root, env.read_file(folder + "/authority/root.pem", kMaxPem));
  return NodeTls{std::string(as_text(certificate)), std::move(key), std::string(as_text(root))};
}

Result<ledger::Genesis> read_genesis(const std::string& folder, Env& env) {
  ASSIGN(const auto bytes, env.read_file(folder + "/genesis.cbor", ledger::kMaxGenesis));
  auto genesis = ledger::genesis_from_bytes(bytes);
  if (!genesis) return refuse_within("genesis.cbor", genesis.error());
  return *std::move(genesis);
}

}  // namespace intaglio::service
