// Looks at every block as soon as it is durable, runs it on the model, and says what is wrong: a
// receipt that the model does not give, one that changed, an outcome that is not what balances say,
// money made or lost, a cursor that went back, a block that is gone.
#pragma once

#include "chain/application.h"
#include "simulation/model.h"

namespace intaglio::simulation {

// Counts of what happened, by name.
using Figures = std::map<std::string, std::uint64_t>;

class Audit {
 public:
  explicit Audit(const ledger::Genesis& genesis);

  // The chain was opened: all that was looked at before must be there, and at most one block more,
  // which is looked at now.
  void opened(const chain::Application& chain);
  // Its tip is a new block.
  void committed(const chain::Application& chain);

  // A client was told this.
  void answered(const tx::Receipt& receipt);
  // A client was told that its transaction is in no block of that chain and will be in none.
  void given_up(ChainId chain, const TxId& id);

  // Every row that the model knows of is as the model says. Reads whole chains.
  void compare_all(const chain::Application& chain);
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

  void look_at(const chain::Application& chain, Height height);
  void judge_receipt(const chain::Application& chain, const tx::SignedTransaction& signed_tx,
                     std::uint32_t index, const Foretold& foretold);
  void compare_money(const chain::Application& chain);
  void compare_streams(const chain::Application& chain);

  const ledger::Genesis genesis_;
  const LedgerId ledger_;
  Model model_;
  std::map<KeyHash, crypto::PublicKey> public_keys_;
  std::string wrong_;
  std::map<Place, Kept> receipts_;
  std::set<Place> given_up_;
  std::map<std::pair<ChainId, Height>, BlockHash> hashes_;
  Figures figures_;
  OnOperation on_operation_;
  std::uint64_t log_hash_ = 0xcbf29ce484222325;
  bool prints_ = false;
};

}  // namespace intaglio::simulation
