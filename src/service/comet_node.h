// One chain that CometBFT orders, in a process of its own: what a validator runs beside its
// CometBFT node. It serves nobody else.
#pragma once

#include "base/env.h"
#include "base/secret.h"
#include "chain/abci/server.h"
#include "chain/comet_adapter.h"
#include "element/secure_element.h"

namespace intaglio::service {

class CometNode {
 public:
  struct Options {
    ChainId chain;
    std::string address;            // abci::Listener::listen
    std::uint64_t keep_blocks = 0;  // Application::keep_blocks; 0: all
    // One snapshot for nodes that join (CometOptions), each so many blocks; 0: none is made. They
    // stand in the folder, in snapshots-N.
    std::uint64_t snapshot_every = 0;
  };
  // Opens the chain's store in an operator's folder (service/network.h) and listens. Refuses what
  // opening the folder's genesis and its node's key does, `unknown_chain`, `bad_setting` for a
  // chain that CometBFT does not order, and what abci::Server::start does.
  static Result<std::unique_ptr<CometNode>> start(const std::string& folder, const Options& options,
                                                  const Secret& passphrase, Env& env);

  const std::string& address() const { return server_->address(); }
  const chain::Application& application() const { return *application_; }

 private:
  CometNode() = default;
  std::unique_ptr<element::SecureElement> key_;
  std::unique_ptr<chain::Application> application_;
  std::unique_ptr<chain::CometAdapter> adapter_;
  std::unique_ptr<chain::abci::Server> server_;
};

}  // namespace intaglio::service
