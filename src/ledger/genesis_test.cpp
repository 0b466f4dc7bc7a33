#include "ledger/genesis.h"

#include <gtest/gtest.h>

#include "codec/hex.h"
#include "ledger/trust.h"
#include "proof/signing_for_test.h"

namespace intaglio::ledger {
namespace {

// docs/reference/formats.md works this example.
TEST(Genesis, HasItsFrozenBytesAndLedgerId) {
  const auto key = proof::golden_key();
  const Genesis genesis{
      .name = "golden",
      .time = Millis(1000),
      .chains = 2,
      .params = default_params(),
      .assets = {{AssetId(978), "EUR", 2, Amount(1)}},
      .keys = {{key, Role::holder}},
      .money = {{ChainId(1), AccountId::prefix_of(key.hash()), AssetId(978), Amount(100000)}},
      .nodes = {{key.hash(), {}, 0}, {key.hash(), {}, 0}}};
  EXPECT_EQ(codec::to_hex(codec::encode_record(genesis)),
            "a80166676f6c64656e"
            "021903e8"
            "0302"
            "04" +
                codec::to_hex(codec::encode_record(default_params())) +
                "0581a4011903d20263455552030204"
                "01"
                "0681a2015841" +
                codec::to_hex(key.view()) +
                "0203"
                "0781a4010102"
                "5482316ad6c6598b75d1a8b9fa3bcd2dc704af4de4"
                "031903d2"
                "041a000186a0"
                "0882a3015820" +
                codec::to_hex(key.hash()) + "02800300a3015820" + codec::to_hex(key.hash()) +
                "02800300");
  EXPECT_EQ(codec::to_hex(ledger_id(genesis)),
            "86c9342eef3fbdf5375d21267b398f9674c2a8a9d609f26aa512d670b8a3e839");
}

TEST(Genesis, HasValidatorsThatAreNodes) {
  const auto node = proof::golden_key();
  const Validator validator{node.hash(), {}, 10};
  Genesis genesis;
  genesis.chains = 2;
  genesis.params = default_params();
  genesis.keys = {{node, Role::node}};
  genesis.nodes = {{node.hash(), {}, 0}, {node.hash(), {}, 0, std::vector{validator}}};
  EXPECT_TRUE(check_genesis(genesis).has_value());
  for (std::uint16_t chain = 0; chain < 2; ++chain) {
    const EmptyView nothing;
    Stage stage(&nothing);
    apply_genesis(stage, genesis, ChainId(chain));
    const auto trusted = stage.find<TrustRow>(ChainId(1));
    EXPECT_FALSE(stage.find<TrustRow>(ChainId(0)).has_value());
    // Itself a chain trusts anyhow.
    const auto expected = chain == 1 ? std::nullopt : std::optional(first_trust(genesis.nodes[1]));
    EXPECT_EQ(trusted, expected);
  }
  auto wrong = genesis;
  wrong.nodes[1].validators->front().node = {};
  EXPECT_EQ(check_genesis(wrong).error(),
            (Refusal{Verdict::bad_setting, "nodes[1].validators[0].node"}));
  wrong = genesis;
  wrong.nodes[1].validators->clear();
  EXPECT_EQ(check_genesis(wrong).error(), (Refusal{Verdict::bad_setting, "nodes[1].validators"}));
}

}  // namespace
}  // namespace intaglio::ledger
