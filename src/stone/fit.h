// How large a stone can be where it is, by every triangle of the rough: the truth that the hull's
// rows only bound. Pure; any thread.
#pragma once

#include "stone/rough.h"
#include "stone/shape.h"

namespace intaglio::stone {

// Where a stone lies: the rotation from its own frame to the rough's, and its origin in nanometres.
struct Pose {
  Matrix turn;
  Vec3 place;
};

// The largest size in nanometres at which the stone, grown by the rough's allowance, has no inner
// point in common with the surface or an inclusion that is to be avoided. 0 when its origin is not
// inside of the rough, or inside of such an inclusion. A stone and a
// triangle are apart when a direction tells them apart: a facet of the stone, the triangle's plane,
// or one across an edge of each; no other need be tried. Exact to rounding when there is no
// allowance; with one it may be too small, never too large.
double largest_size(const Room& room, const Shape& shape, const Pose& pose);

// What stops it there: planes that part the stone from surface and inclusions, the closest first,
// no two within `apart` radians. Each as a row for this pose: direction * place + size * support <=
// reach.
struct Parting {
  Vec3 direction;
  double reach;
};
std::vector<Parting> partings(const Room& room, const Shape& shape, const Pose& pose, double size,
                              double within, double apart);

// Whether a stone of that size and the hull of an inclusion are apart, the rough's allowance
// between them.
bool is_clear_of(const Rough& rough, std::uint16_t inclusion, const Shape& shape, const Pose& pose,
                 double size);

// Whether a point is inside of a closed mesh: the middle of its cube of the grid is, in whole
// numbers.
bool is_inside(const Solid& solid, const Vec3& point);
bool is_inside(const Rough& rough, const Vec3& point);

// A grid of points in the rough, so many along each axis of its box.
std::vector<Point> places_inside(const Rough& rough, int along);

}  // namespace intaglio::stone
