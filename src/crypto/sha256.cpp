#include "crypto/sha256.h"

#include <memory>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/check.h"
#include "base/secret.h"

namespace intaglio::crypto {
namespace {

// Most of what we hash is short, and there the library's allocations and look-ups cost more than
// the hash. So the algorithm is fetched once and each thread keeps one context.
class Hashing {
 public:
  Hashing() {
    static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    CHECK(algorithm != nullptr);
    CHECK(context_ != nullptr);
    CHECK(EVP_DigestInit_ex2(context_.get(), algorithm, nullptr) == 1);
  }

  void start() { CHECK(EVP_DigestInit_ex2(context_.get(), nullptr, nullptr) == 1); }
  void take(ByteView piece) {
    CHECK(EVP_DigestUpdate(context_.get(), piece.data(), piece.size()) == 1);
  }
  Digest finish() {
    Digest out;
    CHECK(EVP_DigestFinal_ex(context_.get(), out.writable().data(), nullptr) == 1);
    return out;
  }

 private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context_{EVP_MD_CTX_new()};
};

Hashing& hashing() {
  thread_local Hashing instance;
  return instance;
}

}  // namespace

Digest sha256(ByteView message) {
  Hashing& hash = hashing();
  hash.start();
  hash.take(message);
  return hash.finish();
}

Digest sha256(std::initializer_list<ByteView> pieces) {
  Hashing& hash = hashing();
  hash.start();
  for (const ByteView piece : pieces) hash.take(piece);
  return hash.finish();
}

Digest hmac_sha256(ByteView key, ByteView message) {
  constexpr std::size_t kBlock = 64;
  std::array<std::uint8_t, kBlock> pad{};
  if (key.size() > kBlock) {
    std::ranges::copy(sha256(key).view(), pad.begin());
  } else {
    std::ranges::copy(key, pad.begin());
  }
  for (auto& byte : pad) byte ^= 0x36;
  const Digest inner = sha256({pad, message});
  for (auto& byte : pad) byte ^= 0x36 ^ 0x5c;
  const Digest outer = sha256({pad, inner.view()});
  wipe(pad.data(), pad.size());
  return outer;
}

bool equal_constant_time(ByteView a, ByteView b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace intaglio::crypto
