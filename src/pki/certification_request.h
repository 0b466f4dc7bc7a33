// PKCS #10 certification requests (RFC 2986), for clients that have always asked for certificates
// this way. Our own elements do not: they answer an enrolment challenge (enrolment.h).
//
// The subset: one DER encoding, a key on P-256, ecdsa-with-SHA256, -SHA384 or -SHA512. What a
// request wishes for is read, not promised: the authority decides what a certificate says.
#pragma once

#include "base/verified.h"
#include "pki/certificate.h"

namespace intaglio::pki {

struct CertificationRequest {
  Name subject;       // may be empty
  Bytes subject_der;  // its whole encoding
  crypto::PublicKey public_key;
  std::optional<std::string> challenge_password;  // RFC 2985 section 5.4.1; never to be printed
  std::vector<std::string> uris;                  // of the requested subject alternative name
  Bytes alternative_names;                        // its whole value; empty: none is requested
  Bytes signed_part;                              // what the key signed: equal for equal wishes
  Bytes der;
};

inline constexpr std::size_t kMaxCertificationRequest = 16 * 1024;
inline constexpr std::size_t kMaxRequestedUris = 8;

// Reads and does not believe: nobody has checked the signature. `too_large`, `truncated`,
// `bad_encoding`, `trailing_bytes`, `missing_field`, `duplicate_field` (an attribute or the
// alternative name twice), `bad_version` (not 0), `bad_key`, `bad_value`.
Result<CertificationRequest> parse_certification_request(ByteView der);

// Parses it and checks that the enclosed key signed it (proof of possession). Refuses as
// parse_certification_request does; with `bad_algorithm` for another signature algorithm than the
// three, and with `no_possession` when the signature is not the key's. Pure; any thread.
Result<Verified<CertificationRequest>> verify_certification_request(ByteView der);

// Whether the request names whom the certificate names, as one that renews it must (RFC 7030
// section 4.2.2): the subject as RFC 5280 section 7.1 compares names, the subject alternative name
// byte by byte. `bad_value` with which of the two differs.
Result<void> check_names_same(const CertificationRequest& request, const Certificate& certificate);

// A request for the signer's key under this name, without attributes. Refuses with `bad_value` what
// no name may be, and with the signer's own refusal. Not for elements: they answer an enrolment
// challenge.
Result<Bytes> build_certification_request(const Name& subject, const crypto::Signer& signer);

// From a PEM block, CERTIFICATE REQUEST or NEW CERTIFICATE REQUEST, or from DER: what the programs
// that send requests write. The DER, unchecked.
Result<Bytes> certification_request_from_file(ByteView content);

}  // namespace intaglio::pki
