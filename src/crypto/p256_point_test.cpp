#include "crypto/p256_point.h"

#include <array>
#include <memory>
#include <optional>
#include <random>

#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include "base/check.h"

namespace intaglio::crypto {
namespace {

using Bytes32 = std::array<std::uint8_t, kCoordinate>;
struct Point {
  Bytes32 x;
  Bytes32 y;
};

bool is_point(const Point& point) { return is_p256_point(point.x, point.y); }

// The opinion of the library, whose arithmetic is not ours.
class Library {
 public:
  bool is_point(const Point& point) const {
    const std::unique_ptr<EC_POINT, decltype(&EC_POINT_free)> made(EC_POINT_new(group_.get()),
                                                                   EC_POINT_free);
    const Big x = big(point.x);
    const Big y = big(point.y);
    return EC_POINT_set_affine_coordinates(group_.get(), made.get(), x.get(), y.get(), nullptr) ==
           1;
  }
  // One of the two points with that x, when there are any.
  std::optional<Point> point_at(const Bytes32& x) const {
    const std::unique_ptr<EC_POINT, decltype(&EC_POINT_free)> made(EC_POINT_new(group_.get()),
                                                                   EC_POINT_free);
    const Big at = big(x);
    if (EC_POINT_set_compressed_coordinates(group_.get(), made.get(), at.get(), 0, nullptr) != 1) {
      return std::nullopt;
    }
    const Big y(BN_new(), BN_free);
    CHECK(EC_POINT_get_affine_coordinates(group_.get(), made.get(), nullptr, y.get(), nullptr) ==
          1);
    Point out{x, {}};
    CHECK(BN_bn2binpad(y.get(), out.y.data(), kCoordinate) == kCoordinate);
    return out;
  }

 private:
  using Big = std::unique_ptr<BIGNUM, decltype(&BN_free)>;
  static Big big(const Bytes32& bytes) {
    return {BN_bin2bn(bytes.data(), kCoordinate, nullptr), BN_free};
  }
  std::unique_ptr<EC_GROUP, decltype(&EC_GROUP_free)> group_{
      EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1), EC_GROUP_free};
};

// Numbers of every size, with long runs of ones and zeros, where carries go wrong.
Bytes32 number(std::mt19937_64& random) {
  Bytes32 out;
  for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>(random());
  const std::size_t from = random() % kCoordinate;
  const std::size_t count = random() % (kCoordinate - from + 1);
  const std::uint8_t run[] = {0x00, 0xff, out[from]};
  std::fill_n(out.begin() + static_cast<std::ptrdiff_t>(from), count, run[random() % 3]);
  return out;
}

// The library takes a coordinate that is the prime or more for what is left of it; we refuse it.
bool is_reduced(const Bytes32& coordinate) {
  constexpr Bytes32 kPrime = {0xff, 0xff, 0xff, 0xff, 0,    0,    0,    1,    0,    0,    0,
                              0,    0,    0,    0,    0,    0,    0,    0,    0,    0xff, 0xff,
                              0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
  return coordinate < kPrime;
}

TEST(P256Point, IsWhatTheLibraryTakesForOne) {
  const Library library;
  std::mt19937_64 random(20261129);
  std::size_t points = 0;
  for (int i = 0; i < 4000; ++i) {
    const Bytes32 x = number(random);
    const Bytes32 y = number(random);
    ASSERT_FALSE(is_point({x, y})) << i;  // chosen without each other
    const auto point = library.point_at(x);
    if (!point) continue;
    ASSERT_EQ(is_point(*point), is_reduced(x)) << i;
    if (!is_reduced(x)) continue;
    ++points;
    Point other = *point;
    other.y[random() % kCoordinate] ^= static_cast<std::uint8_t>(1 << random() % 8);
    ASSERT_FALSE(is_point(other)) << i;
    ASSERT_FALSE(library.is_point(other)) << i;
    ASSERT_FALSE(is_point({point->y, point->x})) << i;
  }
  EXPECT_GT(points, 1000u);  // every second number has one
}

// The square root of b is the y of x = 0; there is no point with y = 0.
TEST(P256Point, MayHaveXZeroAndNeverYZero) {
  const Library library;
  const auto at_zero = library.point_at(Bytes32{});
  ASSERT_TRUE(at_zero.has_value());
  EXPECT_TRUE(is_point(*at_zero));
  std::mt19937_64 random(1);
  for (int i = 0; i < 500; ++i) EXPECT_FALSE(is_point({number(random), Bytes32{}}));
}

}  // namespace
}  // namespace intaglio::crypto
