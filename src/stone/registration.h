// How one scan has to be turned and moved so that it lies on another: for stones of any shape,
// without a first guess. Rotations only: a mirror image is not laid on its original. The same scans
// give the same poses, in bounded work. Pure; any thread.
#pragma once

#include "stone/fit.h"
#include "stone/hull.h"
#include "stone/surface_tree.h"

namespace intaglio::stone {

// A scan with what is looked up of it again and again. Lengths are nanometres from its origin.
class ScannedBody {
 public:
  // The solid outlives it. `mesh_empty` as convex_hull refuses.
  static Result<ScannedBody> from(const Solid& solid);

  const Solid& solid() const { return *solid_; }
  const SurfaceTree& surface() const { return surface_; }
  const std::vector<Triangle>& hull() const { return hull_; }
  const Vec3& centroid() const { return centroid_; }
  double volume() const { return volume_; }
  // Of its hull: what is inside of another body has no larger ones.
  double hull_volume() const { return hull_volume_; }
  double hull_area() const { return hull_area_; }
  double widest() const { return widest_; }  // within a thousandth

  // The corner that is furthest in a direction, from the centroid; looked up in a table, so it may
  // be the one that is furthest in a direction up to 2 degrees off.
  const Vec3& furthest(const Vec3& direction) const;

 private:
  ScannedBody(const Solid& solid, std::vector<Triangle> hull);
  void fill_table();

  const Solid* solid_;
  SurfaceTree surface_;
  std::vector<Triangle> hull_;
  Vec3 centroid_;
  double volume_ = 0;
  double hull_volume_ = 0;
  double hull_area_ = 0;
  double widest_ = 0;
  std::vector<Vec3> table_;
};

// A pose of the second scan on the first: first = turn * second + place.
struct Registered {
  Pose pose;
  double apart = 0;  // the mean distance of points spread over either surface from the other
};

// The best first, no two within 3 degrees of each other; one at least. Candidates are rotations of
// a grid at which both reach as far in many directions, and each is brought nearer by turns and
// moves that bring the surfaces nearer; points that are far off for good count less, so that a
// stone with a chip is laid on what is left of it.
std::vector<Registered> register_scans(const ScannedBody& first, const ScannedBody& second);

// The same from poses that are nearly right already.
Registered register_from(const ScannedBody& first, const ScannedBody& second, const Pose& start);

}  // namespace intaglio::stone
