#include "tx/transaction.h"

#include <gtest/gtest.h>

#include "base/ids_for_test.h"
#include "codec/hex.h"
#include "proof/signing_for_test.h"

namespace intaglio::tx {
namespace {

constexpr std::string_view kGolden =
    "a6015820000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
    "028101035482316ad6c6598b75d1a8b9fa3bcd2dc704af4de4"
    "045077777777777777777777777777777777051b000001a1a9024260"
    "06828201a5015600014444444444444444444444444444444444444444021903d2031904e2"
    "0466636f6666656505a30158201111111111111111111111111111111111111111111111111111111111111111"
    "021a0720caa4031889"
    "8205a101825820555555555555555555555555555555555555555555555555555555555555555501";

// docs/reference/formats.md works this example.
TEST(Transaction, HasItsFrozenBytesAndId) {
  const KeyHash key = proof::golden_key().hash();
  const Transaction body{
      .ledger = proof::golden_ledger(),
      .chains = {ChainId(1)},
      .account = AccountId::prefix_of(key),
      .client = filled<ClientId>(0x77),
      .valid_until = Millis(1793836860000),
      .operations = {
          Transfer{.to = {ChainId(1), filled<AccountId>(0x44)},
                   .asset = AssetId(978),
                   .amount = Amount(1250),
                   .memo = "coffee",
                   .code = ledger::CodeRow::Key{filled<KeyHash>(0x11), TimeStep(119589540), 137},
                   .code_text = {}},
          Release{{filled<TxId>(0x55), 1}}}};
  EXPECT_EQ(codec::to_hex(body.encode()), kGolden);
  const auto decoded = Transaction::decode(body.encode());
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(decoded->encode(), body.encode());
  EXPECT_EQ(codec::to_hex(proof::statement_id(body, key, proof::golden_ledger())),
            "244e9d27503f82b2ddea12a1f3475b5fa9a9dbd21c25c1522db13468365d344a");
}

TEST(Receipt, HasItsFrozenBytes) {
  const Receipt receipt{filled<TxId>(0x55),    ChainId(1), Height(7), 1, Millis(3000), 302,
                        "operations[0].amount"};
  EXPECT_EQ(codec::to_hex(codec::encode_record(receipt)),
            "a70158205555555555555555555555555555555555555555555555555555555555555555"
            "020103070401"
            "05190bb8"
            "0619012e"
            "07746f7065726174696f6e735b305d2e616d6f756e74");
}

}  // namespace
}  // namespace intaglio::tx
