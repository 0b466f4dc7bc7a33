// Enrolment frames, application information and certificate requests from outside: what decodes
// encodes to the same bytes.
#include "base/check.h"
#include "pki/enrolment.h"

namespace {

template <typename T>
void record_property(intaglio::ByteView input) {
  const auto record = intaglio::codec::decode_record<T>(input);
  if (record) CHECK(intaglio::equal(intaglio::codec::encode_record(*record), input));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace intaglio;
  const ByteView input(data, size);
  if (const auto frame = pki::decode_frame(input)) {
    CHECK(equal(pki::encode_frame(*frame), input));
  }
  record_property<pki::ApplicationInformation>(input);
  record_property<pki::CertificateRequest>(input);
  return 0;
}
