#include "http/client.h"

#include <algorithm>
#include <chrono>
#include <limits>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/vector_body.hpp>
#include <sys/socket.h>

#include "base/check.h"
#include "base/format.h"
#include "http/wire.h"

namespace intaglio::http {
namespace {

namespace beast_http = boost::beast::http;
using Parser = beast_http::response_parser<beast_http::vector_body<std::uint8_t>>;

constexpr std::uint32_t kHeaderBytes = 64 * 1024;
constexpr std::uint16_t kHttpsPort = 443;
constexpr std::uint16_t kHttpPort = 80;

struct BaseUrl {
  bool secure;
  std::string host;  // without brackets
  std::uint16_t port;
  std::string authority;
};

bool is_loopback(const std::string& host) {
  if (same_name(host, "localhost")) return true;
  error_code error;
  const auto address = asio::ip::make_address(host, error);
  return !error && address.is_loopback();
}

Result<BaseUrl> parse_base_url(std::string_view url) {
  BaseUrl out{url.starts_with("https://"), "", 0, ""};
  if (!out.secure && !url.starts_with("http://")) return refuse(Verdict::bad_value, "URL scheme");
  url.remove_prefix(out.secure ? 8 : 7);
  if (url.ends_with('/')) url.remove_suffix(1);
  out.authority = url;
  std::string_view port;
  if (url.starts_with('[')) {
    const auto end = url.find(']');
    if (end == std::string_view::npos) return refuse(Verdict::bad_value, "URL host");
    out.host = url.substr(1, end - 1);
    port = url.substr(end + 1);
  } else {
    const auto colon = std::min(url.find(':'), url.size());
    out.host = url.substr(0, colon);
    port = url.substr(colon);
  }
  const bool plain_host = !out.host.empty() && std::ranges::all_of(out.host, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' ||
           c == '-' || c == ':';
  });
  if (!plain_host) return refuse(Verdict::bad_value, "URL host");
  out.port = out.secure ? kHttpsPort : kHttpPort;
  if (!port.empty()) {
    const auto number = codec::uint_from_digits(port.substr(1));
    if (!port.starts_with(':') || !number || *number == 0 || *number > 65535) {
      return refuse(Verdict::bad_value, "URL port");
    }
    out.port = static_cast<std::uint16_t>(*number);
  }
  if (!out.secure && !is_loopback(out.host)) {
    return refuse(Verdict::bad_value, "URL scheme: http only to this machine, else https");
  }
  return out;
}

bool may_repeat(const std::string& method) {
  return method == "GET" || method == "HEAD" || method == "PUT" || method == "DELETE";
}

bool is_field_text(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7F; });
}

std::string text_of(const ClientRequest& request, const std::string& authority) {
  std::string out =
      format("{} {} HTTP/1.1\r\nHost: {}\r\n", request.method, request.target, authority);
  for (const auto& [name, value] : request.fields.all()) {
    out += format("{}: {}\r\n", name, value);
  }
  if (!request.body.empty() || request.method == "POST" || request.method == "PUT") {
    out += format("Content-Length: {}\r\n", request.body.size());
  }
  out += "\r\n";
  out += as_text(request.body);
  return out;
}

// The only way a request could become two: a target or field that ends its line.
Result<void> check_request(const ClientRequest& request) {
  const auto is_one_word = [](std::string_view text) {
    return !text.empty() && is_field_text(text) && text.find(' ') == std::string_view::npos;
  };
  if (!is_one_word(request.method)) return refuse(Verdict::bad_value, "method");
  if (!is_one_word(request.target)) return refuse(Verdict::bad_value, "target");
  for (const auto& [name, value] : request.fields.all()) {
    if (!is_one_word(name) || !is_field_text(value)) return refuse(Verdict::bad_value, name);
  }
  return {};
}

Refusal refusal_of_parser(const error_code& what) {
  using beast_http::error;
  if (what == error::header_limit || what == error::body_limit ||
      what == asio::error::no_buffer_space) {
    return {Verdict::too_large, "answer"};
  }
  return {Verdict::bad_encoding, "answer: " + what.message()};
}

}  // namespace

// One connection at a time, driven by whoever calls. `close_now` may be posted from other threads.
struct Client::Session {
  BaseUrl url;
  TlsSettings tls;
  ClientOptions options;
  asio::io_context io{1};
  asio::steady_timer timer{io};  // the deadline of what is under way
  asio::steady_timer pause{io};
  std::unique_ptr<Wire> wire;  // null: not connected
  boost::beast::flat_buffer buffer{kHeaderBytes + 32 * 1024};
  bool expired = false;

  // Runs a step to its end. When `time` is over, the wire is closed, which ends it.
  template <typename T>
  T run(asio::awaitable<T> step, Duration time);
  void arm(Duration time);
  void close();
  bool is_fresh();

  asio::awaitable<Result<void>> connect();
  asio::awaitable<Result<void>> connect_to(tcp::endpoint endpoint);
  asio::awaitable<Result<std::vector<tcp::endpoint>>> resolve();

  struct Received {
    Result<Response> response;
    bool anything = false;  // came back, so sending again would be a second time
  };
  asio::awaitable<Received> exchange(const std::string& text, bool head);
  // Nothing: whole (or its header, unless `whole`). Else what went wrong; `timed_out` when the
  // connection ended.
  asio::awaitable<std::optional<Refusal>> read(Parser& parser, bool whole, bool& anything);
  asio::awaitable<std::optional<Refusal>> read_final_header(std::optional<Parser>& parser,
                                                            bool head, bool& anything);

  asio::awaitable<Result<bool>> follow(ClientRequest request, EventReader& reader,
                                       const std::function<bool(const Event&)>& on_event);
  asio::awaitable<bool> rest(Duration time);
};

template <typename T>
T Client::Session::run(asio::awaitable<T> step, Duration time) {
  std::optional<T> out;
  std::exception_ptr thrown;
  arm(time);
  asio::co_spawn(io, std::move(step), [&](std::exception_ptr error, T value) {
    thrown = std::move(error);
    out = std::move(value);
    timer.cancel();
  });
  io.restart();
  io.run();
  CHECK(!thrown);
  return *std::move(out);
}

void Client::Session::arm(Duration time) {
  expired = false;
  timer.expires_after(in_clock(time));
  timer.async_wait([this](error_code error) {
    if (error) return;
    expired = true;
    close();
  });
}

void Client::Session::close() {
  if (wire) wire->close();
}

// Whether a connection kept alive still looks usable: open, and nothing to read, be it the other
// end's farewell or an answer that nobody asked for.
bool Client::Session::is_fresh() {
  if (!wire || !wire->is_open() || buffer.size() > 0) return false;
  std::uint8_t byte = 0;
  const auto got = ::recv(wire->socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

asio::awaitable<Result<std::vector<tcp::endpoint>>> Client::Session::resolve() {
  std::vector<tcp::endpoint> out;
  error_code error;
  if (same_name(url.host, "localhost")) {  // never asked of a name server
    out.emplace_back(asio::ip::address_v4::loopback(), url.port);
    out.emplace_back(asio::ip::address_v6::loopback(), url.port);
    co_return out;
  }
  const auto address = asio::ip::make_address(url.host, error);
  if (!error) {
    out.emplace_back(address, url.port);
    co_return out;
  }
  tcp::resolver resolver(io);
  const auto found =
      co_await resolver.async_resolve(url.host, std::to_string(url.port), into(error));
  if (error) co_return refuse(Verdict::unreachable, format("{}: {}", url.host, error.message()));
  for (const auto& entry : found) out.push_back(entry.endpoint());
  co_return out;
}

asio::awaitable<Result<void>> Client::Session::connect_to(tcp::endpoint endpoint) {
  wire = std::make_unique<Wire>(tcp::socket(io), tls, Side::client);
  error_code error = co_await wire->connect(endpoint);
  if (error) {
    co_return refuse(Verdict::unreachable, format("{}: {}", url.authority, error.message()));
  }
  if (tls) {
    auto expected = expect_host(wire->tls(), url.host);
    if (!expected) co_return expected;
    error = co_await wire->handshake();
    if (error) co_return std::unexpected(handshake_refusal(wire->tls(), error.message()));
  }
  co_return Result<void>();
}

asio::awaitable<Result<void>> Client::Session::connect() {
  buffer.clear();
  const auto endpoints = co_await resolve();
  if (!endpoints) co_return std::unexpected(endpoints.error());
  Result<void> connected = refuse(Verdict::unreachable, url.authority);
  for (const auto& endpoint : *endpoints) {
    if (expired) break;
    connected = co_await connect_to(endpoint);
    if (connected || connected.error().verdict != Verdict::unreachable) break;
  }
  if (!connected) wire.reset();
  if (!connected && expired) {
    co_return refuse(Verdict::unreachable, url.authority + ": no connection in time");
  }
  co_return connected;
}

asio::awaitable<std::optional<Refusal>> Client::Session::read(Parser& parser, bool whole,
                                                              bool& anything) {
  parser.eager(whole);
  while (whole ? !parser.is_done() : !parser.is_header_done()) {
    error_code error = beast_http::error::need_more;
    if (buffer.size() > 0) buffer.consume(parser.put(buffer.cdata(), error));
    if (error == beast_http::error::need_more) {
      const error_code failed = co_await wire->read_into(buffer);
      error = {};
      if (failed == asio::error::no_buffer_space) {
        error = failed;
      } else if (failed) {
        // The end of the connection ends a body without a length.
        if (whole && parser.need_eof() && !expired) parser.put_eof(error);
        if (!parser.is_done()) co_return Refusal{Verdict::timed_out, "the connection ended"};
      } else {
        anything = true;
      }
    }
    if (error) co_return refusal_of_parser(error);
  }
  co_return std::nullopt;
}

asio::awaitable<std::optional<Refusal>> Client::Session::read_final_header(
    std::optional<Parser>& parser, bool head, bool& anything) {
  while (true) {
    parser.emplace();
    parser->header_limit(kHeaderBytes);
    parser->body_limit(options.body_bytes);
    parser->skip(head);
    auto failed = co_await read(*parser, false, anything);
    // 100 Continue and its kind announce another answer (RFC 9110 section 15.2).
    if (failed || parser->get().result_int() >= 200) co_return failed;
  }
}

asio::awaitable<Client::Session::Received> Client::Session::exchange(const std::string& text,
                                                                     bool head) {
  Received out{refuse(Verdict::timed_out, "the connection ended"), false};
  const error_code error = co_await wire->write(asio::buffer(text));
  if (error && expired) co_return out;
  // After any other error there may be an answer all the same: one that refuses the rest.
  std::optional<Parser> parser;
  auto failed = co_await read_final_header(parser, head, out.anything);
  if (!failed) failed = co_await read(*parser, true, out.anything);
  if (failed) {
    wire->close();
    out.response = std::unexpected(*std::move(failed));
    co_return out;
  }
  Response response;
  auto& message = parser->get();
  response.status = static_cast<int>(message.result_int());
  for (const auto& field : message) {
    response.fields.add(view(field.name_string()), view(field.value()));
  }
  response.body = std::move(message.body());
  if (!parser->keep_alive()) wire->close();
  out.response = std::move(response);
  co_return out;
}

// One connection's worth of events. True: the caller wants no more. False: it ended, ask again.
asio::awaitable<Result<bool>> Client::Session::follow(
    ClientRequest request, EventReader& reader, const std::function<bool(const Event&)>& on_event) {
  const std::string text = text_of(request, url.authority);
  const error_code error = co_await wire->write(asio::buffer(text));
  if (error) co_return false;
  std::optional<Parser> parser;
  bool anything = false;
  const auto broken = co_await read_final_header(parser, false, anything);
  if (broken) co_return false;
  auto& message = parser->get();
  if (message.result_int() != 200) {
    Response response;
    response.status = static_cast<int>(message.result_int());
    for (const auto& field : message) {
      response.fields.add(view(field.name_string()), view(field.value()));
    }
    const auto failed = co_await read(*parser, true, anything);
    response.body = std::move(message.body());
    auto refusal = failed ? std::nullopt : refusal_of(response);
    co_return std::unexpected(
        refusal.value_or(Refusal{Verdict::unreachable, format("HTTP status {}", response.status)}));
  }
  if (!same_name(view(message[beast_http::field::content_type]), kEventMediaType)) {
    co_return refuse(Verdict::bad_media_type, "no event stream");
  }
  parser->body_limit(std::numeric_limits<std::uint64_t>::max());
  parser->eager(true);
  Event event;
  while (!parser->is_done()) {
    error_code failed = beast_http::error::need_more;
    if (buffer.size() > 0) buffer.consume(parser->put(buffer.cdata(), failed));
    if (failed && failed != beast_http::error::need_more) co_return false;
    auto pushed = reader.push(message.body());
    if (!pushed) co_return std::unexpected(pushed.error());
    message.body().clear();
    while (reader.next(event)) {
      if (!on_event(event)) co_return true;
    }
    if (buffer.size() > 0 && !failed) continue;
    timer.expires_after(in_clock(options.silence));
    timer.async_wait([this](error_code waited) {
      if (!waited) close();
    });
    failed = co_await wire->read_into(buffer);
    if (failed) co_return false;
  }
  co_return false;
}

asio::awaitable<bool> Client::Session::rest(Duration time) {
  error_code error;
  pause.expires_after(in_clock(time));
  co_await pause.async_wait(into(error));
  co_return !error;
}

Client::Client(std::unique_ptr<Session> session) : session_(std::move(session)) {}
Client::~Client() = default;
Client::Client(Client&& other) noexcept = default;
Client& Client::operator=(Client&& other) noexcept = default;

const std::string& Client::authority() const { return session_->url.authority; }

Result<Client> Client::open(std::string_view base_url, const std::optional<Trust>& trust,
                            ClientOptions options, const TlsIdentity* identity) {
  ASSIGN(auto url, parse_base_url(base_url));
  auto session = std::make_unique<Session>();
  if (url.secure) {
    if (!trust) return refuse(Verdict::bad_value, "https without anybody to trust");
    ASSIGN(session->tls, client_settings(*trust, identity));
  }
  session->url = std::move(url);
  session->options = options;
  return Client(std::move(session));
}

Result<Response> Client::send(const ClientRequest& request) {
  TRY(check_request(request));
  Session& session = *session_;
  const std::string text = text_of(request, session.url.authority);
  const bool head = request.method == "HEAD";
  bool kept_alive = session.is_fresh();
  while (true) {
    if (!kept_alive) TRY(session.run(session.connect(), session.options.connect));
    auto received = session.run(session.exchange(text, head), session.options.answer);
    const bool dead = !received.response && !received.anything && kept_alive && !session.expired;
    if (!dead || !may_repeat(request.method)) {
      if (!received.response) session.wire.reset();
      if (!received.response && session.expired) return refuse(Verdict::timed_out, "no answer");
      return std::move(received.response);
    }
    kept_alive = false;
  }
}

Result<void> Client::subscribe(const std::function<ClientRequest()>& request,
                               const std::function<bool(const Event&)>& on_event,
                               std::stop_token stop) {
  Session session;
  session.url = session_->url;
  session.tls = session_->tls;
  session.options = session_->options;
  const std::stop_callback stopping(stop, [&session] {
    asio::post(session.io, [&session] {
      session.close();
      session.pause.cancel();
    });
  });
  const ClientOptions& options = session.options;
  Duration pause = options.first_pause;
  bool was_there = false;
  std::string last_id;
  while (!stop.stop_requested()) {
    Result<bool> done = false;
    const auto connected = session.run(session.connect(), options.connect);
    if (!connected) {
      done = std::unexpected(connected.error());
    } else if (!stop.stop_requested()) {
      ClientRequest next = request();
      if (!last_id.empty()) next.fields.set("Last-Event-ID", last_id);
      TRY(check_request(next));
      EventReader reader;
      done = session.run(session.follow(std::move(next), reader, on_event), options.answer);
      if (!reader.last_id().empty()) last_id = reader.last_id();
    }
    if (stop.stop_requested() || (done && *done)) return {};
    const bool later = !done && describe(done.error().verdict).kind == VerdictKind::later;
    const bool hopeless = !done && connected && !later;
    if (hopeless || (!connected && !(later && was_there))) return std::unexpected(done.error());
    was_there = was_there || connected;
    if (done) pause = options.first_pause;
    session.run(session.rest(pause), Duration(pause.value() + 1000));
    pause = std::min(options.longest_pause, Duration(pause.value() * 2));
  }
  return {};
}

Result<void> Client::subscribe(std::string target,
                               const std::function<bool(const Event&)>& on_event,
                               std::stop_token stop) {
  return subscribe(
      [&target] {
        ClientRequest request;
        request.target = target;
        request.fields.add("Accept", kEventMediaType);
        return request;
      },
      on_event, std::move(stop));
}

}  // namespace intaglio::http
