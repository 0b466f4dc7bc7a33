// Twins from outside, as statements and as payloads: what decodes encodes to the same bytes.
#include "base/check.h"
#include "proof/certificate_twin.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace intaglio;
  const ByteView input(data, size);
  const auto twin = proof::CertificateTwin::decode(input);
  if (twin) CHECK(equal(twin->encode(), input));
  const auto statement = proof::parse_statement<proof::CertificateTwin>(input, LedgerId{});
  if (statement) CHECK(proof::CertificateTwin::decode(statement->body().encode()).has_value());
  return 0;
}
