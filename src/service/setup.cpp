#include "service/setup.h"

#include <filesystem>

#include "base/format.h"
#include "element/secure_element.h"
#include "pki/certificate.h"
#include "service/keys.h"

namespace intaglio::service {
namespace {

constexpr std::size_t kMaxGenesis = std::size_t{4} << 20;
constexpr Duration kTenYears = seconds(std::uint64_t{10} * 365 * 24 * 3600);

Result<void> make_folders(const std::string& folder) {
  for (const auto* below : {"", "/keys", "/authority", "/tls"}) {
    std::error_code failed;
    std::filesystem::create_directories(folder + below, failed);
    if (failed) return refuse(Verdict::file_failed, folder + below + " (" + failed.message() + ')');
  }
  return {};
}

using Key = std::unique_ptr<element::SecureElement>;

// A new key, over whatever an interrupted set-up left there.
Result<Key> make_key(const std::string& folder, std::string_view name, const Secret& passphrase,
                     Env& env) {
  std::error_code ignored;
  std::filesystem::remove(key_path(folder, name), ignored);
  return element::create_key("soft:" + key_path(folder, name), passphrase, env);
}

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

Result<void> make_authority(const std::string& folder, const SetupOptions& options,
                            const Secret& passphrase, Env& env) {
  ASSIGN(const auto root_key, make_key(folder, "root", passphrase, env));
  ASSIGN(const auto issuing_key, make_key(folder, "issuing", passphrase, env));
  ASSIGN(const auto root,
         pki::build_self_signed(
             authority_content(options, "root", root_key->public_key(), pki::RootAuthority{}, env),
             element::signer_of(*root_key)));
  ASSIGN(const auto issuing,
         pki::build_certificate(authority_content(options, "issuing", issuing_key->public_key(),
                                                  pki::IssuingAuthority{}, env),
                                root, element::signer_of(*root_key)));
  TRY(write_text(folder + "/authority/root.pem", root.to_pem(), 0644, env));
  return write_text(folder + "/authority/issuing.pem", issuing.to_pem(), 0644, env);
}

// The TLS key's file is an element's like the others; the TLS library reads it with the passphrase.
Result<void> make_tls(const std::string& folder, const SetupOptions& options,
                      const Secret& passphrase, Env& env) {
  ASSIGN(const auto key, make_key(folder, "tls", passphrase, env));
  ASSIGN(const auto certificate,
         pki::build_self_signed(authority_content(options, "node", key->public_key(),
                                                  pki::TlsServer{options.host_names}, env),
                                element::signer_of(*key)));
  return write_text(folder + "/tls/certificate.pem", certificate.to_pem(), 0644, env);
}

// The keys that a node makes for itself.
struct OwnKeys {
  crypto::PublicKey authority;
  crypto::PublicKey desk;
  crypto::PublicKey treasury;
  crypto::PublicKey node;
};

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
                          .nodes = {options.chains, {own.node.hash(), {}, 0}}};
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
  TRY(make_authority(folder, options, passphrase, env));
  TRY(make_tls(folder, options, passphrase, env));
  ASSIGN(const auto node, make_key(folder, "node", passphrase, env));
  ASSIGN(const auto authority, make_key(folder, "authority", passphrase, env));
  ASSIGN(const auto desk, make_key(folder, "service", passphrase, env));
  ASSIGN(const auto treasury, make_key(folder, "treasury", passphrase, env));
  TRY(create_display_secret(folder, passphrase, env));
  const auto genesis = make_genesis(options,
                                    {.authority = authority->public_key(),
                                     .desk = desk->public_key(),
                                     .treasury = treasury->public_key(),
                                     .node = node->public_key()},
                                    env);
  TRY(ledger::check_genesis(genesis));
  // Last: a folder with a genesis is whole.
  return env.write_file(genesis_path, codec::encode_record(genesis), 0644);
}

Result<ledger::Genesis> read_genesis(const std::string& folder, Env& env) {
  ASSIGN(const auto bytes, env.read_file(folder + "/genesis.cbor", kMaxGenesis));
  auto genesis = codec::decode_record<ledger::Genesis>(bytes, {.bytes = kMaxGenesis});
  if (!genesis) return refuse_within("genesis.cbor", genesis.error());
  TRY(ledger::check_genesis(*genesis));
  return *std::move(genesis);
}

}  // namespace intaglio::service
