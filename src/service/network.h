// The folders of a ledger whose chains are each ordered by a network of CometBFT nodes: for each
// operator one that can be moved to its machine.
//
//   operator-1/           a node's data folder (service/setup.h), with the authority
//     serve.toml          settings of `intaglio serve` there
//   operator-K/           what a validator of every chain needs: genesis.cbor, keys/node.key,
//                         authority/root.pem
//   operator-K/network.json  who is where: what join_network reads
//   operator-K/comet-N/   the home of CometBFT for chain N: config/{config.toml, genesis.json,
//                         node_key.json, priv_validator_key.json},
//                         data/priv_validator_state.json
//   operator-K/abci-N.sock  where that finds its application, once it runs
//
// Everything in an operator's folder is named relative to it.
#pragma once

#include "service/setup.h"

namespace intaglio::service {

struct NetworkOptions {
  SetupOptions setup;            // of the first operator's node; without consensus nodes
  std::uint16_t validators = 4;  // of each chain, one an operator
  // Of each operator, where the others' CometBFT nodes reach its own; all on this machine when
  // empty.
  std::vector<std::string> hosts;
  // The first port; each CometBFT node has two of them, one for the others and one for RPC, which
  // is open to its own machine alone.
  std::uint16_t first_port = 26600;
  Duration block_interval = seconds(1);  // from a block to the next
};

// What an operator starts for one chain.
struct CometHome {
  std::string folder;   // of CometBFT, within the operator's
  std::string address;  // of the application
  std::uint16_t peer_port = 0;
  std::uint16_t rpc_port = 0;
  std::string rpc_url() const;
};
CometHome comet_home(const NetworkOptions& options, std::size_t operator_index, ChainId chain);

// From whom a node of CometBFT that is new gets a snapshot of its chain, in place of all blocks:
// it believes the header with that hash.
struct StateSync {
  ChainId chain;
  std::string rpc_url;  // of a node that has the chain
  Height height;
  Digest hash;  // of CometBFT's header
};

struct JoinOptions {
  std::string host = {};  // where the others reach its CometBFT nodes; this machine when empty
  std::uint16_t first_port = 0;  // 0: after those of the operator whose folder is known
  // By chain, and of one chain a second server to compare with; without one the first is compared
  // with itself. Chains that are not named execute every block.
  std::vector<StateSync> state_sync;
};
// Makes the folder of one more operator from another's, whose keys are not looked at. It votes for
// nothing until the authority names its validators (SetNodes). `file_failed`, also for a folder
// that is there; `bad_value` at "network.json"; `bad_setting` or `missing_field` at the field in
// which a genesis.json of CometBFT's is another than the ledger's genesis says. What is needed to
// name them: its node's key, and its validators' by chain.
Result<SetupValidator> join_network(const std::string& from, const std::string& folder,
                                    const JoinOptions& options, const Secret& passphrase, Env& env);

// Makes `folder` and all that is below; `bad_setting`, or what create_data_folder refuses. A crash
// half-way leaves a folder in which operator-1 has no genesis, which the next call starts over.
Result<void> create_network(const std::string& folder, const NetworkOptions& options,
                            const Secret& passphrase, Env& env);

std::string operator_folder(const std::string& folder, std::size_t operator_index);

}  // namespace intaglio::service
