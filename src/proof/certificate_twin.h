// The twin of a certificate's capabilities: the same words as CWT claims (RFC 8392) in a statement
// that the issuing authority signs, for readers of CBOR that know no X.509. It stands beside its
// certificate and never above it: check_twin() refuses the pair when they differ in anything.
#pragma once

#include "pki/path.h"
#include "proof/statement.h"

namespace intaglio::proof {

// A statement with the purpose "certificate" (proof/statement.h).
struct CertificateTwin {
  std::string issuer;      // common names, as the certificate has them
  std::string subject;     //
  pki::Validity validity;  // whole seconds
  pki::SerialNumber serial;
  crypto::PublicKey key;  // RFC 8747: whoever holds it is meant
  pki::Fingerprint certificate;
  pki::Capabilities capabilities;
  bool operator==(const CertificateTwin&) const = default;

  static constexpr std::string_view kPurpose = "certificate";
  static constexpr std::size_t kMaxBytes = 4 * 1024;
  // `bad_value`, `bad_key`, `missing_field`, what CBOR refuses, and what decode_capabilities does.
  static Result<CertificateTwin> decode(ByteView payload);
  Bytes encode() const;
};

// What a certificate says, as its twin; `missing_field` when it has no capabilities, `bad_value`
// for a name too long to be one of ours.
Result<CertificateTwin> twin_of(const pki::Certificate& certificate);

// From the bytes of a statement, signed by the issuing authority for this ledger: refuses what
// parse_statement does, `bad_signature`, and `certificate_not_valid_now`. Whether the authority is
// to be believed, and whether the certificate was revoked, the caller knows.
Result<Verified<Signed<CertificateTwin>>> verify_twin(ByteView bytes, const LedgerId& ledger,
                                                      const crypto::Verifier& issuing, Millis at);

// `path_invalid` when they do not belong together.
Result<void> check_twin(const Verified<Signed<CertificateTwin>>& twin,
                        const Verified<pki::Certificate>& certificate);

}  // namespace intaglio::proof
