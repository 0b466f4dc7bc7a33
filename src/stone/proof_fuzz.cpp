#include "base/check.h"
#include "stone/proof.h"

using namespace intaglio;

// What is read is written to the same bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(data, size);
  const auto proof = stone::decode_proof(bytes);
  if (!proof) return 0;
  const auto again = stone::encode_proof(*proof);
  CHECK(again && equal(*again, bytes));
  return 0;
}
