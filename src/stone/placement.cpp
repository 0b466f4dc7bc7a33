#include "stone/placement.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "stone/simplex.h"

namespace intaglio::stone {
void Rows::add(const Vec3& direction, double reach_of_it) {
  x.push_back(direction.x);
  y.push_back(direction.y);
  z.push_back(direction.z);
  reach.push_back(reach_of_it);
}

std::vector<std::uint16_t> all_of(const Rows& rows) {
  std::vector<std::uint16_t> out(rows.size());
  std::iota(out.begin(), out.end(), std::uint16_t{0});
  return out;
}

std::optional<Placement> place_largest(const Rows& rows, const std::vector<std::uint16_t>& chosen,
                                       const std::vector<double>& h, const Multipliers* start) {
  if (chosen.empty()) return std::nullopt;
  const double far = 4 * rows.radius;
  const std::size_t count = chosen.size();
  DualSimplex<4> programme(count, {far, far, far, far / std::ranges::min(h)},
                           kRowTolerance * rows.radius);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint16_t row = chosen[i];
    programme.set(i, {rows.x[row], rows.y[row], rows.z[row], h[i]},
                  rows.reach[row] + kRowsLetOut * rows.radius * let_out(row));
  }
  if (start != nullptr) {
    std::array<std::size_t, 4> basis{};
    bool is_there = true;
    for (std::size_t k = 0; k < 4; ++k) {
      const auto found = std::ranges::lower_bound(chosen, start->rows[k]);
      is_there =
          is_there && start->weights[k] > 0 && found != chosen.end() && *found == start->rows[k];
      basis[k] = static_cast<std::size_t>(found - chosen.begin());
    }
    if (is_there) programme.begin_with(basis);
  }
  if (!programme.solve(kMostPlaceSteps)) return std::nullopt;
  Placement out;
  out.size = programme.at()[3];
  out.place = {programme.at()[0], programme.at()[1], programme.at()[2]};
  for (std::size_t k = 0; k < 4; ++k) {
    if (programme.basis()[k] >= count) continue;
    out.multipliers.rows[k] = chosen[programme.basis()[k]];
    out.multipliers.weights[k] = programme.weight(k);
  }
  return out;
}

double size_bound(const Rows& rows, const Multipliers& multipliers,
                  const std::array<double, 4>& h) {
  double reach = 0;
  double support = 0;
  Vec3 rest;
  for (std::size_t k = 0; k < 4; ++k) {
    const double weight = multipliers.weights[k];
    if (weight <= 0) continue;
    const std::uint32_t row = multipliers.rows[k];
    reach += weight * rows.reach[row];
    support += weight * h[k];
    rest = rest + weight * rows.direction(row);
  }
  if (support <= 0) return std::numeric_limits<double>::infinity();
  reach += rows.radius * (std::abs(rest.x) + std::abs(rest.y) + std::abs(rest.z));
  return reach / support;
}

}  // namespace intaglio::stone
