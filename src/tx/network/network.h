// The chains themselves: who signs for each, and new ones. The authority decides on the main chain.
#pragma once

#include "tx/transactor.h"

namespace intaglio::tx {

using codec::field;

// Names the node that signs a chain's headers from now on. Its key is registered before, with the
// role of a node and on all chains.
struct SetNodes {
  static constexpr std::uint64_t kType = 24;
  static constexpr std::string_view kName = "set_nodes";
  static constexpr std::string_view kDoc = "names the node that signs a chain's headers";

  ChainId chain;
  KeyHash accounting;

  static constexpr auto fields() {
    return std::tuple(field(1, "chain", &SetNodes::chain, "for which chain"),
                      field(2, "accounting", &SetNodes::accounting, "hash of the node's key"));
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

  static constexpr auto fields() {
    return std::tuple(field(1, "accounting", &AddChain::accounting, "hash of its node's key"));
  }
  Result<void> check() const;
  Result<void> apply(ledger::Stage& stage, const Block& block, const Origin& origin) const;
};

}  // namespace intaglio::tx
