#include "ledger/stage.h"

#include <gtest/gtest.h>

#include "ledger/memory_state.h"
#include "ledger/rows.h"
#include "ledger/streams.h"

namespace intaglio::ledger {
namespace {

AssetRow asset(std::string code) {
  return {.code = std::move(code), .scale = 2, .smallest = {}, .issued = {}, .burned = {}};
}

TEST(Stage, ShowsWhatWasWrittenAndLeavesTheViewBelowAlone) {
  MemoryState state;
  Stage stage(&state);
  stage.put<AssetRow>(AssetId(1), asset("ONE"));
  EXPECT_EQ(stage.find<AssetRow>(AssetId(1))->code, "ONE");
  EXPECT_FALSE(state.find<AssetRow>(AssetId(1)).has_value());
}

TEST(Stage, RemembersWhatStoodBeforeTheFirstWrite) {
  MemoryState state;
  Stage first(&state);
  first.put<AssetRow>(AssetId(1), asset("ONE"));
  state.apply(first.changes());
  Stage second(&state);
  second.put<AssetRow>(AssetId(1), asset("TWO"));
  second.put<AssetRow>(AssetId(1), asset("SIX"));
  const Change& change = second.changes().begin()->second;
  EXPECT_EQ(change.before, codec::encode_record(asset("ONE")));
  EXPECT_EQ(change.after, codec::encode_record(asset("SIX")));
}

TEST(Stage, LaidOverAnotherIsAbsorbedOrThrownAway) {
  MemoryState state;
  Stage below(&state);
  below.put<AssetRow>(AssetId(1), asset("ONE"));
  {
    Stage thrown_away(&below);
    thrown_away.erase<AssetRow>(AssetId(1));
    EXPECT_FALSE(thrown_away.find<AssetRow>(AssetId(1)).has_value());
  }
  EXPECT_TRUE(below.find<AssetRow>(AssetId(1)).has_value());
  Stage taken(&below);
  taken.erase<AssetRow>(AssetId(1));
  below.absorb(taken);
  EXPECT_FALSE(below.find<AssetRow>(AssetId(1)).has_value());
  EXPECT_FALSE(below.changes().begin()->second.before.has_value());
}

TEST(Stage, FindsTheFirstRowBehindASlotThroughAllLayers) {
  MemoryState state;
  const auto first = [](const View& view, std::uint32_t from) -> std::string {
    const auto row = view.first_from(AssetRow::slot(AssetId(from)));
    return row ? View::decode_row<AssetRow>(row->second).code : "";
  };
  Stage below(&state);
  below.put<AssetRow>(AssetId(2), asset("TWO"));
  below.put<AssetRow>(AssetId(4), asset("FOUR"));
  below.put<NodesRow>(ChainId(0), {});
  state.apply(below.changes());
  EXPECT_EQ(first(state, 0), "TWO");
  EXPECT_EQ(first(state, 3), "FOUR");
  EXPECT_EQ(first(state, 5), "");
  Stage stage(&state);
  stage.put<AssetRow>(AssetId(3), asset("THREE"));
  stage.erase<AssetRow>(AssetId(2));
  EXPECT_EQ(first(stage, 0), "THREE");
  EXPECT_EQ(first(stage, 4), "FOUR");
  Stage above(&stage);
  above.put<AssetRow>(AssetId(4), asset("4"));
  above.erase<AssetRow>(AssetId(3));
  EXPECT_EQ(first(above, 0), "4");
  above.put<AssetRow>(AssetId(1), asset("ONE"));
  EXPECT_EQ(first(above, 0), "ONE");
}

TEST(Slot, SortsByKindThenKeyAndNeverHoldsAnotherAsItsPrefix) {
  EXPECT_LT(AssetRow::slot(AssetId(2)), AssetRow::slot(AssetId(256)));
  EXPECT_LT(AssetRow::slot(AssetId(256)), AccountRow::slot(AccountId{}));
  EXPECT_EQ(AssetRow::slot(AssetId(258)).bytes(), std::string("\x02\x00\x00\x01\x02", 5));
}

}  // namespace
}  // namespace intaglio::ledger
