// Blocks: what a chain decided, in order, and the header that its accounting node signs. A header
// is a signed statement (proof/statement.h) with the purpose "block"; what makes its block final is
// in proof/finality.h.
#pragma once

#include "base/ids.h"
#include "codec/record.h"

namespace intaglio::ledger {

struct BlockHeader {
  ChainId chain;
  Height height;
  Millis time;
  Digest previous;          // the hash of the block before; of the first: the ledger's id
  Digest transactions;      // Merkle root over the transactions' bytes
  Digest receipts;          // Merkle root over the receipts' encoding
  Digest state;             // root of the state's tree (ledger/state_tree.h) after it
  std::uint32_t count = 0;  // transactions
  Digest outbox;            // Merkle root over the groups of packets that the block sent
  Digest cursors;           // Merkle root over the cursors of all other chains' streams after it

  static constexpr std::string_view kPurpose = "block";
  static constexpr auto fields() {
    return std::tuple(
        codec::field(1, "chain", &BlockHeader::chain, "the chain's number"),
        codec::field(2, "height", &BlockHeader::height, "1 for the first block after genesis"),
        codec::field(3, "time", &BlockHeader::time, "ms; always later than the block before"),
        codec::field(4, "previous", &BlockHeader::previous, "hash of the block before"),
        codec::field(5, "transactions", &BlockHeader::transactions, "Merkle root, in order"),
        codec::field(6, "receipts", &BlockHeader::receipts, "Merkle root, in order"),
        codec::field(7, "state", &BlockHeader::state, "root of the state after it"),
        codec::field(8, "count", &BlockHeader::count, "how many transactions"),
        codec::field(9, "outbox", &BlockHeader::outbox, "Merkle root over its groups of packets"),
        codec::field(10, "cursors", &BlockHeader::cursors, "Merkle root over the cursors"));
  }
  static Result<BlockHeader> decode(ByteView payload) {
    return codec::decode_record<BlockHeader>(payload);
  }
  Bytes encode() const { return codec::encode_record(*this); }

  // The block's hash: of the header, whoever signs it.
  BlockHash hash(const LedgerId& ledger) const;
};

}  // namespace intaglio::ledger
