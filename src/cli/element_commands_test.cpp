// Keys in tokens and TPMs by the commands: by themselves, in a home, and under a whole node.
#include <fstream>

#include <gtest/gtest.h>

#include "cli/run_for_test.h"
#include "cli/serving.h"
#include "element/elements_for_test.h"

namespace intaglio::cli {
namespace {

using element::TokenForTest;
using element::TpmForTest;

class ElementCommands : public testing::Test {
 protected:
  ElementCommands() { open_with(TokenForTest::kPin); }
  void TearDown() override { ::unsetenv("INTAGLIO_PASSPHRASE"); }

  static void open_with(std::string_view passphrase) {
    ::setenv("INTAGLIO_PASSPHRASE", std::string(passphrase).c_str(), 1);
  }
  Ran run(std::vector<std::string> words, bool json = true) {
    words.insert(words.end(), {"--home", folder_ / "home"});
    if (json) words.emplace_back("--json");
    return run_captured(std::move(words));
  }
  Ran done(std::vector<std::string> words) {
    auto ran = run(std::move(words));
    EXPECT_EQ(ran.code, 0) << ran.err;
    return ran;
  }

  FolderForTest folder_;
  TokenForTest token_;
};

TEST_F(ElementCommands, MakeAndShowAKeyOfEveryKind) {
  const TpmForTest tpm;
  for (const auto& [scheme, uri] :
       std::vector<std::pair<std::string, std::string>>{{"soft", "soft:" + (folder_ / "a")},
                                                        {"pkcs11", token_.uri("a")},
                                                        {"tpm", tpm.uri("a")}}) {
    const auto made = done({"element", "create", uri});
    EXPECT_EQ(made.at("scheme"), scheme);
    EXPECT_EQ(made.at("uri"), uri);
    EXPECT_EQ(*made.json().find("simulated"), codec::Json(scheme == "soft"));
    EXPECT_EQ(made.at("address").substr(0, 4), "itg1");
    EXPECT_EQ(made.json().find("certificate"), nullptr);
    EXPECT_EQ(done({"element", "show", uri}).out, made.out);
    EXPECT_EQ(run({"element", "create", uri}).verdict(), "element_taken");
    open_with("wrong donkey");
    const auto refused = run({"element", "show", uri});
    EXPECT_EQ(refused.verdict(), "element_locked");
    EXPECT_EQ((refused.out + refused.err).find("donkey"), std::string::npos);
    open_with(TokenForTest::kPin);
    const auto said = run({"element", "show", uri}, false);
    EXPECT_NE(said.out.find("simulated   " + std::string(scheme == "soft" ? "yes" : "no")),
              std::string::npos)
        << said.out;
  }
  EXPECT_EQ(run({"element", "show", "hsm:a"}).verdict(), "unknown_element");
  EXPECT_EQ(run({"element", "export", token_.uri("a")}).code, 2) << "there is no such command";
}

TEST_F(ElementCommands, AHomesKeyIsInAToken) {
  const auto made = done({"key", "new", "alice", "--uri", token_.uri("alice")});
  EXPECT_EQ(made.at("uri"), token_.uri("alice"));
  EXPECT_EQ(done({"element", "show", "alice"}).at("key"), made.at("key"));
  EXPECT_EQ(done({"key", "show", "alice"}).at("key"), made.at("key"));
}

// A node, its operator, its treasury and a payer, none of whom has a key in a file.
TEST_F(ElementCommands, ANodeWithItsKeysInATokenIsPaidThrough) {
  const std::string node = folder_ / "node";
  done({"init", "--data", node, "--keys", token_.place(), "--chains", "2"});
  const auto key_of = [&](const char* name) { return token_.uri(format("intaglio-{}", name)); };
  EXPECT_FALSE(std::filesystem::exists(node + "/keys/authority.key"));
  ServeSettings settings;
  settings.data = node;
  settings.port = 0;
  const auto serving = must(ServingNode::start(settings, TokenForTest::pin(), system_env()));
  done({"connect", serving->url(), "--trust", node + "/tls/certificate.pem"});
  for (const std::string name : {"alice", "bob"}) {
    done({"key", "new", name, "--uri", token_.uri(name)});
    std::vector<std::string> add = {"login",   "add",    name,    "--public-key",     name,
                                    "--usage", "holder", "--key", key_of("authority")};
    if (name == "bob") add.insert(add.end(), {"--usage", "display", "--account", "bob"});
    done(add);
    done({"enrol", name, "--usage", "holder"});
  }
  done({"pay", "alice", "100", "--key", key_of("treasury")});
  done({"pay", "bob", "12.50", "--key", "alice"});
  const auto balances = *done({"account", "show", "bob", "--key", "bob"}).json().find("balances");
  EXPECT_EQ(must((*balances.items())[0].text_at("spendable")), "1250");

  const auto shown = done({"element", "show", token_.uri("alice")}).json();
  ASSERT_NE(shown.find("certificate"), nullptr);
  EXPECT_EQ(must(shown.find("certificate")->text_at("status")), "active");

  // A display's key too.
  done({"enrol", "counter", "--usage", "display", "--login", "bob", "--uri",
        token_.uri("counter.applet")});
  const auto code = done({"code", "show", "counter", "--amount", "2.50", "--once"});
  done({"pay", "--code", code.at("text"), "--yes", "--key", "alice"});
}

}  // namespace
}  // namespace intaglio::cli
