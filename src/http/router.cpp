#include "http/router.h"

#include <algorithm>
#include <set>

#include "base/check.h"

namespace intaglio::http {
namespace {

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' ||
           c == '_' || c == '-';
  });
}

// The methods that a path with these answers, HEAD and OPTIONS among them.
std::string allow_field(std::set<std::string> methods) {
  if (methods.contains("GET")) methods.insert("HEAD");
  methods.insert("OPTIONS");
  std::string out;
  for (const auto& method : methods) out += (out.empty() ? "" : ", ") + method;
  return out;
}

}  // namespace

std::vector<Router::Segment> Router::parse_pattern(std::string_view pattern) {
  CHECK(pattern.starts_with('/'));
  std::vector<Segment> out;
  std::string_view rest = pattern.substr(1);
  while (true) {
    const auto text = rest.substr(0, rest.find('/'));
    const bool is_parameter = text.starts_with('{') && text.ends_with('}') && text.size() > 2;
    const auto name = is_parameter ? text.substr(1, text.size() - 2) : text;
    CHECK(is_name(name) || pattern == "/");
    out.push_back({is_parameter, std::string(name)});
    if (text.size() == rest.size()) return out;
    rest.remove_prefix(text.size() + 1);
  }
}

void Router::add(Route route) {
  CHECK(is_name(route.method) && is_name(route.operation) && route.endpoint != nullptr);
  for (const auto& other : routes_) CHECK(other.operation != route.operation);
  const auto segments = parse_pattern(route.pattern);
  auto& paths = paths_[segments.size()];
  // The same paths whatever their parameters are called; two names for one would be a mistake.
  const auto same = [&](const Path& path) {
    return std::ranges::equal(path.segments, segments, [](const Segment& a, const Segment& b) {
      return a.is_parameter == b.is_parameter && (a.is_parameter || a.text == b.text);
    });
  };
  auto path = std::ranges::find_if(paths, same);
  if (path == paths.end()) {
    // Before the first path that has a parameter where this one has a literal.
    const auto after = [&](const Path& other) {
      return std::ranges::lexicographical_compare(segments, other.segments, {},
                                                  &Segment::is_parameter, &Segment::is_parameter);
    };
    path = paths.insert(std::ranges::find_if(paths, after), Path{segments, {}});
  }
  for (std::size_t i = 0; i < segments.size(); ++i) {
    CHECK(path->segments[i].text == segments[i].text);
  }
  const bool added = path->by_method.emplace(route.method, routes_.size()).second;
  CHECK(added);
  routes_.push_back(std::move(route));
}

bool Router::fits(const Path& path, const RequestTarget& target) {
  return std::ranges::equal(path.segments, target.segments,
                            [](const Segment& pattern, const std::string& text) {
                              return pattern.is_parameter ? !text.empty() : pattern.text == text;
                            });
}

const Router::Path* Router::find(const RequestTarget& target) const {
  const auto paths = paths_.find(target.segments.size());
  if (paths == paths_.end()) return nullptr;
  const auto found =
      std::ranges::find_if(paths->second, [&](const Path& path) { return fits(path, target); });
  return found == paths->second.end() ? nullptr : &*found;
}

Result<Router::Match> Router::match(std::string_view method, const RequestTarget& target) const {
  const Path* path = find(target);
  if (path == nullptr) return refuse(Verdict::unknown_route, target.path);
  auto found = path->by_method.find(method);
  if (found == path->by_method.end() && method == "HEAD") found = path->by_method.find("GET");
  if (found == path->by_method.end()) return refuse(Verdict::bad_method, target.path);
  Match out{&routes_[found->second], {}};
  for (std::size_t i = 0; i < path->segments.size(); ++i) {
    if (path->segments[i].is_parameter) {
      out.parameters.emplace_back(path->segments[i].text, target.segments[i]);
    }
  }
  return out;
}

std::string Router::allowed(const RequestTarget& target) const {
  std::set<std::string> methods;
  if (target.path == "*") {
    for (const auto& route : routes_) methods.insert(route.method);
    return allow_field(std::move(methods));
  }
  const Path* path = find(target);
  if (path == nullptr) return "";
  for (const auto& [method, index] : path->by_method) methods.insert(method);
  return allow_field(std::move(methods));
}

}  // namespace intaglio::http
