// What an ABCI server calls. The mirror of CometBFT's methods, one function each.
#pragma once

#include "chain/abci/messages.h"

namespace intaglio::chain::abci {

// Calls of one of these groups never overlap; those of different groups do, and come on threads of
// the server's connections. A refusal ends CometBFT: it is for bugs and broken rules, never for
// what a transaction, a proposal or a query holds.
class Application {
 public:
  virtual ~Application() = default;

  // Any time, and several at once: as of the last commit.
  virtual Result<InfoAnswer> info(const Info& request) = 0;
  virtual Result<QueryAnswer> query(const Query& request) = 0;

  // The mempool's. Also while a block is executed, but not during commit(): CometBFT holds its
  // mempool still then.
  virtual Result<CheckTxAnswer> check_tx(const CheckTx& request) = 0;

  // Consensus. After a restart blocks come again from the first that was not committed.
  virtual Result<InitChainAnswer> init_chain(const InitChain& request) = 0;
  virtual Result<PrepareProposalAnswer> prepare_proposal(const PrepareProposal& request) = 0;
  virtual Result<ProcessProposalAnswer> process_proposal(const ProcessProposal& request) = 0;
  virtual Result<ExtendVoteAnswer> extend_vote(const ExtendVote& request) = 0;
  virtual Result<VerifyVoteExtensionAnswer> verify_vote_extension(
      const VerifyVoteExtension& request) = 0;
  // Nothing of it may be durable before commit().
  virtual Result<FinalizeBlockAnswer> finalize_block(const FinalizeBlock& request) = 0;
  virtual Result<CommitAnswer> commit(const Commit& request) = 0;

  // State sync.
  virtual Result<ListSnapshotsAnswer> list_snapshots(const ListSnapshots& request) = 0;
  virtual Result<OfferSnapshotAnswer> offer_snapshot(const OfferSnapshot& request) = 0;
  virtual Result<LoadSnapshotChunkAnswer> load_snapshot_chunk(const LoadSnapshotChunk& request) = 0;
  virtual Result<ApplySnapshotChunkAnswer> apply_snapshot_chunk(
      const ApplySnapshotChunk& request) = 0;
};

}  // namespace intaglio::chain::abci
