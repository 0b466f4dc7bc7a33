#include "store/row_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace intaglio::store {
namespace {

using ledger::RowKind;
using ledger::Slot;

Slot slot(std::uint32_t number, RowKind kind = RowKind::balance) { return Slot(kind).put(number); }

ledger::ChangeSet put(const Slot& where, const Bytes& row) {
  return {{where, {std::nullopt, row}}};
}

TEST(RowCache, KnowsNothingThenWhatItLearned) {
  RowCache cache(1 << 20);
  const auto first = cache.find(slot(1));
  EXPECT_FALSE(first.known);
  cache.learn(slot(1), Bytes{7}, first.ticket);
  const auto second = cache.find(slot(1));
  EXPECT_TRUE(second.known);
  EXPECT_EQ(second.row, Bytes{7});
}

TEST(RowCache, KnowsThatARowIsNotThere) {
  RowCache cache(1 << 20);
  cache.learn(slot(1), std::nullopt, cache.find(slot(1)).ticket);
  const auto answer = cache.find(slot(1));
  EXPECT_TRUE(answer.known);
  EXPECT_EQ(answer.row, std::nullopt);
}

TEST(RowCache, TakesNothingFromAReaderThatACommitOvertook) {
  RowCache cache(1 << 20);
  const auto before = cache.find(slot(1));
  cache.apply(put(slot(1), {2}));
  cache.learn(slot(1), Bytes{1}, before.ticket);
  EXPECT_EQ(cache.find(slot(1)).row, Bytes{2});
}

TEST(RowCache, TakesNothingFromAnOvertakenReaderEvenWhenTheNewRowWasPushedOut) {
  RowCache cache(0);  // every row is pushed out at once
  const auto before = cache.find(slot(1));
  cache.apply(put(slot(1), {2}));
  cache.learn(slot(1), Bytes{1}, before.ticket);
  EXPECT_FALSE(cache.find(slot(1)).known);
}

TEST(RowCache, StaysBelowItsLimitAndForgetsTheOldestFirst) {
  constexpr std::size_t kLimit = 64 << 10;
  RowCache cache(kLimit);
  for (std::uint32_t i = 0; i < 5000; ++i) {
    cache.apply(put(slot(i), Bytes(100, 1)));
    EXPECT_TRUE(cache.find(slot(0)).known) << "asked for all the time, and gone after " << i;
  }
  EXPECT_LE(cache.statistics().bytes, kLimit);
  EXPECT_GT(cache.statistics().bytes, kLimit / 2);
  EXPECT_FALSE(cache.find(slot(1)).known);
  EXPECT_TRUE(cache.find(slot(4999)).known);
}

TEST(RowCache, CountsRowsThatGrowAndShrink) {
  RowCache cache(1 << 20);
  cache.apply(put(slot(1), Bytes(10)));
  const auto small = cache.statistics().bytes;
  cache.apply(put(slot(1), Bytes(1010)));
  EXPECT_EQ(cache.statistics().bytes, small + 1000);
  cache.apply({{slot(1), {std::nullopt, std::nullopt}}});
  EXPECT_EQ(cache.statistics().bytes, small - 10);
  EXPECT_EQ(cache.statistics().rows, 1U);
}

TEST(RowCache, ReceiptsDoNotPushOutBalances) {
  RowCache cache(256 << 10);
  cache.apply(put(slot(1), Bytes(100)));
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    cache.apply(put(slot(i, RowKind::receipt), Bytes(100)));
  }
  EXPECT_TRUE(cache.find(slot(1)).known);
  EXPECT_FALSE(cache.find(slot(0, RowKind::receipt)).known);
}

}  // namespace
}  // namespace intaglio::store
