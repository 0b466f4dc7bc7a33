// One chain's state machine, in the shape of ABCI 2.0: whoever orders transactions (the embedded
// sequencer, later CometBFT) calls finalize() and then commit(), and nothing else changes the
// state.
#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <string>

#include "chain/light_blocks.h"
#include "crypto/signer.h"
#include "ledger/block.h"
#include "ledger/genesis.h"
#include "proof/comet_finality.h"
#include "store/chain_store.h"
#include "tx/executor.h"

namespace intaglio::chain {

// A block executed and not yet durable.
struct Finalized {
  ledger::BlockHeader header;
  BlockHash hash;
  Bytes transactions;  // encode_transactions()
  ledger::ChangeSet changes;
  ledger::StateTree tree;  // after it
  std::vector<tx::Receipt> receipts;
  std::vector<Bytes> encoded_receipts;  // as the header commits to them
  std::vector<AccountId> accounts;      // whose transactions they are
  std::optional<Millis> next_deadline;
  std::vector<store::Note> notes;  // that become durable with it
};

// What shows that a stored block is final.
struct StoredHeader {
  proof::FinalityProof proof;
  std::uint8_t consensus = 0;  // nodes that the chain had then
  static constexpr auto fields() {
    return std::tuple(
        codec::field(1, "proof", &StoredHeader::proof, "the header and who signed it"),
        codec::field(2, "consensus", &StoredHeader::consensus, "how many nodes could have"));
  }
};

// A block's transactions as they came, in order: what is stored beside its header.
Bytes encode_transactions(std::span<const Bytes> transactions);
Result<std::vector<Bytes>> decode_transactions(ByteView blob);

// finalize(), commit() and next_deadline() belong to one thread; everything else may be called from
// any.
class Application {
 public:
  // Opens the chain's store in `folder`, or makes it from the genesis, whose ledger id must be the
  // stored one (`wrong_ledger`). `node` signs. `named` are those whom the main chain named when it
  // added the chain: they sign until the chain has heard it itself.
  static Result<std::unique_ptr<Application>> open(const ledger::Genesis& genesis, ChainId chain,
                                                   const std::string& folder, crypto::Signer node,
                                                   const store::ChainStoreOptions& options = {},
                                                   std::optional<ledger::ChainNodes> named = {});

  // Executes a block at max(previous + 1 ms, `time`). Writes and signs nothing.
  Finalized finalize(Millis time, std::span<const tx::VerifiedTransaction> transactions) const;

  // A statement signed by this node, or the process ends: without its key it cannot go on.
  template <proof::Statement T>
  Bytes sign(const T& body) const {
    auto statement = proof::sign_statement(body, ledger_, node_);
    if (!statement) fatal("the node's key: " + to_string(statement.error()));
    return *std::move(statement);
  }
  // This node's word for a block, or whatever its key refuses with.
  Result<proof::Cosignature> cosign(const ledger::BlockHeader& header) const {
    return proof::cosign(proof::cosigned_block(header, ledger_), ledger_, node_);
  }

  // Makes it durable at once, or ends the process: there is no half. The proof is of this block.
  void commit(const Finalized& block, const proof::FinalityProof& proof);
  // Of a chain without consensus nodes; where CometBFT orders it nobody signs, and the votes for it
  // come with CometBFT's next header.
  void commit(const Finalized& block);
  // What a node keeps of a header that no consensus node signs: its own signature or, where
  // CometBFT orders the chain, the header as it is.
  proof::FinalityProof own_proof(const ledger::BlockHeader& header) const;

  // There is no block that was executed here: the last one is the genesis, or what it went on from.
  bool is_at_its_beginning() const { return store_->kept_from() > tip().height; }
  // Goes on from a state instead of the blocks before it, at its beginning alone (`block_gap`). As
  // ChainStore::go_on_from, on the thread of commit().
  Result<void> go_on_from(const store::Beginning& beginning, const store::ChainStore::Rows& rows);

  // What a node must not forget beside the chain (ChainStore::put_note).
  void put_note(std::string_view name, ByteView note) { store_->put_note(name, note); }
  void erase_note(std::string_view name) { store_->erase_note(name); }

  // How many blocks prune() leaves; all of them unless this is called. Before commit().
  void keep_blocks(std::uint64_t count) { keep_blocks_ = std::max<std::uint64_t>(count, 1); }
  // Forgets the transactions and receipts of a few blocks that are older, none from `needed` on and
  // none that transactions of today may still ask for. Headers stay. On the thread of commit().
  void prune(Height needed);

  // After the last committed block: once it has passed there is something to do in a block, though
  // nobody sends a transaction.
  std::optional<Millis> next_deadline() const { return next_deadline_; }

  ChainId chain() const { return chain_; }
  const LedgerId& ledger() const { return ledger_; }
  // Hash of the key that signs.
  const KeyHash& node() const { return node_key_; }
  const store::ChainStore& store() const { return *store_; }

  // Where the votes of a chain that CometBFT orders come from: of its node, on any thread. Before
  // anything is proven.
  void prove_by(LightBlockAt blocks) { light_blocks_->come_from(std::move(blocks)); }
  // LightBlocks::at: `unreachable` unless it is kept or prove_by() said where they are.
  Result<proof::LightBlock> light_block(Height height) const { return light_blocks_->at(height); }
  LightBlocks& light_blocks() const { return *light_blocks_; }
  // The newest state of which something can be proven to others: after the last block or, where
  // CometBFT orders the chain, after the block before it, whose hash its last header carries.
  // Nothing when this node has made no block of such a chain since it started.
  std::shared_ptr<const store::StateSnapshot> proven_state() const;

  // Who signs for the chain now, and with which keys, as ledger::block_signers.
  ledger::NodesRow nodes() const;
  Result<proof::BlockSigners> signers() const;

  // Of a committed block, which must be there and not the genesis. Where CometBFT orders the chain
  // it is proven by votes that are not stored here.
  StoredHeader stored_header(Height height) const;
  // The same where it may be older than the state that this node began with.
  std::optional<StoredHeader> find_header(Height height) const;
  // The same proof, with the header signed by `wanted` where that is the node that signed it then
  // or this one, which signs it once more; else as it was signed then.
  proof::FinalityProof signed_header(Height height,
                                     const std::optional<KeyHash>& wanted = std::nullopt) const;

  // The last committed block; height 0 stands for the genesis.
  store::Tip tip() const { return store_->tip(); }

  // Why there are no transactions or receipts of a block: `block_pruned`, or `unknown_block`.
  Refusal no_block(Height height) const;
  // That this chain accepted a transaction though it has no receipt of it any more: what it moved
  // is still entered in an account's book.
  bool is_forgotten(const TxId& id) const;

  // What the last committed block with this transaction made of it, accepted or refused.
  std::optional<tx::Receipt> receipt(const TxId& id) const;

  // What this chain decided for good of an account's transactions, accepted or refused, newest
  // first: at most `most` of those that stand before a place, or of all. Who was paid by others
  // finds that in the entries of the account's balances.
  std::vector<tx::Receipt> receipts_of(const AccountId& account,
                                       const std::optional<store::Place>& before,
                                       std::size_t most) const;
  // The transaction that a receipt is of, as it came.
  std::optional<Bytes> transaction(const tx::Receipt& receipt) const;

  // All receipts of a committed block in order, as its header commits to them; also those that its
  // transactions had from earlier blocks.
  std::optional<std::vector<Bytes>> receipts(Height height) const;

 private:
  Application(const ledger::Genesis& genesis, ChainId chain, crypto::Signer node);
  // A block's transactions as they are found from now on.
  std::vector<store::PlacedTransaction> placed(const Finalized& block) const;
  // A committed block's, as far as they are still found there.
  std::vector<store::PlacedTransaction> found_in(Height height) const;
  Millis time_of(Height height) const;

  ChainId chain_;
  LedgerId ledger_;
  crypto::Signer node_;
  KeyHash node_key_;
  std::optional<ledger::ChainNodes> named_;
  std::unique_ptr<store::ChainStore> store_;
  std::unique_ptr<LightBlocks> light_blocks_;
  mutable std::mutex mutex_;
  std::shared_ptr<const store::StateSnapshot> before_last_;  // where CometBFT orders the chain
  std::optional<Millis> next_deadline_;
  std::optional<std::uint64_t> keep_blocks_;
};

}  // namespace intaglio::chain
