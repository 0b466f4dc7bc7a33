// DER signatures come in certificates and applications of others.
#include "base/check.h"
#include "crypto/es256.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace intaglio;
  const ByteView input(data, size);
  const auto signature = crypto::signature_from_der(input);
  if (!signature) return 0;
  // One signature, one encoding; and of its two forms at most one is canonical.
  CHECK(equal(crypto::to_der(*signature), input));
  const auto low = crypto::to_low_s(*signature);
  CHECK(crypto::to_low_s(low) == low);
  CHECK(low == *signature || !crypto::in_canonical_form(*signature));
  return 0;
}
