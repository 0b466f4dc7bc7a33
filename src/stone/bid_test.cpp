#include "stone/bid.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/result_for_test.h"

namespace intaglio::stone {
namespace {

PlannedRough planned(std::uint64_t value) {
  return {MicroCarats(2'500'000), MicroCarats(1'010'000), 1, 2, Amount(value), Amount(value + 9)};
}

constexpr BidTerms kTerms{{Amount(3'000), Amount(1'500), Amount(800)}, 150'000, {}};

// 1.01 ct at 30.00, a stone at 15.00, two saw cuts at 8.00: 61.30. 7,480.00 / 1.15 = 6,504.347...
TEST(Bid, IsTheValueLessMarginAndCosts) {
  const Bid bid = must(bid_for(planned(748'000), kTerms));
  EXPECT_EQ(bid.costs, Amount(6'130));
  EXPECT_EQ(bid.most, Amount(650'434 - 6'130));
  EXPECT_EQ(bid.most_per_carat, Amount(644'304 * 10 / 25));
  EXPECT_FALSE(bid.asked);
}

TEST(Bid, ARoughThatIsNotWorthCuttingIsLeftAlone) {
  const Bid bid = must(bid_for(planned(7'000), kTerms));
  EXPECT_EQ(bid.most, Amount(0));
  EXPECT_EQ(bid.costs, Amount(0));
  EXPECT_EQ(bid.planned.value, Amount(0));
  EXPECT_EQ(bid.planned.stones, 0U);
  EXPECT_EQ(bid.planned.bound, Amount(7'009));
}

TEST(Bid, WhatIsAskedLeavesTheRest) {
  BidTerms terms = kTerms;
  terms.asked_per_carat = Amount(200'000);
  const Bid bid = must(bid_for(planned(748'000), terms));
  EXPECT_EQ(bid.asked, Amount(500'000));
  EXPECT_EQ(bid.left, Amount(748'000 - 500'000 - 6'130));
  terms.asked_per_carat = Amount(300'000);
  EXPECT_FALSE(must(bid_for(planned(748'000), terms)).left);
}

// Who pays the most keeps the margin; a minor unit more would break it.
RC_GTEST_PROP(Bid, TheMostKeepsTheMarginAndNoMoreWould, ()) {
  const auto value = *rc::gen::inRange<std::uint64_t>(0, 1'000'000'000'000);
  BidTerms terms{{Amount(*rc::gen::inRange<std::uint64_t>(0, 100'000)), Amount(7), Amount(3)},
                 *rc::gen::inRange<std::uint32_t>(0, 2'000'000),
                 {}};
  const Bid bid = must(bid_for(planned(value), terms));
  const auto keeps = [&](std::uint64_t paid) {
    const Wide put_in = static_cast<Wide>(paid) + bid.costs.value();
    return static_cast<Wide>(bid.planned.value.value()) * 1'000'000 >=
           put_in * (1'000'000 + terms.margin);
  };
  if (bid.most == Amount(0)) return;
  RC_ASSERT(keeps(bid.most.value()));
  RC_ASSERT(!keeps(bid.most.value() + 1));
}

TEST(Bid, AParcelIsTheSumOfItsRoughs) {
  BidTerms terms = kTerms;
  terms.asked_per_carat = Amount(1'000);
  const std::vector<Bid> bids = {must(bid_for(planned(748'000), terms)),
                                 must(bid_for(planned(5'000), terms)),
                                 must(bid_for(planned(100'000), terms))};
  const Bid all = must(bid_for_parcel(bids));
  EXPECT_EQ(all.planned.rough, MicroCarats(7'500'000));
  EXPECT_EQ(all.planned.stones, 2U);
  EXPECT_EQ(all.most, Amount(bids[0].most.value() + bids[2].most.value()));
  EXPECT_EQ(all.asked, Amount(7'500));
  EXPECT_EQ(all.left, Amount(848'000 - 2 * 6'130 - 7'500));
  EXPECT_EQ(must(bid_for_parcel({})).most, Amount(0));
}

TEST(Bid, MoneyThatDoesNotFitIsRefused) {
  PlannedRough dear = planned(UINT64_MAX);
  EXPECT_EQ(verdict_of(bid_for(dear, kTerms)), Verdict::accepted);
  BidTerms terms = kTerms;
  terms.asked_per_carat = Amount(UINT64_MAX);
  EXPECT_EQ(verdict_of(bid_for(dear, terms)), Verdict::too_large);
  terms = kTerms;
  terms.margin = kMostMargin + 1;
  EXPECT_EQ(verdict_of(bid_for(dear, terms)), Verdict::too_large);
  const Bid one = must(bid_for(dear, {}));
  EXPECT_EQ(verdict_of(bid_for_parcel(std::vector<Bid>{one, one})), Verdict::too_large);
}

// A stone that brings less than it costs is left, the cut that parted it is paid.
TEST(Bid, StonesThatAreNotWorthCuttingAreLeft) {
  BidTerms terms;
  terms.costs = {Amount(9'000), Amount(1'250), Amount(700)};
  terms.margin = 150'000;
  const std::vector<PlannedStone> stones = {{MicroCarats(1'000'000), Amount(500'000)},
                                            {MicroCarats(20'000), Amount(1'600)},
                                            {MicroCarats(200'000), Amount(9'000)}};
  const PlannedRough planned =
      planned_rough(MicroCarats(2'280'000), Amount(600'000), stones, 2, terms);
  EXPECT_EQ(planned.stones, 2U);
  EXPECT_EQ(planned.saw_cuts, 2U);
  EXPECT_EQ(planned.polished, MicroCarats(1'200'000));
  EXPECT_EQ(planned.value, Amount(509'000));
  const auto bid = bid_for(planned, terms);
  ASSERT_TRUE(bid);
  EXPECT_EQ(bid->costs, Amount(9'000 * 12 / 10 + 2 * 1'250 + 2 * 700));
  EXPECT_EQ(bid->most, Amount(509'000ULL * 100 / 115 - bid->costs.value()));
}

}  // namespace
}  // namespace intaglio::stone
