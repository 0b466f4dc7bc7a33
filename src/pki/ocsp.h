// OCSP (RFC 6960): what clients ask about certificates one by one, and the basic answer, signed.
// The responder is the issuing authority itself or a responder it certified (OcspResponder in
// certificate.h). Nothing here keeps state: whether a certificate was revoked, the caller knows.
//
// The subset: version 1; at most kMaxOcspQuestions certificates a request; issuers named by SHA-1
// or SHA-256; the nonce is repeated (RFC 9654: up to 32 bytes are heeded here); a requestor's name
// and signature are left aside, since everybody may ask.
#pragma once

#include <variant>

#include "pki/revocation_list.h"

namespace intaglio::pki {

inline constexpr std::size_t kMaxOcspRequest = 8 * 1024;
inline constexpr std::size_t kMaxOcspQuestions = 16;
inline constexpr std::size_t kMaxOcspNonce = 32;

// Which certificate is meant: its issuer's name and key, hashed by the client's choice, and serial.
struct OcspQuestion {
  Bytes issuer_name_hash;  // 20 bytes: SHA-1, 32 bytes: SHA-256
  Bytes issuer_key_hash;
  SerialNumber serial;
  Bytes encoding;  // the CertID as it came; the answer repeats it
};

struct OcspRequest {
  std::vector<OcspQuestion> questions;  // at least one
  Bytes nonce;                          // empty: none
};

// `too_large` (bytes, questions, a nonce), `truncated`, `bad_encoding`, `trailing_bytes`,
// `missing_field`, `bad_version`, `bad_algorithm` (another hash), `unknown_field` (a critical
// extension that nobody here knows), `duplicate_field` (two nonces), `bad_value`.
Result<OcspRequest> parse_ocsp_request(ByteView der);

// Whether the question is about a certificate that `issuer` issued.
bool is_about(const OcspQuestion& question, const Certificate& issuer);

struct OcspGood {  // issued and not revoked
  bool operator==(const OcspGood&) const = default;
};
struct OcspUnknown {  // never issued here, or another issuer's
  bool operator==(const OcspUnknown&) const = default;
};
struct OcspRevoked {
  Millis at;  // whole seconds
  RevocationReason reason = RevocationReason::unspecified;
  bool operator==(const OcspRevoked&) const = default;
};
using OcspStatus = std::variant<OcspGood, OcspRevoked, OcspUnknown>;

struct OcspAnswer {
  OcspQuestion question;
  OcspStatus status;
};

struct OcspResponseContent {
  std::vector<OcspAnswer> answers;  // one for each question, in its order
  Millis produced_at;               // this and the next two in whole seconds
  Millis this_update;               // when what is said was known to be so
  Millis next_update;               // from then on the answer is too old
  Bytes nonce;                      // the request's
};

// The whole OCSPResponse (successful, basic), signed. `responder` holds the signer's key: the
// issuing authority, or a certificate of the profile OcspResponder, which then goes with the
// answer. Refuses with `bad_value` (no answers, times in the wrong order, a signer without the
// responder's key) and with the signer's own refusal.
Result<Bytes> build_ocsp_response(const OcspResponseContent& content, const Certificate& responder,
                                  const crypto::Signer& signer);

// What may be answered without a signature (RFC 6960 section 4.2.1), by its numbers.
enum class OcspFailure : std::uint8_t {
  malformed_request = 1,
  internal_error = 2,
  try_later = 3,
  unauthorized = 6,  // nobody here may answer for that issuer (RFC 5019 section 2.2.3)
};
Bytes ocsp_failure(OcspFailure failure);

// The failure that tells a client what a refusal means for it.
OcspFailure ocsp_failure_for(Verdict verdict);

}  // namespace intaglio::pki
