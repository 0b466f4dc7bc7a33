// Signed HTTP requests: HTTP Message Signatures (RFC 9421) with ecdsa-p256-sha256 over the method,
// the target URI and a digest of the content (RFC 9530). The one form that we take and write:
//
//   Content-Digest:  sha-256=:BASE64:
//   Signature-Input: LABEL=("@method" "@target-uri" "content-digest");created=UNIX;nonce="NONCE"
//                    ;keyid="HEX";alg="ecdsa-p256-sha256";tag="intaglio"     (on one line)
//   Signature:       LABEL=:BASE64:
//
// Components and parameters may stand in any order; all are required and no other is taken. keyid
// is the hash of the key, 64 lower-case hex digits; the nonce is 16 to 64 characters from A-Z a-z
// 0-9 - and _. A request without content has the digest of no bytes. Pure functions; any thread.
#pragma once

#include <span>
#include <string>

#include "base/verified.h"
#include "crypto/signer.h"

namespace intaglio::proof {

// A request as it was sent or is to be sent. Views that must outlive the call.
struct RequestContent {
  std::string_view method;      // as on the wire: "GET"
  std::string_view target_uri;  // absolute, RFC 9421 section 2.2.2: "https://host:port/path?query"
  ByteView body;
};

// The values of the three header fields; empty for a field that is absent. Lines of one field are
// joined by ", " (RFC 9110 section 5.3), so that a second line is seen and refused.
struct SignatureFields {
  std::string content_digest;
  std::string signature_input;
  std::string signature;
};

// Who signed a request, and when.
struct RequestSignature {
  KeyHash key;
  Millis created;     // whole seconds
  std::string nonce;  // whoever acts on requests takes each (key, nonce) once
  bool operator==(const RequestSignature&) const = default;
};

// Read and not verified: says which key to verify with. Owns all of it.
class UnverifiedRequest {
 public:
  UnverifiedRequest(RequestSignature said, const Digest& digest, const crypto::Signature& signature)
      : said_(std::move(said)), digest_(digest), signature_(signature) {}
  const RequestSignature& said() const { return said_; }
  const Digest& digest() const { return digest_; }  // SHA-256 of the signature base
  const crypto::Signature& signature() const { return signature_; }

 private:
  RequestSignature said_;
  Digest digest_;
  crypto::Signature signature_;
};

// How far a request's time may be from ours.
struct RequestWindow {
  Duration max_age = seconds(60);
  Duration max_ahead = seconds(5);  // clocks differ
};

// `request_unsigned` when a field is absent or a component is not covered; `bad_algorithm` for
// another algorithm or digest; `request_altered` when the digest is not the body's; `too_large`,
// `bad_encoding`, `bad_value`, `missing_field`, `unknown_field`, `duplicate_field` and
// `bad_signature_form` for what is not the form above. A refusal names the field and the byte or
// parameter.
Result<UnverifiedRequest> parse_request_signature(const RequestContent& request,
                                                  const SignatureFields& fields);

// `request_stale` outside the window, `request_altered` when the verifier's key is not the one
// named or did not sign this. Of the two forms of a signature either is taken: other people's
// software signs requests, and a request is known by its nonce.
Result<Verified<RequestSignature>> verify_request_signature(const UnverifiedRequest& request,
                                                            const crypto::Verifier& verifier,
                                                            Millis now, RequestWindow window = {});

using RequestNonce = FixedBytes<struct RequestNonceTag, 16>;

// The fields to send with a request, signed. Refuses what the signer refuses, and `bad_encoding`
// for a method or URI that no request can have.
Result<SignatureFields> sign_request(const RequestContent& request, Millis now,
                                     const RequestNonce& nonce, const crypto::Signer& signer);

// One line of a signature base: a component's name and value.
struct CoveredComponent {
  std::string_view name;
  std::string_view value;
};

// RFC 9421 section 2.5: what is signed. `params` is the member's value in Signature-Input.
std::string signature_base(std::span<const CoveredComponent> components, std::string_view params);

}  // namespace intaglio::proof
