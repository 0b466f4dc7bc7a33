#include "ledger/genesis.h"

#include <gtest/gtest.h>

#include "codec/hex.h"
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

}  // namespace
}  // namespace intaglio::ledger
