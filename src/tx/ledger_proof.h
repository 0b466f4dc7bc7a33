// What can be shown of a ledger to somebody who has its genesis and nothing else: a row of a
// chain's state or that there is none, a receipt, a whole block. The genesis names who signs for
// each chain; who signs by then is shown by the main chain. Of a chain that CometBFT orders, who
// voted first stands in the genesis, and what leads from there is its validators' votes. Pure
// functions; any thread.
#pragma once

#include <map>

#include "ledger/block.h"
#include "ledger/genesis.h"
#include "ledger/state_proof.h"
#include "tx/transaction.h"

namespace intaglio::tx {

// Who signs for a chain, by a block of the main chain's: the chain's nodes row, and the rows of its
// nodes' keys. Of a chain that CometBFT orders, but for the main chain itself, also what the main
// chain trusts of it.
struct SignersProof {
  proof::FinalityProof block;
  ledger::RowProof nodes;
  std::vector<ledger::RowProof> keys;
  std::optional<ledger::RowProof> trust = {};
  static constexpr auto fields() {
    return std::tuple(codec::field(1, "block", &SignersProof::block, "of the main chain"),
                      codec::field(2, "nodes", &SignersProof::nodes, "the chain's nodes row"),
                      codec::field(3, "keys", &SignersProof::keys, "the rows of their keys"),
                      codec::field(4, "trust", &SignersProof::trust,
                                   "the chain's trust row, where CometBFT orders it"));
  }
};

struct ReceiptProof {
  Receipt receipt;
  std::vector<Digest> path;
  static constexpr auto fields() {
    return std::tuple(codec::field(1, "receipt", &ReceiptProof::receipt, "the receipt"),
                      codec::field(2, "path", &ReceiptProof::path, "siblings up to the root"));
  }
};

// Of one row or one receipt.
struct LedgerProof {
  std::vector<SignersProof> signers;  // those that changed since the genesis, oldest first
  proof::FinalityProof block;
  std::optional<ledger::RowProof> row;
  std::optional<ReceiptProof> receipt;

  // Two proofs of finality, which are large where votes are in them, and some rows.
  static constexpr std::size_t kMaxBytes = std::size_t{15} << 20;
  static constexpr auto fields() {
    return std::tuple(
        codec::field(1, "signers", &LedgerProof::signers, "who signs, where the genesis is old"),
        codec::field(2, "block", &LedgerProof::block, "the block that commits to it"),
        codec::field(3, "row", &LedgerProof::row, "of a row, or that there is none"),
        codec::field(4, "receipt", &LedgerProof::receipt, "of a receipt"));
  }
  static Result<LedgerProof> decode(ByteView bytes) {
    return codec::decode_record<LedgerProof>(bytes, {.bytes = kMaxBytes});
  }
  Bytes encode() const { return codec::encode_record(*this); }
};

// A block with all that its header commits to but the state, as it came.
struct WholeBlock {
  proof::FinalityProof proof;
  std::vector<Bytes> transactions;
  std::vector<Bytes> receipts;

  static constexpr std::size_t kMaxBytes = std::size_t{256} << 20;
  static Result<WholeBlock> decode(ByteView bytes);
  Bytes encode() const;
};

// A block that is final, and who said so.
struct ProvenBlock {
  ledger::BlockHeader header;
  BlockHash hash;
  bool by_votes = false;  // of CometBFT's validators: nobody signed it
  KeyHash accounting;
  std::size_t cosigned = 0;   // by so many
  std::size_t consensus = 0;  // of so many
};

struct Proven {
  ProvenBlock block;
  std::optional<ledger::ProvenRow> row;
  std::optional<Receipt> receipt;
};

// What is believed: at first who signs by the genesis, then also what was learned.
class Trust {
 public:
  // The genesis must have passed check_genesis.
  explicit Trust(const ledger::Genesis& genesis);

  const LedgerId& ledger() const { return ledger_; }

  // `wrong_chain` when its block is not of the main chain; else what block() and check_row refuse,
  // and `bad_value` for other rows than it should have, `missing_field` without a trust row.
  Result<void> learn(const SignersProof& signers);

  // `unknown_chain`; `unproven_signer` when another signed than who is believed to; `key_revoked`,
  // `not_final`, `bad_signature`, and what proof::verify_finality or verify_votes refuses of its
  // form. Votes are believed whenever they were given, as signatures are: whoever once had the keys
  // of two thirds, and no longer answers for them, could tell of another history since. Who must
  // rule that out begins with a header of his own choice.
  Result<ProvenBlock> block(const proof::FinalityProof& proof) const;

  // All of a proof. `missing_field` when it is of nothing; what learn() and block() refuse, and
  // `bad_proof` at what does not lead to the header. What a proof teaches of signers stays learned.
  Result<Proven> check(const LedgerProof& proof);
  // `bad_proof` at what is not what the header commits to.
  Result<ProvenBlock> check(const WholeBlock& whole) const;

  // The main chain's block that named a chain's signers; nothing: the genesis did.
  std::optional<ProvenBlock> named_by(ChainId chain) const;

 private:
  Result<ProvenBlock> voted_block(const proof::FinalityProof& proof, const ledger::NodesRow& nodes,
                                  ChainId chain) const;

  LedgerId ledger_;
  ledger::EmptyView nothing_;
  ledger::Stage state_{&nothing_};  // rows of nodes and keys
  // Of chains that CometBFT orders: by the genesis, and what was learned.
  std::map<ChainId, ledger::TrustRow> begun_;
  std::map<ChainId, ledger::TrustRow> trusted_;
  std::map<ChainId, ProvenBlock> learned_;
};

}  // namespace intaglio::tx
