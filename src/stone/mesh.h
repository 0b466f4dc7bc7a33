// A closed surface of triangles on a grid of nanometres: what a scan becomes before anything is
// planned in it. Pure functions; any thread.
#pragma once

#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "stone/vector.h"

namespace intaglio::stone {

inline constexpr std::size_t kMaxTriangles = 4'000'000;

// What a file holds: triangles over corners, in the file's own unit of length.
struct TriangleSoup {
  std::vector<Vec3> corners;
  std::vector<Triangle> triangles;
};

// How many nanometres one of a file's units is.
struct Unit {
  double nanometres = 1e6;
};
inline constexpr Unit kMillimetre{1e6};

// "mm", "um", "cm", "m" or "in"; `bad_value` otherwise.
Result<Unit> unit_from_text(std::string_view text);

// Millionths of a carat, and grams per cubic centimetre in thousandths (diamond 3520).
using MicroCarats = StrongInt<struct MicroCaratsTag, std::uint64_t>;
using SpecificGravity = StrongInt<struct SpecificGravityTag, std::uint32_t>;
inline constexpr SpecificGravity kMaxGravity{30'000};

// A mesh in which every edge has a triangle on either side, all of them one piece, seen
// counter-clockwise from outside. Its corners are relative to `origin` in nanometres.
struct Solid {
  std::vector<Point> corners;
  std::vector<Triangle> triangles;
  std::array<std::int64_t, 3> origin{};

  // What was mended on the way.
  std::size_t welded = 0;   // corners that stood at the same nanometre as another
  std::size_t dropped = 0;  // triangles with two corners in one place, and doubles
  std::size_t turned = 0;   // triangles that were seen from the wrong side
};

inline Vec3 origin_of(const Solid& solid) {
  return {static_cast<double>(solid.origin[0]), static_cast<double>(solid.origin[1]),
          static_cast<double>(solid.origin[2])};
}

// Welds, turns and checks. Refuses with the place in millimetres and how many more there are:
// `bad_value` for a coordinate that is no number, `too_large` beyond kMaxTriangles or a quarter of
// a metre, `mesh_open` for an edge with one triangle, `mesh_not_manifold` for one with three or
// more or that cannot be turned consistently, `mesh_in_pieces`, `mesh_empty` without volume.
Result<Solid> solid_from(const TriangleSoup& soup, Unit unit);

// Six times the volume in cubic nanometres, exactly.
Wide volume_six(const std::vector<Point>& corners, const std::vector<Triangle>& triangles);

// The middle of its mass, in nanometres.
Vec3 centroid_of(const Solid& solid);

// The weight of that volume, rounded down. Below 2^64 for every solid.
MicroCarats weight_of(Wide volume_six, SpecificGravity gravity);

// "1.234 mm" for a length in nanometres; "(1.2, 0.5, 3.1) mm" for a place.
std::string place_text(const Vec3& nanometres);

// The material's specific gravity by name ("diamond", "ruby"), `bad_value` when we have none.
Result<SpecificGravity> gravity_of(std::string_view material);

}  // namespace intaglio::stone
