// Targets come from anybody who can connect.
#include "base/check.h"
#include "http/request_target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace intaglio;
  const auto target = http::parse_target(as_text({data, size}));
  if (!target || target->path == "*") return 0;
  // Encoded again it is a target that reads as the same values.
  std::string again;
  for (const auto& segment : target->segments) {
    CHECK(segment != "." && segment != "..");
    again += '/' + http::percent_encode(segment);
  }
  char mark = '?';
  for (const auto& [name, value] : target->query) {
    again += mark + http::percent_encode(name) + '=' + http::percent_encode(value);
    mark = '&';
  }
  if (again.size() > http::kMaxTargetBytes) return 0;
  const auto reread = http::parse_target(again);
  CHECK(reread.has_value());
  CHECK(reread->segments == target->segments);
  CHECK(reread->query == target->query);
  return 0;
}
