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
// up where what is left does not promise a size of `needed`. Nothing when no stone fits.
std::optional<Polished> polish(const Rows& rows, const Shape& shape, const Matrix& start,
                               double first_turn, double needed = 0);

// The largest size at one rotation, and where.
std::optional<Polished> place_at(const Rows& rows, const std::vector<std::uint16_t>& chosen,
                                 const Shape& shape, const Matrix& turn, const Multipliers* start,
                                 Multipliers* used);

// For a rough that is not convex: what the rows call best is moved until it is clear of the
// surface, by the planes that part them. The size is what largest_size gives.
Polished clear_of_surface(const Rough& rough, const Rows& rows, const Shape& shape,
                          const Polished& start);

}  // namespace intaglio::stone
