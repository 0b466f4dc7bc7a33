// A node that is served: the chains and services of one data folder behind one HTTP server.
#pragma once

#include "cli/config.h"
#include "http/comet_client.h"
#include "http/node_link.h"
#include "http/server.h"
#include "service/consensus.h"
#include "service/node.h"

namespace intaglio::cli {

// One thread.
class ServingNode {
 public:
  // Opens the folder, starts the node and listens: refuses what Node::open and Server::start do,
  // and then nothing runs.
  static Result<std::unique_ptr<ServingNode>> start(const ServeSettings& settings,
                                                    const Secret& passphrase, Env& env);
  ~ServingNode();  // stops: finishes what was taken in
  ServingNode(const ServingNode&) = delete;
  ServingNode& operator=(const ServingNode&) = delete;

  const std::string& url() const { return url_; }
  // Where holders of certificates are served; empty when nowhere.
  const std::string& certified_url() const { return certified_url_; }
  service::Node& node() { return *node_; }

 private:
  ServingNode() = default;
  Result<std::vector<service::RemoteConsensus>> open_links(const ServeSettings& settings,
                                                           const Secret& passphrase, Env& env);
  Result<std::vector<service::CometChain>> open_comet(const ServeSettings& settings, Env& env);
  Result<void> start_certified(const ServeSettings& settings, const Secret& passphrase, Env& env);
  class RemoteNode;
  // What runs in other processes; before the node, which uses it.
  std::vector<std::unique_ptr<RemoteNode>> remote_;
  std::vector<std::unique_ptr<http::CometClient>> comet_;
  std::unique_ptr<service::Node> node_;
  http::Metrics metrics_;
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<http::Server> certified_server_;
  std::string url_;
  std::string certified_url_;
};

// A consensus node that is served to the other nodes of its ledger, alone in its process.
class ServingConsensus {
 public:
  // Opens the folder (one of consensus-K, service/setup.h), starts its nodes and listens.
  static Result<std::unique_ptr<ServingConsensus>> start(const ServeSettings& settings,
                                                         const Secret& passphrase, Env& env);
  ~ServingConsensus();
  ServingConsensus(const ServingConsensus&) = delete;
  ServingConsensus& operator=(const ServingConsensus&) = delete;

  const std::string& url() const { return url_; }
  KeyHash key() const { return nodes_->keys().front()->public_key().hash(); }

 private:
  ServingConsensus() = default;
  std::unique_ptr<service::LocalConsensus> nodes_;
  http::Metrics metrics_;
  std::unique_ptr<http::Server> server_;
  std::string url_;
};

// check_comet_config of the node of CometBFT in that folder.
Result<void> check_comet_home(const std::string& home, Env& env);

// What to do about a node that did not start, for people.
std::string advice(const Refusal& refusal, const ServeSettings& settings);

}  // namespace intaglio::cli
