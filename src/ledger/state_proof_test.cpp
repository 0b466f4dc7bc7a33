#include "ledger/state_proof.h"

#include <gtest/gtest.h>

#include "base/result_for_test.h"
#include "codec/hex.h"
#include "ledger/rows.h"

namespace intaglio::ledger {
namespace {

AccountId account(std::uint32_t number) {
  AccountId id;
  for (unsigned i = 0; i < 4; ++i) id.writable()[i] = static_cast<std::uint8_t>(number >> 8 * i);
  return id;
}
Slot balance_slot(std::uint32_t number) {
  return BalanceRow::slot({account(number), AssetId(978)});
}
Bytes balance_row(std::uint32_t number) {
  return codec::encode_record(BalanceRow{Amount(number), {}, {}, {}});
}

// Balances of so many accounts.
StateTree balances(std::uint32_t count) {
  std::vector<StateLeaf> leaves;
  for (std::uint32_t i = 0; i < count; ++i) {
    leaves.push_back(state_leaf(balance_slot(i), balance_row(i)));
  }
  return StateTree::of(std::move(leaves));
}

TEST(RowProof, ShowsWhatIsThereAndWhatIsNot) {
  for (const std::uint32_t count : {1U, 16U, 1000U}) {
    const StateTree tree = balances(count);
    for (std::uint32_t i = 0; i < count; i += 7) {
      const auto proof = prove_row(tree, balance_slot(i), balance_row(i));
      const auto proven = must(check_row(proof, tree.root()));
      EXPECT_EQ(proven.slot, balance_slot(i));
      EXPECT_EQ(proven.row, balance_row(i));
    }
    for (std::uint32_t i = count; i < count + 50; ++i) {
      const auto proof = prove_row(tree, balance_slot(i), {});
      EXPECT_EQ(must(check_row(proof, tree.root())).row, std::nullopt);
    }
  }
  const auto nothing = prove_row(StateTree(), balance_slot(1), {});
  EXPECT_TRUE(nothing.bucket.empty() && nothing.path.empty());
  EXPECT_TRUE(check_row(nothing, StateTree().root()));
}

std::string refused(const RowProof& proof, const Digest& root) {
  const auto checked = check_row(proof, root);
  if (checked) return "";
  return std::string(describe(checked.error().verdict).name) + " " + checked.error().where;
}

TEST(RowProof, OfAnotherRowStateOrAbsenceIsRefused) {
  const StateTree tree = balances(1000);
  const auto there = prove_row(tree, balance_slot(5), balance_row(5));
  const auto absent = prove_row(tree, balance_slot(5000), {});
  EXPECT_EQ(refused(there, tree.root()), "");
  EXPECT_EQ(refused(there, balances(1001).root()), "bad_proof path");
  const auto with = [](RowProof proof, const std::function<void(RowProof&)>& alter) {
    alter(proof);
    return proof;
  };
  const auto more = with(there, [](RowProof& it) { it.row = balance_row(6); });
  EXPECT_EQ(refused(more, tree.root()), "bad_proof row");
  const auto hidden = with(there, [](RowProof& it) { it.row.reset(); });
  EXPECT_EQ(refused(hidden, tree.root()), "bad_proof row") << "it is there";
  const auto invented = with(absent, [](RowProof& it) { it.row = balance_row(5000); });
  EXPECT_EQ(refused(invented, tree.root()), "bad_proof row");
  // A row that is there, under another's slot, with either's path.
  const auto moved =
      with(there, [](RowProof& it) { it.slot = to_bytes(as_bytes(balance_slot(5000).bytes())); });
  EXPECT_NE(refused(moved, tree.root()), "");
  EXPECT_NE(refused(with(absent, [](RowProof& it) { it.row = balance_row(5); }), tree.root()), "");
}

TEST(RowProof, OfAFormThatCannotBeIsRefused) {
  const StateTree tree = balances(1000);
  const auto with = [&](const std::function<void(RowProof&)>& alter) {
    auto proof = prove_row(tree, balance_slot(5), balance_row(5));
    alter(proof);
    return refused(proof, tree.root());
  };
  EXPECT_EQ(with([](RowProof& it) { it.slot.clear(); }), "bad_value slot");
  EXPECT_EQ(with([](RowProof& it) { it.slot.resize(64); }), "bad_value slot");
  EXPECT_EQ(with([](RowProof& it) { it.bucket.pop_back(); }), "bad_value bucket");
  EXPECT_EQ(with([](RowProof& it) { it.path.pop_back(); }), "bad_value path");
  EXPECT_EQ(with([](RowProof& it) { it.bucket.clear(); }), "bad_proof path");
  EXPECT_EQ(with([](RowProof& it) { it.path.clear(); }), "bad_proof path");
  EXPECT_EQ(with([](RowProof& it) { it.path.resize(33UL * 96); }), "bad_proof path");
}

// Each byte of it counts. What is absent has neighbours that are absent too: a proof with another
// slot may be a right one, of that.
TEST(RowProof, WithAnyByteFlippedIsRefused) {
  const StateTree tree = balances(300);
  for (const auto& proof : {prove_row(tree, balance_slot(5), balance_row(5)),
                            prove_row(tree, balance_slot(5000), {})}) {
    const Bytes encoded = codec::encode_record(proof);
    for (std::size_t i = 0; i < encoded.size(); ++i) {
      Bytes flipped = encoded;
      flipped[i] ^= 1;
      const auto decoded = codec::decode_record<RowProof>(flipped);
      if (!decoded || !check_row(*decoded, tree.root())) continue;
      EXPECT_FALSE(proof.row || decoded->row) << i;
      EXPECT_NE(decoded->slot, proof.slot) << i;
    }
  }
}

// docs/reference/formats.md works this example: the assets 978 and 840 on a chain of two rows, the
// second of which is not asked for.
TEST(RowProof, HasItsFrozenBytes) {
  const Slot euro = AssetRow::slot(AssetId(978));
  const Slot dollar = AssetRow::slot(AssetId(840));
  const auto tree = StateTree::of({state_leaf(euro, Bytes{0xa0}), state_leaf(dollar, Bytes{0xa0})});
  EXPECT_EQ(codec::to_hex(codec::encode_record(prove_row(tree, euro, Bytes{0xa0}))),
            "a4014502000003d20241a0035850"
            "3f10946aa9cf4bfd83adbea0bf578bb81356da7510ba84457408bb3e5f652741b85d51956d00064c"
            "d0e30e55e575de0e89f275a37a0a72a093e7108e782ba47b42bdda9f582907ec2d307744fed7125d"
            "0440");
  EXPECT_EQ(codec::to_hex(tree.root()),
            "2cf20a28c399c42255af1fd04abc1f2ed01e21de2363229c482a0ed310fa47df");
}

}  // namespace
}  // namespace intaglio::ledger
