#include "stone/proof.h"

#include <gtest/gtest.h>

#include "codec/hex.h"
#include "stone/solids_for_test.h"

namespace intaglio::stone {
namespace {

Proof small_proof() {
  Proof proof;
  proof.directions = {{kDirectionUnit - 1, 0, -1}};
  ProofCell by_spin;
  by_spin.kind = ProofCell::Kind::by_spin;
  ProofCell by_direction;
  by_direction.kind = ProofCell::Kind::by_direction;
  ProofCell by_box;
  by_box.kind = ProofCell::Kind::by_box;
  ProofCell by_edge;
  by_edge.kind = ProofCell::Kind::by_edge;
  by_edge.edge = 5;
  ProofCell leaf;
  leaf.rows = {0, kFirstObstacle + 2, 0, 0};
  leaf.weights = {1 << 30, 5, 0, 0};
  proof.obstacles = {{7, 258, {-1, 0, 2}}};
  proof.designs = {{{{1, -2, 3}}, 8, {by_spin, leaf, by_direction, {}, by_box, by_edge}}};
  return proof;
}

TEST(Proof, GoldenBytes) {
  EXPECT_EQ(codec::to_hex(must(encode_proof(small_proof()))),
            "8402"                                        // version 2
            "4c3fffffff00000000ffffffff"                  // one direction
            "540000000700000102ffffffff0000000000000002"  // one obstacle
            "8183"                                        // one design
            "4c00000001fffffffe00000003"                  // one corner
            "08"                                          // symmetry
            "52"
            "05"
            "02"
            "0000"
            "40000000"
            "8002"
            "00000005"
            "06"
            "00"
            "07"
            "0d");  // six cells
}

TEST(Proof, IsReadAsItWasWritten) {
  const Proof proof = small_proof();
  EXPECT_EQ(must(decode_proof(must(encode_proof(proof)))), proof);
}

TEST(Proof, WhatIsNoProofIsRefused) {
  const auto verdict = [](std::string_view hex) {
    return verdict_of(decode_proof(must(codec::from_hex(hex))));
  };
  EXPECT_EQ(verdict("830140"
                    "80"),
            Verdict::bad_version);
  EXPECT_EQ(verdict("820240"), Verdict::bad_encoding);
  EXPECT_EQ(verdict("840241"
                    "00"
                    "4080"),
            Verdict::bad_encoding);
  EXPECT_EQ(verdict("840240"
                    "4100"
                    "80"),
            Verdict::bad_encoding);
  EXPECT_EQ(verdict("84024040"
                    "8183"
                    "40"
                    "00"
                    "40"),
            Verdict::bad_value);
  EXPECT_EQ(verdict("84024040"
                    "8183"
                    "40"
                    "01"
                    "410e"),
            Verdict::bad_encoding);
  EXPECT_EQ(verdict("84024040"
                    "8183"
                    "40"
                    "01"
                    "4101"),
            Verdict::truncated);
  EXPECT_EQ(verdict("84024040"
                    "8183"
                    "40"
                    "01"
                    "4701000000000000"),
            Verdict::bad_encoding);
  EXPECT_EQ(verdict("84024040"
                    "80"
                    "00"),
            Verdict::trailing_bytes);
}

// One body is one rough, however its file lists it; moved by a nanometre it is another.
TEST(Proof, HashesNameTheBody) {
  TriangleSoup soup = geodesic(1);
  const Digest hash = rough_hash(solid(soup));
  std::ranges::reverse(soup.triangles);
  std::ranges::rotate(soup.triangles[3], soup.triangles[3].begin() + 1);
  EXPECT_EQ(rough_hash(solid(soup)), hash);
  EXPECT_EQ(rough_hash(solid(moved(soup, {}, {100, 7, 7}))), hash);
  soup.corners[5].x += 1e-6;
  EXPECT_NE(rough_hash(solid(soup)), hash);
  EXPECT_EQ(codec::to_hex(rough_hash(solid(octahedron(5)))),
            "6bc1ba4469602e7063433789a0bf61797d04a6faa0c5ffd56b8170f58f83a34d");
  EXPECT_EQ(codec::to_hex(design_hash({{1, 2, 3}})),
            "f143f9592e1211609c483de3e844b95587a5c1e29a21db13244a3e2d7209fd26");
}

}  // namespace
}  // namespace intaglio::stone
