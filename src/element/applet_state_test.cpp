#include "element/applet_state.h"

#include <gtest/gtest.h>

#include "base/result_for_test.h"
#include "codec/hex.h"
#include "element/fake_env.h"

namespace intaglio::element {
namespace {

// The curve's generator, for a key that everybody knows.
constexpr std::string_view kPoint =
    "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";

// docs/reference/formats.md works this example.
AppletState example() {
  AppletState state;
  state.authority = {0x30, 0x01, 0x01};
  state.server = crypto::PublicKey::parse(codec::from_hex(kPoint).value()).value();
  state.ledger = *LedgerId::from(Bytes(32, 0x44));
  state.notifications = 5;
  state.releases = 42;
  state.certificate = Bytes{0x30, 0x01, 0x02};
  state.bound = BoundState{.account = {ChainId(2), *AccountId::from(Bytes(20, 0x22))},
                           .epoch = 7,
                           .security_key = Secret(Bytes(32, 0x55)),
                           .code_step = Duration(15'000),
                           .guid = "org.intaglio",
                           .refresh_pending = false,
                           .step = TimeStep(119589540),
                           .unsigned_release = true};
  return state;
}

TEST(AppletState, BytesAreFrozen) {
  EXPECT_EQ(codec::to_hex(encode_state(example())),
            "a801010243300101035841" + std::string(kPoint) +
                "0458204444444444444444444444444444444444444444444444444444444444444444"
                "0505"
                "06182a"
                "0743300102"
                "08a8"
                "015600022222222222222222222222222222222222222222"
                "0207"
                "0358205555555555555555555555555555555555555555555555555555555555555555"
                "04193a98"
                "056c6f72672e696e7461676c696f"
                "06f4"
                "071a0720caa4"
                "08f5");
  EXPECT_EQ(encode_state(decode_state(encode_state(example())).value()), encode_state(example()));
}

TEST(AppletState, RefusesAnotherVersionAndWhatNoAppletWrites) {
  const auto refused = [](const AppletState& state) {
    const auto decoded = decode_state(encode_state(state));
    return decoded ? "" : decoded.error().where;
  };
  AppletState state = example();
  state.version = 2;
  EXPECT_EQ(refused(state), "version");
  state = example();
  state.bound->security_key = Secret(Bytes(31, 0x55));
  EXPECT_EQ(refused(state), "bound.security_key");
  state = example();
  state.bound->code_step = Duration();
  EXPECT_EQ(refused(state), "bound.code_step");
  state = example();
  state.bound->step.reset();
  EXPECT_EQ(refused(state), "bound.unsigned_release");
}

TEST(AppletState, IsSealedForItsKeyAndPassphraseAlone) {
  FakeEnv env(Millis(0));
  const auto secret = [](std::string_view text) { return Secret(to_bytes(as_bytes(text))); };
  const KeyHash owner(Digest(std::array<std::uint8_t, 32>{1}).array());
  const KeyHash other(Digest(std::array<std::uint8_t, 32>{2}).array());
  const SealingKey sealing = make_sealing_key(secret("correct"), env);
  const Bytes file = seal_state(example(), sealing, owner, env);
  const SealingKey again = must(sealing_key_of(file, secret("correct")));
  EXPECT_EQ(encode_state(must(open_state(file, again, owner))), encode_state(example()));
  EXPECT_EQ(verdict_of(open_state(file, again, other)), Verdict::bad_encoding);
  const SealingKey wrong = must(sealing_key_of(file, secret("wrong")));
  EXPECT_EQ(verdict_of(open_state(file, wrong, owner)), Verdict::bad_encoding);
  // The security key can be seen nowhere in it.
  EXPECT_TRUE(std::ranges::search(file, Bytes(8, 0x55)).empty());
  for (std::size_t i = 0; i < file.size(); ++i) {
    Bytes altered = file;
    altered[i] ^= 1;
    EXPECT_EQ(verdict_of(open_state(altered, sealing, owner)), Verdict::bad_encoding) << i;
  }
  EXPECT_EQ(verdict_of(sealing_key_of(ByteView(file).first(32), secret("correct"))),
            Verdict::bad_encoding);
}

}  // namespace
}  // namespace intaglio::element
