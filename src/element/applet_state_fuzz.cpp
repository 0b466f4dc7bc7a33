// The applet's memory, behind the seal that nobody without its key passes.
#include "base/check.h"
#include "element/applet_state.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace intaglio;
  const ByteView input(data, size);
  const auto state = element::decode_state(input);
  if (!state) return 0;
  CHECK(equal(element::encode_state(*state), input));
  CHECK(!state->bound || state->bound->security_key.size() == 32);
  return 0;
}
