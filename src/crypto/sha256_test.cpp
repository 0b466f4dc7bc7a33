#include "crypto/sha256.h"

#include <thread>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "codec/hex.h"

namespace intaglio::crypto {
namespace {

Bytes hex(std::string_view text) { return codec::from_hex(text).value(); }

// FIPS 180-4's examples and the empty message.
TEST(Sha256, GivesThePublishedDigests) {
  EXPECT_EQ(codec::to_hex(sha256(ByteView())),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(codec::to_hex(sha256(as_bytes("abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(
      codec::to_hex(sha256(as_bytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))),
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(codec::to_hex(sha256(Bytes(1'000'000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

RC_GTEST_PROP(Sha256, OfPiecesIsThatOfTheWhole, (const Bytes& a, const Bytes& b, const Bytes& c)) {
  Bytes whole = a;
  append(whole, b);
  append(whole, c);
  RC_ASSERT(sha256({a, b, c}) == sha256(whole));
}

TEST(Sha256, IsTheSameInEveryThread) {
  const Bytes message(1000, 7);
  const Digest expected = sha256(message);
  std::array<Digest, 4> digests;
  std::vector<std::thread> threads;
  for (auto& digest : digests) {
    threads.emplace_back([&] {
      for (int i = 0; i < 100; ++i) digest = sha256(message);
    });
  }
  for (auto& thread : threads) thread.join();
  for (const auto& digest : digests) EXPECT_EQ(digest, expected);
}

// RFC 4231: keys shorter than a block, of other bytes, and longer than a block.
TEST(HmacSha256, GivesThePublishedCodes) {
  EXPECT_EQ(codec::to_hex(hmac_sha256(Bytes(20, 0x0b), as_bytes("Hi There"))),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(codec::to_hex(hmac_sha256(as_bytes("Jefe"), as_bytes("what do ya want for nothing?"))),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(codec::to_hex(hmac_sha256(Bytes(20, 0xaa), Bytes(50, 0xdd))),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
  EXPECT_EQ(
      codec::to_hex(hmac_sha256(
          Bytes(131, 0xaa), as_bytes("Test Using Larger Than Block-Size Key - Hash Key First"))),
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(EqualConstantTime, ComparesContentAndLength) {
  EXPECT_TRUE(equal_constant_time(hex("0102"), hex("0102")));
  EXPECT_TRUE(equal_constant_time({}, {}));
  EXPECT_FALSE(equal_constant_time(hex("0102"), hex("0103")));
  EXPECT_FALSE(equal_constant_time(hex("0102"), hex("010200")));
}

}  // namespace
}  // namespace intaglio::crypto
