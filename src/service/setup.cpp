#include "service/setup.h"

#include <filesystem>

#include "base/format.h"
#include "element/secure_element.h"
#include "ledger/certificates.h"
#include "pki/certificate.h"
#include "service/keys.h"

namespace intaglio::service {
namespace {

constexpr std::size_t kMaxPem = 64 * 1024;
constexpr Duration kTenYears = seconds(std::uint64_t{10} * 365 * 24 * 3600);

Result<void> make_folders(const std::string& folder) {
  for (const auto* below : {"", "/keys", "/authority", "/tls"}) {
    const std::string path = folder + below;
    std::error_code failed;
    std::filesystem::create_directories(path, failed);
    if (failed) return refuse(Verdict::file_failed, path + " (" + failed.message() + ')');
  }
  return {};
}

using Key = std::unique_ptr<element::SecureElement>;

pki::CertificateContent authority_content(const SetupOptions& options, std::string_view title,
                                          const crypto::PublicKey& key,
                                          pki::CertificateProfile profile, Env& env) {
  return {.serial = pki::serial_from(env.random_id<pki::SerialBits>()),
          .subject = {.organization = options.name,
                      .common_name = format("{} {}", options.name, title),
                      .serial_number = {}},
          .validity = {env.now(), env.now() + kTenYears},
          .public_key = key,
          .profile = std::move(profile)};
}

Result<void> write_text(const std::string& path, std::string_view text, unsigned mode, Env& env) {
  return env.write_file(path, as_bytes(text), mode);
}

struct MadeAuthority {
  pki::Certificate root;
  pki::Certificate issuing;
  Key issuing_key;
};

// Signs the answers to clients that speak CMP and signed their request.
Result<pki::Certificate> make_cmp_protection(const std::string& folder, const SetupOptions& options,
                                             const MadeAuthority& authority,
                                             const Secret& passphrase, Env& env) {
  ASSIGN(const auto key, make_key(folder, "cmp", options.key_place, passphrase, env));
  ASSIGN(auto certificate,
         pki::build_certificate(
             authority_content(options, "cmp", key->public_key(), pki::CmpProtection{}, env),
             authority.issuing, element::signer_of(*authority.issuing_key)));
  TRY(write_text(folder + "/authority/cmp.pem", certificate.to_pem(), 0644, env));
  return certificate;
}

Result<void> write_authority(const std::string& folder, const MadeAuthority& authority, Env& env) {
  TRY(write_text(folder + "/authority/root.pem", authority.root.to_pem(), 0644, env));
  return write_text(folder + "/authority/issuing.pem", authority.issuing.to_pem(), 0644, env);
}

Result<MadeAuthority> make_authority(const std::string& folder, const SetupOptions& options,
                                     const Secret& passphrase, Env& env) {
  const std::string& place = options.key_place;
  ASSIGN(const auto root_key, make_key(folder, "root", place, passphrase, env));
  ASSIGN(auto issuing_key, make_key(folder, "issuing", place, passphrase, env));
  ASSIGN(auto root,
         pki::build_self_signed(
             authority_content(options, "root", root_key->public_key(), pki::RootAuthority{}, env),
             element::signer_of(*root_key)));
  ASSIGN(auto issuing,
         pki::build_certificate(authority_content(options, "issuing", issuing_key->public_key(),
                                                  pki::IssuingAuthority{}, env),
                                root, element::signer_of(*root_key)));
  MadeAuthority made{std::move(root), std::move(issuing), std::move(issuing_key)};
  TRY(write_authority(folder, made, env));
  return made;
}

// What a node shows to others of its ledger: that the authority knows this TLS key for one of the
// node with that ledger key. With the issuing certificate after it.
Result<pki::Certificate> certify_node(const std::string& folder, const SetupOptions& options,
                                      const MadeAuthority& authority,
                                      const element::SecureElement& tls, const KeyHash& node,
                                      Env& env) {
  auto content =
      authority_content(options, "node", tls.public_key(), pki::CertificateUsage::node, env);
  content.subject.serial_number = codec::to_hex(node);
  ASSIGN(auto certificate, pki::build_certificate(content, authority.issuing,
                                                  element::signer_of(*authority.issuing_key)));
  TRY(write_text(folder + "/tls/node.pem", certificate.to_pem() + authority.issuing.to_pem(), 0644,
                 env));
  return certificate;
}

// The TLS key is a file wherever the others are: the TLS library reads it, with the passphrase.
Result<Key> make_tls(const std::string& folder, const SetupOptions& options,
                     const Secret& passphrase, Env& env) {
  ASSIGN(auto key, make_key(folder, "tls", {}, passphrase, env));
  ASSIGN(const auto certificate,
         pki::build_self_signed(authority_content(options, "node", key->public_key(),
                                                  pki::TlsServer{options.host_names}, env),
                                element::signer_of(*key)));
  TRY(write_text(folder + "/tls/certificate.pem", certificate.to_pem(), 0644, env));
  return key;
}

// The consensus nodes, a folder for each that is all such a node needs.
struct MadeConsensus {
  std::vector<crypto::PublicKey> keys;
  std::vector<pki::Certificate> certificates;
};
Result<MadeConsensus> make_consensus(const std::string& folder, const SetupOptions& options,
                                     const MadeAuthority& authority, const Secret& passphrase,
                                     Env& env) {
  if (options.consensus > proof::kMaxConsensusNodes) {
    return refuse(Verdict::bad_setting, "consensus");
  }
  MadeConsensus out;
  for (std::size_t i = 1; i <= options.consensus; ++i) {
    const std::string below = consensus_folder(folder, i);
    TRY(make_folders(below));
    // Files: the folder is one that can be moved to another machine.
    ASSIGN(const auto key, make_key(below, "node", {}, passphrase, env));
    ASSIGN(const auto tls, make_key(below, "tls", {}, passphrase, env));
    TRY(write_authority(below, authority, env));
    ASSIGN(auto certificate,
           certify_node(below, options, authority, *tls, key->public_key().hash(), env));
    out.keys.push_back(key->public_key());
    out.certificates.push_back(std::move(certificate));
  }
  return out;
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
void add_certified(ledger::Genesis& genesis, const pki::Certificate& certificate,
                   const KeyHash& issuer) {
  genesis.keys.push_back({.key = certificate.public_key(),
                          .role = ledger::Role::member,
                          .certificate = {{.id = ledger::certificate_id(certificate, issuer),
                                           .valid_until = certificate.validity().not_after}}});
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
  genesis.nodes.assign(options.chains, nodes);
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
  TRY(make_folders(folder));
  ASSIGN(const auto certifier, make_authority(folder, options, passphrase, env));
  ASSIGN(const auto cmp, make_cmp_protection(folder, options, certifier, passphrase, env));
  ASSIGN(const auto tls, make_tls(folder, options, passphrase, env));
  ASSIGN(const auto node, make_key(folder, "node", options.key_place, passphrase, env));
  ASSIGN(const auto of_node,
         certify_node(folder, options, certifier, *tls, node->public_key().hash(), env));
  ASSIGN(const auto authority, make_key(folder, "authority", options.key_place, passphrase, env));
  ASSIGN(const auto desk, make_key(folder, "service", options.key_place, passphrase, env));
  ASSIGN(const auto treasury, make_key(folder, "treasury", options.key_place, passphrase, env));
  TRY(create_desk_secret(folder, kDisplayDesk, passphrase, env));
  TRY(create_desk_secret(folder, kClientDesk, passphrase, env));
  ASSIGN(auto consensus, make_consensus(folder, options, certifier, passphrase, env));
  auto genesis = make_genesis(options,
                              {.authority = authority->public_key(),
                               .desk = desk->public_key(),
                               .treasury = treasury->public_key(),
                               .node = node->public_key(),
                               .consensus = std::move(consensus.keys)},
                              env);
  const KeyHash root = certifier.root.key_hash();
  const KeyHash issuing = certifier.issuing.key_hash();
  add_certified(genesis, certifier.root, root);
  add_certified(genesis, certifier.issuing, root);
  add_certified(genesis, cmp, issuing);
  add_certified(genesis, of_node, issuing);
  for (const auto& each : consensus.certificates) add_certified(genesis, each, issuing);
  TRY(ledger::check_genesis(genesis));
  const Bytes encoded = codec::encode_record(genesis);
  for (std::size_t i = 1; i <= options.consensus; ++i) {
    TRY(env.write_file(consensus_folder(folder, i) + "/genesis.cbor", encoded, 0644));
  }
  // Last: a folder with a genesis is whole.
  return env.write_file(genesis_path, encoded, 0644);
}

Result<NodeTls> read_node_tls(const std::string& folder, Env& env) {
  ASSIGN(const auto certificate, env.read_file(folder + "/tls/node.pem", kMaxPem));
  ASSIGN(auto key, env.read_file(key_path(folder, "tls"), kMaxPem));
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
