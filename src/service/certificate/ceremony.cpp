#include "service/certificate/ceremony.h"

#include <algorithm>
#include <filesystem>

#include "base/format.h"
#include "base/whole_seconds.h"
#include "pki/certification_request.h"
#include "pki/path.h"
#include "service/certificate/issuers.h"
#include "service/keys.h"
#include "service/setup.h"

namespace intaglio::service {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxPem = 64 * 1024;
constexpr std::size_t kMaxNumber = 99;  // of all that a folder ever had

std::string authority_path(const std::string& folder, std::string_view name,
                           std::string_view kind) {
  return format("{}/authority/{}.{}", folder, name, kind);
}
std::string issuer_path(const std::string& folder, std::size_t number) {
  return authority_path(folder, numbered("issuing", number), "pem");
}
std::string request_path(const std::string& folder, std::size_t number) {
  return authority_path(folder, numbered("issuing", number), "csr");
}
std::string cmp_path(const std::string& folder, std::size_t number) {
  return authority_path(folder, numbered("cmp", number), "pem");
}
std::string peer_path(const std::string& folder, std::size_t number) {
  return format("{}/tls/{}.pem", folder, numbered("peer", number));
}

// The subject tells it from the others: lists and answers are found by name. Numbers are of a
// folder, which may be restored from a backup, so the key is in it too.
pki::Name subject_of(std::string_view name, std::size_t number, const KeyHash& key) {
  if (number == 1) {
    return {.organization = std::string(name),
            .common_name = format("{} issuing", name),
            .serial_number = {}};
  }
  return {.organization = std::string(name),
          .common_name = format("{} issuing {}", name, number),
          .serial_number = codec::to_hex(key).substr(0, 16)};
}

std::string root_list_path(const std::string& folder) {
  return authority_path(folder, "root", "crl");
}

Result<void> write_text(const std::string& path, std::string_view text, Env& env) {
  return env.write_file(path, as_bytes(text), 0644);
}

Result<IssuingRequest> write_request(const std::string& folder, std::string_view name,
                                     std::size_t number, element::SecureElement& key, Env& env) {
  IssuingRequest out{.name = numbered("issuing", number),
                     .path = request_path(folder, number),
                     .subject = subject_of(name, number, key.public_key().hash()),
                     .key = key.public_key().hash()};
  ASSIGN(const auto request,
         pki::build_certification_request(out.subject, element::signer_of(key)));
  TRY(write_text(out.path, pki::to_pem("CERTIFICATE REQUEST", request), env));
  return out;
}

// Which of the folder's requests is for this key.
Result<std::size_t> number_of_key(const std::string& folder, const crypto::PublicKey& key,
                                  Env& env) {
  for (std::size_t number = 1; number <= kMaxNumber; ++number) {
    const auto file = env.read_file(request_path(folder, number), kMaxPem);
    if (!file) continue;
    ASSIGN(const auto der, pki::certification_request_from_file(*file));
    ASSIGN(const auto request, pki::parse_certification_request(der));
    if (request.public_key == key) return number;
  }
  return refuse(Verdict::bad_key, "no request of this folder has it");
}

Result<void> check_issuer(const std::string& folder, const pki::Certificate& certificate,
                          std::size_t number, Env& env) {
  ASSIGN(const auto root, read_certificate(folder + "/authority/root.pem", env));
  const pki::PathMaterial material{.intermediates = {}, .anchors = {root}, .lists = {}};
  TRY(pki::validate_path(certificate, material, {.at = env.now()}));
  if (!certificate.is_authority()) return refuse(Verdict::not_capable, "no authority");
  ASSIGN(const auto list, installed_root_list(folder, env));
  if (list && find_on(*list, certificate)) return refuse(Verdict::certificate_revoked);
  ASSIGN(const auto others, installed_issuers(folder, env));
  for (const InstalledIssuer& other : others) {
    if (other.number == number) {
      // The main chain knows a key by one certificate, and so does everybody who met it.
      if (other.certificate == certificate) continue;
      return refuse(Verdict::conflict, other.name() + " has another certificate");
    }
    if (other.certificate.subject_der() == certificate.subject_der()) {
      return refuse(Verdict::conflict, other.name() + " has this subject");
    }
  }
  return {};
}

// The node's, and those of the consensus nodes inside.
std::vector<std::string> folders_of_nodes(const std::string& folder) {
  std::vector<std::string> out = {folder};
  for (std::size_t i = 1; i <= proof::kMaxConsensusNodes; ++i) {
    if (has_key(consensus_folder(folder, i), "node")) out.push_back(consensus_folder(folder, i));
  }
  return out;
}

using Key = std::unique_ptr<element::SecureElement>;

// As an interrupted call left it, or a new one.
Result<Key> ensure_key(const std::string& folder, std::string_view name, const std::string& place,
                       const Secret& passphrase, Env& env) {
  if (!has_key(folder, name)) return make_key(folder, name, place, passphrase, env);
  auto opened = open_key(folder, name, passphrase, env);
  const bool is_unmade = !opened && opened.error().verdict == Verdict::unknown_element;
  if (!is_unmade) return opened;
  // The line that says where it is to be came before it.
  return make_key(folder, name, place, passphrase, env);
}

Result<Key> ensure_issuer_keys(const std::string& folder, std::size_t number,
                               const std::string& place, const Secret& passphrase, Env& env) {
  TRY(ensure_key(folder, numbered("cmp", number), place, passphrase, env));
  for (const std::string& each : folders_of_nodes(folder)) {
    TRY(ensure_key(each, numbered("peer", number), {}, passphrase, env));
  }
  // Last: with it all of them are there.
  return ensure_key(folder, numbered("issuing", number), place, passphrase, env);
}

// Who certifies what a node shows.
struct Certifier {
  std::string_view name;  // of the ledger
  std::size_t number;
  const pki::Certificate& issuing;
  element::SecureElement& key;
};

// A certificate at `path` with the issuing one after it, unless it is there: a key is certified
// once.
Result<void> certify_shown(const std::string& path, const Certifier& by,
                           pki::CertificateContent content, Env& env) {
  if (fs::exists(path)) return {};
  content.validity.not_after = by.issuing.validity().not_after;
  ASSIGN(const auto certificate,
         pki::build_certificate(content, by.issuing, element::signer_of(by.key)));
  return write_text(path, certificate.to_pem() + by.issuing.to_pem(), env);
}

// All that a node shows; the issuing certificate last, so that what it stands for is there.
Result<void> install(const std::string& folder, const Certifier& by, const Secret& passphrase,
                     Env& env) {
  ASSIGN(const auto cmp, open_key(folder, numbered("cmp", by.number), passphrase, env));
  TRY(certify_shown(
      cmp_path(folder, by.number), by,
      authority_content(by.name, "cmp", cmp->public_key(), pki::CmpProtection{}, {}, env), env));
  for (const std::string& each : folders_of_nodes(folder)) {
    ASSIGN(const auto peer, ensure_key(each, numbered("peer", by.number), {}, passphrase, env));
    ASSIGN(const auto node, open_key(each, "node", passphrase, env));
    // That the authority knows this TLS key for one of the node with that ledger key.
    auto content = authority_content(by.name, "node", peer->public_key(),
                                     pki::CertificateUsage::node, {}, env);
    content.subject.serial_number = codec::to_hex(node->public_key().hash());
    TRY(certify_shown(peer_path(each, by.number), by, std::move(content), env));
  }
  return write_text(issuer_path(folder, by.number), by.issuing.to_pem(), env);
}

}  // namespace

std::string numbered(std::string_view stem, std::size_t number) {
  return number == 1 ? std::string(stem) : format("{}-{}", stem, number);
}

std::optional<pki::RevokedCertificate> find_on(const pki::RevocationList& list,
                                               const pki::Certificate& certificate) {
  const auto& revoked = list.content().revoked;
  const auto found =
      std::ranges::find(revoked, certificate.serial(), &pki::RevokedCertificate::serial);
  return found == revoked.end() ? std::nullopt : std::optional(*found);
}

Result<pki::Certificate> read_certificate(const std::string& path, Env& env) {
  ASSIGN(const auto bytes, env.read_file(path, kMaxPem));
  auto certificates = pki::certificates_from_pem(as_text(bytes));
  if (!certificates) return refuse_within(path, certificates.error());
  if (certificates->empty()) return refuse(Verdict::missing_field, path + " (no certificate)");
  return std::move(certificates->front());
}

pki::CertificateContent authority_content(std::string_view name, std::string_view title,
                                          const crypto::PublicKey& key,
                                          pki::CertificateProfile profile, Duration validity,
                                          Env& env) {
  return {.serial = pki::serial_from(env.random_id<pki::SerialBits>()),
          .subject = {.organization = std::string(name),
                      .common_name = format("{} {}", name, title),
                      .serial_number = {}},
          .validity = {env.now(), env.now() + validity},
          .public_key = key,
          .profile = std::move(profile)};
}

Result<pki::Certificate> create_root(const std::string& folder, const RootOptions& options,
                                     const Secret& passphrase, Env& env) {
  const std::string path = authority_path(folder, "root", "pem");
  if (fs::exists(path)) return refuse(Verdict::file_failed, path + " (is there already)");
  for (const auto* below : {"/keys", "/authority"}) {
    std::error_code failed;
    fs::create_directories(folder + below, failed);
    if (failed) return refuse(Verdict::file_failed, format("{} ({})", folder, failed.message()));
  }
  ASSIGN(const auto key, ensure_key(folder, "root", options.key_place, passphrase, env));
  ASSIGN(auto root,
         pki::build_self_signed(authority_content(options.name, "root", key->public_key(),
                                                  pki::RootAuthority{}, options.validity, env),
                                element::signer_of(*key)));
  // Last: a folder with it is whole.
  TRY(write_text(path, root.to_pem(), env));
  return root;
}

Result<Key> make_first_issuer(const std::string& folder, const std::string& key_place,
                              const Secret& passphrase, Env& env) {
  TRY(make_key(folder, "cmp", key_place, passphrase, env));
  for (const std::string& each : folders_of_nodes(folder)) {
    TRY(make_key(each, "peer", {}, passphrase, env));
  }
  return make_key(folder, "issuing", key_place, passphrase, env);
}

Result<IssuingRequest> write_first_request(const std::string& folder, std::string_view name,
                                           element::SecureElement& key, Env& env) {
  return write_request(folder, name, 1, key, env);
}

Result<void> install_first_issuer(const std::string& folder, std::string_view name,
                                  const pki::Certificate& issuing, element::SecureElement& key,
                                  const Secret& passphrase, Env& env) {
  return install(folder, {name, 1, issuing, key}, passphrase, env);
}

Result<IssuingRequest> request_issuer(const std::string& folder, const std::string& key_place,
                                      const Secret& passphrase, Env& env) {
  ASSIGN(const auto genesis, read_genesis(folder, env));
  ASSIGN(const auto before, installed_issuers(folder, env));
  const auto good = std::ranges::count_if(before, [&](const InstalledIssuer& each) {
    return each.certificate.validity().not_after > env.now();
  });
  if (static_cast<std::size_t>(good) >= kMaxIssuers) return refuse(Verdict::too_large, "issuers");
  // The one that waits for its certificate, or the next.
  std::size_t number = before.empty() ? 1 : before.front().number + 1;
  if (number > kMaxNumber) return refuse(Verdict::too_large, "issuers");
  // Nobody's passphrase but the node's: it has to open what is made here.
  TRY(open_key(folder, "node", passphrase, env));
  ASSIGN(const auto key, ensure_issuer_keys(folder, number, key_place, passphrase, env));
  return write_request(folder, genesis.name, number, *key, env);
}

Result<pki::Certificate> certify_issuer(const std::string& folder, ByteView request,
                                        Duration validity, const Secret& passphrase, Env& env) {
  ASSIGN(const auto der, pki::certification_request_from_file(request));
  ASSIGN(const auto verified, pki::verify_certification_request(der));
  ASSIGN(const auto root, read_certificate(authority_path(folder, "root", "pem"), env));
  const Millis now = env.now();
  if (now < root.validity().not_before || now >= root.validity().not_after) {
    return refuse(Verdict::certificate_not_valid_now, "root");
  }
  if (verified->subject == root.subject()) return refuse(Verdict::bad_value, "subject");
  ASSIGN(const auto key, open_key(folder, "root", passphrase, env));
  const pki::CertificateContent content{
      .serial = pki::serial_from(env.random_id<pki::SerialBits>()),
      .subject = verified->subject,
      .validity = {now, std::min(now + validity, root.validity().not_after)},
      .public_key = verified->public_key,
      .profile = pki::IssuingAuthority{}};
  return pki::build_certificate(content, root, element::signer_of(*key));
}

Result<pki::RevocationList> revoke_issuer(const std::string& folder, std::optional<ByteView> pem,
                                          pki::RevocationReason reason, const Secret& passphrase,
                                          Env& env) {
  ASSIGN(const auto root, read_certificate(authority_path(folder, "root", "pem"), env));
  ASSIGN(const auto before, installed_root_list(folder, env));
  const Millis now = whole_seconds(env.now());
  pki::RevocationListContent content{.number = env.now().value(),  // as StatusDesk::list() counts
                                     .this_update = now,
                                     .next_update = now + kRootListGood,
                                     .revoked = {}};
  if (before) {
    content.number = std::max(content.number, before->content().number + 1);
    content.revoked = before->content().revoked;
  }
  if (pem) {
    ASSIGN(const auto certificate, pki::Certificate::from_pem(as_text(*pem)));
    const pki::PathMaterial material{.intermediates = {}, .anchors = {root}, .lists = {}};
    const auto path =
        pki::validate_path(certificate, material, {.at = certificate.validity().not_before});
    if (certificate == root || !path) return refuse(Verdict::bad_value, "issuer");
    if (before && find_on(*before, certificate)) return refuse(Verdict::certificate_revoked);
    content.revoked.push_back({certificate.serial(), now, reason});
  }
  ASSIGN(const auto key, open_key(folder, "root", passphrase, env));
  ASSIGN(auto list, pki::build_revocation_list(content, root, element::signer_of(*key)));
  TRY(write_text(root_list_path(folder), list.to_pem(), env));
  return list;
}

Result<pki::RevocationList> install_root_list(const std::string& folder, ByteView pem, Env& env) {
  ASSIGN(auto list, pki::RevocationList::from_pem(as_text(pem)));
  ASSIGN(const auto root, read_certificate(authority_path(folder, "root", "pem"), env));
  TRY(pki::verify_revocation_list(list, root));
  for (const pki::RevokedCertificate& each : list.content().revoked) {
    // No authority is suspended: what it did meanwhile could not be told from the rest.
    if (each.reason == pki::RevocationReason::hold) return refuse(Verdict::bad_value, "reason");
  }
  ASSIGN(const auto before, installed_root_list(folder, env));
  if (before && before->content().number > list.content().number) {
    return refuse(Verdict::conflict, "the list that is there is newer");
  }
  TRY(write_text(root_list_path(folder), list.to_pem(), env));
  return list;
}

Result<std::optional<pki::RevocationList>> installed_root_list(const std::string& folder,
                                                               Env& env) {
  const std::string path = root_list_path(folder);
  if (!fs::exists(path)) return std::nullopt;
  ASSIGN(const auto pem, env.read_file(path, kMaxPem));
  auto list = pki::RevocationList::from_pem(as_text(pem));
  if (!list) return refuse_within(path, list.error());
  ASSIGN(const auto root, read_certificate(authority_path(folder, "root", "pem"), env));
  const auto verified = pki::verify_revocation_list(*list, root);
  if (!verified) return refuse_within(path, verified.error());
  return *std::move(list);
}

Result<pki::Certificate> make_tls(const std::string& folder, std::string_view name,
                                  const std::vector<std::string>& host_names,
                                  const Secret& passphrase, Env& env) {
  ASSIGN(const auto key, make_key(folder, "tls", {}, passphrase, env));
  ASSIGN(auto certificate,
         pki::build_self_signed(
             authority_content(name, "node", key->public_key(), pki::TlsServer{host_names},
                               Duration(kYear.value() * 10), env),
             element::signer_of(*key)));
  TRY(write_text(folder + "/tls/certificate.pem", certificate.to_pem(), env));
  return certificate;
}

Result<pki::Certificate> renew_tls(const std::string& folder,
                                   const std::vector<std::string>& host_names,
                                   const Secret& passphrase, Env& env) {
  ASSIGN(const auto genesis, read_genesis(folder, env));
  // Nobody's passphrase but the node's, also where an earlier call left no TLS key.
  TRY(open_key(folder, "node", passphrase, env));
  return make_tls(folder, genesis.name, host_names, passphrase, env);
}

Result<std::vector<pki::Certificate>> own_certificates(const std::string& folder, Env& env) {
  ASSIGN(auto root, read_certificate(authority_path(folder, "root", "pem"), env));
  std::vector<pki::Certificate> out = {std::move(root)};
  ASSIGN(const auto issuers, installed_issuers(folder, env));
  for (const InstalledIssuer& each : issuers) {
    out.push_back(each.certificate);
    std::vector<std::string> paths = {cmp_path(folder, each.number)};
    for (const std::string& node : folders_of_nodes(folder)) {
      paths.push_back(peer_path(node, each.number));
    }
    for (const std::string& path : paths) {
      if (!fs::exists(path)) continue;  // a consensus node that came later, or went elsewhere
      ASSIGN(auto certificate, read_certificate(path, env));
      out.push_back(std::move(certificate));
    }
  }
  return out;
}

Result<std::vector<InstalledIssuer>> installed_issuers(const std::string& folder, Env& env) {
  std::vector<InstalledIssuer> out;
  for (std::size_t number = kMaxNumber; number > 0; --number) {
    const std::string path = issuer_path(folder, number);
    if (!fs::exists(path)) continue;
    ASSIGN(auto certificate, read_certificate(path, env));
    out.push_back({number, std::move(certificate)});
  }
  return out;
}

Result<std::string> newest_peer(const std::string& folder, Env& env) {
  ASSIGN(const auto list, installed_root_list(folder, env));
  ASSIGN(const auto installed, installed_issuers(folder, env));
  for (std::size_t number = kMaxNumber; number > 0; --number) {
    if (!fs::exists(peer_path(folder, number))) continue;
    // A node's own folder says which are installed to the end; a consensus node's has none of them.
    const bool is_installed =
        installed.empty() ||
        std::ranges::find(installed, number, &InstalledIssuer::number) != installed.end();
    ASSIGN(const auto pem, env.read_file(peer_path(folder, number), kMaxPem));
    ASSIGN(const auto shown, pki::certificates_from_pem(as_text(pem)));
    if (is_installed && shown.size() == 2 && !(list && find_on(*list, shown[1]))) {
      return numbered("peer", number);
    }
  }
  return refuse(Verdict::file_failed, peer_path(folder, 1) + " (not certified yet)");
}

Result<InstalledIssuer> install_issuer(const std::string& folder, ByteView pem,
                                       const Secret& passphrase, Env& env) {
  ASSIGN(const auto genesis, read_genesis(folder, env));
  ASSIGN(const auto certificate, pki::Certificate::from_pem(as_text(pem)));
  ASSIGN(const auto number, number_of_key(folder, certificate.public_key(), env));
  TRY(check_issuer(folder, certificate, number, env));
  ASSIGN(const auto key, open_key(folder, numbered("issuing", number), passphrase, env));
  if (key->public_key() != certificate.public_key()) {
    return refuse(Verdict::bad_key, numbered("issuing", number));
  }
  TRY(install(folder, {genesis.name, number, certificate, *key}, passphrase, env));
  return InstalledIssuer{number, certificate};
}

}  // namespace intaglio::service
