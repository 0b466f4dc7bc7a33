#include "crypto/passphrase.h"

#include <gtest/gtest.h>

#include "codec/hex.h"

namespace intaglio::crypto {
namespace {

Secret secret(std::string text) { return Secret::take(text); }

// RFC 7914 section 12, third vector; the first half of its 64 bytes.
TEST(Passphrase, MakesTheKeyOfTheStandard) {
  const Secret passphrase(to_bytes(as_bytes("pleaseletmein")));
  const Secret key = key_from_passphrase(passphrase, as_bytes("SodiumChloride"));
  EXPECT_EQ(codec::to_hex(key.reveal()),
            "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2");
}

TEST(Passphrase, OpensWhatItSealedInTheSameContext) {
  const Bytes sealed =
      seal_under_passphrase(secret("open"), as_bytes("here"), as_bytes("treasure"), system_env());
  const auto opened = open_under_passphrase(secret("open"), as_bytes("here"), sealed);
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(as_text(opened->reveal()), "treasure");
}

TEST(Passphrase, AnotherPassphraseContextOrByteOpensNothing) {
  Bytes sealed =
      seal_under_passphrase(secret("open"), as_bytes("here"), as_bytes("treasure"), system_env());
  EXPECT_FALSE(open_under_passphrase(secret("other"), as_bytes("here"), sealed));
  EXPECT_FALSE(open_under_passphrase(secret("open"), as_bytes("there"), sealed));
  EXPECT_FALSE(open_under_passphrase(secret("open"), as_bytes("here"), ByteView(sealed).first(9)));
  sealed.back() ^= 1;
  EXPECT_FALSE(open_under_passphrase(secret("open"), as_bytes("here"), sealed));
}

}  // namespace
}  // namespace intaglio::crypto
