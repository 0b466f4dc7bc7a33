#include "stone/bounding.h"

#include <algorithm>
#include <limits>

namespace intaglio::stone {
namespace {

constexpr double kSpinByTilt = 1.5;  // spin is divided where it is wider than tilt by this
constexpr double kKept = 3.0;        // rows are kept as far off as a cell's width times this

// Weights as whole numbers, so that what is written down proves the same bound.
void round_weights(Multipliers& multipliers) {
  const double largest = *std::ranges::max_element(multipliers.weights);
  if (!(largest > 0)) return;
  for (double& weight : multipliers.weights) {
    weight = std::round(weight / largest * kWeightUnit);
  }
}

}  // namespace

BoundedCell bound_cell(const Rows& rows, const Shape& shape, const Cell& cell, double above,
                       const RowChoice& choice, const Multipliers* start, double useful) {
  BoundedCell out;
  out.cell = cell;
  out.own = std::numeric_limits<double>::infinity();
  out.bound = above;
  const CellView view = view_of(cell, shape.symmetry());
  out.by_spin = view.spin > kSpinByTilt * view.tilt;
  std::vector<std::uint16_t> chosen = choice.rows;
  for (std::size_t row = choice.known; row < rows.size(); ++row) {
    chosen.push_back(static_cast<std::uint16_t>(row));
  }
  std::vector<double> h(chosen.size());
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    h[i] = shape.least_support(rows.direction(chosen[i]), view);
  }
  auto kept = std::make_shared<RowChoice>();
  kept->known = rows.size();
  const auto placed = place_largest(rows, chosen, h, start);
  // Where it came to no end, the multipliers of the cell above still prove something.
  if (placed) {
    out.multipliers = placed->multipliers;
    round_weights(out.multipliers);
  } else if (start != nullptr) {
    out.multipliers = *start;
  }
  std::array<double, 4> support{};
  for (std::size_t k = 0; k < 4; ++k) {
    const auto at = std::ranges::lower_bound(chosen, out.multipliers.rows[k]);
    const bool is_chosen = at != chosen.end() && *at == out.multipliers.rows[k];
    if (is_chosen) support[k] = h[static_cast<std::size_t>(at - chosen.begin())];
    if (!is_chosen) out.multipliers.weights[k] = 0;
  }
  out.own = size_bound(rows, out.multipliers, support) * (1 + 1e-10);
  out.bound = std::min(above, out.own);
  if (out.bound <= useful) return out;
  if (!placed) {
    kept->rows = std::move(chosen);
    out.choice = std::move(kept);
    return out;
  }
  const double near = kKept * (view.tilt + view.spin) * placed->size;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    const std::uint16_t row = chosen[i];
    const double slack =
        rows.reach[row] - dot(rows.direction(row), placed->place) - placed->size * h[i];
    if (slack <= near) kept->rows.push_back(row);
  }
  out.middle = place_at(rows, kept->rows, shape, view.frame, &placed->multipliers, nullptr);
  out.choice = std::move(kept);
  return out;
}

}  // namespace intaglio::stone
