// Requests that carry their own proof: HTTP message signatures (RFC 9421) with ecdsa-p256-sha256
// over the method, the target URI and the content digest (RFC 9530), by a key named by its hash.
// The three fields have one form, here on several lines:
//
//   Content-Digest:  sha-256=:BASE64:
//   Signature-Input: intaglio=("@method" "@target-uri" "content-digest")
//                    ;created=UNIX SECONDS;nonce="BASE64URL";alg="ecdsa-p256-sha256";keyid="HEX"
//   Signature:       intaglio=:BASE64:
//
// as RFC 8941 section 4.1 serialises them: without optional spaces and with no other member beside
// ours, so that what is read is byte for byte what was signed. Components and parameters may stand
// in any order; all are required and no other is taken. keyid is the hash of the key in 64
// lower-case digits, the nonce 16 bytes in 22 characters. A request without content has the digest
// of no bytes. Pure functions; any thread.
#pragma once

#include <span>
#include <string>

#include "base/verified.h"
#include "crypto/signer.h"

namespace intaglio::proof {

using HttpNonce = FixedBytes<struct HttpNonceTag, 16>;

// What of a request is signed. Views that must outlive the call.
struct HttpRequestView {
  std::string_view method;      // "GET"
  std::string_view target_uri;  // "https://127.0.0.1:8443/v1/accounts/…?limit=5" (section 2.2.2)
  ByteView body;                // as sent; may be empty
};

// The three fields that a signed request has, as they stand in it; empty for one that is absent.
// Several lines of one field are joined by ", " (RFC 9110 section 5.3), and so refused.
struct HttpSignatureFields {
  std::string content_digest;   // Content-Digest
  std::string signature_input;  // Signature-Input
  std::string signature;        // Signature
};

// Signs with the label "intaglio"; `created` is in whole seconds on the wire. Refuses with whatever
// the signer does, and with what parse_request_signature says of the method and the URI.
Result<HttpSignatureFields> sign_http_request(const HttpRequestView& request, Millis created,
                                              const HttpNonce& nonce, const crypto::Signer& signer);

struct RequestSignature {
  KeyHash key;
  Millis created;  // whole seconds
  HttpNonce nonce;
  bool operator==(const RequestSignature&) const = default;
};

// Read and not verified: says whose key to look for.
class UnverifiedRequestSignature {
 public:
  UnverifiedRequestSignature(RequestSignature said, const Digest& digest,
                             const crypto::Signature& signature)
      : said_(said), digest_(digest), signature_(signature) {}
  const RequestSignature& said() const { return said_; }
  const Digest& digest() const { return digest_; }  // SHA-256 of the signature base
  const crypto::Signature& signature() const { return signature_; }

 private:
  RequestSignature said_;
  Digest digest_;
  crypto::Signature signature_;
};

// `request_unsigned` when the fields are not there or cover less than they must; `request_altered`
// when the body does not have the digest; `bad_algorithm` for another algorithm or digest;
// `too_large`, `bad_encoding`, `bad_value`, `missing_field`, `unknown_field`, `duplicate_field` and
// `bad_signature_form` for what is not the form above, or a method or URI that is empty, too long
// or not visible ASCII. A refusal names the field, and in it the byte or parameter.
Result<UnverifiedRequestSignature> parse_request_signature(const HttpSignatureFields& fields,
                                                           const HttpRequestView& request);

inline constexpr Duration kRequestSignatureAge = seconds(60);
inline constexpr Duration kRequestSignatureAhead = seconds(5);  // clocks differ

// `request_altered` when the key did not sign this request; `request_stale` when it was made more
// than kRequestSignatureAge before `now` or more than kRequestSignatureAhead after it. Whether the
// nonce was used before is for the server to remember, until `created` + kRequestSignatureAge has
// passed: a request that was ahead of time is taken for longer than kRequestSignatureAge. Of the
// two forms of a signature, (r, s) and (r, n - s), either is taken: other people's software signs
// requests, and a request is known by its key and nonce.
Result<Verified<RequestSignature>> verify_request_signature(
    const UnverifiedRequestSignature& signature, const crypto::Verifier& verifier, Millis now);

// One line of a signature base: a component's name and value.
struct HttpComponent {
  std::string_view name;
  std::string_view value;
};

// What is signed, of any components (section 2.5): `params` is the value that the signature has in
// Signature-Input.
std::string http_signature_base(std::span<const HttpComponent> components, std::string_view params);

}  // namespace intaglio::proof
