#include "base/check.h"
#include "codec/emv_text.h"
#include "proof/payment_code.h"

using namespace intaglio;

namespace {

constexpr std::string_view kGuid = "org.intaglio";

// The text with its CRC made right, or hardly any input would get past it.
std::string sealed(std::string_view text) {
  codec::EmvWriter made;
  if (const auto objects = codec::parse_emv_objects(text)) {
    for (const auto& object : objects->all()) {
      if (object.id != 63) made.put(object.id, object.value);
    }
  }
  return made.finish().value_or(std::string(text));
}

// What is before the signature, signed again, is the same signed bytes.
void check_signed_bytes(std::string_view text, const proof::UnverifiedPaymentCode& read) {
  const auto all = codec::parse_emv_objects(text)->all();
  const auto signed_text = text.substr(0, all[all.size() - 3].offset);
  const auto again = proof::assemble_code(signed_text, read.signature(), kGuid);
  if (!again) {  // templates of somebody else's stand where ours would, or take the last room
    const Verdict why = again.error().verdict;
    CHECK(why == Verdict::duplicate_field || why == Verdict::too_large);
    return;
  }
  CHECK(again->starts_with(signed_text));
  const auto reread = proof::parse_payment_code(*again, kGuid);
  CHECK(reread.has_value() && reread->code() == read.code());
  CHECK(reread->digest() == read.digest() && reread->signature() == read.signature());
}

// What a code says can be written, and reads as the same.
void check_content(const proof::UnverifiedPaymentCode& read) {
  const auto information = proof::code_information(read.code(), kGuid);
  CHECK(information.has_value());
  const auto again = proof::assemble_code(*information, read.signature(), kGuid);
  if (!again) {  // it has an object more than what was read
    CHECK(again.error().verdict == Verdict::too_large);
    return;
  }
  const auto reread = proof::parse_payment_code(*again, kGuid);
  CHECK(reread.has_value() && reread->code() == read.code());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text = sealed(as_text(ByteView(data, size)));
  const auto read = proof::parse_payment_code(text, kGuid);
  if (!read) return 0;
  CHECK(crypto::in_canonical_form(read->signature()));
  check_signed_bytes(text, *read);
  check_content(*read);
  return 0;
}
