#include "proof/display_security.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "codec/hex.h"

namespace intaglio::proof {
namespace {

Secret secret_of(std::uint8_t byte) { return Secret(Bytes(kSecurityKeySize, byte)); }

DisplayEpoch example() {
  DisplayEpoch bound{.account = {ChainId(2), {}}, .display = {}, .epoch = 7};
  bound.account.account = *AccountId::from(Bytes(20, 0x22));
  bound.display = *KeyHash::from(Bytes(32, 0x33));
  return bound;
}

// docs/reference/formats.md works this example.
TEST(DisplaySecurity, BytesAreFrozen) {
  const Secret key = derive_security_key(secret_of(0x11), example());
  EXPECT_EQ(codec::to_hex(key.reveal()),
            "5fdcdea7f2f4381154f8e196470fab2949bb720bcc42b0f756844e23544529e8");
  EXPECT_EQ(codec::to_hex(security_key_check(key)),
            "397a2dc51eff236c8c81133352ed29e411805953073c6df72f167ad9a431f0e6");
  EXPECT_EQ(codec::to_hex(security_value(key, TimeStep(119589540), 42)), "432b50b2e4712592");
  EXPECT_EQ(codec::to_hex(codec::encode_record(make_notification(key, 5))),
            "a201050250baad8e4e31f1fbb5db4591466d299cc2");

  const DisplayBinding binding{example().display,       example().account, 7,
                               security_key_check(key), Duration(15'000),  "org.intaglio"};
  EXPECT_EQ(codec::to_hex(binding.encode()),
            "a6015820333333333333333333333333333333333333333333333333333333333333333302560002222222"
            "22222222222222222222222222222222220307045820397a2dc51eff236c8c81133352ed29e411805953"
            "073c6df72f167ad9a431f0e605193a98066c6f72672e696e7461676c696f");
  EXPECT_EQ(DisplayBinding::decode(binding.encode()).value(), binding);
}

TEST(DisplaySecurity, EveryBindingHasAnotherSecurityKey) {
  const auto key_of = [](const DisplayEpoch& bound) {
    return to_bytes(derive_security_key(secret_of(1), bound).reveal());
  };
  const Bytes key = key_of(example());
  DisplayEpoch other = example();
  other.epoch = 8;
  EXPECT_NE(key_of(other), key);
  other = example();
  other.account.chain = ChainId(3);
  EXPECT_NE(key_of(other), key);
  other = example();
  other.account.account.writable()[0] ^= 1;
  EXPECT_NE(key_of(other), key);
  other = example();
  other.display.writable()[0] ^= 1;
  EXPECT_NE(key_of(other), key);
  EXPECT_FALSE(equal(derive_security_key(secret_of(2), example()).reveal(), key));
}

RC_GTEST_PROP(DisplaySecurity, ANotificationIsAuthenticUnderItsKeyAloneAndUnaltered,
              (std::uint64_t counter)) {
  const Secret key = secret_of(1);
  RefreshNotification notification = make_notification(key, counter);
  RC_ASSERT(is_authentic(notification, key));
  RC_ASSERT(!is_authentic(notification, secret_of(2)));
  const auto bit = *rc::gen::inRange<std::size_t>(0, 128);
  RefreshNotification other = notification;
  other.mac.writable()[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
  RC_ASSERT(!is_authentic(other, key));
  notification.counter ^= 1;
  RC_ASSERT(!is_authentic(notification, key));
}

RC_GTEST_PROP(DisplaySecurity, AnotherStepOrCounterIsAnotherValue,
              (std::uint64_t step, std::uint32_t counter)) {
  const Secret key = secret_of(1);
  const auto value = security_value(key, TimeStep(step), counter);
  RC_ASSERT(security_value(key, TimeStep(step), counter) == value);
  RC_ASSERT(security_value(key, TimeStep(step).next(), counter) != value);
  RC_ASSERT(security_value(key, TimeStep(step), counter + 1) != value);
}

TEST(DisplayBinding, RefusesAStepOfNoLengthAndAGuidThatFitsNoTemplate) {
  const DisplayBinding good{example().display, example().account, 7, {}, Duration(1), "a"};
  EXPECT_TRUE(DisplayBinding::decode(good.encode()).has_value());
  const auto refused_at = [](const DisplayBinding& binding) {
    const auto decoded = DisplayBinding::decode(binding.encode());
    return decoded ? "" : decoded.error().where;
  };
  DisplayBinding bad = good;
  bad.code_step = Duration();
  EXPECT_EQ(refused_at(bad), "code_step");
  bad = good;
  bad.guid = "";
  EXPECT_EQ(refused_at(bad), "guid");
  bad.guid = std::string(33, 'a');
  EXPECT_EQ(refused_at(bad), "guid");
}

}  // namespace
}  // namespace intaglio::proof
