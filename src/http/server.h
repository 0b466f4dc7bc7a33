// The server: connections, limits, and handing each request to its route. Nothing that a client
// sends or does stops it or makes it throw.
#pragma once

#include <memory>
#include <optional>

#include "base/env.h"
#include "http/metrics.h"
#include "http/router.h"
#include "http/tls.h"

namespace intaglio::http {

// What one client, or all of them, may cost. Requests hold at most connections * (header_bytes +
// body_bytes) of memory, event streams event_queue_bytes each.
struct Limits {
  std::size_t header_bytes = 16 * 1024;        // request line and fields; beyond: 413
  std::size_t body_bytes = 1024 * 1024;        // unless the route says otherwise; beyond: 413
  std::size_t connections = 1024;              // beyond: 503, and beyond twice that many: closed
  std::size_t requests_in_flight = 1024;       // handed to endpoints and not answered; beyond: 503
  std::size_t event_queue_bytes = 256 * 1024;  // unread by one client; beyond: cut off
  Duration idle = seconds(75);                 // between requests
  Duration read = seconds(20);    // for the handshake, and for a whole request from its first byte
  Duration write = seconds(20);   // for a whole response, or a batch of events
  Duration answer = seconds(60);  // for the endpoint's answer; beyond: 504 `timed_out`
  Duration keep_alive = seconds(15);  // between comments on a silent event stream
};

struct ServerOptions {
  std::string address =
      "127.0.0.1";                 // an IP address of this machine; "::" or "0.0.0.0": all of them
  std::uint16_t port = 0;          // 0: any free one
  std::optional<TlsIdentity> tls;  // nothing: plain HTTP
  std::optional<Clients> clients;  // over TLS: nobody else is talked to; nothing: anybody
  unsigned threads = 0;            // that own connections; 0: one a core
  unsigned workers = 4;            // for routes that run on_worker
  Limits limits;
};

// Requests that are pipelined on a connection are answered in order, one at a time; what comes
// meanwhile waits in the socket. The functions here are for one thread.
class Server {
 public:
  // `metrics` must outlive the server.
  Server(Router router, ServerOptions options, Metrics& metrics, Env& env = system_env());
  ~Server();  // stops
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Listens and serves. `port_taken` or `bad_setting` names address and port; `bad_setting` also
  // for a TLS identity that is none. Once.
  Result<void> start();

  // After start(): where it listens.
  std::uint16_t port() const;

  // Takes no more connections, closes idle ones, refuses new requests with `shutting_down`, ends
  // event streams, and waits until what is in flight is answered or the deadline has passed; then
  // closes the rest. Endpoints on worker threads are waited for whatever the deadline says. Replies
  // that are sent later go nowhere.
  void stop(Duration deadline = seconds(10));

 private:
  struct Running;
  std::unique_ptr<Running> running_;
};

}  // namespace intaglio::http
