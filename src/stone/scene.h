// What is to be seen of a plan: the rough and the stones in it as surfaces, which pictures, models
// and pages are made from. Pure functions; any thread.
#pragma once

#include <span>

#include "stone/plan.h"

namespace intaglio::stone {

// Parts of red, green and blue as screens have them (sRGB), 0 to 1.
struct Colour {
  double red = 0;
  double green = 0;
  double blue = 0;
};

// A place in nanometres from the rough's origin, and a unit vector away from the body.
struct SurfacePoint {
  Vec3 place;
  Vec3 normal;
};

// Triangles over points, counter-clockwise from outside. A corner at which the surface has a crease
// stands there once for each side of it, so that facets are flat.
struct Surface {
  std::string name;
  Colour colour;
  double opacity = 1;  // below 1 what lies behind it shines through
  std::vector<SurfacePoint> points;
  std::vector<Triangle> triangles;
  std::vector<std::array<std::uint32_t, 2>> edges;  // creases, to be drawn as lines
};

// Everything that writers draw, whatever it is: what a plan has more of one day is more surfaces.
struct Scene {
  std::vector<Surface> surfaces;
  Matrix upright;          // turns it so that the first stone's table looks along z
  std::string simplified;  // what was left out so that it can be drawn; empty for nothing
};

// Most triangles of a rough that are drawn as they are.
inline constexpr std::size_t kMaxDrawnTriangles = 50'000;

// A polished stone where it lies in its rough: the hull of the design's corners.
struct PlacedStone {
  std::string name;
  std::vector<Point> corners;
  FixedPose pose;
};

// A cut of a saw through what lies below all of these layers: between its lower face and the kerf
// beyond it.
struct SawCut {
  Layer face;
  std::uint32_t kerf = 0;
  std::vector<Layer> within;
  bool operator==(const SawCut&) const = default;
};

// The rough, translucent, the inclusions, the stones and the saw's cuts in it. A cut that is too
// thin to be seen is drawn as thick as a five hundredth of the rough. An inclusion that is too
// small to be seen is drawn as a ball of a hundredth of the rough. A rough of more than
// kMaxDrawnTriangles is drawn with all corners in a cell of a grid as one, at their mean;
// `simplified` tells how wide a cell is. `mesh_empty` for a stone without volume.
Result<Scene> make_scene(const Solid& rough, std::span<const PlacedStone> stones,
                         std::span<const Inclusion> inclusions = {},
                         std::span<const SawCut> cuts = {});

// The stones of a plan, from the designs that its proof has. Nothing is proven by this, but that
// these are the rough, the proof and the design that the plan names, `other_inputs` otherwise, and
// that the stone is not out of this world: `plan_refuted`.
Result<std::vector<PlacedStone>> stones_of(const Plan& plan, ByteView proof, const Solid& rough);

}  // namespace intaglio::stone
