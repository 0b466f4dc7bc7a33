// A signing key of Ed25519 from a seed: another system's validator in a test. Whoever knows the
// seed has the key.
#pragma once

#include <memory>

#include <openssl/evp.h>

#include "base/check.h"
#include "crypto/ed25519.h"
#include "crypto/sha256.h"

namespace intaglio::crypto {

class Ed25519ForTest {
 public:
  // The private key is these 32 bytes (RFC 8032 section 5.1.5).
  static Ed25519ForTest from_private(const Digest& bytes) { return Ed25519ForTest(bytes); }
  static Ed25519ForTest of(std::string_view seed) { return Ed25519ForTest(sha256(as_bytes(seed))); }

  const Ed25519Key& key() const { return key_; }

  Ed25519Signature sign(ByteView message) const {
    const std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
    Ed25519Signature out;
    std::size_t size = Ed25519Signature::kSize;
    CHECK(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, private_.get()) == 1);
    CHECK(EVP_DigestSign(context.get(), out.writable().data(), &size, message.data(),
                         message.size()) == 1);
    return out;
  }

 private:
  struct Free {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };

  explicit Ed25519ForTest(const Digest& bytes)
      : private_(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, bytes.view().data(),
                                              Digest::kSize),
                 Free()) {
    std::size_t size = Ed25519Key::kSize;
    CHECK(private_ != nullptr);
    CHECK(EVP_PKEY_get_raw_public_key(private_.get(), key_.writable().data(), &size) == 1);
  }

  std::shared_ptr<EVP_PKEY> private_;
  Ed25519Key key_;
};

}  // namespace intaglio::crypto
