// Proportions that are left to the plan: the round brilliant within what is graded excellent.
//   carats  of the stone that was found
//   gap     of its weight below what is proven of all members, in per cent
//   ranges  that were bounded
//   cells   of all searches
#include <algorithm>

#include <benchmark/benchmark.h>

#include "base/check.h"
#include "base/scale_for_test.h"
#include "stone/plan.h"
#include "stone/solids_for_test.h"

namespace intaglio::stone {
namespace {

constexpr const char* kExcellent =
    "round table=53..62 crown=31.5..36.5 pavilion=40.6..41.8 girdle=2..4";

// An octahedron; likewise a scan of so many times divided triangles.
Rough rough(std::int64_t level) {
  return must(rough_from(
      solid(level == 0 ? octahedron(5) : scan_like(static_cast<int>(level), 0.02, 1)), 0));
}

void proportions_bench(benchmark::State& state) {
  const Rough body = rough(state.range(0));
  PlanTerms terms{SpecificGravity(3520), nullptr, "", ""};
  terms.within = {must(design_range_from_text(kExcellent))};
  const SearchLimits limits{.gap = 20'000, .cells = scaled(4'000'000, 500)};
  for (auto _ : state) {
    const Plan plan = must(make_plan(body, {}, terms, limits)).plan;
    CHECK(plan.stone.has_value());
    const auto is_range = [](const PlanDesign& row) { return row.range.has_value(); };
    state.counters["carats"] = static_cast<double>(plan.stone->weight.value()) / 1e6;
    state.counters["gap"] = gap_between(plan.stone->value.value(), plan.bound.value()) / 10'000.0;
    state.counters["ranges"] = static_cast<double>(std::ranges::count_if(plan.designs, is_range));
    state.counters["cells"] = static_cast<double>(plan.cells);
  }
}

BENCHMARK(proportions_bench)->Arg(0)->Arg(4)->Arg(5)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace intaglio::stone
