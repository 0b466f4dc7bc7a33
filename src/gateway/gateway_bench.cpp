// Signed transfers, durable, against what the machine can verify at all: DESIGN's first two rows.
//   transfers/CHAINS      one signature each, receipted after they are durable
//   linked/CHAINS         64 transfers under one signature; its limit is store_bench's limit_puts
//                         over puts_per_transfer
//   consensus/CHAINS/NODES  transfers with so many consensus nodes a chain, in this process: each
//                         verifies and executes everything again on the same cores
//   latency/CHAINS        from submit to durable receipt, at half of the measured throughput
// `of_limit` is the ratio to the ES256 verifications a second of all cores (`limit_per_second`),
// measured before and after: this machine's speed drifts. Under `taskset -c 0` all is of one core.
#include <atomic>
#include <map>
#include <thread>

#include <benchmark/benchmark.h>

#include "base/scale_for_test.h"
#include "crypto/limit_for_test.h"
#include "gateway/ledger_for_test.h"

namespace intaglio::gateway {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::map<std::int64_t, double> transfers_per_second;  // by number of chains

// Submits everything at once and waits until the last is durable; the seconds it took.
double run_all(LedgerForTest& ledger, std::vector<Bytes> transactions) {
  std::atomic<std::size_t> left = transactions.size();
  const auto start = Clock::now();
  for (auto& transaction : transactions) {
    ledger.gateway().submit(std::move(transaction), [&left](const Result<tx::Receipt>& receipt) {
      if (!receipt) fatal(to_string(receipt.error()));
      CHECK(receipt->accepted());
      if (--left == 0) left.notify_one();
    });
  }
  for (std::size_t now = left; now != 0; now = left) left.wait(now);
  return seconds_since(start);
}

std::vector<Bytes> make_transfers(const LedgerForTest& ledger, std::size_t count,
                                  std::size_t chains, std::size_t linked, std::size_t holders) {
  std::vector<Bytes> out;
  out.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    out.push_back(ledger.transfer(i % holders, static_cast<std::uint16_t>(i % chains), linked));
  }
  return out;
}

void measure(benchmark::State& state, std::size_t count, std::size_t linked,
             std::size_t consensus = 0) {
  constexpr std::size_t kHolders = 1000;
  const auto chains = static_cast<std::uint16_t>(state.range(0));
  LedgerForTest ledger(chains, kHolders, 1'000'000, consensus);
  std::atomic<std::size_t> blocks = 0;
  std::atomic<std::size_t> puts = 0;
  for (std::uint16_t i = 0; i < chains; ++i) {
    ledger.sequencer(i).on_block([&](const chain::Finalized& block) {
      ++blocks;
      // A place for each transaction; the block, its header and the tip.
      puts += block.changes.size() + block.receipts.size() + 3;
    });
  }
  ledger.start();
  double seconds = 0;
  double limit = 0;
  for (auto _ : state) {
    auto transactions = make_transfers(ledger, count, chains, linked, kHolders);
    limit += crypto::verifications_per_second() / 2;
    const double took = run_all(ledger, std::move(transactions));
    limit += crypto::verifications_per_second() / 2;
    state.SetIterationTime(took);
    seconds += took;
  }
  const auto rounds = static_cast<double>(state.iterations());
  const double rate = rounds * static_cast<double>(count * linked) / seconds;
  limit /= rounds;
  state.counters["transfers_per_second"] = rate;
  state.counters["limit_per_second"] = limit;
  state.counters["transactions_per_block"] =
      rounds * static_cast<double>(count) / static_cast<double>(blocks);
  state.counters["puts_per_transfer"] =
      static_cast<double>(puts) / rounds / static_cast<double>(count * linked);
  state.counters["of_limit"] = rate / limit;
  if (linked == 1 && consensus == 0) transfers_per_second[state.range(0)] = rate;
}

void on_chains(benchmark::internal::Benchmark* of) {
  for (const std::int64_t chains : {1, 2, 4, 8, 16}) of->Arg(chains);
}

void transfers(benchmark::State& state) { measure(state, scaled(40'000), 1); }
BENCHMARK(transfers)->ArgName("chains")->Apply(on_chains)->UseManualTime()->Iterations(3);

void consensus(benchmark::State& state) {
  measure(state, scaled(20'000), 1, static_cast<std::size_t>(state.range(1)));
}
BENCHMARK(consensus)
    ->ArgNames({"chains", "nodes"})
    ->ArgsProduct({{1, 3}, {0, 1, 3}})
    ->UseManualTime()
    ->Iterations(3);

void linked(benchmark::State& state) { measure(state, scaled(2'000, 32), 64); }
BENCHMARK(linked)->ArgName("chains")->Apply(on_chains)->UseManualTime()->Iterations(3);

void latency(benchmark::State& state) {
  constexpr std::size_t kHolders = 1000;
  const std::size_t count = scaled(20'000, 100);
  const auto chains = static_cast<std::uint16_t>(state.range(0));
  if (!transfers_per_second.contains(chains)) return state.SkipWithError("needs transfers first");
  LedgerForTest ledger(chains, kHolders, 1'000'000);
  ledger.start();
  for (auto _ : state) {
    auto transactions = make_transfers(ledger, count, chains, 1, kHolders);
    std::vector<double> took(count);
    std::atomic<std::size_t> left = count;
    const double rate = transfers_per_second.at(chains) / 2;
    const auto start = Clock::now();
    for (std::size_t i = 0; i < count; ++i) {
      std::this_thread::sleep_until(
          start + std::chrono::duration_cast<Clock::duration>(
                      std::chrono::duration<double>(static_cast<double>(i) / rate)));
      const auto submitted = Clock::now();
      ledger.gateway().submit(std::move(transactions[i]),
                              [&, i, submitted](const Result<tx::Receipt>& receipt) {
                                CHECK(receipt.has_value());
                                took[i] = seconds_since(submitted);
                                if (--left == 0) left.notify_one();
                              });
    }
    for (std::size_t now = left; now != 0; now = left) left.wait(now);
    state.SetIterationTime(seconds_since(start));
    std::ranges::sort(took);
    state.counters["p50_ms"] = took[count / 2] * 1e3;
    state.counters["p99_ms"] = took[count * 99 / 100] * 1e3;
    state.counters["offered_per_second"] = rate;
  }
}
BENCHMARK(latency)->ArgName("chains")->Apply(on_chains)->UseManualTime()->Iterations(1);

}  // namespace
}  // namespace intaglio::gateway
