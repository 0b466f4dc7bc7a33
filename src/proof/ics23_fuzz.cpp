#include "base/check.h"
#include "proof/ics23.h"

using namespace intaglio;

// What is read is written again to the same bytes. Nothing leads to a root that is not the one it
// calculates, and what is proven to stand there is not proven to be absent.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace ics23 = proof::ics23;
  const ByteView bytes(data, size);
  const auto proof = ics23::decode(bytes);
  if (!proof) return 0;
  CHECK(equal(ics23::encode(*proof), bytes));
  for (const auto* spec : {&ics23::tendermint_spec(), &ics23::iavl_spec()}) {
    if (const auto* there = std::get_if<ics23::ExistenceProof>(&*proof)) {
      const auto root = ics23::calculate_root(*there);
      if (!root) continue;
      const auto proven = ics23::verify_membership(*spec, *root, *proof, there->key, there->value);
      CHECK(!proven || (*proven)->value == there->value);
      CHECK(!ics23::verify_membership(*spec, Bytes(32, 7), *proof, there->key, there->value));
    } else {
      const auto& absent = std::get<ics23::NonExistenceProof>(*proof);
      const auto& side = absent.left ? absent.left : absent.right;
      if (!side) continue;
      const auto root = ics23::calculate_root(*side);
      if (!root) continue;
      CHECK(!ics23::verify_non_membership(*spec, *root, *proof, side->key));
      (void)ics23::verify_non_membership(*spec, *root, *proof, absent.key);
    }
  }
  return 0;
}
