#include "base/check.h"
#include "proof/light_client.h"

using namespace intaglio;

// What is read is written and read again as the same block; and nothing is committed by votes that
// nobody signed.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto block = proof::decode_light_block(ByteView(data, size));
  if (!block) return 0;
  CHECK(block->validators.power() <= proof::kMaxCometPower);
  const Bytes encoded = proof::encode_light_block(*block);
  const auto again = proof::decode_light_block(encoded);
  CHECK(again && *again == *block);
  CHECK(again->header.hash() == block->header.hash());
  for (std::size_t i = 0; i < block->commit.signatures.size(); ++i) {
    CHECK(block->commit.sign_bytes(block->header.chain, i).size() < 256);
  }
  auto other = *block;
  other.header.app = Bytes(32, 7);
  CHECK(!proof::verify_commit(other.header, other.commit, other.validators) ||
        other.header == block->header);
  return 0;
}
