#include "base/check.h"
#include "stone/plan.h"

using namespace intaglio;

// What is read is written to the same bytes, and survives JSON.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(data, size);
  const auto plan = stone::decode_plan(bytes);
  if (!plan) return 0;
  CHECK(equal(stone::encode_plan(*plan), bytes));
  const auto json = codec::record_to_json(*plan);
  if (plan->stone && plan->stone->pose.size > INT64_MAX) return 0;
  const auto again = codec::record_from_json<stone::Plan>(json);
  CHECK(again && *again == *plan);
  return 0;
}
