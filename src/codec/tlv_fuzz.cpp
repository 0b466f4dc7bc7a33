#include "base/check.h"
#include "codec/tlv.h"

using namespace intaglio;

// What is read is written again to the same bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  codec::TlvReader in(input);
  codec::TlvWriter out;
  while (!in.at_end()) {
    const auto next = in.next();
    if (!next) {
      CHECK(next.error().verdict == Verdict::truncated ||
            next.error().verdict == Verdict::bad_encoding ||
            next.error().verdict == Verdict::too_large);
      break;
    }
    out.put(next->tag, next->value);
    CHECK(equal(out.view(), input.first(in.offset())));
  }
  return 0;
}
