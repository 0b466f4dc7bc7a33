// What a chain holds in one slot, or that it holds nothing there, proven to whoever has the root of
// its state (ledger/state_tree.h). A proof shows nothing of other rows but hashes. Pure functions;
// any thread.
#pragma once

#include "ledger/state_tree.h"

namespace intaglio::ledger {

struct RowProof {
  Bytes slot;
  std::optional<Bytes> row;  // nothing: that there is none
  Bytes bucket;              // places and hashes of all rows of the slot's bucket
  Bytes path;                // hashes beside the way from the bucket up to the root
  bool operator==(const RowProof&) const = default;

  static constexpr auto fields() {
    return std::tuple(
        codec::field(1, "slot", &RowProof::slot, "where the row is"),
        codec::field(2, "row", &RowProof::row, "the row; none: that there is none"),
        codec::field(3, "bucket", &RowProof::bucket, "40 bytes a row: its place and its hash"),
        codec::field(4, "path", &RowProof::path, "96 bytes a level: the hashes beside the way up"));
  }
};

// Of what the tree's state holds in the slot, which `row` must be.
RowProof prove_row(const StateTree& tree, const Slot& slot, const std::optional<Bytes>& row);

struct ProvenRow {
  Slot slot;
  std::optional<Bytes> row;
};

// `bad_value` naming a field that cannot be one; `bad_proof` when the path does not lead to the
// root (at "path"), the row is not in its bucket (at "row"), or one is there that the proof leaves
// out (at "row" too).
Result<ProvenRow> check_row(const RowProof& proof, const Digest& root);

}  // namespace intaglio::ledger
