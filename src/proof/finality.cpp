#include "proof/finality.h"

#include <algorithm>

#include "base/format.h"

namespace intaglio::proof {
namespace {

Result<void> check_list(std::span<const Cosignature> cosignatures) {
  if (cosignatures.size() > kMaxConsensusNodes) return refuse(Verdict::too_large, "cosignatures");
  for (std::size_t i = 1; i < cosignatures.size(); ++i) {
    if (cosignatures[i].node <= cosignatures[i - 1].node) {
      return refuse(Verdict::bad_value, format("cosignatures[{}]", i));
    }
  }
  return {};
}

}  // namespace

Result<FinalityProof> FinalityProof::decode(ByteView bytes) {
  ASSIGN(auto proof, codec::decode_record<FinalityProof>(
                         bytes, {.bytes = kMaxFinalityProof, .items = kMaxCometStepsForPeople}));
  if (!proof.comet && bytes.size() > kMaxNodesProof) return refuse(Verdict::too_large);
  TRY(check_form(proof));
  return proof;
}

Result<void> check_form(const FinalityProof& proof) {
  if (!proof.comet) return {};
  if (!proof.signed_header.empty()) return refuse(Verdict::bad_value, "signed_header");
  if (!proof.cosignatures.empty()) return refuse(Verdict::bad_value, "cosignatures");
  return {};
}

Result<Cosignature> cosign(const CosignedBlock& block, const LedgerId& ledger,
                           const crypto::Signer& signer) {
  const KeyHash node = signer.key.hash();
  ASSIGN(const auto signature,
         signer.sign(to_be_signed(node, block.encode(), CosignedBlock::kPurpose, ledger)));
  return Cosignature{node, signature};
}

Result<void> verify_cosignature(const Cosignature& cosignature, const CosignedBlock& block,
                                const LedgerId& ledger, const crypto::Verifier& verifier) {
  if (cosignature.node != verifier.key_hash()) return refuse(Verdict::not_signer);
  const Digest digest = statement_id(block, cosignature.node, ledger);
  if (!verifier.verify(digest, cosignature.signature)) return refuse(Verdict::bad_signature);
  return {};
}

Result<void> verify_cosignatures(std::span<const Cosignature> cosignatures,
                                 const CosignedBlock& block, const BlockSigners& signers,
                                 const LedgerId& ledger) {
  TRY(check_list(cosignatures));
  if (cosignatures.size() < signers.quorum) return refuse(Verdict::not_final);
  for (std::size_t i = 0; i < cosignatures.size(); ++i) {
    const auto named = std::ranges::find(signers.consensus, cosignatures[i].node,
                                         [](const crypto::PublicKey& key) { return key.hash(); });
    if (named == signers.consensus.end()) {
      return refuse(Verdict::not_signer, format("cosignatures[{}]", i));
    }
    const auto verified =
        verify_cosignature(cosignatures[i], block, ledger, crypto::Verifier(*named));
    if (!verified) return refuse_within(format("cosignatures[{}]", i), verified.error());
  }
  return {};
}

}  // namespace intaglio::proof
