// Golden bytes: the stored form of every row. If one of these fails, ledgers already written can no
// longer be read; see docs/reference/formats.md.
#include "ledger/rows.h"

#include <gtest/gtest.h>

#include "codec/hex.h"
#include "ledger/block.h"
#include "ledger/genesis.h"
#include "proof/signing_for_test.h"

namespace intaglio::ledger {
namespace {

template <typename R>
std::string encoded(const R& row) {
  return codec::to_hex(codec::encode_record(row));
}

TEST(Rows, BalanceHasItsFrozenBytes) {
  const BalanceRow row{Amount(1000), Amount(250), Amount(0), std::nullopt};
  EXPECT_EQ(encoded(row), "a3011903e80218fa0300");
}

TEST(Rows, AssetHasItsFrozenBytes) {
  const AssetRow row{"EUR", 2, Amount(1), Amount(500000), Amount(0)};
  EXPECT_EQ(encoded(row), "a5016345555202020301041a0007a1200500");
}

TEST(Rows, HoldHasItsFrozenBytes) {
  const HoldRow row{AccountId{}, AccountId{}, AssetId(978),   Amount(5),
                    Amount(2),   Millis(9),   HoldState::open};
  const std::string zeros(40, '0');
  EXPECT_EQ(encoded(row), "a70154" + zeros + "0254" + zeros + "031903d204050502060907" + "01");
}

TEST(Rows, ReceiptHasItsFrozenBytes) {
  const ReceiptRow row{.tx = {},
                       .height = Height(7),
                       .index = 1,
                       .time = Millis(1000),
                       .verdict = 302,
                       .where = "amount",
                       .valid_until = Millis(2000)};
  EXPECT_EQ(encoded(row),
            "a7015820" + std::string(64, '0') + "02070301041903e80519012e0666616d6f756e74071907d0");
}

TEST(Rows, DisplayAndCodeHaveTheirFrozenBytes) {
  EXPECT_EQ(encoded(DisplayRow{AccountId{}, 1, TimeStep(2)}),
            "a30154" + std::string(40, '0') + "02010302");
  const CodeRow code{.payee = {},
                     .asset = AssetId(978),
                     .amount = Amount(1250),
                     .claimant = {},
                     .claimed_until = {},
                     .payment = {}};
  EXPECT_EQ(encoded(code), "a30154" + std::string(40, '0') + "021903d2031904e2");
}

TEST(BlockHeader, HasItsFrozenBytes) {
  const BlockHeader header{.chain = ChainId(1),
                           .height = Height(2),
                           .time = Millis(3),
                           .previous = {},
                           .transactions = {},
                           .receipts = {},
                           .state = {},
                           .count = 4,
                           .outbox = {},
                           .cursors = {}};
  const std::string zeros = "5820" + std::string(64, '0');
  EXPECT_EQ(codec::to_hex(header.encode()),
            "aa010102020303"
            "04" +
                zeros + "05" + zeros + "06" + zeros + "07" + zeros + "080409" + zeros + "0a" +
                zeros);
  EXPECT_EQ(codec::to_hex(header.hash(LedgerId{})),
            "842fe67cd18acf8e5310de0daed840ad8c1c9f997076adc46a50691c2a358523");
}

TEST(Genesis, IsCheckedBeforeItIsApplied) {
  Genesis genesis{.name = "x",
                  .time = Millis(1),
                  .chains = 1,
                  .params = default_params(),
                  .assets = {{AssetId(978), "EUR", 2, Amount(1)}},
                  .keys = {{proof::golden_key(), Role::node}},
                  .money = {},
                  .nodes = {{proof::golden_key().hash(), {}, 0}}};
  EXPECT_TRUE(check_genesis(genesis).has_value());
  genesis.money = {{ChainId(0), AccountId{}, AssetId(978), Amount(1)}};
  EXPECT_EQ(check_genesis(genesis).error(), (Refusal{Verdict::bad_setting, "money[0].account"}));
  genesis.money[0].chain = ChainId(1);
  EXPECT_EQ(check_genesis(genesis).error(), (Refusal{Verdict::bad_setting, "money[0].chain"}));
  genesis.nodes[0].accounting = {};
  EXPECT_EQ(check_genesis(genesis).error(), (Refusal{Verdict::bad_setting, "nodes[0].accounting"}));
  const KeyHash node = proof::golden_key().hash();
  genesis.nodes[0] = {node, {node}, 1};
  EXPECT_EQ(check_genesis(genesis).error(),
            (Refusal{Verdict::bad_setting, "nodes[0].consensus[0]"}));
  genesis.nodes[0] = {node, {KeyHash{}}, 1};
  EXPECT_EQ(check_genesis(genesis).error(),
            (Refusal{Verdict::bad_setting, "nodes[0].consensus[0]"}));
  genesis.nodes[0] = {node, {}, 1};
  EXPECT_EQ(check_genesis(genesis).error(), (Refusal{Verdict::bad_setting, "nodes[0].quorum"}));
  genesis.nodes.clear();
  EXPECT_EQ(check_genesis(genesis).error(), (Refusal{Verdict::bad_setting, "nodes"}));
  genesis.chains = 0;
  EXPECT_EQ(check_genesis(genesis).error(), (Refusal{Verdict::bad_setting, "chains"}));
}

}  // namespace
}  // namespace intaglio::ledger
