// Inclusions: what a rough holds that a polished stone should not, or that costs it clarity. Pure
// functions; any thread.
//
// As text, places in the scan's own coordinates and unit:
//   # anything                    a comment
//   grade,crystal,SI1             a stone that holds a "crystal" is SI1 at best
//   grade,crystal,SI2,0.3         one of that size or more SI2
//   point,a,crystal,1.2,0.3,-0.5  name, class, place
//   ball,b,crystal,0,0,1,0.2      with a diameter
//   mesh,c,feather,feather.stl    a file of the formats that a rough may have
// A class without a grade is one that no stone may hold. The size of a ball is its diameter, of a
// mesh the way between those two of its corners that are furthest apart, of a point next to
// nothing.
#pragma once

#include <functional>

#include "base/bytes.h"
#include "stone/mesh.h"

namespace intaglio::stone {

inline constexpr std::size_t kMaxInclusions = 256;
inline constexpr std::size_t kMaxInclusionFile = 1024 * 1024;

// Taken for the convex hull of what was seen of it, on the rough's grid. What has no
// volume, a point or a flat crack, is thickened to two nanometres.
struct Inclusion {
  std::string name;
  std::string kind;            // the file's word for it: "crystal"
  std::string grade;           // the best clarity of a stone that holds it; empty when none may
  std::vector<Point> corners;  // on the rough's grid, ascending
  std::vector<Triangle> triangles;
};

// Reads the mesh that a line names.
using MeshOf = std::function<Result<TriangleSoup>(const std::string& file)>;

// Refuses with the line: `bad_encoding`, `bad_value` for a number, a name that stands twice, a
// second grade for a class and size, or one smaller than its class is graded from, `too_large`,
// `inclusion_outside` for one of which no corner (of many, each of 256) is in the rough; and what
// `mesh_of` refuses, which may be empty where no mesh is expected.
Result<std::vector<Inclusion>> inclusions_from_text(std::string_view text, Unit unit,
                                                    const Solid& rough, const MeshOf& mesh_of);

// SHA-256 over all of that.
Digest inclusions_hash(const std::vector<Inclusion>& inclusions);

// A clarity that a stone could have, and the inclusions that it is not to hold for that: those
// whose grade is worse, and those that no stone may hold.
struct ClarityLevel {
  std::string clarity;
  std::vector<std::uint16_t> avoided;  // ascending
};

// From that of a stone that holds nothing, `clean`, to the worst grade. `clarities` from the best;
// `unpriced` for a grade that is none of them. A grade better than `clean` counts as that.
Result<std::vector<ClarityLevel>> clarity_levels(const std::vector<Inclusion>& inclusions,
                                                 const std::string& clean,
                                                 const std::vector<std::string>& clarities);

// The grades of laboratories for diamonds, from the best: for plans without a price list.
const std::vector<std::string>& common_clarities();

// A point of an inclusion, or one that is no further from a corner than the allowance.
struct ObstacleSource {
  std::uint32_t inclusion = 0;
  std::uint32_t corner = 0;
  Point moved;  // nanometres from that corner
  bool operator==(const ObstacleSource&) const = default;
};
// No stone that avoids the inclusion has it inside.
struct Obstacle {
  ObstacleSource source;
  Vec3 place;
};

// How many obstacles there are: corners of each inclusion that are far from each other, carried
// outwards by the allowance, and for one that is large a lattice in it.
struct ObstacleLimits {
  std::size_t corners = 24;
  double spacing = 1e300;    // of the lattice, in nanometres; wider where that is too many
  std::size_t inside = 400;  // points of it
};
std::vector<Obstacle> obstacles_of(const std::vector<Inclusion>& inclusions,
                                   std::uint32_t allowance, const ObstacleLimits& limits);

// Whether the point is in the hull, or on it, in whole numbers.
bool is_in(const Inclusion& inclusion, const Point& point);

}  // namespace intaglio::stone
