#include "base/check.h"
#include "chain/messages.h"

using namespace intaglio;

// Messages and standings have one form.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(data, size);
  if (const auto message = chain::decode_message(bytes)) {
    CHECK(equal(chain::encode_message(*message), bytes));
  }
  if (const auto standing = chain::decode_standing(bytes)) {
    CHECK(equal(chain::encode_standing(*standing), bytes));
  }
  return 0;
}
