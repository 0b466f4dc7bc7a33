#include "base/check.h"
#include "codec/protobuf.h"

using namespace intaglio;

namespace {

// Three numbers, strings and messages each; what is read is written again to the same bytes.
Result<Bytes> rewrite(ByteView input) {
  codec::ProtobufReader in(input);
  codec::ProtobufWriter out;
  for (std::uint32_t field = 1; field <= 9; field += 3) {
    ASSIGN(const auto number, in.uint(field));
    ASSIGN(const auto bytes, in.bytes(field + 1));
    out.uint(field, number).bytes(field + 1, bytes);
    while (true) {
      ASSIGN(const bool is_next, in.next_is(field + 2));
      ASSIGN(const auto inside, in.message(field + 2));
      CHECK(is_next == inside.has_value());
      if (!inside) break;
      out.message(field + 2, *inside);
    }
  }
  TRY(in.finish());
  return out.take();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  if (const auto same = rewrite(input)) CHECK(equal(*same, input));
  ByteView rest = input;
  const auto value = codec::take_varint(rest);
  if (value && *value) {
    Bytes again;
    codec::append_varint(again, **value);
    CHECK(equal(again, input.first(input.size() - rest.size())));
  } else {
    CHECK(rest.size() == input.size());
  }
  return 0;
}
