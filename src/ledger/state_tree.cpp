#include "ledger/state_tree.h"

#include "crypto/merkle.h"
#include "crypto/sha256.h"

namespace intaglio::ledger {
namespace {

constexpr unsigned kBits = 2;  // of the place, a level
constexpr std::size_t kFanout = std::size_t{1} << kBits;
constexpr unsigned kMaxLevels = 64 / kBits;
static_assert(StatePath::kSiblings == kFanout - 1);

// Beside the prefixes 0 and 1 of leaves and nodes in RFC 6962, so that a row passes for neither.
constexpr std::uint8_t kNodePrefix = 1;
constexpr std::uint8_t kRowPrefix[] = {2};

// Which child of a node at that level the place is below.
std::size_t branch(std::uint64_t place, unsigned level) {
  return place >> (64 - kBits * (level + 1)) & (kFanout - 1);
}

// A bucket is a leaf of RFC 6962: places and hashes, joined.
Digest hash_of_bucket(std::span<const StateLeaf> leaves) {
  Bytes joined;
  joined.reserve(leaves.size() * (sizeof(StateLeaf::place) + Digest::kSize));
  for (const StateLeaf& leaf : leaves) {
    std::array<std::uint8_t, sizeof leaf.place> place;
    for (std::size_t i = 0; i < place.size(); ++i) {
      place[i] = static_cast<std::uint8_t>(leaf.place >> (56 - 8 * i));
    }
    append(joined, place);
    append(joined, leaf.row.view());
  }
  return crypto::merkle_leaf(joined);
}

// A node is one of RFC 6962 with four children.
Digest hash_of_node(const std::array<Digest, kFanout>& below) {
  std::array<std::uint8_t, 1 + kFanout * Digest::kSize> joined;
  auto at = joined.begin();
  *at++ = kNodePrefix;
  for (const Digest& each : below) at = std::ranges::copy(each.view(), at).out;
  return crypto::sha256(joined);
}

const Digest& hash_of_nothing() {
  static const Digest hash = hash_of_bucket({});
  return hash;
}

// How many at the front are below the same child as the first.
template <typename T>
std::size_t together(std::span<const T> sorted, unsigned level) {
  const std::size_t first = branch(sorted.front().place, level);
  const auto end = std::ranges::find_if(
      sorted, [&](const T& each) { return branch(each.place, level) != first; });
  return static_cast<std::size_t>(end - sorted.begin());
}

Digest row_hash(const Slot& slot, ByteView row) {
  const ByteView bytes = as_bytes(slot.bytes());
  const std::uint8_t size[] = {static_cast<std::uint8_t>(bytes.size())};
  return crypto::sha256({kRowPrefix, size, bytes, row});
}

// A change and where it belongs; points into the change set.
struct Edit {
  std::uint64_t place;
  const Slot* slot;
  const Change* change;
};

// The leaf that a change replaces. Hashing what was there is spared unless another row has the same
// place, which nobody meets who does not search for it.
auto replaced(std::vector<StateLeaf>& leaves, const Edit& edit) {
  const auto same = std::ranges::equal_range(leaves, edit.place, {}, &StateLeaf::place);
  if (same.size() == 1) return same.begin();
  const auto found =
      std::ranges::find(same, row_hash(*edit.slot, *edit.change->before), &StateLeaf::row);
  CHECK(found != same.end());
  return found;
}

std::vector<StateLeaf> applied(std::span<const StateLeaf> to, std::span<const Edit> edits) {
  const auto is_new = [](const Edit& edit) { return !edit.change->before; };
  std::vector<StateLeaf> leaves;
  leaves.reserve(to.size() + static_cast<std::size_t>(std::ranges::count_if(edits, is_new)));
  leaves.assign(to.begin(), to.end());
  for (const Edit& edit : edits) {
    if (edit.change->before) leaves.erase(replaced(leaves, edit));
  }
  const bool are_few = edits.size() <= StateTree::kMaxBucket;
  for (const Edit& edit : edits) {
    if (!edit.change->after) continue;
    const StateLeaf leaf{edit.place, row_hash(*edit.slot, *edit.change->after)};
    leaves.insert(are_few ? std::ranges::lower_bound(leaves, leaf) : leaves.end(), leaf);
  }
  if (!are_few) std::ranges::sort(leaves);
  return leaves;
}

}  // namespace

std::uint64_t place_of(const Slot& slot) {
  const Digest hash = crypto::sha256(as_bytes(slot.bytes()));
  std::uint64_t place = 0;
  for (std::size_t i = 0; i < sizeof place; ++i) place = place << 8 | hash.array()[i];
  return place;
}

StateLeaf state_leaf(const Slot& slot, ByteView row) {
  return {place_of(slot), row_hash(slot, row)};
}

std::optional<Digest> root_from_path(std::uint64_t place, const StatePath& path) {
  constexpr std::size_t kLevel = StatePath::kSiblings;
  if (path.siblings.size() % kLevel != 0) return std::nullopt;
  const auto levels = static_cast<unsigned>(path.siblings.size() / kLevel);
  if (levels > kMaxLevels) return std::nullopt;
  if (!std::ranges::is_sorted(path.bucket, std::ranges::less_equal())) return std::nullopt;
  Digest hash = hash_of_bucket(path.bucket);
  auto sibling = path.siblings.begin();
  for (unsigned level = levels; level-- > 0;) {
    std::array<Digest, kFanout> below;
    for (std::size_t i = 0; i < kFanout; ++i) {
      below[i] = i == branch(place, level) ? hash : *sibling++;
    }
    hash = hash_of_node(below);
  }
  return hash;
}

// Never without rows below.
struct StateTree::Node {
  Digest hash;
  std::uint64_t rows = 0;
  bool is_bucket = false;
};

class StateTree::Build {
 public:
  using Below = std::array<NodePtr, kFanout>;
  struct Bucket : Node {
    std::vector<StateLeaf> leaves;
  };
  // Only when the rows would not fit into a bucket.
  struct Inner : Node {
    Below below;
  };

  static const Digest& hash_of(const NodePtr& node) {
    return node ? node->hash : hash_of_nothing();
  }
  // Nothing unless the node is a bucket.
  static std::span<const StateLeaf> leaves_of(const NodePtr& node) {
    if (!node || !node->is_bucket) return {};
    return static_cast<const Bucket&>(*node).leaves;
  }
  // Null unless the node has children.
  static const Below* below(const NodePtr& node) {
    if (!node || node->is_bucket) return nullptr;
    return &static_cast<const Inner&>(*node).below;
  }

  static NodePtr of(std::vector<StateLeaf> leaves, unsigned level) {
    if (leaves.empty()) return nullptr;
    // Rows with one and the same place cannot be divided.
    if (leaves.size() > kMaxBucket && level < kMaxLevels) return divide(leaves, level);
    auto node = std::make_shared<Bucket>();
    node->hash = hash_of_bucket(leaves);
    node->rows = leaves.size();
    node->is_bucket = true;
    node->leaves = std::move(leaves);
    return node;
  }

  static NodePtr change(const NodePtr& node, unsigned level, std::span<const Edit> edits) {
    const Below* const before = below(node);
    if (before == nullptr) return of(applied(leaves_of(node), edits), level);
    Below after = *before;
    while (!edits.empty()) {
      const std::size_t count = together(edits, level);
      NodePtr& child = after[branch(edits.front().place, level)];
      child = change(child, level + 1, edits.first(count));
      edits = edits.subspan(count);
    }
    return join(std::move(after), level);
  }

 private:
  static NodePtr divide(std::span<const StateLeaf> leaves, unsigned level) {
    Below parts;
    while (!leaves.empty()) {
      const std::size_t count = together(leaves, level);
      const auto mine = leaves.first(count);
      parts[branch(mine.front().place, level)] = of({mine.begin(), mine.end()}, level + 1);
      leaves = leaves.subspan(count);
    }
    return join(std::move(parts), level);
  }

  static NodePtr join(Below parts, unsigned level) {
    std::uint64_t rows = 0;
    for (const NodePtr& each : parts) rows += each ? each->rows : 0;
    if (rows <= kMaxBucket) {
      std::vector<StateLeaf> leaves;
      for (const NodePtr& each : parts) {
        const auto more = leaves_of(each);
        leaves.insert(leaves.end(), more.begin(), more.end());
      }
      return of(std::move(leaves), level);
    }
    auto node = std::make_shared<Inner>();
    std::array<Digest, kFanout> hashes;
    std::ranges::transform(parts, hashes.begin(), hash_of);
    node->hash = hash_of_node(hashes);
    node->rows = rows;
    node->below = std::move(parts);
    return node;
  }
};

StateTree StateTree::of(std::vector<StateLeaf> leaves) {
  std::ranges::sort(leaves);
  return StateTree(Build::of(std::move(leaves), 0));
}

StateTree StateTree::with(const ChangeSet& changes) const {
  std::vector<Edit> edits;
  edits.reserve(changes.size());
  for (const auto& [slot, change] : changes) {
    if (change.before != change.after) edits.push_back({place_of(slot), &slot, &change});
  }
  if (edits.empty()) return *this;
  std::ranges::sort(edits, {}, &Edit::place);
  return StateTree(Build::change(top_, 0, edits));
}

const Digest& StateTree::root() const { return Build::hash_of(top_); }

std::uint64_t StateTree::rows() const { return top_ ? top_->rows : 0; }

StatePath StateTree::path(std::uint64_t place) const {
  const NodePtr* node = &top_;
  std::vector<std::pair<const Build::Below*, std::size_t>> way;  // from the top, and which child
  while (const auto* const below = Build::below(*node)) {
    way.emplace_back(below, branch(place, static_cast<unsigned>(way.size())));
    node = &(*below)[way.back().second];
  }
  StatePath out;
  const auto leaves = Build::leaves_of(*node);
  out.bucket.assign(leaves.begin(), leaves.end());
  for (; !way.empty(); way.pop_back()) {
    const auto& [below, child] = way.back();
    for (std::size_t i = 0; i < kFanout; ++i) {
      if (i != child) out.siblings.push_back(Build::hash_of((*below)[i]));
    }
  }
  return out;
}

}  // namespace intaglio::ledger
