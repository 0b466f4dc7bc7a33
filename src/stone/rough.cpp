#include "stone/rough.h"

#include <algorithm>

#include "base/check.h"

namespace intaglio::stone {
namespace {

// Facets that are one but for the grid: radians. A second row would say nothing, and make linear
// programmes nearly singular.
constexpr double kSamePlane = 5e-6;

bool is_direction(const GridDirection& d) {
  const auto is_long = [](std::int32_t part) {
    return part < -kDirectionUnit || part > kDirectionUnit;
  };
  return !is_long(d.x) && !is_long(d.y) && !is_long(d.z) &&
         length(to_vec(d)) >= kDirectionUnit / 2.0;
}

}  // namespace

Result<Rough> rough_from(Solid solid, std::uint32_t allowance, std::vector<Inclusion> inclusions) {
  if (allowance > kMaxAllowance) return refuse(Verdict::too_large, "allowance");
  Rough rough;
  rough.solid = std::move(solid);
  rough.allowance = allowance;
  rough.inclusions = std::move(inclusions);
  ASSIGN(rough.hull, convex_hull(rough.solid.corners));
  rough.planes = hull_planes(rough.solid.corners, rough.hull);
  const auto& corners = rough.solid.corners;
  rough.is_convex = volume_six(corners, rough.hull) == volume_six(corners, rough.solid.triangles);
  for (const Point& corner : corners) {
    rough.radius = std::max(rough.radius, length(to_vec(corner)));
  }
  std::vector<BoxTree> trees;
  trees.emplace_back(boxes_of(corners, rough.solid.triangles));
  for (const Inclusion& inclusion : rough.inclusions) {
    trees.emplace_back(boxes_of(inclusion.corners, inclusion.triangles));
  }
  rough.trees = std::make_shared<const std::vector<BoxTree>>(std::move(trees));
  return rough;
}

Result<void> check_layers(const std::vector<Layer>& layers) {
  if (layers.size() > kMaxLayers) return refuse(Verdict::too_large, "layers");
  for (const Layer& layer : layers) {
    const bool is_far = layer.offset <= -kMaxCoordinate || layer.offset >= kMaxCoordinate;
    if (is_far || !is_direction(layer.direction)) return refuse(Verdict::bad_value, "a layer");
  }
  return {};
}

Result<void> check_axis_limit(const AxisLimit& limit) {
  const bool is_wide =
      limit.to <= 90'000 && limit.from <= limit.to && limit.to - limit.from >= kNarrowestAxis;
  if (!is_wide || !is_direction(limit.direction)) {
    return refuse(Verdict::bad_value, "the table's axis");
  }
  return {};
}

Result<Rough> below(const Rough& rough, const std::vector<Layer>& layers) {
  Rough out = rough;
  out.layers.insert(out.layers.end(), layers.begin(), layers.end());
  TRY(check_layers(out.layers));
  return out;
}

GridDirection grid_direction(const Vec3& direction) {
  const Vec3 d = (kDirectionUnit - 1) * unit(direction);
  return {static_cast<std::int32_t>(std::lround(d.x)), static_cast<std::int32_t>(std::lround(d.y)),
          static_cast<std::int32_t>(std::lround(d.z))};
}

std::int64_t reach_of(const GridDirection& direction, const std::vector<Point>& corners) {
  CHECK(!corners.empty());
  std::int64_t most = INT64_MIN;
  for (const Point& p : corners) {
    most = std::max(most, std::int64_t{direction.x} * p.x + std::int64_t{direction.y} * p.y +
                              std::int64_t{direction.z} * p.z);
  }
  return most;
}

Reaches::Reaches(const Rough& rough) : rough_(rough) {
  std::vector<bool> is_corner(rough.solid.corners.size());
  for (const Triangle& t : rough.hull) {
    for (const std::uint32_t corner : t) is_corner[corner] = true;
  }
  for (std::size_t i = 0; i < is_corner.size(); ++i) {
    if (is_corner[i]) hull_corners_.push_back(rough.solid.corners[i]);
  }
  rows_.radius = rough.radius;
}

void Reaches::add_spread_facets(std::size_t most) {
  if (rough_.planes.size() <= most) {
    for (const HullPlane& plane : rough_.planes) (void)add(plane, 0);
    return;
  }
  for (const double apart : {0.3, 0.15, 0.1, 0.06}) {
    for (const HullPlane& plane : rough_.planes) {
      if (rows_.size() >= most) return;
      (void)add(plane, apart);
    }
  }
}

void Reaches::add_layers() {
  for (const Layer& layer : rough_.layers) (void)add_direction(layer.direction, 0);
}

bool Reaches::add(const HullPlane& plane, double apart) {
  return add_direction(grid_direction(to_vec(plane.normal)), apart);
}

void Reaches::add(const std::vector<GridDirection>& directions) {
  for (const GridDirection& direction : directions) (void)add_direction(direction, 0);
}

bool Reaches::add_direction(const GridDirection& direction, double apart) {
  const Vec3 d = to_vec(direction);
  const double size = length(d);
  const Vec3 n = (1 / size) * d;
  const double near = std::cos(std::max(apart, kSamePlane));
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    if (dot(rows_.direction(i), n) > near) return false;
  }
  double reach = static_cast<double>(reach_of(direction, hull_corners_)) / size;
  for (const Layer& layer : rough_.layers) {
    if (layer.direction == direction) reach = std::min(reach, static_cast<double>(layer.offset));
  }
  directions_.push_back(direction);
  rows_.add(n, reach - rough_.allowance);
  return true;
}

}  // namespace intaglio::stone
