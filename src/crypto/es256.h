// ES256: ECDSA on P-256 with SHA-256 (RFC 7518 section 3.4, RFC 9053 section 2.1). Signatures are
// 64 bytes r || s, always low-s: of s and n - s only the smaller is ours, so one statement has one
// signature form and nothing can be keyed on a twin.
#pragma once

#include <memory>

#include "base/ids.h"
#include "base/result.h"
#include "base/secret.h"

namespace intaglio::crypto {

using Signature = FixedBytes<struct SignatureTag, 64>;

// A point on P-256, uncompressed (SEC 1: 04 || x || y, 65 bytes). Only parse() fills one, so it is
// on the curve and never the point at infinity; a default one is empty and verifies nothing. A
// value.
class PublicKey {
 public:
  static constexpr std::size_t kSize = 65;
  static Result<PublicKey> parse(ByteView point);  // `bad_key`

  ByteView view() const { return point_.view(); }
  KeyHash hash() const;  // SHA-256 of the 65 bytes
  auto operator<=>(const PublicKey&) const = default;

 private:
  FixedBytes<struct PointTag, kSize> point_;
};

// 1 <= r < n and 1 <= s <= n / 2, by our own comparison of bytes.
bool in_canonical_form(const Signature& signature);

// A parsed key, ready to verify many signatures: parsing costs about half a verification.
// verify() may be called from any thread.
class Verifier {
 public:
  explicit Verifier(const PublicKey& key);
  ~Verifier();
  Verifier(const Verifier&) = delete;
  Verifier& operator=(const Verifier&) = delete;

  const PublicKey& key() const { return key_; }
  const KeyHash& key_hash() const { return key_hash_; }

  // `digest` is SHA-256 of the message. False for a signature not in canonical form.
  bool verify(const Digest& digest, const Signature& signature) const;

 private:
  struct Parsed;
  PublicKey key_;
  KeyHash key_hash_;
  std::unique_ptr<const Parsed> parsed_;
};

// A private key in memory. Only `element` may include this class (tools/tidy): everybody else
// reaches keys through a SecureElement. sign() may be called from any thread.
class SigningKey {
 public:
  static SigningKey generate();
  // Encrypted PKCS#8 in PEM (PBES2: scrypt, AES-256-CBC), readable by `openssl pkey`. Both take
  // some 0.2 s, on purpose. `bad_encoding` when it is no such file (a key that is not encrypted is
  // none), `element_locked` for a wrong passphrase, `bad_key` for another kind of key.
  static Result<SigningKey> from_encrypted_pem(ByteView pem, const Secret& passphrase);
  Bytes to_encrypted_pem(const Secret& passphrase) const;

  ~SigningKey();
  SigningKey(SigningKey&&) noexcept;
  SigningKey& operator=(SigningKey&&) noexcept;

  const PublicKey& public_key() const { return public_key_; }
  Signature sign(const Digest& digest) const;  // low-s

 private:
  struct Parsed;
  SigningKey(PublicKey public_key, std::unique_ptr<Parsed> parsed);
  PublicKey public_key_;
  std::unique_ptr<Parsed> parsed_;
};

// ECDSA signatures as X.509 carries them (DER SEQUENCE of two INTEGERs, RFC 3279 section 2.2.3), to
// r || s and back. The result of from_der is as it was signed, high or low s. `bad_encoding` when
// it is not DER, `bad_signature_form` when a number does not fit in 32 bytes.
Bytes to_der(const Signature& signature);
Result<Signature> signature_from_der(ByteView der);
// The low-s twin of a signature, for elements that do not make it themselves and for foreign
// formats. A signature that is out of range stays as it is.
Signature to_low_s(const Signature& signature);

}  // namespace intaglio::crypto
