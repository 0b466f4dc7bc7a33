// A chain whose transactions CometBFT orders: what ABCI asks (abci/application.h), done with the
// same Application that the embedded sequencer calls, so that the same transactions at the same
// times give the same blocks. The application's hash that CometBFT's headers carry is the hash of
// our own header: of block h it stands in header h + 1, and all that ours commits to is proven by
// it.
//
// One of CometBFT's transactions is a signed transaction or a pack of them (chain/pack.h). A block
// of ours has those that their payers signed, one by one in that order, whatever they came in.
#pragma once

#include <atomic>
#include <functional>

#include "chain/abci/application.h"
#include "chain/door.h"
#include "chain/snapshot_intake.h"
#include "chain/snapshot_shelf.h"
#include "chain/verified_cache.h"
#include "crypto/sha256.h"

namespace intaglio::chain {

// What a code other than 0 in an answer means, beside the numbers of verdicts.
inline constexpr std::uint32_t kDecidedBefore = 1;  // it has its final receipt already
inline constexpr std::string_view kCodespace = "intaglio";
// Would go up whenever the same transactions give another block; CometBFT keeps that of its
// genesis.
inline constexpr std::uint64_t kCometAppVersion = 1;

struct CometOptions {
  unsigned threads = 0;  // that verify signatures, in each call; 0: one a core
  // Of what is known to be signed, and as many of packs, which mostly have the same.
  std::size_t verified_bytes = std::size_t{128} << 20;
  // A folder for snapshots alone, those that are made and the one that is taken in, on the disk of
  // the chain's store. Without one there are neither.
  std::string snapshots;
  // Makes one of each block whose height this divides; 0: of none. Two are kept, and loading one
  // must take less than making two.
  std::uint64_t snapshot_every = 0;
  std::size_t snapshot_chunk = kChunkRows;  // all nodes of a chain make the same with the same
  // CometBFT is asked for what notes name, so it may not forget that before: evidence
  // (kDoubleVoteNote) and headers (LightBlocks::wanted).
  bool asks_comet = false;
};

// A block of this height has evidence of double votes: a note (store::Note) that becomes durable
// with it, until somebody who asks CometBFT for them has shown them to the main chain.
inline constexpr std::string_view kDoubleVoteNote = "double-vote/";

class CometAdapter final : public abci::Application {
 public:
  // The chain must outlive it, and nobody else may make its blocks. `bad_setting` for a chain with
  // consensus nodes of our own: one thing makes a block final; what SnapshotShelf::open refuses.
  static Result<std::unique_ptr<CometAdapter>> open(chain::Application& application,
                                                    const CometOptions& options = {},
                                                    Env& env = system_env());

  // Called after each durable block, on the thread of its commit, which goes on when it returns.
  // Before CometBFT calls.
  using OnBlock = std::function<void(const Finalized&)>;
  void on_block(OnBlock listener) { on_block_ = std::move(listener); }

  // What this process verified before CometBFT brings it: its signature is not looked at again.
  // This chain has a row of its key (check_signer). Any thread.
  void remember(tx::VerifiedTransaction transaction) {
    const Digest hash = crypto::sha256(transaction->encoded);
    verified_.insert(hash, std::move(transaction));
  }

  // The last block that was committed.
  Result<abci::InfoAnswer> info(const abci::Info& request) override;

  // * `/receipt`: the encoded receipt of the transaction whose id `data` is;
  // * `/header`: what is stored of the header at `height`, 0 for the last (StoredHeader, encoded);
  // * `/p2p/filter/...`: every peer may come.
  Result<abci::QueryAnswer> query(const abci::Query& request) override;

  // What Door::admit says by the last block's time; kDecidedBefore; `conflict` where another has
  // its client id. A transaction that is checked again has its signature, and is dropped when it
  // was decided or has expired. A pack is taken when one of its members would be, and refused with
  // what its first one is refused with else.
  Result<abci::CheckTxAnswer> check_tx(const abci::CheckTx& request) override;

  // Before the first block, as often as it is asked. The chain begins with its own genesis, so the
  // state in CometBFT's genesis file is empty or a JSON object; a member "ledger" of it must be the
  // ledger's id (`wrong_ledger`). `bad_value` for another first height than 1. Where the ledger
  // names the chain's validators, CometBFT's genesis must have the same with the same power:
  // `bad_setting` at the first that differs.
  Result<abci::InitChainAnswer> init_chain(const abci::InitChain& request) override;

  // Those that their payers signed, of packs those with a member that its payer signed, in order,
  // as far as there is room.
  Result<abci::PrepareProposalAnswer> prepare_proposal(
      const abci::PrepareProposal& request) override;
  // Accepted when every transaction is signed by its payer and every pack has a member that is,
  // which is so of all that an honest proposer prepares.
  Result<abci::ProcessProposalAnswer> process_proposal(
      const abci::ProcessProposal& request) override;

  // There are none.
  Result<abci::ExtendVoteAnswer> extend_vote(const abci::ExtendVote& request) override;
  Result<abci::VerifyVoteExtensionAnswer> verify_vote_extension(
      const abci::VerifyVoteExtension& request) override;

  // Executes the block that follows the last one (`block_gap` else) and keeps it in memory, in
  // place of one of the same height. A transaction that nobody signed for has the verdict as its
  // code and is left out; of every other the code is its receipt's verdict, the data the encoded
  // receipt. Of a pack the code is 0 and the data says what became of each (encode_outcomes),
  // unless it is none.
  Result<abci::FinalizeBlockAnswer> finalize_block(const abci::FinalizeBlock& request) override;
  // Makes it durable, in one synced write, before it answers: CometBFT would bring the block again,
  // but clients, other chains and the relay are told of it by then. Then forgets old blocks, where
  // the application keeps so many alone (Application::keep_blocks). CometBFT may forget those too,
  // but none that this node may ask for again, that somebody needs who begins with a snapshot from
  // here, or whose packets have not arrived: the retain height. `block_gap` when there is no block.
  Result<abci::CommitAnswer> commit(const abci::Commit& request) override;

  // What SnapshotShelf holds.
  Result<abci::ListSnapshotsAnswer> list_snapshots(const abci::ListSnapshots& request) override;
  // Nothing for what is not there (any more).
  Result<abci::LoadSnapshotChunkAnswer> load_snapshot_chunk(
      const abci::LoadSnapshotChunk& request) override;

  // One that is of the block with the trusted hash is accepted, and takes the place of one that is
  // not complete. Of another block, or with another hash than it has, it is a lie of who sent it;
  // `abort` on a chain that has blocks of its own already, or whose disk refuses.
  Result<abci::OfferSnapshotAnswer> offer_snapshot(const abci::OfferSnapshot& request) override;
  // Chunks in order. One that is not the one that was offered is asked for again and its sender
  // rejected. When the last is in, the chain goes on from the snapshot, or the snapshot is rejected
  // and the chain is as it was; so it is after a crash too.
  Result<abci::ApplySnapshotChunkAnswer> apply_snapshot_chunk(
      const abci::ApplySnapshotChunk& request) override;

  // Until a snapshot that is being made is there. On the thread of commit().
  void finish_snapshot() {
    if (shelf_) shelf_->wait();
  }

  // Signatures that were verified and are right, whoever asked. Any thread.
  std::uint64_t verifications() const { return verifications_; }

 private:
  CometAdapter(chain::Application& application, const CometOptions& options, Env& env,
               std::unique_ptr<SnapshotShelf> shelf);
  // Of a signed transaction: that it is one.
  using Member = Result<VerifiedCache::Known>;
  // What a transaction of CometBFT's holds: its members, or why it cannot be taken apart.
  struct Judgement {
    bool is_pack = false;
    Result<std::vector<Member>> members;
    bool holds_signed() const;
  };
  std::vector<Judgement> judge(std::span<const Bytes> transactions) const;
  Member verify_once(ByteView transaction) const;
  // That all of these members of a pack are signed, if they are.
  void remember_pack(ByteView pack, std::span<const Member> members) const;

  struct Checked {
    abci::CheckTxAnswer answer;
    Member known =
        refuse(Verdict::unknown_transaction);  // that it is signed, if that was looked at
  };
  Checked check_member(ByteView transaction, Millis now) const;
  abci::CheckTxAnswer recheck_member(ByteView transaction, Millis now) const;
  abci::CheckTxAnswer check_undecided(const tx::Transaction& body, const Digest& id) const;
  Result<void> follows(std::int64_t height) const;
  std::vector<abci::ValidatorUpdate> validator_updates() const;
  std::vector<store::Note> notes(const abci::FinalizeBlock& request, bool changes_voters) const;
  // Of what was judged, once the block is executed.
  std::vector<abci::ExecTxResult> results() const;

  void forget_proposal();
  std::int64_t retain_height() const;
  abci::Applied take(ByteView chunk);

  chain::Application& application_;
  const CometOptions options_;
  Env& env_;
  const unsigned threads_;
  const Door door_;
  OnBlock on_block_;
  mutable VerifiedCache verified_;
  mutable std::atomic<std::uint64_t> verifications_ = 0;
  const std::unique_ptr<SnapshotShelf> shelf_;
  // Snapshots' own. The one that is being taken in.
  std::unique_ptr<SnapshotIntake> intake_;
  // Of whoever changes the chain: consensus does, and a snapshot that is complete. Guards the rest.
  std::mutex mutex_;
  // The proposal that was judged last: it is the block that is decided, most times.
  std::vector<Bytes> proposed_;
  std::vector<Judgement> judged_;
  std::optional<Finalized> decided_;
};

}  // namespace intaglio::chain
