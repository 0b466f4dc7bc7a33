#include "service/consensus.h"

#include <algorithm>
#include <future>

#include "base/format.h"
#include "service/keys.h"

namespace intaglio::service {

Result<std::unique_ptr<LocalConsensus>> LocalConsensus::open_inside(const std::string& folder,
                                                                    const ledger::Genesis& genesis,
                                                                    const Secret& passphrase,
                                                                    Env& env) {
  std::vector<std::string> folders;
  for (std::size_t i = 1; i <= proof::kMaxConsensusNodes; ++i) {
    const std::string below = consensus_folder(folder, i);
    if (has_key(below, "node")) folders.push_back(below);
  }
  return open(folders, genesis, passphrase, env);
}

Result<std::unique_ptr<LocalConsensus>> LocalConsensus::open_alone(const std::string& folder,
                                                                   const ledger::Genesis& genesis,
                                                                   const Secret& passphrase,
                                                                   Env& env) {
  return open({folder}, genesis, passphrase, env);
}

Result<std::unique_ptr<LocalConsensus>> LocalConsensus::open(
    const std::vector<std::string>& folders, const ledger::Genesis& genesis,
    const Secret& passphrase, Env& env) {
  std::unique_ptr<LocalConsensus> out(new LocalConsensus(genesis, folders, env));
  // Each key takes a fifth of a second on purpose: side by side.
  std::vector<std::future<Result<std::unique_ptr<element::SecureElement>>>> opening;
  for (const std::string& each : folders) {
    opening.push_back(std::async(std::launch::async, [&env, &passphrase, &each] {
      return open_key(each, "node", passphrase, env);
    }));
  }
  for (std::size_t i = 0; i < folders.size(); ++i) {
    ASSIGN(auto key, opening[i].get());
    out->keys_.push_back(std::move(key));
    for (std::uint16_t chain = 0; chain < genesis.chains; ++chain) {
      TRY(out->open_one(i, ChainId(chain), {}));
    }
  }
  return out;
}

Result<void> LocalConsensus::open_one(std::size_t i, ChainId chain,
                                      std::optional<ledger::ChainNodes> named) {
  ASSIGN(auto node, chain::ConsensusNode::open(
                        genesis_, chain, format("{}/chain-{}", folders_[i], chain.value()),
                        element::signer_of(*keys_[i]), chain::kReplicaStore, std::move(named)));
  if (keep_blocks_) node->keep_blocks(*keep_blocks_);
  auto thread = std::make_unique<chain::ConsensusThread>(*node, env_);
  if (is_started_) thread->start();
  all_.push_back({chain, keys_[i]->public_key().hash(), std::move(node), std::move(thread)});
  return {};
}

bool LocalConsensus::has(ChainId chain, const KeyHash& key) const {
  return std::ranges::any_of(
      all_, [&](const One& each) { return each.chain == chain && each.key == key; });
}

Result<void> LocalConsensus::open_chain(const ledger::ChainNodes& named) {
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    if (has(named.chain, keys_[i]->public_key().hash())) continue;
    TRY(open_one(i, named.chain, named));
  }
  return {};
}

Result<chain::ConsensusThread*> LocalConsensus::find(ChainId chain) {
  auto threads = threads_of(chain);
  if (threads.empty()) {
    const auto main_chain = threads_of(kMainChain);
    CHECK(!main_chain.empty());
    const auto& state = main_chain.front()->node().application().store();
    if (!state.find<ledger::NodesRow>(chain)) {
      return refuse(Verdict::unknown_chain, std::to_string(chain.value()));
    }
    TRY(open_chain(ledger::nodes_of(state, chain)));
    threads = threads_of(chain);
  }
  return threads.front();
}

void LocalConsensus::keep_blocks(std::uint64_t count) {
  const std::lock_guard lock(mutex_);
  keep_blocks_ = count;
  for (const One& each : all_) each.node->keep_blocks(count);
}

void LocalConsensus::start() {
  const std::lock_guard lock(mutex_);
  is_started_ = true;
  for (const One& each : all_) each.thread->start();
}

void LocalConsensus::stop() {
  const std::lock_guard lock(mutex_);
  is_started_ = false;
  for (const One& each : all_) each.thread->stop();
}

std::vector<chain::OtherNode> LocalConsensus::nodes_of(ChainId chain) const {
  const std::lock_guard lock(mutex_);
  std::vector<chain::OtherNode> out;
  for (const One& each : all_) {
    if (each.chain != chain) continue;
    out.push_back({each.key, [thread = each.thread.get()](chain::Message message,
                                                          chain::OtherNode::Done done) {
                     thread->ask(std::move(message), std::move(done));
                   }});
  }
  return out;
}

std::vector<chain::ConsensusThread*> LocalConsensus::threads_of(ChainId chain) const {
  const std::lock_guard lock(mutex_);
  std::vector<chain::ConsensusThread*> out;
  for (const One& each : all_) {
    if (each.chain == chain) out.push_back(each.thread.get());
  }
  return out;
}

}  // namespace intaglio::service
