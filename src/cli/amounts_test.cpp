#include "cli/amounts.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/result_for_test.h"

namespace intaglio::cli {
namespace {

TEST(Amounts, AreDecimalsByTheAssetsScale) {
  EXPECT_EQ(amount_from_text("12.50", 2), Amount(1250));
  EXPECT_EQ(amount_from_text("12.5", 2), Amount(1250));
  EXPECT_EQ(amount_from_text("12", 2), Amount(1200));
  EXPECT_EQ(amount_from_text("0.01", 2), Amount(1));
  EXPECT_EQ(amount_from_text("007", 0), Amount(7));
  EXPECT_EQ(amount_from_text("0.000000000001", 12), Amount(1));
  EXPECT_EQ(amount_from_text("184467440737095516.15", 2), Amount(UINT64_MAX));
}

TEST(Amounts, AreNeverRoundedOrGuessed) {
  for (const auto* text : {"", ".", ".5", "5.", "1.005", "1,50", "-1", "+1", "1e3", " 1", "1 ",
                           "1.2.3", "0x10", "one", "1'000"}) {
    EXPECT_EQ(verdict_of(amount_from_text(text, 2)), Verdict::bad_value) << text;
  }
  EXPECT_EQ(verdict_of(amount_from_text("1.0", 0)), Verdict::bad_value);
  EXPECT_EQ(verdict_of(amount_from_text("184467440737095516.16", 2)), Verdict::too_large);
}

TEST(Amounts, AreWrittenWithEveryDecimal) {
  EXPECT_EQ(amount_text(Amount(1250), 2), "12.50");
  EXPECT_EQ(amount_text(Amount(5), 2), "0.05");
  EXPECT_EQ(amount_text(Amount(0), 2), "0.00");
  EXPECT_EQ(amount_text(Amount(5), 0), "5");
  EXPECT_EQ(signed_amount_text({Amount(1250), true}, 2), "-12.50");
  EXPECT_EQ(minor_units_text({Amount(1250), true}), "-1250");
}

RC_GTEST_PROP(Amounts, ReadBackWhatTheyWrite, (std::uint64_t value)) {
  const auto scale = *rc::gen::inRange(0U, 13U);
  RC_ASSERT(amount_from_text(amount_text(Amount(value), scale), scale).value() == Amount(value));
  const SignedAmount out{Amount(value), value != 0};
  RC_ASSERT(signed_amount_from_minor_units(minor_units_text(out)).value() == out);
}

TEST(Amounts, MinorUnitsHaveOneForm) {
  for (const auto* text : {"", "-", "-0", "--1", "+1", "1.5", "18446744073709551616"}) {
    EXPECT_EQ(verdict_of(signed_amount_from_minor_units(text)), Verdict::bad_value) << text;
  }
}

// Sums as a wider integer has them.
RC_GTEST_PROP(Amounts, AddUpWithTheirSigns,
              (std::uint32_t a, bool a_out, std::uint32_t b, bool b_out)) {
  const auto wide = [](std::uint32_t value, bool out) {
    return out ? -static_cast<std::int64_t>(value) : static_cast<std::int64_t>(value);
  };
  const auto narrow = [](std::int64_t value) {
    return SignedAmount{Amount(static_cast<std::uint64_t>(value < 0 ? -value : value)), value < 0};
  };
  const auto sum = add(narrow(wide(a, a_out)), narrow(wide(b, b_out)));
  RC_ASSERT(sum == narrow(wide(a, a_out) + wide(b, b_out)));
}

TEST(Amounts, ASumThatDoesNotFitIsNone) {
  EXPECT_FALSE(add(SignedAmount{Amount(UINT64_MAX), true}, SignedAmount{Amount(1), true}));
  EXPECT_EQ(add(SignedAmount{Amount(UINT64_MAX), true}, SignedAmount{Amount(UINT64_MAX), false}),
            SignedAmount{});
}

}  // namespace
}  // namespace intaglio::cli
