#include "crypto/ed25519.h"

#include <memory>

#include <openssl/evp.h>

#include "base/check.h"

namespace intaglio::crypto {
namespace {

template <auto kFree>
struct Free {
  void operator()(auto* object) const { kFree(object); }
};
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Context = std::unique_ptr<EVP_MD_CTX, Free<EVP_MD_CTX_free>>;

}  // namespace

bool verify_ed25519(const Ed25519Key& key, ByteView message, const Ed25519Signature& signature) {
  const Key parsed(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.view().data(), Ed25519Key::kSize));
  // OpenSSL takes any 32 bytes here; whether they are a point is seen when it verifies.
  CHECK(parsed != nullptr);
  const Context context(EVP_MD_CTX_new());
  CHECK(context != nullptr);
  CHECK(EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, parsed.get()) == 1);
  return EVP_DigestVerify(context.get(), signature.view().data(), Ed25519Signature::kSize,
                          message.data(), message.size()) == 1;
}

Ed25519Key ed25519_key_of(const Secret& seed) {
  CHECK(seed.reveal().size() == kEd25519Seed);
  const Key parsed(
      EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.reveal().data(), kEd25519Seed));
  CHECK(parsed != nullptr);
  Ed25519Key out;
  std::size_t size = Ed25519Key::kSize;
  CHECK(EVP_PKEY_get_raw_public_key(parsed.get(), out.writable().data(), &size) == 1);
  CHECK(size == Ed25519Key::kSize);
  return out;
}

}  // namespace intaglio::crypto
