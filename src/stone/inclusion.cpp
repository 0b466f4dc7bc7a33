#include "stone/inclusion.h"

#include <algorithm>
#include <map>
#include <set>

#include "codec/cbor.h"
#include "crypto/sha256.h"
#include "stone/fit.h"
#include "stone/hull.h"
#include "stone/lines.h"
#include "stone/sample_rough.h"

namespace intaglio::stone {
namespace {

constexpr std::size_t kMaxCorners = 200'000;  // that are read of one
constexpr std::size_t kMostLookedAt = 256;    // whether one is in the rough
constexpr std::size_t kMostPaired = 2'000;    // corners that are all measured from each other
constexpr int kBallLevels = 2;

// A body round a ball: its flattest facet touches it.
std::vector<Vec3> ball_corners(double radius) {
  const TriangleSoup sphere = geodesic(kBallLevels);
  double inside = 1;
  for (const Triangle& t : sphere.triangles) {
    const Vec3& a = sphere.corners[t[0]];
    inside =
        std::min(inside, dot(unit(cross(sphere.corners[t[1]] - a, sphere.corners[t[2]] - a)), a));
  }
  std::vector<Vec3> out;
  for (const Vec3& corner : sphere.corners) out.push_back((radius / inside) * corner);
  return out;
}

// From one end to the other, in nanometres rounded up; of many corners twice the way from the
// middle to the furthest, which is no less.
std::int64_t size_of(const std::vector<Point>& corners) {
  double most = 0;
  if (corners.size() <= kMostPaired) {
    for (std::size_t i = 0; i < corners.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        most = std::max(most, length(to_vec(corners[i]) - to_vec(corners[j])));
      }
    }
  } else {
    const Box box = box_of(corners);
    for (const Point& corner : corners) {
      most = std::max(most, 2 * length(to_vec(corner) - 0.5 * (box.low + box.high)));
    }
  }
  return static_cast<std::int64_t>(std::ceil(most));
}

class Reader {
 public:
  Reader(std::string_view text, Unit unit, const Solid& rough, const MeshOf& mesh_of)
      : lines_(text), unit_(unit), rough_(rough), mesh_of_(mesh_of) {}

  Result<std::vector<Inclusion>> read() {
    while (const auto line = lines_.next()) {
      if (line->empty() || line->starts_with('#')) continue;
      TRY(take(*line));
    }
    for (std::size_t i = 0; i < out_.size(); ++i) {
      const auto kind = grades_.find(out_[i].kind);
      if (kind == grades_.end()) continue;
      // The last size that it is no smaller than.
      const auto beyond = kind->second.upper_bound(sizes_[i]);
      if (beyond == kind->second.begin()) {
        return refuse(Verdict::bad_value,
                      format("{}: {} is graded from a larger size on", out_[i].name, out_[i].kind));
      }
      out_[i].grade = std::prev(beyond)->second;
    }
    return std::move(out_);
  }

 private:
  Result<void> take(std::string_view line) {
    const auto cells = cells_of(line);
    const std::string_view what = cells[0];
    if (what == "grade") {
      if ((cells.size() != 3 && cells.size() != 4) || !is_name(cells[1]) || !is_name(cells[2])) {
        return wrong(line);
      }
      const auto from = cells.size() == 4 ? number_from(cells[3]) : 0;
      const bool is_size = from && *from >= 0 && *from * unit_.nanometres < kMaxCoordinate;
      if (!is_size || !grades_[std::string(cells[1])].emplace(nanometres(*from), cells[2]).second) {
        return lines_.refuse_here(Verdict::bad_value, line);
      }
      return {};
    }
    const std::size_t columns = what == "point" ? 6 : what == "ball" ? 7 : what == "mesh" ? 4 : 0;
    if (cells.size() != columns || !is_name(cells[1]) || !is_name(cells[2])) return wrong(line);
    if (out_.size() == kMaxInclusions) return lines_.refuse_here(Verdict::too_large, line);
    if (!names_.insert(std::string(cells[1])).second) {
      return lines_.refuse_here(Verdict::bad_value, line);
    }
    std::vector<Vec3> corners;
    if (what == "mesh") {
      if (!mesh_of_) return lines_.refuse_here(Verdict::bad_value, line);
      ASSIGN(const auto soup, mesh_of_(std::string(cells[3])));
      corners = soup.corners;
    } else {
      ASSIGN(corners, numbers_to_corners(cells, line));
    }
    TRY(add(std::string(cells[1]), std::string(cells[2]), corners));
    // A ball's body is larger than it is.
    const auto told = what == "ball" ? number_from(cells[6]) : std::nullopt;
    sizes_.push_back(told ? nanometres(*told) : size_of(out_.back().corners));
    return {};
  }

  std::int64_t nanometres(double in_units) const {
    return std::llround(in_units * unit_.nanometres);
  }

  std::unexpected<Refusal> wrong(std::string_view line) const {
    return lines_.refuse_here(Verdict::bad_encoding, line);
  }

  Result<std::vector<Vec3>> numbers_to_corners(const std::vector<std::string_view>& cells,
                                               std::string_view line) const {
    std::vector<double> numbers;
    for (std::size_t i = 3; i < cells.size(); ++i) {
      const auto number = number_from(cells[i]);
      if (!number) return lines_.refuse_here(Verdict::bad_value, line);
      numbers.push_back(*number);
    }
    const Vec3 place{numbers[0], numbers[1], numbers[2]};
    if (numbers.size() == 3) return std::vector<Vec3>{place};
    if (!(numbers[3] > 0)) return lines_.refuse_here(Verdict::bad_value, line);
    std::vector<Vec3> out = ball_corners(numbers[3] / 2);
    for (Vec3& corner : out) corner = corner + place;
    return out;
  }

  Result<Point> on_grid(const Vec3& corner) const {
    const auto part = [&](double value, std::int64_t origin) {
      return value * unit_.nanometres - static_cast<double>(origin);
    };
    const Vec3 p{part(corner.x, rough_.origin[0]), part(corner.y, rough_.origin[1]),
                 part(corner.z, rough_.origin[2])};
    const double far = std::max({std::abs(p.x), std::abs(p.y), std::abs(p.z)});
    // Not a number is not below.
    if (!(far < kMaxCoordinate - 1)) {
      return lines_.refuse_here(Verdict::inclusion_outside, "too far from the rough");
    }
    return Point{static_cast<std::int32_t>(std::lround(p.x)),
                 static_cast<std::int32_t>(std::lround(p.y)),
                 static_cast<std::int32_t>(std::lround(p.z))};
  }

  Result<void> add(std::string name, std::string kind, const std::vector<Vec3>& corners) {
    if (corners.empty() || corners.size() > kMaxCorners) {
      return lines_.refuse_here(Verdict::too_large, name);
    }
    std::vector<Point> points;
    for (const Vec3& corner : corners) {
      ASSIGN(points.emplace_back(), on_grid(corner));
    }
    auto hull = convex_hull(points);
    if (!hull) {
      const std::vector<Point> flat = points;
      for (const Point& p : flat) {
        points.insert(points.end(), {{p.x + 1, p.y, p.z},
                                     {p.x - 1, p.y, p.z},
                                     {p.x, p.y + 1, p.z},
                                     {p.x, p.y - 1, p.z},
                                     {p.x, p.y, p.z + 1},
                                     {p.x, p.y, p.z - 1}});
      }
      hull = convex_hull(points);
      if (!hull) return std::unexpected(hull.error());
    }
    Inclusion inclusion{std::move(name), std::move(kind), {}, {}, {}};
    std::map<Point, std::uint32_t> places;
    for (const Triangle& t : *hull) {
      for (const std::uint32_t corner : t) places.emplace(points[corner], 0);
    }
    for (auto& [point, place] : places) {
      place = static_cast<std::uint32_t>(inclusion.corners.size());
      inclusion.corners.push_back(point);
    }
    for (const Triangle& t : *hull) {
      inclusion.triangles.push_back(
          {places.at(points[t[0]]), places.at(points[t[1]]), places.at(points[t[2]])});
    }
    if (!reaches_into_rough(inclusion)) {
      return lines_.refuse_here(
          Verdict::inclusion_outside,
          inclusion.name + " near " + place_text(to_vec(inclusion.corners.front())));
    }
    out_.push_back(std::move(inclusion));
    return {};
  }

  bool reaches_into_rough(const Inclusion& inclusion) const {
    const std::size_t step = 1 + inclusion.corners.size() / kMostLookedAt;
    for (std::size_t i = 0; i < inclusion.corners.size(); i += step) {
      if (is_inside(rough_, to_vec(inclusion.corners[i]))) return true;
    }
    return false;
  }

  Lines lines_;
  Unit unit_;
  const Solid& rough_;
  const MeshOf& mesh_of_;
  // By class: a grade for each size from which on it holds, in nanometres.
  std::map<std::string, std::map<std::int64_t, std::string>, std::less<>> grades_;
  std::vector<std::int64_t> sizes_;  // of out_
  std::set<std::string> names_;
  std::vector<Inclusion> out_;
};

std::int32_t moved_by(double length_in_direction) {
  return static_cast<std::int32_t>(std::trunc(length_in_direction));
}

void add_corners(const Inclusion& inclusion, std::uint32_t number, std::uint32_t allowance,
                 std::size_t most, std::vector<Obstacle>& out) {
  const auto& corners = inclusion.corners;
  Vec3 middle;
  for (const Point& p : corners) middle = middle + to_vec(p);
  middle = (1.0 / static_cast<double>(corners.size())) * middle;
  // The corner that is furthest from the middle, then always the one furthest from those chosen.
  std::vector<double> apart;
  for (const Point& p : corners) apart.push_back(1e18 + length(to_vec(p) - middle));
  for (std::size_t count = 0; count < std::min(most, corners.size()); ++count) {
    const auto furthest = std::ranges::max_element(apart) - apart.begin();
    const Vec3 corner = to_vec(corners[static_cast<std::size_t>(furthest)]);
    for (std::size_t k = 0; k < corners.size(); ++k) {
      apart[k] = std::min(apart[k], length(to_vec(corners[k]) - corner));
    }
    const Vec3 outwards = (allowance * (1 - 1e-9)) * unit(corner - middle);
    const Point moved{moved_by(outwards.x), moved_by(outwards.y), moved_by(outwards.z)};
    out.push_back({{number, static_cast<std::uint32_t>(furthest), moved}, corner + to_vec(moved)});
  }
}

// So that no stone is thought to lie in an inclusion that is larger than itself.
void add_lattice(const Inclusion& inclusion, std::uint32_t number, const ObstacleLimits& limits,
                 std::vector<Obstacle>& out) {
  const Box box = box_of(inclusion.corners);
  const Vec3 size = box.size();
  const double cubes = static_cast<double>(limits.inside);
  const double spacing = std::max(limits.spacing, std::cbrt(size.x * size.y * size.z / cubes));
  if (std::max({size.x, size.y, size.z}) < 2 * spacing) return;
  const Point& first = inclusion.corners.front();
  const auto steps = [&](double length) { return static_cast<int>(std::lround(length / spacing)); };
  std::size_t count = 0;
  for (int i = 0; i < steps(size.x); ++i) {
    for (int j = 0; j < steps(size.y); ++j) {
      for (int k = 0; k < steps(size.z); ++k) {
        const Vec3 at = box.low + spacing * Vec3{i + 0.5, j + 0.5, k + 0.5};
        const Point p{static_cast<std::int32_t>(at.x), static_cast<std::int32_t>(at.y),
                      static_cast<std::int32_t>(at.z)};
        if (!is_in(inclusion, p)) continue;
        if (++count > limits.inside) return;
        out.push_back({{number, 0, {p.x - first.x, p.y - first.y, p.z - first.z}}, to_vec(p)});
      }
    }
  }
}

}  // namespace

Result<std::vector<Inclusion>> inclusions_from_text(std::string_view text, Unit unit,
                                                    const Solid& rough, const MeshOf& mesh_of) {
  if (text.size() > kMaxInclusionFile) return refuse(Verdict::too_large, "inclusions");
  return Reader(text, unit, rough, mesh_of).read();
}

Digest inclusions_hash(const std::vector<Inclusion>& inclusions) {
  codec::CborWriter out;
  out.array(inclusions.size());
  for (const Inclusion& inclusion : inclusions) {
    out.array(4);
    out.text(inclusion.name);
    out.text(inclusion.kind);
    out.text(inclusion.grade);
    out.array(3 * inclusion.corners.size());
    for (const Point& p : inclusion.corners) {
      for (const std::int32_t part : {p.x, p.y, p.z}) out.integer(part);
    }
  }
  return crypto::sha256({as_bytes("intaglio inclusions 1"), out.take()});
}

Result<std::vector<ClarityLevel>> clarity_levels(const std::vector<Inclusion>& inclusions,
                                                 const std::string& clean,
                                                 const std::vector<std::string>& clarities) {
  const auto rank = [&](const std::string& clarity) {
    return static_cast<std::size_t>(std::ranges::find(clarities, clarity) - clarities.begin());
  };
  const std::size_t best = rank(clean);
  if (best == clarities.size()) return refuse(Verdict::unpriced, "clarity " + clean);
  std::set<std::size_t> ranks = {best};
  std::vector<std::size_t> own;  // past the last for what no stone may hold
  for (const Inclusion& inclusion : inclusions) {
    own.push_back(inclusion.grade.empty() ? clarities.size() : rank(inclusion.grade));
    if (inclusion.grade.empty()) continue;
    if (own.back() == clarities.size()) {
      return refuse(Verdict::unpriced, inclusion.name + ": clarity " + inclusion.grade);
    }
    ranks.insert(std::max(best, own.back()));
  }
  std::vector<ClarityLevel> out;
  for (const std::size_t level : ranks) {
    ClarityLevel each{clarities[level], {}};
    for (std::size_t i = 0; i < own.size(); ++i) {
      if (own[i] > level) each.avoided.push_back(static_cast<std::uint16_t>(i));
    }
    out.push_back(std::move(each));
  }
  return out;
}

const std::vector<std::string>& common_clarities() {
  static const std::vector<std::string> all = {"FL",  "IF",  "VVS1", "VVS2", "VS1", "VS2",
                                               "SI1", "SI2", "SI3",  "I1",   "I2",  "I3"};
  return all;
}

bool is_in(const Inclusion& inclusion, const Point& point) {
  return std::ranges::all_of(inclusion.triangles, [&](const Triangle& t) {
    const Point& a = inclusion.corners[t[0]];
    const Direction n = normal_of(a, inclusion.corners[t[1]], inclusion.corners[t[2]]);
    return dot(n, point) <= dot(n, a);
  });
}

std::vector<Obstacle> obstacles_of(const std::vector<Inclusion>& inclusions,
                                   std::uint32_t allowance, const ObstacleLimits& limits) {
  std::vector<Obstacle> out;
  for (std::uint32_t i = 0; i < inclusions.size(); ++i) {
    add_corners(inclusions[i], i, allowance, limits.corners, out);
    add_lattice(inclusions[i], i, limits, out);
  }
  return out;
}

}  // namespace intaglio::stone
