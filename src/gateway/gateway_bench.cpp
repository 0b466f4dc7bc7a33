// Signed transfers, durable, against what the machine can verify at all: DESIGN's first two rows.
//   transfers/CHAINS      one signature each, receipted after they are durable
//   linked/CHAINS         64 transfers under one signature; its limit is store_bench's limit_puts
//                         over puts_per_transfer
//   latency/CHAINS        from submit to durable receipt, at half of the measured throughput
// `of_limit` is the ratio to the ES256 verifications a second of all cores (`limit_per_second`),
// measured before and after: this machine's speed drifts.
#include <atomic>
#include <thread>

#include <benchmark/benchmark.h>

#include "gateway/ledger_for_test.h"

namespace intaglio::gateway {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double transfers_per_second = 0;

// ES256 verifications a second of all cores, nothing else.
double verifications_per_second() {
  static const auto key = crypto::SigningKey::generate();
  const Digest digest{};
  const auto signature = key.sign(digest);
  const crypto::Verifier verifier(key.public_key());
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  constexpr int kEach = 10'000;
  const auto start = Clock::now();
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < cores; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < kEach; ++n) CHECK(verifier.verify(digest, signature));
    });
  }
  for (auto& thread : threads) thread.join();
  return cores * kEach / seconds_since(start);
}

// Submits everything at once and waits until the last is durable; the seconds it took.
double run_all(LedgerForTest& ledger, std::vector<Bytes> transactions) {
  std::atomic<std::size_t> left = transactions.size();
  const auto start = Clock::now();
  for (auto& transaction : transactions) {
    ledger.gateway().submit(std::move(transaction), [&left](const Result<tx::Receipt>& receipt) {
      CHECK(receipt && receipt->accepted());
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

void measure(benchmark::State& state, std::size_t count, std::size_t linked) {
  constexpr std::size_t kHolders = 1000;
  const auto chains = static_cast<std::uint16_t>(state.range(0));
  LedgerForTest ledger(chains, kHolders, 1'000'000);
  std::atomic<std::size_t> blocks = 0;
  std::atomic<std::size_t> puts = 0;
  for (std::uint16_t i = 0; i < chains; ++i) {
    ledger.sequencer(i).on_block([&](const chain::Finalized& block) {
      ++blocks;
      // A place for each transaction; the block and the tip.
      puts += block.changes.size() + block.receipts.size() + 2;
    });
  }
  ledger.start();
  double seconds = 0;
  double limit = 0;
  for (auto _ : state) {
    auto transactions = make_transfers(ledger, count, chains, linked, kHolders);
    limit += verifications_per_second() / 2;
    const double took = run_all(ledger, std::move(transactions));
    limit += verifications_per_second() / 2;
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
  if (linked == 1) transfers_per_second = rate;
}

void transfers(benchmark::State& state) { measure(state, 40'000, 1); }
BENCHMARK(transfers)->Arg(1)->Arg(3)->UseManualTime()->Iterations(3);

void linked(benchmark::State& state) { measure(state, 2'000, 64); }
BENCHMARK(linked)->Arg(1)->Arg(3)->UseManualTime()->Iterations(3);

void latency(benchmark::State& state) {
  constexpr std::size_t kHolders = 1000;
  constexpr std::size_t kCount = 20'000;
  const auto chains = static_cast<std::uint16_t>(state.range(0));
  LedgerForTest ledger(chains, kHolders, 1'000'000);
  ledger.start();
  for (auto _ : state) {
    auto transactions = make_transfers(ledger, kCount, chains, 1, kHolders);
    std::vector<double> took(kCount);
    std::atomic<std::size_t> left = kCount;
    const double rate = transfers_per_second / 2;
    const auto start = Clock::now();
    for (std::size_t i = 0; i < kCount; ++i) {
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
    state.counters["p50_ms"] = took[kCount / 2] * 1e3;
    state.counters["p99_ms"] = took[kCount * 99 / 100] * 1e3;
    state.counters["offered_per_second"] = rate;
  }
}
BENCHMARK(latency)->Arg(1)->Arg(3)->UseManualTime()->Iterations(1);

}  // namespace
}  // namespace intaglio::gateway
