#include "base/check.h"
#include "stone/fingerprint.h"

using namespace intaglio;

// What is read is written to the same bytes and survives JSON; closed, it is still one.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(data, size);
  const auto read = stone::decode_fingerprint(bytes);
  if (!read) return 0;
  CHECK(equal(stone::encode_fingerprint(*read), bytes));
  const auto closed = stone::closed(*read);
  CHECK(stone::decode_fingerprint(stone::encode_fingerprint(closed)) == closed);
  CHECK(!stone::descriptor_in(closed));
  if (read->volume > INT64_MAX) return 0;
  const auto again = codec::record_from_json<stone::Fingerprint>(codec::record_to_json(closed));
  CHECK(again && *again == closed);
  return 0;
}
