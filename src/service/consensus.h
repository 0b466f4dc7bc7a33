// The consensus nodes that run in this process, one a chain for each key: those of the folders
// consensus-K inside a node's data folder (service/setup.h), or that of one such folder alone.
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

  void start();
  void stop();

  // The nodes that were opened, to be asked and to be told what the gateway takes in.
  std::vector<chain::OtherNode> nodes_of(ChainId chain);
  std::vector<chain::ConsensusThread*> threads_of(ChainId chain);
  const std::vector<std::unique_ptr<element::SecureElement>>& keys() const { return keys_; }

 private:
  struct One {
    ChainId chain;
    KeyHash key;
    std::unique_ptr<chain::ConsensusNode> node;
    std::unique_ptr<chain::ConsensusThread> thread;
  };
  LocalConsensus() = default;
  static Result<std::unique_ptr<LocalConsensus>> open(const std::vector<std::string>& folders,
                                                      const ledger::Genesis& genesis,
                                                      const Secret& passphrase, Env& env);
  std::vector<std::unique_ptr<element::SecureElement>> keys_;
  std::vector<One> all_;
};

}  // namespace intaglio::service
