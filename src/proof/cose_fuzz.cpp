#include "base/check.h"
#include "crypto/sha256.h"
#include "proof/claim.h"
#include "proof/statement.h"

using namespace intaglio;

// One statement has one form, and its id is the hash of what is signed.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(data, size);
  const auto sign1 = proof::parse_sign1(bytes, proof::kMaxStatement);
  if (!sign1) return 0;
  CHECK(equal(proof::assemble_sign1(sign1->key, sign1->payload, sign1->signature), bytes));
  const LedgerId ledger;
  const auto claim = proof::parse_statement<proof::Claim>(bytes, ledger);
  if (!claim) return 0;
  CHECK(equal(claim->body().encode(), sign1->payload));
  CHECK(claim->id() == crypto::sha256(proof::to_be_signed(sign1->key, sign1->payload,
                                                          proof::Claim::kPurpose, ledger)));
  return 0;
}
