// The largest stone of a design in a rough for one rotation, or an upper bound for many rotations:
// a linear programme in place and size,
//
//   greatest s with  n_j * t + s * h_j <= b_j  for every row j,
//
// n_j a direction of the rough, b_j how far the rough reaches in it, h_j how far the stone of size
// 1 does (or, for a bound, at least does). Pure; any thread.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <vector>

#include "stone/inclusion.h"

namespace intaglio::stone {

// Directions of unit length and reaches. Every reach is at most `radius`, and the directions span
// space.
class Rows {
 public:
  void add(const Vec3& direction, double reach);
  std::size_t size() const { return x.size(); }
  Vec3 direction(std::size_t row) const { return {x[row], y[row], z[row]}; }

  std::vector<double> x;
  std::vector<double> y;
  std::vector<double> z;
  std::vector<double> reach;
  double radius = 0;  // no point of the rough is further from the origin
};

// The numbers of all of them.
std::vector<std::uint16_t> all_of(const Rows& rows);

// Of the rough's radius: what counts as violated in a programme, and by how much its rows are let
// out at most, each by a part of its own (let_out). No more steps are tried than that.
inline constexpr double kRowTolerance = 1e-10;
inline constexpr double kRowsLetOut = 1e-8;
inline constexpr int kMostPlaceSteps = 120;

class TableAxis;

// What bounds stones: how far the rough reaches in directions, points that no stone may hold, and
// where tables may look. A view.
struct Confines {
  const Rows& rows;
  std::span<const Obstacle> obstacles;     // all that the rough has
  std::span<const std::uint16_t> avoided;  // which of them count
  const TableAxis* axis = nullptr;         // anywhere without one

  // NOLINTNEXTLINE(google-explicit-constructor): rows alone
  Confines(const Rows& of) : rows(of) {}
  Confines(const Rows& of, std::span<const Obstacle> all, std::span<const std::uint16_t> which,
           const TableAxis* limit)
      : rows(of), obstacles(all), avoided(which), axis(limit) {}
};

// Row numbers from here on mean obstacles.
inline constexpr std::uint32_t kFirstObstacle = 0x8000;

// At most four rows that decide, and how much each does: with these, anybody can check the bound.
struct Multipliers {
  std::array<std::uint32_t, 4> rows{};
  std::array<double, 4> weights{};  // 0 where there are fewer rows
};

struct Placement {
  double size = 0;
  Vec3 place;
  Multipliers multipliers;
};

// Solves for the rows named by `chosen`; h[i] belongs to chosen[i] and is above 0. `start` may hold
// the multipliers of a similar programme. Nothing when it did not come to an end, which is no
// statement about the rough.
std::optional<Placement> place_largest(const Rows& rows, const std::vector<std::uint16_t>& chosen,
                                       const std::vector<double>& h, const Multipliers* start);

// An upper bound on the size that holds whatever the weights are, as long as they are not below 0
// and some row counts: (sum w b + radius * |sum w n|_1) / sum w h. `h[i]` belongs to the i-th row
// of the multipliers.
double size_bound(const Rows& rows, const Multipliers& multipliers, const std::array<double, 4>& h);

}  // namespace intaglio::stone
