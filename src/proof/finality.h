// When a block is final: its header signed by the chain's accounting node, and a quorum of the
// chain's consensus nodes who say that they executed the same block. Who they are is the caller's
// to know. Pure functions; any thread.
#pragma once

#include <span>
#include <vector>

#include "codec/record.h"
#include "crypto/field_types.h"
#include "proof/statement.h"

namespace intaglio::proof {

// That one chain can have.
inline constexpr std::size_t kMaxConsensusNodes = 3;
// Bytes of a header as it is signed.
inline constexpr std::size_t kMaxSignedHeader = 1024;
// Bytes of a whole proof, encoded.
inline constexpr std::size_t kMaxFinalityProof = 2048;

// What a consensus node signs when it found a block right, and never for two blocks of one height.
// The same for all nodes, and it names the block by its hash, whoever signed the header.
struct CosignedBlock {
  ChainId chain;
  Height height;
  BlockHash block;
  bool operator==(const CosignedBlock&) const = default;

  static constexpr std::string_view kPurpose = "cosignature";
  static constexpr auto fields() {
    return std::tuple(codec::field(1, "chain", &CosignedBlock::chain, "the chain's number"),
                      codec::field(2, "height", &CosignedBlock::height, "of the block"),
                      codec::field(3, "block", &CosignedBlock::block, "its hash"));
  }
  static Result<CosignedBlock> decode(ByteView payload) {
    return codec::decode_record<CosignedBlock>(payload);
  }
  Bytes encode() const { return codec::encode_record(*this); }
};

// A node's signature of it. What was signed is known from the header.
struct Cosignature {
  KeyHash node;
  crypto::Signature signature;
  bool operator==(const Cosignature&) const = default;

  static constexpr auto fields() {
    return std::tuple(codec::field(1, "node", &Cosignature::node, "hash of the node's key"),
                      codec::field(2, "signature", &Cosignature::signature, "64 bytes, low-s"));
  }
};

// Whatever the signer refuses with.
Result<Cosignature> cosign(const CosignedBlock& block, const LedgerId& ledger,
                           const crypto::Signer& signer);

// `not_signer` when the key is not the one named, `bad_signature`.
Result<void> verify_cosignature(const Cosignature& cosignature, const CosignedBlock& block,
                                const LedgerId& ledger, const crypto::Verifier& verifier);

// What shows that a block is final to whoever knows its chain's signers.
struct FinalityProof {
  Bytes signed_header;                    // the accounting node's COSE_Sign1
  std::vector<Cosignature> cosignatures;  // ascending by node, each once
  bool operator==(const FinalityProof&) const = default;

  static constexpr auto fields() {
    return std::tuple(codec::field(1, "signed_header", &FinalityProof::signed_header,
                                   "the header, signed by the accounting node"),
                      codec::field(2, "cosignatures", &FinalityProof::cosignatures,
                                   "of consensus nodes, ascending by node"));
  }
  static Result<FinalityProof> decode(ByteView bytes) {
    return codec::decode_record<FinalityProof>(bytes, {.bytes = kMaxFinalityProof, .items = 16});
  }
  Bytes encode() const { return codec::encode_record(*this); }
};

// Whose signatures make a chain's blocks final: of the nodes whose keys may sign.
struct BlockSigners {
  crypto::PublicKey accounting;
  std::vector<crypto::PublicKey> consensus;
  std::size_t quorum = 0;  // of the consensus nodes; may be more than there are left
};

// `too_large`, `bad_value`, `not_signer` or `bad_signature` at "cosignatures", or at the one that
// is out of order, of no consensus node, or does not verify; `not_final` when they are too few.
Result<void> verify_cosignatures(std::span<const Cosignature> cosignatures,
                                 const CosignedBlock& block, const BlockSigners& signers,
                                 const LedgerId& ledger);

template <typename T>
concept ChainHeader = Statement<T> && requires(const T& header, const LedgerId& ledger) {
  { header.chain } -> std::convertible_to<ChainId>;
  { header.height } -> std::convertible_to<Height>;
  { header.hash(ledger) } -> std::same_as<BlockHash>;
};

template <ChainHeader Header>
CosignedBlock cosigned_block(const Header& header, const LedgerId& ledger) {
  return {header.chain, header.height, header.hash(ledger)};
}

template <ChainHeader Header>
struct FinalBlock {
  Header header;
  BlockHash hash;
  std::size_t cosigned = 0;  // by how many consensus nodes
};

// The header of a block that is final. `not_signer` when another than the accounting node signed
// it; else what parse_statement, verify_statement and verify_cosignatures refuse.
template <ChainHeader Header>
Result<Verified<FinalBlock<Header>>> verify_finality(const FinalityProof& proof,
                                                     const BlockSigners& signers,
                                                     const LedgerId& ledger) {
  ASSIGN(auto parsed, parse_statement<Header>(proof.signed_header, ledger, kMaxSignedHeader));
  const crypto::Verifier accounting(signers.accounting);
  if (parsed.signer() != accounting.key_hash()) return refuse(Verdict::not_signer);
  ASSIGN(const auto verified, verify_statement(std::move(parsed), accounting));
  const Header& header = verified->body;
  const CosignedBlock block = cosigned_block(header, ledger);
  TRY(verify_cosignatures(proof.cosignatures, block, signers, ledger));
  return VerificationPass::grant(
      FinalBlock<Header>{header, block.block, proof.cosignatures.size()});
}

}  // namespace intaglio::proof
