#include "stone/bounding.h"

#include <algorithm>
#include <limits>

#include "stone/simplex.h"
#include "stone/table_axis.h"

namespace intaglio::stone {
namespace {

constexpr double kSpinByTilt = 1.5;  // spin is divided where it is wider than tilt by this
constexpr double kKept = 3.0;        // rows are kept as far off as a cell's width times this
constexpr double kViolated = 1e-6;   // of the size: an obstacle that is nearer becomes a row
constexpr int kMostObstacles = 12;   // that become rows of one cell
constexpr double kShortest = 1000;   // nanometres: an edge that is not divided

// Weights as whole numbers, so that what is written down proves the same bound.
void round_weights(Multipliers& multipliers) {
  const double largest = *std::ranges::max_element(multipliers.weights);
  if (!(largest > 0)) return;
  for (double& weight : multipliers.weights) {
    weight = std::round(weight / largest * kWeightUnit);
  }
}

// Of four functions, each 1 at one corner of a tetrahedron and 0 at the three others: how they
// change with the place.
std::array<Vec3, 4> shares_of(const Tetrahedron& t) {
  const Vec3 a = t[1] - t[0];
  const Vec3 b = t[2] - t[0];
  const Vec3 c = t[3] - t[0];
  const double by = 1 / dot(a, cross(b, c));
  const Vec3 first = by * cross(b, c);
  const Vec3 second = by * cross(c, a);
  const Vec3 third = by * cross(a, b);
  return {-(first + second + third), first, second, third};
}

class Bounding {
 public:
  Bounding(const Confines& confines, const Shape& shape, const Cell& cell, const RowChoice& choice)
      : confines_(confines), shape_(shape), cell_(cell), view_(view_of(cell, shape.symmetry())) {
    chosen_ = choice.rows;
    for (std::size_t row = choice.known; row < confines.rows.size(); ++row) {
      chosen_.push_back(static_cast<std::uint16_t>(row));
    }
    for (const std::uint16_t row : chosen_) {
      support_.push_back(shape.least_support(confines.rows.direction(row), view_));
    }
    if (!cell.place) return;
    shares_ = shares_of(*cell.place);
    for (const std::uint16_t obstacle : choice.obstacles) add(obstacle);
  }

  const CellView& view() const { return view_; }
  const std::optional<Placement>& placed() const { return placed_; }

  void solve(const Multipliers* start) {
    if (!cell_.place) {
      placed_ = place_largest(confines_.rows, chosen_, support_, start);
      return;
    }
    // Obstacles that are nearer than the stone is large become rows until none is.
    std::array<std::size_t, 4> basis{};
    bool is_warm = false;
    for (int round = 0; round < kMostObstacles; ++round) {
      if (!solve_in_place(is_warm ? &basis : nullptr, basis)) break;
      is_warm = true;
      const auto nearest = nearest_obstacle(true);
      if (!nearest) break;
      add(*nearest);
    }
  }

  // What the weights prove, all that is not known about the place being granted.
  double bound(const Multipliers& multipliers) const {
    std::array<double, 4> support{};
    for (std::size_t k = 0; k < 4; ++k) {
      if (multipliers.weights[k] > 0) support[k] = support_of(multipliers.rows[k]);
    }
    if (!cell_.place) return std::max(0.0, size_bound(confines_.rows, multipliers, support));
    double reach = 0;
    double whole = 0;
    std::array<double, 4> at{};  // of the corners
    for (std::size_t k = 0; k < 4; ++k) {
      const double weight = multipliers.weights[k];
      if (weight <= 0) continue;
      const std::uint32_t row = multipliers.rows[k];
      whole += weight * support[k];
      const bool is_obstacle = row >= kFirstObstacle;
      if (!is_obstacle) reach += weight * confines_.rows.reach[row];
      for (std::size_t corner = 0; corner < 4; ++corner) {
        at[corner] +=
            weight * (is_obstacle ? gauges_of(row)[corner]
                                  : -dot(confines_.rows.direction(row), (*cell_.place)[corner]));
      }
    }
    if (whole <= 0) return std::numeric_limits<double>::infinity();
    // Sums of numbers like the rough's radius times the weights are known to less than that.
    const double rounded = 1e-11 * kWeightUnit * confines_.rows.radius;
    return std::max(0.0, (reach + *std::ranges::max_element(at) + rounded) / whole);
  }

  // Leaves out weights of rows that are none of this cell's.
  Multipliers known(Multipliers multipliers) const {
    for (std::size_t k = 0; k < 4; ++k) {
      const std::uint32_t row = multipliers.rows[k];
      const bool is_known =
          row >= kFirstObstacle
              ? is_row(static_cast<std::uint16_t>(row - kFirstObstacle))
              : std::ranges::binary_search(chosen_, static_cast<std::uint16_t>(row));
      if (!is_known) multipliers.weights[k] = 0;
    }
    return multipliers;
  }

  void choose_division(BoundedCell& out) const {
    const bool by_spin = view_.spin > kSpinByTilt * view_.tilt;
    out.division = by_spin ? CellKind::by_spin : CellKind::by_direction;
    if (!placed_ || confines_.avoided.empty()) return;
    if (!cell_.place) {
      if (nearest_obstacle(false)) out.division = CellKind::by_box;
      return;
    }
    // An obstacle decides, or it would but for what is not known of the place.
    const auto& used = placed_->multipliers;
    bool is_kept_off = nearest_obstacle(false).has_value();
    for (std::size_t k = 0; k < 4; ++k) {
      is_kept_off = is_kept_off || (used.rows[k] >= kFirstObstacle && used.weights[k] > 0);
    }
    if (!is_kept_off) return;
    double longest = 0;
    for (std::size_t i = 0; i < kTetrahedronEdges.size(); ++i) {
      const auto [a, b] = kTetrahedronEdges[i];
      const double size = length((*cell_.place)[a] - (*cell_.place)[b]);
      if (size <= longest * (1 + 1e-9)) continue;
      longest = size;
      out.edge = static_cast<std::uint8_t>(i);
    }
    const double turned = std::max(view_.tilt, view_.spin / kSpinByTilt) * placed_->size;
    if (longest > std::max(turned, kShortest)) {
      out.division = CellKind::by_edge;
    }
  }

  // Rows that the parts of the cell may need.
  std::shared_ptr<const RowChoice> choice() const {
    auto out = std::make_shared<RowChoice>();
    out->known = confines_.rows.size();
    out->obstacles = obstacles_;
    if (!placed_) {
      out->rows = chosen_;
      return out;
    }
    double near = kKept * (view_.tilt + view_.spin) * placed_->size;
    if (cell_.place) near += length((*cell_.place)[3] - (*cell_.place)[0]);
    for (std::size_t i = 0; i < chosen_.size(); ++i) {
      const std::uint16_t row = chosen_[i];
      const double slack = confines_.rows.reach[row] -
                           dot(confines_.rows.direction(row), placed_->place) -
                           placed_->size * support_[i];
      if (slack <= near) out->rows.push_back(row);
    }
    return out;
  }

 private:
  bool is_row(std::uint16_t obstacle) const {
    return std::ranges::find(obstacles_, obstacle) != obstacles_.end();
  }
  double support_of(std::uint32_t row) const {
    if (row >= kFirstObstacle) return 1;
    return support_[static_cast<std::size_t>(std::ranges::lower_bound(chosen_, row) -
                                             chosen_.begin())];
  }
  const std::array<double, 4>& gauges_of(std::uint32_t row) const {
    const auto at = std::ranges::find(obstacles_, static_cast<std::uint16_t>(row - kFirstObstacle));
    return gauges_[static_cast<std::size_t>(at - obstacles_.begin())];
  }

  void add(std::uint16_t obstacle) {
    std::array<double, 4> gauges{};
    for (std::size_t i = 0; i < 4; ++i) {
      gauges[i] = shape_.most_gauge(confines_.obstacles[obstacle].place - (*cell_.place)[i], view_);
    }
    obstacles_.push_back(obstacle);
    gauges_.push_back(gauges);
  }

  // The one that is nearest to the stone's origin, by the size of a stone, if it is nearer than the
  // stone is large; of those that are no rows yet, or of all.
  std::optional<std::uint16_t> nearest_obstacle(bool is_new) const {
    double least = placed_->size * (1 - kViolated);
    std::optional<std::uint16_t> out;
    for (const std::uint16_t obstacle : confines_.avoided) {
      const Vec3 from_here = confines_.obstacles[obstacle].place - placed_->place;
      // No corner of a stone is further from its origin than its size.
      if (dot(from_here, from_here) >= least * std::abs(least)) continue;
      const double gauge = shape_.most_gauge(from_here, view_);
      if (gauge >= least || (is_new && is_row(obstacle))) continue;
      least = gauge;
      out = obstacle;
    }
    return out;
  }

  bool solve_in_place(const std::array<std::size_t, 4>* start, std::array<std::size_t, 4>& basis) {
    const Tetrahedron& t = *cell_.place;
    const double far = 4 * confines_.rows.radius;
    const std::size_t sides = chosen_.size();
    const std::size_t first_obstacle = sides + 4;
    const std::size_t count = first_obstacle + obstacles_.size();
    DualSimplex<4> programme(count, {far, far, far, far / shape_.inner_radius()},
                             kRowTolerance * confines_.rows.radius);
    const double out_by = kRowsLetOut * confines_.rows.radius;
    for (std::size_t i = 0; i < sides; ++i) {
      const Vec3 n = confines_.rows.direction(chosen_[i]);
      programme.set(i, {n.x, n.y, n.z, support_[i]},
                    confines_.rows.reach[chosen_[i]] + out_by * let_out(chosen_[i]));
    }
    for (std::size_t i = 0; i < 4; ++i) {
      const Vec3 n = -unit(shares_[i]);
      programme.set(sides + i, {n.x, n.y, n.z, 0}, dot(n, t[(i + 1) % 4]));
    }
    for (std::size_t i = 0; i < obstacles_.size(); ++i) {
      Vec3 slope;
      for (std::size_t k = 0; k < 4; ++k) slope = slope + gauges_[i][k] * shares_[k];
      programme.set(
          first_obstacle + i, {-slope.x, -slope.y, -slope.z, 1},
          gauges_[i][0] - dot(slope, t[0]) + out_by * let_out(kFirstObstacle + obstacles_[i]));
    }
    // Rows of obstacles come last, so the others keep their numbers; boxes do not.
    if (start != nullptr &&
        std::ranges::all_of(*start, [&](std::size_t row) { return row < count - 1; })) {
      programme.begin_with(*start);
    }
    if (!programme.solve(kMostPlaceSteps)) return false;
    basis = programme.basis();
    Placement out;
    out.size = programme.at()[3];
    out.place = {programme.at()[0], programme.at()[1], programme.at()[2]};
    for (std::size_t k = 0; k < 4; ++k) {
      const std::size_t row = basis[k];
      if (row >= count || (row >= sides && row < first_obstacle)) continue;
      out.multipliers.rows[k] =
          row < sides ? chosen_[row] : kFirstObstacle + obstacles_[row - first_obstacle];
      out.multipliers.weights[k] = programme.weight(k);
    }
    placed_ = out;
    return true;
  }

  const Confines& confines_;
  const Shape& shape_;
  const Cell& cell_;
  CellView view_;
  std::array<Vec3, 4> shares_;
  std::vector<std::uint16_t> chosen_;
  std::vector<double> support_;
  std::vector<std::uint16_t> obstacles_;
  std::vector<std::array<double, 4>> gauges_;
  std::optional<Placement> placed_;
};

}  // namespace

BoundedCell bound_cell(const Confines& confines, const Shape& shape, const Cell& cell, double above,
                       const RowChoice& choice, const Multipliers* start, double useful) {
  BoundedCell out;
  out.cell = cell;
  // No stone may lie like any of these: what is proven by nothing is that there is none.
  if (confines.axis != nullptr && confines.axis->excludes(view_of(cell, shape.symmetry()))) {
    return out;
  }
  Bounding bounding(confines, shape, cell, choice);
  bounding.solve(start);
  const auto& placed = bounding.placed();
  // Where it came to no end, the multipliers of the cell above still prove something.
  if (placed) {
    out.multipliers = placed->multipliers;
    round_weights(out.multipliers);
  } else if (start != nullptr) {
    out.multipliers = *start;
  }
  out.multipliers = bounding.known(out.multipliers);
  out.own = bounding.bound(out.multipliers) * (1 + 1e-10);
  out.bound = std::min(above, out.own);
  if (out.bound <= useful) return out;
  bounding.choose_division(out);
  out.choice = bounding.choice();
  if (!placed) return out;
  Matrix middle = bounding.view().frame;
  if (confines.axis != nullptr) middle = confines.axis->nearest(middle);
  out.middle =
      confines.avoided.empty()
          ? place_at(confines.rows, out.choice->rows, shape, middle, &placed->multipliers, nullptr)
          : place_clear(confines, out.choice->rows, shape, {middle, placed->place});
  return out;
}

}  // namespace intaglio::stone
