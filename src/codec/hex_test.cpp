#include "codec/hex.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/ids.h"

namespace intaglio::codec {
namespace {

TEST(Hex, IsWrittenInLowerCaseAndReadInEither) {
  EXPECT_EQ(to_hex(Bytes{0x00, 0xAB, 0xFF}), "00abff");
  EXPECT_EQ(from_hex("00aBFf").value(), (Bytes{0x00, 0xAB, 0xFF}));
  EXPECT_EQ(from_hex("").value(), Bytes());
}

TEST(Hex, NamesTheCharacterThatIsNone) {
  EXPECT_EQ(from_hex("00g0").error(), (Refusal{Verdict::bad_encoding, "character 2"}));
  EXPECT_EQ(from_hex(" 00").error(), (Refusal{Verdict::bad_encoding, "character 0"}));
  EXPECT_EQ(from_hex("000").error(), (Refusal{Verdict::bad_encoding, "character 3"}));
  EXPECT_EQ(from_hex("0x00").error(), (Refusal{Verdict::bad_encoding, "character 1"}));
}

TEST(Hex, AnIdHasItsLength) {
  EXPECT_EQ(id_from_hex<ClientId>(std::string(32, 'a')).value().array()[0], 0xAA);
  EXPECT_EQ(id_from_hex<ClientId>(std::string(30, 'a')).error().verdict, Verdict::bad_value);
}

RC_GTEST_PROP(HexProperty, DecodingAfterEncodingIsIdentity, (const Bytes& bytes)) {
  RC_ASSERT(from_hex(to_hex(bytes)).value() == bytes);
}

}  // namespace
}  // namespace intaglio::codec
