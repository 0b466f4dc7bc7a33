// The search beside a grid of rotations, as planners without a proof use it: 258 directions by 32
// spins, a linear programme each, the best eight polished. Both on one thread, on the same roughs.
//   carats  of the stone that was found
//   gap     of its weight below what is proven, in per cent (the grid proves nothing)
//   cells   of the search, or rotations of the grid
#include <algorithm>
#include <numbers>
#include <numeric>

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

enum Body : std::int64_t { kPlanted, kOctahedron, kScan20k, kScan82k, kScan328k, kLobed82k };

const Rough& rough(std::int64_t body) {
  static std::map<std::int64_t, Rough> made;
  const auto at = made.find(body);
  if (at != made.end()) return at->second;
  TriangleSoup soup;
  switch (body) {
    case kPlanted: soup = planted(); break;
    case kOctahedron: soup = octahedron(5); break;
    case kScan20k: soup = scan_like(5, 0.02, 1); break;
    case kScan82k: soup = scan_like(6, 0.02, 1); break;
    case kScan328k: soup = scan_like(7, 0.02, 1); break;
    default: soup = scan_like(6, 0.10, 1); break;
  }
  return made.emplace(body, must(rough_from(solid(soup), 0))).first->second;
}

const char* name_of(std::int64_t body) {
  static constexpr const char* kNames[] = {"planted",  "octahedron", "scan 20k",
                                           "scan 82k", "scan 328k",  "lobed 82k"};
  return kNames[body];
}

double carats(MicroCarats weight) { return static_cast<double>(weight.value()) / 1e6; }

void search_bench(benchmark::State& state) {
  const Rough& body = rough(state.range(0));
  const Design design = must(design_from_text("round"));
  const SearchLimits limits{.gap = 15'000, .cells = scaled(4'000'000, 500)};
  for (auto _ : state) {
    const auto found = must(search(body, {{design}}, kDiamond, limits));
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
  for (auto _ : state) {
    Reaches reaches(body);
    reaches.add_spread_facets(400);
    std::vector<std::uint16_t> all(reaches.rows().size());
    std::iota(all.begin(), all.end(), std::uint16_t{0});
    std::vector<Polished> placed;
    for (const Matrix& turn : rotations) {
      if (const auto at = place_at(reaches.rows(), all, shape, turn, nullptr, nullptr)) {
        placed.push_back(*at);
      }
    }
    std::ranges::sort(placed, std::ranges::greater{}, &Polished::size);
    double best = 0;
    for (std::size_t i = 0; i < std::min(kPolished, placed.size()); ++i) {
      const auto at = polish(reaches.rows(), shape, placed[i].pose.turn, 0.05);
      if (at) best = std::max(best, largest_size(body, shape, at->pose));
    }
    state.counters["carats"] =
        carats(weight_below(shape.volume(), static_cast<std::uint64_t>(best * 1000), kDiamond));
    state.counters["cells"] = static_cast<double>(rotations.size());
  }
  state.SetLabel(name_of(state.range(0)));
}

BENCHMARK(search_bench)->DenseRange(kPlanted, kLobed82k)->Unit(benchmark::kMillisecond);
BENCHMARK(grid_bench)->DenseRange(kPlanted, kLobed82k)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace intaglio::stone
