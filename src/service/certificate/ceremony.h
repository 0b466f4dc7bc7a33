// What the operator does with the authorities' own keys (docs/authority.md). The root's key is in a
// folder of its own, on a machine of its own, and no node ever opens it: a node makes its issuing
// keys itself and has them certified by request (PKCS #10), the first as every next one.
//
//   keys/root.key authority/root.pem authority/root.crl    the root's folder
//
// With an issuing key come two that it certifies; a key is certified once, so each has its own:
//
//   keys/issuing.key   authority/issuing.csr   authority/issuing.pem     the first of a data folder
//   keys/cmp.key       authority/cmp.pem       signs the answers to clients that speak CMP
//   keys/peer.key      tls/peer.pem            by TLS, to the other nodes of its ledger
//   keys/issuing-2.key authority/issuing-2.csr authority/issuing-2.pem   the one that follows it
//   keys/cmp-2.key     ...                                               and so on
//
// A consensus node inside the folder has a peer key and certificate of each in its own.
#pragma once

#include "base/env.h"
#include "base/secret.h"
#include "element/secure_element.h"
#include "pki/revocation_list.h"

namespace intaglio::service {

inline constexpr Duration kYear = seconds(std::uint64_t{365} * 24 * 3600);

// numbered("issuing", 2) is "issuing-2"; the first has no number.
std::string numbered(std::string_view stem, std::size_t number);

struct RootOptions {
  std::string name = "intaglio";
  Duration validity{kYear.value() * 20};
  std::string key_place = {};  // as SetupOptions has it
};

// Makes a root's folder; `file_failed` when there is a root in it.
Result<pki::Certificate> create_root(const std::string& folder, const RootOptions& options,
                                     const Secret& passphrase, Env& env);

struct IssuingRequest {
  std::string name;  // "issuing-2"
  std::string path;  // of the request, PEM
  pki::Name subject;
  KeyHash key;
};

// In a node's folder, which may run: makes the next issuing key and the keys that come with it, in
// `key_place` as init does, and the request to certify it. The same request again while it waits
// for its certificate. `too_large` when there are kMaxIssuers.
Result<IssuingRequest> request_issuer(const std::string& folder, const std::string& key_place,
                                      const Secret& passphrase, Env& env);

// In the root's folder: certifies the key of a request (PEM or DER), for `validity` or until the
// root itself ends. Refuses what pki::verify_certification_request does; `bad_value` for the root's
// own name; `certificate_not_valid_now` when the root has ended; what opening its key refuses.
Result<pki::Certificate> certify_issuer(const std::string& folder, ByteView request,
                                        Duration validity, const Secret& passphrase, Env& env);

// In the root's folder: puts an issuing authority's certificate (PEM) on the root's list, or renews
// the list when there is none to put on it. It has to be installed where it is to be known.
// `bad_value` for a certificate that is not of this root, `certificate_revoked` when it is there.
Result<pki::RevocationList> revoke_issuer(const std::string& folder, std::optional<ByteView> pem,
                                          pki::RevocationReason reason, const Secret& passphrase,
                                          Env& env);
inline constexpr Duration kRootListGood = kYear;

// In a node's folder: takes the root's list (PEM). From its next start on the node issues nothing
// with what is on it, and the main chain has it as revoked. Refuses what
// pki::verify_revocation_list does; `conflict` for an older list; `bad_value` for one that
// suspends.
Result<pki::RevocationList> install_root_list(const std::string& folder, ByteView pem, Env& env);
// What the list says of it; nothing when it is not on it.
std::optional<pki::RevokedCertificate> find_on(const pki::RevocationList& list,
                                               const pki::Certificate& certificate);
// Nothing when there is none.
Result<std::optional<pki::RevocationList>> installed_root_list(const std::string& folder, Env& env);

// In a node's folder: takes the certificate (PEM) of a key that was requested here, and certifies
// with it what the node shows to others. The node uses all of that from its next start on, and
// records it on the main chain then. Safe to repeat. Refused, and nothing changes: `bad_key` for a
// key that was not requested here; what pki::validate_path refuses from this node's root;
// `not_capable` when it is no authority; `conflict` for a name that another one has, and for
// another certificate of a key that has one.
struct InstalledIssuer {
  std::size_t number;
  pki::Certificate certificate;

  std::string name() const { return numbered("issuing", number); }
};
Result<InstalledIssuer> install_issuer(const std::string& folder, ByteView pem,
                                       const Secret& passphrase, Env& env);

// Those of a data folder, newest first; none when the first was not certified yet.
Result<std::vector<InstalledIssuer>> installed_issuers(const std::string& folder, Env& env);

// All that the main chain is to have of a data folder: its root, the issuing authorities, and what
// each of them certified for the node and the consensus nodes inside.
Result<std::vector<pki::Certificate>> own_certificates(const std::string& folder, Env& env);

// The name of the peer key to show, in the folder of a node or consensus node: the newest that the
// root did not revoke the issuer of. `file_failed` when there is none.
Result<std::string> newest_peer(const std::string& folder, Env& env);

// In a node's folder: another TLS key and certificate, with these host names alone beside
// localhost. Clients that pinned the one before have to be given the new one. Safe to repeat.
Result<pki::Certificate> renew_tls(const std::string& folder,
                                   const std::vector<std::string>& host_names,
                                   const Secret& passphrase, Env& env);

// The first certificate of a PEM file.
Result<pki::Certificate> read_certificate(const std::string& path, Env& env);

// For setup.cpp, which does several of these steps at once.

// A certificate of the authority's own: NAME TITLE, with a random serial, from now on.
pki::CertificateContent authority_content(std::string_view name, std::string_view title,
                                          const crypto::PublicKey& key,
                                          pki::CertificateProfile profile, Duration validity,
                                          Env& env);
// The client's side of a node: a new key, and the node's own certificate for it. The key is a file
// wherever the others are: the TLS library reads it, with the passphrase.
Result<pki::Certificate> make_tls(const std::string& folder, std::string_view name,
                                  const std::vector<std::string>& host_names,
                                  const Secret& passphrase, Env& env);

// The first issuing key and those that come with it, in a folder whose other keys are there.
Result<std::unique_ptr<element::SecureElement>> make_first_issuer(const std::string& folder,
                                                                  const std::string& key_place,
                                                                  const Secret& passphrase,
                                                                  Env& env);
Result<IssuingRequest> write_first_request(const std::string& folder, std::string_view name,
                                           element::SecureElement& key, Env& env);
// Certifies what the node shows with the first issuing key, and writes that one's certificate.
Result<void> install_first_issuer(const std::string& folder, std::string_view name,
                                  const pki::Certificate& issuing, element::SecureElement& key,
                                  const Secret& passphrase, Env& env);

}  // namespace intaglio::service
