// The consensus nodes that run in this process, one a chain for each key: those of the folders
// consensus-K inside a node's data folder (service/setup.h), or that of one such folder alone. They
// begin with the chains of the genesis; one that the main chain adds is opened when it is needed.
#pragma once

#include "chain/consensus_thread.h"
#include "element/secure_element.h"

namespace intaglio::service {

class LocalConsensus {
 public:
  // Opens those whose folder is inside this one: `element_locked`, and what ConsensusNode::open
  // refuses.
  static Result<std::unique_ptr<LocalConsensus>> open_inside(const std::string& folder,
                                                             const ledger::Genesis& genesis,
                                                             const Secret& passphrase, Env& env);
  // The one whose folder this is; `file_failed` when it is none.
  static Result<std::unique_ptr<LocalConsensus>> open_alone(const std::string& folder,
                                                            const ledger::Genesis& genesis,
                                                            const Secret& passphrase, Env& env);

  // As Application::keep_blocks, of all chains; before start().
  void keep_blocks(std::uint64_t count);
  void start();
  void stop();

  // Opens a chain that was added, for each key; nothing where that is done. Any thread.
  Result<void> open_chain(const ledger::ChainNodes& named);

  // The nodes that were opened, to be asked and to be told what the gateway takes in. Any thread.
  std::vector<chain::OtherNode> nodes_of(ChainId chain) const;
  std::vector<chain::ConsensusThread*> threads_of(ChainId chain) const;
  // The node of the first key; opens its chain when this node's own main chain has it by now:
  // `unknown_chain` when not. Any thread.
  Result<chain::ConsensusThread*> find(ChainId chain);
  const std::vector<std::unique_ptr<element::SecureElement>>& keys() const { return keys_; }

 private:
  struct One {
    ChainId chain;
    KeyHash key;
    std::unique_ptr<chain::ConsensusNode> node;
    std::unique_ptr<chain::ConsensusThread> thread;
  };
  LocalConsensus(ledger::Genesis genesis, std::vector<std::string> folders, Env& env)
      : genesis_(std::move(genesis)), folders_(std::move(folders)), env_(env) {}
  static Result<std::unique_ptr<LocalConsensus>> open(const std::vector<std::string>& folders,
                                                      const ledger::Genesis& genesis,
                                                      const Secret& passphrase, Env& env);
  bool has(ChainId chain, const KeyHash& key) const;
  Result<void> open_one(std::size_t i, ChainId chain, std::optional<ledger::ChainNodes> named);

  const ledger::Genesis genesis_;
  const std::vector<std::string> folders_;
  Env& env_;
  std::vector<std::unique_ptr<element::SecureElement>> keys_;  // by folder
  mutable std::mutex mutex_;
  std::vector<One> all_;
  bool is_started_ = false;
  std::optional<std::uint64_t> keep_blocks_;
};

}  // namespace intaglio::service
