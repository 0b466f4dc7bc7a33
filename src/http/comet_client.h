// The RPC of a CometBFT node beside us (its JSON-RPC over HTTP), as far as a chain that it orders
// needs it: to hand in transactions, and to show that a block is final.
#pragma once

#include <mutex>

#include "chain/comet_ordering.h"
#include "http/client.h"
#include "proof/comet_wire.h"

namespace intaglio::http {

// Any thread, several at once: each call has a connection of its own while it lasts.
class CometClient {
 public:
  // "http://127.0.0.1:26657", of this machine alone: RPC has no protection. `bad_value` else.
  static Result<std::unique_ptr<CometClient>> open(const std::string& url);

  // broadcast_tx_sync: what CheckTx said of it, or 0 when the mempool has it already. `busy` when
  // that is full, `too_large`, what Client::send refuses.
  Result<chain::abci::CheckTxAnswer> broadcast(ByteView transaction);

  // Who committed the block of that height, which is there: what is needed to believe it. Not
  // checked; `unknown_block` when it is not there (yet, or any more).
  Result<proof::LightBlock> light_block(Height height);

  // The evidence in that block; `unknown_block`.
  Result<std::vector<proof::DoubleVote>> double_votes(Height height);

  struct Status {
    std::string chain;    // CometBFT's id of it
    std::string version;  // of the program
    Height height;        // of its last block
    proof::CometTime time;
    bool catching_up = false;
  };
  Result<Status> status();

  // What an ordering needs of it; the client must outlive it.
  chain::CometRpc rpc();

 private:
  explicit CometClient(std::string url) : url_(std::move(url)) {}
  Result<codec::Json> call(const ClientRequest& request);
  Result<codec::Json> get(std::string target);

  const std::string url_;
  std::mutex mutex_;
  std::vector<Client> idle_;
};

}  // namespace intaglio::http
