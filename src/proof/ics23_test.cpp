#include "proof/ics23.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "base/env.h"
#include "base/result_for_test.h"
#include "codec/base64url.h"
#include "codec/hex.h"
#include "codec/json.h"
#include "codec/protobuf.h"
#include "crypto/merkle.h"
#include "crypto/sha256.h"

namespace intaglio::proof::ics23 {
namespace {

Bytes bytes(std::string_view text) { return to_bytes(as_bytes(text)); }

// A tree over pairs as CometBFT's crypto/merkle makes one, ascending by key.
class Tree {
 public:
  explicit Tree(const std::vector<std::string>& keys) : keys_(keys) {
    for (const std::string& each : keys) {
      Bytes leaf;
      append_item(leaf, as_bytes(each));
      append_item(leaf, crypto::sha256(value_of(each)).view());
      leaves_.push_back(crypto::merkle_leaf(leaf));
    }
  }
  static Bytes value_of(const std::string& key) { return bytes("value of " + key); }

  Bytes root() const { return to_bytes(crypto::merkle_root(leaves_).view()); }
  ExistenceProof existence(std::size_t index) const {
    ExistenceProof out{bytes(keys_[index]), value_of(keys_[index]), tendermint_spec().leaf, {}};
    walk(0, leaves_.size(), index, out.path);
    return out;
  }
  NonExistenceProof absence(std::string_view key, std::optional<std::size_t> left,
                            std::optional<std::size_t> right) const {
    NonExistenceProof out{bytes(key), {}, {}};
    if (left) out.left = existence(*left);
    if (right) out.right = existence(*right);
    return out;
  }

 private:
  static void append_item(Bytes& to, ByteView item) {
    codec::append_varint(to, item.size());
    append(to, item);
  }
  void walk(std::size_t from, std::size_t count, std::size_t index,
            std::vector<InnerOp>& path) const {
    if (count == 1) return;
    const std::size_t left = std::bit_floor(count - 1);
    const std::span all(leaves_);
    InnerOp op{HashOp::sha256, {1}, {}};
    if (index < from + left) {
      walk(from, left, index, path);
      const auto sibling = crypto::merkle_root(all.subspan(from + left, count - left));
      op.suffix = to_bytes(sibling.view());
    } else {
      walk(from + left, count - left, index, path);
      append(op.prefix, crypto::merkle_root(all.subspan(from, left)).view());
    }
    path.push_back(std::move(op));
  }

  std::vector<std::string> keys_;
  std::vector<Digest> leaves_;
};

// Seven leaves: a tree whose right edge is not as deep as the rest.
const std::vector<std::string> kKeys{"b", "d", "f", "h", "j", "l", "n"};

Refusal why(const Result<Verified<ProvenKey>>& result) {
  return result ? Refusal{Verdict::accepted, {}} : result.error();
}

TEST(Membership, IsProvenForEveryLeafAndForItsOwnValueAlone) {
  const Tree tree(kKeys);
  const auto& spec = tendermint_spec();
  for (std::size_t i = 0; i < kKeys.size(); ++i) {
    const CommitmentProof proof = tree.existence(i);
    const Bytes key = bytes(kKeys[i]);
    const Bytes value = Tree::value_of(kKeys[i]);
    const auto proven = must(verify_membership(spec, tree.root(), proof, key, value));
    EXPECT_EQ(*proven, (ProvenKey{key, value}));
    EXPECT_EQ(must(decode(encode(proof))), proof);
    EXPECT_EQ(why(verify_membership(spec, tree.root(), proof, bytes("x"), value)),
              (Refusal{Verdict::bad_proof, "key"}));
    EXPECT_EQ(why(verify_membership(spec, tree.root(), proof, key, bytes("x"))),
              (Refusal{Verdict::bad_proof, "value"}));
    EXPECT_EQ(why(verify_membership(spec, Bytes(32), proof, key, value)),
              (Refusal{Verdict::bad_proof, "root"}));
    EXPECT_EQ(why(verify_non_membership(spec, tree.root(), proof, key)),
              (Refusal{Verdict::bad_proof, "nonexist"}));
    EXPECT_FALSE(verify_membership(iavl_spec(), tree.root(), proof, key, value));
  }
}

TEST(NonMembership, IsProvenByTheNeighboursAndByNothingElse) {
  const Tree tree(kKeys);
  const auto at = [&](std::string_view key, std::optional<std::size_t> left,
                      std::optional<std::size_t> right) {
    const CommitmentProof proof = tree.absence(key, left, right);
    EXPECT_EQ(must(decode(encode(proof))), proof);
    return why(verify_non_membership(tendermint_spec(), tree.root(), proof, bytes(key)));
  };
  const Refusal none{Verdict::accepted, {}};
  EXPECT_EQ(at("a", {}, 0), none);
  EXPECT_EQ(at("o", 6, {}), none);
  const std::string between[] = {"c", "e", "g", "i", "k", "m"};
  for (std::size_t i = 0; i < std::size(between); ++i) EXPECT_EQ(at(between[i], i, i + 1), none);

  EXPECT_EQ(at("c", 0, 2), (Refusal{Verdict::bad_proof, "nonexist"})) << "one is between them";
  EXPECT_EQ(at("a", {}, 1), (Refusal{Verdict::bad_proof, "nonexist"})) << "not the first";
  EXPECT_EQ(at("o", 5, {}), (Refusal{Verdict::bad_proof, "nonexist"})) << "not the last";
  EXPECT_EQ(at("c", 1, 0), (Refusal{Verdict::bad_proof, "left.key"}));
  EXPECT_EQ(at("e", 0, 1), (Refusal{Verdict::bad_proof, "right.key"}));
  EXPECT_EQ(at("d", 1, 2), (Refusal{Verdict::bad_proof, "left.key"})) << "it is there";
  EXPECT_EQ(at("d", 0, 1), (Refusal{Verdict::bad_proof, "right.key"})) << "it is there";
  EXPECT_EQ(at("e", 1, 1), (Refusal{Verdict::bad_proof, "right.key"}));
  EXPECT_EQ(at("c", {}, {}), (Refusal{Verdict::bad_proof, "nonexist"}));
}

TEST(NonMembership, OfNeighboursNeedsBothOnThePathToTheRoot) {
  const Tree tree(kKeys);
  auto proof = tree.absence("c", 0, 1);
  proof.right->value.push_back(1);
  EXPECT_EQ(why(verify_non_membership(tendermint_spec(), tree.root(), proof, bytes("c"))),
            (Refusal{Verdict::bad_proof, "right.root"}));
  // In a tree of one leaf there is no step where two could part.
  const Tree one({"b"});
  const auto alone = one.absence("c", 0, {});
  EXPECT_TRUE(verify_non_membership(tendermint_spec(), one.root(), alone, bytes("c")));
  EXPECT_FALSE(
      verify_non_membership(tendermint_spec(), one.root(), one.absence("b", 0, 0), bytes("b")));
}

TEST(Steps, AreOnlyThoseOfTheSpec) {
  const Tree tree(kKeys);
  const auto refused = [&](auto change) {
    auto proof = tree.existence(2);
    change(proof);
    return why(verify_membership(tendermint_spec(), tree.root(), proof, proof.key, proof.value));
  };
  using P = ExistenceProof&;
  EXPECT_EQ(refused([](P) {}).verdict, Verdict::accepted);
  const auto bad = [](std::string where) { return Refusal{Verdict::bad_proof, std::move(where)}; };
  EXPECT_EQ(refused([](P p) { p.leaf.reset(); }), bad("leaf"));
  EXPECT_EQ(refused([](P p) { p.leaf->length = LengthOp::none; }), bad("leaf"));
  EXPECT_EQ(refused([](P p) { p.leaf->prehash_value = HashOp::none; }), bad("leaf"));
  EXPECT_EQ(refused([](P p) { p.leaf->prefix.push_back(1); }), bad("leaf"));
  EXPECT_EQ(refused([](P p) { p.path[0].hash = HashOp::sha512; }), bad("path[0].hash"));
  EXPECT_EQ(refused([](P p) { p.path[1].prefix[0] = 0; }), bad("path[1].prefix"));
  EXPECT_EQ(refused([](P p) { p.path[0].prefix.push_back(1); }), bad("path[0].prefix"));
  EXPECT_EQ(refused([](P p) { p.path[0].suffix.push_back(1); }), bad("path[0].suffix"));
  EXPECT_EQ(refused([](P p) { p.path.resize(129, p.path[0]); }), bad("path"));
  EXPECT_EQ(refused([](P p) { p.value.clear(); }), bad("leaf.value"));
  EXPECT_EQ(refused([](P p) { p.key.clear(); }), bad("leaf.key"));
}

// A leaf whose key holds another pair, seen with the front of it as a prefix.
TEST(Steps, OfALeafTakeNothingOfAKeyIntoThePrefix) {
  const Bytes value = bytes("value");
  Bytes inside;
  codec::append_varint(inside, 6);
  append(inside, as_bytes("victim"));
  Bytes outer = bytes("attacker");
  append(outer, inside);
  ExistenceProof real{outer, value, tendermint_spec().leaf, {}};
  const Bytes root = must(calculate_root(real));
  ExistenceProof forged{bytes("victim"), value, tendermint_spec().leaf, {}};
  forged.leaf->prefix.push_back(static_cast<std::uint8_t>(outer.size()));
  append(forged.leaf->prefix, as_bytes("attacker"));
  EXPECT_EQ(must(calculate_root(forged)), root);
  EXPECT_EQ(why(verify_membership(tendermint_spec(), root, forged, bytes("victim"), value)),
            (Refusal{Verdict::bad_proof, "leaf"}));
}

// A tree of the Cosmos SDK over "b", "d" and "f": the first two have a parent of their own.
class IavlTree {
 public:
  static constexpr std::uint8_t kVersion = 4;
  IavlTree() {
    for (const char* const key : {"b", "d", "f"}) {
      proofs_.push_back({bytes(key), bytes("value"), iavl_spec().leaf, {}});
      proofs_.back().leaf->prefix = {0, 2, kVersion};
    }
    const auto [b, d] = join(1, 2, leaf(0), leaf(1));
    const Bytes both = must(apply_inner(b, leaf(0)));
    const auto [left, f] = join(2, 3, both, leaf(2));
    root_ = must(apply_inner(left, both));
    proofs_[0].path = {b, left};
    proofs_[1].path = {d, left};
    proofs_[2].path = {f};
  }
  const Bytes& root() const { return root_; }
  const ExistenceProof& existence(std::size_t index) const { return proofs_[index]; }

 private:
  Bytes leaf(std::size_t index) const {
    const auto& proof = proofs_[index];
    return must(apply_leaf(*proof.leaf, proof.key, proof.value));
  }
  // The step from either child to their parent. Heights and sizes are written zigzag.
  static std::pair<InnerOp, InnerOp> join(std::uint8_t height, std::uint8_t size, const Bytes& left,
                                          const Bytes& right) {
    const Bytes head{static_cast<std::uint8_t>(2 * height), static_cast<std::uint8_t>(2 * size),
                     kVersion, 32};
    InnerOp from_left{HashOp::sha256, head, {32}};
    append(from_left.suffix, right);
    InnerOp from_right{HashOp::sha256, head, {}};
    append(from_right.prefix, left);
    from_right.prefix.push_back(32);
    return {from_left, from_right};
  }

  std::vector<ExistenceProof> proofs_;
  Bytes root_;
};

TEST(Iavl, ProvesWhatIsThereAndWhatIsNot) {
  const IavlTree tree;
  const auto& spec = iavl_spec();
  for (std::size_t i = 0; i < 3; ++i) {
    const auto& proof = tree.existence(i);
    EXPECT_TRUE(verify_membership(spec, tree.root(), proof, proof.key, proof.value));
    EXPECT_FALSE(verify_membership(tendermint_spec(), tree.root(), proof, proof.key, proof.value));
  }
  const auto absent = [&](std::string_view key, std::optional<std::size_t> left,
                          std::optional<std::size_t> right) {
    NonExistenceProof proof{bytes(key), {}, {}};
    if (left) proof.left = tree.existence(*left);
    if (right) proof.right = tree.existence(*right);
    return verify_non_membership(spec, tree.root(), proof, bytes(key)).has_value();
  };
  EXPECT_TRUE(absent("a", {}, 0));
  EXPECT_TRUE(absent("c", 0, 1));
  EXPECT_TRUE(absent("e", 1, 2));
  EXPECT_TRUE(absent("g", 2, {}));
  EXPECT_FALSE(absent("c", 0, 2));
  EXPECT_FALSE(absent("d", 0, 2));
  EXPECT_FALSE(absent("a", {}, 1));
  EXPECT_FALSE(absent("g", 1, {}));
}

TEST(Iavl, HasHeightSizeAndVersionInEveryPrefix) {
  const IavlTree tree;
  const auto refused = [&](auto change) {
    auto proof = tree.existence(0);
    change(proof);
    return why(verify_membership(iavl_spec(), tree.root(), proof, proof.key, proof.value));
  };
  using P = ExistenceProof&;
  const auto bad = [](std::string where) { return Refusal{Verdict::bad_proof, std::move(where)}; };
  EXPECT_EQ(refused([](P) {}).verdict, Verdict::accepted);
  EXPECT_EQ(refused([](P p) { p.leaf->prefix[1] = 4; }), bad("prefix")) << "a leaf of two";
  EXPECT_EQ(refused([](P p) { p.leaf->prefix.push_back(1); }), bad("prefix"));
  EXPECT_EQ(refused([](P p) { p.leaf->prefix.pop_back(); }), bad("prefix"));
  EXPECT_EQ(refused([](P p) { p.path[0].prefix[0] = 0; }), bad("path[0].prefix"));
  EXPECT_EQ(refused([](P p) { p.path[1].prefix[0] = 2; }), bad("path[1].prefix"))
      << "no higher than the step below it";
  EXPECT_EQ(refused([](P p) { p.path[0].prefix[1] = 3; }), bad("path[0].prefix")) << "negative";
  EXPECT_EQ(refused([](P p) { p.path[0].prefix.push_back(1); }), bad("path[0].prefix"));
  EXPECT_EQ(refused([](P p) { p.path[0].prefix = Bytes(4, 0x80); }), bad("path[0].prefix"));
}

TEST(Proof, IsBoundedAndHasOneKind) {
  const auto refused = [](const Bytes& encoded) { return decode(encoded).error(); };
  EXPECT_EQ(refused(Bytes(kMaxProof + 1)).verdict, Verdict::too_large);
  EXPECT_EQ(refused({}), (Refusal{Verdict::missing_field, "proof"}));
  EXPECT_EQ(refused({0x1a, 0}), (Refusal{Verdict::bad_algorithm, "batch"}));
  EXPECT_EQ(refused({0x22, 0}), (Refusal{Verdict::bad_algorithm, "batch"}));
  EXPECT_EQ(refused({0x0a, 0, 0x12, 0}), (Refusal{Verdict::bad_encoding, "proof"}));
  ExistenceProof proof{bytes("k"), bytes("v"), tendermint_spec().leaf, {}};
  proof.leaf->prefix.resize(kMaxAffix + 1);
  EXPECT_EQ(refused(encode(proof)), (Refusal{Verdict::too_large, "leaf.prefix"}));
  proof.leaf->prefix.clear();
  proof.leaf->hash = static_cast<HashOp>(10);
  EXPECT_EQ(refused(encode(proof)), (Refusal{Verdict::bad_value, "leaf.hash"}));
  proof.leaf.reset();
  proof.path.resize(kMaxPath + 1);
  EXPECT_EQ(refused(encode(proof)), (Refusal{Verdict::too_large, "path"}));
}

TEST(Hash, IsRefusedWhereWeHaveNone) {
  for (const HashOp op : {HashOp::none, HashOp::keccak256, HashOp::blake3}) {
    EXPECT_EQ(hash(op, {}).error(), (Refusal{Verdict::bad_algorithm, "hash"}));
  }
}

// From here on: the public vectors (cosmos/ics23).

std::filesystem::path folder() {
  const char* set = std::getenv("INTAGLIO_VECTORS");
  return std::filesystem::path(set != nullptr ? set : "../shared/vectors") / "ics23";
}

codec::Json read(const std::filesystem::path& path) {
  const Bytes file = must(system_env().read_file(path.string(), 1 << 20));
  return must(codec::parse_json(as_text(file), {.bytes = 1 << 20, .depth = 16}));
}

// Names differ in case from case to case; what is empty or null is often left out.
const codec::Json* find(const codec::Json& json, std::string_view name) {
  const auto lower = [](unsigned char c) { return std::tolower(c); };
  const auto same = [&](const auto& member) {
    return std::ranges::equal(member.first, name, {}, lower, lower);
  };
  const auto* members = json.members();
  if (members == nullptr) return nullptr;
  const auto found = std::ranges::find_if(*members, same);
  return found == members->end() || found->second.is_null() ? nullptr : &found->second;
}
Bytes base64(const codec::Json& json, std::string_view name) {
  const auto* found = find(json, name);
  return found == nullptr ? Bytes() : must(codec::from_base64(*found->text()));
}
template <typename Number>
Number number(const codec::Json& json, std::string_view name) {
  const auto* found = find(json, name);
  return found == nullptr ? Number() : static_cast<Number>(*found->integer());
}
bool is_true(const codec::Json& json, std::string_view name) {
  const auto* found = find(json, name);
  return found != nullptr && *found->boolean();
}

LeafOp read_leaf(const codec::Json& json) {
  return {number<HashOp>(json, "hash"), number<HashOp>(json, "prehash_key"),
          number<HashOp>(json, "prehash_value"), number<LengthOp>(json, "length"),
          base64(json, "prefix")};
}
InnerOp read_inner(const codec::Json& json) {
  return {number<HashOp>(json, "hash"), base64(json, "prefix"), base64(json, "suffix")};
}
ExistenceProof read_existence(const codec::Json& json) {
  ExistenceProof out{base64(json, "key"), base64(json, "value"), {}, {}};
  if (const auto* leaf = find(json, "leaf")) out.leaf = read_leaf(*leaf);
  if (const auto* path = find(json, "path")) {
    for (const auto& each : *path->items()) out.path.push_back(read_inner(each));
  }
  return out;
}
ProofSpec read_spec(const codec::Json& json) {
  ProofSpec out;
  out.leaf = read_leaf(*find(json, "leaf_spec"));
  const auto& inner = *find(json, "inner_spec");
  for (const auto& each : *find(inner, "child_order")->items()) {
    out.inner.child_order.push_back(static_cast<std::uint32_t>(*each.integer()));
  }
  out.inner.child_size = number<std::size_t>(inner, "child_size");
  out.inner.min_prefix = number<std::size_t>(inner, "min_prefix_length");
  out.inner.max_prefix = number<std::size_t>(inner, "max_prefix_length");
  out.inner.empty_child = base64(inner, "empty_child");
  out.inner.hash = number<HashOp>(inner, "hash");
  out.max_depth = number<std::size_t>(json, "max_depth");
  out.min_depth = number<std::size_t>(json, "min_depth");
  // Whose spec it is goes by what it says, as upstream.
  const bool is_iavl = out.leaf == iavl_spec().leaf && out.inner == iavl_spec().inner;
  if (is_iavl) out.prefix = PrefixForm::iavl;
  return out;
}

class Ics23Vectors : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(folder())) GTEST_SKIP() << "NOT RUN: no vectors in " << folder();
  }
  // Each case of a file by its name.
  template <typename Check>
  static void for_each(const std::string& file, std::size_t expected, const Check& check) {
    const auto json = read(folder() / file);
    ASSERT_EQ(json.members()->size(), expected) << file;
    for (const auto& [name, test] : *json.members()) {
      SCOPED_TRACE(name);
      check(test);
    }
  }
  static void expect(const codec::Json& test, const Result<Bytes>& result) {
    EXPECT_EQ(!result, is_true(test, "IsErr"));
    EXPECT_EQ(result.value_or(Bytes()), base64(test, "Expected"));
  }
};

TEST_F(Ics23Vectors, HashTheSame) {
  for_each("TestDoHashData.json", 7, [](const codec::Json& test) {
    const auto result =
        hash(number<HashOp>(test, "HashOp"), as_bytes(*find(test, "Preimage")->text()));
    EXPECT_EQ(codec::to_hex(must(result)), *find(test, "ExpectedHash")->text());
  });
}

TEST_F(Ics23Vectors, HaveTheSameLeaves) {
  for_each("TestLeafOpData.json", 11, [](const codec::Json& test) {
    expect(test,
           apply_leaf(read_leaf(*find(test, "Op")), base64(test, "Key"), base64(test, "Value")));
  });
}

TEST_F(Ics23Vectors, HaveTheSameSteps) {
  for_each("TestInnerOpData.json", 4, [](const codec::Json& test) {
    expect(test, apply_inner(read_inner(*find(test, "Op")), base64(test, "Child")));
  });
}

TEST_F(Ics23Vectors, LeadToTheSameRoots) {
  for_each("TestExistenceProofData.json", 6, [](const codec::Json& test) {
    expect(test, calculate_root(read_existence(*find(test, "Proof"))));
  });
}

TEST_F(Ics23Vectors, TakeTheSameLeavesForASpecs) {
  for_each("TestCheckLeafData.json", 10, [](const codec::Json& test) {
    ProofSpec spec;
    spec.leaf = read_leaf(*find(test, "Spec"));
    EXPECT_EQ(!check_leaf(read_leaf(*find(test, "Leaf")), spec), is_true(test, "IsErr"));
  });
}

TEST_F(Ics23Vectors, TakeTheSameProofsForASpecs) {
  for_each("TestCheckAgainstSpecData.json", 11, [](const codec::Json& test) {
    const auto spec = read_spec(*find(test, "Spec"));
    EXPECT_EQ(spec.prefix, PrefixForm::iavl);
    EXPECT_EQ(!check_steps(read_existence(*find(test, "Proof")), spec),
              !find(test, "Err")->text()->empty());
  });
}

TEST_F(Ics23Vectors, SeeTheSameEmptyBranches) {
  const auto json = read(folder() / "TestEmptyBranchData.json");
  ASSERT_EQ(json.items()->size(), 8U);
  for (const auto& test : *json.items()) {
    const auto spec = read_spec(*find(test, "Spec"));
    const auto op = read_inner(*find(test, "Op"));
    EXPECT_TRUE(check_inner(op, spec, 1).has_value());
    EXPECT_EQ(has_only_empty_left(spec.inner, op), is_true(test, "IsLeft"));
    EXPECT_EQ(has_only_empty_right(spec.inner, op), is_true(test, "IsRight"));
  }
}

TEST_F(Ics23Vectors, ProveWhatTheySay) {
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder() / "tendermint")) {
    SCOPED_TRACE(entry.path().filename().string());
    const auto json = read(entry.path());
    const auto hex = [&](std::string_view name) {
      return must(codec::from_hex(must(json.text_at(name))));
    };
    const auto proof = must(decode(hex("proof")));
    EXPECT_EQ(encode(proof), hex("proof"));
    const auto& spec = tendermint_spec();
    const Bytes value = hex("value");
    Bytes root = hex("root");
    const auto verify = [&] {
      return value.empty() ? verify_non_membership(spec, root, proof, hex("key"))
                           : verify_membership(spec, root, proof, hex("key"), value);
    };
    EXPECT_EQ(must(verify())->value.has_value(), !value.empty());
    root[0] ^= 1;
    EXPECT_FALSE(verify());
    ++files;
  }
  EXPECT_EQ(files, 6U);
}

}  // namespace
}  // namespace intaglio::proof::ics23
