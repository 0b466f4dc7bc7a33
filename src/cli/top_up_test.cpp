#include "cli/top_up.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace intaglio::cli {
namespace {

using ::testing::ElementsAre;

ChainAmount on(std::uint16_t chain, std::uint64_t amount) {
  return {ChainId(chain), Amount(amount)};
}

std::vector<ChainAmount> drawn(std::uint16_t requested, std::uint64_t amount,
                               std::vector<ChainAmount> spendable, std::uint64_t smallest = 1) {
  return draw({ChainId(requested), Amount(amount), Amount(smallest)}, spendable)
      .value_or(std::vector<ChainAmount>{});
}

TEST(TopUp, TakesAllFromTheChainAskedForWhenItHasEnough) {
  EXPECT_THAT(drawn(1, 50, {on(0, 900), on(1, 50)}), ElementsAre(on(1, 50)));
}

TEST(TopUp, TakesFromTheChainAskedForFirstThenFromTheLargest) {
  EXPECT_THAT(drawn(1, 100, {on(0, 30), on(1, 50), on(2, 40), on(3, 40)}),
              ElementsAre(on(1, 50), on(2, 40), on(3, 10)));
  EXPECT_THAT(drawn(1, 60, {on(0, 900), on(2, 40)}), ElementsAre(on(0, 60)));
}

TEST(TopUp, OfEqualOnesTheChainWithTheLowerNumberIsFirst) {
  EXPECT_THAT(drawn(1, 10, {on(3, 10), on(2, 10), on(0, 10)}), ElementsAre(on(0, 10)));
}

TEST(TopUp, LeavesNoPartThatIsTooSmall) {
  EXPECT_THAT(drawn(1, 52, {on(1, 50), on(2, 40)}, 5), ElementsAre(on(1, 47), on(2, 5)));
  EXPECT_THAT(drawn(1, 12, {on(1, 6), on(2, 5), on(3, 5)}, 5),
              ElementsAre());  // three parts of five are more than twelve
  EXPECT_THAT(drawn(1, 10, {on(1, 4), on(2, 6), on(3, 6)}, 5), ElementsAre(on(2, 5), on(3, 5)));
}

TEST(TopUp, ShortEverywhereIsRefused) {
  const auto short_of = draw({ChainId(1), Amount(100), Amount(1)}, {});
  ASSERT_FALSE(short_of.has_value());
  EXPECT_EQ(short_of.error().verdict, Verdict::insufficient_funds);
  EXPECT_THAT(drawn(1, 100, {on(0, 49), on(1, 50)}), ElementsAre());
}

RC_GTEST_PROP(TopUpProperty, AddsUpAndIsNeverMoreThanThereIsOrMoreLegsThanNeeded, ()) {
  std::vector<ChainAmount> spendable;
  const auto count = *rc::gen::inRange<std::uint16_t>(1, 8);
  for (std::uint16_t i = 0; i < count; ++i) {
    spendable.push_back(on(i, *rc::gen::inRange<std::uint64_t>(0, 100)));
  }
  const auto amount = *rc::gen::inRange<std::uint64_t>(1, 400);
  const auto parts = drawn(0, amount, spendable);
  std::uint64_t all = 0;
  std::vector<std::uint64_t> others;
  for (const auto& each : spendable) {
    all += each.amount.value();
    if (each.chain != ChainId(0)) others.push_back(each.amount.value());
  }
  RC_ASSERT(parts.empty() == (all < amount));
  if (parts.empty()) return;
  std::uint64_t sum = 0;
  for (const auto& part : parts) {
    RC_ASSERT(part.amount > Amount(0));
    RC_ASSERT(part.amount <= spendable[part.chain.value()].amount);
    sum += part.amount.value();
  }
  RC_ASSERT(sum == amount);
  // One leg fewer could not do it: what the chain asked for has, and the largest others.
  std::ranges::sort(others, std::greater{});
  const bool from_requested = parts.front().chain == ChainId(0);
  std::uint64_t most = from_requested ? spendable[0].amount.value() : 0;
  const std::size_t fewer = parts.size() - 1 - (from_requested ? 1 : 0);
  if (parts.size() == 1) return;
  for (std::size_t i = 0; i < fewer; ++i) most += others[i];
  RC_ASSERT(most < amount);
}

}  // namespace
}  // namespace intaglio::cli
