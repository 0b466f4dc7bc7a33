#include "crypto/passphrase.h"

#include <openssl/evp.h>

#include "base/check.h"

namespace intaglio::crypto {

// RFC 7914 section 2, with the cost that OpenSSL's own limit of 32 MiB allows, as our keys have it.
Secret key_from_passphrase(const Secret& passphrase, ByteView salt) {
  constexpr std::uint64_t kCost = 1 << 14;
  constexpr std::uint64_t kBlock = 8;
  Bytes key(kAeadKeySize);
  const ByteView secret = passphrase.reveal();
  CHECK(EVP_PBE_scrypt(reinterpret_cast<const char*>(secret.data()), secret.size(), salt.data(),
                       salt.size(), kCost, kBlock, 1, std::uint64_t{32} << 20, key.data(),
                       key.size()) == 1);
  return Secret(std::move(key));
}

Bytes seal_under_passphrase(const Secret& passphrase, ByteView context, ByteView plaintext,
                            Env& env) {
  Bytes out(kSaltSize);
  env.random(out);
  append(out, seal(key_from_passphrase(passphrase, out), context, plaintext, env));
  return out;
}

std::optional<Secret> open_under_passphrase(const Secret& passphrase, ByteView context,
                                            ByteView sealed) {
  if (sealed.size() < kSaltSize) return std::nullopt;
  return open(key_from_passphrase(passphrase, sealed.first(kSaltSize)), context,
              sealed.subspan(kSaltSize));
}

}  // namespace intaglio::crypto
