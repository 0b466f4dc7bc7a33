// The commands of a root and a node that never sees its key; the guide (docs/authority.md) has them
// all, with a node that runs.
#include <filesystem>

#include <gtest/gtest.h>

#include "base/env.h"
#include "base/folder_for_test.h"
#include "cli/run_for_test.h"

namespace intaglio::cli {
namespace {

class AuthorityCommands : public ::testing::Test {
 protected:
  AuthorityCommands() {
    must(system_env().write_file(folder_ / "root-phrase", as_bytes("another staple\n"), 0600));
    must(system_env().write_file(folder_ / "node-phrase", as_bytes("correct horse\n"), 0600));
  }
  Ran run(const std::string& phrase, std::vector<std::string> words) {
    words.insert(words.end(),
                 {"--home", folder_ / "home", "--json", "--passphrase-file", folder_ / phrase});
    return run_captured(words);
  }
  Ran at_root(std::vector<std::string> words) { return run("root-phrase", std::move(words)); }
  Ran at_node(std::vector<std::string> words) { return run("node-phrase", std::move(words)); }

  FolderForTest folder_;
};

TEST_F(AuthorityCommands, MakeANodeThatARootElsewhereCertifies) {
  const auto root = at_root({"authority", "root", "--out", folder_ / "root", "--name", "test"});
  ASSERT_EQ(root.code, 0) << root.err;
  EXPECT_EQ(root.at("subject"), "test root");
  EXPECT_EQ(at_root({"authority", "root", "--out", folder_ / "root"}).verdict(), "file_failed");
  ASSERT_EQ(at_node({"init", "--data", folder_ / "node", "--name", "test", "--chains", "1",
                     "--root", folder_ / "root/authority/root.pem"})
                .code,
            0);
  const auto asked = at_node({"authority", "request", "--data", folder_ / "node"});
  ASSERT_EQ(asked.code, 0) << asked.err;
  const std::string out = folder_ / "issuing.pem";
  const auto certify = [&](const std::string& years) {
    return at_root({"authority", "certify", asked.at("request"), "--root", folder_ / "root",
                    "--out", out, "--years", years});
  };
  EXPECT_EQ(certify("0").verdict(), "bad_usage");
  EXPECT_FALSE(std::filesystem::exists(out));
  const auto certified = certify("2");
  ASSERT_EQ(certified.code, 0) << certified.err;
  EXPECT_EQ(certified.at("key"), asked.at("key"));
  EXPECT_EQ(certify("3").verdict(), "file_failed") << "no certificate is written over";
  const auto installed = at_node({"authority", "install", out, "--data", folder_ / "node"});
  ASSERT_EQ(installed.code, 0) << installed.err;
  EXPECT_EQ(installed.at("serial"), certified.at("serial"));
  EXPECT_EQ(at_node({"authority", "request", "--data", folder_ / "node"}).at("name"), "issuing-2");

  const auto revoke = [&](const std::string& reason) {
    return at_root({"authority", "revoke", out, "--root", folder_ / "root", "--reason", reason});
  };
  EXPECT_EQ(revoke("hold").verdict(), "bad_usage") << "that would have to end again";
  ASSERT_EQ(revoke("key_compromise").code, 0);
  EXPECT_EQ(revoke("key_compromise").verdict(), "certificate_revoked");
  const auto list = at_node(
      {"authority", "install", folder_ / "root/authority/root.crl", "--data", folder_ / "node"});
  ASSERT_EQ(list.code, 0) << list.err;
  EXPECT_EQ(list.json().find("revoked")->items()->size(), 1U);
}

}  // namespace
}  // namespace intaglio::cli
