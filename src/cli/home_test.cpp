#include "cli/home.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/folder_for_test.h"
#include "base/result_for_test.h"
#include "element/soft_element.h"
#include "pki/test_authority.h"

namespace intaglio::cli {
namespace {

unsigned mode_of(const std::string& path) {
  struct stat status{};
  EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
  return status.st_mode & 0777U;
}

class ClientHome : public testing::Test {
 protected:
  StoredKey add_key(const std::string& name) {
    const auto element = element::make_passing_key();
    StoredKey key{must(home_.new_key_uri(name)), element->public_key(), Millis(7)};
    EXPECT_TRUE(home_.add_key(name, key));
    return key;
  }

  codec::Json certificate_json(const pki::Certificate& certificate,
                               const pki::Certificate& issuing) {
    return codec::Json::object({{"certificate", certificate.to_pem()},
                                {"issuing_certificate", issuing.to_pem()},
                                {"status", "active"},
                                {"since", pki::kNow.value()},
                                {"as_of", pki::kNow.value()}});
  }

  FolderForTest folder_;
  Home home_{folder_.path() + "/home", system_env()};
};

TEST_F(ClientHome, KeysAreFoundByName) {
  EXPECT_EQ(verdict_of(home_.key("alice")), Verdict::unknown_element);
  const StoredKey alice = add_key("alice");
  add_key("bob");
  EXPECT_EQ(must(home_.key("alice")).key, alice.key);
  EXPECT_EQ(must(home_.key("alice")).uri, alice.uri);
  EXPECT_EQ(home_.key_names(), (std::vector<std::string>{"alice", "bob"}));
  EXPECT_EQ(verdict_of(home_.add_key("alice", alice)), Verdict::conflict);
}

TEST_F(ClientHome, IsForItsOwnerAlone) {
  add_key("alice");
  EXPECT_EQ(mode_of(home_.folder()), 0700U);
  EXPECT_EQ(mode_of(home_.folder() + "/keys"), 0700U);
  EXPECT_EQ(mode_of(home_.folder() + "/keys/alice.json"), 0600U);
}

TEST_F(ClientHome, ASoftKeyIsAnEncryptedFileOfMode600) {
  const std::string uri = must(home_.new_key_uri("alice"));
  const Secret passphrase(to_bytes(as_bytes("open sesame")));
  const auto made = must(element::create_key(uri, passphrase, system_env()));
  const std::string path = uri.substr(uri.find(':') + 1);
  EXPECT_EQ(mode_of(path), 0600U);
  const auto content = must(system_env().read_file(path, 65536));
  EXPECT_NE(as_text(content).find("BEGIN ENCRYPTED PRIVATE KEY"), std::string_view::npos);
  const auto opened = must(element::open_key(uri, passphrase, system_env()));
  EXPECT_EQ(opened->public_key(), made->public_key());
  EXPECT_EQ(verdict_of(element::open_key(uri, Secret(to_bytes(as_bytes("wrong"))), system_env())),
            Verdict::element_locked);
}

TEST_F(ClientHome, NamesCannotLeaveTheFolderOrPassForAddresses) {
  const auto address = codec::to_text(Address{});
  const std::vector<std::string> names = {
      "",     ".", "..", "a/b", "../x", "a b", "-a", "a.b", "a@1", "soft:x", std::string(65, 'a'),
      address};
  for (const auto& name : names) {
    EXPECT_EQ(verdict_of(check_name(name)), Verdict::bad_value) << name;
    EXPECT_EQ(verdict_of(home_.key(name)), Verdict::bad_value) << name;
    EXPECT_EQ(verdict_of(home_.new_key_uri(name)), Verdict::bad_value) << name;
    EXPECT_EQ(verdict_of(home_.display(name)), Verdict::bad_value) << name;
  }
  EXPECT_TRUE(check_name("Alice_2-b"));
}

TEST_F(ClientHome, APayeeIsAnAddressANameOrANameOnAChain) {
  const auto account = add_key("shop").account();
  EXPECT_EQ(address_from_name(home_, "shop"), (Address{kHomeChain, account}));
  EXPECT_EQ(address_from_name(home_, "shop@2"), (Address{ChainId(2), account}));
  const Address other{ChainId(3), AccountId::prefix_of(KeyHash())};
  EXPECT_EQ(address_from_name(home_, codec::to_text(other)), other);
  EXPECT_EQ(verdict_of(address_from_name(home_, "nobody")), Verdict::unknown_element);
  for (const auto* text : {"shop@", "shop@x", "shop@70000", "@1", "", "a/b"}) {
    EXPECT_EQ(verdict_of(address_from_name(home_, text)), Verdict::bad_value) << text;
  }
  std::string mistyped = codec::to_text(other);
  mistyped.back() = mistyped.back() == 'q' ? 'p' : 'q';
  EXPECT_EQ(verdict_of(address_from_name(home_, mistyped)), Verdict::bad_checksum);
}

TEST_F(ClientHome, SaysToConnectFirst) {
  EXPECT_EQ(verdict_of(home_.node()), Verdict::bad_setting);
  EXPECT_EQ(verdict_of(home_.ledger()), Verdict::bad_setting);
  EXPECT_NE(home_.node().error().where.find("intaglio connect"), std::string::npos);
  EXPECT_FALSE(must(home_.trust()));
}

TEST_F(ClientHome, DisplaysKeepWhatTheirCodesSay) {
  const auto element = element::make_passing_key();
  StoredDisplay counter{must(home_.new_display_uri("counter")),
                        element->public_key(),
                        "shop",
                        {.name = "Kohvik",
                         .city = "Tallinn",
                         .country = "EE",
                         .currency = AssetId(978),
                         .terminal = {}}};
  EXPECT_EQ(verdict_of(home_.display("counter")), Verdict::unknown_display);
  ASSERT_TRUE(home_.save_display("counter", counter));
  counter.merchant.city = "Tartu";
  ASSERT_TRUE(home_.save_display("counter", counter));
  EXPECT_EQ(must(home_.display("counter")).merchant, counter.merchant);
  EXPECT_EQ(must(home_.display("counter")).login, "shop");
  EXPECT_EQ(home_.display_names(), std::vector<std::string>{"counter"});
}

TEST_F(ClientHome, CertificatesAreRememberedByTheFirstBytesOfTheirKey) {
  const pki::TestAuthority authority;
  const auto certificate = authority.issue(pki::CertificateUsage::display);
  const auto prefix = proof::KeyId::prefix_of(certificate.key_hash());
  EXPECT_EQ(verdict_of(home_.certificate(prefix)), Verdict::unknown_certificate);
  ASSERT_TRUE(home_.remember(
      must(KnownCertificate::from_json(certificate_json(certificate, authority.issuing)))));
  const auto stored = must(home_.certificate(prefix));
  EXPECT_EQ(stored.known.certificate, certificate);
  EXPECT_EQ(stored.known.issuing, authority.issuing);
  EXPECT_EQ(stored.known.as_of, pki::kNow);
  EXPECT_EQ(stored.known.status, ledger::KeyStatus::active);
  EXPECT_LE(elapsed(stored.fetched_at, system_env().now()), seconds(600));
}

TEST_F(ClientHome, AnAnswerIsKeptForItsElementUntilItIsForgotten) {
  const auto key = element::make_passing_key()->public_key();
  const auto other = element::make_passing_key()->public_key();
  EXPECT_FALSE(home_.kept_answer(key));
  home_.forget_answer(key);
  ASSERT_TRUE(home_.keep_answer({key, other.hash(), {1, 2}, {3}}));
  const auto kept = home_.kept_answer(key);
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->login, other.hash());
  EXPECT_EQ(kept->information, (Bytes{1, 2}));
  EXPECT_EQ(kept->answer, Bytes{3});
  EXPECT_FALSE(home_.kept_answer(other));
  home_.forget_answer(key);
  EXPECT_FALSE(home_.kept_answer(key));
}

TEST_F(ClientHome, ANodesOwnCertificateIsPinnedAndAnAuthoritysIsLedTo) {
  const pki::TestAuthority authority;
  const auto own = authority.issue(
      pki::content_for(pki::make_signer(), "node", pki::TlsServer{.names = {"node.test"}}));
  EXPECT_TRUE(std::holds_alternative<http::PinnedCertificate>(must(trust_from_pem(own.to_pem()))));
  EXPECT_TRUE(std::holds_alternative<http::TrustedAuthorities>(
      must(trust_from_pem(authority.root.to_pem()))));
  EXPECT_TRUE(std::holds_alternative<http::TrustedAuthorities>(
      must(trust_from_pem(authority.root.to_pem() + own.to_pem()))));
  EXPECT_EQ(verdict_of(trust_from_pem("nothing")), Verdict::bad_setting);
}

TEST_F(ClientHome, ABrokenFileIsRefusedByName) {
  add_key("alice");
  const std::string path = home_.folder() + "/keys/alice.json";
  ASSERT_TRUE(system_env().write_file(path, as_bytes("{\"uri\": 7}"), 0600));
  const auto key = home_.key("alice");
  ASSERT_FALSE(key);
  EXPECT_NE(key.error().where.find("alice.json"), std::string::npos);
}

}  // namespace
}  // namespace intaglio::cli
