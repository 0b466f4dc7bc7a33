#include "stone/design.h"

#include <algorithm>
#include <numbers>

#include "base/format.h"
#include "stone/hull.h"

namespace intaglio::stone {
namespace {

constexpr double kFar = 1e4;         // where a polygon that nothing clips ends
constexpr double kTouches = 1e-9;    // how near a plane a corner is that is on it
constexpr double kOneCorner = 1e-6;  // corners closer than this, of the size, are one

using Polygon = std::vector<Vec3>;

// Two directions at right angles to a unit vector and each other.
std::pair<Vec3, Vec3> across(const Vec3& n) {
  const Vec3 other = std::abs(n.z) < 0.9 ? Vec3{0, 0, 1} : Vec3{1, 0, 0};
  const Vec3 u = unit(cross(n, other));
  return {u, cross(n, u)};
}

void clip(Polygon& polygon, const FacetPlane& plane) {
  Polygon out;
  for (std::size_t i = 0; i < polygon.size(); ++i) {
    const Vec3& a = polygon[i];
    const Vec3& b = polygon[(i + 1) % polygon.size()];
    const double da = dot(plane.normal, a) - plane.offset;
    const double db = dot(plane.normal, b) - plane.offset;
    if (da <= 0) out.push_back(a);
    if ((da < 0 && db > 0) || (da > 0 && db < 0)) out.push_back(a + (da / (da - db)) * (b - a));
  }
  polygon = std::move(out);
}

bool is_same(const FacetPlane& a, const FacetPlane& b) {
  return length(a.normal - b.normal) < 1e-9 && std::abs(a.offset - b.offset) < 1e-9;
}

Result<std::vector<FacetPlane>> normalised(const std::vector<FacetPlane>& planes) {
  if (planes.size() > kMaxFacets) return refuse(Verdict::too_large, "facets");
  std::vector<FacetPlane> out;
  for (std::size_t i = 0; i < planes.size(); ++i) {
    const double size = length(planes[i].normal);
    if (!std::isfinite(size) || size < 1e-9 || !std::isfinite(planes[i].offset)) {
      return refuse(Verdict::bad_value, format("facet {} has no direction", i));
    }
    const FacetPlane plane{(1 / size) * planes[i].normal, planes[i].offset / size};
    if (plane.offset <= 0) {
      return refuse(Verdict::design_open, format("the centre is not inside of facet {}", i));
    }
    const auto same = [&](const FacetPlane& other) { return is_same(plane, other); };
    if (std::ranges::none_of(out, same)) out.push_back(plane);
  }
  return out;
}

Result<std::vector<Vec3>> corners_of(const std::vector<FacetPlane>& planes) {
  std::vector<Vec3> corners;
  for (std::size_t i = 0; i < planes.size(); ++i) {
    const auto [u, v] = across(planes[i].normal);
    const double widest = kFar * std::max(1.0, planes[i].offset);
    const Vec3 middle = planes[i].offset * planes[i].normal;
    Polygon polygon = {middle - widest * u - widest * v, middle + widest * u - widest * v,
                       middle + widest * u + widest * v, middle - widest * u + widest * v};
    for (std::size_t j = 0; j < planes.size() && !polygon.empty(); ++j) {
      if (j != i) clip(polygon, planes[j]);
    }
    corners.insert(corners.end(), polygon.begin(), polygon.end());
  }
  double size = 0;
  double smallest = kFar;
  for (const Vec3& corner : corners) size = std::max(size, length(corner));
  for (const FacetPlane& plane : planes) smallest = std::min(smallest, plane.offset);
  if (corners.empty() || size > 0.1 * kFar || size > 1e3 * smallest) {
    return refuse(Verdict::design_open, "the facets do not close round the centre");
  }
  return corners;
}

// Whether the planes through a corner have a line in common: a facet that is next to nothing ends
// there.
bool is_on_edge(const std::vector<FacetPlane>& planes, const Vec3& corner) {
  std::vector<Vec3> normals;
  for (const FacetPlane& plane : planes) {
    if (std::abs(dot(plane.normal, corner) - plane.offset) < kTouches) {
      normals.push_back(plane.normal);
    }
  }
  Vec3 line;
  for (const Vec3& n : normals) {
    const Vec3 other = cross(normals.front(), n);
    if (length(other) > length(line)) line = other;
  }
  return std::ranges::none_of(normals,
                              [&](const Vec3& n) { return std::abs(dot(line, n)) > kTouches; });
}

// The lowest z that makes the furthest corner nearest: bounds are best about that point.
double middle_height(const std::vector<Vec3>& corners) {
  double low = corners.front().z;
  double high = low;
  for (const Vec3& c : corners) {
    low = std::min(low, c.z);
    high = std::max(high, c.z);
  }
  const auto radius = [&](double z) {
    double out = 0;
    for (const Vec3& c : corners) {
      const Vec3 v = c - Vec3{0, 0, z};
      out = std::max(out, dot(v, v));
    }
    return out;
  };
  for (int i = 0; i < 80; ++i) {
    const double a = low + (high - low) / 3;
    const double b = high - (high - low) / 3;
    (radius(a) < radius(b) ? high : low) = radius(a) < radius(b) ? b : a;
  }
  return 0.5 * (low + high);
}

std::vector<Vec3> welded(const std::vector<Vec3>& corners, double distance) {
  std::vector<Vec3> out;
  for (const Vec3& corner : corners) {
    const auto near = [&](const Vec3& other) { return length(corner - other) < distance; };
    if (std::ranges::none_of(out, near)) out.push_back(corner);
  }
  return out;
}

// Whether turning by any multiple of 360 / n degrees about z brings every corner onto another.
bool is_symmetric(const std::vector<Point>& corners, std::uint32_t n) {
  for (std::uint32_t k = 1; k < n; ++k) {
    const double angle = 2 * std::numbers::pi * k / n;
    const double c = std::cos(angle);
    const double s = std::sin(angle);
    const bool fits = std::ranges::all_of(corners, [&](const Point& p) {
      const Vec3 v = to_vec(p);
      const Vec3 turned{c * v.x - s * v.y, s * v.x + c * v.y, v.z};
      return std::ranges::any_of(corners,
                                 [&](const Point& q) { return length(turned - to_vec(q)) < 2.9; });
    });
    if (!fits) return false;
  }
  return true;
}

Result<Design> finished(std::string name, std::string shape, const std::vector<Vec3>& corners) {
  const double z = middle_height(corners);
  double radius = 0;
  for (const Vec3& corner : corners) radius = std::max(radius, length(corner - Vec3{0, 0, z}));
  std::vector<Point> points;
  for (const Vec3& corner : welded(corners, kOneCorner * radius)) {
    const Vec3 p = (kDesignUnit / radius) * (corner - Vec3{0, 0, z});
    points.push_back({static_cast<std::int32_t>(std::lround(p.x)),
                      static_cast<std::int32_t>(std::lround(p.y)),
                      static_cast<std::int32_t>(std::lround(p.z))});
  }
  std::ranges::sort(points);
  const auto [end, last] = std::ranges::unique(points);
  points.erase(end, last);
  ASSIGN(const auto hull, convex_hull(points));
  Design design;
  design.name = std::move(name);
  design.shape = std::move(shape);
  // Only corners of the hull are kept.
  std::vector<std::uint32_t> number(points.size(), 0);
  for (const Triangle& t : hull) {
    for (const std::uint32_t corner : t) number[corner] = 1;
  }
  for (std::uint32_t i = 0; i < points.size(); ++i) {
    if (number[i] == 0) continue;
    number[i] = static_cast<std::uint32_t>(design.corners.size());
    design.corners.push_back(points[i]);
  }
  for (const Triangle& t : hull) {
    const Triangle named{number[t[0]], number[t[1]], number[t[2]]};
    if (dot(normal_of(points[t[0]], points[t[1]], points[t[2]]), points[t[0]]) <= 0) {
      return refuse(Verdict::design_open, "the centre is not inside");
    }
    design.faces.push_back(named);
  }
  for (std::uint32_t n = 64; n > 1 && design.symmetry == 1; --n) {
    if (is_symmetric(design.corners, n)) design.symmetry = n;
  }
  return design;
}

}  // namespace

Result<std::vector<Vec3>> corners_between(const std::vector<FacetPlane>& planes) {
  ASSIGN(const auto distinct, normalised(planes));
  ASSIGN(auto corners, corners_of(distinct));
  std::erase_if(corners, [&](const Vec3& corner) { return is_on_edge(distinct, corner); });
  return corners;
}

Result<Design> design_from_planes(std::string name, std::string shape,
                                  const std::vector<FacetPlane>& planes) {
  ASSIGN(const auto distinct, normalised(planes));
  ASSIGN(const auto corners, corners_of(distinct));
  ASSIGN(auto design, finished(std::move(name), std::move(shape), corners));
  double size = 0;
  for (const Vec3& corner : corners) size = std::max(size, length(corner));
  for (const FacetPlane& plane : distinct) {
    std::vector<Vec3> touching;
    for (const Vec3& corner : corners) {
      if (std::abs(dot(plane.normal, corner) - plane.offset) < kOneCorner * size) {
        touching.push_back(corner);
      }
    }
    if (welded(touching, kOneCorner * size).size() >= 3) ++design.facets;
  }
  return design;
}

Result<Design> design_from_corners(std::string name, std::string shape,
                                   const std::vector<Vec3>& corners) {
  ASSIGN(auto design, finished(std::move(name), std::move(shape), corners));
  design.facets = static_cast<std::uint32_t>(hull_planes(design.corners, design.faces).size());
  return design;
}

Result<Design> design_from_solid(std::string name, std::string shape, const Solid& solid) {
  ASSIGN(const auto hull, convex_hull(solid.corners));
  const double volume = static_cast<double>(volume_six(solid.corners, solid.triangles));
  const double whole = static_cast<double>(volume_six(solid.corners, hull));
  const auto planes = hull_planes(solid.corners, hull);
  if (volume < whole * (1 - 1e-6)) {
    double deepest = -1;
    Vec3 where;
    for (const Point& corner : solid.corners) {
      double depth = 1e300;
      for (const HullPlane& plane : planes) {
        depth = std::min(depth, static_cast<double>(plane.offset - dot(plane.normal, corner)) /
                                    length(to_vec(plane.normal)));
      }
      if (depth > deepest) {
        deepest = depth;
        where = to_vec(corner);
      }
    }
    return refuse(Verdict::design_not_convex, place_text(where));
  }
  if (planes.size() > kMaxFacets) return refuse(Verdict::too_large, "facets");
  Vec3 middle;
  for (const Point& corner : solid.corners) {
    middle = middle + (1.0 / static_cast<double>(solid.corners.size())) * to_vec(corner);
  }
  std::vector<Vec3> corners;
  for (const Point& corner : solid.corners) corners.push_back(to_vec(corner) - middle);
  ASSIGN(auto design, finished(std::move(name), std::move(shape), corners));
  design.facets = static_cast<std::uint32_t>(planes.size());
  return design;
}

double unit_volume(const Design& design) {
  return static_cast<double>(volume_six(design.corners, design.faces)) /
         (6 * kDesignUnit * kDesignUnit * kDesignUnit);
}

DesignSize size_of(const Design& design) {
  DesignSize out;
  double low = 1e300;
  double high = -1e300;
  for (const Point& p : design.corners) {
    low = std::min(low, p.z / kDesignUnit);
    high = std::max(high, p.z / kDesignUnit);
  }
  out.depth = high - low;
  // The narrowest pair of parallel lines, looked for by degrees, and what is across it.
  const auto extent = [&](double angle) {
    double least = 1e300;
    double most = -1e300;
    for (const Point& p : design.corners) {
      const double at = (std::cos(angle) * p.x + std::sin(angle) * p.y) / kDesignUnit;
      least = std::min(least, at);
      most = std::max(most, at);
    }
    return most - least;
  };
  out.width = 1e300;
  for (int degree = 0; degree < 180; ++degree) {
    const double angle = degree * std::numbers::pi / 180;
    if (extent(angle) >= out.width) continue;
    out.width = extent(angle);
    out.length = extent(angle + std::numbers::pi / 2);
  }
  return out;
}

}  // namespace intaglio::stone
