#include "symbol/symbol.h"

#include <gtest/gtest.h>

#include "base/result_for_test.h"
#include "symbol/sample_text.h"

namespace intaglio::symbol {
namespace {

int version_of(std::string_view text, ErrorCorrection level) {
  const auto symbol = draw(text, {.level = level});
  return symbol ? symbol->version() : 0;
}

TEST(Symbol, OfASignedPaymentCodeIsVersion14With73Modules) {
  ASSERT_EQ(kPaymentCode.size(), 352u);
  const auto symbol = draw(kPaymentCode);
  ASSERT_TRUE(symbol);
  EXPECT_EQ(symbol->version(), 14);
  EXPECT_EQ(symbol->size(), 73u);
  EXPECT_EQ(symbol->level(), ErrorCorrection::medium);
}

// The table in the payment code's specification: characters against versions at L, M, Q.
TEST(Symbol, HasTheSmallestVersionThatFits) {
  const struct {
    std::size_t characters;
    int low, medium, quartile;
  } rows[] = {{151, 7, 8, 10}, {321, 11, 13, 16}, {352, 12, 14, 17}};
  for (const auto& row : rows) {
    const std::string text(kPaymentCode.substr(0, row.characters));
    EXPECT_EQ(version_of(text, ErrorCorrection::low), row.low) << row.characters;
    EXPECT_EQ(version_of(text, ErrorCorrection::medium), row.medium) << row.characters;
    EXPECT_EQ(version_of(text, ErrorCorrection::quartile), row.quartile) << row.characters;
  }
}

// In numeric or alphanumeric mode the first two would be much smaller.
TEST(Symbol, IsInByteModeWhateverTheCharacters) {
  EXPECT_EQ(version_of(std::string(352, '7'), ErrorCorrection::medium), 14);
  EXPECT_EQ(version_of(std::string(352, 'A'), ErrorCorrection::medium), 14);
  EXPECT_EQ(version_of(std::string(352, 'a'), ErrorCorrection::medium), 14);
}

TEST(Symbol, HoldsAsManyBytesAsVersion40AndNoMore) {
  const struct {
    ErrorCorrection level;
    std::size_t bytes;
  } rows[] = {{ErrorCorrection::low, 2953},
              {ErrorCorrection::medium, 2331},
              {ErrorCorrection::quartile, 1663},
              {ErrorCorrection::high, 1273}};
  for (const auto& row : rows) {
    EXPECT_EQ(version_of(printable_text(row.bytes), row.level), 40);
    EXPECT_EQ(verdict_of(draw(printable_text(row.bytes + 1), {.level = row.level})),
              Verdict::too_large);
  }
  EXPECT_EQ(verdict_of(draw(std::string(1'000'000, 'x'))), Verdict::too_large);
}

TEST(Symbol, IsNotDrawnLargerThanAllowed) {
  EXPECT_TRUE(draw(kPaymentCode, {.max_version = 14}));
  const auto refused = draw(kPaymentCode, {.max_version = 13});
  ASSERT_EQ(verdict_of(refused), Verdict::too_large);
  EXPECT_EQ(refused.error().where, "text of 352 bytes for a symbol of version 13");
  EXPECT_EQ(verdict_of(draw("x", {.max_version = 0})), Verdict::bad_value);
  EXPECT_EQ(verdict_of(draw("x", {.max_version = 41})), Verdict::bad_value);
}

TEST(Symbol, IsOfSomeUtf8Text) {
  EXPECT_EQ(verdict_of(draw("")), Verdict::bad_value);
  EXPECT_EQ(verdict_of(draw("caf\xe9")), Verdict::bad_encoding);
  EXPECT_EQ(verdict_of(draw("\xc0\xaf")), Verdict::bad_encoding);
  EXPECT_TRUE(draw("caf\u00e9"));
}

// ECI 26 takes 12 bits, so that a symbol of text outside ASCII holds one byte less.
TEST(Symbol, SaysThatTextOutsideAsciiIsUtf8) {
  const std::string accent = "\u00e9";
  EXPECT_TRUE(draw(accent + printable_text(2328)));
  EXPECT_EQ(verdict_of(draw(accent + printable_text(2329))), Verdict::too_large);
}

TEST(Symbol, HasFinderPatternsInThreeCorners) {
  const auto symbol = draw("x");
  ASSERT_TRUE(symbol);
  const std::size_t far = symbol->size() - 7;
  const std::size_t corners[3][2] = {{0, 0}, {far, 0}, {0, far}};
  for (const auto& corner : corners) {
    for (std::size_t y = 0; y < 7; ++y) {
      for (std::size_t x = 0; x < 7; ++x) {
        const std::size_t ring = std::max({x, y, 6 - x, 6 - y});  // 6 outside, 3 in the middle
        EXPECT_EQ(symbol->dark(corner[0] + x, corner[1] + y), ring != 5);
      }
    }
  }
}

}  // namespace
}  // namespace intaglio::symbol
