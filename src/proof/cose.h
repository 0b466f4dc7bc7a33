// COSE_Sign1 (RFC 9052 section 4.2) in the one form that our statements have:
//   18([ << {1: -7, 4: key hash (32 bytes)} >>, {}, payload, signature (64 bytes, low-s) ])
// over deterministic CBOR, with external_aad = [purpose text, ledger id]. What is signed, the
// Sig_structure, is ["Signature1", protected, external_aad, payload]; its SHA-256 is the
// statement's id, so an id never depends on a signature. Pure functions; any thread.
#pragma once

#include "base/ids.h"
#include "base/result.h"
#include "crypto/es256.h"

namespace intaglio::proof {

// The pieces of a COSE_Sign1. The payload is a view into the bytes it was parsed from.
struct Sign1 {
  KeyHash key;
  ByteView payload;
  crypto::Signature signature;  // in canonical form
};

// `too_large` past `limit` bytes; `bad_encoding`, `bad_value`, `truncated`, `trailing_bytes` for
// other bytes than the form above; `bad_algorithm` for another algorithm than ES256,
// `unknown_field` for an unprotected header, `bad_signature_form`. The payload is any bytes.
Result<Sign1> parse_sign1(ByteView bytes, std::size_t limit);

Bytes assemble_sign1(const KeyHash& key, ByteView payload, const crypto::Signature& signature);

// The Sig_structure of RFC 9052 section 4.4 for any protected header and external_aad.
Bytes sig_structure(ByteView protected_header, ByteView external_aad, ByteView payload);

// That of a statement: the message that ES256 signs.
Bytes to_be_signed(const KeyHash& key, ByteView payload, std::string_view purpose,
                   const LedgerId& ledger);

// SHA-256 of the Sig_structure, without joining it: the statement's id, and the digest that its
// signature is verified over.
Digest statement_digest(const KeyHash& key, ByteView payload, std::string_view purpose,
                        const LedgerId& ledger);

}  // namespace intaglio::proof
