#include "base/check.h"
#include "codec/emv_text.h"

using namespace intaglio;

namespace {

// The objects written again are the text they were read from.
void check_objects(std::string_view text) {
  const auto objects = codec::parse_emv_objects(text);
  if (!objects) return;
  codec::EmvWriter out;
  for (const auto& object : objects->all()) {
    CHECK(out.view().size() == object.offset);
    out.put(object.id, object.value);
  }
  CHECK(out.value().has_value());
  CHECK(out.view() == text);
}

void check_code(std::string_view text) {
  const auto code = codec::parse_emv_text(text);
  if (!code) return;
  codec::EmvWriter out;
  for (const auto& object : code->objects().all()) {
    if (object.id != 63) out.put(object.id, object.value);
    check_objects(object.value);
  }
  const auto written = out.finish();
  CHECK(written.has_value());
  // But for the case of the CRC's digits.
  CHECK(written->substr(0, written->size() - 4) == text.substr(0, text.size() - 4));
}

void check_amount(std::string_view text) {
  for (const unsigned scale : {0U, 2U, 3U}) {
    const auto amount = codec::emv_amount(text, scale);
    if (!amount) continue;
    const auto written = codec::emv_amount_text(*amount, scale);
    if (written) CHECK(codec::emv_amount(*written, scale) == amount);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = as_text(ByteView(data, size));
  check_objects(text);
  check_amount(text);
  check_code(text);
  // Nobody guesses a CRC: once more with the right one.
  std::string sealed = std::string(text) + "6304";
  const auto crc = codec::emv_crc(sealed);
  for (const int shift : {12, 8, 4, 0}) sealed += "0123456789abcdef"[crc >> shift & 15];
  check_code(sealed);
  return 0;
}
