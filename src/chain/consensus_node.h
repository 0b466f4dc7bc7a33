// A consensus node of one chain: a replica that executes every block itself and signs for one block
// of each height, once it has found it right. It believes neither the accounting node nor the
// gateway. Without a thread and without a clock; who runs it is chain/consensus_thread.h.
#pragma once

#include "chain/door.h"
#include "chain/heard.h"
#include "chain/messages.h"

namespace intaglio::chain {

// Nobody but its node reads a replica.
inline constexpr store::ChainStoreOptions kReplicaStore{.memtable_bytes = std::size_t{16} << 20,
                                                        .block_cache_bytes = std::size_t{8} << 20};

// Not for several threads at once, but for application().
class ConsensusNode {
 public:
  // Opens the replica in `folder`, or makes it, as Application::open does. `node` signs, `named`
  // are those who were named for a chain that was added.
  static Result<std::unique_ptr<ConsensusNode>> open(
      const ledger::Genesis& genesis, ChainId chain, const std::string& folder, crypto::Signer node,
      const store::ChainStoreOptions& options = kReplicaStore,
      std::optional<ledger::ChainNodes> named = {});

  // A transaction as the gateway sent it.
  void hear(Bytes transaction, Millis now);
  // Verifies one of those, so that it need not be done when its block comes. False when there is
  // none left to verify.
  bool verify_ahead(Millis now);

  // Does what is asked, or says why not; and where this node stands. What it signed is on disk
  // before this returns. It is not willing
  //   to be greeted     after a later session began: session_over
  //   to sign           in another session than the last (session_over); for a header that this
  //                     chain's accounting node did not sign (bad_signature, not_signer,
  //                     wrong_chain); when the block does not follow its last one (block_gap), is
  //                     not the one that it signed for at this height (block_forked; both are
  //                     kept), has a time too far from `now` (block_time), or holds what its payer
  //                     did not sign or leads to other roots when executed here (block_differs)
  //   to go on          to a block that is not final (as verify_finality), does not follow, or
  //                     differs in the same way
  Standing answer(const Message& message, Millis now);

  // As Application::keep_blocks; before anything is asked.
  void keep_blocks(std::uint64_t count) { application_->keep_blocks(count); }

  const Application& application() const { return *application_; }

 private:
  explicit ConsensusNode(std::unique_ptr<Application> application);
  void recall();

  Result<void> take(const Greeting& greeting, Millis now);
  Result<void> take(const Proposal& proposal, Millis now);
  Result<void> take(const FinalBlock& block, Millis now);

  // What this chain's accounting node signed for this chain.
  template <proof::Statement T>
  Result<T> verify_own(ByteView statement) const;
  // That nothing else stands or was signed at its height, and that it comes next.
  Result<void> check_place(const ledger::BlockHeader& header, const BlockHash& hash,
                           const Bytes& signed_header);
  Result<void> check_time(const ledger::BlockHeader& header, const BlockHash& hash,
                          const Proposal& proposal, Millis now) const;
  // What executing it here gives, when that is what the header says.
  Result<Finalized> execute(const ledger::BlockHeader& header, const BlockBody& body) const;
  Result<void> sign(const ledger::BlockHeader& header, const BlockHash& hash,
                    const Bytes& signed_header);
  void commit(const Finalized& block, const proof::FinalityProof& proof);
  void keep_fork(const Bytes& first, const Bytes& second);
  Standing standing() const;

  // The block that it signed, of the height after its last one; on disk too.
  struct Word {
    Bytes signed_header;
    SignedBlock block;
  };

  std::unique_ptr<Application> application_;
  Door door_;
  Heard heard_;
  std::uint64_t session_ = 0;
  std::optional<Word> word_;
  std::optional<Finalized> executed_;  // the block that it signed, until it is final
  std::optional<proof::Fork> fork_;
};

}  // namespace intaglio::chain
