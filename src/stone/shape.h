// A facet design as the search needs it: corners and facets in floating point, and how far the
// stone reaches in a direction, for one rotation or at least for many. Pure; any thread.
#pragma once

#include <span>

#include "stone/cells.h"
#include "stone/design.h"

namespace intaglio::stone {

// Where two facets meet.
struct StoneEdge {
  Vec3 corner;
  Vec3 direction;
  // Directions in which the stone reaches furthest at this edge: at right angles to it, and no
  // further from one facet's normal than the other's. Both products with them are then above 0.
  Vec3 from_first;
  Vec3 from_second;
};

class Shape {
 public:
  explicit Shape(const Design& design);

  std::span<const Vec3> corners() const { return corners_; }
  std::span<const FacetPlane> facets() const { return facets_; }
  std::span<const StoneEdge> edges() const { return edges_; }
  double inner_radius() const { return inner_radius_; }  // of the ball about the origin
  double volume() const { return volume_; }
  std::uint32_t symmetry() const { return symmetry_; }

  // How far it reaches in a direction of its own frame.
  double support(const Vec3& direction) const;

  // No more than it reaches in a direction of the rough, in any rotation of the cell. Derived in
  // docs/stone.md.
  double least_support(const Vec3& direction, const CellView& cell) const;

  // The largest size at which the stone's inside does not have a point, given from the stone's
  // origin in its own frame, and the facet that keeps it off.
  struct Gauge {
    double size = 0;
    std::size_t facet = 0;
  };
  Gauge gauge(const Vec3& point) const;

  // No less than that, for a point given from the origin in the rough's frame, in any rotation of
  // the cell. Derived in docs/stone.md.
  double most_gauge(const Vec3& point, const CellView& cell) const;

 private:
  // Corners at one distance from the axis and one height, by fours; the last stands again where
  // there are fewer.
  struct Four {
    std::array<double, 4> x;
    std::array<double, 4> y;
  };
  struct Ring {
    std::uint32_t begin;
    std::uint32_t end;
    double radius;
    double height;
  };
  class Rings {
   public:
    // Corners whose distances and heights differ by no more than `width` are one ring.
    Rings(const std::vector<Vec3>& corners, double width);
    const std::vector<Ring>& all() const { return rings_; }
    // The most that x * corner.x + y * corner.y is on a ring.
    double furthest(const Ring& ring, double x, double y) const;

   private:
    std::vector<Ring> rings_;
    std::vector<Four> fours_;
  };
  void make_edges(const Design& design);

  std::vector<Vec3> corners_;
  std::vector<FacetPlane> facets_;
  std::vector<StoneEdge> edges_;
  double inner_radius_ = 0;
  double volume_ = 0;
  std::uint32_t symmetry_ = 1;
  Rings rings_;
  // The corners of the polar body: a facet's normal over its offset. How far that body reaches in
  // the direction of a point is the size at which the stone reaches the point.
  Rings facet_rings_;
};

}  // namespace intaglio::stone
