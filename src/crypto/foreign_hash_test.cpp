#include "crypto/foreign_hash.h"

#include <gtest/gtest.h>

#include "codec/hex.h"

namespace intaglio::crypto {
namespace {

std::string hashed(ForeignHash hash) {
  return codec::to_hex(foreign_hash(hash, as_bytes("abc")).value());
}

// FIPS 180-4 and RFC 7693 give these of "abc"; RIPEMD-160's is of its authors' page.
TEST(ForeignHash, GivesThePublishedExamples) {
  EXPECT_EQ(hashed(ForeignHash::sha512),
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
            "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
  EXPECT_EQ(hashed(ForeignHash::sha512_256),
            "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23");
  EXPECT_EQ(hashed(ForeignHash::ripemd160), "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc");
  EXPECT_EQ(hashed(ForeignHash::blake2b_512),
            "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
            "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923");
  EXPECT_EQ(hashed(ForeignHash::blake2s_256),
            "508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982");
}

}  // namespace
}  // namespace intaglio::crypto
