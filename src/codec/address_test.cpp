#include "codec/address.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "codec/bech32m.h"
#include "codec/hex.h"

namespace intaglio::codec {
namespace {

const Address kAddress{ChainId(0x1234),
                       id_from_hex<AccountId>("000102030405060708090a0b0c0d0e0f10111213").value()};
constexpr std::string_view kText = "itg1zg6qqqgzqvzq2ps8pqys5zcvp58q7yq3zgfsg409ns";

TEST(Address, GoldenText) {
  EXPECT_EQ(to_hex(address_bytes(kAddress)), "1234000102030405060708090a0b0c0d0e0f10111213");
  EXPECT_EQ(to_text(kAddress), kText);
  EXPECT_EQ(address_from_text(kText).value(), kAddress);
  EXPECT_EQ(to_text(Address{}), "itg1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqmgnc72");
}

TEST(Address, HasOneTextAlone) {
  std::string upper(kText);
  for (char& c : upper) c = static_cast<char>(std::toupper(c));
  EXPECT_EQ(address_from_text(upper).error(), (Refusal{Verdict::bad_encoding, "character 0"}));
  const auto refusal = [](std::string_view prefix, ByteView groups) {
    return address_from_text(to_bech32m(prefix, groups)).error();
  };
  Bytes groups = to_groups(address_bytes(kAddress));
  EXPECT_EQ(refusal("abc", groups), (Refusal{Verdict::bad_value, "prefix"}));
  groups.back() |= 1;  // of the four bits that fill up
  EXPECT_EQ(refusal("itg", groups), (Refusal{Verdict::bad_encoding, "group 35"}));
  EXPECT_EQ(refusal("itg", to_groups(Bytes(21))), (Refusal{Verdict::bad_value, "length"}));
  EXPECT_EQ(refusal("itg", to_groups(Bytes(23))), (Refusal{Verdict::bad_value, "length"}));
}

TEST(Address, EveryMistypedCharacterIsFound) {
  for (std::size_t i = 0; i < kText.size(); ++i) {
    for (const char c : std::string_view("qpzry9x8gf2tvdw0s3jn54khce6mua7l1")) {
      std::string text(kText);
      if (text[i] == c) continue;
      text[i] = c;
      EXPECT_FALSE(address_from_text(text).has_value()) << text;
    }
  }
}

RC_GTEST_PROP(AddressProperty, ReadingAfterWritingIsIdentity, ()) {
  Address address{ChainId(*rc::gen::arbitrary<std::uint16_t>()), {}};
  for (auto& byte : address.account.writable()) byte = *rc::gen::arbitrary<std::uint8_t>();
  RC_ASSERT(address_from_text(to_text(address)).value() == address);
  RC_ASSERT(address_from_bytes(address_bytes(address)).value() == address);
}

// The strings of BIP-350's section on test vectors.
TEST(Bech32m, ReadsTheValidStringsOfTheStandard) {
  for (
      const std::string text :
      {"A1LQFN3A", "a1lqfn3a",
       "an83characterlonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber11sg7hg6",
       "abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx",
       "11llllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllludsr8",
       "split1checkupstagehandshakeupstreamerranterredcaperredlc445v", "?1v759aa"}) {
    const auto read = from_bech32m(text);
    ASSERT_TRUE(read.has_value()) << text << ' ' << to_string(read.error());
    EXPECT_EQ(to_bech32m(read->prefix, read->groups), text == "A1LQFN3A" ? "a1lqfn3a" : text);
  }
}

TEST(Bech32m, RefusesTheInvalidStringsOfTheStandard) {
  const std::pair<std::string_view, Verdict> rows[] = {
      {"\x20"
       "1xj0phk",
       Verdict::bad_encoding},
      {"\x7F"
       "1g6xzxy",
       Verdict::bad_encoding},
      {"\x80"
       "1vctc34",
       Verdict::bad_encoding},
      {"an84characterslonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber11d6pts"
       "4",
       Verdict::too_large},
      {"qyrz8wqd2c9m", Verdict::bad_encoding},   // no separator
      {"1qyrz8wqd2c9m", Verdict::bad_encoding},  // no prefix
      {"y1b0jsk6g", Verdict::bad_encoding},      // no such character in the data
      {"lt1igcx5c0", Verdict::bad_encoding},
      {"in1muywd", Verdict::bad_encoding},  // too few check characters
      {"mm1crxm3i", Verdict::bad_encoding},
      {"au1s5cgom", Verdict::bad_encoding},
      {"M1VUXWEZ", Verdict::bad_checksum},  // made over the prefix in upper case
      {"16plkw9", Verdict::bad_encoding},
      {"1p2gdwpf", Verdict::bad_encoding},
  };
  for (const auto& [text, verdict] : rows) {
    const auto read = from_bech32m(text);
    ASSERT_FALSE(read.has_value()) << text;
    EXPECT_EQ(read.error().verdict, verdict) << text;
  }
}

TEST(Bech32m, RefusesTheOlderChecksumAndMixedCase) {
  // BIP-173's valid string, whose constant is 1.
  EXPECT_EQ(from_bech32m("A12UEL5L").error().verdict, Verdict::bad_checksum);
  EXPECT_EQ(from_bech32m("A1lqfn3a").error(), (Refusal{Verdict::bad_encoding, "character 2"}));
}

TEST(Bech32m, HoldsTheBytesOfTheStandardsAddresses) {
  // BIP-350's version 1 and 2 programs: one group for the version, then the bytes.
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
       "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"},
      {"bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs", "751e76e8199196d454941c45d1b3a323"},
  };
  for (const auto& [text, program] : rows) {
    const auto read = from_bech32m(text);
    ASSERT_TRUE(read.has_value()) << text;
    const auto bytes = from_groups(ByteView(read->groups).subspan(1));
    EXPECT_EQ(to_hex(bytes.value()), program);
  }
}

TEST(Bech32m, RefusesGroupsThatAreNoBytes) {
  EXPECT_EQ(from_groups(Bytes{1}).error().verdict, Verdict::bad_encoding);        // five bits
  EXPECT_EQ(from_groups(Bytes{0, 0, 0}).error().verdict, Verdict::bad_encoding);  // seven left
  EXPECT_EQ(from_groups(Bytes{0, 1}).error(), (Refusal{Verdict::bad_encoding, "group 1"}));
  EXPECT_EQ(from_groups(Bytes{0, 32}).error(), (Refusal{Verdict::bad_encoding, "group 1"}));
  EXPECT_EQ(from_groups(Bytes{31, 28}).value(), Bytes{0xFF});
  EXPECT_EQ(from_groups(Bytes{}).value(), Bytes{});
}

RC_GTEST_PROP(Bech32mProperty, ReadingAfterWritingIsIdentity, ()) {
  const auto size = *rc::gen::inRange<std::size_t>(0, 40);
  const auto bytes = *rc::gen::container<Bytes>(size, rc::gen::arbitrary<std::uint8_t>());
  const auto prefix = *rc::gen::nonEmpty(
      rc::gen::container<std::string>(rc::gen::elementOf(std::string("abcxyz019!?~"))));
  RC_PRE(prefix.size() <= 19);
  const auto read = from_bech32m(to_bech32m(prefix, to_groups(bytes)));
  RC_ASSERT(read.has_value());
  RC_ASSERT(read->prefix == prefix);
  RC_ASSERT(from_groups(read->groups).value() == bytes);
}

}  // namespace
}  // namespace intaglio::codec
