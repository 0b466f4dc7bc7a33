// Certificates-only messages from outside: what decodes keeps its certificates when it is written
// again, in the one form that we write.
#include "base/check.h"
#include "pki/certificates_only.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace intaglio;
  const auto certificates = pki::decode_certificates_only({data, size});
  if (!certificates) return 0;
  const auto again = pki::decode_certificates_only(pki::encode_certificates_only(*certificates));
  CHECK(again && *again == *certificates);
  return 0;
}
