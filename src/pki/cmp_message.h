// CMP messages in DER, as far as cmp.cpp needs to look into them itself: OpenSSL 3.0 has no way to
// ask for the sender's key identifier, a template's key or a revocation's reason, and it signs with
// keys in memory alone. For this module alone.
#pragma once

#include "pki/cmp.h"
#include "pki/der_reader.h"

namespace intaglio::pki {

// PKIBody's tags (RFC 4210 section 5.1.2).
enum class CmpBody : std::uint8_t {
  ir = 0,
  cr = 2,
  p10cr = 4,
  kur = 7,
  rr = 11,
  genm = 21,
  error = 23,
  cert_conf = 24,
  poll_req = 25,
};

// Views of the message's bytes.
struct CmpMessage {
  ByteView sender;     // a Name's whole encoding
  ByteView recipient;  // the same
  bool under_secret = false;
  ByteView sender_key_id;  // the reference of a secret, or the key identifier of who signed
  ByteView transaction;    // 1 to 64 bytes
  ByteView sender_nonce;   // may be empty
  CmpBody body_kind = CmpBody::ir;
  ByteView body;                   // what the body's tag holds
  std::optional<ByteView> signer;  // the first of the extra certificates
};

// Takes the message apart. Refuses as der::Reader does; `bad_version` (2 alone), `bad_value` (a
// body that is no client's, a sender that is no Name), `missing_field` (transaction, protection),
// `bad_algorithm`: the protection is neither an ECDSA signature with SHA-256 or longer nor a MAC
// whose key is made with SHA-256, at least 100 and at most kMaxCmpIterations times over, and which
// is HMAC with SHA-1 or SHA-256.
Result<CmpMessage> read_cmp_message(ByteView der);
// Only what an answer to it repeats, when the rest of it cannot be taken.
Result<CmpMessage> read_cmp_addresses(ByteView der);

// What a template or request wishes for, and who says so; nothing in it is verified.
Result<CmpApplication> read_cmp_application(const CmpMessage& message);

// A certificate named by issuer and serial: kur names the old one, rr the one to revoke.
struct CmpCertificateId {
  ByteView issuer;  // a Name's whole encoding
  SerialNumber serial;
};
Result<std::optional<CmpCertificateId>> read_old_certificate(const CmpMessage& kur);
bool names(const CmpCertificateId& id, const Certificate& certificate);

struct CmpRevocation {
  CmpCertificateId certificate;
  RevocationReason reason = RevocationReason::unspecified;
};
Result<CmpRevocation> read_cmp_revocation(const CmpMessage& rr);

// The PKIFailureInfo bit (RFC 4210 section 5.2.3) for a verdict.
unsigned cmp_failure(Verdict verdict);

// An error message in answer to `request`, not protected yet.
Result<Bytes> encode_cmp_error(const CmpMessage& request, const CmpIdentity& identity,
                               const Refusal& refusal, ByteView nonce, Millis now);

// Signs a message that is not protected (RFC 4210 section 5.1.3.3), with the certificates of the
// signer in it.
Result<Bytes> sign_cmp_message(ByteView der, const CmpIdentity& identity);

}  // namespace intaglio::pki
