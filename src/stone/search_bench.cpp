// The search beside a grid of rotations, as planners without a proof use it: 258 directions by 32
// spins, a linear programme each, the best eight polished. Both on one thread, on the same roughs.
//   carats  of the stone that was found
//   gap     of its weight below what is proven, in per cent (the grid proves nothing)
//   cells   of the search, or rotations of the grid
#include <algorithm>
#include <numbers>
#include <numeric>
#include <utility>

#include <benchmark/benchmark.h>

#include "base/check.h"
#include "base/scale_for_test.h"
#include "stone/families.h"
#include "stone/polish.h"
#include "stone/search.h"
#include "stone/solids_for_test.h"

namespace intaglio::stone {
namespace {

constexpr SpecificGravity kDiamond{3520};
constexpr std::size_t kDirections = 258;
constexpr std::size_t kSpins = 32;
constexpr std::size_t kPolished = 8;

// A copy of a round brilliant of 4 mm, turned: the answer is known.
TriangleSoup planted() {
  const Design d = must(design_from_text("round"));
  TriangleSoup soup;
  for (const Point& p : d.corners) soup.corners.push_back((4 / kDesignUnit) * to_vec(p));
  soup.triangles = d.faces;
  Chance chance(1);
  return moved(soup, chance.turn(), {});
}

enum class Body : std::int64_t {
  planted,
  octahedron,
  scan_20k,
  scan_82k,
  scan_328k,
  lobed_82k,
  beside_middle,
  in_middle,
  three,
  eight
};

// The known cases of inclusions, in units of 5 mm.
constexpr std::array<Vec3, 3> kThreePoints = {{{-0.515130, 0.407939, -0.454406},
                                               {0.083174, -0.075526, -0.577502},
                                               {-0.551243, -0.302534, -0.487738}}};
constexpr std::array<Vec3, 8> kEightPoints = {{{-0.586663, -0.312673, -0.146980},
                                               {0.379754, -0.093179, 0.134440},
                                               {0.319276, -0.117690, 0.446506},
                                               {0.511726, -0.424170, 0.241833},
                                               {-0.116787, 0.381919, -0.574462},
                                               {-0.176626, -0.021451, 0.449779},
                                               {-0.535427, -0.279327, -0.249429},
                                               {0.211824, -0.239258, -0.380757}}};

Rough make_rough(Body body) {
  switch (body) {
    case Body::planted: return must(rough_from(solid(planted()), 0));
    case Body::octahedron: return must(rough_from(solid(octahedron(5)), 0));
    case Body::scan_20k: return must(rough_from(solid(scan_like(5, 0.02, 1)), 0));
    case Body::scan_82k: return must(rough_from(solid(scan_like(6, 0.02, 1)), 0));
    case Body::scan_328k: return must(rough_from(solid(scan_like(7, 0.02, 1)), 0));
    case Body::lobed_82k: return must(rough_from(solid(scan_like(6, 0.10, 1)), 0));
    case Body::beside_middle: return rough_with_points(octahedron(5), 5, {{0.2, 0.1, 0.15}});
    case Body::in_middle: return rough_with_points(octahedron(5), 5, {{0, 0, 0}});
    case Body::three:
      return rough_with_points(polytope(), 5, {kThreePoints.begin(), kThreePoints.end()});
    case Body::eight:
      return rough_with_points(polytope(), 5, {kEightPoints.begin(), kEightPoints.end()});
  }
  std::unreachable();
}

const Rough& rough(std::int64_t body) {
  static std::map<std::int64_t, Rough> made;
  const auto at = made.find(body);
  if (at != made.end()) return at->second;
  return made.emplace(body, make_rough(static_cast<Body>(body))).first->second;
}

std::vector<std::uint16_t> all_inclusions(const Rough& body) {
  std::vector<std::uint16_t> out(body.inclusions.size());
  std::iota(out.begin(), out.end(), std::uint16_t{0});
  return out;
}

const char* name_of(std::int64_t body) {
  static constexpr const char* kNames[] = {
      "planted",   "octahedron",      "scan 20k",    "scan 82k",        "scan 328k",
      "lobed 82k", "1 beside middle", "1 in middle", "3 in a polytope", "8 in a polytope"};
  return kNames[body];
}

double carats(MicroCarats weight) { return static_cast<double>(weight.value()) / 1e6; }

void search_bench(benchmark::State& state) {
  const Rough& body = rough(state.range(0));
  const Design design = must(design_from_text("round"));
  const SearchLimits limits{.gap = 15'000, .cells = scaled(4'000'000, 500)};
  for (auto _ : state) {
    const auto found = must(
        search(body, {{design, PriceCurve::by_weight(), all_inclusions(body)}}, kDiamond, limits));
    CHECK(found.best.has_value());
    const double weight = carats(found.best->weight);
    state.counters["carats"] = weight;
    state.counters["gap"] = 100 * (1 - weight / carats(found.bounds[0].weight));
    state.counters["cells"] = static_cast<double>(found.cells);
  }
  state.SetLabel(name_of(state.range(0)));
}

// The rotations of the grid: directions on a spiral, spins all round.
std::vector<Matrix> grid() {
  std::vector<Matrix> out;
  for (std::size_t i = 0; i < scaled(kDirections, 8); ++i) {
    const double z = 1 - 2 * (static_cast<double>(i) + 0.5) / kDirections;
    const double azimuth = static_cast<double>(i) * std::numbers::pi * (3 - std::sqrt(5.0));
    const double across = std::sqrt(1 - z * z);
    const Vec3 direction{across * std::cos(azimuth), across * std::sin(azimuth), z};
    const Matrix frame = smallest_rotation({0, 0, 1}, direction);
    for (std::size_t k = 0; k < kSpins; ++k) {
      const double spin = 2 * std::numbers::pi * static_cast<double>(k) / kSpins;
      out.push_back(frame * rotation({0, 0, spin}));
    }
  }
  return out;
}

void grid_bench(benchmark::State& state) {
  const Rough& body = rough(state.range(0));
  const Shape shape(must(design_from_text("round")));
  const auto rotations = grid();
  const Room room(body, all_inclusions(body));
  const auto obstacles = obstacles_of(body.inclusions, body.allowance, {});
  std::vector<std::uint16_t> avoided(obstacles.size());
  std::iota(avoided.begin(), avoided.end(), std::uint16_t{0});
  for (auto _ : state) {
    Reaches reaches(body);
    reaches.add_spread_facets(400);
    const Confines confines(reaches.rows(), obstacles, avoided, nullptr);
    const auto all = all_of(reaches.rows());
    std::vector<Polished> placed;
    for (const Matrix& turn : rotations) {
      auto at = place_at(reaches.rows(), all, shape, turn, nullptr, nullptr);
      // Where inclusions are in the way, from the place that they would not leave.
      if (at && !avoided.empty()) at = place_clear(confines, all, shape, at->pose);
      if (at) placed.push_back(*at);
    }
    std::ranges::sort(placed, std::ranges::greater{}, &Polished::size);
    double best = 0;
    for (std::size_t i = 0; i < std::min(kPolished, placed.size()); ++i) {
      const auto at = polish(confines, shape, placed[i].pose, 0.05);
      if (at) best = std::max(best, largest_size(room, shape, at->pose));
    }
    state.counters["carats"] =
        carats(weight_below(shape.volume(), static_cast<std::uint64_t>(best * 1000), kDiamond));
    state.counters["cells"] = static_cast<double>(rotations.size());
  }
  state.SetLabel(name_of(state.range(0)));
}

BENCHMARK(search_bench)
    ->DenseRange(0, static_cast<std::int64_t>(Body::eight))
    ->Unit(benchmark::kMillisecond);
BENCHMARK(grid_bench)
    ->DenseRange(0, static_cast<std::int64_t>(Body::eight))
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace intaglio::stone
