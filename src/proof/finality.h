// When a block is final: its header signed by the chain's accounting node, and a quorum of the
// chain's consensus nodes who say that they executed the same block. Who they are is the caller's
// to know. Of a chain that CometBFT orders, votes show it (proof/comet_finality.h). Which of the
// two a chain needs, its nodes row says, never the proof. Pure functions; any thread.
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
// That one proof by votes has for a chain: more is a relay's to bring one after the other.
inline constexpr std::size_t kMaxCometSteps = 16;
// The same for people, to whom all of them come at once: from the genesis they lead over every
// change of the validators.
inline constexpr std::size_t kMaxCometStepsForPeople = 256;
// Bytes of a whole proof, encoded: of nodes, and of votes, where a step of a hundred validators to
// whom a hundred others gave way is some 26,000.
inline constexpr std::size_t kMaxNodesProof = 2048;
inline constexpr std::size_t kMaxFinalityProof = std::size_t{7} << 20;

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

// From one header of CometBFT's that is trusted to another: what its light client is shown of that.
struct CometStep {
  Bytes signed_header;             // tendermint.types.SignedHeader: the header and its votes
  Bytes validators;                // tendermint.types.ValidatorSet: who may vote for it
  std::optional<Bytes> announced;  // whom the header before called the next ones, if others
  bool operator==(const CometStep&) const = default;

  static constexpr auto fields() {
    return std::tuple(codec::field(1, "signed_header", &CometStep::signed_header,
                                   "CometBFT's encoding of a header and its votes"),
                      codec::field(2, "validators", &CometStep::validators,
                                   "CometBFT's encoding of who may vote for it"),
                      codec::field(3, "announced", &CometStep::announced,
                                   "the same of whom the header before announced, if others"));
  }
};

// Of a block of a chain that CometBFT orders.
struct CometFinality {
  Bytes header;                  // ours, as it is
  std::vector<CometStep> steps;  // up to CometBFT's header of the next height
  bool operator==(const CometFinality&) const = default;

  static constexpr auto fields() {
    return std::tuple(
        codec::field(1, "header", &CometFinality::header, "the block's header, which nobody signs"),
        codec::field(2, "steps", &CometFinality::steps,
                     "from a header that is trusted; none: it is the one that proves the block"));
  }
};

// What shows that a block is final to whoever knows its chain's signers, or trusts one header that
// its validators committed.
struct FinalityProof {
  Bytes signed_header;                    // the accounting node's COSE_Sign1
  std::vector<Cosignature> cosignatures;  // ascending by node, each once
  // Of a chain that CometBFT orders, in place of those two, which are empty then.
  std::optional<CometFinality> comet = {};
  bool operator==(const FinalityProof&) const = default;

  static constexpr auto fields() {
    return std::tuple(codec::field(1, "signed_header", &FinalityProof::signed_header,
                                   "the header, signed by the accounting node"),
                      codec::field(2, "cosignatures", &FinalityProof::cosignatures,
                                   "of consensus nodes, ascending by node"),
                      codec::field(3, "comet", &FinalityProof::comet,
                                   "of a chain that CometBFT orders, in place of both"));
  }
  // Refuses what check_form refuses, and a proof of nodes of more than kMaxNodesProof.
  static Result<FinalityProof> decode(ByteView bytes);
  Bytes encode() const { return codec::encode_record(*this); }
};

// `bad_value` at what a proof by votes has of the other kind: a proof has one form.
Result<void> check_form(const FinalityProof& proof);

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

// What a proof is said to be of, and by whom. Proves nothing.
template <ChainHeader Header>
struct ShownHeader {
  Header header;
  std::optional<KeyHash> signer;  // nobody: its validators' votes speak for it
};

// What parse_statement refuses; of a proof by votes `too_large` and what Header::decode refuses, at
// "comet.header".
template <ChainHeader Header>
Result<ShownHeader<Header>> shown_header(const FinalityProof& proof, const LedgerId& ledger) {
  if (!proof.comet) {
    ASSIGN(const auto parsed,
           parse_statement<Header>(proof.signed_header, ledger, kMaxSignedHeader));
    return ShownHeader<Header>{parsed.body(), parsed.signer()};
  }
  const Bytes& bytes = proof.comet->header;
  if (bytes.size() > kMaxSignedHeader) return refuse(Verdict::too_large, "comet.header");
  auto header = Header::decode(bytes);
  if (!header) return refuse_within("comet.header", header.error());
  return ShownHeader<Header>{*std::move(header), std::nullopt};
}

// The header of a block that is final. `bad_value` at "comet" for a proof by votes; `not_signer`
// when another than the accounting node signed it; else what parse_statement, verify_statement and
// verify_cosignatures refuse.
template <ChainHeader Header>
Result<Verified<FinalBlock<Header>>> verify_finality(const FinalityProof& proof,
                                                     const BlockSigners& signers,
                                                     const LedgerId& ledger) {
  if (proof.comet) return refuse(Verdict::bad_value, "comet");
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
