// SHA-256 of what comes piece by piece and is never in memory whole.
#pragma once

#include <memory>

#include "base/bytes.h"

namespace intaglio::crypto {

// One thread.
class Sha256Pieces {
 public:
  Sha256Pieces();
  ~Sha256Pieces();
  Sha256Pieces(const Sha256Pieces&) = delete;
  Sha256Pieces& operator=(const Sha256Pieces&) = delete;

  void take(ByteView piece);
  // Of all that was taken since the last one.
  Digest finish();

 private:
  class Hashing;
  std::unique_ptr<Hashing> hashing_;
};

}  // namespace intaglio::crypto
