// Facet designs: the polished stone as geometry, of one size, before it is placed in a rough. Pure
// functions; any thread.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "stone/mesh.h"

namespace intaglio::stone {

// Corners of a design stand on a grid of this many steps to the distance of its furthest corner.
inline constexpr double kDesignUnit = 1 << 27;
inline constexpr std::size_t kMaxFacets = 720;

// A measure of a design by name, in thousandths: {"table", 57000} is 57 %.
struct Proportion {
  std::string name;
  std::uint32_t thousandths = 0;
  bool operator==(const Proportion&) const = default;
};

// A half of space that the stone lies in: normal * x <= offset, of the design's own size.
struct FacetPlane {
  Vec3 normal;
  double offset;
};

// A convex stone with its table's axis along z, up. It is the hull of its corners, exactly; the
// origin is inside. Turned about z by any multiple of 360 / symmetry degrees it comes to lie on
// itself, to within three steps of the grid at each corner.
struct Design {
  std::string name;   // "round table=57 crown=34.5 ..."
  std::string shape;  // what price lists call it: "round"
  std::vector<Proportion> proportions;
  std::string cut_grade;  // by the proportions, an estimate; empty when nothing is known
  std::vector<Point> corners;
  std::vector<Triangle> faces;
  std::uint32_t facets = 0;  // planes among the faces
  std::uint32_t symmetry = 1;
};

// The stone that all planes have in common; planes that do not touch it are left out. Refuses
// `design_open` when they do not close it or the origin is not inside, `too_large` beyond
// kMaxFacets, `bad_value` for a plane without a direction.
Result<Design> design_from_planes(std::string name, std::string shape,
                                  const std::vector<FacetPlane>& planes);

// The corners of all facets that the planes leave of each other, in the planes' own place and unit,
// not rounded: one for each facet that meets there. Refuses as above.
Result<std::vector<Vec3>> corners_between(const std::vector<FacetPlane>& planes);

// The stone that is their hull. Corners nearer than a millionth of the size are one, the first.
// `design_open` when the origin is not inside, `mesh_empty` without volume.
Result<Design> design_from_corners(std::string name, std::string shape,
                                   const std::vector<Vec3>& corners);

// A stone as somebody modelled it, its table up. `design_not_convex` when the hull has more
// volume, by a millionth; the refusal names the corner that lies deepest inside.
Result<Design> design_from_solid(std::string name, std::string shape, const Solid& solid);

// The volume of the design when its furthest corner is at distance 1.
double unit_volume(const Design& design);

// Its extent across z and along it, with the furthest corner at distance 1.
struct DesignSize {
  double length = 0;  // the widest across the table's plane
  double width = 0;   // at right angles to that
  double depth = 0;
};
DesignSize size_of(const Design& design);

}  // namespace intaglio::stone
