// The root of a chain's state: one hash for all of its rows, from which any row, and that a row is
// not there, can be proven without the others. Layout: docs/reference/formats.md; why it is so:
// docs/decisions/0014-state-tree.md.
//
// A row's place is a number made by hashing its slot, so rows spread evenly whatever slots people
// choose. Rows whose places begin alike hang together in a bucket; one that would hold more than
// kMaxBucket is divided by the next two bits of the place. So the tree's shape, and its root,
// follow from the rows alone, in whatever order they came.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "ledger/stage.h"

namespace intaglio::ledger {

// What stands in a bucket for one row.
struct StateLeaf {
  std::uint64_t place = 0;
  Digest row;  // commits to the slot and the row
  auto operator<=>(const StateLeaf&) const = default;
};

std::uint64_t place_of(const Slot& slot);
StateLeaf state_leaf(const Slot& slot, ByteView row);

// The way from a place to the root: all that stands in its bucket, and what is beside the way up.
struct StatePath {
  static constexpr std::size_t kSiblings = 3;  // a level
  std::vector<StateLeaf> bucket;               // ascending
  std::vector<Digest> siblings;                // from the bucket up; of one level in order
};

// The root that the path leads to from that place; nothing when it can be no path: its bucket is
// not in order, or it has more levels than a place has bits.
std::optional<Digest> root_from_path(std::uint64_t place, const StatePath& path);

// The tree of one state. A value that never changes: with() makes another, which shares all that is
// the same, so an earlier one may be kept, read from any thread and let go at any time.
class StateTree {
 public:
  static constexpr std::size_t kMaxBucket = 16;

  // Of no rows.
  StateTree() = default;

  // Of these rows, in any order, each there once.
  static StateTree of(std::vector<StateLeaf> leaves);

  // After these changes. What they say was there before must be there.
  StateTree with(const ChangeSet& changes) const;

  const Digest& root() const;
  std::uint64_t rows() const;
  StatePath path(std::uint64_t place) const;

 private:
  struct Node;
  using NodePtr = std::shared_ptr<const Node>;  // nullptr: no rows below
  class Build;                                  // makes nodes
  explicit StateTree(NodePtr top) : top_(std::move(top)) {}

  NodePtr top_;
};

}  // namespace intaglio::ledger
