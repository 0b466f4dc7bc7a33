// All rotations of a stone, and where it matters all places, as cells that divide. A rotation is
// the direction of the table's axis and a spin about it. The directions are the eight faces of an
// octahedron seen from its middle, each in sixteen triangles, which divide at the middles of their
// flat sides: their corners are exact in floating point, and together they cover everything by
// construction. Places are the box round the rough, in six tetrahedra that divide at the middles of
// their edges, exactly as well. Pure; any thread.
#pragma once

#include <optional>
#include <vector>

#include "stone/vector.h"

namespace intaglio::stone {

inline constexpr std::uint32_t kRoots = 128;

using Tetrahedron = std::array<Vec3, 4>;
inline constexpr std::array<std::array<std::uint32_t, 2>, 6> kTetrahedronEdges = {
    {{0, 1}, {0, 2}, {0, 3}, {1, 2}, {1, 3}, {2, 3}}};

// Rotations frame(x) * spin about z: x seen through the triangle, the spin in parts of the design's
// period, from `spin` up to `spin + width`.
struct Cell {
  std::uint32_t root = 0;
  std::array<Vec3, 3> corners;  // on the flat face
  double spin = 0;
  double width = 1;
  std::optional<Tetrahedron> place;  // of the stone's origin; anywhere without one
};

// What becomes of a cell: it is bounded as it is, or divided.
enum class CellKind : std::uint8_t { bounded, by_spin, by_direction, by_box, by_edge };

// A cell as bounds need it: every rotation of it is R * frame * S with a rotation R about an axis
// at right angles to the frame's z by no more than the tilt, and a spin S by no more than the spin.
struct CellView {
  Matrix frame;
  double cos_tilt = 1;
  double sin_tilt = 0;
  double cos_spin = 1;
  double sin_spin = 0;
  // In radians, for whoever chooses what to divide; no bound depends on it.
  double tilt = 0;
  double spin = 0;
};

Cell root_cell(std::uint32_t root);

// `symmetry` as in Design: the period is 360 / symmetry degrees.
CellView view_of(const Cell& cell, std::uint32_t symmetry);

// Two by spin, or four by direction.
std::vector<Cell> divide_spin(const Cell& cell);
std::vector<Cell> divide_direction(const Cell& cell);

// Of a cell without a place six, the box's; of one with a place two, at one of its edges.
std::vector<Cell> divide_box(const Cell& cell, const Box& box);
std::vector<Cell> divide_edge(const Cell& cell, std::uint32_t edge);

// The smallest rotation that takes one unit vector to another; not for opposite ones.
Matrix smallest_rotation(const Vec3& from, const Vec3& to);

// The frame of a root's direction, and from there that of any direction of its triangle.
Matrix frame_of(std::uint32_t root, const Vec3& direction);

}  // namespace intaglio::stone
