#include "http/connection.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <limits>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include "base/check.h"
#include "base/log.h"

namespace intaglio::http {
namespace {

namespace beast_http = boost::beast::http;

// Beyond this the body is written by itself instead of being copied behind the header.
constexpr std::size_t kCopiedBody = 64 * 1024;
constexpr std::size_t kDrainBytes = 1024 * 1024;
constexpr Duration kFarewell = seconds(2);

std::string peer_text(const tcp::socket& socket) {
  error_code error;
  const auto peer = socket.remote_endpoint(error);
  if (error) return "unknown";
  const std::string address = peer.address().to_string(error);
  if (peer.address().is_v6()) return format("[{}]:{}", address, peer.port());
  return format("{}:{}", address, peer.port());
}

bool is_request_id(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' ||
           c == '_' || c == '-';
  });
}

// What stood wrong in the bytes, in the words of our table.
Refusal refusal_of_parser(const error_code& what, bool in_header) {
  using beast_http::error;
  if (what == error::header_limit || what == error::buffer_overflow ||
      what == asio::error::no_buffer_space) {
    return {Verdict::too_large, in_header ? "header fields" : "chunk header or trailer"};
  }
  if (what == error::body_limit) return {Verdict::too_large, "body"};
  if (what == error::bad_version) return {Verdict::bad_version, "HTTP version"};
  return {Verdict::bad_encoding, "request: " + what.message()};
}

// A field's value as it may be written: control characters would end the field.
void write_field(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  for (const char c : value) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;
  out += "\r\n";
}

bool has_body(int status) { return status >= 200 && status != 204 && status != 304; }

}  // namespace

const std::string& Loop::date_now() {
  const std::time_t now = std::time(nullptr);
  if (now == date_second) return date;
  static constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm parts{};
  gmtime_r(&now, &parts);
  date = format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT",
                kDays.at(static_cast<std::size_t>(parts.tm_wday)), parts.tm_mday,
                kMonths.at(static_cast<std::size_t>(parts.tm_mon)), parts.tm_year + 1900,
                parts.tm_hour, parts.tm_min, parts.tm_sec);
  date_second = now;
  return date;
}

Connection::Connection(Site& site, Loop& loop, tcp::socket socket, bool over_limit)
    : site_(site),
      loop_(loop),
      over_limit_(over_limit),
      peer_(peer_text(socket)),
      wire_(std::move(socket), site.tls, Side::server),
      buffer_(site.options.limits.header_bytes + 32 * 1024),
      timer_(loop.io) {
  loop_.connections.insert(this);
}

Connection::~Connection() {
  loop_.connections.erase(this);
  site_.open_connections->add(-1);
  const std::lock_guard lock(site_.mutex);
  --site_.connections;
  site_.changed.notify_all();
}

void Connection::start() {
  error_code ignored;
  wire_.socket().set_option(tcp::no_delay(true), ignored);
  const auto self = shared_from_this();
  asio::co_spawn(loop_.io, run(), [self](const std::exception_ptr& error) {
    if (!error) return;
    try {
      std::rethrow_exception(error);
    } catch (const std::exception& what) {
      log::error("http connection with {}: {}", self->peer_, what.what());
    } catch (...) {
      log::error("http connection with {}: unknown error", self->peer_);
    }
  });
}

void Connection::allow(Duration time) { deadline_ = Clock::now() + in_clock(time); }

void Connection::check_deadline(Clock::time_point now) {
  if (now >= deadline_) abort();
}

void Connection::stop_when_idle() {
  if (idle_) abort();
  if (events_) events_->end();
}

void Connection::abort() {
  gone_ = true;
  wire_.close();
  timer_.cancel();
  if (events_) events_->close();
}

Wake Connection::waker() {
  return [self = shared_from_this()] {
    asio::post(self->loop_.io, [self] { self->timer_.cancel(); });
  };
}

asio::awaitable<void> Connection::run() {
  allow(site_.options.limits.read);
  const error_code error = co_await wire_.handshake();
  if (error) {
    site_.failed_handshakes->add();
    log::debug("http {}: TLS handshake: {}", peer_, error.message());
    co_return;
  }
  if (wire_.tls() != nullptr) certificate_ = judged_certificate(wire_.tls());
  bool on = true;
  while (on) on = co_await serve_one();
  if (gone_) co_return;
  allow(kFarewell);
  error_code ignored;
  const bool more = unread_ || buffer_.size() > 0 || wire_.socket().available(ignored) > 0;
  co_await wire_.finish(more ? kDrainBytes : 0);
}

asio::awaitable<bool> Connection::serve_one() {
  const bool came = co_await await_first_byte();
  if (!came) co_return false;
  allow(site_.options.limits.read);
  Incoming in;
  in.begun = Clock::now();

  Early early = co_await read_header(in);
  if (!early && !gone_) early = find_route(in);
  if (!early && !gone_) early = co_await read_body(in);
  if (gone_) co_return false;
  if (early) co_return co_await respond(in, *std::move(early));

  Answer answer = co_await ask(in);
  if (auto* queue = std::get_if<std::shared_ptr<EventQueue>>(&answer)) {
    co_await stream(in, std::move(*queue));
    co_return false;
  }
  co_return co_await respond(in, std::get<Response>(std::move(answer)));
}

asio::awaitable<bool> Connection::await_first_byte() {
  if (buffer_.size() > 0) co_return true;
  if (site_.stopping) co_return false;
  allow(site_.options.limits.idle);
  idle_ = true;
  const error_code error = co_await wire_.read_into(buffer_);
  idle_ = false;
  co_return !error;
}

asio::awaitable<Connection::Early> Connection::parse(Parser& parser, bool whole) {
  parser.eager(whole);
  while (whole ? !parser.is_done() : !parser.is_header_done()) {
    error_code error = beast_http::error::need_more;
    // Inside a body the parser takes nothing for nothing, without asking for more.
    if (buffer_.size() > 0) buffer_.consume(parser.put(buffer_.cdata(), error));
    if (error == beast_http::error::need_more) {
      error = co_await wire_.read_into(buffer_);
      if (error && error != asio::error::no_buffer_space) {
        gone_ = true;
        co_return std::nullopt;
      }
    }
    if (error) co_return Response::problem(refusal_of_parser(error, !whole));
  }
  co_return std::nullopt;
}

asio::awaitable<Connection::Early> Connection::read_header(Incoming& in) {
  in.parser.header_limit(static_cast<std::uint32_t>(site_.options.limits.header_bytes));
  // find_route() sets it; "none" would here be less than any length.
  in.parser.body_limit(std::numeric_limits<std::uint64_t>::max());
  in.request.id = format("{}-{}", site_.id_prefix, site_.next_id++);
  Early early = co_await parse(in.parser, false);
  if (early || gone_) co_return early;
  const auto& message = in.parser.get();
  in.request.method = view(message.method_string());
  in.request.target = view(message.target());
  in.request.peer = peer_;
  in.request.secure = wire_.tls() != nullptr;
  in.request.certificate = certificate_;
  for (const auto& field : message) {
    in.request.fields.add(view(field.name_string()), view(field.value()));
  }
  const auto id = in.request.fields.find("X-Request-Id");
  if (id && is_request_id(*id)) in.request.id = *id;
  co_return check_framing(in);
}

// What would let two readers disagree on where a request ends or whom it is for (RFC 9112 sections
// 3.2 and 6.1), and what we could not decode.
Connection::Early Connection::check_framing(const Incoming& in) const {
  const Fields& fields = in.request.fields;
  const auto& message = in.parser.get();
  const std::size_t hosts = fields.count("Host");
  if (hosts > 1 || (hosts == 0 && message.version() == 11)) {
    return Response::problem({Verdict::bad_encoding, "Host"});
  }
  const auto coding = fields.find("Transfer-Encoding");
  if (coding && (message.version() != 11 || !same_name(*coding, "chunked"))) {
    return Response::problem({Verdict::bad_encoding, "Transfer-Encoding"});
  }
  return std::nullopt;
}

Connection::Early Connection::find_route(Incoming& in) {
  if (site_.stopping) return Response::problem({Verdict::shutting_down, ""});
  if (over_limit_) return Response::problem({Verdict::busy, "connections"});
  auto target = parse_target(in.request.target);
  if (!target) return Response::problem(target.error());
  auto match = site_.router.match(in.request.method, *target);
  if (!match) {
    const std::string allowed = site_.router.allowed(*target);
    const bool is_options = in.request.method == "OPTIONS" && !allowed.empty();
    Response out = is_options ? Response::empty() : Response::problem(match.error());
    if (!allowed.empty()) out.fields.add("Allow", allowed);
    return out;
  }
  in.route = match->route;
  in.request.path = std::move(target->path);
  in.request.query = std::move(target->query);
  in.request.parameters = std::move(match->parameters);
  const std::size_t limit =
      in.route->body_bytes != 0 ? in.route->body_bytes : site_.options.limits.body_bytes;
  if (in.parser.content_length().value_or(0) > limit) {
    return Response::problem({Verdict::too_large, "body"});
  }
  in.parser.body_limit(limit);
  return std::nullopt;
}

asio::awaitable<Connection::Early> Connection::read_body(Incoming& in) {
  const auto expectation = in.request.fields.find("Expect");
  if (expectation && !same_name(*expectation, "100-continue")) {
    co_return Response::problem({Verdict::bad_value, "Expect"});
  }
  if (expectation && !in.parser.is_done() && buffer_.size() == 0) {
    static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    const error_code error = co_await wire_.write(asio::buffer(kContinue));
    gone_ = gone_ || error;
    if (gone_) co_return std::nullopt;
  }
  Early early = co_await parse(in.parser, true);
  if (!early && !gone_) in.request.body = std::move(in.parser.get().body());
  co_return early;
}

// A slot among the requests in flight.
class InFlight {
 public:
  InFlight(std::atomic<std::size_t>& count, std::size_t limit)
      : count_(count), within_(++count <= limit) {}
  InFlight(const InFlight&) = delete;
  InFlight& operator=(const InFlight&) = delete;
  ~InFlight() { --count_; }
  bool within() const { return within_; }

 private:
  std::atomic<std::size_t>& count_;
  bool within_;
};

asio::awaitable<Answer> Connection::ask(Incoming& in) {
  const Limits& limits = site_.options.limits;
  const InFlight slot(site_.in_flight, limits.requests_in_flight);
  if (!slot.within()) co_return Response::problem({Verdict::busy, "requests in flight"});

  deadline_ = Clock::time_point::max();
  const auto mailbox = std::make_shared<Mailbox>(limits.event_queue_bytes);
  hand_on(in, Reply::into(mailbox));
  std::optional<Answer> answer = mailbox->take_or(waker());
  timer_.expires_after(in_clock(limits.answer));
  error_code error = asio::error::operation_aborted;
  while (!answer && !gone_ && error == asio::error::operation_aborted) {
    co_await timer_.async_wait(into(error));
    answer = mailbox->take_or(waker());
  }
  if (!answer) answer = mailbox->close();
  if (!answer) co_return Response::problem({Verdict::timed_out, "endpoint"});
  co_return *std::move(answer);
}

void Connection::hand_on(Incoming& in, Reply reply) {
  const auto run = [](const Route& route, Request request, const Reply& to) {
    try {
      route.endpoint(std::move(request), to);
    } catch (const std::exception& error) {
      // `reply` goes unsent, which answers `internal`.
      log::error("endpoint {}: {}", route.operation, error.what());
    } catch (...) {
      log::error("endpoint {}: unknown error", route.operation);
    }
  };
  Request request = in.request;  // the response still needs the method and the id
  request.body = std::move(in.request.body);
  if (in.route->runs == Runs::at_once) return run(*in.route, std::move(request), reply);
  asio::post(*site_.workers,
             [run, route = in.route, request = std::move(request),
              reply = std::move(reply)]() mutable { run(*route, std::move(request), reply); });
}

std::string Connection::head_of(const Incoming& in, const Response& response, bool keep_alive) {
  const auto reason = beast_http::obsolete_reason(static_cast<beast_http::status>(response.status));
  std::string out = format("HTTP/1.1 {} {}\r\n", response.status, view(reason));
  for (const auto& [name, value] : response.fields.all()) write_field(out, name, value);
  write_field(out, "Date", loop_.date_now());
  write_field(out, "X-Request-Id", in.request.id);
  write_field(out, "X-Content-Type-Options", "nosniff");
  if (response.fields.count("Cache-Control") == 0) write_field(out, "Cache-Control", "no-store");
  if (!keep_alive) {
    write_field(out, "Connection", "close");
  } else if (in.parser.is_header_done() && in.parser.get().version() == 10) {
    write_field(out, "Connection", "keep-alive");
  }
  return out;
}

asio::awaitable<bool> Connection::respond(Incoming& in, Response response) {
  const bool keep_alive =
      in.parser.is_done() && in.parser.keep_alive() && !site_.stopping && !over_limit_ && !gone_;
  unread_ = !in.parser.is_done();
  std::string head = head_of(in, response, keep_alive);
  if (has_body(response.status)) {
    write_field(head, "Content-Length", std::to_string(response.body.size()));
  }
  head += "\r\n";
  if (in.request.method == "HEAD" || !has_body(response.status)) response.body.clear();
  allow(site_.options.limits.write);
  const bool copied = response.body.size() <= kCopiedBody;
  if (copied) head += as_text(response.body);
  error_code error = co_await wire_.write(asio::buffer(head));
  if (!error && !copied) error = co_await wire_.write(asio::buffer(response.body));
  gone_ = gone_ || error;
  count(in, response.status);
  co_return keep_alive && !gone_;
}

void Connection::count(const Incoming& in, int status) {
  const RouteMetrics& metrics = site_.metrics.at(in.route);
  const auto row = static_cast<std::size_t>(std::clamp(status / 100, 1, 5) - 1);
  metrics.by_class[row].add();
  const std::chrono::duration<double> took = Clock::now() - in.begun;
  metrics.seconds.observe(took.count());
  log::debug("http {} {} {} {} {:.1f} ms {}", peer_, in.request.method, in.request.path, status,
             took.count() * 1000, in.request.id);
}

asio::awaitable<void> Connection::stream(Incoming& in, std::shared_ptr<EventQueue> queue) {
  Response response = Response::of(kEventMediaType, "");
  // Ends with the connection, so it needs no length.
  const std::string head = head_of(in, response, false) + "\r\n";
  allow(site_.options.limits.write);
  const error_code error = co_await wire_.write(asio::buffer(head));
  count(in, response.status);
  gone_ = gone_ || error;
  if (gone_ || in.request.method == "HEAD") {
    queue->close();
    co_return;
  }
  site_.open_streams->add(1);
  events_ = queue;
  if (site_.stopping) queue->end();
  asio::co_spawn(loop_.io, watch(queue), asio::detached);
  co_await pump(*queue);
  queue->close();
  site_.open_streams->add(-1);
}

asio::awaitable<void> Connection::pump(EventQueue& queue) {
  const Limits& limits = site_.options.limits;
  error_code waited = asio::error::operation_aborted;
  while (!gone_) {
    auto taken = queue.take_or(waker());
    if (!taken && waited) {
      deadline_ = Clock::time_point::max();
      timer_.expires_after(in_clock(limits.keep_alive));
      co_await timer_.async_wait(into(waited));
      continue;
    }
    waited = asio::error::operation_aborted;
    if (taken && taken->overflow) {
      log::info("http {}: event stream cut, the client does not read", peer_);
      abort();
      co_return;
    }
    const std::string text = taken ? std::move(taken->text) : std::string(kKeepAliveComment);
    allow(limits.write);
    const error_code error = co_await wire_.write(asio::buffer(text));
    if (error) abort();
    if (taken && taken->ended) co_return;
  }
}

// An event stream's client has nothing more to say: anything it sends, and its end, ends the
// stream.
asio::awaitable<void> Connection::watch(std::shared_ptr<EventQueue> queue) {
  const auto self = shared_from_this();
  co_await wire_.read_into(buffer_);
  queue->end();
}

}  // namespace intaglio::http
