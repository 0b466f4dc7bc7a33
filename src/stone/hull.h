// The convex hull of points on a grid, exactly: no tolerance, and no case that is left out. Pure
// functions; any thread.
#pragma once

#include <vector>

#include "base/result.h"
#include "stone/vector.h"

namespace intaglio::stone {

// Triangles over the points' places, counter-clockwise from outside; facets of more corners are
// several triangles in one plane. Every corner of the hull is a point that is no mean of others.
// `mesh_empty` when all points lie in one plane. Quickhull; n log n for what scanners give.
Result<std::vector<Triangle>> convex_hull(const std::vector<Point>& points);

// A half of space, {x : normal * x <= offset}, that a facet of a hull bounds.
struct HullPlane {
  Direction normal;
  Wide offset;
  double area;  // twice that of the facet, whatever the number of its triangles
  // The same rounded, the normal of length 1.
  Vec3 direction = {};
  double reach = 0;
};

// One plane for each facet, the largest facet first; equal ones in the order of their normals.
std::vector<HullPlane> hull_planes(const std::vector<Point>& points,
                                   const std::vector<Triangle>& hull);

}  // namespace intaglio::stone
