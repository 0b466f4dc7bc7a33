#include "http/request_target.h"

#include <algorithm>
#include <optional>

#include "base/format.h"
#include "codec/utf8.h"

namespace intaglio::http {
namespace {

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool is_unreserved(char c) {
  return is_alphanumeric(c) || std::string_view("-._~").find(c) != std::string_view::npos;
}

// What may stand undecoded in a segment (pchar), and beyond that in a query (RFC 3986, 3.3, 3.4).
bool is_plain(char c, bool in_query) {
  if (is_unreserved(c) || std::string_view("!$&'()*+,;=:@").find(c) != std::string_view::npos) {
    return true;
  }
  return in_query && (c == '/' || c == '?');
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// The path and query of an absolute URI; the text itself when it is none.
std::string_view without_authority(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (target.size() < scheme.size() || !same_name(target.substr(0, scheme.size()), scheme)) {
      continue;
    }
    const auto rest = target.substr(scheme.size());
    const auto slash = rest.find_first_of("/?");
    if (slash == std::string_view::npos) return "/";
    return rest.substr(slash);
  }
  return target;
}

// Nothing when it cannot be decoded; `bad` is then the first byte that is wrong.
std::optional<std::string> decode(std::string_view text, bool in_query, std::size_t& bad) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    bad = i;
    if (c == '%') {
      const int high = i + 1 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0) return std::nullopt;
      const int byte = high * 16 + low;
      if (byte < 0x20 || byte == 0x7F) return std::nullopt;
      out += static_cast<char>(byte);
      i += 2;
    } else if (!is_plain(c, in_query)) {
      return std::nullopt;
    } else {
      out += in_query && c == '+' ? ' ' : c;
    }
  }
  bad = 0;
  if (codec::utf8_error(out)) return std::nullopt;
  return out;
}

// Reads a path or a query part by part, and says where in it a part is wrong.
class PartReader {
 public:
  PartReader(std::string_view name, std::string_view text) : name_(name), text_(text) {}

  Result<std::string> read(std::string_view part) const {
    std::size_t bad = 0;
    auto decoded = decode(part, name_ == "query", bad);
    if (!decoded) return refuse_at(part, bad);
    return *std::move(decoded);
  }
  std::unexpected<Refusal> refuse_at(std::string_view part, std::size_t byte) const {
    const auto offset = static_cast<std::size_t>(part.data() - text_.data());
    return refuse(Verdict::bad_encoding, format("{} byte {}", name_, offset + byte));
  }

 private:
  std::string_view name_;
  std::string_view text_;
};

// What would mean another place in a hierarchy, had somebody resolved it (RFC 3986 section 5.2.4).
bool is_dots(std::string_view segment) { return segment == "." || segment == ".."; }

Result<void> read_path(std::string_view path, RequestTarget& out) {
  const PartReader reader("path", path);
  std::string_view rest = path.substr(1);
  while (true) {
    const auto segment = rest.substr(0, rest.find('/'));
    ASSIGN(auto decoded, reader.read(segment));
    if (is_dots(decoded)) return reader.refuse_at(segment, 0);
    out.segments.push_back(std::move(decoded));
    if (segment.size() == rest.size()) return {};
    rest.remove_prefix(segment.size() + 1);
  }
}

Result<void> read_query(std::string_view query, RequestTarget& out) {
  const PartReader reader("query", query);
  std::string_view rest = query;
  while (!rest.empty()) {
    const auto pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    ASSIGN(auto name, reader.read(pair.substr(0, equals)));
    std::string value;
    if (equals != std::string_view::npos) {
      ASSIGN(value, reader.read(pair.substr(equals + 1)));
    }
    if (std::ranges::find(out.query, name, &Parameter::first) != out.query.end()) {
      return refuse(Verdict::duplicate_field, name);
    }
    if (out.query.size() >= kMaxQueryParameters) return refuse(Verdict::too_large, "query");
    out.query.emplace_back(std::move(name), std::move(value));
  }
  return {};
}

}  // namespace

Result<RequestTarget> parse_target(std::string_view target) {
  if (target.size() > kMaxTargetBytes) return refuse(Verdict::too_large, "target");
  RequestTarget out;
  if (target == "*") {
    out.path = "*";
    return out;
  }
  const auto local = without_authority(target);
  const auto mark = local.find('?');
  std::string_view path = local.substr(0, mark);
  // The absolute form may leave the slash out: "http://host?x".
  if (path.empty() && local.size() < target.size()) path = "/";
  if (!path.starts_with('/')) return refuse(Verdict::bad_encoding, "path byte 0");
  out.path = path;
  TRY(read_path(path, out));
  if (mark != std::string_view::npos) TRY(read_query(local.substr(mark + 1), out));
  return out;
}

std::string percent_encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (is_unreserved(c)) {
      out += c;
    } else {
      out += format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    }
  }
  return out;
}

Result<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::size_t bad = 0;
  auto decoded = decode(text, plus_is_space, bad);
  if (!decoded) return refuse(Verdict::bad_encoding, format("byte {}", bad));
  return *std::move(decoded);
}

}  // namespace intaglio::http
