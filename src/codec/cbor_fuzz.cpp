#include "base/check.h"
#include "codec/cbor.h"
#include "codec/cbor_copy.h"

using namespace intaglio;

// Whatever is read can be written again to the same bytes, and both ways of reading agree.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  codec::CborReader whole(input);
  const auto item = whole.item();
  codec::CborReader in(input);
  codec::CborWriter out;
  const auto copied = codec::copy_item(in, out);
  CHECK(item.has_value() == copied.has_value());
  if (!item) {
    CHECK(item.error() == copied.error());
    return 0;
  }
  CHECK(equal(out.take(), *item));
  CHECK(codec::cbor_diagnostic(*item).has_value());
  CHECK(in.finish().has_value() == (in.offset() == size));
  return 0;
}
