// For tests and benchmarks: a server with routes that do the things a server has to cope with.
#pragma once

#include <deque>
#include <mutex>
#include <thread>

#include "base/check.h"
#include "http/server.h"

namespace intaglio::http {

// Waits, without a clock of its own, until something happens on another thread; false when it has
// not after half a minute.
template <typename Condition>
bool eventually(Condition condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

// Replies and streams that endpoints left here for the test to use. Any thread.
template <typename T>
class Kept {
 public:
  void put(T item) {
    const std::lock_guard lock(mutex_);
    items_.push_back(std::move(item));
    ++count_;
  }
  // Waits for one; CHECKs that it comes.
  T take() {
    std::optional<T> out;
    CHECK(eventually([&] {
      const std::lock_guard lock(mutex_);
      if (items_.empty()) return false;
      out = std::move(items_.front());
      items_.pop_front();
      return true;
    }));
    return *std::move(out);
  }
  std::size_t count() {
    const std::lock_guard lock(mutex_);
    return count_;
  }

 private:
  std::mutex mutex_;
  std::deque<T> items_;
  std::size_t count_ = 0;
};

inline ServerOptions with_limits(const Limits& limits) {
  ServerOptions out;
  out.threads = 1;
  out.limits = limits;
  return out;
}

struct SampleServer {
  Metrics metrics;
  Kept<Reply> replies;
  Kept<EventStream> streams;
  Kept<std::string> last_ids;
  std::optional<Server> server;

  explicit SampleServer(ServerOptions options = {}) {
    server.emplace(routes(), std::move(options), metrics);
    const auto started = server->start();
    CHECK(started.has_value());
  }
  std::uint16_t port() const { return server->port(); }

  Router routes() {
    Router router;
    // What the endpoint saw, as JSON.
    const auto echo = [](const Request& request, const Reply& reply) {
      auto out = codec::Json::object({{"method", request.method}, {"target", request.target}});
      for (const auto& [name, value] : request.parameters) out.set(name, value);
      for (const auto& [name, value] : request.query) out.set(name, value);
      if (const auto value = request.fields.find("X-Value")) out.set("x-value", *value);
      out.set("body", as_text(request.body));
      reply.json(out);
    };
    router.add({"GET", "/echo/{name}", "echo", echo});
    router.add({"POST", "/echo/{name}", "echo_body", echo});
    router.add({"POST", "/large/{name}", "large_body", echo, Runs::at_once, 3 * 1024 * 1024});
    router.add({"GET", "/bytes/{count}", "bytes", [](const Request& request, const Reply& reply) {
                  const auto count = codec::uint_from_digits(request.parameter("count"));
                  reply.send(Response::of("application/octet-stream",
                                          std::string(count.value_or(0), 'x')));
                }});
    router.add({"GET", "/drop", "drop", [](const Request&, const Reply&) {}});
    router.add({"GET", "/throw", "fails", [](const Request& request, const Reply&) {
                  std::string(request.target).at(1000);
                }});
    router.add({"GET", "/split", "split", [](const Request&, const Reply& reply) {
                  Response response = Response::empty(200);
                  response.fields.add("X-Value", "a\r\nX-Forged: b");
                  reply.send(std::move(response));
                }});
    router.add({"GET", "/later", "later",
                [this](const Request&, Reply reply) { replies.put(std::move(reply)); }});
    router.add({"GET", "/wait", "waits",
                [this](const Request&, const Reply& reply) {
                  // Holds its thread until somebody else's reply was given.
                  reply.json(replies.take().json(codec::Json("from the worker")));
                },
                Runs::on_worker});
    router.add({"GET", "/events", "events", [this](const Request& request, const Reply& reply) {
                  last_ids.put(request.fields.find("Last-Event-ID").value_or(""));
                  streams.put(reply.stream());
                }});
    return router;
  }
};

}  // namespace intaglio::http
