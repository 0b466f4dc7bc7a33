// Merkle trees as in RFC 6962 section 2.1: leaf = SHA-256(00 || data), node = SHA-256(01 || left ||
// right), the empty tree = SHA-256(). A tree of n leaves splits at the largest power of two below
// n.
#pragma once

#include <span>
#include <vector>

#include "base/bytes.h"

namespace intaglio::crypto {

Digest merkle_leaf(ByteView data);
Digest merkle_node(const Digest& left, const Digest& right);
std::vector<Digest> merkle_leaves(std::span<const Bytes> data);

// The root over leaf hashes, in order.
Digest merkle_root(std::span<const Digest> leaves);

// The siblings from leaf `index` up to the root.
std::vector<Digest> merkle_path(std::span<const Digest> leaves, std::size_t index);

// The root that `leaf` at `index` of `count` leads to by that path; nothing when the path has the
// wrong length for the place.
std::optional<Digest> merkle_root_from_path(const Digest& leaf, std::size_t index,
                                            std::size_t count, std::span<const Digest> path);

}  // namespace intaglio::crypto
