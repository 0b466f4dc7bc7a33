#include "service/certificate/authority.h"

#include <gtest/gtest.h>

#include "base/result_for_test.h"
#include "codec/hex.h"
#include "proof/signing_for_test.h"
#include "service/node_for_test.h"

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
                                 .account = account()};
  EXPECT_EQ(codec::to_hex(codec::encode_record(record)),
            "a501423000"
            "0269636f756e7465722d31"
            "0301"
            "041903e8"
            "0554" +
                codec::to_hex(account()));
}

// What certificates allow is the operator's to say, whichever way they were applied for.

using pki::CertificateUsage;
using pki::Function;

class Grants : public ::testing::Test {
 protected:
  Grant grant(CertificateUsage usage = CertificateUsage::holder) {
    return {.usage = usage,
            .functions = {Function::pay, Function::hold},
            .ceilings = {{AssetId(978), Amount(5000)}},
            .categories = {{pki::MerchantCategory(5411), pki::MerchantCategory(5812)}},
            .offline = {{{AssetId(978), Amount(100)}}},
            .places = {{"ud9d"}},
            .expires_at = Millis(1'900'000'000'000)};
  }
  Login login(std::vector<Grant> grants) {
    return {.name = "shop",
            .key = shop_->public_key().hash(),
            .public_key = shop_->public_key(),
            .usages = {CertificateUsage::holder, CertificateUsage::issuer},
            .account = {},
            .grants = std::move(grants)};
  }
  Result<void> registered(const Login& login) { return node_->authority().register_login(login); }
  std::string refusal_of(std::vector<Grant> grants) {
    const auto result = registered(login(std::move(grants)));
    return result ? "registered"
                  : format("{} at {}", describe(result.error().verdict).name, result.error().where);
  }

  NodeForTest node_;
  std::unique_ptr<element::SecureElement> shop_ = element::make_passing_key();
  std::unique_ptr<element::SecureElement> other_ = element::make_passing_key();
};

TEST_F(Grants, StandInTheCertificateAsTheOperatorRegisteredThem) {
  ASSERT_TRUE(registered(login({grant()})));
  const auto of_shop = must(node_->authority().login_named("shop"));
  const auto certificate = must(node_.enrol(of_shop, CertificateUsage::holder, *shop_));
  EXPECT_EQ(certificate.capabilities(),
            (pki::Capabilities{.role = CertificateUsage::holder,
                               .functions = {Function::pay, Function::hold},
                               .ceilings = {{AssetId(978), Amount(5000)}},
                               .simulated_element = true,
                               .categories = grant().categories,
                               .offline = grant().offline,
                               .places = grant().places,
                               .expires_at = grant().expires_at}));
  EXPECT_EQ(must(node_->authority().login_named("shop")).grants, std::vector{grant()});

  // A usage without one has what goes with it; and so for who answers no challenge.
  Ticket ticket{"t", {}};
  const auto issuer = must(node_->authority().issue_once(
      ticket,
      {.login = "shop", .usage = CertificateUsage::issuer, .public_key = other_->public_key()}));
  EXPECT_TRUE(issuer.capabilities()->functions.empty());
  EXPECT_FALSE(issuer.capabilities()->places);
}

TEST_F(Grants, ARenewalHasWhatTheLoginHasByThen) {
  ASSERT_TRUE(registered(login({grant()})));
  const auto first = must(
      node_.enrol(must(node_->authority().login_named("shop")), CertificateUsage::holder, *shop_));
  Grant less = grant();
  less.functions = {Function::pay};
  ASSERT_TRUE(registered(login({less})));
  Ticket ticket{"r", {}};
  const auto renewed =
      must(node_->authority().renew(first.key_hash(), ticket, other_->public_key()));
  EXPECT_EQ(renewed.capabilities()->functions, std::vector{Function::pay});
}

TEST_F(Grants, ThatNoCertificateCouldSayAreRefusedWithTheirPlace) {
  EXPECT_EQ(refusal_of({}), "bad_value at grants");
  EXPECT_EQ(refusal_of({grant(CertificateUsage::bank)}), "bad_value at grants[0].usage");
  EXPECT_EQ(refusal_of({grant(), grant()}), "bad_value at grants[0].usage");
  Grant wrong = grant();
  wrong.functions = {Function::hold, Function::pay};
  EXPECT_EQ(refusal_of({grant(CertificateUsage::issuer), wrong}).substr(0, 22),
            "bad_value at grants[1]");
  wrong = grant();
  wrong.places = {{"a"}};
  EXPECT_EQ(refusal_of({wrong}).substr(0, 22), "bad_value at grants[0]");
}

TEST_F(Grants, ACertificateLastsAsLongAsTheLoginHasIt) {
  Login brief = login({grant()});
  brief.validity = Duration(0);
  EXPECT_EQ(verdict_of(registered(brief)), Verdict::bad_value);
  brief.validity = seconds(366 * 24 * 3600);
  EXPECT_EQ(verdict_of(registered(brief)), Verdict::bad_value) << "longer than the authority's own";
  brief.validity = seconds(2 * 3600);
  ASSERT_TRUE(registered(brief));
  const auto certificate = must(node_.enrol(brief, CertificateUsage::holder, *shop_));
  const auto [from, until] = certificate.validity();
  EXPECT_EQ(elapsed(from, until), seconds(2 * 3600));
  const auto row =
      node_->gateway().chain(ChainId(1))->store().find<ledger::KeyRow>(certificate.key_hash());
  EXPECT_EQ(row->valid_until, until) << "the chains go by it too";
}

}  // namespace
}  // namespace intaglio::service
