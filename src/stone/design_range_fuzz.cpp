#include "base/check.h"
#include "stone/design_range.h"

using namespace intaglio;

// A text that is a range, or one design, is written as a text that means the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto range = stone::design_range_from_text(text);
  if (!range) return 0;
  CHECK(stone::check_range(*range));
  const auto again = stone::design_range_from_text(stone::range_text(*range));
  CHECK(again && *again == *range);
  return 0;
}
