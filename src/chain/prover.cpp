#include "chain/prover.h"

#include <algorithm>

#include "crypto/merkle.h"

namespace intaglio::chain {
namespace {

ledger::RowProof proof_of(const store::StateSnapshot& state, const ledger::Slot& slot) {
  return ledger::prove_row(state.tree(), slot, state.get(slot));
}

// Who signs for a chain now, by the main chain's last block; nothing when it has made none.
std::optional<tx::SignersProof> signers_of(const Application& main_chain, ChainId chain) {
  const auto state = main_chain.store().snapshot();
  const auto nodes = state->find<ledger::NodesRow>(chain);
  if (!nodes || state->tip().height == Height(0)) return std::nullopt;
  tx::SignersProof out{.block = main_chain.stored_header(state->tip().height).proof,
                       .nodes = proof_of(*state, ledger::NodesRow::slot(chain)),
                       .keys = {proof_of(*state, ledger::KeyRow::slot(nodes->accounting))}};
  for (const KeyHash& each : nodes->consensus) {
    out.keys.push_back(proof_of(*state, ledger::KeyRow::slot(each)));
  }
  return out;
}

}  // namespace

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

tx::LedgerProof Prover::final_block(Height height) const {
  tx::LedgerProof out;
  out.block = chain_.stored_header(height).proof;
  if (!is_signed_as_in_genesis(out.block)) {
    if (auto signers = signers_of(main_chain_, chain_.chain())) {
      out.signers.push_back(*std::move(signers));
    }
  }
  return out;
}

Result<tx::LedgerProof> Prover::row(const store::StateSnapshot& state,
                                    const ledger::Slot& slot) const {
  const Height height = state.tip().height;
  if (height == Height(0)) return refuse(Verdict::unknown_block, "0");
  tx::LedgerProof out = final_block(height);
  out.row = proof_of(state, slot);
  return out;
}

Result<tx::LedgerProof> Prover::receipt(const tx::Receipt& receipt) const {
  const auto encoded = chain_.receipts(receipt.height);
  if (!encoded) return std::unexpected(chain_.no_block(receipt.height));
  const auto leaves = crypto::merkle_leaves(*encoded);
  tx::LedgerProof out = final_block(receipt.height);
  out.receipt = tx::ReceiptProof{receipt, crypto::merkle_path(leaves, receipt.index)};
  return out;
}

Result<tx::WholeBlock> Prover::block(Height height) const {
  const auto stored = chain_.store().block(height);
  auto receipts = chain_.receipts(height);
  if (!stored || !receipts) return std::unexpected(chain_.no_block(height));
  auto transactions = decode_transactions(*stored);
  CHECK(transactions.has_value());
  return tx::WholeBlock{chain_.stored_header(height).proof, *std::move(transactions),
                        *std::move(receipts)};
}

}  // namespace intaglio::chain
