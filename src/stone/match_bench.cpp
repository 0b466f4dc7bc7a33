// Whether two scans are of one stone, for forty made-up crystals by noise in ten-thousandths of the
// radius, with 5,120 triangles: each beside another scan of it, beside the next stone, and beside
// its own mirror image.
//   matched, other, mirrored  answers that are right: matched, not matched, not matched
//   worst, nearest            mismatch in per cent: the most of one stone, the least of two
#include <benchmark/benchmark.h>

#include "base/scale_for_test.h"
#include "stone/match.h"
#include "stone/solids_for_test.h"

namespace intaglio::stone {
namespace {

void answers_bench(benchmark::State& state) {
  const ScanConditions conditions{.levels = 4,
                                  .noise = static_cast<double>(state.range(0)) / 10'000};
  Chance chance(7);
  std::vector<Solid> first;
  std::vector<Solid> second;
  std::vector<Solid> mirrored;
  for (std::size_t i = 0; i < scaled(40, 2); ++i) {
    const SampleCrystal crystal(0.03, chance);
    first.push_back(solid(repeated_scan(crystal, conditions, chance)));
    TriangleSoup again = repeated_scan(crystal, conditions, chance);
    second.push_back(solid(again));
    for (Vec3& corner : again.corners) corner.z = -corner.z;
    mirrored.push_back(solid(again));
  }
  for (auto _ : state) {
    double matched = 0;
    double other = 0;
    double mirror = 0;
    double worst = 0;
    double nearest = 1e300;
    for (std::size_t i = 0; i < first.size(); ++i) {
      const auto same = must(match_scans(first[i], second[i], kUsualTolerance));
      const auto next =
          must(match_scans(first[i], second[(i + 1) % first.size()], kUsualTolerance));
      const auto turned = must(match_scans(first[i], mirrored[i], kUsualTolerance));
      matched += same.answer == MatchAnswer::matched ? 1 : 0;
      other += next.answer == MatchAnswer::not_matched ? 1 : 0;
      mirror += turned.answer == MatchAnswer::not_matched ? 1 : 0;
      worst = std::max(worst, same.mismatch / 1e4);
      nearest = std::min({nearest, next.mismatch / 1e4, turned.mismatch / 1e4});
    }
    state.counters["matched"] = matched;
    state.counters["other"] = other;
    state.counters["mirrored"] = mirror;
    state.counters["worst"] = worst;
    state.counters["nearest"] = nearest;
  }
}

void match_bench(benchmark::State& state) {
  Chance chance(7);
  const SampleCrystal crystal(0.03, chance);
  const ScanConditions conditions{.levels = static_cast<int>(state.range(0))};
  const Solid one = solid(repeated_scan(crystal, conditions, chance));
  const Solid two = solid(repeated_scan(crystal, conditions, chance));
  for (auto _ : state) {
    state.counters["mismatch"] = must(match_scans(one, two, kUsualTolerance)).mismatch / 1e4;
  }
  state.SetLabel(std::to_string(one.triangles.size()) + " triangles");
}

BENCHMARK(answers_bench)->Arg(5)->Arg(20)->Iterations(1)->Unit(benchmark::kMillisecond);
BENCHMARK(match_bench)->DenseRange(4, 7)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace intaglio::stone
