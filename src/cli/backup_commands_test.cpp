// The commands that make, check and restore backups, over a node's folder.
#include <filesystem>

#include <gtest/gtest.h>

#include "cli/run_for_test.h"
#include "service/node_for_test.h"

namespace intaglio::cli {
namespace {

TEST(BackupCommands, CarryAFolderIntoAFileAndBack) {
  service::NodeForTest node;
  const FolderForTest away;
  const auto run = [&](std::vector<std::string> words) {
    words.insert(words.begin(), "backup");
    words.insert(words.end(), {"--home", away / "home", "--json"});
    return run_captured(words);
  };
  const std::vector<std::string> make = {"make", "--data", node.folder(), "--out", away / "a"};
  EXPECT_EQ(run(make).verdict(), "folder_taken") << "it runs";
  node.close();
  const auto made = run(make);
  ASSERT_EQ(made.code, 0) << made.err;
  EXPECT_EQ(must(made.json().find("chains")->items()->front().uint_at("chain")), 0U);
  EXPECT_EQ(made.json().find("chains")->items()->size(), 3U);
  EXPECT_EQ(run(make).verdict(), "file_failed") << "it is there";
  EXPECT_EQ(run({"show", away / "a"}).at("digest"), made.at("digest"));
  const std::vector<std::string> restore = {"restore", away / "a", "--data", away / "again"};
  EXPECT_EQ(run(restore).at("digest"), made.at("digest"));
  EXPECT_TRUE(std::filesystem::exists(away / "again/genesis.cbor"));
  EXPECT_EQ(run(restore).verdict(), "file_failed") << "it has a ledger";

  const auto told = run_captured({"backup", "show", away / "a"});
  EXPECT_NE(told.out.find("a is whole\n  ledger  "), std::string::npos) << told.out;
  std::filesystem::resize_file(away / "a", std::filesystem::file_size(away / "a") - 1);
  EXPECT_EQ(run({"show", away / "a"}).verdict(), "truncated");
}

// What docs/operating.md says to do when a consensus node elsewhere has later blocks.
TEST(BackupCommands, ARestoredNodeGoesOnFromWhatAConsensusNodeHas) {
  namespace fs = std::filesystem;
  service::NodeForTest node(1);
  const FolderForTest away;
  const auto run = [&](std::vector<std::string> words) {
    words.insert(words.end(), {"--home", away / "home", "--json"});
    return run_captured(words);
  };
  const auto enrol = [](service::NodeForTest& at, const std::string& name) {
    const auto key = element::make_passing_key();
    return must(at.enrol(at.login(name, *key), pki::CertificateUsage::holder, *key)).key_hash();
  };
  enrol(node, "alice");
  node.close();
  ASSERT_EQ(run({"backup", "make", "--data", node.folder(), "--out", away / "a"}).code, 0);
  node.open();
  const KeyHash bob = enrol(node, "bob");
  node.close();

  const std::string elsewhere = away / "consensus-1";
  fs::rename(node.folder() + "/consensus-1", elsewhere);
  fs::remove_all(node.folder());
  ASSERT_EQ(run({"backup", "restore", away / "a", "--data", node.folder()}).code, 0);
  fs::remove_all(node.folder() + "/consensus-1");
  for (const std::string chain : {"0", "1", "2"}) {
    const std::string snapshot = away / ("snapshot-" + chain);
    const auto made = run({"snapshot", "make", chain, "--data", elsewhere, "--out", snapshot});
    ASSERT_EQ(made.code, 0) << made.err;
    const auto loaded = run({"snapshot", "load", snapshot, "--data", node.folder()});
    ASSERT_EQ(loaded.code, 0) << loaded.err;
  }
  fs::rename(elsewhere, node.folder() + "/consensus-1");
  node.open();
  EXPECT_EQ(verdict_of(node->authority().find(bob)), Verdict::unknown_certificate);
  const auto has_key = [&](const KeyHash& key) {
    return node->gateway().chain(kMainChain)->store().find<ledger::KeyRow>(key).has_value();
  };
  EXPECT_TRUE(has_key(bob)) << "the chains have what the records forgot";
  EXPECT_TRUE(has_key(enrol(node, "carol"))) << "and go on";
}

}  // namespace
}  // namespace intaglio::cli
