#include "chain/prover.h"

#include <algorithm>

#include "crypto/merkle.h"

namespace intaglio::chain {
namespace {

ledger::RowProof proof_of(const store::StateSnapshot& state, const ledger::Slot& slot) {
  return ledger::prove_row(state.tree(), slot, state.get(slot));
}

// Steps from the genesis to somewhere were found while CometBFT had all of them: those between are
// kept for when it has not, with those who were announced.
void keep(const Application& chain, std::span<const proof::CometStep> steps) {
  Height here(0);
  for (const auto& step : steps) {
    if (step.announced) {
      const auto announcing = chain.light_block(here.next());
      // No step proves that one itself, so a node of CometBFT could make it up.
      const bool is_proven =
          announcing && announcing->header.height == here.next() &&
          announcing->header.chain == ledger::comet_chain_id(chain.ledger(), chain.chain()) &&
          proof::verify_commit(announcing->header, announcing->commit, announcing->validators);
      if (is_proven) chain.light_blocks().keep(*announcing);
    }
    if (&step == &steps.back()) return;
    const auto block = proof::decode_light_block(step.signed_header, step.validators);
    CHECK(block.has_value());
    chain.light_blocks().keep(*block);
    here = block->header.height;
  }
}

// With the votes for it, from what is trusted of its chain.
Result<proof::FinalityProof> with_votes(const Application& chain, proof::FinalityProof proof,
                                        Height height, const ledger::TrustRow& from) {
  const std::string id = ledger::comet_chain_id(chain.ledger(), chain.chain());
  const auto trust = ledger::comet_trust(from, id, {});
  const auto kept = chain.light_blocks().kept();
  ASSIGN(proof.comet->steps,
         proof::find_steps(trust.header, height.next(),
                           [&](Height at) { return chain.light_block(at); },
                           {.most = proof::kMaxCometStepsForPeople, .kept = kept}));
  if (from.height == Height(0)) keep(chain, proof.comet->steps);
  return proof;
}

}  // namespace

std::optional<ledger::TrustRow> Prover::trust_of_genesis(ChainId chain) const {
  if (chain.value() >= genesis_.nodes.size()) return std::nullopt;
  const ledger::NodesRow& nodes = genesis_.nodes[chain.value()];
  return nodes.by_comet() ? std::optional(ledger::first_trust(nodes)) : std::nullopt;
}

Result<std::optional<tx::SignersProof>> Prover::signers() const {
  const auto state = main_chain_.proven_state();
  if (!state || state->tip().height == Height(0)) return std::nullopt;
  const auto nodes = state->find<ledger::NodesRow>(chain_.chain());
  if (!nodes) return std::nullopt;
  const Height height = state->tip().height;
  tx::SignersProof out{.block = main_chain_.stored_header(height).proof,
                       .nodes = proof_of(*state, ledger::NodesRow::slot(chain_.chain())),
                       .keys = {proof_of(*state, ledger::KeyRow::slot(nodes->accounting))}};
  for (const KeyHash& each : nodes->consensus) {
    out.keys.push_back(proof_of(*state, ledger::KeyRow::slot(each)));
  }
  if (nodes->by_comet() && chain_.chain() != kMainChain) {
    out.trust = proof_of(*state, ledger::TrustRow::slot(chain_.chain()));
  }
  if (const auto from = trust_of_genesis(kMainChain)) {
    ASSIGN(out.block, with_votes(main_chain_, std::move(out.block), height, *from));
  }
  return out;
}

Result<tx::LedgerProof> Prover::voted_block(proof::FinalityProof proof, Height height) const {
  tx::LedgerProof out;
  auto from = trust_of_genesis(chain_.chain());
  if (chain_.chain() != kMainChain) {
    // What the main chain trusts is later, and known of chains that were added.
    ASSIGN(auto named, signers());
    if (named) {
      from = codec::decode_record<ledger::TrustRow>(named->trust.value().row.value()).value();
      out.signers.push_back(*std::move(named));
    }
  }
  if (!from) return refuse(Verdict::unknown_chain, std::to_string(chain_.chain().value()));
  auto block = with_votes(chain_, proof, height, *from);
  // What came before a change of nearly all validators is proven forwards alone.
  const auto first = trust_of_genesis(chain_.chain());
  if (!block && block.error().verdict == Verdict::unproven_signer && first &&
      height.next() < from->height) {
    out.signers.clear();
    block = with_votes(chain_, std::move(proof), height, *first);
  }
  if (!block) return std::unexpected(block.error());
  out.block = *std::move(block);
  return out;
}

bool Prover::is_signed_as_in_genesis(const proof::FinalityProof& proof) const {
  const std::size_t chain = chain_.chain().value();
  if (chain >= genesis_.nodes.size()) return false;
  const ledger::NodesRow& nodes = genesis_.nodes[chain];
  const auto header =
      proof::parse_statement<ledger::BlockHeader>(proof.signed_header, chain_.ledger());
  CHECK(header.has_value());
  return header->signer() == nodes.accounting && proof.cosignatures.size() >= nodes.quorum &&
         std::ranges::all_of(proof.cosignatures, [&](const proof::Cosignature& each) {
           return std::ranges::find(nodes.consensus, each.node) != nodes.consensus.end();
         });
}

Result<tx::LedgerProof> Prover::final_block(Height height) const {
  auto proof = chain_.stored_header(height).proof;
  if (proof.comet) return voted_block(std::move(proof), height);
  tx::LedgerProof out;
  out.block = std::move(proof);
  if (!is_signed_as_in_genesis(out.block)) {
    ASSIGN(auto named, signers());
    if (named) out.signers.push_back(*std::move(named));
  }
  return out;
}

Result<tx::LedgerProof> Prover::row(const ledger::Slot& slot) const {
  const auto state = chain_.proven_state();
  if (!state || state->tip().height == Height(0)) return refuse(Verdict::unknown_block, "0");
  ASSIGN(auto out, final_block(state->tip().height));
  out.row = proof_of(*state, slot);
  return out;
}

Result<tx::LedgerProof> Prover::receipt(const tx::Receipt& receipt) const {
  const auto encoded = chain_.receipts(receipt.height);
  if (!encoded) return std::unexpected(chain_.no_block(receipt.height));
  const auto leaves = crypto::merkle_leaves(*encoded);
  ASSIGN(auto out, final_block(receipt.height));
  out.receipt = tx::ReceiptProof{receipt, crypto::merkle_path(leaves, receipt.index)};
  return out;
}

Result<tx::WholeBlock> Prover::block(Height height) const {
  const auto stored = chain_.store().block(height);
  auto receipts = chain_.receipts(height);
  if (!stored || !receipts) return std::unexpected(chain_.no_block(height));
  auto transactions = decode_transactions(*stored);
  CHECK(transactions.has_value());
  auto proof = chain_.stored_header(height).proof;
  if (proof.comet) {
    const auto from = trust_of_genesis(chain_.chain());
    if (!from) return refuse(Verdict::unproven_signer, std::to_string(chain_.chain().value()));
    ASSIGN(proof, with_votes(chain_, std::move(proof), height, *from));
  }
  return tx::WholeBlock{std::move(proof), *std::move(transactions), *std::move(receipts)};
}

}  // namespace intaglio::chain
