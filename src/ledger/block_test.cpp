#include "ledger/block.h"

#include <gtest/gtest.h>

#include "codec/hex.h"
#include "ledger/rows.h"

namespace intaglio::ledger {
namespace {

// docs/reference/formats.md works this example: SHA-256 of
//   82 5820 00..00 82 82 45 02000003d2 41 a0 82 41 09 f6
TEST(StateHash, IsFrozen) {
  ChangeSet changes;
  changes[AssetRow::slot(AssetId(978))] = {{}, Bytes{0xa0}};
  changes[Slot(RowKind::display)] = {Bytes{1}, {}};
  EXPECT_EQ(codec::to_hex(next_state_hash(Digest{}, changes)),
            "da4395a409cbfe88f504069a8c070404473ff08e5fcce4010865201dac341a02");
}

}  // namespace
}  // namespace intaglio::ledger
