#include "base/check.h"
#include "codec/hex.h"
#include "tx/ledger_proof.h"

using namespace intaglio;

namespace {

// The public test key "11" of the COSE working group signs for two chains; of a third CometBFT is
// said to have one validator, whose key nobody has.
ledger::Genesis genesis() {
  const auto point = codec::from_hex(
      "04bac5b11cad8f99f9c72b05cf4b9e26d244dc189f745228255a219a86d6a09eff"
      "20138bf82dc1b6d562be0fa54ab7804a3a64b6d72ccfed6b6fb6ed28bbfc117e");
  const auto key = crypto::PublicKey::parse(*point);
  ledger::Genesis out;
  out.chains = 3;
  out.params = ledger::default_params();
  out.keys = {{*key, ledger::Role::node}};
  out.nodes.assign(3, {key->hash(), {}, 0});
  out.nodes[2].validators = std::vector<ledger::Validator>{{key->hash(), {}, 1}};
  CHECK(ledger::check_genesis(out).has_value());
  return out;
}

}  // namespace

// A proof and a block have one form each. Nobody who fuzzes can sign, so nothing is proven.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(data, size);
  static const ledger::Genesis known = genesis();
  tx::Trust trust(known);
  if (const auto proof = tx::LedgerProof::decode(bytes)) {
    CHECK(equal(proof->encode(), bytes));
    CHECK(!trust.check(*proof));
    if (proof->row) {
      const Digest nowhere{};
      CHECK(!ledger::check_row(*proof->row, nowhere));
    }
  }
  if (const auto block = tx::WholeBlock::decode(bytes)) {
    CHECK(equal(block->encode(), bytes));
    CHECK(!trust.check(*block));
  }
  return 0;
}
