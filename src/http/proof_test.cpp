#include "http/proof.h"

#include <thread>

#include <gtest/gtest.h>

#include "base/result_for_test.h"
#include "crypto/sha256.h"
#include "http/api_for_test.h"
#include "tx/ledger_proof.h"

namespace intaglio::http {
namespace {

class Proof : public testing::Test {
 protected:
  // Who knows nothing but the genesis, as the server gives it.
  tx::Trust trust() {
    const auto answer = api_.get("/v1/genesis");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(crypto::sha256(answer.body), *Digest::from(api_.ledger().view()));
    return tx::Trust(must(codec::decode_record<ledger::Genesis>(answer.body)));
  }
  tx::Proven proven(const Answered& answer) {
    EXPECT_EQ(answer.summary(), "200 accepted");
    EXPECT_EQ(answer.fields.find("Content-Type"), "application/cbor");
    return must(trust().check(must(tx::LedgerProof::decode(answer.body))));
  }
  static std::string target(const Address& address, const std::string& asset = {}) {
    return format("/v1/accounts/{}/proof{}", codec::to_text(address),
                  asset.empty() ? "" : "?asset=" + asset);
  }

  ApiForTest api_;
};

TEST_F(Proof, OfABalanceIsForWhoMayReadTheAccount) {
  const auto alice = api_.holder("alice");
  const auto sent = api_.submit(api_.payment(api_.treasury(), *alice, 500));
  const auto address = ApiForTest::address(*alice);
  const auto asked = proven(api_.get(target(address, "978"), alice.get()));
  EXPECT_EQ(asked.row->slot, ledger::BalanceRow::slot({address.account, AssetId(978)}));
  const auto balance = must(codec::decode_record<ledger::BalanceRow>(*asked.row->row));
  EXPECT_EQ(balance.credits_posted, Amount(500));
  EXPECT_EQ(asked.block.header.height.value(),
            static_cast<std::uint64_t>(*sent.json.find("height")->integer()));
  EXPECT_EQ(proven(api_.get(target(address, "978"), &api_.node_operator())).row->row,
            asked.row->row);
  EXPECT_EQ(api_.get(target(address, "978"), &api_.treasury()).summary(), "403 not_reader");
  EXPECT_EQ(api_.get(target(address, "978")).summary(), "401 request_unsigned");
  EXPECT_EQ(api_.get(target(address, "euro"), alice.get()).summary(), "400 bad_value");
}

TEST_F(Proof, OfAnAccountOrThatThereIsNone) {
  const auto alice = api_.holder("alice");
  api_.submit(api_.payment(api_.treasury(), *alice, 500));
  const auto address = ApiForTest::address(*alice);
  const auto asked = proven(api_.get(target(address), alice.get()));
  const auto account = must(codec::decode_record<ledger::AccountRow>(*asked.row->row));
  EXPECT_EQ(account.key, alice->public_key().hash());
  const auto other = proven(api_.get(target(address, "840"), alice.get()));
  EXPECT_EQ(other.row->slot, ledger::BalanceRow::slot({address.account, AssetId(840)}));
  EXPECT_EQ(other.row->row, std::nullopt);
  const auto stranger = element::make_passing_key();
  const auto nobody =
      proven(api_.get(target(ApiForTest::address(*stranger)), &api_.node_operator()));
  EXPECT_EQ(nobody.row->slot, ledger::AccountRow::slot(ApiForTest::account(*stranger)));
  EXPECT_EQ(nobody.row->row, std::nullopt);
}

TEST_F(Proof, OfAReceiptIsForEverybody) {
  const auto alice = api_.holder("alice");
  const auto sent = api_.submit(api_.payment(api_.treasury(), *alice, 500));
  const std::string path = "/v1/transactions/" + sent.text("tx") + "/proof";
  const auto receipt = proven(api_.get(path)).receipt;
  EXPECT_EQ(codec::to_hex(receipt->tx), sent.text("tx"));
  EXPECT_TRUE(receipt->accepted());
  EXPECT_TRUE(proven(api_.get(path + "?chain=1")).receipt);
  EXPECT_EQ(api_.get(path + "?chain=2").summary(), "404 unknown_transaction");
  EXPECT_EQ(api_.get(path + "?chain=9").summary(), "404 unknown_chain");
  EXPECT_EQ(api_.get("/v1/transactions/" + std::string(64, '0') + "/proof").summary(),
            "404 unknown_transaction");
  // A refused one has its receipt in a block too.
  const auto refused = api_.submit(api_.payment(*alice, api_.treasury(), 5000));
  EXPECT_EQ(refused.summary(), "402 insufficient_funds");
  const auto no = proven(api_.get("/v1/transactions/" + refused.text("tx") + "/proof")).receipt;
  EXPECT_EQ(no->verdict, static_cast<std::uint16_t>(Verdict::insufficient_funds));
}

TEST_F(Proof, OfRowsThatAreForEverybody) {
  const auto alice = api_.holder("alice");
  const std::string hash = codec::to_hex(alice->public_key().hash());
  const auto row = [&](const std::string& name) {
    return api_.get("/v1/chains/1/rows/" + name + "/proof");
  };
  const auto key = proven(row("key:" + hash)).row;
  EXPECT_EQ(must(codec::decode_record<ledger::KeyRow>(*key->row)).public_key, alice->public_key());
  const auto asset = proven(row("asset:978")).row;
  EXPECT_EQ(must(codec::decode_record<ledger::AssetRow>(*asset->row)).code, "EUR");
  EXPECT_TRUE(proven(row("params")).row->row);
  EXPECT_TRUE(proven(row("nodes:2")).row->row);
  EXPECT_EQ(proven(row("nodes:7")).row->row, std::nullopt);
  EXPECT_EQ(proven(row("key:" + std::string(64, '0'))).row->row, std::nullopt);
  for (const auto* name : {"balance", "asset:", "asset:x", "asset:4294967296", "key:12", "nodes:-1",
                           "params:1", "key"}) {
    EXPECT_EQ(row(name).summary(), "400 bad_value") << name;
  }
  EXPECT_EQ(api_.get("/v1/chains/9/rows/params/proof").summary(), "404 unknown_chain");
}

TEST_F(Proof, OfABlockIsTheBlock) {
  const auto alice = api_.holder("alice");
  const auto sent = api_.submit(api_.payment(api_.treasury(), *alice, 500));
  const auto path = [](std::int64_t height) {
    return format("/v1/chains/1/blocks/{}/proof", height);
  };
  const auto height = *sent.json.find("height")->integer();
  const auto answer = api_.get(path(height));
  const auto block = must(tx::WholeBlock::decode(answer.body));
  const auto proven = must(trust().check(block));
  EXPECT_EQ(codec::to_hex(proven.hash), api_.get("/v1/chains/1").text("block"));
  EXPECT_EQ(block.transactions.size(), 1U);
  EXPECT_EQ(api_.get(path(height + 1)).summary(), "404 unknown_block");
  EXPECT_EQ(api_.get(path(0)).summary(), "404 unknown_block");
  EXPECT_EQ(api_.get("/v1/chains/1/blocks/last/proof").summary(), "400 bad_value");
}

TEST_F(Proof, OfAChainThatHasMadeNoBlockIsNotThere) {
  EXPECT_EQ(api_.get("/v1/chains/2/rows/params/proof").summary(), "404 unknown_block");
}

// However quickly the chain goes on, a proof is whole and of one block.
TEST_F(Proof, IsOfOneBlockWhileOthersFollow) {
  const auto alice = api_.holder("alice");
  ASSERT_EQ(api_.submit(api_.payment(api_.treasury(), *alice, 1)).status, 200);
  const auto address = ApiForTest::address(*alice);
  std::vector<Bytes> payments;
  for (int i = 0; i < 200; ++i) payments.push_back(api_.payment(api_.treasury(), *alice, 1));
  std::atomic<std::size_t> done = 0;
  for (auto& each : payments) {
    api_.node()->gateway().submit(each, [&](const auto&) { ++done; });
  }
  tx::Trust known = trust();
  std::uint64_t last = 0;
  std::size_t asked = 0;
  for (bool is_last = false; !is_last; ++asked) {
    is_last = done == payments.size();
    const auto answer = api_.get(target(address, "978"), alice.get());
    const auto proof = must(known.check(must(tx::LedgerProof::decode(answer.body))));
    const auto row = must(codec::decode_record<ledger::BalanceRow>(*proof.row->row));
    EXPECT_GE(row.credits_posted.value(), last);
    last = row.credits_posted.value();
  }
  EXPECT_EQ(last, 201U);
  EXPECT_GT(asked, 1U);
}

}  // namespace
}  // namespace intaglio::http
