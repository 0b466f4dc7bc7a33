#include "base/check.h"
#include "stone/prices.h"

using namespace intaglio;

// A list that is taken is the same after it was written, as CSV and as JSON, and has a price for
// every pair of its grades.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto list = stone::PriceList::from_text(as_text(ByteView(data, size)));
  if (!list) return 0;
  const auto from_csv = stone::PriceList::from_csv(list->to_csv());
  CHECK(from_csv && from_csv->rows() == list->rows());
  const auto from_json = stone::PriceList::from_json(list->to_json().dump());
  CHECK(from_json && from_json->rows() == list->rows());
  for (const auto& colour : list->colours()) {
    for (const auto& clarity : list->clarities()) {
      CHECK(list->curve(list->rows().front().shape, colour, clarity, "").has_value());
    }
  }
  return 0;
}
