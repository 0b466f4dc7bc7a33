// Certificates, revocation lists and capabilities from outside. What parses keeps its bytes, comes
// back from PEM the same, and survives judgement as its own anchor.
#include "base/check.h"
#include "pki/path.h"

namespace {

using namespace intaglio;

void certificate_property(ByteView input) {
  const auto certificate = pki::Certificate::parse(input);
  if (!certificate) return;
  CHECK(equal(certificate->der(), input));
  const auto again = pki::Certificate::from_pem(certificate->to_pem());
  CHECK(again && *again == *certificate && again->fingerprint() == certificate->fingerprint());
  const pki::PathMaterial material{{*certificate}, {*certificate}, {}};
  const pki::PathQuestion question{.at = certificate->validity().not_before};
  static_cast<void>(pki::validate_path(*certificate, material, question));
}

void list_property(ByteView input) {
  const auto list = pki::RevocationList::parse(input);
  if (!list) return;
  CHECK(equal(list->der(), input));
  const auto again = pki::RevocationList::from_pem(list->to_pem());
  CHECK(again && again->content() == list->content());
}

void capabilities_property(ByteView input) {
  const auto capabilities = pki::decode_capabilities(input);
  if (capabilities) CHECK(equal(pki::encode_capabilities(*capabilities), input));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  certificate_property(input);
  list_property(input);
  capabilities_property(input);
  static_cast<void>(pki::certificates_from_pem(as_text(input)));
  return 0;
}
