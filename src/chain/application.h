// One chain's state machine, in the shape of ABCI 2.0: whoever orders transactions (the embedded
// sequencer, later CometBFT) calls finalize() and then commit(), and nothing else changes the
// state.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "crypto/signer.h"
#include "ledger/block.h"
#include "ledger/genesis.h"
#include "store/chain_store.h"
#include "tx/executor.h"

namespace intaglio::chain {

// A block executed and not yet durable.
struct Finalized {
  ledger::BlockHeader header;
  BlockHash hash;
  Bytes blob;  // encode_block()
  ledger::ChangeSet changes;
  ledger::StateTree tree;  // after it
  std::vector<tx::Receipt> receipts;
  std::optional<Millis> next_deadline;
};

// A block as stored: the accounting node's signed header and the transactions as they came.
struct StoredBlock {
  Bytes header;
  std::vector<Bytes> transactions;
};
Bytes encode_block(const StoredBlock& block);
Result<StoredBlock> decode_block(ByteView blob);

// finalize(), commit() and next_deadline() belong to one thread; everything else may be called from
// any.
class Application {
 public:
  // Opens the chain's store in `folder`, or makes it from the genesis, whose ledger id must be the
  // stored one (`wrong_ledger`). `node` signs headers.
  static Result<std::unique_ptr<Application>> open(const ledger::Genesis& genesis, ChainId chain,
                                                   const std::string& folder, crypto::Signer node);

  // Executes a block at max(previous + 1 ms, `time`). Writes nothing.
  Finalized finalize(Millis time, std::span<const tx::VerifiedTransaction> transactions);

  // Makes it durable at once, or ends the process: there is no half.
  void commit(const Finalized& block);

  // After the last committed block: once it has passed there is something to do in a block, though
  // nobody sends a transaction.
  std::optional<Millis> next_deadline() const { return next_deadline_; }

  ChainId chain() const { return chain_; }
  const LedgerId& ledger() const { return ledger_; }
  const store::ChainStore& store() const { return *store_; }

  // The header of a committed block, which must be there, signed by `wanted` where that is the node
  // that signed it then or this one, which signs it once more; else as it was signed then.
  Bytes signed_header(Height height, const std::optional<KeyHash>& wanted = std::nullopt) const;

  // The last committed block; height 0 stands for the genesis.
  store::Tip tip() const { return store_->tip(); }

  // What the last committed block with this transaction made of it, accepted or refused.
  std::optional<tx::Receipt> receipt(const TxId& id) const;
  // The transaction that a receipt is of, as it came.
  std::optional<Bytes> transaction(const tx::Receipt& receipt) const;

 private:
  Application(const ledger::Genesis& genesis, ChainId chain, crypto::Signer node);
  ChainId chain_;
  LedgerId ledger_;
  crypto::Signer node_;
  std::unique_ptr<store::ChainStore> store_;
  std::optional<Millis> next_deadline_;
};

}  // namespace intaglio::chain
