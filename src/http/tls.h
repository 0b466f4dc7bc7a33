// TLS for both ends: who the server is, whom the client trusts. The one place of OpenSSL in this
// module; the rest sees opaque handles.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "base/ids.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/verified.h"
#include "pki/certificate.h"

struct ssl_ctx_st;  // OpenSSL's SSL_CTX
struct ssl_st;      // OpenSSL's SSL

namespace intaglio::http {

// A certificate (with those between it and the root after it) and its private key, both PEM.
struct TlsIdentity {
  std::string certificate_pem;
  Secret key_pem;
  Secret passphrase = {};  // opens an encrypted key
};

// The server shows exactly this certificate, whatever its names and dates say: for a node's own
// certificate, handed over beside the ledger's id.
struct PinnedCertificate {
  std::string pem;
};

// The server's certificate leads to one of these, is valid now and names the host of the URL.
struct TrustedAuthorities {
  std::string pem;  // one or more
};

// The other end is a node of our ledger: its certificate is a node's, leads to this root, is valid
// now and names the node's key (pki::Name::serial_number), that one where it is given. Whatever
// host it runs on.
struct CertifiedNode {
  std::string root_pem;
  std::optional<KeyHash> node = {};
};

// The other end holds a certificate of our authority, for whatever usage of ours: it leads to this
// root and is valid now. Whether it was revoked, the caller asks.
struct CertifiedHolder {
  std::string root_pem;
  std::string authorities_pem;  // those below the root, which the other end need not send
};

// Whom a server talks to that does not talk to everybody.
using Clients = std::variant<CertifiedNode, CertifiedHolder>;

using Trust = std::variant<PinnedCertificate, TrustedAuthorities, CertifiedNode>;

// Settings shared by many connections; never null once made. Any thread.
using TlsSettings = std::shared_ptr<ssl_ctx_st>;

// TLS 1.2 and 1.3; with 1.2 only ECDHE and AEAD suites; HTTP/1.1 by ALPN; no renegotiation.
// `bad_setting` for a PEM that cannot be read, or a key that is not the certificate's.
// With `clients` a server talks to nobody but those.
Result<TlsSettings> server_settings(const TlsIdentity& identity,
                                    const std::optional<Clients>& clients = {});
// A client shows `identity` to a server that asks for it.
Result<TlsSettings> client_settings(const Trust& trust, const TlsIdentity* identity = nullptr);

// Another reference, for an owner that frees it by itself.
ssl_ctx_st* new_reference(const TlsSettings& settings);

// Before the handshake: the name to ask for and, unless the certificate is pinned, to find in it.
// `host` is a name or an IP address without brackets.
Result<void> expect_host(ssl_st* connection, const std::string& host);

// After the handshake: the certificate that the other end showed, where it was judged as of a
// CertifiedNode or a CertifiedHolder; nothing otherwise.
std::optional<Verified<pki::Certificate>> judged_certificate(const ssl_st* connection);

// From now on a shutdown says our farewell without waiting for the other end's.
void skip_their_farewell(ssl_st* connection);

// After a failed handshake: why the certificate was not believed (`path_invalid`,
// `certificate_not_valid_now`), or `unreachable` when something else failed.
Refusal handshake_refusal(const ssl_st* connection, const std::string& error);

}  // namespace intaglio::http
