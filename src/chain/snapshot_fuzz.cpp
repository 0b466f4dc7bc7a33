#include "base/check.h"
#include "chain/snapshot.h"

using namespace intaglio;

// The three kinds of files of a snapshot have one form each.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(data, size);
  if (const auto snapshot = chain::Snapshot::decode(bytes)) {
    CHECK(equal(snapshot->encode(), bytes));
  }
  if (const auto proof = chain::SnapshotProof::decode(bytes)) {
    CHECK(equal(proof->encode(), bytes));
  }
  if (const auto rows = chain::decode_chunk(bytes)) {
    CHECK(equal(chain::encode_chunk(*rows), bytes));
  }
  return 0;
}
