#include "stone/polish.h"

#include <algorithm>

#include "stone/pose.h"
#include "stone/simplex.h"
#include "stone/table_axis.h"

namespace intaglio::stone {
namespace {

constexpr double kSmallestTurn = 2e-8;  // radians
constexpr double kWorthIt = 1e-7;       // growth, in parts of the size
constexpr double kAsGood = 1e-5;        // what may be missing, in such parts
constexpr double kGrowth = 6;           // a stone grows by no more than its turn times this
constexpr int kMostRounds = 60;
constexpr int kMostSteps = 400;
constexpr int kMostPlaces = 5;

// The rows that the stone comes near to where it lies, when it turns by no more than that.
std::vector<std::uint16_t> near_rows(const Rows& rows, const Shape& shape, const Polished& at,
                                     double turn) {
  const double near = at.size * (0.01 + kGrowth * turn);
  std::vector<std::uint16_t> out;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Vec3 n = rows.direction(i);
    const double taken =
        dot(n, at.pose.place) + at.size * shape.support(transposed_times(at.pose.turn, n));
    if (rows.reach[i] - taken < near) out.push_back(static_cast<std::uint16_t>(i));
  }
  return out;
}

// The rotation, as a vector, that lets the stone grow most if turning were a straight movement:
// each corner near a plane is a row, and each facet with an obstacle before it, in place (3), turn
// times size (3) and size.
std::optional<Vec3> best_turn(const Confines& confines, const std::vector<std::uint16_t>& chosen,
                              const Shape& shape, const Polished& at, double most, double& size) {
  const Rows& rows = confines.rows;
  struct Contact {
    std::array<double, 7> row;
    double reach;
  };
  std::vector<Contact> contacts;
  std::vector<Vec3> corners;
  for (const Vec3& corner : shape.corners()) corners.push_back(at.pose.turn * corner);
  for (const std::uint16_t i : chosen) {
    const Vec3 n = rows.direction(i);
    const double support = shape.support(transposed_times(at.pose.turn, n));
    for (const Vec3& p : corners) {
      if (dot(n, p) < support - 2.5 * most) continue;
      const Vec3 lever = cross(p, n);
      contacts.push_back({{n.x, n.y, n.z, lever.x, lever.y, lever.z, dot(n, p)}, rows.reach[i]});
    }
  }
  for (const std::uint16_t i : confines.avoided) {
    const Vec3 from_here = confines.obstacles[i].place - at.pose.place;
    if (length(from_here) > 3 * at.size) continue;
    const FacetPlane& facet =
        shape.facets()[shape.gauge(transposed_times(at.pose.turn, from_here)).facet];
    const Vec3 n = at.pose.turn * facet.normal;
    const Vec3 lever = (1 / at.size) * cross(from_here, n);
    contacts.push_back({{n.x, n.y, n.z, lever.x, lever.y, lever.z, facet.offset},
                        dot(n, confines.obstacles[i].place)});
  }
  if (confines.axis != nullptr) {
    for (const TableAxis::Side& side : confines.axis->sides(at.pose.turn)) {
      contacts.push_back({{0, 0, 0, side.row.x, side.row.y, side.row.z, 0}, at.size * side.reach});
    }
  }
  const double turn = most * at.size;
  const double far = 4 * rows.radius;
  const std::size_t count = contacts.size() + 3;
  DualSimplex<7> programme(count, {far, far, far, turn, turn, turn, far / shape.inner_radius()},
                           1e-10 * rows.radius);
  for (std::size_t i = 0; i < contacts.size(); ++i) {
    programme.set(i, contacts[i].row,
                  contacts[i].reach + 1e-9 * rows.radius * let_out(static_cast<std::uint32_t>(i)));
  }
  for (std::size_t k = 0; k < 3; ++k) {
    std::array<double, 7> low{};
    low[3 + k] = -1;
    programme.set(contacts.size() + k, low, turn);
  }
  if (!programme.solve(kMostSteps)) return std::nullopt;
  const auto& x = programme.at();
  size = x[6];
  return (1 / at.size) * Vec3{x[3], x[4], x[5]};
}

// Orthonormal again after many products.
Matrix straightened(const Matrix& m) { return pose_of(fixed({m, {}})).turn; }

}  // namespace

std::optional<Polished> place_at(const Rows& rows, const std::vector<std::uint16_t>& chosen,
                                 const Shape& shape, const Matrix& turn, const Multipliers* start,
                                 Multipliers* used) {
  std::vector<double> h(chosen.size());
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    h[i] = shape.support(transposed_times(turn, rows.direction(chosen[i])));
  }
  const auto placed = place_largest(rows, chosen, h, start);
  if (!placed || placed->size <= 0) return std::nullopt;
  if (used != nullptr) *used = placed->multipliers;
  return Polished{{turn, placed->place}, placed->size};
}

std::optional<Polished> place_clear(const Confines& confines,
                                    const std::vector<std::uint16_t>& chosen, const Shape& shape,
                                    const Pose& near) {
  Rows fixed;
  fixed.radius = confines.rows.radius;
  for (const std::uint16_t row : chosen) {
    fixed.add(confines.rows.direction(row), confines.rows.reach[row]);
  }
  std::optional<Polished> best;
  Vec3 place = near.place;
  for (int round = 0; round < kMostPlaces; ++round) {
    Rows rows = fixed;
    for (const std::uint16_t i : confines.avoided) {
      const Vec3& obstacle = confines.obstacles[i].place;
      const auto facet = shape.gauge(transposed_times(near.turn, obstacle - place)).facet;
      const Vec3 n = near.turn * shape.facets()[facet].normal;
      rows.add(n, dot(n, obstacle));
    }
    const auto moved = place_at(rows, all_of(rows), shape, near.turn, nullptr, nullptr);
    if (!moved) return best;
    const bool grew = !best || moved->size > best->size * (1 + kWorthIt);
    if (!best || moved->size > best->size) best = moved;
    if (!grew) break;
    place = moved->pose.place;
  }
  return best;
}

std::optional<Polished> polish(const Confines& confines, const Shape& shape, const Pose& start,
                               double first_turn, double needed) {
  const Rows& rows = confines.rows;
  const auto all = all_of(rows);
  Multipliers last;
  const auto place = [&](const Pose& near, const Multipliers* from, Multipliers* used) {
    return confines.avoided.empty() ? place_at(rows, all, shape, near.turn, from, used)
                                    : place_clear(confines, all, shape, near);
  };
  const auto allowed = [&](const Matrix& turn) {
    return confines.axis == nullptr ? turn : confines.axis->nearest(turn);
  };
  auto best = place({allowed(start.turn), start.place}, nullptr, &last);
  if (!best) return std::nullopt;
  double most = first_turn;
  for (int round = 0; round < kMostRounds && most > kSmallestTurn; ++round) {
    if (best->size * (1 + kGrowth * most) < needed) break;
    double promised = 0;
    const auto turn =
        best_turn(confines, near_rows(rows, shape, *best, most), shape, *best, most, promised);
    if (!turn || promised <= best->size * (1 + kWorthIt)) {
      if (turn && most < 1e-3) break;
      most /= 4;
      continue;
    }
    const Matrix turned = allowed(straightened(rotation(*turn) * best->pose.turn));
    Multipliers used;
    const auto other = place({turned, best->pose.place}, &last, &used);
    const double growth = other ? other->size - best->size : 0;
    if (growth > 0.7 * (promised - best->size)) {
      most = std::min(2 * most, 0.3);
    } else if (growth < 0.25 * (promised - best->size)) {
      most /= 3;
    }
    if (growth <= 0) continue;
    best = other;
    last = used;
  }
  return best;
}

Polished clear_of_surface(const Room& room, const Confines& confines, const Shape& shape,
                          const Polished& start) {
  Polished best = start;
  best.size = largest_size(room, shape, best.pose);
  // Planes that stand still hold a stone back that could turn about a point.
  if (best.size > start.size * (1 - kAsGood)) return best;
  Polished here = best;
  for (int round = 0; round < 6 && here.size > 0; ++round) {
    Rows narrowed = confines.rows;
    for (const Parting& p : partings(room, shape, here.pose, here.size, 0.15, 0.02)) {
      narrowed.add(p.direction, p.reach);
    }
    const auto moved = polish({narrowed, confines.obstacles, confines.avoided, confines.axis},
                              shape, here.pose, 0.02);
    if (!moved) break;
    here = *moved;
    here.size = largest_size(room, shape, here.pose);
    const bool grew = here.size > best.size * (1 + 1e-5);
    if (here.size > best.size) best = here;
    if (!grew) break;
  }
  return best;
}

}  // namespace intaglio::stone
