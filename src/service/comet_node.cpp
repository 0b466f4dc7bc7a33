#include "service/comet_node.h"

#include "base/format.h"
#include "service/keys.h"
#include "service/setup.h"

namespace intaglio::service {

Result<std::unique_ptr<CometNode>> CometNode::start(const std::string& folder,
                                                    const Options& options,
                                                    const Secret& passphrase, Env& env) {
  ASSIGN(const auto genesis, read_genesis(folder, env));
  const std::string number = std::to_string(options.chain.value());
  if (options.chain.value() >= genesis.chains) return refuse(Verdict::unknown_chain, number);
  if (!genesis.nodes[options.chain.value()].by_comet()) {
    return refuse(Verdict::bad_setting, "chain " + number + " is not ordered by CometBFT");
  }
  std::unique_ptr<CometNode> out(new CometNode);
  ASSIGN(out->key_, open_key(folder, "node", passphrase, env));
  ASSIGN(out->application_,
         chain::Application::open(genesis, options.chain, format("{}/chain-{}", folder, number),
                                  element::signer_of(*out->key_)));
  if (options.keep_blocks > 0) out->application_->keep_blocks(options.keep_blocks);
  ASSIGN(out->adapter_,
         chain::CometAdapter::open(*out->application_,
                                   {.snapshots = format("{}/snapshots-{}", folder, number),
                                    .snapshot_every = options.snapshot_every},
                                   env));
  ASSIGN(out->server_, chain::abci::Server::start(options.address, *out->adapter_));
  return out;
}

}  // namespace intaglio::service
