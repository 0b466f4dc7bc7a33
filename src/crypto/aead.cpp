#include "crypto/aead.h"

#include <memory>

#include <openssl/evp.h>

#include "base/check.h"

namespace intaglio::crypto {
namespace {

constexpr std::size_t kNonceSize = 12;
constexpr std::size_t kTagSize = 16;
static_assert(kNonceSize + kTagSize == kAeadOverhead);

struct Free {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, Free>;

enum class Direction { open = 0, seal = 1 };

Context start(const Secret& key, ByteView nonce, ByteView context, Direction direction) {
  CHECK(key.size() == kAeadKeySize && nonce.size() == kNonceSize);
  static const EVP_CIPHER* const algorithm = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  Context out(EVP_CIPHER_CTX_new());
  CHECK(algorithm != nullptr && out != nullptr);
  CHECK(EVP_CipherInit_ex2(out.get(), algorithm, key.reveal().data(), nonce.data(),
                           static_cast<int>(direction), nullptr) == 1);
  int taken = 0;
  CHECK(EVP_CipherUpdate(out.get(), nullptr, &taken, context.data(),
                         static_cast<int>(context.size())) == 1);
  return out;
}

}  // namespace

Bytes seal(const Secret& key, ByteView context, ByteView plaintext, Env& env) {
  CHECK(plaintext.size() <= 1 << 30 && context.size() <= 1 << 30);
  Bytes out(plaintext.size() + kAeadOverhead);
  const std::span nonce(out.data(), kNonceSize);
  env.random(nonce);
  const Context sealing = start(key, nonce, context, Direction::seal);
  std::uint8_t* const body = out.data() + kNonceSize;
  int written = 0;
  CHECK(EVP_CipherUpdate(sealing.get(), body, &written, plaintext.data(),
                         static_cast<int>(plaintext.size())) == 1);
  CHECK(static_cast<std::size_t>(written) == plaintext.size());
  CHECK(EVP_CipherFinal_ex(sealing.get(), body + written, &written) == 1);
  CHECK(EVP_CIPHER_CTX_ctrl(sealing.get(), EVP_CTRL_AEAD_GET_TAG, kTagSize,
                            body + plaintext.size()) == 1);
  return out;
}

std::optional<Secret> open(const Secret& key, ByteView context, ByteView sealed) {
  if (sealed.size() < kAeadOverhead || sealed.size() > 1 << 30) return std::nullopt;
  const Context opening = start(key, sealed.first(kNonceSize), context, Direction::open);
  const ByteView body = sealed.subspan(kNonceSize, sealed.size() - kAeadOverhead);
  Bytes tag = to_bytes(sealed.last(kTagSize));
  Bytes plaintext(body.size());
  int written = 0;
  CHECK(EVP_CipherUpdate(opening.get(), plaintext.data(), &written, body.data(),
                         static_cast<int>(body.size())) == 1);
  CHECK(EVP_CIPHER_CTX_ctrl(opening.get(), EVP_CTRL_AEAD_SET_TAG, kTagSize, tag.data()) == 1);
  // Until the tag is checked the plaintext is nobody's: wiped by Secret when it is refused.
  Secret out(std::move(plaintext));
  std::uint8_t rest[16];
  if (EVP_CipherFinal_ex(opening.get(), rest, &written) != 1) return std::nullopt;
  return out;
}

}  // namespace intaglio::crypto
