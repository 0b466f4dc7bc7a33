// What officers are shown before they approve its digest: bytes that decode are the only ones of
// what they say, so one digest stands for one certificate.
#include "base/check.h"
#include "service/certificate/approvals.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace intaglio;
  const ByteView input(data, size);
  if (const auto intended = codec::decode_record<service::IntendedCertificate>(input)) {
    CHECK(equal(codec::encode_record(*intended), input));
    auto another = *intended;
    another.ticket += 'x';
    CHECK(service::digest_of(another) != service::digest_of(*intended));
  }
  if (const auto application = codec::decode_record<service::AwaitedApplication>(input)) {
    CHECK(equal(codec::encode_record(*application), input));
  }
  return 0;
}
