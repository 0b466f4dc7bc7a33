// Runs a block: what fell due before it, then every transaction in order, the laws after each, a
// final receipt for every one. A pure function: the same state and the same block give the same
// bytes on every machine.
#pragma once

#include <span>

#include "ledger/streams.h"
#include "tx/transaction.h"

namespace intaglio::tx {

struct BlockTime {
  ChainId chain;
  Height height;
  Millis time;
};

struct Executed {
  ledger::ChangeSet changes;
  std::vector<Receipt> receipts;        // one a transaction, in order
  ledger::OutboxRow outbox;             // what the block sends to other chains
  std::vector<ledger::Cursor> cursors;  // of the streams from other chains, after the block
  std::optional<Millis> next_deadline;  // behind which there should be a block, even an empty one
};

// Whether a transaction with this verdict has used up its client id: it will never have another.
bool is_decided(Verdict verdict);

// `state` is the chain after the block before. A transaction seen before gets its first receipt
// again; one whose client id was used with another body gets `conflict`, which is kept nowhere.
Executed execute_block(const ledger::View& state, const LedgerId& ledger,
                       const BlockTime& block_time,
                       std::span<const VerifiedTransaction> transactions);

// What would happen to one transaction now, on a stage that is thrown away.
Result<void> dry_run(const ledger::View& state, const LedgerId& ledger, const BlockTime& block_time,
                     const SignedTransaction& transaction);

}  // namespace intaglio::tx
