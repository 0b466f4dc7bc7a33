#include "http/server.h"

#include <future>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>

#include "base/check.h"
#include "base/log.h"
#include "codec/hex.h"
#include "http/connection.h"

namespace intaglio::http {
namespace {

// How exactly deadlines are kept.
constexpr auto kSweep = std::chrono::milliseconds(100);

RouteMetrics route_metrics(Metrics& metrics, const std::string& operation) {
  RouteMetrics out{{},
                   metrics.histogram({"intaglio_http_request_seconds",
                                      "from the first byte to the last written",
                                      {{"operation", operation}}})};
  for (const auto* status : {"1xx", "2xx", "3xx", "4xx", "5xx"}) {
    out.by_class.push_back(metrics.counter({"intaglio_http_requests_total",
                                            "requests answered",
                                            {{"operation", operation}, {"status", status}}}));
  }
  return out;
}

// A loop's thread, and its look at the deadlines every now and then.
struct Worker {
  Loop loop;
  asio::executor_work_guard<asio::io_context::executor_type> guard{loop.io.get_executor()};
  asio::steady_timer sweep{loop.io};
  bool sweeping = true;
  std::thread thread;

  void sweep_again() {
    sweep.expires_after(kSweep);
    sweep.async_wait([this](error_code) {
      if (!sweeping) return;
      const auto now = Clock::now();
      // A connection that is aborted leaves the set later, in its own turn.
      for (Connection* connection : loop.connections) connection->check_deadline(now);
      sweep_again();
    });
  }

  void for_each(void (Connection::*function)()) {
    asio::post(loop.io, [this, function] {
      for (Connection* connection : loop.connections) (connection->*function)();
    });
  }

  void run() {
    sweep_again();
    while (true) {
      try {
        loop.io.run();
        return;
      } catch (const std::exception& error) {
        log::error("http: {}", error.what());
      } catch (...) {
        log::error("http: unknown error");
      }
    }
  }

  void finish() {
    asio::post(loop.io, [this] {
      sweeping = false;
      sweep.cancel();
    });
    guard.reset();
    thread.join();
  }
};

}  // namespace

struct Server::Running {
  Site site;
  std::vector<std::unique_ptr<Worker>> workers;
  std::optional<tcp::acceptor> acceptor;  // the first worker's
  std::uint16_t port = 0;
  std::size_t next_worker = 0;
  bool started = false;

  Result<void> listen();
  asio::awaitable<void> accept();
  void take(tcp::socket socket, Worker& worker);
  bool wait_until_empty(std::chrono::milliseconds time);
};

Server::Server(Router router, ServerOptions options, Metrics& metrics, Env& env)
    : running_(std::make_unique<Running>()) {
  Site& site = running_->site;
  site.router = std::move(router);
  site.options = std::move(options);
  site.metrics.emplace(nullptr, route_metrics(metrics, "none"));
  for (const Route& route : site.router.routes()) {
    site.metrics.emplace(&route, route_metrics(metrics, route.operation));
  }
  site.open_connections = metrics.gauge({"intaglio_http_connections", "open connections"});
  site.open_streams = metrics.gauge({"intaglio_http_event_streams", "open event streams"});
  site.failed_handshakes =
      metrics.counter({"intaglio_http_failed_handshakes_total", "TLS handshakes that failed"});
  site.id_prefix = codec::to_hex(env.random_id<FixedBytes<struct PrefixTag, 4>>());
}

Server::~Server() { stop(); }

std::uint16_t Server::port() const { return running_->port; }

Result<void> Server::Running::listen() {
  const auto& options = site.options;
  const std::string where = format("{}:{}", options.address, options.port);
  error_code error;
  const auto address = asio::ip::make_address(options.address, error);
  if (error) return refuse(Verdict::bad_setting, where + " is no IP address");
  const tcp::endpoint endpoint(address, options.port);
  acceptor.emplace(workers.front()->loop.io);
  acceptor->open(endpoint.protocol(), error);
  if (!error) acceptor->set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor->bind(endpoint, error);
  if (!error) acceptor->listen(asio::socket_base::max_listen_connections, error);
  if (error == asio::error::address_in_use) return refuse(Verdict::port_taken, where);
  if (error) return refuse(Verdict::bad_setting, format("{}: {}", where, error.message()));
  port = acceptor->local_endpoint(error).port();
  return {};
}

Result<void> Server::start() {
  Running& running = *running_;
  CHECK(!running.started);
  auto& options = running.site.options;
  if (options.tls) {
    ASSIGN(running.site.tls, server_settings(*options.tls, options.clients));
  }
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  const unsigned count = options.threads == 0 ? cores : options.threads;
  running.workers.clear();
  for (unsigned i = 0; i < count; ++i) running.workers.push_back(std::make_unique<Worker>());
  if (auto listening = running.listen(); !listening) {
    running.acceptor.reset();
    running.workers.clear();
    return listening;
  }
  running.started = true;
  running.site.workers = std::make_unique<asio::thread_pool>(std::max(1U, options.workers));
  asio::co_spawn(running.workers.front()->loop.io, running.accept(),
                 [](const std::exception_ptr&) {});
  for (auto& worker : running.workers) {
    worker->thread = std::thread([to = worker.get()] { to->run(); });
  }
  log::info("http: listening on {}:{} ({})", options.address, running.port,
            options.tls ? "TLS" : "plain");
  return {};
}

asio::awaitable<void> Server::Running::accept() {
  asio::steady_timer pause(workers.front()->loop.io);
  while (acceptor->is_open()) {
    Worker& worker = *workers[next_worker++ % workers.size()];
    tcp::socket socket(worker.loop.io);
    error_code error;
    co_await acceptor->async_accept(socket, into(error));
    if (!error) {
      take(std::move(socket), worker);
    } else if (acceptor->is_open()) {
      // Out of descriptors, most likely: wait for connections to end.
      log::warning("http: accept: {}", error.message());
      pause.expires_after(kSweep);
      co_await pause.async_wait(into(error));
    }
  }
}

void Server::Running::take(tcp::socket socket, Worker& worker) {
  std::size_t open = 0;
  {
    const std::lock_guard lock(site.mutex);
    open = ++site.connections;
    if (open > 2 * site.options.limits.connections) {
      --site.connections;
      return;
    }
  }
  site.open_connections->add(1);
  const bool over_limit = open > site.options.limits.connections;
  asio::post(worker.loop.io, [this, &worker, over_limit, socket = std::move(socket)]() mutable {
    std::make_shared<Connection>(site, worker.loop, std::move(socket), over_limit)->start();
  });
}

bool Server::Running::wait_until_empty(std::chrono::milliseconds time) {
  std::unique_lock lock(site.mutex);
  return site.changed.wait_for(lock, time, [this] { return site.connections == 0; });
}

void Server::stop(Duration deadline) {
  Running& running = *running_;
  if (!running.started) return;
  running.started = false;
  running.site.stopping = true;
  std::promise<void> closed;
  asio::post(running.workers.front()->loop.io, [&] {
    error_code ignored;
    running.acceptor->close(ignored);
    closed.set_value();
  });
  closed.get_future().wait();
  for (auto& worker : running.workers) worker->for_each(&Connection::stop_when_idle);
  // Nothing waits for ever: a year stands for any longer deadline.
  const auto longest = std::min<std::uint64_t>(deadline.value(), 365ULL * 24 * 3600 * 1000);
  if (!running.wait_until_empty(std::chrono::milliseconds(longest))) {
    log::info("http: stopping with requests unanswered");
    while (true) {
      for (auto& worker : running.workers) worker->for_each(&Connection::abort);
      if (running.wait_until_empty(kSweep)) break;
    }
  }
  running.site.workers->join();
  for (auto& worker : running.workers) worker->finish();
  running.acceptor.reset();
  running.workers.clear();
  log::info("http: stopped");
}

}  // namespace intaglio::http
