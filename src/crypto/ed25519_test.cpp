#include "crypto/ed25519.h"

#include <gtest/gtest.h>

#include "codec/hex.h"
#include "crypto/ed25519_for_test.h"

namespace intaglio::crypto {
namespace {

template <typename Id>
Id id(std::string_view text) {
  return codec::id_from_hex<Id>(text).value();
}
Bytes hex(std::string_view text) { return codec::from_hex(text).value(); }

struct Example {
  std::string_view private_key;
  std::string_view key;
  std::string_view message;
  std::string_view signature;
};

// RFC 8032 section 7.1, tests 1 to 3.
constexpr Example kExamples[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
     "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
     "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
     "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"}};

TEST(Ed25519, VerifiesThePublishedExamplesAndNothingNearThem) {
  for (const Example& each : kExamples) {
    const auto key = id<Ed25519Key>(each.key);
    const auto signature = id<Ed25519Signature>(each.signature);
    const Bytes message = hex(each.message);
    EXPECT_TRUE(verify_ed25519(key, message, signature));
    for (const std::size_t at : {0U, 31U, 32U, 63U}) {
      auto other = signature;
      other.writable()[at] ^= 1;
      EXPECT_FALSE(verify_ed25519(key, message, other)) << at;
    }
    Bytes longer = message;
    longer.push_back(0);
    EXPECT_FALSE(verify_ed25519(key, longer, signature));
    EXPECT_FALSE(verify_ed25519(id<Ed25519Key>(kExamples[0].key), longer, signature));
  }
}

TEST(Ed25519, KeyForTestsSignsAsPublished) {
  for (const Example& each : kExamples) {
    const auto key = Ed25519ForTest::from_private(id<Digest>(each.private_key));
    EXPECT_EQ(codec::to_hex(key.key()), each.key);
    EXPECT_EQ(codec::to_hex(key.sign(hex(each.message))), each.signature);
  }
}

// s + the group's order is the same number to whoever does not compare (RFC 8032 section 5.1.7).
TEST(Ed25519, RefusesTheTwinOfASignature) {
  const auto order = hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  auto twin = id<Ed25519Signature>(kExamples[1].signature);
  unsigned carry = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    carry += twin.array()[32 + i] + order[i];
    twin.writable()[32 + i] = static_cast<std::uint8_t>(carry);
    carry >>= 8;
  }
  EXPECT_FALSE(verify_ed25519(id<Ed25519Key>(kExamples[1].key), hex("72"), twin));
}

TEST(Ed25519, RefusesAKeyThatIsNoPoint) {
  Ed25519Key none;
  none.writable()[0] = 2;  // no x belongs to y = 2
  EXPECT_FALSE(verify_ed25519(none, {}, id<Ed25519Signature>(kExamples[0].signature)));
}

}  // namespace
}  // namespace intaglio::crypto
