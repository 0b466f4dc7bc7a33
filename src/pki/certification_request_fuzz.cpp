// Certification requests from outside: what verifies parses to the same, keeps its bytes and is
// found again in a PEM file.
#include "base/check.h"
#include "pki/certification_request.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace intaglio;
  const ByteView input(data, size);
  const auto request = pki::parse_certification_request(input);
  const auto verified = pki::verify_certification_request(input);
  CHECK(request || !verified);
  if (request) {
    CHECK(equal(request->der, input) && request->uris.size() <= pki::kMaxRequestedUris);
    const auto again = pki::certification_request_from_file(
        as_bytes(pki::to_pem("CERTIFICATE REQUEST", request->der)));
    CHECK(again && equal(*again, input));
  }
  static_cast<void>(pki::certification_request_from_file(input));
  return 0;
}
