// APDUs from outside: what parses encodes to the same bytes, and is no longer than a short one.
#include "base/check.h"
#include "element/apdu.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace intaglio;
  const ByteView input(data, size);
  if (const auto command = element::parse_command(input)) {
    CHECK(size <= element::kMaxCommand);
    CHECK(equal(element::encode_command(*command), input));
  }
  if (const auto response = element::parse_response(input)) {
    CHECK(size <= element::kMaxResponse);
    CHECK(equal(element::encode_response(*response), input));
    static_cast<void>(element::verdict_of(response->status));
  }
  return 0;
}
