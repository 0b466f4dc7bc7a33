#include "base/check.h"
#include "codec/emv_text.h"
#include "proof/payment_code.h"

using namespace intaglio;

// What a code says can be written again, signed text apart from objects that are not ours, and
// reads as the same. The CRC is made right first, or hardly any input would get past it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::string_view kGuid = "org.intaglio";
  std::string text(as_text(ByteView(data, size)));
  codec::EmvWriter made;
  if (const auto objects = codec::parse_emv_objects(text)) {
    for (const auto& object : objects->all()) {
      if (object.id != 63) made.put(object.id, object.value);
    }
    if (const auto whole = made.finish()) text = *whole;
  }
  const auto read = proof::parse_payment_code(text, kGuid);
  if (!read) return 0;
  const auto information = proof::code_information(read->code(), kGuid);
  if (!information) return 0;  // an account too long beside our GUID
  const auto again = proof::assemble_code(*information, read->signature(), kGuid);
  CHECK(again.has_value());
  const auto reread = proof::parse_payment_code(*again, kGuid);
  CHECK(reread.has_value() && reread->code() == read->code());
  CHECK(reread->signature() == read->signature());
  return 0;
}
