// What the state's root costs: a block's changes to a tree of so many rows, the whole tree at a
// start, and a proof. Beside it what one hash costs.
#include <random>

#include <benchmark/benchmark.h>

#include "crypto/merkle.h"
#include "crypto/sha256.h"
#include "ledger/rows.h"
#include "ledger/state_tree.h"

namespace intaglio::ledger {
namespace {

void hash_of(benchmark::State& state) {
  const Bytes message(static_cast<std::size_t>(state.range(0)), 7);
  for (auto _ : state) benchmark::DoNotOptimize(crypto::sha256(message));
}
BENCHMARK(hash_of)->ArgName("bytes")->Arg(37)->Arg(65)->Arg(129)->Arg(513)->Arg(1024);

// Rows as transfers leave them: balances, entries and receipts are about as long.
const Bytes kRow(100, 1);
const Bytes kOther(100, 2);

Slot numbered(std::uint64_t number) {
  return Slot(RowKind::balance).put(number).put(number).put(std::uint32_t{978});
}

StateTree tree_of(std::size_t rows) {
  std::vector<StateLeaf> leaves;
  for (std::size_t i = 0; i < rows; ++i) leaves.push_back(state_leaf(numbered(i), kRow));
  return StateTree::of(std::move(leaves));
}

// Half of a block's changes are to rows that were there, and half are new rows.
void block(benchmark::State& state) {
  const auto rows = static_cast<std::uint64_t>(state.range(0));
  const auto changes = static_cast<std::size_t>(state.range(1));
  const StateTree before = tree_of(rows);
  std::mt19937_64 random(1);
  std::vector<ChangeSet> blocks(16);
  for (ChangeSet& each : blocks) {
    while (each.size() < changes) {
      if (each.size() % 2 == 0) {
        each[numbered(random() % rows)] = {kRow, kOther};
      } else {
        each[numbered(rows + random())] = {std::nullopt, kRow};
      }
    }
  }
  std::size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(before.with(blocks[next++ % blocks.size()]).root());
  }
  state.counters["us_per_row"] = benchmark::Counter(
      static_cast<double>(state.iterations()) * static_cast<double>(changes) / 1e6,
      benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  const auto path = before.path(place_of(numbered(0)));
  state.counters["proof_bytes"] =
      static_cast<double>(40 * path.bucket.size() + 32 * path.siblings.size());
}
BENCHMARK(block)
    ->ArgNames({"rows", "changes"})
    ->ArgsProduct({{10'000, 1'000'000}, {4, 160, 1'000, 8'000}})
    ->Unit(benchmark::kMicrosecond);

void whole(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(tree_of(static_cast<std::size_t>(state.range(0))).root());
  }
}
BENCHMARK(whole)->ArgName("rows")->Arg(1'000'000)->Unit(benchmark::kMillisecond);

void path_of(benchmark::State& state) {
  const StateTree tree = tree_of(1'000'000);
  std::uint64_t next = 0;
  for (auto _ : state) benchmark::DoNotOptimize(tree.path(place_of(numbered(next++ % 1'000'000))));
}
BENCHMARK(path_of);

}  // namespace
}  // namespace intaglio::ledger
