// Parts in DER that certificates and revocation lists share. For this module alone.
#pragma once

#include "base/check.h"
#include "pki/certificate.h"

namespace intaglio::pki {

Bytes extension(ByteView kind, bool critical, ByteView value);
Bytes authority_key_id(ByteView id);
Bytes signature_algorithm();  // ecdsa-with-SHA256
Bytes subject_public_key(const crypto::PublicKey& key);

// `bad_value` when an attribute is too long, not printable, or the common name is missing.
Result<Bytes> encode_name(const Name& name);

// SEQUENCE { what is signed, algorithm, signature, and what may follow it unsigned }.
Result<Bytes> sign_der(ByteView to_be_signed, const crypto::Signer& signer, ByteView more = {});

// The issuer's own key identifier, or the one we would have given it.
Bytes issuer_key_id(const Certificate& issuer);

// `bad_value` when the issuer is no authority or the signer has another key.
Result<void> check_issuer(const Certificate& issuer, const crypto::Signer& signer);

}  // namespace intaglio::pki
