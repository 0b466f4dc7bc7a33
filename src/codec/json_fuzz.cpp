#include "base/check.h"
#include "codec/json.h"

using namespace intaglio;

// What is read reads the same after writing, on one line and on many.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto value = codec::parse_json(as_text(ByteView(data, size)));
  if (!value) return 0;
  const codec::JsonLimits no_limit{.bytes = SIZE_MAX};
  for (const auto& text : {value->dump(), value->pretty()}) {
    const auto again = codec::parse_json(text, no_limit);
    CHECK(again.has_value() && *again == *value);
  }
  return 0;
}
