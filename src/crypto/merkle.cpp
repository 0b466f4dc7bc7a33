#include "crypto/merkle.h"

#include <bit>

#include "base/check.h"
#include "crypto/sha256.h"

namespace intaglio::crypto {
namespace {

constexpr std::uint8_t kLeafPrefix[] = {0};
constexpr std::uint8_t kNodePrefix[] = {1};

// The size of the left subtree of `count` >= 2 leaves: the largest power of two below count.
std::size_t split(std::size_t count) { return std::bit_floor(count - 1); }

}  // namespace

Digest merkle_leaf(ByteView data) { return sha256({kLeafPrefix, data}); }

Digest merkle_node(const Digest& left, const Digest& right) {
  return sha256({kNodePrefix, left.view(), right.view()});
}

std::vector<Digest> merkle_leaves(std::span<const Bytes> data) {
  std::vector<Digest> leaves;
  leaves.reserve(data.size());
  for (const Bytes& each : data) leaves.push_back(merkle_leaf(each));
  return leaves;
}

Digest merkle_root(std::span<const Digest> leaves) {
  if (leaves.empty()) return sha256(ByteView());
  if (leaves.size() == 1) return leaves.front();
  const std::size_t left = split(leaves.size());
  return merkle_node(merkle_root(leaves.first(left)), merkle_root(leaves.subspan(left)));
}

std::vector<Digest> merkle_path(std::span<const Digest> leaves, std::size_t index) {
  CHECK(index < leaves.size());
  std::vector<Digest> path;
  while (leaves.size() > 1) {
    const std::size_t left = split(leaves.size());
    if (index < left) {
      path.push_back(merkle_root(leaves.subspan(left)));
      leaves = leaves.first(left);
    } else {
      path.push_back(merkle_root(leaves.first(left)));
      leaves = leaves.subspan(left);
      index -= left;
    }
  }
  std::ranges::reverse(path);
  return path;
}

std::optional<Digest> merkle_root_from_path(const Digest& leaf, std::size_t index,
                                            std::size_t count, std::span<const Digest> path) {
  if (index >= count) return std::nullopt;
  if (count == 1) return path.empty() ? std::optional(leaf) : std::nullopt;
  if (path.empty()) return std::nullopt;
  // The last sibling is the root's other child; what is below it is a smaller tree's path.
  const std::size_t left = split(count);
  const auto below = path.first(path.size() - 1);
  if (index < left) {
    const auto child = merkle_root_from_path(leaf, index, left, below);
    if (!child) return std::nullopt;
    return merkle_node(*child, path.back());
  }
  const auto child = merkle_root_from_path(leaf, index - left, count - left, below);
  if (!child) return std::nullopt;
  return merkle_node(path.back(), *child);
}

}  // namespace intaglio::crypto
