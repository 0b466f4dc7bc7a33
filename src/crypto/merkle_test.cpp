#include "crypto/merkle.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "codec/hex.h"
#include "crypto/sha256.h"

namespace intaglio::crypto {
namespace {

// Leaf hashes of some data, n of them.
std::vector<Digest> leaves(std::size_t count) {
  std::vector<Digest> out;
  for (std::size_t i = 0; i < count; ++i) {
    out.push_back(
        merkle_leaf(Bytes{static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(i >> 8)}));
  }
  return out;
}

// The eight entries and the roots that Certificate Transparency's own tests use.
TEST(Merkle, GivesThePublishedRoots) {
  const std::string_view entries[] = {"",
                                      "00",
                                      "10",
                                      "2021",
                                      "3031",
                                      "40414243",
                                      "5051525354555657",
                                      "606162636465666768696a6b6c6d6e6f"};
  const std::string_view roots[] = {
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
      "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
      "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
      "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
      "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
      "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
      "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
  std::vector<Digest> hashes;
  EXPECT_EQ(codec::to_hex(merkle_root(hashes)), roots[0]);
  for (std::size_t i = 0; i < std::size(entries); ++i) {
    hashes.push_back(merkle_leaf(codec::from_hex(entries[i]).value()));
    EXPECT_EQ(codec::to_hex(merkle_root(hashes)), roots[i + 1]);
  }
}

// RFC 6962 section 2.1.3 names the nodes of a tree of seven leaves and four of its paths.
TEST(Merkle, PathsOfSevenLeavesAreThoseOfRfc6962) {
  const auto d = leaves(7);
  const Digest g = merkle_node(d[0], d[1]);
  const Digest h = merkle_node(d[2], d[3]);
  const Digest i = merkle_node(d[4], d[5]);
  const Digest k = merkle_node(g, h);
  const Digest l = merkle_node(i, d[6]);
  EXPECT_EQ(merkle_root(d), merkle_node(k, l));
  EXPECT_EQ(merkle_path(d, 0), (std::vector{d[1], h, l}));
  EXPECT_EQ(merkle_path(d, 3), (std::vector{d[2], g, l}));
  EXPECT_EQ(merkle_path(d, 4), (std::vector{d[5], d[6], k}));
  EXPECT_EQ(merkle_path(d, 6), (std::vector{i, k}));
}

TEST(Merkle, ALeafIsNoNode) {
  const auto two = leaves(2);
  Bytes joined = to_bytes(two[0].view());
  append(joined, two[1].view());
  EXPECT_NE(merkle_leaf(joined), merkle_node(two[0], two[1]));
}

TEST(Merkle, EveryPathLeadsToTheRootAndOnlyFromItsPlace) {
  for (std::size_t count = 1; count <= 40; ++count) {
    const auto hashes = leaves(count);
    const Digest root = merkle_root(hashes);
    for (std::size_t index = 0; index < count; ++index) {
      const auto path = merkle_path(hashes, index);
      EXPECT_EQ(merkle_root_from_path(hashes[index], index, count, path), root);
      for (std::size_t other = 0; other < count; ++other) {
        if (other == index) continue;
        EXPECT_NE(merkle_root_from_path(hashes[index], other, count, path), root);
      }
    }
  }
}

TEST(Merkle, RefusesAPathOfAnotherLength) {
  const auto hashes = leaves(7);
  auto path = merkle_path(hashes, 3);
  EXPECT_EQ(merkle_root_from_path(hashes[3], 7, 7, path), std::nullopt);
  EXPECT_EQ(merkle_root_from_path(hashes[3], 0, 0, {}), std::nullopt);
  EXPECT_EQ(merkle_root_from_path(hashes[3], 3, 7, std::span(path).first(2)), std::nullopt);
  path.push_back(path.front());
  EXPECT_EQ(merkle_root_from_path(hashes[3], 3, 7, path), std::nullopt);
  EXPECT_EQ(merkle_root_from_path(hashes[0], 0, 1, std::span(path).first(1)), std::nullopt);
}

RC_GTEST_PROP(Merkle, AChangedLeafChangesTheRoot, ()) {
  const auto count = *rc::gen::inRange<std::size_t>(1, 300);
  const auto index = *rc::gen::inRange<std::size_t>(0, count);
  auto hashes = leaves(count);
  const Digest before = merkle_root(hashes);
  const auto path = merkle_path(hashes, index);
  hashes[index] = merkle_leaf(as_bytes("another"));
  RC_ASSERT(merkle_root(hashes) != before);
  RC_ASSERT(merkle_root_from_path(hashes[index], index, count, path) == merkle_root(hashes));
}

}  // namespace
}  // namespace intaglio::crypto
