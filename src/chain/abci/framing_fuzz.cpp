#include "base/check.h"
#include "chain/abci/framing.h"
#include "chain/abci/messages.h"

using namespace intaglio;

// Pieces give the same messages as the whole, which are framed again to the same bytes; and what is
// a request is written and read again as the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace abci = chain::abci;
  const ByteView input(data, size);
  abci::MessageReader whole(4096);
  abci::MessageReader pieces(4096);
  whole.add(input);
  Bytes framed;
  for (std::size_t i = 0; i < size; ++i) {
    pieces.add(input.subspan(i, 1));
    const auto message = pieces.next();
    if (!message) {
      // The same refusal, once the messages before it are out.
      CHECK(!whole.next());
      return 0;
    }
    if (!*message) continue;
    const auto same = whole.next();
    CHECK(same && *same == *message);
    abci::append_framed(framed, **message);
    const auto request = abci::decode_request(**message);
    if (!request) continue;
    const auto again = abci::decode_request(abci::encode_request(*request));
    CHECK(again && *again == *request);
  }
  CHECK(equal(framed, input.first(framed.size())));
  CHECK(pieces.is_between() == (framed.size() == size));
  return 0;
}
