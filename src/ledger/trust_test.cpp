#include "ledger/trust.h"

#include <gtest/gtest.h>

#include "base/ids_for_test.h"
#include "proof/comet_for_test.h"

namespace intaglio::ledger {
namespace {

using proof::CometForTest;

NodesRow voting(const CometForTest::Powers& powers) {
  NodesRow out{.accounting = filled<KeyHash>(0x10), .consensus = {}, .quorum = 0};
  out.validators.emplace();
  for (const auto& [name, power] : powers) {
    const auto byte = static_cast<std::uint8_t>(0x20 + out.validators->size());
    out.validators->push_back({filled<KeyHash>(byte), CometForTest::key(name).key(), power});
  }
  return out;
}

TEST(Trust, NamesAChainAsCometBftDoes) {
  EXPECT_EQ(comet_chain_id(filled<LedgerId>(0xab), ChainId(0)), "intaglio-abababababababab-0");
  const auto longest = comet_chain_id(filled<LedgerId>(0xab), ChainId(UINT16_MAX));
  EXPECT_EQ(longest, "intaglio-abababababababab-65535");
  EXPECT_LE(longest.size(), proof::kMaxCometChainId);
}

// As CometBFT's ValidatorsByVotingPower: the power descending, then the address ascending.
TEST(Trust, HasValidatorsInCometBftsOrder) {
  const auto set = comet_validators(voting({{"a", 1}, {"b", 7}, {"c", 1}, {"d", 1}, {"e", 9}}));
  ASSERT_EQ(set.validators().size(), 5U);
  EXPECT_EQ(set.validators()[0].key, CometForTest::key("e").key());
  EXPECT_EQ(set.validators()[1].key, CometForTest::key("b").key());
  EXPECT_LT(set.addresses()[2], set.addresses()[3]);
  EXPECT_LT(set.addresses()[3], set.addresses()[4]);
  EXPECT_EQ(set.power(), 19U);
  // Whatever order their nodes have.
  const auto other = comet_validators(voting({{"e", 9}, {"d", 1}, {"c", 1}, {"b", 7}, {"a", 1}}));
  EXPECT_EQ(other, set);
}

TEST(Trust, BeginsWithWhoCommitsTheFirstBlock) {
  const NodesRow nodes = voting({{"a", 1}, {"b", 7}});
  const TrustRow first = first_trust(nodes);
  EXPECT_EQ(first.height, Height(0));
  EXPECT_EQ(first.next_validators, CometForTest::set({{"b", 7}, {"a", 1}}).hash());
}

}  // namespace
}  // namespace intaglio::ledger
