#include "base/check.h"
#include "proof/double_vote.h"

using namespace intaglio;

// A vote that is read is written and read again as the same, and convicts nobody beside itself.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(data, size);
  const auto vote = proof::decode_comet_vote(bytes);
  if (!vote) return 0;
  const auto again = proof::decode_comet_vote(proof::encode_comet_vote(*vote));
  CHECK(again && *again == *vote);
  CHECK(vote->sign_bytes("chain").size() < 256);
  CHECK(!proof::read_double_vote({to_bytes(bytes), to_bytes(bytes)}));
  return 0;
}
