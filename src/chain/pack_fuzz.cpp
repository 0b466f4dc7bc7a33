#include "base/check.h"
#include "chain/pack.h"

using namespace intaglio;

// A pack and what became of it have one form each.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(data, size);
  if (const auto members = chain::unpack(bytes)) {
    CHECK(chain::is_pack(bytes) == (members->size() > 1));
    CHECK(chain::fit_in_pack(*members) == members->size());
    CHECK(equal(chain::pack(*members), bytes));
  }
  if (const auto outcomes = chain::decode_outcomes(bytes)) {
    CHECK(equal(chain::encode_outcomes(*outcomes), bytes));
  }
  return 0;
}
