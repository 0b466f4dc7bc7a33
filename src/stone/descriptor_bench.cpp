// Repeated scans of made-up crystals: what the sigmas of distance_between are taken from, and how
// far apart the descriptors of one stone and of others are. By noise in thousandths of the radius.
//   v, l2 ... l10  standard deviation of a scan: of the volume's logarithm in 10^-6, of the powers
//                  of each degree in 10^-9
//   top1           of all stones, those found again by the nearest descriptor, in per cent
//   same, other    the largest distance of two scans of one stone, the least of two stones
#include <benchmark/benchmark.h>

#include "base/scale_for_test.h"
#include "stone/descriptor.h"
#include "stone/solids_for_test.h"

namespace intaglio::stone {
namespace {

struct Scans {
  std::vector<Descriptor> first;
  std::vector<Descriptor> second;
};

Scans scans(double noise) {
  Scans out;
  Chance chance(2024);
  for (std::size_t i = 0; i < scaled(150, 4); ++i) {
    const SampleCrystal crystal(0.03, chance);
    const ScanConditions conditions{.levels = 5, .noise = noise};
    for (auto* list : {&out.first, &out.second}) {
      list->push_back(must(descriptor_of(solid(repeated_scan(crystal, conditions, chance)))));
    }
  }
  return out;
}

void say_sigmas(benchmark::State& state, const Scans& made) {
  const double count = 2 * static_cast<double>(made.first.size());
  const auto say = [&](const std::string& name, double unit, const auto& number) {
    double sum = 0;
    for (std::size_t i = 0; i < made.first.size(); ++i) {
      const double apart = number(made.first[i]) - number(made.second[i]);
      sum += apart * apart;
    }
    state.counters[name] = unit * std::sqrt(sum / count);
  };
  say("v", 1e6, [](const Descriptor& d) { return std::log(static_cast<double>(d.volume)); });
  for (std::size_t i = 0; i < kDegrees; ++i) {
    say("l" + std::to_string(i + kFirstDegree), 1,
        [i](const Descriptor& d) { return static_cast<double>(d.power[i]); });
  }
}

void repeated_scan_bench(benchmark::State& state) {
  for (auto _ : state) {
    const Scans made = scans(static_cast<double>(state.range(0)) / 10'000);
    say_sigmas(state, made);
    double same = 0;
    double other = 1e300;
    double found = 0;
    for (std::size_t i = 0; i < made.first.size(); ++i) {
      double nearest = 1e300;
      for (std::size_t k = 0; k < made.first.size(); ++k) {
        const double distance = distance_between(made.second[i], made.first[k]);
        if (i != k) nearest = std::min(nearest, distance);
      }
      const double own = distance_between(made.second[i], made.first[i]);
      same = std::max(same, own);
      other = std::min(other, nearest);
      found += own < nearest ? 1 : 0;
    }
    state.counters["top1"] = 100 * found / static_cast<double>(made.first.size());
    state.counters["same"] = same;
    state.counters["other"] = other;
  }
}

void descriptor_bench(benchmark::State& state) {
  const Solid body = solid(scan_like(static_cast<int>(state.range(0)), 0.03, 1));
  for (auto _ : state) benchmark::DoNotOptimize(descriptor_of(body));
  state.SetLabel(std::to_string(body.triangles.size()) + " triangles");
}

BENCHMARK(repeated_scan_bench)
    ->Arg(5)
    ->Arg(20)
    ->Arg(50)
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);
BENCHMARK(descriptor_bench)->DenseRange(4, 7)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace intaglio::stone
