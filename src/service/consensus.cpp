#include "service/consensus.h"

#include <filesystem>
#include <future>

#include "service/keys.h"

namespace intaglio::service {

Result<std::unique_ptr<LocalConsensus>> LocalConsensus::open_inside(const std::string& folder,
                                                                    const ledger::Genesis& genesis,
                                                                    const Secret& passphrase,
                                                                    Env& env) {
  std::vector<std::string> folders;
  for (std::size_t i = 1; i <= proof::kMaxConsensusNodes; ++i) {
    const std::string below = consensus_folder(folder, i);
    if (std::filesystem::exists(key_path(below, "node"))) folders.push_back(below);
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
  std::unique_ptr<LocalConsensus> out(new LocalConsensus);
  // Each key takes a fifth of a second on purpose: side by side.
  std::vector<std::future<Result<std::unique_ptr<element::SecureElement>>>> opening;
  for (const std::string& each : folders) {
    opening.push_back(std::async(std::launch::async, [&env, &passphrase, &each] {
      return element::open_key("soft:" + key_path(each, "node"), passphrase, env);
    }));
  }
  for (std::size_t i = 0; i < folders.size(); ++i) {
    ASSIGN(auto key, opening[i].get());
    for (std::uint16_t chain = 0; chain < genesis.chains; ++chain) {
      ASSIGN(auto node, chain::ConsensusNode::open(genesis, ChainId(chain),
                                                   folders[i] + "/chain-" + std::to_string(chain),
                                                   element::signer_of(*key)));
      auto thread = std::make_unique<chain::ConsensusThread>(*node, env);
      out->all_.push_back(
          {ChainId(chain), key->public_key().hash(), std::move(node), std::move(thread)});
    }
    out->keys_.push_back(std::move(key));
  }
  return out;
}

void LocalConsensus::start() {
  for (const One& each : all_) each.thread->start();
}

void LocalConsensus::stop() {
  for (const One& each : all_) each.thread->stop();
}

std::vector<chain::OtherNode> LocalConsensus::nodes_of(ChainId chain) {
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

std::vector<chain::ConsensusThread*> LocalConsensus::threads_of(ChainId chain) {
  std::vector<chain::ConsensusThread*> out;
  for (const One& each : all_) {
    if (each.chain == chain) out.push_back(each.thread.get());
  }
  return out;
}

}  // namespace intaglio::service
