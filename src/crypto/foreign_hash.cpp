#include "crypto/foreign_hash.h"

#include <memory>

#include <openssl/evp.h>

#include "base/check.h"

namespace intaglio::crypto {
namespace {

struct Free {
  void operator()(EVP_MD* hash) const { EVP_MD_free(hash); }
};

const char* name_of(ForeignHash hash) {
  switch (hash) {
    case ForeignHash::sha512: return "SHA512";
    case ForeignHash::sha512_256: return "SHA512-256";
    case ForeignHash::ripemd160: return "RIPEMD160";
    case ForeignHash::blake2b_512: return "BLAKE2B-512";
    case ForeignHash::blake2s_256: return "BLAKE2S-256";
  }
  return "";
}

}  // namespace

std::optional<Bytes> foreign_hash(ForeignHash hash, ByteView message) {
  const std::unique_ptr<EVP_MD, Free> algorithm(EVP_MD_fetch(nullptr, name_of(hash), nullptr));
  if (algorithm == nullptr) return std::nullopt;
  Bytes out(EVP_MAX_MD_SIZE);
  unsigned size = 0;
  CHECK(EVP_Digest(message.data(), message.size(), out.data(), &size, algorithm.get(), nullptr) ==
        1);
  out.resize(size);
  return out;
}

}  // namespace intaglio::crypto
