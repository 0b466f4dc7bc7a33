// A rough as the search sees it: the closed mesh, its hull, and directions in which its reach is
// known exactly. Pure functions; any thread.
#pragma once

#include "stone/hull.h"
#include "stone/mesh.h"
#include "stone/placement.h"

namespace intaglio::stone {

struct Rough {
  Solid solid;
  std::vector<Triangle> hull;
  std::vector<HullPlane> planes;  // of the hull, the largest facet first
  bool is_convex = false;         // the mesh is its hull, to the last nanometre
  double radius = 0;              // of the furthest corner from the origin, in nanometres
  // What must stay between stone and surface: what polishing takes and how far the scanner errs.
  std::uint32_t allowance = 0;
};

inline constexpr std::uint32_t kMaxAllowance = 1'000'000;

// `mesh_empty` when the rough has no inside; `too_large` for more allowance than a millimetre.
Result<Rough> rough_from(Solid solid, std::uint32_t allowance);

// A direction on a grid: whatever it is, how far the rough reaches in it is a whole number.
struct GridDirection {
  std::int32_t x = 0;
  std::int32_t y = 0;
  std::int32_t z = 0;
  auto operator<=>(const GridDirection&) const = default;
};
inline constexpr std::int32_t kDirectionUnit = 1 << 30;

GridDirection grid_direction(const Vec3& direction);

// The most that direction * corner is for any of the corners.
std::int64_t reach_of(const GridDirection& direction, const std::vector<Point>& corners);

// Directions with their rows. What no hull is needed for: a row holds for every point of the rough,
// whatever its direction is.
class Reaches {
 public:
  explicit Reaches(const Rough& rough);

  // The facets of the hull, or of many only as many as are needed to be within 3 degrees of all.
  void add_spread_facets(std::size_t most);
  // The facet that a point is furthest outside of, when none that is known already is within
  // `apart` of it; false otherwise.
  bool add(const HullPlane& plane, double apart);

  const Rows& rows() const { return rows_; }
  const std::vector<GridDirection>& directions() const { return directions_; }

 private:
  const Rough& rough_;
  std::vector<Point> hull_corners_;
  std::vector<GridDirection> directions_;
  Rows rows_;
};

}  // namespace intaglio::stone
