#include "crypto/sha256_pieces.h"

#include <openssl/evp.h>

#include "base/check.h"

namespace intaglio::crypto {

class Sha256Pieces::Hashing {
 public:
  Hashing() { start(); }
  Hashing(const Hashing&) = delete;
  Hashing& operator=(const Hashing&) = delete;
  ~Hashing() { EVP_MD_CTX_free(context_); }

  void start() { CHECK(EVP_DigestInit_ex(context_, EVP_sha256(), nullptr) == 1); }
  void take(ByteView piece) { CHECK(EVP_DigestUpdate(context_, piece.data(), piece.size()) == 1); }
  Digest finish() {
    Digest out;
    CHECK(EVP_DigestFinal_ex(context_, out.writable().data(), nullptr) == 1);
    start();
    return out;
  }

 private:
  EVP_MD_CTX* const context_ = EVP_MD_CTX_new();
};

Sha256Pieces::Sha256Pieces() : hashing_(std::make_unique<Hashing>()) {}
Sha256Pieces::~Sha256Pieces() = default;

void Sha256Pieces::take(ByteView piece) { hashing_->take(piece); }
Digest Sha256Pieces::finish() { return hashing_->finish(); }

}  // namespace intaglio::crypto
