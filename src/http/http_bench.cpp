// Requests a second of a trivial route over connections that are kept alive, by our own client in
// one thread a connection, beside the limit of the same machine: as many bytes to and fro over bare
// sockets. Client and server share the cores.
#include <atomic>
#include <thread>

#include <benchmark/benchmark.h>

#include "base/folder_for_test.h"
#include "base/format.h"
#include "base/log.h"
#include "http/client.h"
#include "http/raw_socket.h"
#include "http/sample_server.h"
#include "http/test_identity.h"

namespace intaglio::http {
namespace {

constexpr int kRequestsATurn = 200;

// What a request and its answer weigh here, without TLS.
constexpr std::size_t kRequestBytes = 50;
constexpr std::size_t kResponseBytes = 230;

// Runs turn(connection) for each connection at once, again and again.
template <typename Turn>
void run_turns(benchmark::State& state, std::size_t connections, Turn turn) {
  for (auto _ : state) {
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < connections; ++i) threads.emplace_back([&turn, i] { turn(i); });
    for (auto& thread : threads) thread.join();
  }
  state.SetItemsProcessed(state.iterations() * kRequestsATurn *
                          static_cast<std::int64_t>(connections));
}

void requests(benchmark::State& state, bool secure) {
  log::set_level(log::Level::warning);
  const auto connections = static_cast<std::size_t>(state.range(0));
  const FolderForTest scratch;
  ServerOptions options;
  std::optional<Trust> trust;
  if (secure) {
    std::string output;
    if (!make_identity(scratch, "node", "IP:127.0.0.1", output)) return state.SkipWithError("key");
    options.tls = load_identity(scratch, "node");
    trust = PinnedCertificate{options.tls->certificate_pem};
  }
  const SampleServer server(std::move(options));
  const auto url = format("{}://127.0.0.1:{}", secure ? "https" : "http", server.port());
  std::vector<Client> clients;
  for (std::size_t i = 0; i < connections; ++i) {
    clients.push_back(Client::open(url, trust).value());
    if (!clients.back().get("/bytes/2")) return state.SkipWithError("no answer");
  }
  std::atomic<bool> failed = false;
  run_turns(state, connections, [&](std::size_t i) {
    for (int n = 0; n < kRequestsATurn; ++n) {
      const auto answer = clients[i].get("/bytes/2");
      if (!answer || answer->status != 200) failed = true;
    }
  });
  if (failed) state.SkipWithError("refused");
}

void requests_plain(benchmark::State& state) { requests(state, false); }
BENCHMARK(requests_plain)->Arg(1)->Arg(8)->UseRealTime();

void requests_tls(benchmark::State& state) { requests(state, true); }
BENCHMARK(requests_tls)->Arg(1)->Arg(8)->UseRealTime();

// The server alone: requests are sent 64 at once, so that the client costs next to nothing.
void requests_pipelined(benchmark::State& state) {
  log::set_level(log::Level::warning);
  constexpr int kAtOnce = 64;
  const SampleServer server;
  std::string batch;
  for (int i = 0; i < kAtOnce; ++i) batch += "GET /bytes/2 HTTP/1.1\r\nHost: x\r\n\r\n";
  RawSocket socket = RawSocket::to(server.port());
  for (auto _ : state) {
    socket.send(batch);
    for (int i = 0; i < kAtOnce; ++i) {
      if (read_response(socket).status != 200) state.SkipWithError("refused");
    }
  }
  state.SetItemsProcessed(state.iterations() * kAtOnce);
}
BENCHMARK(requests_pipelined)->UseRealTime();

void bare_round_trips(benchmark::State& state) {
  const auto connections = static_cast<std::size_t>(state.range(0));
  RawListener listener;
  std::vector<RawSocket> clients;
  std::vector<std::thread> servers;
  for (std::size_t i = 0; i < connections; ++i) {
    clients.push_back(RawSocket::to(listener.port()));
    servers.emplace_back([socket = listener.accept()]() mutable {
      const std::string answer(kResponseBytes, 'x');
      while (socket.read_bytes(kRequestBytes)) socket.send(answer);
    });
  }
  const std::string request(kRequestBytes, 'x');
  run_turns(state, connections, [&](std::size_t i) {
    for (int n = 0; n < kRequestsATurn; ++n) {
      clients[i].send(request);
      clients[i].read_bytes(kResponseBytes);
    }
  });
  for (auto& client : clients) client.close();
  for (auto& thread : servers) thread.join();
}
BENCHMARK(bare_round_trips)->Arg(1)->Arg(8)->UseRealTime();

}  // namespace
}  // namespace intaglio::http
