#include "base/check.h"
#include "stone/saw.h"

using namespace intaglio;

// What is read is written to the same bytes, the document and its proof.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(data, size);
  if (const auto sawing = stone::decode_sawing(bytes)) {
    CHECK(equal(stone::encode_sawing(*sawing), bytes));
  }
  if (const auto proof = stone::decode_saw_proof(bytes)) {
    const auto again = stone::encode_saw_proof(*proof);
    CHECK(again && equal(*again, bytes));
  }
  return 0;
}
