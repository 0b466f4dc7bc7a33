#include "base/check.h"
#include "element/element_uri.h"

using namespace intaglio;

// What is read is written in a form that reads the same, and that form is the last word.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(as_text(ByteView(data, size)));
  if (const auto uri = element::parse_pkcs11_uri(text)) {
    const std::string written = element::to_text(*uri);
    if (written.size() <= element::kMaxElementUri) {
      CHECK(element::parse_pkcs11_uri(written).value() == *uri);
    }
  }
  if (const auto uri = element::parse_tpm_uri(text)) {
    CHECK(element::parse_tpm_uri(element::to_text(*uri)).value() == *uri);
  }
  if (const auto uri = element::key_uri(text, "node")) {
    CHECK(element::scheme_of(*uri).has_value() || uri->size() > element::kMaxElementUri);
  }
  return 0;
}
