#include "http/tls.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/bytes.h"
#include "base/check.h"
#include "base/env.h"
#include "codec/hex.h"
#include "pki/path.h"

namespace intaglio::http {
namespace {

template <auto kFree>
struct Freed {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using BioPtr = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using X509Ptr = std::unique_ptr<X509, Freed<X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;

// OpenSSL keeps a queue of errors for each thread: whoever calls it leaves that queue empty.
struct ErrorQueueCleared {
  ErrorQueueCleared() { ERR_clear_error(); }
  ErrorQueueCleared(const ErrorQueueCleared&) = delete;
  ErrorQueueCleared& operator=(const ErrorQueueCleared&) = delete;
  ~ErrorQueueCleared() { ERR_clear_error(); }
};

constexpr std::size_t kMaxCertificates = 64;
constexpr int kMaxShownPath = 8;  // certificates beside the leaf that a handshake looks at

// With TLS 1.2; those of 1.3 are all of this kind.
constexpr const char* kSuites =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:"
    "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-CHACHA20-POLY1305";

// A protocol name of ALPN (RFC 7301): its length, then itself.
constexpr std::array<unsigned char, 9> kHttp11 = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

// A certificate has no passphrase: never ask the terminal for one.
int no_passphrase(char*, int, int, void*) { return 0; }

// Gives the identity's passphrase, also when there is none: the terminal is never asked.
int give_passphrase(char* buffer, int size, int, void* secret) {
  const ByteView passphrase = static_cast<const Secret*>(secret)->reveal();
  if (passphrase.size() > static_cast<std::size_t>(size)) return 0;
  std::ranges::copy(passphrase, reinterpret_cast<unsigned char*>(buffer));
  return static_cast<int>(passphrase.size());
}

BioPtr reader_of(ByteView text) {
  // An empty view may point nowhere, which OpenSSL does not take.
  const void* const data = text.empty() ? "" : static_cast<const void*>(text.data());
  BioPtr bio(BIO_new_mem_buf(data, static_cast<int>(text.size())));
  CHECK(bio != nullptr);
  return bio;
}

Result<std::vector<X509Ptr>> read_certificates(const std::string& pem, const char* where) {
  const BioPtr bio = reader_of(as_bytes(pem));
  std::vector<X509Ptr> out;
  while (X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr)) {
    out.emplace_back(certificate);
    if (out.size() > kMaxCertificates) return refuse(Verdict::bad_setting, where);
  }
  if (out.empty()) return refuse(Verdict::bad_setting, where);
  return out;
}

TlsSettings new_settings(const SSL_METHOD* method) {
  TlsSettings out(SSL_CTX_new(method), SSL_CTX_free);
  CHECK(out != nullptr);
  CHECK(SSL_CTX_set_min_proto_version(out.get(), TLS1_2_VERSION) == 1);
  CHECK(SSL_CTX_set_cipher_list(out.get(), kSuites) == 1);
  SSL_CTX_set_options(
      out.get(), SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(out.get(), SSL_MODE_RELEASE_BUFFERS);
  return out;
}

int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* size,
                    const unsigned char* offered, unsigned offered_size, void*) {
  unsigned char* found = nullptr;
  if (SSL_select_next_proto(&found, size, kHttp11.data(), kHttp11.size(), offered, offered_size) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

// Instead of looking for a path: is it the pinned certificate? The handshake has then proved that
// the server holds its key.
int is_pinned(X509_STORE_CTX* context, void* pinned) {
  X509* const shown = X509_STORE_CTX_get0_cert(context);
  if (shown != nullptr && X509_cmp(shown, static_cast<X509*>(pinned)) == 0) return 1;
  X509_STORE_CTX_set_error(context, X509_V_ERR_CERT_UNTRUSTED);
  return 0;
}

void free_pinned(void*, void* certificate, CRYPTO_EX_DATA*, int, long, void*) {
  X509_free(static_cast<X509*>(certificate));
}

// Where settings keep the pinned certificate, which connections may need longer than we do.
int pinned_index() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, free_pinned);
  CHECK(index >= 0);
  return index;
}

// Whom a handshake takes for somebody that our authority certified.
struct Judge {
  pki::Certificate root;
  std::vector<pki::Certificate> authorities;   // below the root, beside those that are shown
  std::optional<pki::CertificateUsage> usage;  // nothing: any of ours
  std::optional<KeyHash> node;
};

std::optional<pki::Certificate> certificate_of(X509* from) {
  unsigned char* der = nullptr;
  const int size = i2d_X509(from, &der);
  if (size <= 0) return std::nullopt;
  auto parsed = pki::Certificate::parse({der, static_cast<std::size_t>(size)});
  OPENSSL_free(der);
  if (!parsed) return std::nullopt;
  return *std::move(parsed);
}

Result<Verified<pki::Certificate>> judge(const Judge& judge, X509_STORE_CTX* context) {
  X509* const shown = X509_STORE_CTX_get0_cert(context);
  const auto leaf = shown == nullptr ? std::nullopt : certificate_of(shown);
  if (!leaf) return refuse(Verdict::path_invalid);
  const auto usage = judge.usage ? judge.usage : leaf->usage();
  if (!usage) return refuse(Verdict::not_capable);
  pki::PathMaterial material{
      .intermediates = judge.authorities, .anchors = {judge.root}, .lists = {}};
  STACK_OF(X509)* const others = X509_STORE_CTX_get0_untrusted(context);
  for (int i = 0; i < sk_X509_num(others) && i < kMaxShownPath; ++i) {
    if (auto each = certificate_of(sk_X509_value(others, i))) {
      material.intermediates.push_back(*std::move(each));
    }
  }
  if (judge.node && leaf->subject().serial_number != codec::to_hex(*judge.node)) {
    return refuse(Verdict::path_invalid);
  }
  return pki::validate_path(*leaf, material, {.at = system_env().now(), .usage = usage});
}

using Judged = Verified<pki::Certificate>;

void free_judged(void*, void* certificate, CRYPTO_EX_DATA*, int, long, void*) {
  delete static_cast<Judged*>(certificate);
}

// Where a connection keeps what was shown and believed.
int judged_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, free_judged);
  CHECK(index >= 0);
  return index;
}

void keep_judged(X509_STORE_CTX* context, Judged certificate) {
  auto* const connection =
      static_cast<SSL*>(X509_STORE_CTX_get_ex_data(context, SSL_get_ex_data_X509_STORE_CTX_idx()));
  CHECK(connection != nullptr);
  delete static_cast<Judged*>(SSL_get_ex_data(connection, judged_index()));
  CHECK(SSL_set_ex_data(connection, judged_index(), new Judged(std::move(certificate))) == 1);
}

// Instead of the library's own judgement: ours, of the one place that judges certificates.
int is_certified(X509_STORE_CTX* context, void* judge_of) {
  auto judged = judge(*static_cast<const Judge*>(judge_of), context);
  if (judged) {
    keep_judged(context, *std::move(judged));
    return 1;
  }
  const bool is_time = judged.error().verdict == Verdict::certificate_not_valid_now;
  X509_STORE_CTX_set_error(context,
                           is_time ? X509_V_ERR_CERT_HAS_EXPIRED : X509_V_ERR_CERT_UNTRUSTED);
  return 0;
}

void free_judge(void*, void* judge_of, CRYPTO_EX_DATA*, int, long, void*) {
  delete static_cast<Judge*>(judge_of);
}

// Where settings keep who judges, whom connections may need longer than we do.
int judge_index() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, free_judge);
  CHECK(index >= 0);
  return index;
}

Result<pki::Certificate> read_root(const std::string& pem) {
  auto root = pki::Certificate::from_pem(pem);
  if (!root) return refuse(Verdict::bad_setting, "root certificate");
  return root;
}

void expect(SSL_CTX* settings, Judge wanted) {
  auto judge = std::make_unique<Judge>(std::move(wanted));
  SSL_CTX_set_cert_verify_callback(settings, is_certified, judge.get());
  CHECK(SSL_CTX_set_ex_data(settings, judge_index(), judge.release()) == 1);
}

Result<void> expect_node(SSL_CTX* settings, const CertifiedNode& node) {
  ASSIGN(auto root, read_root(node.root_pem));
  expect(settings, {std::move(root), {}, pki::CertificateUsage::node, node.node});
  return {};
}

Result<void> expect_holder(SSL_CTX* settings, const CertifiedHolder& holder) {
  ASSIGN(auto root, read_root(holder.root_pem));
  auto authorities = pki::certificates_from_pem(holder.authorities_pem);
  if (!authorities) return refuse(Verdict::bad_setting, "authorities' certificates");
  expect(settings, {std::move(root), *std::move(authorities), {}, {}});
  // Whose certificates are asked for: a client that has several finds the one by it.
  for (const auto& pem : {holder.root_pem, holder.authorities_pem}) {
    ASSIGN(const auto certificates, read_certificates(pem, "authorities' certificates"));
    for (const auto& each : certificates) CHECK(SSL_CTX_add_client_CA(settings, each.get()) == 1);
  }
  return {};
}

Result<void> expect_clients(SSL_CTX* settings, const Clients& clients) {
  if (const auto* node = std::get_if<CertifiedNode>(&clients)) return expect_node(settings, *node);
  return expect_holder(settings, std::get<CertifiedHolder>(clients));
}

bool is_ip_address(const std::string& host) {
  std::array<unsigned char, 16> parsed{};
  return inet_pton(AF_INET, host.c_str(), parsed.data()) == 1 ||
         inet_pton(AF_INET6, host.c_str(), parsed.data()) == 1;
}

Result<void> show_identity(SSL_CTX* settings, const TlsIdentity& identity) {
  ASSIGN(const auto path, read_certificates(identity.certificate_pem, "certificate"));
  if (SSL_CTX_use_certificate(settings, path.front().get()) != 1) {
    return refuse(Verdict::bad_setting, "certificate");
  }
  for (std::size_t i = 1; i < path.size(); ++i) {
    CHECK(SSL_CTX_add1_chain_cert(settings, path[i].get()) == 1);
  }
  const BioPtr bio = reader_of(identity.key_pem.reveal());
  const KeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, give_passphrase,
                                           const_cast<Secret*>(&identity.passphrase)));
  if (key == nullptr) return refuse(Verdict::bad_setting, "key");
  if (SSL_CTX_use_PrivateKey(settings, key.get()) != 1 ||
      SSL_CTX_check_private_key(settings) != 1) {
    return refuse(Verdict::bad_setting, "the key is not the certificate's");
  }
  return {};
}

}  // namespace

Result<TlsSettings> server_settings(const TlsIdentity& identity,
                                    const std::optional<Clients>& clients) {
  const ErrorQueueCleared cleared;
  TlsSettings out = new_settings(TLS_server_method());
  TRY(show_identity(out.get(), identity));
  SSL_CTX_set_alpn_select_cb(out.get(), choose_protocol, nullptr);
  if (clients) {
    TRY(expect_clients(out.get(), *clients));
    SSL_CTX_set_verify(out.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    // A session taken up again would be of somebody who was judged then.
    SSL_CTX_set_session_cache_mode(out.get(), SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(out.get(), SSL_OP_NO_TICKET);
  }
  return out;
}

Result<TlsSettings> client_settings(const Trust& trust, const TlsIdentity* identity) {
  const ErrorQueueCleared cleared;
  TlsSettings out = new_settings(TLS_client_method());
  if (identity != nullptr) TRY(show_identity(out.get(), *identity));
  SSL_CTX_set_verify(out.get(), SSL_VERIFY_PEER, nullptr);
  CHECK(SSL_CTX_set_alpn_protos(out.get(), kHttp11.data(), kHttp11.size()) == 0);
  if (const auto* pinned = std::get_if<PinnedCertificate>(&trust)) {
    ASSIGN(const auto certificates, read_certificates(pinned->pem, "pinned certificate"));
    X509* const certificate = certificates.front().get();
    CHECK(X509_up_ref(certificate) == 1);
    CHECK(SSL_CTX_set_ex_data(out.get(), pinned_index(), certificate) == 1);
    SSL_CTX_set_cert_verify_callback(out.get(), is_pinned, certificate);
    return out;
  }
  if (const auto* node = std::get_if<CertifiedNode>(&trust)) {
    TRY(expect_node(out.get(), *node));
    return out;
  }
  const auto& authorities = std::get<TrustedAuthorities>(trust);
  ASSIGN(const auto certificates, read_certificates(authorities.pem, "trusted authorities"));
  X509_STORE* const store = SSL_CTX_get_cert_store(out.get());
  for (const auto& certificate : certificates) X509_STORE_add_cert(store, certificate.get());
  return out;
}

ssl_ctx_st* new_reference(const TlsSettings& settings) {
  CHECK(SSL_CTX_up_ref(settings.get()) == 1);
  return settings.get();
}

Result<void> expect_host(ssl_st* connection, const std::string& host) {
  const ErrorQueueCleared cleared;
  if (is_ip_address(host)) {
    X509_VERIFY_PARAM* const parameters = SSL_get0_param(connection);
    if (X509_VERIFY_PARAM_set1_ip_asc(parameters, host.c_str()) == 1) return {};
    return refuse(Verdict::bad_value, "host");
  }
  SSL_set_hostflags(connection, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (SSL_set1_host(connection, host.c_str()) != 1 ||
      SSL_set_tlsext_host_name(connection, host.c_str()) != 1) {
    return refuse(Verdict::bad_value, "host");
  }
  return {};
}

std::optional<Verified<pki::Certificate>> judged_certificate(const ssl_st* connection) {
  const auto* judged = static_cast<const Judged*>(SSL_get_ex_data(connection, judged_index()));
  if (judged == nullptr) return std::nullopt;
  return *judged;
}

void skip_their_farewell(ssl_st* connection) {
  SSL_set_shutdown(connection, SSL_get_shutdown(connection) | SSL_RECEIVED_SHUTDOWN);
}

Refusal handshake_refusal(const ssl_st* connection, const std::string& error) {
  const long result = SSL_get_verify_result(connection);
  if (result == X509_V_OK) return {Verdict::unreachable, "TLS: " + error};
  const std::string reason = X509_verify_cert_error_string(result);
  if (result == X509_V_ERR_CERT_HAS_EXPIRED || result == X509_V_ERR_CERT_NOT_YET_VALID) {
    return {Verdict::certificate_not_valid_now, "TLS: " + reason};
  }
  return {Verdict::path_invalid, "TLS: " + reason};
}

}  // namespace intaglio::http
