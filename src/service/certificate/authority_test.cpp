#include "service/certificate/authority.h"

#include <gtest/gtest.h>

#include "codec/hex.h"
#include "proof/signing_for_test.h"

namespace intaglio::service {
namespace {

AccountId account() {
  AccountId id;
  std::ranges::fill(id.writable(), std::uint8_t{0x44});
  return id;
}

// docs/reference/formats.md works these examples.
TEST(ServiceRecords, LoginHasItsFrozenBytes) {
  const auto key = proof::golden_key();
  const Login login{"counter-1", key.hash(), key, {pki::CertificateUsage::display}, account()};
  EXPECT_EQ(codec::to_hex(codec::encode_record(login)),
            "a60169636f756e7465722d31"
            "025820" +
                codec::to_hex(key.hash()) + "035841" + codec::to_hex(key.view()) +
                "048101"
                "0554" +
                codec::to_hex(account()) + "06f4");
}

TEST(ServiceRecords, CertificateHasItsFrozenBytes) {
  const CertificateRecord record{.der = {0x30, 0x00},
                                 .login = "counter-1",
                                 .usage = pki::CertificateUsage::display,
                                 .issued_at = Millis(1000),
                                 .revoked_at = Millis(2000),
                                 .account = account()};
  EXPECT_EQ(codec::to_hex(codec::encode_record(record)),
            "a601423000"
            "0269636f756e7465722d31"
            "0301"
            "041903e8"
            "051907d0"
            "0654" +
                codec::to_hex(account()));
}

}  // namespace
}  // namespace intaglio::service
