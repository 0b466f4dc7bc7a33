// The chains that run in a node: those of the genesis from the start, and from then on each that
// the main chain adds, as soon as it is added.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/growing.h"
#include "chain/comet_ordering.h"
#include "gateway/gateway.h"
#include "service/consensus.h"

namespace intaglio::service {

// A consensus node in another process: how it is asked and told of transactions, by chain. Both are
// called on any thread, must be quick, and are called until the Node is gone.
struct RemoteConsensus {
  KeyHash key;
  std::function<void(ChainId, chain::Message, chain::OtherNode::Done)> ask;
  std::function<void(ChainId, Bytes)> hear;
};

// A chain that a network of CometBFT nodes orders: where the one beside us finds its application,
// and how its RPC is reached, which is so until the Node is gone.
struct CometChain {
  ChainId chain;
  std::string address;  // abci::Listener::listen
  chain::CometRpc rpc;
  std::uint64_t snapshot_every = 0;  // CometOptions
};

// What of a node's chains runs in other processes.
struct Elsewhere {
  std::vector<RemoteConsensus> consensus;
  std::vector<CometChain> comet;
};

class Chains {
 public:
  struct Surroundings {
    std::string folder;  // of the node; chain N is in chain-N
    const ledger::Genesis& genesis;
    crypto::Signer node;
    LocalConsensus& consensus;
    Elsewhere elsewhere;
    Env& env;
    // Called for what a block of a chain that CometBFT orders has evidence of (CometOrdering).
    std::function<void(ChainId, const proof::DoubleVote&, chain::CometOrdering::Settled)>
        on_double_vote;
  };
  using OnBlock = chain::Ordering::OnBlock;
  using OnAdded = std::function<void(gateway::Gateway::Nodes)>;

  // Opens those of the genesis and those that were added since. `on_block` is called for each block
  // of any of them, as by chain::Ordering. What the surroundings name must outlive it.
  static Result<std::unique_ptr<Chains>> open(Surroundings around, OnBlock on_block);
  ~Chains();
  Chains(const Chains&) = delete;
  Chains& operator=(const Chains&) = delete;

  // As Application::keep_blocks, of all chains; before start().
  void keep_blocks(std::uint64_t count);

  // `on_added` is called for each one more, on a thread of its own, before it makes a block.
  void start(OnAdded on_added);
  // Finishes what was taken in.
  void stop();

  // Any thread.
  std::uint16_t count() const { return static_cast<std::uint16_t>(chains_.size()); }
  const chain::Ordering& ordering(ChainId chain) const { return *at(chain).ordering; }
  // How the gateway reaches the chain.
  gateway::Gateway::Nodes nodes(ChainId chain);

 private:
  struct Open {
    std::unique_ptr<chain::Application> application;
    std::unique_ptr<chain::Ordering> ordering;
  };
  Chains(Surroundings around, OnBlock on_block)
      : around_(std::move(around)), on_block_(std::move(on_block)) {}

  const Open& at(ChainId chain) const { return chains_[chain.value()]; }
  Result<std::unique_ptr<chain::Ordering>> open_ordering(chain::Application& application);
  Result<void> open_chain(ChainId chain, const std::optional<ledger::ChainNodes>& named);
  // Whether there was one more and it was opened; `not_signer` when another node runs it.
  Result<bool> open_next();
  std::vector<chain::OtherNode> others(ChainId chain) const;
  void saw(const chain::Finalized& block);
  void run();

  const Surroundings around_;
  const OnBlock on_block_;
  Growing<Open> chains_;
  std::optional<std::uint64_t> keep_blocks_;
  OnAdded on_added_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool is_more_ = false;  // the main chain has added one
  bool stopping_ = false;
  std::thread opener_;
};

}  // namespace intaglio::service
