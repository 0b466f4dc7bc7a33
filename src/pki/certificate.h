// X.509 v3 certificates (RFC 5280): built with a signer that somebody hands in, and parsed into a
// value. A parsed certificate is well formed and no more: whether to believe it, path.h says.
#pragma once

#include <memory>
#include <variant>

#include "codec/address.h"
#include "crypto/signer.h"
#include "pki/capabilities.h"

struct x509_st;  // OpenSSL's X509

namespace intaglio::pki {

using intaglio::SerialNumber;
using SerialBits = FixedBytes<struct SerialBitsTag, 16>;  // 128 random bits
SerialNumber serial_from(const SerialBits& random);

// SHA-256 of the DER encoding.
using Fingerprint = FixedBytes<struct FingerprintTag, 32>;

// Our object identifiers, in dotted text: a UUID arc (2.25), which needs no registry.
inline constexpr std::string_view kOidArc = "2.25.130565669796519430970572060957500127911";
std::string capabilities_oid();                 // kOidArc.1, the capabilities extension
std::string usage_oid(CertificateUsage usage);  // kOidArc.2.n, an extended key usage

// The account that a certificate is bound to stands in it as a URI: this and the address's text.
inline constexpr std::string_view kAccountUri = "urn:intaglio:account:";

inline constexpr std::size_t kMaxCommonName = 64;  // bytes (RFC 5280: ub-common-name)

// The attributes of a distinguished name that we write and read; empty ones are left out.
struct Name {
  std::string organization;
  std::string common_name;    // a login, a holder, an authority; at most 64 bytes of UTF-8
  std::string serial_number;  // e.g. a key hash in hex: letters, digits and '()+,-./:=? only
  bool operator==(const Name&) const = default;
};

// In whole seconds: what is finer is rounded down when a certificate is built. path.h takes a
// certificate from not_before on until not_after comes (RFC 5280 counts that last second in;
// OpenSSL, which judges, does not).
struct Validity {
  Millis not_before;
  Millis not_after;
  bool operator==(const Validity&) const = default;
};

// What a certificate is made as. A root and an issuing authority sign certificates and revocation
// lists and nothing else stands below the latter but end entities; a TLS server is a node's own
// certificate: `names` are host names and IP addresses beside localhost, 127.0.0.1 and ::1.
// An OCSP responder answers for the authority that certified it (RFC 6960 section 4.2.2.2); nobody
// asks whether it was revoked, so it is made for days. CMP protection signs the authority's answers
// over CMP (RFC 9480 section 2.2: cmcCA), so that its own key signs nothing but what it issues.
struct RootAuthority {};
struct IssuingAuthority {};
struct TlsServer {
  std::vector<std::string> names;
};
struct OcspResponder {};
struct CmpProtection {};
using CertificateProfile = std::variant<RootAuthority, IssuingAuthority, TlsServer,
                                        CertificateUsage, OcspResponder, CmpProtection>;

// Where the world finds what goes with a certificate, by URL (RFC 5280 sections 4.2.1.13 and
// 4.2.2.1): its issuer's revocation list, who answers for it by OCSP, its issuer's certificate.
struct Publication {
  std::string revocation_list;
  std::string ocsp;
  std::string issuer;
};
inline constexpr std::size_t kMaxPublishedUrl = 256;  // bytes, all of them visible ASCII

struct CertificateContent {
  SerialNumber serial;
  Name subject;
  Validity validity;
  crypto::PublicKey public_key;
  CertificateProfile profile;
  std::optional<Address> account = {};            // bound to this account
  std::optional<Capabilities> capabilities = {};  // their role must be the profile's usage
  std::optional<Publication> publication = {};
};

// A certificate as it stands, parsed once; copies share the parsed form. Any thread.
class Certificate {
 public:
  static constexpr std::size_t kMaxBytes = 16 * 1024;

  // One DER encoding with nothing after it. `too_large`, `bad_encoding`, `trailing_bytes`,
  // `bad_version` (not v3), `bad_key` (not P-256), `duplicate_field` (an extension twice),
  // `bad_value` (a serial, an account or capabilities that are not as ours are).
  static Result<Certificate> parse(ByteView der);

  // Exactly one block, RFC 7468; text around it is left aside.
  static Result<Certificate> from_pem(std::string_view pem);
  std::string to_pem() const;

  const SerialNumber& serial() const { return fields_->serial; }
  const Name& subject() const { return fields_->subject; }
  const Name& issuer() const { return fields_->issuer; }
  const Validity& validity() const { return fields_->validity; }
  const crypto::PublicKey& public_key() const { return fields_->public_key; }
  const KeyHash& key_hash() const { return fields_->key_hash; }
  // Which of our usages the extended key usage names; nothing for authorities and foreign ones.
  std::optional<CertificateUsage> usage() const { return fields_->usage; }
  bool is_authority() const { return fields_->is_authority; }
  const std::optional<Address>& account() const { return fields_->account; }
  const std::optional<Capabilities>& capabilities() const { return fields_->capabilities; }
  const Fingerprint& fingerprint() const { return fields_->fingerprint; }
  const Bytes& der() const { return fields_->der; }

  // Whole encodings of the two names, and the key identifier: what an issued certificate repeats.
  const Bytes& subject_der() const { return fields_->subject_der; }
  const Bytes& issuer_der() const { return fields_->issuer_der; }
  const Bytes& subject_key_id() const { return fields_->subject_key_id; }

  // For this module: the parsed form, never null.
  x509_st* native() const { return fields_->native.get(); }

  bool operator==(const Certificate& other) const { return der() == other.der(); }

 private:
  struct Fields {
    SerialNumber serial;
    Name subject;
    Name issuer;
    Validity validity;
    crypto::PublicKey public_key;
    KeyHash key_hash;
    std::optional<CertificateUsage> usage;
    bool is_authority = false;
    std::optional<Address> account;
    std::optional<Capabilities> capabilities;
    Fingerprint fingerprint;
    Bytes der;
    Bytes subject_der;
    Bytes issuer_der;
    Bytes subject_key_id;
    std::shared_ptr<x509_st> native;
  };
  friend struct CertificateParser;
  explicit Certificate(Fields fields)
      : fields_(std::make_shared<const Fields>(std::move(fields))) {}
  std::shared_ptr<const Fields> fields_;
};

// All certificates in a PEM text, in order; at most 16.
Result<std::vector<Certificate>> certificates_from_pem(std::string_view pem);

// Builds a certificate under `issuer`, or one that signs itself, and has it signed. Refuses with
// `bad_value` what no certificate may say (a name, a time, capabilities of another role; a signer
// that does not hold the issuer's key; an issuer that is no authority), and with the signer's own
// refusal. The subject key identifier is the first 20 bytes of the key hash (RFC 7093, method 1),
// so it equals the account id of the key.
Result<Certificate> build_certificate(const CertificateContent& content, const Certificate& issuer,
                                      const crypto::Signer& signer);
Result<Certificate> build_self_signed(const CertificateContent& content,
                                      const crypto::Signer& signer);

// PEM (RFC 7468): lines of 64, LF. pem_blocks finds every block of that label, at most `limit`.
std::string to_pem(std::string_view label, ByteView der);
Result<std::vector<Bytes>> pem_blocks(std::string_view text, std::string_view label,
                                      std::size_t limit);

}  // namespace intaglio::pki
