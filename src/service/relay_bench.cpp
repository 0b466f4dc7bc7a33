// Payments between chains through a whole node: gateway, sequencers, relay, all of it durable.
//   crossing/CHAINS/LINKED     every payment goes to another chain, LINKED under one signature;
//   from
//                              the first that is submitted to the last that is credited
//   distribution/CHAINS/SHARE  SHARE percent of the payments go to another chain: bytes between
//                              chains a payment as they are routed, and as they would have been had
//                              every chain watched the others' headers or replicated their blocks
//   idle_chain/CHAINS          the same with all payments crossing, and the last chain without a
//   part crossing_latency/CHAINS    one after the other, from submitted to credited
// `of_limit` is the ratio to the ES256 verifications a second of all cores, taken before and after.
// Bytes are the relay's own counters (chain/relayed.h) and the blocks that the run made. Watching
// headers brings every signed header to every other chain, and then packets and cursors with the
// paths to their headers, without a relay's transaction around them. Replication brings the users'
// transactions and the headers of their blocks to every other chain, and nothing else.
#include <map>

#include <benchmark/benchmark.h>

#include "base/scale_for_test.h"
#include "crypto/limit_for_test.h"
#include "service/chains_for_test.h"

namespace intaglio::service {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kHolders = 512;
constexpr std::chrono::milliseconds kPause{1};

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Made once for all that is measured with so many chains.
ChainsForTest& chains_of(std::int64_t count) {
  const auto make = [&] {
    return std::make_unique<ChainsForTest>(static_cast<std::uint16_t>(count), kHolders);
  };
  // With a node in it from the start: what RocksDB keeps for the program must outlive it.
  static auto kept = make();
  if (kept->count() != count) {
    kept.reset();
    kept = make();
  }
  return *kept;
}

struct Payment {
  tx::Route way;
  std::size_t linked = 1;
  Bytes transaction;
};

// Payers on the first `taking_part` chains in turn; of each one's payments `share` percent go to
// another of these chains, in turn.
std::vector<Payment> payments_of(const ChainsForTest& chains, std::size_t taking_part,
                                 std::size_t count, std::size_t share, std::size_t linked) {
  std::vector<Payment> out;
  out.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t from = i % taking_part;
    const std::size_t turn = i / taking_part;
    const std::size_t crossed = turn * share / 100;
    const bool crosses = (turn + 1) * share / 100 != crossed;
    const std::size_t to = crosses ? (from + 1 + crossed % (taking_part - 1)) % taking_part : from;
    const tx::Route way{ChainId(static_cast<std::uint16_t>(from)),
                        ChainId(static_cast<std::uint16_t>(to))};
    out.push_back({way, linked, chains.transfer(turn, way, linked)});
  }
  return out;
}

// As fast as windows and queues take them, until the last has been credited; the seconds it took.
double run(ChainsForTest& chains, std::vector<Payment> payments) {
  constexpr std::size_t kUnanswered = 10'000;
  const std::uint64_t window = ledger::default_params().max_in_flight;
  std::map<std::pair<ChainId, ChainId>, std::uint64_t> sent;
  std::uint64_t to_arrive = chains.arrived();
  std::atomic<std::size_t> unanswered = 0;
  const auto start = Clock::now();
  for (Payment& each : payments) {
    if (each.way.from != each.way.to) {
      const auto [of_way, is_first] = sent.try_emplace({each.way.from, each.way.to});
      // Nothing is on its way when a run begins.
      if (is_first) of_way->second = chains.acknowledged(each.way);
      of_way->second += each.linked;
      to_arrive += each.linked;
      while (of_way->second - chains.acknowledged(each.way) > window) {
        std::this_thread::sleep_for(kPause);
      }
    }
    while (unanswered >= kUnanswered) std::this_thread::sleep_for(kPause);
    ++unanswered;
    chains.node().gateway().submit(std::move(each.transaction),
                                   [&unanswered](const Result<tx::Receipt>& receipt) {
                                     CHECK(receipt && receipt->accepted());
                                     --unanswered;
                                   });
  }
  while (unanswered != 0 || chains.arrived() != to_arrive) std::this_thread::sleep_for(kPause);
  const double took = seconds_since(start);
  // What is acknowledged later belongs to this run too.
  while (chains.acknowledged() != to_arrive) std::this_thread::sleep_for(kPause);
  return took;
}

struct Moved {
  chain::Relayed relayed;
  InBlocks in_blocks;
};

// Runs them and says what moved meanwhile.
Moved measure(benchmark::State& state, ChainsForTest& chains, std::size_t taking_part,
              std::size_t count, std::size_t share, std::size_t linked) {
  Moved out;
  double seconds = 0;
  double limit = 0;
  for (auto _ : state) {
    auto payments = payments_of(chains, taking_part, count, share, linked);
    const auto tips = chains.tips();
    const chain::Relayed before = chains.relayed();
    limit += crypto::verifications_per_second() / 2;
    const double took = run(chains, std::move(payments));
    limit += crypto::verifications_per_second() / 2;
    state.SetIterationTime(took);
    seconds += took;
    out.relayed += since(before, chains.relayed());
    out.in_blocks += chains.in_blocks(tips);
  }
  const auto rounds = static_cast<double>(state.iterations());
  const double rate = rounds * static_cast<double>(count * linked) / seconds;
  state.counters["transfers_per_second"] = rate;
  state.counters["limit_per_second"] = limit / rounds;
  state.counters["of_limit"] = rate * rounds / limit;
  const auto ratio = [](std::uint64_t part, std::uint64_t whole) {
    return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
  };
  state.counters["transactions_per_block"] =
      ratio(out.in_blocks.transactions, out.in_blocks.blocks);
  state.counters["packets_per_group"] = ratio(out.relayed.packets, out.relayed.groups);
  state.counters["packet_bytes"] = ratio(out.relayed.data_bytes, out.relayed.packets);
  state.counters["bytes_per_packet"] = ratio(out.relayed.bytes(), out.relayed.packets);
  state.counters["amplification"] = ratio(out.relayed.bytes(), out.relayed.data_bytes);
  return out;
}

std::size_t payments_under(std::int64_t linked) {
  return scaled(linked == 1 ? 20'000 : 80'000, 640) / static_cast<std::size_t>(linked);
}

void crossing(benchmark::State& state) {
  auto& chains = chains_of(state.range(0));
  const auto linked = state.range(1);
  measure(state, chains, chains.count(), payments_under(linked), 100,
          static_cast<std::size_t>(linked));
}

void distribution(benchmark::State& state) {
  auto& chains = chains_of(state.range(0));
  const auto share = static_cast<std::size_t>(state.range(1));
  const std::size_t count = scaled(16'000, 1600);
  const Moved moved = measure(state, chains, chains.count(), count, share, 1);
  const auto a_payment = [&](std::uint64_t bytes) {
    return static_cast<double>(bytes) / static_cast<double>(count);
  };
  const std::uint64_t others = chains.count() - 1U;
  state.counters["routed_bytes"] = a_payment(moved.relayed.bytes());
  state.counters["control_bytes"] = a_payment(moved.relayed.control_bytes);
  state.counters["header_watching_bytes"] =
      a_payment(others * moved.in_blocks.headers + moved.in_blocks.proven);
  state.counters["replication_bytes"] =
      a_payment(others * (moved.in_blocks.users_headers + moved.in_blocks.users));
}

void idle_chain(benchmark::State& state) {
  auto& chains = chains_of(state.range(0));
  const ChainId idle(static_cast<std::uint16_t>(chains.count() - 1));
  const auto of_idle = [&] {
    return chains.over_streams([&](const tx::Route& way) {
      return way.from == idle || way.to == idle ? chains.node().relayed(way) : chain::Relayed();
    });
  };
  const chain::Relayed before = of_idle();
  measure(state, chains, chains.count() - 1U, payments_under(1), 100, 1);
  const chain::Relayed moved = since(before, of_idle());
  state.counters["idle_chain_bytes"] = static_cast<double>(moved.bytes());
  state.counters["idle_chain_control_bytes"] = static_cast<double>(moved.control_bytes);
}

void crossing_latency(benchmark::State& state) {
  auto& chains = chains_of(state.range(0));
  const std::size_t count = scaled(500, 10);
  for (auto _ : state) {
    auto payments = payments_of(chains, chains.count(), count, 100, 1);
    std::vector<double> took;
    std::uint64_t arrived = chains.arrived();
    const auto start = Clock::now();
    for (Payment& each : payments) {
      const auto submitted = Clock::now();
      chains.node().gateway().submit(std::move(each.transaction), [](const auto& receipt) {
        CHECK(receipt && receipt->accepted());
      });
      ++arrived;
      while (chains.arrived() != arrived) std::this_thread::yield();
      took.push_back(seconds_since(submitted));
    }
    state.SetIterationTime(seconds_since(start));
    std::ranges::sort(took);
    state.counters["p50_ms"] = took[count / 2] * 1e3;
    state.counters["p99_ms"] = took[count * 99 / 100] * 1e3;
    while (chains.acknowledged() != arrived) std::this_thread::sleep_for(kPause);
  }
}

// All that has one number of chains together, so that each node is made once.
const bool kRegistered = [] {
  const auto add = [](const char* name, void (*work)(benchmark::State&),
                      const std::vector<std::string>& names, const std::vector<std::int64_t>& args,
                      std::int64_t rounds) {
    benchmark::RegisterBenchmark(name, work)
        ->ArgNames(names)
        ->Args(args)
        ->UseManualTime()
        ->Unit(benchmark::kMillisecond)
        ->Iterations(rounds);
  };
  for (const std::int64_t chains : {2, 4, 8, 16}) {
    for (const std::int64_t linked : {1, 4, 16, 64}) {
      if (linked == 4 && chains != 4) continue;
      if (linked == 16 && chains != 4) continue;
      add("crossing", crossing, {"chains", "linked"}, {chains, linked}, 2);
    }
    for (const std::int64_t share : {0, 1, 10, 50, 100}) {
      add("distribution", distribution, {"chains", "share"}, {chains, share}, 1);
    }
    if (chains == 4) add("crossing_latency", crossing_latency, {"chains"}, {chains}, 1);
    if (chains == 16) add("idle_chain", idle_chain, {"chains"}, {chains}, 1);
  }
  return true;
}();

}  // namespace
}  // namespace intaglio::service
