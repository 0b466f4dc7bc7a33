// A client that waits for its answers: for the command line and for tests.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>

#include "base/ids.h"
#include "http/events.h"
#include "http/message.h"
#include "http/tls.h"

namespace intaglio::http {

struct ClientRequest {
  std::string method = "GET";
  std::string target = "/";  // path and query, encoded (percent_encode)
  Fields fields;             // beside Host, Content-Length and Connection, which the client writes
  Bytes body;
};

struct ClientOptions {
  Duration connect = seconds(10);        // names, TCP and TLS together
  Duration answer = seconds(90);         // from the first byte sent to the last received
  Duration silence = seconds(45);        // on an event stream, before it counts as broken
  Duration first_pause = Duration(250);  // before an event stream is asked for again; doubles
  Duration longest_pause = seconds(8);
  std::size_t body_bytes = 16 * 1024 * 1024;
};

// One connection, kept alive between requests. One thread at a time.
class Client {
 public:
  // "https://host:port" or, to this machine alone ("localhost", 127.0.0.0/8, [::1]), "http://...".
  // `bad_value` for any other URL, and for https without `trust`; `bad_setting` for a PEM that
  // cannot be read. Connects with the first request.
  // `identity` is shown to a server that asks for it.
  static Result<Client> open(std::string_view base_url, const std::optional<Trust>& trust = {},
                             ClientOptions options = {}, const TlsIdentity* identity = nullptr);
  ~Client();
  Client(Client&& other) noexcept;
  Client& operator=(Client&& other) noexcept;

  // Any answer is a response, whatever its status; refusal_of() reads it. Refuses with
  // `unreachable` when the request was certainly not sent; with `path_invalid` or
  // `certificate_not_valid_now` when the server is not whom we trust; with `timed_out` when the
  // outcome is not known; with `bad_encoding` or `too_large` for an answer that is no HTTP or too
  // much of it. GET, HEAD, PUT and DELETE are sent again, once, when a connection kept alive turns
  // out to be dead; others never.
  Result<Response> send(const ClientRequest& request);
  Result<Response> get(std::string target) { return send({.target = std::move(target)}); }

  // Server-sent events of a target, over a connection of its own, until `on_event` returns false or
  // `stop` is asked for: then nothing is refused. A stream that breaks is asked for again, with
  // Last-Event-ID, after a pause; so is one that is refused for `later`, or unreachable once it
  // was there. `request` makes each request anew, since signatures age. Any other refusal ends it.
  Result<void> subscribe(const std::function<ClientRequest()>& request,
                         const std::function<bool(const Event&)>& on_event,
                         std::stop_token stop = {});
  Result<void> subscribe(std::string target, const std::function<bool(const Event&)>& on_event,
                         std::stop_token stop = {});

  // "host:port", as the Host field says it: signatures cover it.
  const std::string& authority() const;

 private:
  struct Session;
  explicit Client(std::unique_ptr<Session> session);
  std::unique_ptr<Session> session_;
};

}  // namespace intaglio::http
