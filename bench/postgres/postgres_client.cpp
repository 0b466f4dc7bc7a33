// Transfers that PostgreSQL settles, beside ours in the same run and on the same cores: the same
// signed bytes, the same signature check in front, durable before they are answered.
//   ours                           one chain, as gateway_bench measures it
//   one_by_one/CONNECTIONS         one transaction of PostgreSQL's for each transfer
//   together/CONNECTIONS           64 transfers in one transaction of PostgreSQL's
//   latency/CONNECTIONS            one by one at half of that rate, from due to answered
// bench/postgres/run starts the server and makes the tables (schema.sql); where it is, libpq reads
// from the environment.
#include <atomic>
#include <map>
#include <thread>

#include <benchmark/benchmark.h>
#include <libpq-fe.h>

#include "base/scale_for_test.h"
#include "crypto/limit_for_test.h"
#include "gateway/ledger_for_test.h"

namespace intaglio {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kHolders = 1000;
constexpr std::size_t kTogether = 64;
constexpr std::uint64_t kCents = 1'000'000;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Numbers as PostgreSQL's binary formats have them.
template <typename Number>
void put(std::string& out, Number number) {
  for (int shift = 8 * (static_cast<int>(sizeof number) - 1); shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(static_cast<std::uint64_t>(number) >> shift));
  }
}
std::string binary(std::int64_t number) {
  std::string out;
  put(out, number);
  return out;
}

// A one-dimensional array of these elements.
std::string binary(std::int32_t type, const std::vector<std::string>& elements) {
  std::string out;
  put(out, std::int32_t{1});  // dimensions
  put(out, std::int32_t{0});  // no nulls
  put(out, type);
  put(out, static_cast<std::int32_t>(elements.size()));
  put(out, std::int32_t{1});  // the first one's number
  for (const std::string& each : elements) {
    put(out, static_cast<std::int32_t>(each.size()));
    out += each;
  }
  return out;
}

// The numbers that PostgreSQL has for its types.
constexpr std::int32_t kBytea = 17;
constexpr std::int32_t kBigint = 20;
constexpr std::int32_t kUuid = 2950;

class Connection {
 public:
  Connection() : connection_(PQconnectdb("")) {
    if (PQstatus(connection_) != CONNECTION_OK) fatal(PQerrorMessage(connection_));
    prepare("one", "SELECT pay($1, $2, $3, $4, $5)", {kBigint, kUuid, kBigint, kBigint, kBytea});
    prepare("many", "SELECT pay_many($1, $2, $3, $4, $5)", {1016, 2951, 1016, 1016, 1001});
  }
  ~Connection() { PQfinish(connection_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // The first value of the answer, in text or, of what was prepared, in binary.
  std::string ask(const std::string& text) { return value(PQexec(connection_, text.c_str())); }
  std::string run(const char* prepared, const std::vector<std::string>& values) {
    std::vector<const char*> at;
    std::vector<int> sizes;
    for (const std::string& each : values) {
      at.push_back(each.data());
      sizes.push_back(static_cast<int>(each.size()));
    }
    const std::vector<int> formats(values.size(), 1);
    return value(PQexecPrepared(connection_, prepared, static_cast<int>(values.size()), at.data(),
                                sizes.data(), formats.data(), 1));
  }

 private:
  void prepare(const char* name, const char* text, const std::vector<Oid>& types) {
    value(PQprepare(connection_, name, text, static_cast<int>(types.size()), types.data()));
  }
  std::string value(PGresult* result) {
    const auto status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
      fatal(PQerrorMessage(connection_));
    }
    std::string out;
    if (PQntuples(result) > 0) {
      out.assign(PQgetvalue(result, 0, 0), static_cast<std::size_t>(PQgetlength(result, 0, 0)));
    }
    PQclear(result);
    return out;
  }

  PGconn* connection_;
};

// Those who pay: with us on a chain, in PostgreSQL by numbers from 1.
struct World {
  gateway::LedgerForTest ledger{1, kHolders, kCents};
  std::map<AccountId, std::int64_t> numbers;
  crypto::VerifierCache keys{100'000};
  Connection connection;

  World() {
    // Nothing is given up for speed.
    for (const char* setting : {"fsync", "synchronous_commit", "full_page_writes"}) {
      CHECK(connection.ask(format("SHOW {}", setting)) == "on");
    }
    connection.ask("TRUNCATE accounts, transfers");
    for (std::size_t i = 0; i < kHolders; ++i) {
      numbers[ledger.account(i)] = static_cast<std::int64_t>(i) + 1;
      connection.ask(format("INSERT INTO accounts VALUES ({}, '\\x{}', {})", i + 1,
                            codec::to_hex(ledger.account(i)), kCents));
    }
    for (const auto& each : ledger.genesis().keys) keys.insert(each.key);
    ledger.start();
  }

  std::vector<Bytes> transfers(std::size_t count) const {
    std::vector<Bytes> out;
    for (std::size_t i = 0; i < count; ++i) out.push_back(ledger.transfer(i % kHolders, 0));
    return out;
  }

  // That nothing was lost or made, and that so many transfers stand there.
  void audit(std::size_t transfers) {
    CHECK(connection.ask("SELECT sum(balance) FROM accounts") == std::to_string(kHolders * kCents));
    CHECK(connection.ask("SELECT count(*) FROM transfers WHERE accepted") ==
          std::to_string(transfers));
  }
};

World& world() {
  static World made;
  return made;
}

// A transfer as PostgreSQL takes it, from what its payer signed: parsed and verified as the gateway
// does it.
struct Checked {
  std::string payer;
  std::string client;
  std::string payee;
  std::string amount;
  std::string statement;
};
Checked check(World& in, ByteView bytes) {
  auto parsed = proof::parse_statement<tx::Transaction>(bytes, in.ledger.gateway().ledger(),
                                                        tx::Transaction::kMaxBytes);
  CHECK(parsed && parsed->body().check());
  const auto key = in.keys.find(parsed->signer());
  CHECK(key != nullptr);
  const auto verified = proof::verify_statement(*std::move(parsed), *key);
  CHECK(verified.has_value());
  const tx::Transaction& body = (*verified)->body;
  const auto& transfer = std::get<tx::Transfer>(body.operations.front());
  return {.payer = binary(in.numbers.at(body.account)),
          .client = std::string(as_text(body.client.view())),
          .payee = binary(in.numbers.at(transfer.to.account)),
          .amount = binary(static_cast<std::int64_t>(transfer.amount.value())),
          .statement = std::string(as_text(bytes))};
}

void pay(Connection& connection, const Checked& transfer) {
  const std::string accepted = connection.run(
      "one",
      {transfer.payer, transfer.client, transfer.payee, transfer.amount, transfer.statement});
  CHECK(accepted == std::string(1, '\1'));
}

void pay_together(Connection& connection, const std::vector<Checked>& transfers) {
  std::vector<std::vector<std::string>> columns(5);
  for (const Checked& each : transfers) {
    columns[0].push_back(each.payer);
    columns[1].push_back(each.client);
    columns[2].push_back(each.payee);
    columns[3].push_back(each.amount);
    columns[4].push_back(each.statement);
  }
  const std::string done = connection.run(
      "many", {binary(kBigint, columns[0]), binary(kUuid, columns[1]), binary(kBigint, columns[2]),
               binary(kBigint, columns[3]), binary(kBytea, columns[4])});
  CHECK(done == binary(static_cast<std::int64_t>(transfers.size())));
}

// `work(connection, i)` for every i below `count`, on so many connections at once, each with a
// thread; the seconds it took.
double on_connections(std::size_t connections, std::size_t count,
                      const std::function<void(Connection&, std::size_t)>& work) {
  std::vector<std::unique_ptr<Connection>> open(connections);
  for (auto& each : open) each = std::make_unique<Connection>();
  std::atomic<std::size_t> next = 0;
  const auto start = Clock::now();
  std::vector<std::thread> threads;
  for (auto& each : open) {
    threads.emplace_back([&] {
      for (std::size_t i = next++; i < count; i = next++) work(*each, i);
    });
  }
  for (auto& thread : threads) thread.join();
  return seconds_since(start);
}

std::size_t settled = 0;                              // transfers in PostgreSQL so far
std::map<std::size_t, double> one_by_one_per_second;  // by connections

// Sets the counters of `count` transfers a round; `run` does one round and says how long it took.
double measure(benchmark::State& state, std::size_t count,
               const std::function<double(std::vector<Bytes>)>& run) {
  double seconds = 0;
  double limit = 0;
  for (auto _ : state) {
    auto transfers = world().transfers(count);
    limit += crypto::verifications_per_second() / 2;
    const double took = run(std::move(transfers));
    limit += crypto::verifications_per_second() / 2;
    state.SetIterationTime(took);
    seconds += took;
  }
  const auto rounds = static_cast<double>(state.iterations());
  const double rate = rounds * static_cast<double>(count) / seconds;
  state.counters["transfers_per_second"] = rate;
  state.counters["limit_per_second"] = limit / rounds;
  state.counters["of_limit"] = rate * rounds / limit;
  return rate;
}

void ours(benchmark::State& state) {
  measure(state, scaled(40'000), [](std::vector<Bytes> transfers) {
    std::atomic<std::size_t> left = transfers.size();
    const auto start = Clock::now();
    for (auto& each : transfers) {
      world().ledger.gateway().submit(std::move(each), [&left](const Result<tx::Receipt>& receipt) {
        CHECK(receipt && receipt->accepted());
        if (--left == 0) left.notify_one();
      });
    }
    for (std::size_t now = left; now != 0; now = left) left.wait(now);
    return seconds_since(start);
  });
}

void one_by_one(benchmark::State& state) {
  const auto connections = static_cast<std::size_t>(state.range(0));
  one_by_one_per_second[connections] =
      measure(state, scaled(20'000), [&](const std::vector<Bytes>& transfers) {
        settled += transfers.size();
        return on_connections(connections, transfers.size(), [&](Connection& on, std::size_t i) {
          pay(on, check(world(), transfers[i]));
        });
      });
  world().audit(settled);
}

void together(benchmark::State& state) {
  const auto connections = static_cast<std::size_t>(state.range(0));
  measure(state, scaled(40'000, 640) / kTogether * kTogether,
          [&](const std::vector<Bytes>& transfers) {
            settled += transfers.size();
            return on_connections(
                connections, transfers.size() / kTogether, [&](Connection& on, std::size_t group) {
                  std::vector<Checked> checked;
                  for (std::size_t i = 0; i < kTogether; ++i) {
                    checked.push_back(check(world(), transfers[group * kTogether + i]));
                  }
                  pay_together(on, checked);
                });
          });
  world().audit(settled);
}

void latency(benchmark::State& state) {
  const auto connections = static_cast<std::size_t>(state.range(0));
  if (!one_by_one_per_second.contains(connections)) {
    return state.SkipWithError("needs one_by_one first");
  }
  const double rate = one_by_one_per_second.at(connections) / 2;
  const std::size_t count = scaled(10'000, 100);
  for (auto _ : state) {
    const auto transfers = world().transfers(count);
    std::vector<double> took(count);
    settled += count;
    // Not before all are connected.
    const auto start = Clock::now() + std::chrono::milliseconds(500);
    state.SetIterationTime(on_connections(connections, count, [&](Connection& on, std::size_t i) {
      const auto due = start + std::chrono::duration_cast<Clock::duration>(
                                   std::chrono::duration<double>(static_cast<double>(i) / rate));
      std::this_thread::sleep_until(due);
      pay(on, check(world(), transfers[i]));
      took[i] = seconds_since(due);
    }));
    std::ranges::sort(took);
    state.counters["p50_ms"] = took[count / 2] * 1e3;
    state.counters["p99_ms"] = took[count * 99 / 100] * 1e3;
    state.counters["offered_per_second"] = rate;
  }
  world().audit(settled);
}

// What PostgreSQL holds in the end, and what it wrote to its log for it.
void disk(benchmark::State& state) {
  for (auto _ : state) {
    world().connection.ask("CHECKPOINT");
    const auto bytes = [&](const char* table) {
      return std::stod(
          world().connection.ask(format("SELECT pg_total_relation_size('{}')", table)));
    };
    state.counters["bytes_per_transfer"] = bytes("transfers") / static_cast<double>(settled);
    state.counters["accounts_bytes"] = bytes("accounts");
  }
}

BENCHMARK(ours)->UseManualTime()->Unit(benchmark::kMillisecond)->Iterations(2);
BENCHMARK(one_by_one)
    ->ArgName("connections")
    ->Arg(8)
    ->Arg(16)
    ->Arg(32)
    ->Arg(64)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond)
    ->Iterations(2);
BENCHMARK(together)
    ->ArgName("connections")
    ->Arg(2)
    ->Arg(4)
    ->Arg(8)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond)
    ->Iterations(2);
BENCHMARK(latency)
    ->ArgName("connections")
    ->Arg(32)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond)
    ->Iterations(1);
BENCHMARK(disk)->Iterations(1);

}  // namespace
}  // namespace intaglio

BENCHMARK_MAIN();
