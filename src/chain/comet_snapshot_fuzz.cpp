#include "base/check.h"
#include "chain/comet_snapshot.h"

using namespace intaglio;

// What a snapshot is of, and a chunk of headers, have one form each; and what is offered is taken
// for what it is or refused.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(data, size);
  if (const auto headers = chain::decode_headers(bytes)) {
    CHECK(equal(chain::encode_headers(*headers), bytes));
  }
  const auto snapshot = chain::CometSnapshot::decode(bytes);
  if (!snapshot) return 0;
  CHECK(equal(snapshot->encode(), bytes));
  const LedgerId ledger = snapshot->state.ledger;
  const auto offered = snapshot->offered();
  const auto read = chain::read_offered(offered, snapshot->header.hash(ledger).view(), ledger,
                                        snapshot->state.chain);
  CHECK(!read || equal(read->encode(), bytes));
  return 0;
}
