#include "service/certificate/authority.h"

#include <csignal>
#include <filesystem>
#include <thread>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "base/result_for_test.h"
#include "codec/hex.h"
#include "proof/signing_for_test.h"
#include "service/certificate/enrolment_desk.h"
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

// Beside the node's, an authority with books of its own, which can be opened again.
class Books : public ::testing::Test {
 protected:
  Books() { open(); }
  void open() {
    records_ = must(store::RecordStore::open(folder_ / "records"));
    authority_ =
        std::make_unique<Authority>(*records_, node_->authority().issuers(), sender_, system_env());
  }
  void reopen() {
    authority_.reset();
    records_.reset();
    open();
  }
  Login login(element::SecureElement& key) {
    Login made{.name = "shop",
               .key = key.public_key().hash(),
               .public_key = key.public_key(),
               .usages = {CertificateUsage::holder},
               .account = {}};
    must(authority_->register_login(made));
    return made;
  }
  bool is_on_the_chain(const crypto::PublicKey& key) {
    return node_->gateway().chain(kMainChain)->store().find<ledger::KeyRow>(key.hash()).has_value();
  }

  FolderForTest folder_;
  NodeForTest node_;
  std::unique_ptr<element::SecureElement> operator_ = node_.key("authority");
  std::unique_ptr<element::SecureElement> shop_ = element::make_passing_key();
  Sender sender_{node_->gateway(), element::signer_of(*operator_), system_env()};
  std::unique_ptr<store::RecordStore> records_;
  std::unique_ptr<Authority> authority_;
};

TEST_F(Books, TwoServersThatRaceForOneChallengeGetOneCertificate) {
  const Login shop = login(*shop_);
  EnrolmentDesk one(*records_, *authority_, node_->gateway().ledger(), system_env());
  EnrolmentDesk other(*records_, *authority_, node_->gateway().ledger(), system_env());
  const auto challenge =
      must(one.apply(shop, {CertificateUsage::holder, pki::EnrolmentProfile::compact, true}));
  constexpr std::size_t kApplicants = 8;
  std::vector<std::unique_ptr<element::SecureElement>> keys;
  for (std::size_t i = 0; i < kApplicants; ++i) keys.push_back(element::make_passing_key());
  std::vector<Verdict> told(kApplicants);
  std::vector<std::thread> servers;
  for (std::size_t i = 0; i < kApplicants; ++i) {
    servers.emplace_back([&, i] {
      const auto bytes = must(NodeForTest::answer(challenge, *keys[i]));
      told[i] = verdict_of((i % 2 == 0 ? one : other).submit(shop, challenge.id, bytes));
    });
  }
  for (auto& server : servers) server.join();
  EXPECT_EQ(std::ranges::count(told, Verdict::accepted), 1);
  EXPECT_EQ(std::ranges::count(told, Verdict::challenge_spent), kApplicants - 1);
  EXPECT_EQ(authority_->list().size(), 1U);
  for (std::size_t i = 0; i < kApplicants; ++i) {
    EXPECT_EQ(is_on_the_chain(keys[i]->public_key()), told[i] == Verdict::accepted);
  }
}

// Writes beyond a length of file fail while it lives, as on a disk that is full.
class FullDisk {
 public:
  explicit FullDisk(std::uintmax_t longest) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit full{longest, before_.rlim_max};
    CHECK(::setrlimit(RLIMIT_FSIZE, &full) == 0);
  }
  ~FullDisk() {
    CHECK(::setrlimit(RLIMIT_FSIZE, &before_) == 0);
    std::signal(SIGXFSZ, handler_);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int) = std::signal(SIGXFSZ, SIG_IGN);
};

TEST_F(Books, AFullDiskDuringIssueLosesNothingAndNothingIsIssuedTwice) {
  login(*shop_);
  const auto key = element::make_passing_key();
  const CertificateWish wish{.login = "shop", .public_key = key->public_key()};
  const Ticket ticket{"t", {}};
  // So that the records' log is longer than any other file that the node writes meanwhile, and is
  // not begun anew.
  constexpr std::size_t kFilling = std::size_t{2} << 20;
  must(records_->put("filling", Bytes(kFilling, 1)));
  std::uintmax_t longest = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder_ / "records")) {
    longest = std::max(longest, file.file_size());
  }
  ASSERT_GT(longest, kFilling);
  {
    const FullDisk full(longest);
    EXPECT_EQ(verdict_of(authority_->issue_once(ticket, wish)), Verdict::storage_failed);
    EXPECT_FALSE(is_on_the_chain(key->public_key()));
  }
  reopen();
  const auto issued = must(authority_->issue_once(ticket, wish));
  EXPECT_EQ(must(authority_->issue_once(ticket, wish)), issued);
  EXPECT_EQ(authority_->list().size(), 1U);
  EXPECT_TRUE(is_on_the_chain(key->public_key()));
}

}  // namespace
}  // namespace intaglio::service
