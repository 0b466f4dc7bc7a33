#include "chain/heard.h"

#include <gtest/gtest.h>

#include "crypto/merkle.h"

namespace intaglio::chain {
namespace {

constexpr Millis kNow{1'000'000};

TEST(HeardTest, GivesOutWhatIsToBeVerifiedOnceAndInOrder) {
  Heard heard;
  heard.hear({1}, kNow);
  heard.hear({2}, kNow);
  heard.hear({1}, kNow);
  EXPECT_EQ(heard.size(), 2U);
  EXPECT_EQ(heard.next_unverified()->leaf, crypto::merkle_leaf(Bytes{1}));
  heard.verified(crypto::merkle_leaf(Bytes{1}), refuse(Verdict::bad_signature));
  EXPECT_EQ(heard.next_unverified()->leaf, crypto::merkle_leaf(Bytes{2}));
  heard.forget(crypto::merkle_leaf(Bytes{2}));
  EXPECT_FALSE(heard.next_unverified());
  EXPECT_EQ(heard.size(), 0U);
  EXPECT_EQ(heard.find(crypto::merkle_leaf(Bytes{1})), nullptr);
}

TEST(HeardTest, ForgetsTheOldestWhenThereAreTooMany) {
  Heard heard({.capacity = 3});
  for (std::uint8_t i = 0; i < 10; ++i) heard.hear({i}, kNow);
  EXPECT_EQ(heard.size(), 3U);
  EXPECT_EQ(heard.next_unverified()->leaf, crypto::merkle_leaf(Bytes{7}));
  heard.age(kNow + seconds(60));
  heard.hear({10}, kNow + seconds(60));
  EXPECT_EQ(heard.size(), 3U);
  EXPECT_EQ(heard.next_unverified()->leaf, crypto::merkle_leaf(Bytes{8}));
}

}  // namespace
}  // namespace intaglio::chain
