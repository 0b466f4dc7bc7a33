#include "chain/ways.h"

#include <gtest/gtest.h>

#include "crypto/merkle.h"

namespace intaglio::chain {
namespace {

constexpr Way kWay{ChainId(1), ChainId(2), Cargo::packets};

ledger::BlockHeader header(std::uint16_t chain, std::uint32_t count, bool with_packets) {
  ledger::BlockHeader out;
  out.chain = ChainId(chain);
  out.count = count;
  out.outbox = with_packets ? crypto::merkle_leaf(Bytes{1}) : crypto::merkle_root({});
  return out;
}

TEST(Ways, ABlockWithPacketsOpensThoseOfItsChain) {
  Ways ways;
  EXPECT_TRUE(ways.saw(header(1, 1, true), 3));
  EXPECT_EQ(ways.take(), (std::set<Way>{{ChainId(1), ChainId(0), Cargo::packets},
                                        {ChainId(1), ChainId(2), Cargo::packets}}));
  EXPECT_FALSE(ways.any());
  EXPECT_FALSE(ways.saw(header(1, 5, false), 3));
  EXPECT_FALSE(ways.any());
}

TEST(Ways, AnEmptyBlockIsToldByItsCursor) {
  Ways ways;
  EXPECT_TRUE(ways.saw(header(0, 0, false), 2));
  EXPECT_EQ(ways.take(), (std::set<Way>{{ChainId(0), ChainId(1), Cargo::cursor}}));
}

TEST(Ways, WhatCometBftOrdersIsBroughtWithTheNextBlock) {
  Ways ways;
  EXPECT_FALSE(ways.saw(header(1, 1, true), 2, true));
  EXPECT_TRUE(ways.saw(header(1, 1, true), 2, true));
  EXPECT_EQ(ways.take(), (std::set<Way>{{ChainId(1), ChainId(0), Cargo::packets}}));
  EXPECT_TRUE(ways.saw(header(1, 0, false), 2, true));
  EXPECT_EQ(ways.take(), (std::set<Way>{{ChainId(1), ChainId(0), Cargo::packets},
                                        {ChainId(1), ChainId(0), Cargo::cursor}}));
  EXPECT_FALSE(ways.saw(header(1, 1, false), 2, true));
}

TEST(Ways, OneDeliveryAtATimeAndMoreAfterAnAnswer) {
  Ways ways;
  EXPECT_TRUE(ways.begin(kWay));
  EXPECT_FALSE(ways.begin(kWay));
  // No other way waits for it.
  EXPECT_TRUE(ways.begin({kWay.to, kWay.from, kWay.cargo}));
  ways.end(kWay, true);
  EXPECT_EQ(ways.take(), std::set<Way>{kWay});
  EXPECT_TRUE(ways.begin(kWay));
  ways.end(kWay, false);
  EXPECT_FALSE(ways.any());
  EXPECT_TRUE(ways.begin(kWay));
}

TEST(Ways, ARoundLooksAtAllOfThem) {
  Ways ways;
  ways.look_at_all(3);
  EXPECT_EQ(ways.take().size(), 12U);
}

}  // namespace
}  // namespace intaglio::chain
