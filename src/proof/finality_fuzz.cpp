#include "base/check.h"
#include "proof/comet_finality.h"

using namespace intaglio;

// A proof has one form. Without the keys of whoever signed it nothing is final, and nothing that
// nobody voted for.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(data, size);
  const auto proof = proof::FinalityProof::decode(bytes);
  if (!proof) return 0;
  CHECK(equal(proof->encode(), bytes));
  const proof::CosignedBlock block{ChainId(1), Height(7), {}};
  const proof::BlockSigners nobody{.accounting = {}, .consensus = {}, .quorum = 0};
  const auto verified = proof::verify_cosignatures(proof->cosignatures, block, nobody, {});
  CHECK(verified.has_value() == proof->cosignatures.empty());
  if (!proof->comet) return 0;
  const auto trust = proof::trust_at_any_time(proof::still_trusted({.chain = "comet-test",
                                                                    .height = {},
                                                                    .time = {},
                                                                    .hash = {},
                                                                    .app = {},
                                                                    .next_validators = {}}));
  const auto followed = proof::follow_steps(trust, proof->comet->steps);
  CHECK(followed.has_value() == proof->comet->steps.empty());
  return 0;
}
