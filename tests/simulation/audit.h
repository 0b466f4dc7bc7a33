// Looks at every block as soon as it is durable, runs it on the model, and says what is wrong: a
// receipt that the model does not give, one that changed, an outcome that is not what balances say,
// money made or lost, a cursor that went back, a block that is gone, or final without its quorum;
// and at every answer of a consensus node, that it signs once and nothing false, and keeps
// evidence.
#pragma once

#include "chain/consensus_node.h"
#include "simulation/model.h"

namespace intaglio::simulation {

// Counts of what happened, by name.
using Figures = std::map<std::string, std::uint64_t>;

// What a consensus node did with a message of its accounting node.
struct NodeAnswer {
  const chain::Message& message;
  const chain::Standing& standing;
  bool signed_now = false;
  Millis clock;  // its own
};

class Audit {
 public:
  explicit Audit(const ledger::Genesis& genesis);

  // The chain was opened: all that was looked at before must be there, and at most one block more,
  // which is looked at now.
  void opened(const chain::Application& chain);
  // Its tip is a new block.
  void committed(const chain::Application& chain);

  // Its tip is a block that was committed before, on a disk that is an old copy.
  void committed_again(const chain::Application& chain);

  // A consensus node was opened; it did this.
  void started(const chain::ConsensusNode& node);
  void answered(const chain::ConsensusNode& node, const NodeAnswer& answer);
  // No honest node signs this block; this chain's accounting node signs two of a height.
  void know_false(const ledger::BlockHeader& header) { false_blocks_.insert(header.hash(ledger_)); }
  void know_forked(ChainId chain) { forked_.insert(chain); }

  // A client was told this.
  void answered(const tx::Receipt& receipt);
  // A client was told that its transaction is in no block of that chain and will be in none.
  void given_up(ChainId chain, const TxId& id);

  // Every row that the model knows of is as the model says. Reads whole chains.
  void compare_all(const chain::Application& chain);
  // Once it should be level: every block is the accounting node's.
  void compare_replica(const chain::ConsensusNode& node);
  // Once everything has arrived: what the main chain decided holds on every chain that knows of the
  // key, account or asset.
  void compare_decisions();
  // The chain's blocks, executed from the genesis on a fresh state, come to the same state.
  void replay(const chain::Application& chain);

  // Whoever may ever sign anything.
  void know_key(const crypto::PublicKey& key) { public_keys_[key.hash()] = key; }

  void fail(std::string what);
  const std::string& wrong() const { return wrong_; }

  // What the receipts that the client id used up say. Nothing: none, as yet.
  std::optional<tx::Receipt> final_receipt(ChainId chain, const TxId& id) const;

  // Of all final blocks of all chains, in order.
  Digest hash_of_blocks() const;

  Height last_block(ChainId chain) const {
    return chain.value() < model_.chain_count() ? model_.chain(chain).height : Height(0);
  }
  const Model& model() const { return model_; }
  Figures& figures() { return figures_; }

  // Everything that happened, in order, as one number; and as text to look at, when asked for.
  void note(std::string_view what);
  std::uint64_t log_hash() const { return log_hash_; }
  void print_log() { prints_ = true; }

  // Of accepted operations, as their blocks are looked at.
  using OnOperation = std::function<void(ChainId, const OperationRef&, const tx::Operation&)>;
  void on_operation(OnOperation listener) { on_operation_ = std::move(listener); }

 private:
  struct Kept {
    tx::Receipt receipt;
    bool is_kept = false;
  };
  using Place = std::pair<ChainId, TxId>;
  using BlockPlace = std::pair<ChainId, Height>;
  // What is known of a consensus node, whatever it forgets.
  struct NodeRecord {
    Height height;
    std::map<Height, BlockHash> words;
    bool has_fork = false;
    bool is_fork_checked = false;
  };

  void look_at(const chain::Application& chain, Height height);
  // What a block made of the transaction at this place of it.
  struct Judged {
    const tx::SignedTransaction& transaction;
    std::uint32_t index = 0;
    tx::Receipt receipt;
    Foretold foretold;
  };
  void judge_receipt(ChainId chain, const Judged& judged);
  void compare_kept(const chain::Application& chain, const TxId& id);
  const ledger::NodesRow& nodes_of(ChainId chain) const;
  const crypto::Verifier& verifier_of(const KeyHash& node);
  void check_final(const chain::Application& chain, const ledger::BlockHeader& header,
                   const BlockHash& hash);
  void check_replica_tip(const chain::Application& replica);
  bool shows_fork(ChainId chain, const NodeRecord& record, const NodeAnswer& answer) const;
  void check_word(ChainId chain, NodeRecord& record, const NodeAnswer& answer);
  void check_evidence(ChainId chain, NodeRecord& record, const chain::Standing& standing,
                      bool must_have_fork);
  void compare_money(const chain::Application& chain);
  void compare_streams(const chain::Application& chain);

  const ledger::Genesis genesis_;
  const LedgerId ledger_;
  Model model_;
  std::map<KeyHash, crypto::PublicKey> public_keys_;
  std::string wrong_;
  std::map<Place, Kept> receipts_;
  std::set<Place> given_up_;
  std::map<BlockPlace, BlockHash> hashes_;
  std::map<BlockPlace, Digest> states_;
  std::map<BlockPlace, Bytes> proofs_;
  std::map<KeyHash, crypto::Verifier> verifiers_;
  std::map<std::pair<ChainId, KeyHash>, NodeRecord> node_records_;
  std::set<BlockHash> false_blocks_;
  std::set<ChainId> forked_;
  Figures figures_;
  OnOperation on_operation_;
  std::uint64_t log_hash_ = 0xcbf29ce484222325;
  bool prints_ = false;
};

}  // namespace intaglio::simulation
