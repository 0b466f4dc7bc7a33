// One client's connection: reads its requests one after the other, has each answered, writes the
// answer. Inside this module alone.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <unordered_map>
#include <unordered_set>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/vector_body.hpp>

#include "http/mailbox.h"
#include "http/server.h"
#include "http/wire.h"

namespace intaglio::http {

class Connection;
using Clock = std::chrono::steady_clock;

// What is counted about one route.
struct RouteMetrics {
  std::vector<Counter> by_class;  // of the status: 1xx to 5xx
  Histogram seconds;
};

// What all connections of a server share. Constant while it runs, but for the atomics.
struct Site {
  Router router;
  ServerOptions options;
  TlsSettings tls;                                         // null: plain HTTP
  std::unordered_map<const Route*, RouteMetrics> metrics;  // nullptr: requests without a route
  std::optional<Gauge> open_connections;
  std::optional<Gauge> open_streams;
  std::optional<Counter> failed_handshakes;
  std::unique_ptr<asio::thread_pool> workers;
  std::string id_prefix;

  std::atomic<std::uint64_t> next_id = 0;
  std::atomic<std::size_t> in_flight = 0;
  std::atomic<bool> stopping = false;

  std::mutex mutex;
  std::condition_variable changed;
  std::size_t connections = 0;  // under the mutex; `changed` when it falls
};

// One thread and the connections that it owns. Everything but `io` is that thread's alone.
struct Loop {
  asio::io_context io{1};
  std::unordered_set<Connection*> connections;
  std::time_t date_second = 0;
  std::string date;  // of that second, as the Date field has it

  const std::string& date_now();
};

// All functions are for the loop's thread.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  // `over_limit`: answers one request with `busy` and goes.
  Connection(Site& site, Loop& loop, tcp::socket socket, bool over_limit);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void start();
  void check_deadline(Clock::time_point now);
  void stop_when_idle();
  void abort();

 private:
  using Parser = boost::beast::http::request_parser<boost::beast::http::vector_body<std::uint8_t>>;

  // A request on its way in.
  struct Incoming {
    Parser parser;
    Request request;
    const Route* route = nullptr;
    Clock::time_point begun;
  };
  // Each step on the way to the endpoint returns the response that ends it there, if any.
  using Early = std::optional<Response>;

  asio::awaitable<void> run();
  asio::awaitable<bool> serve_one();
  asio::awaitable<bool> await_first_byte();
  asio::awaitable<Early> read_header(Incoming& in);
  Early check_framing(const Incoming& in) const;
  Early find_route(Incoming& in);
  asio::awaitable<Early> read_body(Incoming& in);
  asio::awaitable<Answer> ask(Incoming& in);
  void hand_on(Incoming& in, Reply reply);
  asio::awaitable<bool> respond(Incoming& in, Response response);
  asio::awaitable<void> stream(Incoming& in, std::shared_ptr<EventQueue> queue);
  asio::awaitable<void> pump(EventQueue& queue);
  asio::awaitable<void> watch(std::shared_ptr<EventQueue> queue);

  // Parses what the buffer has, reading on until the parser has the header, or all. Refuses what
  // is malformed; gone_ when the client is.
  asio::awaitable<Early> parse(Parser& parser, bool whole);
  std::string head_of(const Incoming& in, const Response& response, bool keep_alive);
  void count(const Incoming& in, int status);
  void allow(Duration time);
  Wake waker();

  Site& site_;
  Loop& loop_;
  const bool over_limit_;
  std::string peer_;
  std::optional<Verified<pki::Certificate>> certificate_;  // once it was judged
  Wire wire_;
  boost::beast::flat_buffer buffer_;
  asio::steady_timer timer_;  // waits for answers and events
  Clock::time_point deadline_ = Clock::time_point::max();
  bool idle_ = false;    // between requests
  bool gone_ = false;    // nothing more can be read or written
  bool unread_ = false;  // the last request was answered before it was read to its end
  std::shared_ptr<EventQueue> events_;
};

}  // namespace intaglio::http
