// A rough as the search sees it: the closed mesh, its hull, what is in it, and directions in which
// its reach is known exactly. Pure functions; any thread.
#pragma once

#include <memory>
#include <optional>

#include "codec/record.h"
#include "stone/hull.h"
#include "stone/inclusion.h"
#include "stone/placement.h"
#include "stone/surface_tree.h"

namespace intaglio::stone {

// A direction on a grid: whatever it is, how far the rough reaches in it is a whole number.
struct GridDirection {
  std::int32_t x = 0;
  std::int32_t y = 0;
  std::int32_t z = 0;
  auto operator<=>(const GridDirection&) const = default;
};
inline constexpr std::int32_t kDirectionUnit = 1 << 30;

inline Vec3 to_vec(const GridDirection& d) {
  return {static_cast<double>(d.x), static_cast<double>(d.y), static_cast<double>(d.z)};
}

GridDirection grid_direction(const Vec3& direction);

// A plane that stones must lie below: direction * x <= offset times the direction's length, in
// nanometres from the rough's origin. A saw's, or one that somebody wants left alone.
struct Layer {
  GridDirection direction;
  std::int32_t offset = 0;
  bool operator==(const Layer&) const = default;
};
inline constexpr std::size_t kMaxLayers = 64;

// How a stone's table may look: where a stone's colour depends on the direction, or it cleaves. The
// table's axis is from `from` to `to` from a line, whichever way along it.
struct AxisLimit {
  GridDirection direction;
  std::uint32_t from = 0;
  std::uint32_t to = 90'000;
  bool operator==(const AxisLimit&) const = default;
  static constexpr auto fields() {
    using codec::field;
    return std::tuple(
        field(1, "direction", &AxisLimit::direction, "of the line, in 2^-30"),
        field(2, "from", &AxisLimit::from, "thousandths of a degree between it and the axis"),
        field(3, "to", &AxisLimit::to, "up to these, at most 90,000"));
  }
};
inline constexpr std::uint32_t kNarrowestAxis = 100;  // thousandths of a degree from `from` to `to`

struct Rough {
  Solid solid;
  std::vector<Triangle> hull;
  std::vector<HullPlane> planes;  // of the hull, the largest facet first
  bool is_convex = false;         // the mesh is its hull, to the last nanometre
  double radius = 0;              // of the furthest corner from the origin, in nanometres
  // Where the triangles are: the mesh's, then those of each inclusion.
  std::shared_ptr<const std::vector<BoxTree>> trees;
  // What must stay between stone and surface: what polishing takes and how far the scanner errs.
  std::uint32_t allowance = 0;
  std::vector<Inclusion> inclusions;
  std::vector<Layer> layers;  // the allowance is kept from these as well
  std::optional<AxisLimit> axis;
};

// Where a stone may lie: in the rough, and clear of the inclusions that it is not to hold. A view;
// the rough outlives it.
struct Room {
  // NOLINTNEXTLINE(google-explicit-constructor): a rough of which nothing is to be avoided
  Room(const Rough& whole) : rough(whole) {}
  Room(const Rough& whole, std::vector<std::uint16_t> but)
      : rough(whole), avoided(std::move(but)) {}

  const Rough& rough;
  std::vector<std::uint16_t> avoided;  // places in the rough's list of inclusions, ascending
};

inline constexpr std::uint32_t kMaxAllowance = 1'000'000;

// `mesh_empty` when the rough has no inside; `too_large` for more allowance than a millimetre.
Result<Rough> rough_from(Solid solid, std::uint32_t allowance,
                         std::vector<Inclusion> inclusions = {});

// `too_large` for more than kMaxLayers in all, `bad_value` for a direction that is none.
Result<Rough> below(const Rough& rough, const std::vector<Layer>& layers);
Result<void> check_layers(const std::vector<Layer>& layers);
// `bad_value` for a direction that is none, and for angles that leave less than kNarrowestAxis.
Result<void> check_axis_limit(const AxisLimit& limit);

// The most that direction * corner is for any of the corners.
std::int64_t reach_of(const GridDirection& direction, const std::vector<Point>& corners);

// Directions with their rows. What no hull is needed for: a row holds for every point of the rough,
// whatever its direction is.
class Reaches {
 public:
  explicit Reaches(const Rough& rough);

  // The rough's layers.
  void add_layers();
  // The facets of the hull, or of many only as many as are needed to be within 3 degrees of all.
  void add_spread_facets(std::size_t most);
  // The facet that a point is furthest outside of, when none that is known already is within
  // `apart` of it; false otherwise.
  bool add(const HullPlane& plane, double apart);
  // Of directions those that are not known already.
  void add(const std::vector<GridDirection>& directions);

  const Rows& rows() const { return rows_; }
  const std::vector<GridDirection>& directions() const { return directions_; }

 private:
  bool add_direction(const GridDirection& direction, double apart);

  const Rough& rough_;
  std::vector<Point> hull_corners_;
  std::vector<GridDirection> directions_;
  Rows rows_;
};

}  // namespace intaglio::stone
