// Which endpoint answers a request: by method and path pattern, known before the server starts.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "http/message.h"
#include "http/reply.h"
#include "http/request_target.h"

namespace intaglio::http {

// Answers one request through `reply`, now or later, from any thread; a Reply that is dropped
// unsent answers `internal`. May be called from several threads at once.
using Endpoint = std::function<void(Request request, Reply reply)>;

enum class Runs : std::uint8_t {
  at_once,    // on the connection's thread, which serves others too: it must not wait for anything
  on_worker,  // on one of the server's worker threads: it may wait
};

struct Route {
  std::string method;   // "GET" or another token in capitals; HEAD is served by GET's endpoint
  std::string pattern;  // "/v1/accounts/{address}": {name} stands for one segment that is not empty
  std::string operation;  // the OpenAPI operationId; also the label of its metrics
  Endpoint endpoint;
  Runs runs = Runs::at_once;
  std::size_t body_bytes = 0;  // the largest body; 0: the server's limit
};

// Filled by one thread, then only read: any thread.
class Router {
 public:
  // A pattern that is no path, a method and pattern that are there already, or an operation named
  // twice is our own mistake and stops the program.
  void add(Route route);

  struct Match {
    const Route* route;  // owned by the router
    std::vector<Parameter> parameters;
  };
  // `unknown_route`; `bad_method` when the path is known. A literal segment goes before a {name}.
  Result<Match> match(std::string_view method, const RequestTarget& target) const;

  // What an Allow field says of this path: "GET, HEAD, OPTIONS"; of "*" everything anywhere. Empty
  // when no route has this path.
  std::string allowed(const RequestTarget& target) const;

  // In the order they were added.
  const std::vector<Route>& routes() const { return routes_; }

 private:
  struct Segment {
    bool is_parameter;
    std::string text;  // a literal, or a parameter's name
  };
  // One path, and the routes of it by method.
  struct Path {
    std::vector<Segment> segments;
    std::map<std::string, std::size_t, std::less<>> by_method;  // index into routes_
  };
  static std::vector<Segment> parse_pattern(std::string_view pattern);
  static bool fits(const Path& path, const RequestTarget& target);
  const Path* find(const RequestTarget& target) const;

  std::vector<Route> routes_;
  std::map<std::size_t, std::vector<Path>> paths_;  // by number of segments, literals first
};

}  // namespace intaglio::http
