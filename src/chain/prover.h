// Proofs of what a chain has committed to, for people who have the ledger's genesis alone
// (tx/ledger_proof.h). Any thread.
#pragma once

#include "chain/application.h"
#include "tx/ledger_proof.h"

namespace intaglio::chain {

class Prover {
 public:
  // All of these must outlive it; `chain` may be the main chain itself.
  Prover(const ledger::Genesis& genesis, const Application& main_chain, const Application& chain)
      : genesis_(genesis), main_chain_(main_chain), chain_(chain) {}

  // What makes a block of this chain final, with what the genesis does not say of its signers.
  // Where CometBFT orders it or the main chain, what light_block() and proof::find_steps refuse.
  Result<tx::LedgerProof> final_block(Height height) const;

  // What the slot holds as of the newest block that can be proven, or that it holds nothing;
  // `unknown_block` when that is the genesis, which nobody signed.
  Result<tx::LedgerProof> row(const ledger::Slot& slot) const;

  // The receipt in its block; `block_pruned` when that was forgotten.
  Result<tx::LedgerProof> receipt(const tx::Receipt& receipt) const;

  // `unknown_block`, `block_pruned`; where votes prove it, as final_block, and `unproven_signer`
  // for a chain that the genesis does not have.
  Result<tx::WholeBlock> block(Height height) const;

 private:
  bool is_signed_as_in_genesis(const proof::FinalityProof& proof) const;
  std::optional<ledger::TrustRow> trust_of_genesis(ChainId chain) const;
  // Who signs for the chain now, by the newest block of the main chain's that can be proven;
  // nothing when there is none.
  Result<std::optional<tx::SignersProof>> signers() const;
  Result<tx::LedgerProof> voted_block(proof::FinalityProof proof, Height height) const;

  const ledger::Genesis& genesis_;
  const Application& main_chain_;
  const Application& chain_;
};

}  // namespace intaglio::chain
