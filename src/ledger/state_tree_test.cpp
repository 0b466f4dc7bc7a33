#include "ledger/state_tree.h"

#include <random>
#include <set>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "codec/hex.h"
#include "crypto/merkle.h"
#include "crypto/sha256.h"
#include "ledger/all_rows.h"
#include "ledger/memory_state.h"

namespace intaglio::ledger {
namespace {

Slot numbered(std::uint32_t number) { return Slot(RowKind::balance).put(number); }

StateTree tree_of(const std::map<Slot, Bytes>& rows) {
  std::vector<StateLeaf> leaves;
  for (const auto& [slot, row] : rows) leaves.push_back(state_leaf(slot, row));
  return StateTree::of(std::move(leaves));
}

std::map<Slot, Bytes> numbered_rows(std::uint32_t count) {
  std::map<Slot, Bytes> rows;
  for (std::uint32_t i = 0; i < count; ++i) rows[numbered(i)] = {static_cast<std::uint8_t>(i)};
  return rows;
}

// The page's definition (docs/reference/formats.md), once more and as plainly as it stands there.
Digest defined_root(const std::vector<StateLeaf>& leaves, unsigned level) {
  if (leaves.size() <= 16 || level == 32) {
    Bytes joined;
    for (const StateLeaf& leaf : leaves) {
      for (unsigned i = 0; i < 8; ++i) {
        joined.push_back(static_cast<std::uint8_t>(leaf.place >> (56 - 8 * i)));
      }
      append(joined, leaf.row.view());
    }
    return crypto::merkle_leaf(joined);
  }
  Bytes joined{1};
  for (unsigned child = 0; child < 4; ++child) {
    std::vector<StateLeaf> below;
    for (const StateLeaf& leaf : leaves) {
      if (leaf.place << (2 * level) >> 62 == child) below.push_back(leaf);
    }
    append(joined, defined_root(below, level + 1).view());
  }
  return crypto::sha256(joined);
}

Digest defined_root(const std::map<Slot, Bytes>& rows) {
  std::vector<StateLeaf> leaves;
  for (const auto& [slot, row] : rows) leaves.push_back(state_leaf(slot, row));
  std::ranges::sort(leaves);
  return defined_root(leaves, 0);
}

// docs/reference/formats.md works this example; the hashes were made with Python's hashlib.
TEST(StateTree, HasItsFrozenRoots) {
  EXPECT_EQ(codec::to_hex(StateTree().root()),
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
  const auto asset = AssetRow::slot(AssetId(978));
  const StateLeaf leaf = state_leaf(asset, Bytes{0xa0});
  EXPECT_EQ(leaf.place, 0xd0e30e55e575de0eU);
  EXPECT_EQ(codec::to_hex(leaf.row),
            "89f275a37a0a72a093e7108e782ba47b42bdda9f582907ec2d307744fed7125d");
  EXPECT_EQ(codec::to_hex(tree_of({{asset, Bytes{0xa0}}}).root()),
            "55fd9d3bb9370d705f29e075302290c66718c81b8ec29aadfb42753f72a54033");
  EXPECT_EQ(codec::to_hex(tree_of(numbered_rows(16)).root()),
            "31eadc93397e0c138826d7eca4e025a9872a8dda372ee0c664402dfb99009f79");
  EXPECT_EQ(codec::to_hex(tree_of(numbered_rows(17)).root()),
            "1a92461f3d83670eba3d1eb4ccbc258377f5b2ec324e417fd5af4e9848fd63d8");
  EXPECT_EQ(codec::to_hex(tree_of(numbered_rows(1000)).root()),
            "d4da1fc89eae7d065d5d093eadddfbb5c0c0ef6842e9071dd87ce54bc0b3589c");
}

// Whatever the order and however a block puts and erases together, the root is that of the rows
// alone; and no tree changes after it was made.
RC_GTEST_PROP(StateTreeProperty, FollowsFromTheRowsAlone, ()) {
  std::mt19937_64 random(*rc::gen::arbitrary<std::uint64_t>());
  MemoryState state;
  StateTree tree;
  std::vector<std::pair<StateTree, Digest>> earlier;
  const int blocks = *rc::gen::inRange(1, 30);
  const auto slots = *rc::gen::element<std::uint64_t>(20, 200, 2000);
  for (int i = 0; i < blocks; ++i) {
    ChangeSet changes;
    // Now and then nearly everything goes, so that buckets are joined again.
    const bool is_clearing = random() % 5 == 0;
    for (auto count = random() % 300; count > 0; --count) {
      const Slot slot = numbered(static_cast<std::uint32_t>(random() % slots));
      std::optional<Bytes> after;
      if (!is_clearing && random() % 3 != 0) after = Bytes{static_cast<std::uint8_t>(random())};
      changes[slot] = {state.get(slot), after};
    }
    tree = tree.with(changes);
    state.apply(changes);
    RC_ASSERT(tree.root() == defined_root(state.rows()));
    RC_ASSERT(tree.root() == tree_of(state.rows()).root());
    RC_ASSERT(tree.rows() == state.rows().size());
    earlier.emplace_back(tree, tree.root());
  }
  for (const auto& [each, root] : earlier) RC_ASSERT(each.root() == root);
}

TEST(StateTree, IsTheSameWhenNothingChanges) {
  const StateTree tree = tree_of(numbered_rows(100));
  EXPECT_EQ(tree.with({}).root(), tree.root());
  EXPECT_EQ(tree.with({{numbered(1), {Bytes{1}, Bytes{1}}}, {numbered(100), {}}}).root(),
            tree.root());
}

TEST(StateTree, CanBecomeEmptyAgain) {
  ChangeSet come;
  ChangeSet go;
  for (const auto& [slot, row] : numbered_rows(500)) {
    come[slot] = {{}, row};
    go[slot] = {row, {}};
  }
  EXPECT_EQ(StateTree().with(come).with(go).root(), StateTree().root());
}

// Every kind of row, each byte of its key and of what it holds: the root is another.
TEST(StateTree, HasEveryKindOfRowInItsRoot) {
  std::set<RowKind> kinds;
  std::set<Digest> roots;
  std::size_t flips = 0;
  const StateTree others = tree_of(numbered_rows(40));
  for_each_row_kind([&]<Row R>(const R& row) {
    kinds.insert(R::kKind);
    const Slot slot = R::slot({});
    const Bytes bytes = codec::encode_record(row);
    const StateTree with_row = others.with({{slot, {{}, bytes}}});
    roots.insert(with_row.root());
    ++flips;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      Bytes flipped = bytes;
      flipped[i] ^= 1;
      roots.insert(with_row.with({{slot, {bytes, flipped}}}).root());
      ++flips;
    }
    for (std::size_t i = 1; i < slot.bytes().size(); ++i) {
      std::string flipped(slot.bytes());
      flipped[i] ^= 1;
      const Slot other = Slot::from_bytes(flipped);
      roots.insert(with_row.with({{slot, {bytes, {}}}, {other, {{}, bytes}}}).root());
      ++flips;
    }
    EXPECT_EQ(with_row.with({{slot, {bytes, {}}}}).root(), others.root());
  });
  EXPECT_EQ(roots.size(), flips) << "each root is another";
  EXPECT_FALSE(roots.contains(others.root()));
  for (unsigned number = 0; number < 256; ++number) {
    const auto kind = static_cast<RowKind>(number);
    EXPECT_EQ(kinds.contains(kind), !name_of(kind).empty()) << number;
  }
}

TEST(StateTree, ProvesRowsAndTheirAbsence) {
  for (const std::uint32_t count : {0U, 1U, 16U, 17U, 3000U}) {
    const StateTree tree = tree_of(numbered_rows(count));
    for (std::uint32_t i = 0; i < count + 100; ++i) {
      const StateLeaf leaf = state_leaf(numbered(i), Bytes{static_cast<std::uint8_t>(i)});
      const StatePath path = tree.path(leaf.place);
      EXPECT_EQ(root_from_path(leaf.place, path), tree.root());
      EXPECT_EQ(std::ranges::binary_search(path.bucket, leaf), i < count);
      EXPECT_EQ(std::ranges::count(path.bucket, leaf.place, &StateLeaf::place), i < count ? 1 : 0);
    }
  }
}

// From another place, with a level more or less, or with anything changed, a path leads elsewhere
// or nowhere.
TEST(StateTree, AnAlteredPathDoesNotLeadToTheRoot) {
  const StateTree tree = tree_of(numbered_rows(3000));
  const std::uint64_t place = place_of(numbered(7));
  const StatePath path = tree.path(place);
  ASSERT_GE(path.siblings.size(), 2 * StatePath::kSiblings);
  ASSERT_GE(path.bucket.size(), 2U);
  const auto leads = [&](std::uint64_t from, const std::function<void(StatePath&)>& alter) {
    StatePath altered = path;
    alter(altered);
    return root_from_path(from, altered) == tree.root();
  };
  EXPECT_TRUE(leads(place, [](StatePath&) {}));
  EXPECT_FALSE(leads(place ^ std::uint64_t{1} << 63, [](StatePath&) {}));
  for (std::size_t i = 0; i < path.siblings.size(); ++i) {
    EXPECT_FALSE(leads(place, [&](StatePath& it) { it.siblings[i].writable()[0] ^= 1; }));
  }
  for (std::size_t i = 0; i < path.bucket.size(); ++i) {
    EXPECT_FALSE(leads(place, [&](StatePath& it) { it.bucket[i].row.writable()[31] ^= 1; }));
    EXPECT_FALSE(leads(place, [&](StatePath& it) { it.bucket[i].place ^= 1; }));
    EXPECT_FALSE(leads(place, [&](StatePath& it) {
      it.bucket.erase(it.bucket.begin() + static_cast<std::ptrdiff_t>(i));
    }));
  }
  EXPECT_FALSE(leads(place, [](StatePath& it) { it.siblings.pop_back(); }));
  EXPECT_FALSE(leads(place, [](StatePath& it) { it.siblings.resize(it.siblings.size() - 3); }));
  EXPECT_FALSE(leads(place, [](StatePath& it) { it.siblings.resize(it.siblings.size() + 3); }));
  EXPECT_FALSE(leads(place, [](StatePath& it) { it.siblings.resize(3 * 33); }));
  EXPECT_FALSE(leads(place, [](StatePath& it) { std::ranges::reverse(it.bucket); }));
  EXPECT_FALSE(leads(place, [](StatePath& it) { it.bucket.push_back(it.bucket.back()); }));
}

// Two receipts whose slots have one place, found by searching 2^33 of them.
TEST(StateTree, KeepsRowsOfOnePlaceApart) {
  const auto receipt = [](std::uint64_t client) {
    ClientId id;
    for (unsigned i = 0; i < 8; ++i) {
      id.writable()[8 + i] = static_cast<std::uint8_t>(client >> (56 - 8 * i));
    }
    return ReceiptRow::slot({{}, id});
  };
  const Slot a = receipt(0x65cc90cbe66cdaee);
  const Slot b = receipt(0x67bd050425b0b5c1);
  ASSERT_NE(a, b);
  ASSERT_EQ(place_of(a), place_of(b));
  const StateTree one = StateTree().with({{a, {{}, Bytes{1}}}});
  const StateTree both = one.with({{b, {{}, Bytes{2}}}});
  EXPECT_EQ(both.rows(), 2U);
  EXPECT_EQ(both.with({{b, {Bytes{2}, {}}}}).root(), one.root());
  const ChangeSet swap{{a, {Bytes{1}, Bytes{2}}}, {b, {Bytes{2}, Bytes{1}}}};
  EXPECT_EQ(both.with(swap).root(), tree_of({{a, Bytes{2}}, {b, Bytes{1}}}).root());
  EXPECT_NE(both.with(swap).root(), both.root());
}

// What cannot be divided stays together, in one bucket as deep as there are bits.
TEST(StateTree, HoldsManyRowsOfOnePlace) {
  std::vector<StateLeaf> leaves;
  for (std::uint8_t i = 0; i < 40; ++i) {
    leaves.push_back({0x0123456789abcdef, crypto::sha256(Bytes{i})});
  }
  const StateTree tree = StateTree::of(leaves);
  const StatePath path = tree.path(leaves.front().place);
  EXPECT_EQ(path.bucket.size(), 40U);
  EXPECT_EQ(path.siblings.size(), 32 * StatePath::kSiblings);
  EXPECT_EQ(root_from_path(leaves.front().place, path), tree.root());
  EXPECT_TRUE(tree.path(0).bucket.empty());
  EXPECT_EQ(root_from_path(0, tree.path(0)), tree.root());
}

}  // namespace
}  // namespace intaglio::ledger
