// One HTTP request and one response (RFC 9110), as endpoints and clients see them: whole, decoded,
// within limits. Plain values without a socket behind them.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/verified.h"
#include "codec/json.h"
#include "pki/certificate.h"

namespace intaglio::http {

inline constexpr std::string_view kJsonMediaType = "application/json";
inline constexpr std::string_view kProblemMediaType = "application/problem+json";

// Header fields in the order they were added. Names compare without regard to case (RFC 9110
// section 5.1).
class Fields {
 public:
  using Field = std::pair<std::string, std::string>;

  void add(std::string_view name, std::string_view value) { fields_.emplace_back(name, value); }
  // Replaces every field of that name.
  void set(std::string_view name, std::string_view value);

  // The values of all fields of that name, joined by ", " (RFC 9110 section 5.3); nothing when
  // there is none.
  std::optional<std::string> find(std::string_view name) const;
  std::size_t count(std::string_view name) const;
  const std::vector<Field>& all() const { return fields_; }

 private:
  std::vector<Field> fields_;
};

// Equal but for ASCII case.
bool same_name(std::string_view a, std::string_view b);

// A name and its value, percent-decoded.
using Parameter = std::pair<std::string, std::string>;

struct Request {
  std::string method;                 // "GET", as it came
  std::string target;                 // "/v1/accounts/x?limit=5", as it came: what signatures cover
  std::string path;                   // the target without its query, not decoded
  std::vector<Parameter> query;       // each name once
  std::vector<Parameter> parameters;  // what {...} of the route's pattern stand for, never empty
  Fields fields;
  Bytes body;
  std::string peer;     // "127.0.0.1:40112"
  std::string id;       // X-Request-Id: the client's own, when it was well formed, or ours
  bool secure = false;  // came over TLS
  // The client's, where the server asks for one (ServerOptions::clients) and has judged its path.
  std::optional<Verified<pki::Certificate>> certificate = {};

  // A parameter of the route's pattern. It is a bug of ours to ask for one it does not have.
  const std::string& parameter(std::string_view name) const;
  // nullptr when the query does not have it.
  const std::string* query_value(std::string_view name) const;
  // `bad_value` naming the parameter unless it is a whole number up to `max`.
  Result<std::uint64_t> query_number_or(std::string_view name, std::uint64_t fallback,
                                        std::uint64_t max) const;

  // The content type in lower case, without its parameters; empty when there is none.
  std::string media_type() const;
  // The body as JSON: `bad_media_type` unless it says so, else as parse_json().
  Result<codec::Json> json(codec::JsonLimits limits = {}) const;
};

struct Response {
  int status = 200;
  Fields fields;
  Bytes body;

  static Response of(std::string_view media_type, std::string_view body, int status = 200);
  static Response json(const codec::Json& value, int status = 200);
  static Response empty(int status = 204);

  // problem_document() with the verdict's status. A problem worth trying again (429, 503) carries
  // Retry-After: 1 second; one that people decide (`approval_pending`), 60.
  static Response problem(const Refusal& refusal, const codec::Json& more = {});
};

// An RFC 9457 problem: the verdict's row and where the refusal was; see
// docs/reference/formats.md. `more` is an object whose members follow the usual ones.
codec::Json problem_document(const Refusal& refusal, const codec::Json& more = {});

// What a response refuses: the problem in its body, also one of status 202 that says later; or for
// a status of 400 and above without a readable one the nearest verdict (502 to 504 `unreachable`,
// else `internal`). Nothing for success.
std::optional<Refusal> refusal_of(const Response& response);

}  // namespace intaglio::http
