#include "stone/registration.h"

#include <algorithm>
#include <numbers>
#include <optional>
#include <tuple>

#include "stone/cells.h"
#include "stone/pose.h"
#include "stone/simplex.h"

namespace intaglio::stone {
namespace {

// By how far apart; equal ones by their rotation, so that there is one sequence.
auto in_sequence(double apart, const Matrix& turn) {
  return std::tuple(apart, turn.x.x, turn.x.y, turn.x.z, turn.y.x, turn.y.y, turn.y.z);
}

// Directions of the table of furthest corners: a grid on each side of a cube.
constexpr std::size_t kTableSide = 32;

// The grid of rotations that is tried: some 12 degrees apart.
constexpr std::size_t kGridDirections = 258;
constexpr std::size_t kGridSpins = 32;
constexpr double kGridApart = 0.2;  // radians; of several grid points so near the best is taken

// How many candidates each step takes on, and how much work each costs.
constexpr std::size_t kFromGrid = 64;
constexpr std::size_t kFromReach = 24;
constexpr std::size_t kFromSurface = 3;
constexpr double kSamePose = 0.05;  // radians

struct Effort {
  std::size_t points;  // of each surface
  int rounds;
};
constexpr Effort kRough{150, 6};
constexpr Effort kFine{500, 12};
constexpr Effort kFinest{2000, 12};

std::vector<Vec3> spiral(std::size_t count) {
  std::vector<Vec3> out;
  for (std::size_t i = 0; i < count; ++i) {
    const double z = 1 - 2 * (static_cast<double>(i) + 0.5) / static_cast<double>(count);
    const double azimuth = static_cast<double>(i) * std::numbers::pi * (3 - std::sqrt(5.0));
    const double across = std::sqrt(1 - z * z);
    out.push_back({across * std::cos(azimuth), across * std::sin(azimuth), z});
  }
  return out;
}

// Orthonormal again after many products.
Matrix straightened(const Matrix& m) { return pose_of(fixed({m, {}})).turn; }

bool are_near(const Matrix& a, const Matrix& b, double angle) {
  const double trace = dot(a.x, b.x) + dot(a.y, b.y) + dot(a.z, b.z);
  return (trace - 1) / 2 > std::cos(angle);
}

std::vector<Vec3> places(const std::vector<Point>& corners) {
  std::vector<Vec3> out;
  out.reserve(corners.size());
  for (const Point& p : corners) out.push_back(to_vec(p));
  return out;
}

// Which side of the cube a direction looks at, and where: 0 to kTableSide in both directions.
struct TablePlace {
  std::size_t side;
  double across;
  double up;
};

TablePlace table_place(const Vec3& d) {
  const double x = std::abs(d.x);
  const double y = std::abs(d.y);
  const double z = std::abs(d.z);
  const auto on = [](std::size_t axis, double major, double a, double b) {
    const double half = 0.5 * kTableSide;
    const double by = half / std::abs(major);
    return TablePlace{2 * axis + (major < 0 ? 1 : 0), half + by * a, half + by * b};
  };
  if (x >= y && x >= z) return on(0, d.x, d.y, d.z);
  if (y >= z) return on(1, d.y, d.z, d.x);
  return on(2, d.z, d.x, d.y);
}

// The middle of a cell of the table.
Vec3 table_direction(std::size_t side, std::size_t across, std::size_t up) {
  const double major = side % 2 == 0 ? 1 : -1;
  const double a = (static_cast<double>(across) + 0.5) / (0.5 * kTableSide) - 1;
  const double b = (static_cast<double>(up) + 0.5) / (0.5 * kTableSide) - 1;
  switch (side / 2) {
    case 0: return unit({major, a, b});
    case 1: return unit({b, major, a});
    default: return unit({a, b, major});
  }
}

// Corners of a hull with those that an edge joins them to. On a convex body a corner that none of
// them is further than is the furthest of all.
class HullWalk {
 public:
  HullWalk(const std::vector<Vec3>& corners, const std::vector<Triangle>& hull)
      : corners_(corners), beside_(corners.size()) {
    for (const Triangle& t : hull) {
      for (std::size_t k = 0; k < 3; ++k) beside_[t[k]].push_back(t[(k + 1) % 3]);
    }
    at_ = hull.front()[0];
  }

  std::uint32_t furthest(const Vec3& direction) {
    for (double here = dot(direction, corners_[at_]);;) {
      const std::uint32_t before = at_;
      for (const std::uint32_t other : beside_[before]) {
        const double there = dot(direction, corners_[other]);
        if (there > here) {
          here = there;
          at_ = other;
        }
      }
      if (at_ == before) return at_;
    }
  }

 private:
  const std::vector<Vec3>& corners_;
  std::vector<std::vector<std::uint32_t>> beside_;
  std::uint32_t at_ = 0;
};

// A plane of one body at a place, and how far the other is beyond it there.
struct Contact {
  Vec3 normal;
  Vec3 lever;  // from the centre of turning
  double beyond;
};

// The small turn and move that bring contacts to 0 in the least squares; those far off count less.
// Lengths are in units of `size`.
struct Step {
  Vec3 turn;
  Vec3 move;
};

std::optional<Step> step_towards(const std::vector<Contact>& contacts, double size) {
  std::vector<double> off;
  for (const Contact& c : contacts) off.push_back(std::abs(c.beyond));
  std::ranges::nth_element(off, off.begin() + static_cast<std::ptrdiff_t>(off.size() / 2));
  const double usual = 2 * off[off.size() / 2] + 1e-9 * size;
  SquareMatrix<6> sums{};
  std::array<double, 6> right{};
  for (const Contact& c : contacts) {
    const Vec3 turning = (1 / size) * cross(c.lever, c.normal);
    const std::array<double, 6> row = {turning.x,  turning.y,  turning.z,
                                       c.normal.x, c.normal.y, c.normal.z};
    const double weight = std::min(1.0, usual / (std::abs(c.beyond) + 1e-300));
    for (std::size_t i = 0; i < 6; ++i) {
      right[i] -= weight * row[i] * c.beyond / size;
      for (std::size_t k = 0; k < 6; ++k) sums[i][k] += weight * row[i] * row[k];
    }
  }
  // A body that turns in itself says nothing about that turn: it stays small.
  for (std::size_t i = 0; i < 6; ++i) sums[i][i] += 1e-6 * static_cast<double>(contacts.size());
  SquareMatrix<6> inverse{};
  if (!invert<6>(sums, inverse)) return std::nullopt;
  std::array<double, 6> x{};
  for (std::size_t i = 0; i < 6; ++i) {
    for (std::size_t k = 0; k < 6; ++k) x[i] += inverse[i][k] * right[k];
  }
  Step out{{x[0], x[1], x[2]}, size * Vec3{x[3], x[4], x[5]}};
  constexpr double kMostTurn = 0.2;
  if (length(out.turn) > kMostTurn) out.turn = kMostTurn * unit(out.turn);
  return out;
}

// By how far both bodies reach from their centroids, in many directions.
class Reach {
 public:
  Reach(const ScannedBody& first, const ScannedBody& second) : first_(first), second_(second) {
    size_ = std::cbrt(first.volume());
  }

  struct Turned {
    Matrix turn;
    Vec3 move;  // of the second centroid off the first
    double apart = 0;
  };

  // The best of the grid, no two near each other.
  std::vector<Turned> of_grid() const {
    const auto directions = spiral(128);
    const auto reaches = of_first(directions);
    std::vector<Turned> all;
    for (const Vec3& axis : spiral(kGridDirections)) {
      const Matrix frame = smallest_rotation({0, 0, 1}, axis);
      for (std::size_t k = 0; k < kGridSpins; ++k) {
        const double spin = 2 * std::numbers::pi * static_cast<double>(k) / kGridSpins;
        Turned turned{frame * rotation({0, 0, spin}), {}, 0};
        turned.apart = apart(turned, directions, reaches);
        all.push_back(turned);
      }
    }
    return best_of(std::move(all), kGridApart, kFromGrid);
  }

  // Each moved to where it is best near by.
  std::vector<Turned> refined(std::vector<Turned> all) const {
    const auto directions = spiral(300);
    const auto reaches = of_first(directions);
    for (Turned& one : all) {
      for (int round = 0; round < 10; ++round) {
        const auto step = step_towards(contacts(one, directions, reaches), size_);
        if (!step) break;
        one.turn = straightened(rotation(step->turn) * one.turn);
        one.move = one.move + step->move;
      }
      one.apart = apart(one, directions, reaches);
    }
    return best_of(std::move(all), kSamePose, kFromReach);
  }

 private:
  std::vector<double> of_first(const std::vector<Vec3>& directions) const {
    std::vector<double> out;
    for (const Vec3& d : directions) out.push_back(dot(d, first_.furthest(d)));
    return out;
  }

  double apart(const Turned& at, const std::vector<Vec3>& directions,
               const std::vector<double>& reaches) const {
    double sum = 0;
    for (std::size_t i = 0; i < directions.size(); ++i) {
      const Vec3 d = transposed_times(at.turn, directions[i]);
      sum += std::abs(dot(d, second_.furthest(d)) + dot(directions[i], at.move) - reaches[i]);
    }
    return sum / static_cast<double>(directions.size());
  }

  std::vector<Contact> contacts(const Turned& at, const std::vector<Vec3>& directions,
                                const std::vector<double>& reaches) const {
    std::vector<Contact> out;
    for (std::size_t i = 0; i < directions.size(); ++i) {
      const Vec3& d = directions[i];
      const Vec3 corner = at.turn * second_.furthest(transposed_times(at.turn, d));
      out.push_back({d, corner, dot(d, corner + at.move) - reaches[i]});
    }
    return out;
  }

  static std::vector<Turned> best_of(std::vector<Turned> all, double apart, std::size_t most) {
    std::ranges::sort(all, {}, [](const Turned& t) { return in_sequence(t.apart, t.turn); });
    std::vector<Turned> out;
    for (const Turned& one : all) {
      const auto near = [&](const Turned& other) { return are_near(one.turn, other.turn, apart); };
      if (std::ranges::any_of(out, near)) continue;
      out.push_back(one);
      if (out.size() == most) break;
    }
    return out;
  }

  const ScannedBody& first_;
  const ScannedBody& second_;
  double size_;
};

// By points of either surface and where the other is nearest to them.
class Surfaces {
 public:
  Surfaces(const ScannedBody& first, const ScannedBody& second, const Effort& effort)
      : first_(first),
        second_(second),
        rounds_(effort.rounds),
        of_first_(spread_points(first.surface().mesh(), effort.points)),
        of_second_(spread_points(second.surface().mesh(), effort.points)) {}

  Registered refined(Registered at) const {
    const double size = std::cbrt(first_.volume());
    for (int round = 0; round < rounds_; ++round) {
      const Vec3 centre = at.pose.turn * second_.centroid() + at.pose.place;
      double apart = 0;
      const auto step = step_towards(contacts(at.pose, centre, apart), size);
      if (!step) break;
      const Matrix turn = rotation(step->turn);
      at.pose.place = turn * (at.pose.place - centre) + centre + step->move;
      at.pose.turn = straightened(turn * at.pose.turn);
      if (length(step->turn) < 1e-7 && length(step->move) < 1e-7 * size) break;
    }
    (void)contacts(at.pose, {}, at.apart);
    return at;
  }

 private:
  std::vector<Contact> contacts(const Pose& pose, const Vec3& centre, double& apart) const {
    std::vector<Contact> out;
    double sum = 0;
    for (const Vec3& point : of_second_) {
      const Vec3 here = pose.turn * point + pose.place;
      const auto nearest = first_.surface().nearest(here);
      sum += std::abs(nearest.outside);
      out.push_back({nearest.normal, here - centre, dot(nearest.normal, here - nearest.point)});
    }
    for (const Vec3& point : of_first_) {
      const auto nearest =
          second_.surface().nearest(transposed_times(pose.turn, point - pose.place));
      sum += std::abs(nearest.outside);
      const Vec3 there = pose.turn * nearest.point + pose.place;
      const Vec3 normal = pose.turn * nearest.normal;
      out.push_back({normal, there - centre, dot(normal, there - point)});
    }
    apart = sum / static_cast<double>(out.size());
    return out;
  }

  const ScannedBody& first_;
  const ScannedBody& second_;
  int rounds_;
  std::vector<Vec3> of_first_;
  std::vector<Vec3> of_second_;
};

void sort_and_part(std::vector<Registered>& poses) {
  std::ranges::sort(poses, {},
                    [](const Registered& r) { return in_sequence(r.apart, r.pose.turn); });
  std::vector<Registered> kept;
  for (const Registered& one : poses) {
    const auto near = [&](const Registered& other) {
      return are_near(one.pose.turn, other.pose.turn, kSamePose);
    };
    if (std::ranges::none_of(kept, near)) kept.push_back(one);
  }
  poses = std::move(kept);
}

}  // namespace

ScannedBody::ScannedBody(const Solid& solid, std::vector<Triangle> hull)
    : solid_(&solid),
      surface_({places(solid.corners), solid.triangles}),
      hull_(std::move(hull)),
      centroid_(centroid_of(solid)) {
  volume_ = static_cast<double>(volume_six(solid.corners, solid.triangles)) / 6;
  hull_volume_ = static_cast<double>(volume_six(solid.corners, hull_)) / 6;
  for (const Triangle& t : hull_) {
    hull_area_ +=
        0.5 *
        length(to_vec(normal_of(solid.corners[t[0]], solid.corners[t[1]], solid.corners[t[2]])));
  }
  fill_table();
}

Result<ScannedBody> ScannedBody::from(const Solid& solid) {
  ASSIGN(auto hull, convex_hull(solid.corners));
  return ScannedBody(solid, std::move(hull));
}

void ScannedBody::fill_table() {
  const auto& corners = surface_.mesh().corners;
  HullWalk walk(corners, hull_);
  for (std::size_t side = 0; side < 6; ++side) {
    for (std::size_t up = 0; up < kTableSide; ++up) {
      for (std::size_t i = 0; i < kTableSide; ++i) {
        // To and fro, so that the next direction is never far off.
        const std::size_t across = up % 2 == 0 ? i : kTableSide - 1 - i;
        table_.resize(6 * kTableSide * kTableSide);
        table_[(side * kTableSide + up) * kTableSide + across] =
            corners[walk.furthest(table_direction(side, across, up))] - centroid_;
      }
    }
  }
  for (std::size_t side = 0; side < 6; ++side) {
    for (std::size_t up = 0; up < kTableSide; ++up) {
      for (std::size_t across = 0; across < kTableSide; ++across) {
        const Vec3 d = table_direction(side, across, up);
        widest_ = std::max(widest_, length(furthest(d) - furthest(-d)));
      }
    }
  }
}

const Vec3& ScannedBody::furthest(const Vec3& direction) const {
  const TablePlace at = table_place(direction);
  const auto cell = [](double place) {
    return std::min(kTableSide - 1, static_cast<std::size_t>(std::max(place, 0.0)));
  };
  return table_[(at.side * kTableSide + cell(at.up)) * kTableSide + cell(at.across)];
}

std::vector<Registered> register_scans(const ScannedBody& first, const ScannedBody& second) {
  const Reach reach(first, second);
  const auto turned = reach.refined(reach.of_grid());
  std::vector<Registered> poses;
  const Surfaces rough(first, second, kRough);
  for (const auto& one : turned) {
    const Vec3 place = first.centroid() + one.move - one.turn * second.centroid();
    poses.push_back(rough.refined({{one.turn, place}, 0}));
  }
  sort_and_part(poses);
  const Surfaces fine(first, second, kFine);
  for (std::size_t i = 0; i < std::min(kFromSurface, poses.size()); ++i) {
    poses[i] = fine.refined(poses[i]);
  }
  sort_and_part(poses);
  poses.front() = Surfaces(first, second, kFinest).refined(poses.front());
  return poses;
}

Registered register_from(const ScannedBody& first, const ScannedBody& second, const Pose& start) {
  const Registered near = Surfaces(first, second, kFine).refined({start, 0});
  return Surfaces(first, second, kFinest).refined(near);
}

}  // namespace intaglio::stone
