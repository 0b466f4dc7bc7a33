// Signed transfers through POST /v1/transactions, durable, against what the machine can verify at
// all: binary bodies that were signed beforehand, connections kept alive, clients on the same
// cores.
//   limit_verifications        ES256 verifications a second of all cores, nothing else
//   posts/COUNT/TLS            COUNT transfers a request, over TLS or not
// `of_limit` is the ratio to limit_verifications in the same run.
#include <atomic>
#include <thread>

#include <benchmark/benchmark.h>

#include "base/log.h"
#include "base/scale_for_test.h"
#include "crypto/limit_for_test.h"
#include "http/api.h"
#include "http/client.h"
#include "http/server.h"
#include "http/transaction_body.h"
#include "service/node_for_test.h"

namespace intaglio::http {
namespace {

constexpr std::size_t kConnections = 32;
// So that none comes near what one account may have in a block.
constexpr std::size_t kPayers = 8;

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

template <typename Work>
double in_threads(std::size_t count, Work work) {
  const auto start = Clock::now();
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < count; ++i) threads.emplace_back([&work, i] { work(i); });
  for (auto& thread : threads) thread.join();
  return seconds_since(start);
}

double limit_per_second = 0;

void limit_verifications(benchmark::State& state) {
  for (auto _ : state) {
    const auto start = Clock::now();
    limit_per_second = crypto::verifications_per_second(20'000);
    state.SetIterationTime(seconds_since(start));
  }
  state.counters["per_second"] = limit_per_second;
}
BENCHMARK(limit_verifications)->UseManualTime()->Iterations(2);

// A node, its API, and people with money who pay somebody else.
struct Bench {
  Metrics metrics;
  service::NodeForTest node;
  std::unique_ptr<element::SecureElement> treasury = node.key("treasury");
  std::vector<std::unique_ptr<element::SecureElement>> payers;
  std::unique_ptr<element::SecureElement> payee = element::make_passing_key();
  std::optional<Server> server;
  std::vector<Client> clients;
  std::size_t next_payer = 0;

  explicit Bench(bool secure) {
    enrol("payee", *payee);
    service::Sender funding(node->gateway(), element::signer_of(*treasury), system_env());
    for (std::size_t i = 0; i < kPayers; ++i) {
      payers.push_back(element::make_passing_key());
      enrol(format("payer-{}", i), *payers.back());
      CHECK(funding.send_and_wait(ChainId(1), {paying(*payers.back(), Amount(50'000))}));
    }
    Router router;
    add_api(router, *node, metrics, system_env());
    ServerOptions options;
    std::optional<Trust> trust;
    if (secure) {
      options.tls = TlsIdentity{node->tls_certificate_pem(), Secret(Bytes(node->tls_key_pem())),
                                service::test_passphrase()};
      trust = PinnedCertificate{node->tls_certificate_pem()};
    }
    server.emplace(std::move(router), std::move(options), metrics);
    CHECK(server->start().has_value());
    const auto url = format("{}://127.0.0.1:{}", secure ? "https" : "http", server->port());
    for (std::size_t i = 0; i < kConnections; ++i) {
      clients.push_back(Client::open(url, trust).value());
      CHECK(clients.back().get("/healthz").has_value());
    }
  }

  void enrol(const std::string& name, element::SecureElement& key) {
    const auto login = node.login(name, key);
    CHECK(node.enrol(login, pki::CertificateUsage::holder, key).has_value());
  }

  static AccountId account(const element::SecureElement& key) {
    return AccountId::prefix_of(key.public_key().hash());
  }
  static tx::Transfer paying(const element::SecureElement& to, Amount amount) {
    return {.to = {ChainId(1), account(to)},
            .asset = AssetId(978),
            .amount = amount,
            .memo = {},
            .code = {},
            .code_text = {}};
  }
  Bytes next_transfer() {
    element::SecureElement& payer = *payers[next_payer++ % kPayers];
    const LedgerId& ledger = node->gateway().ledger();
    const tx::Transaction body{.ledger = ledger,
                               .chains = {ChainId(1)},
                               .account = account(payer),
                               .client = system_env().random_id<ClientId>(),
                               .valid_until = system_env().now() + seconds(60),
                               .operations = {paying(*payee, Amount(1))}};
    return *proof::sign_statement(body, ledger, element::signer_of(payer));
  }
  ClientRequest post(std::size_t count) {
    ClientRequest out{.method = "POST", .target = "/v1/transactions", .fields = {}, .body = {}};
    out.fields.add("Content-Type", kCborSeqMediaType);
    out.fields.add("Accept", kCborMediaType);
    for (std::size_t i = 0; i < count; ++i) append(out.body, next_transfer());
    return out;
  }
};

// Every transaction of the answer is a receipt that was accepted.
bool all_accepted(const Response& response, std::size_t count) {
  codec::CborReader in(response.body);
  if (response.status != 200 || in.array().value_or(0) != count) return false;
  for (std::size_t i = 0; i < count; ++i) {
    const auto receipt = codec::read_record<tx::Receipt>(in);
    if (!receipt || !receipt->accepted()) return false;
  }
  return true;
}

void posts(benchmark::State& state) {
  log::set_level(log::Level::warning);
  const auto count = static_cast<std::size_t>(state.range(0));
  const std::size_t posts = scaled(count == 1 ? 16'000 : 640, kConnections);
  Bench bench(state.range(1) != 0);
  std::atomic<bool> failed = false;
  for (auto _ : state) {
    std::vector<ClientRequest> requests;
    for (std::size_t i = 0; i < posts; ++i) requests.push_back(bench.post(count));
    const double took = in_threads(kConnections, [&](std::size_t connection) {
      for (std::size_t i = connection; i < posts; i += kConnections) {
        const auto answer = bench.clients[connection].send(requests[i]);
        if (!answer || !all_accepted(*answer, count)) failed = true;
      }
    });
    state.SetIterationTime(took);
    const double transfers = static_cast<double>(posts * count) / took;
    state.counters["requests_per_second"] = static_cast<double>(posts) / took;
    state.counters["transfers_per_second"] = transfers;
    state.counters["of_limit"] = transfers / limit_per_second;
  }
  if (failed) state.SkipWithError("a transfer was not accepted");
}
BENCHMARK(posts)
    ->ArgNames({"count", "tls"})
    ->Args({64, 0})
    ->Args({64, 1})
    ->Args({1, 0})
    ->Args({1, 1})
    ->UseManualTime()
    ->Iterations(2);

}  // namespace
}  // namespace intaglio::http
