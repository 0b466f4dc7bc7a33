// The chains themselves: who signs for each, and new ones. The authority decides on the main chain.
#pragma once

#include "ledger/nodes.h"
#include "tx/transactor.h"

namespace intaglio::tx {

using codec::field;

// Names the nodes that sign for a chain from now on, or who votes where CometBFT orders it. Their
// keys are registered before, with the role of a node and on all chains.
struct SetNodes {
  static constexpr std::uint64_t kType = 24;
  static constexpr std::string_view kName = "set_nodes";
  static constexpr std::string_view kDoc = "names the nodes that sign for a chain";

  ChainId chain;
  KeyHash accounting;
  std::vector<KeyHash> consensus;
  std::uint8_t quorum = 0;
  std::optional<std::vector<ledger::Validator>> validators = {};

  static constexpr auto fields() {
    return std::tuple(
        field(1, "chain", &SetNodes::chain, "for which chain"),
        field(2, "accounting", &SetNodes::accounting, "hash of the accounting node's key"),
        field(3, "consensus", &SetNodes::consensus, "hashes of up to 3 consensus nodes' keys"),
        field(4, "quorum", &SetNodes::quorum, "how many of these sign a block; over half"),
        field(5, "validators", &SetNodes::validators, "where CometBFT orders it; by node"));
  }
  Result<void> check() const;
  Result<void> apply(ledger::Stage& stage, const Block& block, const Origin& origin) const;
};

// Adds a sub-chain, with the next number. It begins without money and without users; extend_key
// brings them there.
struct AddChain {
  static constexpr std::uint64_t kType = 25;
  static constexpr std::string_view kName = "add_chain";
  static constexpr std::string_view kDoc = "adds a sub-chain";

  KeyHash accounting;
  std::vector<KeyHash> consensus;
  std::uint8_t quorum = 0;
  std::optional<std::vector<ledger::Validator>> validators = {};

  static constexpr auto fields() {
    return std::tuple(
        field(1, "accounting", &AddChain::accounting, "hash of its accounting node's key"),
        field(2, "consensus", &AddChain::consensus, "hashes of up to 3 consensus nodes' keys"),
        field(3, "quorum", &AddChain::quorum, "how many of these sign a block; over half"),
        field(4, "validators", &AddChain::validators, "where CometBFT orders it; by node"));
  }
  Result<void> check() const;
  Result<void> apply(ledger::Stage& stage, const Block& block, const Origin& origin) const;
};

}  // namespace intaglio::tx
