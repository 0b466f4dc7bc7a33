// How much space two bodies have in common, and how much of each is outside of the other. Exact but
// for rounding: nothing is sampled, and nothing is decided that a nearly parallel pair of
// triangles could decide wrongly. Pure; any thread.
//
// With the z axis up, a point is inside of a closed mesh when the triangles above it, those seen
// from above counted +1 and those seen from below -1, sum up to 1. The space in common is
// therefore a sum over all pairs of triangles that lie above each other,
//
//   sum of sign_t sign_u * integral of min(z_t, z_u) over where both are.
#pragma once

#include "stone/surface_tree.h"

namespace intaglio::stone {

// In cubic nanometres, of two closed meshes that do not cut through themselves. It errs by less
// than 10^-9 of the volume of the box of both. The work grows with the number of pairs of
// triangles that lie above each other, some 20 for each triangle of two scans.
double common_volume(const PlacedMesh& a, const PlacedMesh& b);

}  // namespace intaglio::stone
