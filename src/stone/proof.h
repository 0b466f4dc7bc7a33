// plan.proof: what proves a plan's bounds, for anybody who has the rough and the price list. No
// solver is needed to check it. Pure functions; any thread.
#pragma once

#include "base/bytes.h"
#include "stone/search.h"

namespace intaglio::stone {

inline constexpr std::size_t kMaxProof = 50 * 1000 * 1000;

// One design with the cells that bound it.
struct DesignProof {
  std::vector<Point> corners;
  std::uint32_t symmetry = 1;
  std::vector<ProofCell> cells;
  bool operator==(const DesignProof&) const = default;
};

struct Proof {
  std::vector<GridDirection> directions;
  std::vector<ObstacleSource> obstacles;
  std::vector<DesignProof> designs;
  bool operator==(const Proof&) const = default;
};

// docs/reference/formats.md, "Proofs of plans". `too_large` beyond kMaxProof.
Result<Bytes> encode_proof(const Proof& proof);
Result<Proof> decode_proof(ByteView bytes);

// What names a rough and a design: SHA-256 over their corners and triangles, in the one sequence
// that solid_from and designs have. The same body in another pose is another rough.
Digest rough_hash(const Solid& solid);
Digest design_hash(const std::vector<Point>& corners);

}  // namespace intaglio::stone
