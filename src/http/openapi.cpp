#include "http/openapi.h"

#include <algorithm>
#include <map>

#include "base/format.h"

namespace intaglio::http {
namespace {

// "GET /v1/chains" -> operation id.
using Operations = std::map<std::string, std::string>;

Operations documented(const codec::Json& document) {
  Operations out;
  const codec::Json* paths = document.find("paths");
  if (paths == nullptr || paths->members() == nullptr) return out;
  for (const auto& [pattern, item] : *paths->members()) {
    if (item.members() == nullptr) continue;
    for (const std::string method : {"GET", "POST", "PUT", "PATCH", "DELETE"}) {
      std::string member = method;
      std::ranges::transform(member, member.begin(),
                             [](char c) { return static_cast<char>(c - 'A' + 'a'); });
      if (const auto* operation = item.find(member)) {
        out[format("{} {}", method, pattern)] = operation->text_at("operationId").value_or("");
      }
    }
  }
  return out;
}

}  // namespace

std::vector<std::string> openapi_differences(const codec::Json& document,
                                             const std::vector<Route>& routes) {
  Operations missing = documented(document);
  std::vector<std::string> out;
  for (const auto& route : routes) {
    const std::string name = format("{} {}", route.method, route.pattern);
    const auto found = missing.find(name);
    if (found == missing.end()) {
      out.push_back(name + " is a route that the document does not have");
      continue;
    }
    if (found->second != route.operation) {
      out.push_back(format("{} is {} in the document and {} in the routes", name, found->second,
                           route.operation));
    }
    missing.erase(found);
  }
  for (const auto& [name, operation] : missing) {
    out.push_back(name + " is in the document and no route");
  }
  return out;
}

}  // namespace intaglio::http
