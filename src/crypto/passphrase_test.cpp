#include "crypto/passphrase.h"

#include <gtest/gtest.h>

namespace intaglio::crypto {
namespace {

Secret secret(std::string text) { return Secret::take(text); }

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
