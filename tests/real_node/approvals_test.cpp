// Four eyes by the commands, with a node that is killed in between: what waits and what officers
// said is there again, and the same command gets the certificate in the end.
#include <filesystem>

#include <gtest/gtest.h>

#include "base/result_for_test.h"
#include "pki/certificate.h"
#include "real_node/real_node.h"

namespace intaglio::real_node {
namespace {

using codec::Json;

class FourEyesByCommand : public ::testing::Test {
 protected:
  FourEyesByCommand()
      : node_({.name = "test", .chains = 2, .assets = {{AssetId(978), "EUR", 2, Amount(1)}}}) {
    node_.start();
    for (const std::string name : {"shop", "anna", "boris"}) done({"key", "new", name});
    done({"connect", node_.url()});
    for (const std::string name : {"anna", "boris"}) {
      done({"login", "add", name, "--public-key", name, "--officer", "--key", operator_key()});
    }
  }

  std::string operator_key() const { return "soft:" + node_.folder() + "/keys/authority.key"; }
  Ran ran(std::vector<std::string> words) {
    words.insert(words.end(), {"--home", folder_ / "home", "--node", node_.url()});
    return run_program(std::move(words));
  }
  Json done(std::vector<std::string> words) {
    words.emplace_back("--json");
    const auto outcome = ran(std::move(words));
    EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
    return must(codec::parse_json(outcome.output));
  }
  void login(const std::vector<std::string>& more) {
    std::vector<std::string> words = {"login", "add",   "shop",        "--public-key",
                                      "shop",  "--key", operator_key()};
    words.insert(words.end(), more.begin(), more.end());
    done(std::move(words));
  }
  // The digest of the only one that waits, as an officer sees it.
  std::string digest() {
    const auto list = done({"cert", "pending", "--key", "anna"});
    const auto& items = *list.find("approvals")->items();
    EXPECT_EQ(items.size(), 1U);
    return items.empty() ? std::string() : must(items[0].text_at("digest"));
  }
  void restart() {
    node_.kill();
    node_.start();
  }

  static constexpr int kMalformed = 2;
  static constexpr int kRefused = 3;
  static constexpr int kLater = 4;

  RealNode node_;
  FolderForTest folder_;
};

TEST_F(FourEyesByCommand, TheSameCommandGetsTheCertificateOnceTwoOfficersApproved) {
  login({"--usage", "holder", "--approvals", "2"});
  const std::vector<std::string> enrol = {"enrol", "shop", "--usage", "holder"};
  const auto waits = ran(enrol);
  EXPECT_EQ(waits.exit_code, kLater);
  const std::string approve = "intaglio cert approve " + digest();
  EXPECT_NE(waits.output.find(approve), std::string::npos) << waits.output;
  // Handed in again it is the same application.
  EXPECT_EQ(ran(enrol).exit_code, kLater);
  const std::string awaited = digest();

  EXPECT_EQ(ran({"cert", "approve", awaited, "--key", "shop"}).exit_code, kRefused);
  done({"cert", "approve", awaited, "--key", "anna"});
  restart();
  EXPECT_EQ(ran(enrol).exit_code, kLater);
  EXPECT_EQ(digest(), awaited);
  done({"cert", "approve", awaited, "--key", "boris"});
  // The last approval is there, the certificate is not: a crash in between loses neither.
  restart();
  const auto enrolled = done(enrol);
  const auto certificate = must(pki::Certificate::from_pem(must(enrolled.text_at("certificate"))));
  EXPECT_EQ(certificate.subject().common_name, "shop");
  EXPECT_TRUE(std::filesystem::is_empty(folder_ / "home/enrolments")) << "it is decided";
  const auto list = done({"cert", "list", "--key", operator_key()});
  EXPECT_EQ(list.find("certificates")->items()->size(), 1U);
  EXPECT_TRUE(
      done({"cert", "pending", "--key", operator_key()}).find("approvals")->items()->empty());
}

TEST_F(FourEyesByCommand, WhatIsRefusedIsRefusedForGoodAndTheNextCommandAppliesAnew) {
  login({"--usage", "holder", "--usage", "issuer", "--approvals", "holder:1"});
  const std::vector<std::string> enrol = {"enrol", "shop", "--usage", "holder"};
  EXPECT_EQ(ran(enrol).exit_code, kLater);
  const std::string refused = digest();
  done({"cert", "refuse", refused, "--key", "anna"});
  EXPECT_EQ(ran(enrol).exit_code, kRefused);
  EXPECT_EQ(ran({"cert", "approve", refused, "--key", "boris"}).exit_code, kRefused);
  EXPECT_EQ(ran(enrol).exit_code, kLater);
  EXPECT_NE(digest(), refused);
  // Nobody is asked for the other usage.
  done({"enrol", "shop", "--usage", "issuer"});
}

TEST_F(FourEyesByCommand, ADisplaysApplicationWaitsInTheSameWay) {
  login(
      {"--usage", "holder", "--usage", "display", "--account", "shop", "--approvals", "display:1"});
  done({"enrol", "shop", "--usage", "holder"});
  const std::vector<std::string> enrol = {"enrol",   "counter", "--usage",
                                          "display", "--login", "shop"};
  EXPECT_EQ(ran(enrol).exit_code, kLater);
  EXPECT_EQ(ran(enrol).exit_code, kLater);
  done({"cert", "approve", digest(), "--key", "anna"});
  EXPECT_EQ(must(done(enrol).text_at("display")), "counter");
}

TEST_F(FourEyesByCommand, AnApprovalOfAChangedLoginCountsForNothing) {
  login({"--usage", "holder", "--approvals", "1"});
  const std::vector<std::string> enrol = {"enrol", "shop", "--usage", "holder"};
  EXPECT_EQ(ran(enrol).exit_code, kLater);
  const std::string before = digest();
  done({"cert", "approve", before, "--key", "anna"});
  login({"--usage", "holder", "--approvals", "1", "--hours", "2"});
  EXPECT_EQ(ran({"cert", "approve", before, "--key", "boris"}).exit_code, kRefused);
  EXPECT_EQ(ran(enrol).exit_code, kLater);
  done({"cert", "approve", digest(), "--key", "boris"});
  done(enrol);
}

TEST_F(FourEyesByCommand, RulesThatCannotBeAreNotAskedOfTheNode) {
  const auto refused = [&](const std::vector<std::string>& more) {
    std::vector<std::string> words = {"login", "add",   "shop",        "--public-key",
                                      "shop",  "--key", operator_key()};
    words.insert(words.end(), more.begin(), more.end());
    return ran(std::move(words)).exit_code;
  };
  EXPECT_EQ(refused({}), kMalformed) << "neither a usage nor an officer";
  EXPECT_EQ(refused({"--usage", "holder", "--approvals", "4"}), kMalformed);
  EXPECT_EQ(refused({"--usage", "holder", "--approvals", "holder:0"}), kMalformed);
  EXPECT_EQ(refused({"--usage", "holder", "--approvals", "emperor:1"}), kMalformed);
  EXPECT_EQ(refused({"--usage", "holder", "--approvals", "issuer:1"}), kMalformed) << "by the node";
  EXPECT_EQ(ran({"cert", "approve", "3f0c", "--key", "anna"}).exit_code, kMalformed);
  EXPECT_EQ(ran({"cert", "approve", std::string(64, '0'), "--key", "anna"}).exit_code, kRefused);
}

}  // namespace
}  // namespace intaglio::real_node
