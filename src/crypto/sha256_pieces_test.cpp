#include "crypto/sha256_pieces.h"

#include <gtest/gtest.h>

#include "crypto/sha256.h"

namespace intaglio::crypto {
namespace {

TEST(Sha256Pieces, AreThatOfTheWhole) {
  Sha256Pieces pieces;
  EXPECT_EQ(pieces.finish(), sha256(ByteView()));
  pieces.take(as_bytes("a"));
  pieces.take(ByteView());
  pieces.take(as_bytes("bc"));
  EXPECT_EQ(pieces.finish(), sha256(as_bytes("abc")));
  pieces.take(as_bytes("abc"));
  EXPECT_EQ(pieces.finish(), sha256(as_bytes("abc"))) << "it begins anew";
}

}  // namespace
}  // namespace intaglio::crypto
