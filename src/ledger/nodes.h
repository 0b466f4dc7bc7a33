// Who makes the blocks of the ledger's chains final. Of most, an accounting node, which sequences,
// executes and signs its headers, and up to three consensus nodes, a quorum of which must have
// executed a block and signed for it. Of a chain that CometBFT orders, its validators by their
// votes (ledger/trust.h). Every chain knows those of every other.
#pragma once

#include "crypto/ed25519.h"
#include "ledger/rows.h"
#include "ledger/stage.h"
#include "proof/finality.h"

namespace intaglio::ledger {

// Of a chain that CometBFT orders: who votes there, with which key, and whose node that is.
struct Validator {
  KeyHash node;  // of a certified node's key, which answers for it
  crypto::Ed25519Key key;
  std::uint64_t power = 0;
  bool operator==(const Validator&) const = default;

  static constexpr auto fields() {
    return std::tuple(field(1, "node", &Validator::node, "hash of its node's certified key"),
                      field(2, "key", &Validator::key, "its Ed25519 key, by which it votes"),
                      field(3, "power", &Validator::power, "its share of the votes"));
  }
};

// Of one chain: a block's votes must fit into a transaction on every other.
inline constexpr std::size_t kMaxValidators = 100;

// One row for every chain of the ledger, on every chain.
struct NodesRow {
  using Key = ChainId;
  static constexpr RowKind kKind = RowKind::nodes;
  static Slot slot(Key chain) { return Slot(kKind).put(chain.value()); }

  // Of a chain that CometBFT orders: the node by which its operator serves people and brings what
  // other chains sent. Its word makes no block final.
  KeyHash accounting;
  std::vector<KeyHash> consensus;
  std::uint8_t quorum = 0;  // 0 when there is no consensus node
  // Of a chain that CometBFT orders, ascending by node: as decided, which CometBFT follows two
  // blocks after the chain has heard of it. Nothing: nodes of our own make its blocks.
  std::optional<std::vector<Validator>> validators = {};
  bool operator==(const NodesRow&) const = default;

  // Whether CometBFT orders the chain, so that its validators' votes make its blocks final.
  bool by_comet() const { return validators.has_value(); }

  static constexpr auto fields() {
    return std::tuple(
        field(1, "accounting", &NodesRow::accounting, "signs the chain's headers"),
        field(2, "consensus", &NodesRow::consensus, "execute and sign for each block; up to 3"),
        field(3, "quorum", &NodesRow::quorum, "how many of these sign before it is final"),
        field(4, "validators", &NodesRow::validators, "where CometBFT orders the chain"));
  }
};

// `too_large` at "consensus"; `bad_value` at the consensus node that stands twice, or at "quorum":
// it is more than half of the consensus nodes, so that no two blocks of one height can each have a
// quorum of nodes that sign once. A chain with validators has neither (`bad_value` at the one it
// has), and they are ascending by node, each with a key and a power of its own: `missing_field` for
// nobody; `too_large` at "validators", or at the power with which they have more than CometBFT can
// count; `bad_value` at the validator, or at its "key" or "power".
Result<void> check_nodes(const NodesRow& nodes);

// Whose signatures make the blocks of a chain final, as this state knows it: `unknown_chain`;
// `unknown_key`, `key_revoked` or `key_suspended` of its accounting node; `not_signer` when
// CometBFT orders it. A consensus node whose key may not sign is left out.
Result<proof::BlockSigners> block_signers(const View& state, ChainId chain);

}  // namespace intaglio::ledger
