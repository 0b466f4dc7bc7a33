#include "base/check.h"
#include "proof/finality.h"

using namespace intaglio;

// A proof has one form. Without the keys of whoever signed it nothing is final.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(data, size);
  const auto proof = proof::FinalityProof::decode(bytes);
  if (!proof) return 0;
  CHECK(equal(proof->encode(), bytes));
  const proof::CosignedBlock block{ChainId(1), Height(7), {}};
  const proof::BlockSigners nobody{.accounting = {}, .consensus = {}, .quorum = 0};
  const auto verified = proof::verify_cosignatures(proof->cosignatures, block, nobody, {});
  CHECK(verified.has_value() == proof->cosignatures.empty());
  return 0;
}
