// The commands that make and load snapshots, over the folders of a node with consensus nodes.
#include <filesystem>

#include <gtest/gtest.h>

#include "cli/run_for_test.h"
#include "service/node_for_test.h"

namespace intaglio::cli {
namespace {

Bytes file(const std::string& path) { return must(system_env().read_file(path, 1 << 20)); }

TEST(SnapshotCommands, CarryAChainFromOneConsensusNodeToAnother) {
  service::NodeForTest node(3);
  const auto key = element::make_passing_key();
  const auto login = node.login("alice", *key);
  must(node.enrol(login, pki::CertificateUsage::holder, *key));
  const FolderForTest other;
  const auto run = [&](const std::string& command, const std::vector<std::string>& words) {
    std::vector<std::string> all = {"snapshot", command, "--home", other / "home", "--json"};
    all.insert(all.end(), words.begin(), words.end());
    return run_captured(all);
  };
  const auto make = [&](const std::string& chain, const std::string& of, const std::string& out) {
    return run("make", {chain, "--data", node.folder() + of, "--out", other / out});
  };
  EXPECT_EQ(make("0", "/consensus-1", "taken").verdict(), "folder_taken") << "it runs";
  node.close();
  const auto made = make("0", "/consensus-1", "made");
  ASSERT_EQ(made.code, 0) << made.err;
  EXPECT_GT(must(made.json().uint_at("height")), 0U);
  EXPECT_EQ(make("0", "/consensus-1", "made").verdict(), "file_failed") << "it is there";
  EXPECT_EQ(make("9", "/consensus-1", "nine").verdict(), "unknown_chain");

  // As a new node has it: its keys and the genesis.
  const std::string place = node.folder() + "/consensus-2";
  std::filesystem::remove_all(place + "/chain-0");
  const auto load = [&] { return run("load", {other / "made", "--data", place}); };
  std::filesystem::rename(other / "made/rows-0", other / "away");
  EXPECT_EQ(load().verdict(), "file_failed");
  EXPECT_FALSE(std::filesystem::exists(place + "/chain-0"));
  std::filesystem::rename(other / "away", other / "made/rows-0");
  const auto loaded = load();
  ASSERT_EQ(loaded.code, 0) << loaded.err;
  EXPECT_EQ(loaded.at("block"), made.at("block"));
  const auto again = make("0", "/consensus-2", "again");
  ASSERT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(file(other / "again/snapshot.cbor"), file(other / "made/snapshot.cbor"));
  EXPECT_EQ(file(other / "again/rows-0"), file(other / "made/rows-0"));
  node.open();  // with it
}

}  // namespace
}  // namespace intaglio::cli
