// The chains themselves: who signs for each, and new ones. The authority decides on the main chain.
#pragma once

#include "ledger/trust.h"
#include "proof/double_vote.h"
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
        field(4, "validators", &AddChain::validators,
              "refused: no chain that CometBFT orders can be added"));
  }
  Result<void> check() const;
  Result<void> apply(ledger::Stage& stage, const Block& block, const Origin& origin) const;
};

// Vouches for a header of a chain that CometBFT orders, so that all chains trust it: for when none
// brought one within the time in which its validators are believed. Who vouches has it from a node
// of that chain's, and answers for it.
struct VouchHeader {
  static constexpr std::uint64_t kType = 27;
  static constexpr std::string_view kName = "vouch_header";
  static constexpr std::string_view kDoc = "vouches for a header of a chain that CometBFT orders";

  ChainId chain;
  ledger::TrustRow header;

  static constexpr auto fields() {
    return std::tuple(field(1, "chain", &VouchHeader::chain, "of which chain"),
                      field(2, "header", &VouchHeader::header, "later than what is trusted"));
  }
  Result<void> check() const;
  Result<void> apply(ledger::Stage& stage, const Block& block, const Origin& origin) const;
};

// Shows that a validator voted twice at one place, which none does by mistake: it votes no more,
// unless it is the last one, and the key of its node is suspended, on all chains. Anybody may bring
// it who has a node's key: what is brought proves itself.
struct ProveDoubleVote {
  static constexpr std::uint64_t kType = 28;
  static constexpr std::string_view kName = "prove_double_vote";
  static constexpr std::string_view kDoc = "shows that a validator voted for two blocks at once";

  ChainId chain;
  proof::DoubleVote votes;

  static constexpr auto fields() {
    return std::tuple(field(1, "chain", &ProveDoubleVote::chain, "where it is a validator"),
                      field(2, "votes", &ProveDoubleVote::votes, "both, as CometBFT has them"));
  }
  Result<void> check() const;
  Result<void> apply(ledger::Stage& stage, const Block& block, const Origin& origin) const;
};

}  // namespace intaglio::tx
