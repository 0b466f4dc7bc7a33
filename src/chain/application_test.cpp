#include "chain/application.h"

#include <gtest/gtest.h>

#include "codec/hex.h"

namespace intaglio::chain {
namespace {

// docs/reference/formats.md works this example.
TEST(StoredBlock, HasItsFrozenBytes) {
  const StoredBlock block{{1, 2, 3}, {{4}, {5, 6}}};
  const Bytes blob = encode_block(block);
  EXPECT_EQ(codec::to_hex(blob), "8243010203824104420506");
  const auto decoded = decode_block(blob);
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(decoded->header, block.header);
  EXPECT_EQ(decoded->transactions, block.transactions);
}

}  // namespace
}  // namespace intaglio::chain
