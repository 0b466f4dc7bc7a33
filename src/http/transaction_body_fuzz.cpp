// The bodies of POST /v1/transactions: what is taken apart lies inside the body, in order and
// within the limits, and a sequence put together again is the body. The first byte chooses the
// media type.
#include <array>

#include "base/check.h"
#include "http/transaction_body.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace intaglio;
  if (size == 0) return 0;
  constexpr std::array kTypes = {http::kCoseMediaType, http::kCborSeqMediaType,
                                 http::kJsonMediaType};
  const auto type = kTypes.at(data[0] % kTypes.size());
  const Bytes input(data + 1, data + size);
  const auto body = http::read_transactions(type, input);
  if (!body) {
    CHECK(describe(body.error().verdict).kind == VerdictKind::malformed);
    return 0;
  }
  CHECK(!body->transactions.empty() && body->transactions.size() <= http::kMaxTransactions);
  CHECK(body->is_sequence == (type == http::kCborSeqMediaType));
  Bytes joined;
  for (const auto each : body->transactions) append(joined, each);
  CHECK(joined == body->bytes);
  CHECK(type == http::kJsonMediaType || joined == input);
  return 0;
}
