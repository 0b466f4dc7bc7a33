// Enrolment answers of both profiles, application information and certificate requests from
// outside: what decodes encodes to the same bytes.
#include "base/check.h"
#include "pki/enrolment_answer.h"

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
  if (const auto compact = pki::decode_compact(input)) {
    CHECK(equal(pki::encode_compact(*compact), input));
    CHECK(!pki::decode_answer(input, pki::EnrolmentProfile::framed));
  }
  if (const auto framed = pki::decode_framed(input)) {
    CHECK(size == pki::kFramedAnswer);
    CHECK(equal(pki::encode_framed(*framed), input));
    CHECK(!pki::decode_answer(input, pki::EnrolmentProfile::compact));
  }
  record_property<pki::ApplicationInformation>(input);
  record_property<pki::CertificateRequest>(input);
  return 0;
}
