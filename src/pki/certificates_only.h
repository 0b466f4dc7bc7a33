// Certificates in a signed message that nobody signed: the degenerate SignedData of CMS (RFC 5652
// section 5, "certs-only"), as EST answers with it (RFC 7030 sections 4.1.3 and 4.2.3).
#pragma once

#include "pki/certificate.h"

namespace intaglio::pki {

inline constexpr std::size_t kMaxCertificatesOnly = 16;
inline constexpr std::size_t kMaxCertificatesOnlyBytes = 128 * 1024;

// In the order given, which is kept: a client takes the first as its own. At most
// kMaxCertificatesOnly.
Bytes encode_certificates_only(const std::vector<Certificate>& certificates);

// The certificates in order; anything else that such a message may hold (lists, signers, content)
// refuses: `bad_value`. Otherwise `too_large`, `truncated`, `bad_encoding`, `trailing_bytes`,
// `missing_field` and what Certificate::parse refuses with. Nothing in it is to be believed.
Result<std::vector<Certificate>> decode_certificates_only(ByteView der);

// The body of an EST answer: base64 in one unbroken line, since some clients take no other. What
// comes in may be wrapped (RFC 8951 section 3.1): codec::from_wrapped_base64.
std::string to_est_body(const std::vector<Certificate>& certificates);

}  // namespace intaglio::pki
