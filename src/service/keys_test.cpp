#include "service/keys.h"

#include <fstream>

#include <gtest/gtest.h>

#include "base/result_for_test.h"
#include "element/elements_for_test.h"
#include "service/node_for_test.h"

namespace intaglio::service {
namespace {

using element::TokenForTest;

constexpr const char* kInElement[] = {"root",      "issuing", "node",
                                      "authority", "service", "treasury"};

std::string line_of(const std::string& path) {
  std::string line;
  std::getline(std::ifstream(path), line);
  return line;
}

// The passphrase of a test's node is a test's token's PIN.
class KeysInAToken : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(as_text(test_passphrase().reveal()), TokenForTest::kPin); }

  Result<void> make_folder(const std::string& name) {
    return create_data_folder(folder_ / name,
                              {.name = "test",
                               .chains = 2,
                               .consensus = 1,
                               .assets = {{AssetId(978), "EUR", 2, Amount(1)}},
                               .treasury = {{Amount(1'000'000), AssetId(978)}},
                               .host_names = {},
                               .key_place = token_.place()},
                              test_passphrase(), system_env());
  }

  FolderForTest folder_;
  TokenForTest token_;
};

TEST_F(KeysInAToken, AreNoneOfThemInTheFolderButTheOneForTls) {
  ASSERT_TRUE(make_folder("a").has_value());
  const std::string keys = folder_ / "a/keys";
  for (const char* name : kInElement) {
    EXPECT_FALSE(std::filesystem::exists(format("{}/{}.key", keys, name))) << name;
    const std::string uri = token_.uri(format("intaglio-{}", name));
    EXPECT_EQ(line_of(format("{}/{}.uri", keys, name)), uri);
    EXPECT_EQ(must(uri_of_key(folder_ / "a", name, system_env())), uri);
    EXPECT_TRUE(has_key(folder_ / "a", name));
  }
  EXPECT_TRUE(std::filesystem::exists(keys + "/tls.key"));
  // A consensus node's folder can be moved to another machine.
  EXPECT_TRUE(std::filesystem::exists(folder_ / "a/consensus-1/keys/node.key"));
  EXPECT_EQ(must(open_key(folder_ / "a", "node", test_passphrase(), system_env()))->simulated(),
            false);
}

TEST_F(KeysInAToken, ServeANodeThatPaysAndIsOpenedAgain) {
  NodeForTest node(1, token_.place());
  const auto treasury = node.key("treasury");
  const auto alice = element::create_key(token_.uri("alice"), test_passphrase(), system_env());
  ASSERT_TRUE(alice.has_value());
  const Login login = node.login("alice", **alice);
  const auto certificate = must(node.enrol(login, pki::CertificateUsage::holder, **alice));
  EXPECT_EQ(certificate.public_key(), (*alice)->public_key());

  const Address payee{ChainId(1), AccountId::prefix_of((*alice)->public_key().hash())};
  const auto pay = [&] {
    Sender sender(node->gateway(), element::signer_of(*treasury), system_env());
    return sender.send_and_wait(ChainId(1), {tx::Transfer{.to = payee,
                                                          .asset = AssetId(978),
                                                          .amount = Amount(100),
                                                          .memo = {},
                                                          .code = {},
                                                          .code_text = {}}});
  };
  const auto balance = [&] {
    const auto row = node->gateway()
                         .chain(ChainId(1))
                         ->store()
                         .find<ledger::BalanceRow>({payee.account, AssetId(978)});
    return row ? row->credits_posted : Amount(0);
  };
  EXPECT_TRUE(pay().has_value());
  EXPECT_EQ(balance(), Amount(100));
  node.reopen();
  EXPECT_TRUE(pay().has_value());
  EXPECT_EQ(balance(), Amount(200));
}

TEST_F(KeysInAToken, AreNotTakenFromAnotherNode) {
  ASSERT_TRUE(make_folder("a").has_value());
  const auto second = make_folder("b");
  ASSERT_EQ(verdict_of(second), Verdict::element_taken);
  EXPECT_EQ(second.error().where, token_.uri("intaglio-node"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "b/keys/node.uri"));
  EXPECT_EQ(verdict_of(make_folder("b")), Verdict::element_taken);
}

// A crash leaves keys in the token and no genesis; the same folder goes on with them.
TEST_F(KeysInAToken, AreUsedByTheSetUpThatWasInterrupted) {
  ASSERT_TRUE(make_folder("a").has_value());
  const auto before =
      must(open_key(folder_ / "a", "root", test_passphrase(), system_env()))->public_key();
  std::filesystem::remove(folder_ / "a/genesis.cbor");
  std::filesystem::remove(folder_ / "a/keys/treasury.uri");
  EXPECT_EQ(verdict_of(make_folder("a")), Verdict::element_taken) << "without its line";
  std::ofstream(folder_ / "a/keys/treasury.uri") << token_.uri("intaglio-treasury") << '\n';
  ASSERT_TRUE(make_folder("a").has_value());
  EXPECT_EQ(must(open_key(folder_ / "a", "root", test_passphrase(), system_env()))->public_key(),
            before);
}

TEST(Keys, ThatAreNamedTwiceAreNotBelievedByChance) {
  const NodeForTest node;
  std::ofstream(node.folder() + "/keys/node.uri") << "tpm:elsewhere\n";
  const auto opened = open_key(node.folder(), "node", test_passphrase(), system_env());
  ASSERT_EQ(verdict_of(opened), Verdict::bad_setting);
  EXPECT_EQ(verdict_of(Node::open(node.folder(), test_passphrase(), system_env())),
            Verdict::bad_setting);
}

TEST(Keys, ANodeDoesNotOpenWithAnotherPin) {
  const TokenForTest token;
  FolderForTest folder;
  ASSERT_TRUE(create_data_folder(folder.path(),
                                 {.name = "test", .chains = 1, .key_place = token.place()},
                                 test_passphrase(), system_env()));
  std::string wrong = "wrong donkey";
  EXPECT_EQ(verdict_of(Node::open(folder.path(), Secret::take(wrong), system_env())),
            Verdict::element_locked);
}

}  // namespace
}  // namespace intaglio::service
