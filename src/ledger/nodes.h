// Who signs for the chains of a ledger: for each an accounting node, which sequences, executes and
// signs its headers, and up to three consensus nodes, a quorum of which must have executed a block
// and signed for it before it is final. Every chain knows those of every other.
#pragma once

#include "ledger/rows.h"
#include "ledger/stage.h"
#include "proof/finality.h"

namespace intaglio::ledger {

// One row for every chain of the ledger, on every chain.
struct NodesRow {
  using Key = ChainId;
  static constexpr RowKind kKind = RowKind::nodes;
  static Slot slot(Key chain) { return Slot(kKind).put(chain.value()); }

  KeyHash accounting;
  std::vector<KeyHash> consensus;
  std::uint8_t quorum = 0;  // 0 when there is no consensus node
  bool operator==(const NodesRow&) const = default;

  static constexpr auto fields() {
    return std::tuple(
        field(1, "accounting", &NodesRow::accounting, "signs the chain's headers"),
        field(2, "consensus", &NodesRow::consensus, "execute and sign for each block; up to 3"),
        field(3, "quorum", &NodesRow::quorum, "how many of these sign before it is final"));
  }
};

// `too_large` at "consensus"; `bad_value` at the consensus node that stands twice, or at "quorum":
// it is more than half of the consensus nodes, so that no two blocks of one height can each have a
// quorum of nodes that sign once.
Result<void> check_nodes(const NodesRow& nodes);

// Whose signatures make the blocks of a chain final, as this state knows it: `unknown_chain`;
// `unknown_key`, `key_revoked` or `key_suspended` of its accounting node. A consensus node whose
// key may not sign is left out.
Result<proof::BlockSigners> block_signers(const View& state, ChainId chain);

}  // namespace intaglio::ledger
