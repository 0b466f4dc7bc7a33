// OCSP requests from outside: what parses is within its bounds.
#include "base/check.h"
#include "pki/ocsp.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace intaglio;
  const auto request = pki::parse_ocsp_request({data, size});
  if (!request) return 0;
  CHECK(!request->questions.empty() && request->questions.size() <= pki::kMaxOcspQuestions);
  CHECK(request->nonce.size() <= pki::kMaxOcspNonce);
  for (const auto& question : request->questions) {
    CHECK(question.encoding.size() <= size);
    CHECK(question.issuer_name_hash.size() == question.issuer_key_hash.size());
  }
  return 0;
}
