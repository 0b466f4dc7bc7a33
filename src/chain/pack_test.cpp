#include "chain/pack.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/result_for_test.h"
#include "codec/cbor.h"
#include "codec/hex.h"

namespace intaglio::chain {
namespace {

const Bytes kOne{0xd2, 1};
const Bytes kOther{0xd2};

// docs/reference/formats.md works these examples.
TEST(Pack, HasItsFrozenBytes) {
  EXPECT_EQ(codec::to_hex(pack(std::vector{kOne, kOther})), "8242d20141d2");
  EXPECT_EQ(pack(std::vector<Bytes>{kOne}), kOne);
  const std::vector<Result<Bytes>> outcomes{Bytes{1, 2}, refuse(Verdict::bad_signature, "x")};
  EXPECT_EQ(codec::to_hex(encode_outcomes(outcomes)), "8242010218c8");
}

RC_GTEST_PROP(Pack, HoldsWhatWasPacked, (std::vector<Bytes> members)) {
  RC_PRE(!members.empty());
  for (Bytes& each : members) each.insert(each.begin(), 0xd2);
  const Bytes packed = pack(members);
  RC_ASSERT(is_pack(packed) == (members.size() > 1));
  RC_ASSERT(must(unpack(packed)) == members);
  RC_ASSERT(unpack(ByteView(packed).first(packed.size() - 1)).has_value() == !is_pack(packed));
}

TEST(Pack, HasOneForm) {
  const auto refused = [](std::string_view hex) {
    return verdict_of(unpack(must(codec::from_hex(hex))));
  };
  EXPECT_EQ(refused("80"), Verdict::missing_field);
  EXPECT_EQ(refused("8141d2"), Verdict::missing_field) << "one alone is no pack";
  EXPECT_EQ(refused("8241d2"), Verdict::truncated);
  EXPECT_EQ(refused("8241d241d200"), Verdict::trailing_bytes);
  EXPECT_EQ(refused("980241d241d2"), Verdict::bad_encoding) << "a longer head than it takes";
  EXPECT_EQ(refused("9f41d241d2ff"), Verdict::bad_encoding);
  EXPECT_EQ(refused("82d2d2"), Verdict::bad_value);
  EXPECT_EQ(must(unpack(Bytes{})), std::vector<Bytes>{Bytes{}});
  EXPECT_EQ(must(unpack(Bytes{0xa0})), std::vector<Bytes>{Bytes{0xa0}});
  // What is in a pack is a transaction or nothing.
  const std::vector<Bytes> nested{pack(std::vector{kOne, kOther}), kOne};
  EXPECT_EQ(must(unpack(pack(nested))), nested);
}

TEST(Pack, IsBoundedInCountAndBytes) {
  const std::vector<Bytes> many(kMaxPacked + 5, kOther);
  EXPECT_EQ(fit_in_pack(many), kMaxPacked);
  EXPECT_EQ(must(unpack(pack(std::span(many).first(kMaxPacked)))).size(), kMaxPacked);
  codec::CborWriter larger;
  larger.array(kMaxPacked + 1);
  for (std::size_t i = 0; i <= kMaxPacked; ++i) larger.bytes(kOther);
  EXPECT_EQ(verdict_of(unpack(larger.take())), Verdict::too_large);

  const std::vector<Bytes> heavy(40, Bytes(32 * 1024, 0xd2));
  const std::size_t fit = fit_in_pack(heavy);
  EXPECT_EQ(fit, 31U);
  const Bytes packed = pack(std::span(heavy).first(fit));
  EXPECT_LE(packed.size(), kMaxPackBytes);
  EXPECT_GT(packed.size() + heavy[0].size(), kMaxPackBytes);
  EXPECT_EQ(must(unpack(packed)).size(), fit);
  EXPECT_EQ(fit_in_pack({}), 0U);
  EXPECT_EQ(fit_in_pack(std::vector<Bytes>{Bytes(kMaxPackBytes + 1)}), 1U)
      << "it stays as it is, whatever somebody else says of it";
}

TEST(Pack, OutcomesSayAReceiptOrWhyNot) {
  const std::vector<Result<Bytes>> outcomes{Bytes{1}, refuse(Verdict::unknown_key), Bytes{}};
  EXPECT_EQ(must(decode_outcomes(encode_outcomes(outcomes))), outcomes);
  const auto refused = [](std::string_view hex) {
    return verdict_of(decode_outcomes(must(codec::from_hex(hex))));
  };
  EXPECT_EQ(refused("8100"), Verdict::bad_value) << "what was accepted has a receipt";
  EXPECT_EQ(refused("81190fff"), Verdict::bad_value) << "no such verdict";
  EXPECT_EQ(refused("8160"), Verdict::bad_value);
  EXPECT_EQ(refused("81"), Verdict::truncated);
  EXPECT_EQ(refused("8000"), Verdict::trailing_bytes);
}

}  // namespace
}  // namespace intaglio::chain
