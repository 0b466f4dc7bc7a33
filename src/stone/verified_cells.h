// The verifier's own bound of a cell of rotations: from corner to corner in plain sums, with what
// rounding may have done taken off. verifier.h is what to call. Pure; any thread.
#pragma once

#include "stone/proof.h"

namespace intaglio::stone {

// A design of a proof with what was shown about it.
struct CheckedDesign {
  std::vector<Vec3> corners;  // the furthest one near 1
  std::vector<Triangle> faces;
  std::vector<Vec3> facets;  // normals of length 1 over how far the facet is from the origin
  double inner_radius = 0;   // of a ball about the origin that is certainly inside
  double asymmetry = 0;  // how far a turn by the symmetry moves a corner off all others, at most
  double volume = 0;     // of the body
};

// `plan_refuted` when its corners are not those of a convex body round the origin, or it is not as
// symmetric as the proof says.
Result<CheckedDesign> check_design(const DesignProof& design);

// How far the rough below its layers reaches in the directions of a proof, the allowance taken
// off, and the points
// of its inclusions that the proof names.
struct CheckedRows {
  std::vector<Vec3> directions;  // of length 1
  std::vector<double> reaches;   // nanometres, no less than the true ones
  double radius = 0;             // no corner is further from the origin
  Vec3 low;                      // no corner has less
  Vec3 high;                     // nor more
  struct Point {
    std::uint32_t inclusion;
    Vec3 place;
  };
  std::vector<Point> points;
  std::optional<AxisLimit> axis;  // rotations whose table is beyond it need no bound
};
// `plan_refuted` for a direction that is none, and for an obstacle that is none of an inclusion's.
Result<CheckedRows> check_rows(const Solid& rough, const std::vector<Inclusion>& inclusions,
                               const std::vector<Layer>& layers, const Proof& proof,
                               std::uint32_t allowance);

// The rotations of a cell: a direction of the table's axis through a triangle, whose corners stand
// on the root's flat face, and a spin in parts of the period.
struct CheckedCell {
  std::uint32_t root = 0;
  std::array<Vec3, 3> corners;
  double spin_from = 0;
  double spin_to = 1;
};

// How far the design certainly reaches in a direction of the rough, of length 1, in any of them.
double certain_support(const CheckedDesign& design, std::uint32_t symmetry, const CheckedCell& cell,
                       const Vec3& direction);
// No less than the size up to which a stone keeps clear of a point, given from its origin, in some
// of them.
double possible_gauge(const CheckedDesign& design, std::uint32_t symmetry, const CheckedCell& cell,
                      const Vec3& from_origin);

// Walks the cells of a design from its 128 roots and shows that each leaf is bounded by `size`, in
// nanometres, for stones that avoid these inclusions (one flag each): returns how many leaves, or
// `plan_refuted` with the cell's place in the list.
Result<std::size_t> check_cells(const CheckedRows& rows, const std::vector<bool>& avoided,
                                const CheckedDesign& design, const DesignProof& proof, double size);

}  // namespace intaglio::stone
