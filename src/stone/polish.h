// From a rotation that is good to the best one near it. Pure; any thread.
#pragma once

#include <optional>

#include "stone/fit.h"

namespace intaglio::stone {

struct Polished {
  Pose pose;
  double size = 0;  // by the rows; nanometres
};

// Moves, turns and grows the stone by one linear programme after another, each true for small
// turns, for as long as it grows; `first_turn` in radians is how far the first may turn it. Gives
// up where what is left does not promise a size of `needed`. Nothing when no stone fits. The place
// to start from matters only where there are obstacles.
std::optional<Polished> polish(const Confines& confines, const Shape& shape, const Pose& start,
                               double first_turn, double needed = 0);

// The largest size at one rotation by the rows alone, and where.
std::optional<Polished> place_at(const Rows& rows, const std::vector<std::uint16_t>& chosen,
                                 const Shape& shape, const Matrix& turn, const Multipliers* start,
                                 Multipliers* used);

// The same clear of the obstacles: a largest size that can be reached from a place by moving on
// while each obstacle stays beyond one facet, then beyond another.
std::optional<Polished> place_clear(const Confines& confines,
                                    const std::vector<std::uint16_t>& chosen, const Shape& shape,
                                    const Pose& near);

// For a room that is not convex: what the confines call best is moved until it is clear of the
// surface and the inclusions, by the planes that part them. The size is what largest_size gives.
Polished clear_of_surface(const Room& room, const Confines& confines, const Shape& shape,
                          const Polished& start);

}  // namespace intaglio::stone
