// A chain that CometBFT orders, all of it on this machine: what the cores verify is shared by the
// validators, each of which verifies everything.
//   limit_verifications      ES256 verifications a second of all cores, nothing else
//   transfers/VALIDATORS     one signature each, through the first operator's gateway, packed;
//                            `of_limit` is against the limit over the number of validators
//   linked/VALIDATORS        64 transfers under one signature, packed; bytes of packs a second
//   kvstore/VALIDATORS       CometBFT's own example application with transactions of as many bytes
//                            as the packs of the run before, at the same settings
//   embedded                 the same transfers without CometBFT
//   latency/VALIDATORS       from handing one in to its receipt, twenty a second
// `cpu_us_here`, `cpu_us_comet` and `cpu_us_applications` are what cores work for a transaction:
// this process, which is the clients, the first operator's gateway and its chain; all nodes of
// CometBFT; the other operators' chains. They say what a transaction costs on a machine that does
// other things too. `bytes_per_transfer` is what validators send each other. Not run, and said so,
// without CometBFT.
#include <atomic>
#include <cmath>
#include <map>
#include <thread>

#include <benchmark/benchmark.h>

#include "base/format.h"
#include "base/log.h"
#include "base/scale_for_test.h"
#include "comet/cluster.h"
#include "crypto/limit_for_test.h"
#include "element/secure_element.h"
#include "gateway/ledger_for_test.h"
#include "service/node.h"

namespace intaglio::comet {
namespace {

using Clock = std::chrono::steady_clock;

constexpr AssetId kEuro{978};
constexpr std::size_t kHolders = 200;
constexpr Duration kBlockInterval(100);
constexpr std::size_t kAtOnce = 12'000;
// What a pack of a run had, by validators, for the one beside it.
std::map<std::int64_t, double> pack_bytes;
double limit_per_second = 0;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

void limit_verifications(benchmark::State& state) {
  for (auto _ : state) {
    const auto start = Clock::now();
    limit_per_second = crypto::verifications_per_second(20'000);
    state.SetIterationTime(seconds_since(start));
  }
  state.counters["per_second"] = limit_per_second;
}
BENCHMARK(limit_verifications)->UseManualTime()->Iterations(2);

// Seconds that cores have worked for this process, and for a cluster's.
struct Spent {
  double here = 0;
  Cluster::Spent cluster;

  static Spent now(const Cluster& cluster) {
    timespec here{};
    CHECK(::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &here) == 0);
    return {static_cast<double>(here.tv_sec) + static_cast<double>(here.tv_nsec) / 1e9,
            cluster.cpu_seconds()};
  }
  void add(const Spent& from, const Spent& to) {
    here += to.here - from.here;
    cluster.comet += to.cluster.comet - from.cluster.comet;
    cluster.applications += to.cluster.applications - from.cluster.applications;
  }
  void show(benchmark::State& state, double transactions) const {
    state.counters["cpu_us_here"] = 1e6 * here / transactions;
    state.counters["cpu_us_comet"] = 1e6 * cluster.comet / transactions;
    state.counters["cpu_us_applications"] = 1e6 * cluster.applications / transactions;
  }
};

crypto::Signer signer_of(const crypto::SigningKey& key) {
  return {key.public_key(), [&key](ByteView message) -> Result<crypto::Signature> {
            return key.sign(crypto::sha256(message));
          }};
}
AccountId account(const crypto::SigningKey& key) {
  return AccountId::prefix_of(key.public_key().hash());
}

// A chain with so many validators: processes but for the first operator's node, which is here.
struct Bench {
  explicit Bench(std::uint16_t validators) {
    for (std::size_t i = 0; i < kHolders; ++i) keys.push_back(crypto::SigningKey::generate());
    service::NetworkOptions options;
    options.setup.name = "bench";
    options.setup.chains = 1;
    options.setup.assets = {{kEuro, "EUR", 2, Amount(1)}};
    for (const auto& key : keys) {
      options.setup.keys.push_back({key.public_key(), ledger::Role::holder});
      options.setup.money.push_back({kMainChain, account(key), kEuro, Amount(1'000'000'000)});
    }
    options.validators = validators;
    options.block_interval = kBlockInterval;
    cluster = std::make_unique<Cluster>(*comet_program(), std::move(options));
    std::filesystem::current_path(cluster->folder(0));
    client = http::CometClient::open(cluster->home(0, 0).rpc_url()).value();
    auto rpc = client->rpc();
    rpc.broadcast = [this](ByteView transaction) {
      ++packs;
      bytes += transaction.size();
      return client->broadcast(transaction);
    };
    service::Elsewhere elsewhere;
    elsewhere.comet.push_back({kMainChain, cluster->home(0, 0).address, std::move(rpc)});
    node = service::Node::open(cluster->folder(0), Cluster::passphrase(), system_env(),
                               std::move(elsewhere))
               .value();
    for (std::size_t op = 0; op < cluster->operators(); ++op) {
      if (op > 0) cluster->start_application(op, 0);
      cluster->start_comet(op, 0);
    }
    node->start();
    CHECK(cluster->reaches(0, 0, Height(3)));
  }
  ~Bench() { std::filesystem::current_path("/"); }

  Bytes transfer(std::size_t n, std::size_t linked) const {
    const auto& payer = keys[n % kHolders];
    const LedgerId& ledger = node->gateway().ledger();
    tx::Transaction body{.ledger = ledger,
                         .chains = {kMainChain},
                         .account = account(payer),
                         .client = system_env().random_id<ClientId>(),
                         .valid_until = system_env().now() + seconds(600),
                         .operations = {}};
    for (std::size_t i = 0; i < linked; ++i) {
      body.operations.emplace_back(
          tx::Transfer{.to = {kMainChain, account(keys[(n + 1 + i) % kHolders])},
                       .asset = kEuro,
                       .amount = Amount(1)});
    }
    return proof::sign_statement(body, ledger, signer_of(payer)).value();
  }

  std::vector<crypto::SigningKey> keys;
  std::unique_ptr<Cluster> cluster;
  std::unique_ptr<http::CometClient> client;
  std::unique_ptr<service::Node> node;
  std::atomic<std::size_t> packs = 0;
  std::atomic<std::size_t> bytes = 0;
};

// Submits as fast as receipts come, with so many on their way, and waits until the last is durable;
// the seconds it took.
double run_all(gateway::Gateway& gateway, std::vector<Bytes> transactions) {
  std::atomic<std::size_t> left = transactions.size();
  const auto start = Clock::now();
  std::size_t to_come = transactions.size();
  for (auto& transaction : transactions) {
    for (std::size_t now = left; now >= to_come + kAtOnce; now = left) left.wait(now);
    --to_come;
    gateway.submit(std::move(transaction), [&left](const Result<tx::Receipt>& receipt) {
      if (!receipt) fatal(to_string(receipt.error()));
      CHECK(receipt->accepted());
      // Not for each: whoever waits, waits for many.
      if (--left % 100 == 0) left.notify_one();
    });
  }
  for (std::size_t now = left; now != 0; now = left) left.wait(now);
  return seconds_since(start);
}

void measure(benchmark::State& state, std::size_t count, std::size_t linked) {
  log::set_level(log::Level::error);
  if (!comet_program()) return state.SkipWithError("not run: there is no CometBFT");
  Bench bench(static_cast<std::uint16_t>(state.range(0)));
  double seconds = 0;
  std::uint64_t sent = 0;
  Spent spent;
  for (auto _ : state) {
    std::vector<Bytes> transactions;
    for (std::size_t i = 0; i < count; ++i) transactions.push_back(bench.transfer(i, linked));
    const std::uint64_t before = bench.cluster->bytes_sent(0);
    const Spent begun = Spent::now(*bench.cluster);
    const double took = run_all(bench.node->gateway(), std::move(transactions));
    spent.add(begun, Spent::now(*bench.cluster));
    sent += bench.cluster->bytes_sent(0) - before;
    state.SetIterationTime(took);
    seconds += took;
  }
  const auto runs = static_cast<double>(state.iterations());
  const double transfers = runs * static_cast<double>(count * linked);
  const double each = static_cast<double>(bench.bytes) / static_cast<double>(bench.packs);
  pack_bytes[state.range(0)] = each;
  state.counters["transfers_per_second"] = transfers / seconds;
  state.counters["transactions_per_second"] = runs * static_cast<double>(count) / seconds;
  state.counters["of_limit"] = runs * static_cast<double>(count) / seconds / limit_per_second *
                               static_cast<double>(state.range(0));
  state.counters["bytes_per_second"] = static_cast<double>(bench.bytes) / seconds;
  state.counters["bytes_a_pack"] = each;
  state.counters["bytes_per_transfer"] = static_cast<double>(sent) / transfers;
  spent.show(state, runs * static_cast<double>(count));
}

void transfers(benchmark::State& state) { measure(state, scaled(36'000, 100), 1); }
void linked(benchmark::State& state) { measure(state, scaled(2'000, 20), 64); }

// As many bytes as in `linked` just before, in transactions of the same size.
void kvstore(benchmark::State& state) {
  if (!comet_program()) return state.SkipWithError("not run: there is no CometBFT");
  service::NetworkOptions options;
  options.setup.chains = 1;
  options.setup.assets = {{kEuro, "EUR", 2, Amount(1)}};
  options.validators = static_cast<std::uint16_t>(state.range(0));
  options.block_interval = kBlockInterval;
  Cluster cluster(*comet_program(), std::move(options));
  for (std::size_t op = 0; op < cluster.operators(); ++op) cluster.start_kvstore(op);
  CHECK(cluster.reaches(0, 0, Height(3)));
  const auto size = static_cast<std::size_t>(std::max(pack_bytes[state.range(0)], 1000.0));
  const std::size_t count = scaled(20'000'000, 200'000) / size + 1;
  double seconds = 0;
  Spent spent;
  for (auto _ : state) {
    std::vector<Bytes> transactions;
    for (std::size_t i = 0; i < count; ++i) {
      // It takes a key and a value with one sign between them.
      std::string text = format("{}-{}=", Clock::now().time_since_epoch().count(), i);
      text.resize(size, 'x');
      transactions.push_back(to_bytes(as_bytes(text)));
    }
    std::atomic<std::size_t> next = 0;
    const Spent begun = Spent::now(cluster);
    const auto start = Clock::now();
    std::vector<std::thread> senders;
    for (int i = 0; i < 4; ++i) {
      senders.emplace_back([&] {
        for (std::size_t at = next++; at < count; at = next++) {
          while (true) {
            const auto answer = cluster.rpc(0, 0).broadcast(transactions[at]);
            if (answer) CHECK(answer->code == 0);
            if (answer) break;
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
          }
        }
      });
    }
    for (auto& each : senders) each.join();
    while (cluster.unconfirmed(0, 0) != 0) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    const double took = seconds_since(start);
    spent.add(begun, Spent::now(cluster));
    state.SetIterationTime(took);
    seconds += took;
  }
  spent.show(state, static_cast<double>(state.iterations()) * static_cast<double>(count));
  const double all = static_cast<double>(state.iterations()) * static_cast<double>(count * size);
  state.counters["bytes_per_second"] = all / seconds;
  state.counters["bytes_a_pack"] = static_cast<double>(size);
}

void embedded(benchmark::State& state) {
  const auto per_signature = static_cast<std::size_t>(state.range(0));
  gateway::LedgerForTest ledger(1, kHolders, 1'000'000'000);
  ledger.start();
  const std::size_t count = per_signature == 1 ? scaled(36'000, 100) : scaled(2'000, 20);
  double seconds = 0;
  for (auto _ : state) {
    std::vector<Bytes> transactions;
    for (std::size_t i = 0; i < count; ++i) {
      transactions.push_back(ledger.transfer(i % kHolders, 0, per_signature));
    }
    const double took = run_all(ledger.gateway(), std::move(transactions));
    state.SetIterationTime(took);
    seconds += took;
  }
  const double runs = static_cast<double>(state.iterations() * static_cast<std::int64_t>(count));
  state.counters["transfers_per_second"] = runs * static_cast<double>(per_signature) / seconds;
  state.counters["of_limit"] = runs / seconds / limit_per_second;
}

void latency(benchmark::State& state) {
  log::set_level(log::Level::error);
  if (!comet_program()) return state.SkipWithError("not run: there is no CometBFT");
  Bench bench(static_cast<std::uint16_t>(state.range(0)));
  std::mutex mutex;
  std::vector<double> took;
  for (auto _ : state) {
    const std::size_t count = scaled(400, 20);
    std::atomic<std::size_t> left = count;
    const auto begun = Clock::now();
    for (std::size_t i = 0; i < count; ++i) {
      Bytes transaction = bench.transfer(i, 1);
      // Not in step with the blocks.
      std::this_thread::sleep_until(begun + i * std::chrono::microseconds(50'333));
      const auto start = Clock::now();
      bench.node->gateway().submit(std::move(transaction),
                                   [&, start](const Result<tx::Receipt>& receipt) {
                                     CHECK(receipt && receipt->accepted());
                                     const double seconds = seconds_since(start);
                                     {
                                       const std::lock_guard lock(mutex);
                                       took.push_back(seconds);
                                     }
                                     if (--left == 0) left.notify_one();
                                   });
    }
    for (std::size_t now = left; now != 0; now = left) left.wait(now);
    state.SetIterationTime(seconds_since(begun));
  }
  std::ranges::sort(took);
  state.counters["p50_ms"] = 1000 * took[took.size() / 2];
  state.counters["p99_ms"] = 1000 * took[took.size() * 99 / 100];
  state.counters["block_interval_ms"] = static_cast<double>(kBlockInterval.value());
}

void both(benchmark::internal::Benchmark* each) {
  each->ArgName("validators")->Arg(1)->Arg(4)->UseManualTime()->Iterations(2);
}
BENCHMARK(transfers)->Apply(both);
BENCHMARK(linked)->Apply(both);
BENCHMARK(kvstore)->Apply(both);
BENCHMARK(embedded)->ArgName("linked")->Arg(1)->Arg(64)->UseManualTime()->Iterations(2);
BENCHMARK(latency)->ArgName("validators")->Arg(1)->Arg(4)->UseManualTime()->Iterations(1);

}  // namespace
}  // namespace intaglio::comet

BENCHMARK_MAIN();
