// The enrolment applet under any sequence of commands, each after its length in one byte. Whatever
// comes in, a response goes out, no longer than it may be; and what reads as an answer to a
// challenge is one of the applet's key.
#include "base/check.h"
#include "element/enrolment_applet.h"
#include "element/soft_element.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace intaglio;
  static const auto key = element::make_passing_key();
  element::EnrolmentApplet applet(*key);
  ByteView input(data, size);
  while (!input.empty()) {
    const std::size_t length = std::min<std::size_t>(input[0], input.size() - 1);
    const ByteView bytes = input.subspan(1, length);
    input = input.subspan(1 + length);
    const auto response = element::parse_response(applet.process(bytes));
    CHECK(response.has_value());
    const auto command = element::parse_command(bytes);
    if (!command) {
      CHECK(response->data.empty() && response->status != element::status_word::kDone);
      continue;
    }
    CHECK(response->data.size() <= command->expected.value_or(0));
    if (const auto compact = pki::decode_compact(response->data)) {
      CHECK(compact->public_key == key->public_key());
    }
  }
  return 0;
}
