// Whoever can sign, as `pki` and `proof` see it: they build what is to be signed and are handed one
// of these. They hold no key.
#pragma once

#include <functional>

#include "crypto/es256.h"

namespace intaglio::crypto {

struct Signer {
  PublicKey key;
  std::function<Result<Signature>(ByteView message)> sign;  // hashed inside, low-s
};

}  // namespace intaglio::crypto
