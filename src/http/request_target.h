// The request target (RFC 9112 section 3.2): path and query, percent-decoded strictly. Nothing is
// mended: what is not a well-formed URI reference in its UTF-8 form is refused.
#pragma once

#include <string>
#include <vector>

#include "http/message.h"

namespace intaglio::http {

struct RequestTarget {
  std::string path;                   // not decoded, begins with '/'; or "*", of OPTIONS
  std::vector<std::string> segments;  // decoded, between the slashes; one empty segment for "/"
  std::vector<Parameter> query;       // decoded; a name without '=' has an empty value
};

inline constexpr std::size_t kMaxTargetBytes = 8 * 1024;
inline constexpr std::size_t kMaxQueryParameters = 64;

// Takes the origin form ("/a/b?c=d"), the absolute form of http and https URIs, and "*". In the
// query '+' is a space, as forms write it. Refuses with `bad_encoding` at "path byte N" or
// "query byte N" a character that may not stand there, a broken percent sequence, and what decodes
// to control characters, to no UTF-8, or to the segments "." and ".."; with `too_large`, and with
// `duplicate_field` a parameter that stands twice.
Result<RequestTarget> parse_target(std::string_view target);

// Every byte but the unreserved ones (RFC 3986 section 2.3) as %XX: fit for a segment and for a
// query's name or value.
std::string percent_encode(std::string_view text);

// One segment, or with `plus_is_space` a query's name or value. `bad_encoding` at "byte N".
Result<std::string> percent_decode(std::string_view text, bool plus_is_space = false);

}  // namespace intaglio::http
