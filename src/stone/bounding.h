// One cell of the search: its bound, what proves it, and how large a stone is in its middle. Pure;
// any thread.
#pragma once

#include <memory>
#include <optional>

#include "stone/polish.h"

namespace intaglio::stone {

inline constexpr double kWeightUnit = 1 << 30;  // of the multipliers that a proof holds

// Rows that may matter in a cell: a bound holds with any of them left out.
struct RowChoice {
  std::vector<std::uint16_t> rows;       // ascending
  std::size_t known = 0;                 // rows from here on are new, and count as chosen
  std::vector<std::uint16_t> obstacles;  // to begin with, where there is a place
};

struct BoundedCell {
  Cell cell;
  double own = 0;           // the bound that these multipliers prove, in nanometres
  double bound = 0;         // the least of its own and of those above
  Multipliers multipliers;  // whole numbers up to kWeightUnit
  std::shared_ptr<const RowChoice> choice;
  CellKind division = CellKind::by_direction;  // how to divide it
  std::uint8_t edge = 0;                       // of its place
  std::optional<Polished> middle;
};

// Where no rotation is allowed the bound is 0, without multipliers or choice.
// `above` is the bound of the cell that this one is a part of, `choice` its rows, `start` its
// multipliers. `useful`: below that bound neither rows nor middle are looked for.
BoundedCell bound_cell(const Confines& confines, const Shape& shape, const Cell& cell, double above,
                       const RowChoice& choice, const Multipliers* start, double useful);

}  // namespace intaglio::stone
