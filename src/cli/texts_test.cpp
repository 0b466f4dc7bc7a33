#include "cli/texts.h"

#include <gtest/gtest.h>

namespace intaglio::cli {
namespace {

TEST(Texts, TimesAreRfc3339InUtc) {
  EXPECT_EQ(time_text(Millis(0)), "1970-01-01T00:00:00Z");
  EXPECT_EQ(time_text(Millis(1'767'225'600'000)), "2026-01-01T00:00:00Z");
  EXPECT_EQ(time_text(Millis(1'767'225'600'007)), "2026-01-01T00:00:00.007Z");
  EXPECT_EQ(time_text(Millis(253'402'300'799'999)), "9999-12-31T23:59:59.999Z");
  EXPECT_EQ(time_text(Millis(UINT64_MAX)), "18446744073709551615 ms since 1970");
}

TEST(Texts, AgesAreSaidInTheLargestUnitThatFits) {
  EXPECT_EQ(age_text(Duration(999)), "0 seconds");
  EXPECT_EQ(age_text(seconds(1)), "1 second");
  EXPECT_EQ(age_text(seconds(119)), "1 minute");
  EXPECT_EQ(age_text(seconds(7200)), "2 hours");
  EXPECT_EQ(age_text(seconds(86400 * 3)), "3 days");
}

}  // namespace
}  // namespace intaglio::cli
