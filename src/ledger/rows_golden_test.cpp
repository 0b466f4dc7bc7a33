// Golden bytes of the rows and slots that rows_test.cpp leaves out. If one of these fails, ledgers
// already written can no longer be read; docs/reference/formats.md works the same examples.
#include <gtest/gtest.h>

#include "base/ids_for_test.h"
#include "codec/hex.h"
#include "ledger/certificates.h"
#include "ledger/deadlines.h"
#include "ledger/genesis.h"
#include "ledger/streams.h"
#include "ledger/trust.h"
#include "proof/signing_for_test.h"

namespace intaglio::ledger {
namespace {

std::string repeated(std::string_view byte, std::size_t times) {
  std::string out;
  while (times-- > 0) out += byte;
  return out;
}
template <typename R>
std::string encoded(const R& row) {
  return codec::to_hex(codec::encode_record(row));
}
const CertificateId kCertificate{filled<KeyHash>(0xaa), filled<SerialNumber>(0xbb),
                                 filled<Digest>(0x22)};
const std::string kCertificateBytes =
    "a3015820" + repeated("aa", 32) + "0254" + repeated("bb", 20) + "035820" + repeated("22", 32);

std::string hex_of(const Slot& slot) { return codec::to_hex(as_bytes(slot.bytes())); }

TEST(RowsGolden, Params) {
  EXPECT_EQ(encoded(default_params()),
            "af011a05265c00021840031840041a9a7ec80005193a980601071a0001d4c0"
            "086c6f72672e696e7461676c696f091910000a1a000927c00b1a9a7ec800"
            "0c1901000d1904000e1a000f42400f1903e8");
}

TEST(RowsGolden, AccountAndKey) {
  EXPECT_EQ(encoded(AccountRow{filled<KeyHash>(0x11), 2, AccountStatus::frozen, 3, 4, 5}),
            "a6015820" + repeated("11", 32) + "02020302040305040605");
  EXPECT_EQ(encoded(KeyRow{proof::golden_key(), Role::display, KeyStatus::revoked, Millis(1000),
                           Millis(2000), kCertificate, std::vector{ChainId(1)}}),
            "a7015841" + codec::to_hex(proof::golden_key().view()) + "02040302041903e8051907d006" +
                kCertificateBytes + "078101");
}

TEST(RowsGolden, CertificateAndIssuer) {
  EXPECT_EQ(encoded(CertificateRow{filled<Digest>(0x22), filled<KeyHash>(0x11), Millis(2000),
                                   Millis(1000), KeyStatus::revoked, Millis(1500),
                                   pki::RevocationReason::key_compromise}),
            "a7015820" + repeated("22", 32) + "025820" + repeated("11", 32) +
                "031907d0041903e80502061905dc0701");
  EXPECT_EQ(encoded(IssuerRow{9, 4}), "a201090204");
}

TEST(RowsGolden, Entry) {
  const EntryRow entry{.kind = EntryKind::capture,
                       .payer = filled<AccountId>(0x33),
                       .payee = filled<AccountId>(0x44),
                       .asset = AssetId(978),
                       .amount = Amount(1250),
                       .refunded = Amount(50),
                       .time = Millis(3000),
                       .of = OperationRef{filled<TxId>(0x55), 1},
                       .payer_previous = {},
                       .payee_previous = OperationRef{filled<TxId>(0x66), 0},
                       .memo = "coffee",
                       .other_chain = ChainId(2),
                       .verdict = 411};
  EXPECT_EQ(encoded(entry),
            "ac0103"
            "0254" +
                repeated("33", 20) + "0354" + repeated("44", 20) +
                "041903d2"
                "051904e2"
                "061832"
                "07190bb8"
                "08825820" +
                repeated("55", 32) +
                "01"
                "0a825820" +
                repeated("66", 32) +
                "00"
                "0b66636f66666565"
                "0c02"
                "0d19019b");
}

TEST(RowsGolden, CodeThatWasPaid) {
  const CodeRow code{.payee = filled<AccountId>(0x44),
                     .asset = AssetId(978),
                     .amount = Amount(1250),
                     .claimant = filled<AccountId>(0x33),
                     .claimed_until = Millis(120000),
                     .payment = OperationRef{filled<TxId>(0x55), 0}};
  EXPECT_EQ(encoded(code), "a60154" + repeated("44", 20) +
                               "021903d2"
                               "031904e2"
                               "0454" +
                               repeated("33", 20) +
                               "051a0001d4c0"
                               "06825820" +
                               repeated("55", 32) + "00");
}

TEST(RowsGolden, Streams) {
  const Packet credit = CreditPacket{.payment = {filled<TxId>(0x55), 1},
                                     .from = filled<AccountId>(0x33),
                                     .to = filled<AccountId>(0x44),
                                     .asset = AssetId(978),
                                     .amount = Amount(1250),
                                     .expires = Millis(3000),
                                     .memo = "coffee",
                                     .code = CodeRow::Key{filled<KeyHash>(0x11), TimeStep(2), 3},
                                     .judged = true};
  const std::string payment = "01825820" + repeated("55", 32) + "01" + "0254" + repeated("33", 20) +
                              "0354" + repeated("44", 20) +
                              "041903d2"
                              "051904e2";
  EXPECT_EQ(encoded(PacketRow{credit, Height(7)}),
            "a201"
            "8201a9" +
                payment +
                "06190bb8"
                "0766636f66666565"
                "08a3015820" +
                repeated("11", 32) +
                "02020303"
                "09f5"
                "0207");
  const Packet refund = RefundPacket{.payment = {filled<TxId>(0x55), 1},
                                     .from = filled<AccountId>(0x33),
                                     .to = filled<AccountId>(0x44),
                                     .asset = AssetId(978),
                                     .amount = Amount(1250),
                                     .verdict = 411};
  EXPECT_EQ(encoded(PacketRow{refund, Height(7)}), "a2018202a6" + payment + "0619019b0207");
  EXPECT_EQ(encoded(OutStreamRow{9, 4, 300, 200}),
            "a401090204031901"
            "2c0418c8");
  EXPECT_EQ(encoded(InStreamRow{9, Millis(1000)}), "a20109021903e8");
  EXPECT_EQ(encoded(TransitRow{5, 6}), "a201050206");
  EXPECT_EQ(encoded(SuspenseRow{filled<AccountId>(0x44), AssetId(978), Amount(1)}),
            "a30154" + repeated("44", 20) + "021903d20301");
  EXPECT_EQ(encoded(OutboxRow{{{ChainId(2), 3, 4, filled<Digest>(0x22)}}}),
            "a10181a4010202030304045820" + repeated("22", 32));
  EXPECT_EQ(encoded(NodesRow{filled<KeyHash>(0x11), {filled<KeyHash>(0x22)}, 1}),
            "a3015820" + repeated("11", 32) + "02815820" + repeated("22", 32) + "0301");
  const Validator validator{filled<KeyHash>(0x11), filled<crypto::Ed25519Key>(0x22), 10};
  EXPECT_EQ(encoded(NodesRow{filled<KeyHash>(0x11), {}, 0, std::vector{validator}}),
            "a4015820" + repeated("11", 32) + "028003000481" + "a3015820" + repeated("11", 32) +
                "025820" + repeated("22", 32) + "030a");
  EXPECT_EQ(encoded(TrustRow{Height(8), 1'800'000'000, 500, filled<Digest>(0x11),
                             filled<Digest>(0x22), filled<Digest>(0x33)}),
            "a60108021a6b49d200031901f4045820" + repeated("11", 32) + "055820" +
                repeated("22", 32) + "065820" + repeated("33", 32));
  EXPECT_EQ(encoded(Cursor{ChainId(2), 9, 8}), "a3010202090308");
}

TEST(RowsGolden, Decisions) {
  const KeyRow key{proof::golden_key(), Role::node, KeyStatus::active, Millis(1000), Millis(2000),
                   kCertificate,        {}};
  const std::string row = "a6015841" + codec::to_hex(proof::golden_key().view()) +
                          "02050301041903e8051907d006" + kCertificateBytes;
  const std::string account = "54" + repeated("33", 20);
  const auto packet = [](const Packet& decision) {
    return encoded(PacketRow{decision, Height(7)});
  };
  EXPECT_EQ(packet(KnownKey{key, filled<AccountId>(0x33)}),
            "a2018210a201" + row + "02" + account + "0207");
  EXPECT_EQ(packet(KeyStanding{filled<KeyHash>(0x11), KeyStatus::suspended}),
            "a2018211a2015820" + repeated("11", 32) + "02030207");
  EXPECT_EQ(packet(ReplacedKey{filled<AccountId>(0x33), key}),
            "a2018212a201" + account + "02" + row + "0207");
  EXPECT_EQ(packet(AccountStanding{filled<AccountId>(0x33), AccountStatus::frozen}),
            "a2018213a201" + account + "02020207");
  EXPECT_EQ(packet(ChainNodes{ChainId(3), key, {key}, 1}),
            "a2018214a4010302" + row + "0381" + row + "04010207");
  const Validator validator{filled<KeyHash>(0x11), filled<crypto::Ed25519Key>(0x22), 10};
  EXPECT_EQ(packet(ChainNodes{ChainId(3), key, {}, 0, std::vector{validator}}),
            "a2018214a5010302" + row + "038004000581a3015820" + repeated("11", 32) + "025820" +
                repeated("22", 32) + "030a0207");
  EXPECT_EQ(packet(VouchedHeader{ChainId(3), TrustRow{}}),
            "a2018216a2010302a6010002000300045820" + repeated("00", 32) + "055820" +
                repeated("00", 32) + "065820" + repeated("00", 32) + "0207");
}

TEST(RowsGolden, Settlements) {
  const Terms terms{
      .chain = ChainId(2),
      .deadline = Millis(3000),
      .legs = {{{ChainId(1), filled<AccountId>(0x33)}, AssetId(978), Amount(1250)}},
      .deliveries = {{{ChainId(2), filled<AccountId>(0x44)}, AssetId(978), Amount(1250)}},
      .nonce = filled<SettlementNonce>(0x99),
      .memo = "coffee"};
  const std::string bytes =
      "a60102"
      "02190bb8"
      "0381a301560001" +
      repeated("33", 20) +
      "021903d2"
      "031904e2"
      "0481a301560002" +
      repeated("44", 20) +
      "021903d2"
      "031904e2"
      "0550" +
      repeated("99", 16) + "0666636f66666565";
  EXPECT_EQ(encoded(terms), bytes);
  EXPECT_EQ(codec::to_hex(settlement_id(terms)),
            "9c549cd107118a91b491d23a15338ca1fa30a1c630818519725e970d3f4e5953");
  EXPECT_EQ(encoded(SettlementRow{terms, 1, SettlementState::returned, 203, Millis(4000)}),
            "a501" + bytes + "0201" + "0303" + "0418cb" + "05190fa0");
  EXPECT_EQ(encoded(DeadlineRow{}), "a0");
  EXPECT_EQ(encoded(DeadlineRow{{{{filled<AccountId>(0x33), filled<ClientId>(0x77)}}}}),
            "a10181a20154" + repeated("33", 20) + "0250" + repeated("77", 16));
  EXPECT_EQ(encoded(PacketRow{LegPacket{terms, 0}, Height(7)}),
            "a2018203a201" + bytes + "02000207");
  EXPECT_EQ(encoded(PacketRow{CancelPacket{terms, filled<AccountId>(0x33)}, Height(7)}),
            "a2018204a201" + bytes + "0254" + repeated("33", 20) + "0207");
  const SettlementId id = filled<SettlementId>(0x88);
  EXPECT_EQ(leg_ref(id, 1).index, 1);
  EXPECT_EQ(delivery_ref(id, 1).index, 257);
  EXPECT_EQ(returned_ref(id, 1).index, 513);
  EXPECT_EQ(onward_ref(id, 1).index, 769);
}

TEST(RowsGolden, Slots) {
  EXPECT_EQ(hex_of(ParamsRow::slot({})), "01");
  EXPECT_EQ(hex_of(AssetRow::slot(AssetId(978))), "02000003d2");
  EXPECT_EQ(hex_of(AccountRow::slot(filled<AccountId>(0x33))), "03" + repeated("33", 20));
  EXPECT_EQ(hex_of(BalanceRow::slot({filled<AccountId>(0x33), AssetId(978)})),
            "04" + repeated("33", 20) + "000003d2");
  EXPECT_EQ(hex_of(KeyRow::slot(filled<KeyHash>(0x11))), "05" + repeated("11", 32));
  EXPECT_EQ(hex_of(HoldRow::slot({filled<TxId>(0x55), 1})), "06" + repeated("55", 32) + "0001");
  EXPECT_EQ(hex_of(EntryRow::slot({filled<TxId>(0x55), 1})), "07" + repeated("55", 32) + "0001");
  EXPECT_EQ(hex_of(ReceiptRow::slot({filled<AccountId>(0x33), filled<ClientId>(0x77)})),
            "08" + repeated("33", 20) + repeated("77", 16));
  EXPECT_EQ(hex_of(DisplayRow::slot(filled<KeyHash>(0x11))), "09" + repeated("11", 32));
  EXPECT_EQ(hex_of(CodeRow::slot({filled<KeyHash>(0x11), TimeStep(119589540), 137})),
            "0a" + repeated("11", 32) +
                "000000000720caa4"
                "00000089");
  EXPECT_EQ(hex_of(OutStreamRow::slot(ChainId(2))), "0b0002");
  EXPECT_EQ(hex_of(InStreamRow::slot(ChainId(2))), "0c0002");
  EXPECT_EQ(hex_of(PacketRow::slot({ChainId(2), 9})), "0d00020000000000000009");
  EXPECT_EQ(hex_of(TransitRow::slot({ChainId(2), AssetId(978)})), "0e0002000003d2");
  EXPECT_EQ(hex_of(SuspenseRow::slot({filled<TxId>(0x55), 1})), "0f" + repeated("55", 32) + "0001");
  EXPECT_EQ(hex_of(OutboxRow::slot(Height(7))), "100000000000000007");
  EXPECT_EQ(hex_of(NodesRow::slot(ChainId(2))), "110002");
  EXPECT_EQ(hex_of(SettlementRow::slot(filled<SettlementId>(0x88))), "12" + repeated("88", 32));
  EXPECT_EQ(hex_of(DeadlineRow::slot({Millis(3000), RowKind::settlement, {filled<TxId>(0x88), 0}})),
            "130000000000000bb812" + repeated("88", 32) + "0000");
  EXPECT_EQ(hex_of(CertificateRow::slot({kCertificate.issuer, kCertificate.serial})),
            "14" + repeated("aa", 32) + repeated("bb", 20));
  EXPECT_EQ(hex_of(IssuerRow::slot(kCertificate.issuer)), "15" + repeated("aa", 32));
  EXPECT_EQ(hex_of(TrustRow::slot(ChainId(2))), "160002");
}

}  // namespace
}  // namespace intaglio::ledger
